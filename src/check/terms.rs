//! What an invariant comes to: terms whose names are resolved and whose types fit.

use std::sync::Arc;

use crate::diagnostics::Code;
use crate::schema::KindId;
use crate::source::Span;
use crate::syntax::ast::BinaryOp;
use crate::text::Text;
use crate::typing::{Cond, Val};

/// What an invariant judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Judged {
    /// Declarations of a kind.
    Kind(KindId),
    /// Control planes and workers of clusters.
    Set,
    /// Documents of a kind in what machines get.
    Document(&'static str),
}

/// One invariant, ready to be evaluated.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) code: Code,
    pub(super) judged: Judged,
    /// All must hold for the rule to say anything.
    pub(super) when: Vec<Term>,
    /// All must hold then; each with the place that requires it.
    pub(super) require: Vec<(Term, Span)>,
    pub(super) message: Vec<Piece>,
    pub(super) help: Option<Vec<Piece>>,
    /// A field to set in the judged declaration.
    pub(super) fix: Option<Text>,
    pub(super) cond: Option<Arc<Cond>>,
    /// It reads effective configurations.
    pub(super) configured: bool,
}

/// A piece of a message.
#[derive(Debug)]
pub(super) enum Piece {
    Text(Text),
    Path(Path),
}

/// A variable and the fields behind it.
#[derive(Debug, Clone)]
pub(super) struct Path {
    /// The variable, counted from the outermost; 0 is what is judged.
    pub(super) var: usize,
    /// The fields.
    pub(super) segments: Box<[Text]>,
}

/// An expression.
#[derive(Debug)]
pub(super) enum Term {
    Path(Path),
    /// A literal. The name of a declaration is [`Val::Ref`], or [`Val::Word`] for one of the standard library that need not
    /// be parsed to be compared.
    Value(Val),
    List(Vec<Term>),
    Not(Box<Term>),
    Count(Box<Term>),
    Unique(Box<Term>),
    Binary(BinaryOp, Box<Term>, Box<Term>),
    /// `all x in xs: …`, `any x in xs: …`
    Each {
        all: bool,
        over: Box<Term>,
        body: Box<Term>,
    },
}
