//! The world: what exists outside of the user's files.

pub mod stdlib;
