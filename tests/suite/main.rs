//! The tests that look at the compiler from outside.

mod fmt;
mod generate;
mod mistakes;
mod syntax;
