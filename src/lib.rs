//! talosc: a typed language for Talos Linux clusters that Omni manages.

pub mod diagnostics;
pub mod fmt;
pub mod source;
pub mod syntax;
pub mod text;
pub mod tree;
