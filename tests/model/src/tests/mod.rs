mod histories;
mod redemptions;
mod spec;
mod tiers;
