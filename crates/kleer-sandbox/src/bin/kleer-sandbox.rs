//! A stand-in until the binary is written.
fn main() {}
