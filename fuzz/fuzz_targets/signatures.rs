//! Tries [`laurel_fuzz::signatures`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laurel_fuzz::signatures(data));
