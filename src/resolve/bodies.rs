//! Bodies that have lost a brace: what would stand in them has become items of the file.

use super::errors;
use crate::diagnostics::{Code, Diagnostics};
use crate::kinds;
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Item, Rest};

/// Takes the indented items between a declaration and a `}` that closes nothing for the rest of its body: they are not judged as
/// declarations, and one finding says what is wrong.
pub(super) fn gather(sources: &SourceMap, items: Vec<Item>, found: &mut Diagnostics) -> Vec<Item> {
    let strays: Vec<Span> = found
        .iter()
        .filter(|finding| finding.code == Code::Unclosed && finding.labels.len() == 1)
        .filter_map(|finding| finding.primary())
        .collect();
    if strays.is_empty() {
        return items;
    }
    // `cluster a:` with a body in braces: what is wrong is said at the `:`.
    let opened: Vec<Span> = found
        .iter()
        .filter(|finding| finding.code == Code::Syntax && finding.edits.iter().any(|edit| edit.text == " {"))
        .filter_map(|finding| finding.primary())
        .collect();
    let mut strays = strays;
    let mut items = items;
    for head in opened {
        let Some(at) = strays.iter().position(|stray| stray.start > head.start) else { continue };
        let stray = strays.remove(at);
        found.retain(|finding| finding.code != Code::Unclosed || finding.primary() != Some(stray));
        items.retain(|item| {
            item.span.start < head.start || item.span.start > stray.start || !indented(sources, item.span)
        });
    }
    let mut out: Vec<Item> = Vec::with_capacity(items.len());
    let mut items = items.into_iter().peekable();
    let mut strays = strays.into_iter().peekable();
    while let Some(mut item) = items.next() {
        while strays.next_if(|stray| stray.start < item.span.end).is_some() {}
        let inside =
            |next: &Item, stray: &Span| next.span.start < stray.start && indented(sources, next.span);
        let Some(&stray) = strays.peek().filter(|_| !indented(sources, item.span)) else {
            out.push(item);
            continue;
        };
        let mut count = 0;
        while items.next_if(|next| inside(next, &stray)).is_some() {
            count += 1;
        }
        let closes = items.peek().is_none_or(|next| next.span.start > stray.start);
        if count > 0 && closes {
            let kind = kinds::by_name(&item.words[0].text).map(|kind| kind.name);
            let name = item.words.get(1).map(|word| word.text.as_str());
            let finding = match (kind.zip(name), &item.rest) {
                (Some((kind, name)), Rest::Nothing) if !item.broken => {
                    Some(errors::body_unopened(kind, name, item.span, stray))
                }
                (Some((kind, name)), Rest::Block(body)) => {
                    let close = Span { start: body.span.end - 1, ..body.span };
                    Some(errors::body_closed(kind, name, close, stray))
                }
                _ => None,
            };
            if let Some(finding) = finding {
                found.retain(|finding| finding.code != Code::Unclosed || finding.primary() != Some(stray));
                found.push(finding);
            }
            item.broken = true;
        }
        out.push(item);
    }
    out
}

/// Whether nothing but blanks, and at least one, stands before a place on its line.
fn indented(sources: &SourceMap, at: Span) -> bool {
    let before = &sources.file(at.file).text()[..at.start as usize];
    let line = before.rsplit('\n').next().unwrap_or("");
    !line.is_empty() && line.chars().all(|c| matches!(c, ' ' | '\t'))
}
