//! Tries [`laurel_fuzz::conditions`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laurel_fuzz::conditions(data));
