//! The tree of an expression.

use std::ops::Range;

use crate::text::Text;

/// An expression and its place in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// In bytes.
    pub at: Range<usize>,
}

/// A name and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// As written.
    pub text: Text,
    /// In bytes.
    pub at: Range<usize>,
}

/// A literal. Of those whose value nothing asks for, only the type is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Lit {
    /// `5`, without its sign.
    Int(u64),
    /// `5u`
    Uint(u64),
    /// `0.5`
    Double,
    /// `"text"`
    Str(Text),
    /// `b"text"`
    Bytes,
    /// `true` or `false`
    Bool(bool),
    /// `null`
    Null,
}

/// What an expression is. Macros are calls: the checker knows them.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A literal.
    Lit(Lit),
    /// A name; one with a leading dot is looked up from the outside.
    Name(Text),
    /// `of.field`
    Select(Box<Expr>, Name),
    /// `of[at]`
    Index(Box<Expr>, Box<Expr>, Range<usize>),
    /// `of.name(…)`, `name(…)`
    Call(Option<Box<Expr>>, Name, Vec<Expr>),
    /// `!x`, `-x`: several in a row are one.
    Unary(&'static str, usize, Box<Expr>),
    /// `a && b` with the place of the sign.
    Binary(&'static str, Range<usize>, Box<Expr>, Box<Expr>),
    /// `a ? b : c`
    Ternary(Box<[Expr; 3]>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{a: b}`
    Map(Vec<(Expr, Expr)>),
    /// `a.b.Name{field: x}`
    Message(Box<Expr>, Vec<(Name, Expr)>),
}

/// The operators of two sides by how tightly they bind, the loosest first.
pub(super) const BINARY: &[&[&str]] =
    &[&["||"], &["&&"], &["==", "!=", "<", "<=", ">", ">=", "in"], &["+", "-"], &["*", "/", "%"]];
