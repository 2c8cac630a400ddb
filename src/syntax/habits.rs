//! Text that the grammar can read but that nobody means: habits from other languages.

use super::ast::{Block, Item, Op, Rest, Value, ValueKind, WordForm};
use super::errors;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::source::Span;

/// Looks through the items of a body and of the blocks in it.
pub(super) fn look(items: &[Item], out: &mut Diagnostics) {
    let mut dashed = false;
    for item in items {
        let first = item.words.first().filter(|word| matches!(word.form, WordForm::Bare));
        let dash = first.filter(|word| is_dash(&word.text));
        if let Some(word) = dash.filter(|_| !dashed) {
            out.push(self::dash(word.span));
        }
        dashed = dash.is_some();
        match &item.rest {
            Rest::Block(block) => self::block(block, out),
            Rest::Assign(op, at, assigned) => {
                let clause = first.is_some_and(|word| matches!(&*word.text, "when" | "require"));
                if clause && item.words.len() > 1 && *op == Op::Set {
                    out.push(compare(*at));
                }
                dashed |= value(assigned, out);
            }
            Rest::Nothing | Rest::Expr(_) => {}
        }
    }
}

fn block(block: &Block, out: &mut Diagnostics) {
    look(&block.items, out);
}

/// Whether it is a list in the manner of YAML.
fn value(value: &Value, out: &mut Diagnostics) -> bool {
    match &value.kind {
        ValueKind::List(values) => values.iter().for_each(|element| {
            self::value(element, out);
        }),
        ValueKind::Block(inner) => block(inner, out),
        ValueKind::Apply(atoms) => {
            if let Some(first) = atoms
                .first()
                .filter(|atom| matches!(&atom.value.kind, ValueKind::Bare(text) if is_dash(text)))
            {
                out.push(dash(first.value.span));
                return true;
            }
            atoms.iter().for_each(|atom| {
                self::value(&atom.value, out);
            });
        }
        ValueKind::Bare(_) | ValueKind::Str(_) | ValueKind::Template(_) => {}
    }
    false
}

fn is_dash(text: &str) -> bool {
    matches!(text, "-" | "--" | "---")
}

/// `- a`, `---`
pub(super) fn dash(at: Span) -> Diagnostic {
    if at.len() == 1 {
        errors::unexpected(at, "a list is written with `[ ]`, not with `-`", "not an element of a list")
            .help("write `NAME = [a, b]`, or one element on each line between `[` and `]`")
    } else {
        errors::unexpected(at, "dashes separate nothing here", "not an item")
            .help("remove the line; a comment starts with `#`")
            .edit(at, "#")
    }
}

fn compare(at: Span) -> Diagnostic {
    errors::unexpected(at, "`=` sets a field: a comparison is written `==`", "expected `==`")
        .help("write `==`")
        .edit(at, "==")
}
