//! Quotes around literals that need none: the typed program says where they stand, and compiling again that nothing else changes.
//!
//! `cores = "4"` says what `cores = 4` says, since a field that is no text reads both as the number; in a field that is text, `"4"` is
//! text and stays. The formatter knows no types, so this is asked of the program before it.

use std::collections::BTreeMap;

use super::files::Selection;
use crate::driver::{Compilation, Edited};
use crate::emit::File;
use crate::omni::Document;
use crate::source::loader::Loader;
use crate::source::{Provenance, Span};
use crate::typing::literal::{Literal, classify};
use crate::typing::{Action, Body, Val};

/// A file without needless quotes.
pub(super) struct Bared {
    /// The text that was asked about.
    pub(super) read: String,
    /// The same without the quotes.
    pub(super) text: String,
}

/// Those of some files that have needless quotes. Of a project with errors nothing is known for sure.
pub(super) fn without(selection: &Selection) -> BTreeMap<String, Bared> {
    let none = BTreeMap::new();
    let may_have = |path: &String| selection.loader.read(path).is_ok_and(|text| has_literals(&text));
    if !selection.files.iter().any(may_have) {
        return none;
    }
    let before = selection.compile();
    if before.has_errors() {
        return none;
    }
    let files = bared(&before, selection);
    if files.is_empty() {
        return none;
    }
    let edited = Edited { below: &selection.loader, files };
    // What a program means is asked of the compiler, and of nobody else.
    if says(&before) != says(&selection.compile_with(&edited)) {
        return none;
    }
    let names = &before.flattener.types.names;
    let read = |path: &str| {
        names.sources.iter().find(|(_, file)| file.name == path).map(|(_, file)| file.text().to_owned())
    };
    let bared = |(path, text): (String, String)| Some((path.clone(), Bared { read: read(&path)?, text }));
    edited.files.into_iter().filter_map(bared).collect()
}

/// Whether a text has a literal between quotes behind a `=` or in a list, whatever is meant by it.
fn has_literals(text: &str) -> bool {
    text.split('"').skip(1).any(is_literal)
}

/// Whether a text is a literal without its quotes, other than a name.
fn is_literal(text: &str) -> bool {
    !matches!(classify(text), Literal::Name)
}

/// Everything that a compilation comes to: what is written, and the codes of what is found.
fn says(compilation: &Compilation) -> (Vec<String>, Vec<&str>) {
    let text = |document: &Document| {
        let file = File::new(document.path.as_str(), "", &document.nodes);
        format!("{}\n{}", document.path, file.text)
    };
    let found = compilation.findings.iter().map(|finding| finding.code.name());
    (compilation.documents.iter().map(text).collect(), found.collect())
}

/// The texts of the files without the quotes.
fn bared(compilation: &Compilation, selection: &Selection) -> BTreeMap<String, String> {
    let names = &compilation.flattener.types.names;
    let mut spans: Vec<Span> = Vec::new();
    for id in names.project_decls() {
        body(&compilation.flattener.types.typed(id).body, &mut |val, span| {
            // The place of a value of a field begins at its `=`.
            let text = names.sources.text(span);
            let literal = text.trim_start_matches('=').trim_start();
            let span = Span { start: span.end - literal.len() as u32, ..span };
            let inner = literal.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            if inner.is_some_and(|inner| is_of(val, inner)) {
                spans.push(span);
            }
        });
    }
    spans.sort_by_key(|span| (span.file.0, span.start));
    spans.dedup();
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    // From the end, so that what is before stays in its place.
    for span in spans.into_iter().rev() {
        let file = names.sources.file(span.file);
        if file.provenance == Provenance::Project && selection.files.contains(&file.name) {
            let text = out.entry(file.name.clone()).or_insert_with(|| file.text().to_owned());
            let inner = names.sources.text(Span { start: span.start + 1, end: span.end - 1, ..span });
            text.replace_range(span.start as usize..span.end as usize, inner);
        }
    }
    out
}

/// Whether a text that was read as a value is a literal of its kind.
fn is_of(val: &Val, text: &str) -> bool {
    match (val, classify(text)) {
        (Val::Bool(val), Literal::Bool(bare)) => *val == bare,
        (Val::Int(val), Literal::Int(bare) | Literal::Octal(bare)) => *val == bare,
        (Val::Decimal(_), Literal::Decimal(_))
        | (Val::Size(_), Literal::Size(_))
        | (Val::Duration(_), Literal::Duration(_))
        | (Val::Version(_), Literal::Version(_))
        | (Val::Ip(_), Literal::Ip(_))
        | (Val::Prefixed(..) | Val::Address(_), Literal::Prefixed(..)) => true,
        _ => false,
    }
}

/// Every value of a body, with its place.
fn body(of: &Body, found: &mut dyn FnMut(&Val, Span)) {
    for op in &of.ops {
        match &op.action {
            Action::Set(val, span) => value(val, *span, found),
            Action::Add(items, ..) | Action::Take(items, ..) => {
                items.iter().for_each(|item| value(&item.val, item.span, found));
            }
            Action::Merge(inner, _) => body(inner, found),
            Action::Entry(entry) => body(&entry.body, found),
            Action::Unset | Action::Remove | Action::Delete => {}
        }
    }
}

fn value(val: &Val, span: Span, found: &mut dyn FnMut(&Val, Span)) {
    match val {
        Val::List(items, _) => items.iter().for_each(|item| value(&item.val, item.span, found)),
        Val::Body(inner) => body(inner, found),
        Val::Keyed(items) => items.iter().for_each(|item| body(&item.body, found)),
        val => found(val, span),
    }
}
