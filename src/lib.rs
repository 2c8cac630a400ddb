//! talosc: a typed language for Talos Linux clusters that Omni manages.

pub mod check;
pub mod cli;
pub mod diagnostics;
pub mod driver;
pub mod emit;
pub mod flatten;
pub mod fleet;
pub mod fmt;
pub mod kinds;
pub mod omni;
pub mod origin;
pub mod resolve;
pub mod schema;
pub mod source;
pub mod syntax;
pub mod talos;
pub mod text;
pub mod tree;
pub mod typing;
pub mod version;
pub mod world;
pub mod yaml;
