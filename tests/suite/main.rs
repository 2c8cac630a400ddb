//! Every ordinary test of the public interface, in one binary.

#[path = "../harness/nasty.rs"]
mod nasty;

mod emit;
mod emit_write;
mod std_catalogue;
mod std_modules;
