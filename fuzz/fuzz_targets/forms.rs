//! Tries [`laurel_fuzz::forms`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laurel_fuzz::forms(data));
