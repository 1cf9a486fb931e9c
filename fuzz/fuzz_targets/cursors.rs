//! Tries [`laurel_fuzz::cursors`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laurel_fuzz::cursors(data));
