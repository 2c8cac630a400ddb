//! Bodies that have lost a brace: what would stand in them has become items of the file.
//!
//! A file may hold nothing else, so each step goes through items and findings once.

use rustc_hash::FxHashSet;

use super::errors;
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::kinds;
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Item, Rest};

/// Takes the indented items between a declaration and a `}` that closes nothing for the rest of its body: they are not judged as
/// declarations, and one finding says what is wrong.
pub(super) fn gather(sources: &SourceMap, items: Vec<Item>, found: &mut Diagnostics) -> Vec<Item> {
    let strays = in_order(found, |finding| finding.code == Code::Unclosed && finding.labels.len() == 1);
    if strays.is_empty() {
        return items;
    }
    let mut explained = FxHashSet::default();
    let (items, strays) = opened_by_colon(sources, items, strays, found, &mut explained);
    let (items, said) = lost(sources, items, &strays, &mut explained);
    found.retain(|finding| {
        finding.code != Code::Unclosed || finding.primary().is_none_or(|at| !explained.contains(&at))
    });
    said.into_iter().for_each(|finding| found.push(finding));
    items
}

/// The places of some findings, in order of place.
fn in_order(found: &Diagnostics, wanted: impl Fn(&Diagnostic) -> bool) -> Vec<Span> {
    let mut places: Vec<Span> =
        found.iter().filter(|finding| wanted(finding)).filter_map(Diagnostic::primary).collect();
    places.sort_unstable_by_key(|at| at.start);
    places
}

/// `cluster a:` with a body in braces: what is wrong is said at the `:`, which explains the next `}` and the items up to it. Gives
/// the other items and braces.
fn opened_by_colon(
    sources: &SourceMap,
    mut items: Vec<Item>,
    strays: Vec<Span>,
    found: &Diagnostics,
    explained: &mut FxHashSet<Span>,
) -> (Vec<Item>, Vec<Span>) {
    let heads = in_order(found, |finding| {
        finding.code == Code::Syntax && finding.edits.iter().any(|edit| edit.text == " {")
    });
    let mut others = Vec::with_capacity(strays.len());
    let mut strays = strays.into_iter().peekable();
    let mut bodies: Vec<(u32, u32)> = Vec::new();
    for head in heads {
        while let Some(stray) = strays.next_if(|stray| stray.start <= head.start) {
            others.push(stray);
        }
        let Some(stray) = strays.next() else { break };
        bodies.push((head.start, stray.start));
        explained.insert(stray);
    }
    others.extend(strays);
    // Bodies begin and end in the order of their heads.
    let mut bodies = bodies.into_iter().peekable();
    items.retain(|item| {
        let at = item.span.start;
        while bodies.next_if(|(_, end)| *end < at).is_some() {}
        bodies.peek().is_none_or(|(start, _)| at < *start) || !indented(sources, item.span)
    });
    (items, others)
}

/// Declarations whose body was not opened or ends too early: marks them as broken, takes out the items that follow them, and
/// gives what is wrong with each.
fn lost(
    sources: &SourceMap,
    items: Vec<Item>,
    strays: &[Span],
    explained: &mut FxHashSet<Span>,
) -> (Vec<Item>, Vec<Diagnostic>) {
    let (mut out, mut said) = (Vec::with_capacity(items.len()), Vec::new());
    let mut items = items.into_iter().peekable();
    let mut strays = strays.iter().copied().peekable();
    while let Some(mut item) = items.next() {
        while strays.next_if(|stray| stray.start < item.span.end).is_some() {}
        let Some(&stray) = strays.peek().filter(|_| !indented(sources, item.span)) else {
            out.push(item);
            continue;
        };
        let inside = |next: &Item| next.span.start < stray.start && indented(sources, next.span);
        let mut count = 0;
        while items.next_if(inside).is_some() {
            count += 1;
        }
        if count > 0 && items.peek().is_none_or(|next| next.span.start > stray.start) {
            // What a lone `)` has lost is no body: that it closes nothing says enough.
            let brace = sources.text(stray) == "}";
            if let Some(finding) = without_brace(&item, stray).filter(|_| brace) {
                explained.insert(stray);
                said.push(finding);
            }
            item.broken |= brace;
        }
        out.push(item);
    }
    (out, said)
}

fn without_brace(item: &Item, stray: Span) -> Option<Diagnostic> {
    let kind = kinds::by_name(&item.words[0].text)?.name;
    let name = &item.words.get(1)?.text;
    match &item.rest {
        Rest::Nothing if !item.broken => Some(errors::body_unopened(kind, name, item.span, stray)),
        Rest::Block(body) => {
            let close = Span { start: body.span.end - 1, ..body.span };
            Some(errors::body_closed(kind, name, close, stray))
        }
        _ => None,
    }
}

/// Whether nothing but blanks, and at least one, stands before a place on its line.
fn indented(sources: &SourceMap, at: Span) -> bool {
    let before = &sources.file(at.file).text()[..at.start as usize];
    let line = before.trim_end_matches([' ', '\t']);
    line.len() < before.len() && (line.is_empty() || line.ends_with('\n'))
}
