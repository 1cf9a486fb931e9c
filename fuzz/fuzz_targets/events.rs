//! Tries [`laurel_fuzz::events`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laurel_fuzz::events(data));
