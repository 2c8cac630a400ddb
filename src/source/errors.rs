//! What can be wrong with a file before its text is looked at.

use super::Span;
use super::loader::LoadError;
use crate::diagnostics::{Code, Diagnostic};

/// A file that cannot be had.
pub fn load(path: &str, from: Option<Span>, error: &LoadError) -> Diagnostic {
    Diagnostic::new(Code::FileNotFound, format!("cannot read `{path}`: {error:?}"))
        .label_if(from, "named here")
}

/// A path that leaves the project.
pub fn outside(written: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::FileOutsideProject, format!("`{written}` leads out of the project"))
        .label(span, "named here")
}
