//! The command line; everything else is in the library.

use std::process::ExitCode;

/// A build makes millions of small values on one thread and drops them on another. The allocators of systems take locks and walk
/// lists for that: with this one a fleet of 10,000 machines takes three quarters of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    talosc::cli::main(std::env::args_os())
}
