//! Tries [`laurel_fuzz::codes`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laurel_fuzz::codes(data));
