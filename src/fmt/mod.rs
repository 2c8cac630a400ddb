//! The formatter: one style, no options.
//!
//! It walks the tree and takes comments from the side table by offset, so it can lose neither; words, literals and strings
//! are copied from the text. It knows brackets, operators and lines, and no kind or field. What the author wrote on one line
//! stays on one line if it fits; what was broken stays broken, one element to a line. Everything else (blanks, commas,
//! columns, blank lines) is decided here.
//!
//! - `print` walks the tree and writes one item, value or argument after another;
//! - `expr` writes the expressions of invariants, with the author's parentheses and line breaks;
//! - `rows` collects the elements of one body with the comments between them;
//! - `align` puts rows on lines and lines into columns.

mod align;
mod expr;
mod print;
mod rows;

use crate::diagnostics::Diagnostics;
use crate::source::FileId;
use crate::syntax::{self, ast::Ast};

/// The number of columns that a line should not pass.
pub const WIDTH: usize = 100;

/// Blanks for one level.
const INDENT: usize = 2;

/// The formatted text, or what keeps it from being read.
///
/// A file with a mistake in its syntax is refused as a whole: around a mistake nobody knows what belongs together, and a
/// formatter that guesses moves text. The findings are those of [`syntax::parse`].
pub fn format(file: FileId, text: &str) -> Result<String, Diagnostics> {
    let mut found = Diagnostics::new();
    let ast = syntax::parse(file, text, &mut found);
    if found.has_errors() { Err(found) } else { Ok(format_ast(&ast, text)) }
}

/// The formatted text of a tree that was parsed from `text` without an error.
pub fn format_ast(ast: &Ast, text: &str) -> String {
    print::Printer::new(ast, text).body(&ast.items, 0..text.len(), 0)
}
