//! Tries [`laurel_fuzz::entries`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laurel_fuzz::entries(data));
