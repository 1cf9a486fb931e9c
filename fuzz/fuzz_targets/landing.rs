//! Tries [`laurel_fuzz::landing_page`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laurel_fuzz::landing_page(data));
