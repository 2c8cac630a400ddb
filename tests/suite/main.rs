//! Every ordinary test of the public interface, in one binary.

#[path = "../harness/nasty.rs"]
mod nasty;

mod cli;
mod emit;
mod emit_write;
mod omni;
mod fmt;
mod generate;
mod mistakes;
mod std_catalogue;
mod std_modules;
mod syntax;
