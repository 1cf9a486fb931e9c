//! Tries [`laurel_fuzz::requests`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laurel_fuzz::requests(data));
