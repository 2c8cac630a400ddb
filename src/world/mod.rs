//! What exists in the world, as data: the standard library, compatibility tables, kernel modules.
//!
//! Nothing here is computed at start: tables are built at compile time, and a module of the standard library is text until
//! somebody asks for an item of it. This phase knows no source file and makes no finding.

pub mod config;
pub mod modules;
pub mod stdlib;
pub mod versions;

/// A processor architecture that Talos is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arch {
    /// x86-64.
    Amd64,
    /// AArch64.
    Arm64,
}

impl Arch {
    /// Both, in the order of tables.
    pub const ALL: [Arch; 2] = [Arch::Amd64, Arch::Arm64];

    /// The name that Talos and Omni use.
    pub fn name(self) -> &'static str {
        match self {
            Arch::Amd64 => "amd64",
            Arch::Arm64 => "arm64",
        }
    }
}
