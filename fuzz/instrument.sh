#!/usr/bin/env bash
# What cargo calls to compile packages of this workspace (RUSTC_WORKSPACE_WRAPPER): the compiler, so
# that the fuzzer sees which ways were taken. These are the flags that `cargo fuzz` passes; other
# packages are compiled as ever, and shared with every other build.
exec "$@" --cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
