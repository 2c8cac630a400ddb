//! Text that the grammar can read but that nobody means: habits from other languages.

use super::ast::{Atom, Block, Item, Op, Rest, Value, ValueKind, WordForm};
use super::errors;
use super::explain::quoted;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::source::Span;
use crate::text::Text;

/// Looks through the items of a body and of the blocks in it.
pub(super) fn look(items: &[Item], out: &mut Diagnostics) {
    let mut dashed = false;
    for (at, item) in items.iter().enumerate() {
        let first = item.words.first().filter(|word| matches!(word.form, WordForm::Bare));
        let dash = first.filter(|word| is_dash(&word.text));
        if let Some(word) = dash.filter(|_| !dashed) {
            out.push(self::dash(word.span));
        }
        dashed = dash.is_some();
        match &item.rest {
            Rest::Block(block) => self::block(block, out),
            Rest::Assign(op, place, assigned) => {
                let clause = first.is_some_and(|word| matches!(&*word.text, "when" | "require"));
                if clause && item.words.len() > 1 && *op == Op::Set {
                    out.push(compare(*place));
                }
                // An element of a list in the manner of YAML has been said with the first.
                if dash.is_none()
                    && let Some(first) = dashes(assigned)
                {
                    let rest = items[at + 1..].iter().take_while(|item| is_dash(&item.words[0].text));
                    out.push(listed(first, rest));
                    dashed = true;
                } else {
                    value(assigned, out);
                }
            }
            Rest::Nothing | Rest::Expr(_) => {}
        }
    }
}

/// The words of a value that is a list in the manner of YAML.
fn dashes(value: &Value) -> Option<&[Atom]> {
    let ValueKind::Apply(atoms) = &value.kind else { return None };
    let first = atoms.first()?;
    matches!(&first.value.kind, ValueKind::Bare(text) if is_dash(text)).then_some(atoms)
}

/// The elements of such a list, the first in the value of a field and the others on lines of their own.
fn listed<'a>(first: &[Atom], rest: impl Iterator<Item = &'a Item>) -> Diagnostic {
    let mut elements = vec![(first[0].value.span, alone(first))];
    elements.extend(rest.map(|item| (item.words[0].span, alone_in(item))));
    let mut finding = dash(first[0].value.span);
    // A line of dashes is not the first of some elements.
    if first[0].value.span.len() > 1 {
        return errors::unexpected(first[0].value.span, "dashes are not a value", "expected a value")
            .help("write a value, or remove the field");
    }
    let known: Option<Vec<_>> = elements.into_iter().map(|(dash, element)| Some((dash, element?))).collect();
    let Some(elements) = known else { return finding };
    let mut end = None;
    for (at, (dash, (element, text))) in elements.into_iter().enumerate() {
        finding = finding.mend(Span { end: element.start, ..dash }, if at == 0 { "[" } else { "" });
        if let Some(new) = text.and_then(|text| quoted(&text).flatten()) {
            finding = finding.mend(element, new);
        }
        end = Some(element.at_end());
    }
    match end {
        Some(end) => finding
            .help("put the elements between `[` and `]`, one on each line or with commas")
            .mend(end, "]"),
        None => finding,
    }
}

/// The one word behind a dash: its place, and its text if it stands there bare.
fn alone(atoms: &[Atom]) -> Option<(Span, Option<Text>)> {
    let [_, Atom { value, args: None }] = atoms else { return None };
    match &value.kind {
        ValueKind::Bare(text) => Some((value.span, Some(text.clone()))),
        _ => Some((value.span, None)),
    }
}

fn alone_in(item: &Item) -> Option<(Span, Option<Text>)> {
    let plain = matches!(item.rest, Rest::Nothing) && item.marks.is_empty() && item.modifiers.is_empty();
    match item.words.as_slice() {
        [_, word] if plain && item.args.is_none() => {
            Some((word.span, matches!(word.form, WordForm::Bare).then(|| word.text.clone())))
        }
        _ => None,
    }
}

fn block(block: &Block, out: &mut Diagnostics) {
    look(&block.items, out);
}

fn value(value: &Value, out: &mut Diagnostics) {
    match &value.kind {
        ValueKind::List(values) => values.iter().for_each(|element| match dashes(element) {
            Some(atoms) => out.push(in_list(atoms)),
            None => self::value(element, out),
        }),
        ValueKind::Block(inner) => block(inner, out),
        ValueKind::Apply(atoms) => atoms.iter().for_each(|atom| self::value(&atom.value, out)),
        ValueKind::Bare(_) | ValueKind::Str(_) | ValueKind::Template(_) => {}
    }
}

/// `[- a]`
fn in_list(atoms: &[Atom]) -> Diagnostic {
    let finding = errors::unexpected(
        atoms[0].value.span,
        "an element of a list stands without `-`",
        "not an element of a list",
    );
    match atoms.get(1) {
        Some(next) => finding
            .help("remove the `-`")
            .mend(Span { end: next.value.span.start, ..atoms[0].value.span }, ""),
        None => finding.help("remove the `-`"),
    }
}

/// Whether a word is the mark of an element, or a line, in YAML.
pub(crate) fn is_dash(text: &str) -> bool {
    matches!(text, "-" | "--" | "---")
}

/// What is said of a list in the manner of YAML.
pub(super) const LIST: &str = "a list is written with `[ ]`, not with `-`";

/// `- a`, `---`
pub(super) fn dash(at: Span) -> Diagnostic {
    if at.len() == 1 {
        errors::unexpected(at, LIST, "not an element of a list")
            .help("write `NAME = [a, b]`, or one element on each line between `[` and `]`")
    } else {
        errors::unexpected(at, "dashes separate nothing here", "not an item")
            .help("remove the line; a comment starts with `#`")
            .mend(at, "#")
    }
}

fn compare(at: Span) -> Diagnostic {
    errors::unexpected(at, "`=` sets a field: a comparison is written `==`", "expected `==`")
        .help("write `==`")
        .mend(at, "==")
}
