//! pest behind a wall: items in, tree out, pest's errors turned into ours.

use pest::Parser as _;
use pest::error::{Error, ErrorVariant, InputLocation};

use super::ast::{Ast, Item, Rest};
use super::split::{Slice, split};
use super::{errors, lower};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/talosc.pest"]
pub(super) struct Grammar;

/// Parses a whole file.
pub fn parse(file: FileId, text: &str, out: &mut Diagnostics) -> Ast {
    parse_range(file, text, 0..text.len(), out)
}

/// Parses the items of a part of a file; spans are those of the file.
pub fn parse_range(file: FileId, text: &str, range: std::ops::Range<usize>, out: &mut Diagnostics) -> Ast {
    let cut = split(file, text, range, out);
    let mut items = Vec::with_capacity(cut.slices.len());
    for slice in cut.slices {
        items.extend(parse_slice(file, text, slice, out));
    }
    Ast { file, items, comments: cut.comments }
}

fn parse_slice(file: FileId, text: &str, slice: Slice, out: &mut Diagnostics) -> Option<Item> {
    if slice.reported {
        return head_only(file, text, slice, &mut Diagnostics::new(), out);
    }
    match Grammar::parse(Rule::entry, &text[slice.start..slice.end]) {
        Ok(pairs) => Some(lower::entry(file, slice.start, pairs, out)),
        Err(error) => {
            let at = slice.start + offset(&error);
            let finding = explain(file, text, slice, at, &error);
            match slice.body {
                // The mistake is inside the body: keep the head, and look at each inner item by itself.
                Some((open, close)) if at > open && at <= close => {
                    let before = out.iter().count();
                    let item = head_only(file, text, slice, &mut Diagnostics::new(), out);
                    if out.iter().count() == before {
                        out.push(finding);
                    }
                    item
                }
                _ => {
                    out.push(finding);
                    head_only(file, text, slice, &mut Diagnostics::new(), &mut Diagnostics::new())
                }
            }
        }
    }
}

/// Reads the head of a broken item, and the items of its body one by one, so that its names are known and the rest of the
/// file is still judged.
fn head_only(
    file: FileId,
    text: &str,
    slice: Slice,
    in_head: &mut Diagnostics,
    in_body: &mut Diagnostics,
) -> Option<Item> {
    let source = &text[slice.start..slice.end];
    let head_end = slice
        .body
        .map(|(open, _)| open - slice.start)
        .or_else(|| source.find(['{', '\n']))
        .unwrap_or(source.len());
    let cut = |end: usize| Grammar::parse(Rule::entry, source.get(..end)?).ok();
    let equals = source.find('=').filter(|&at| at < head_end);
    let pairs = cut(head_end).or_else(|| cut(equals?))?;
    let mut item = lower::entry(file, slice.start, pairs, in_head);
    item.broken = true;
    item.span.end = slice.end as u32;
    if let (Some((open, close)), Rest::Nothing) = (slice.body, &item.rest) {
        let inner = parse_range(file, text, open + 1..close, in_body);
        let span = Span { file, start: open as u32, end: close as u32 + 1 };
        item.rest = Rest::Block(super::ast::Block { span, items: inner.items });
    }
    Some(item)
}

fn offset(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

fn positives(error: &Error<Rule>) -> &[Rule] {
    match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => &[],
    }
}

/// What could have stood where pest gave up, in words of the user.
fn symbol(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::value | Rule::literal | Rule::string | Rule::list | Rule::arg => Some("a value"),
        Rule::item | Rule::plain | Rule::head | Rule::run | Rule::entry | Rule::clause => {
            Some("a field or declaration")
        }
        Rule::op => Some("`=`"),
        Rule::block => Some("`{`"),
        Rule::args => Some("`(`"),
        Rule::mixin | Rule::mixins | Rule::ident_path => Some("the name of a mixin"),
        Rule::expr | Rule::operand | Rule::quantifier | Rule::prefix => Some("an expression"),
        Rule::binary => Some("an operator"),
        Rule::ident | Rule::named | Rule::param => Some("a name"),
        Rule::kw_in => Some("`in`"),
        Rule::EOI => Some("the end of the line"),
        _ => None,
    }
}

fn explain(file: FileId, text: &str, slice: Slice, at: usize, error: &Error<Rule>) -> Diagnostic {
    let rest = &text[at..slice.end];
    let found = rest.chars().next();
    let width = found.map_or(0, char::len_utf8);
    let span = Span { file, start: at as u32, end: (at + width) as u32 };
    let before = text[slice.start..at].trim_end_matches([' ', '\t']);
    let wants: Vec<&str> = {
        let mut list: Vec<&str> = positives(error).iter().copied().filter_map(symbol).collect();
        list.dedup();
        list
    };
    if before.ends_with('=') && (found.is_none() || matches!(found, Some('\n' | '\r' | '}' | ',' | '#'))) {
        return errors::unexpected(span, "a value is missing after `=`", "expected a value");
    }
    match found {
        Some(';') => errors::unexpected(span, "`;` is not part of the language", "not needed")
            .help("an item ends with its line; several on one line are separated by `,`")
            .edit(span, ""),
        Some('=') if !before.ends_with('=') && !before.is_empty() => errors::unexpected(
            span,
            "unexpected `=`: two fields on one line need a `,` between them",
            "a second `=`",
        )
        .help("write `a = 1, b = 2`, or put each on a line of its own"),
        Some(':') => errors::unexpected(span, "unexpected `:`", "fields are written `name = value`")
            .help("use `=`: this is not YAML")
            .edit(span, " ="),
        Some(c) if c.is_control() || !(c.is_ascii()) => {
            let shown: String = c.escape_unicode().to_string();
            let name = if c.is_control() || c.is_whitespace() { shown } else { c.to_string() };
            errors::unexpected(
                span,
                format!("`{name}` cannot stand here without quotes"),
                "outside of a string",
            )
            .help("put the text between quotes")
        }
        Some(c) if wants.is_empty() => {
            errors::unexpected(span, format!("unexpected `{c}`"), "this is not part of the item before it")
        }
        Some('\n' | '\r') | None => errors::unexpected(
            span,
            format!("the line ends where {} should stand", either(&wants)),
            format!("expected {}", either(&wants)),
        ),
        Some(c) => {
            errors::unexpected(span, format!("unexpected `{c}`"), format!("expected {}", either(&wants)))
        }
    }
}

fn either(wants: &[&str]) -> String {
    let mut unique: Vec<&str> = Vec::new();
    for want in wants {
        if !unique.contains(want) {
            unique.push(want);
        }
    }
    unique.truncate(4);
    match unique.as_slice() {
        [] => "more".to_string(),
        [one] => (*one).to_string(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}
