//! CEL, the Common Expression Language: reads an expression, and says what is wrong with it in an environment.
//!
//! The module knows the language and the functions of its standard library, and no variable: an [`Environment`] brings them.
//! Verdicts are those of Google's `cel-go` with its default options, which the programs at the other end are built with; a
//! test asks them. What the checker does not know the type of ([`Type::Unknown`]) is never wrong.

pub mod ast;
mod check;
mod environment;
mod implies;
mod lex;
mod library;
mod parse;
mod types;

use std::ops::Range;

pub use check::check;
pub use environment::{Environment, Is, Object, Overload, Plain, Variable};
pub use implies::implies;
pub use parse::parse;
pub use types::Type;

/// What kind of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is no expression.
    Syntax,
    /// A name that the environment does not have.
    Unknown,
    /// An operator or function that does not take what it gets, or a result that is not true or false.
    Type,
}

/// A mistake in an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// What kind it is.
    pub fault: Fault,
    /// The place in the text, in bytes.
    pub at: Range<usize>,
    /// What is wrong, as a sentence without an end.
    pub message: String,
    /// What stands at the place.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
    /// Edits of the text that together repair it.
    pub edits: Vec<(Range<usize>, String)>,
    /// They are the likeliest repair, not the only one.
    pub guessed: bool,
}

impl Mistake {
    fn new(fault: Fault, at: Range<usize>, message: String, label: &str) -> Box<Mistake> {
        Box::new(Mistake {
            fault,
            at,
            message,
            label: label.to_owned(),
            help: None,
            edits: Vec::new(),
            guessed: false,
        })
    }
    fn syntax(at: Range<usize>, message: String) -> Box<Mistake> {
        Mistake::new(Fault::Syntax, at, message, "here")
    }
    fn help(mut self: Box<Self>, help: String) -> Box<Mistake> {
        self.help = Some(help);
        self
    }
    fn edit(mut self: Box<Self>, at: Range<usize>, text: impl Into<String>) -> Box<Mistake> {
        self.edits.push((at, text.into()));
        self
    }
    fn guess(mut self: Box<Self>, at: Range<usize>, text: impl Into<String>) -> Box<Mistake> {
        self.guessed = true;
        self.edit(at, text)
    }
    /// Another text at the place repairs it.
    fn instead(self: Box<Self>, text: &str) -> Box<Mistake> {
        let at = self.at.clone();
        self.help(format!("write `{text}`")).edit(at, text)
    }
}
