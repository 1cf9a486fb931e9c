//! Referrals: codes, those who come by them, what pays both sides and what must not.

mod conversions;
mod costs;
mod fraud;
mod http;
mod lists;
mod order;
mod races;
