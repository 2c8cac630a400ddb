//! A file to its tree: the splitter's items, each read by hand; what the grammar refuses is asked of pest, whose errors become ours.

use pest::Parser as _;
use pest::error::{Error, ErrorVariant, InputLocation};

use super::ast::{Ast, Item, Rest};
use super::explain::yaml;
use super::explain::{Failure, explain};
use super::read::Reader;
use super::split::{Slice, split};
use super::{conflict, habits};
use crate::diagnostics::Diagnostics;
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
    let resolved = conflict::masked(file, text, out);
    let ast = read(file, resolved.as_deref().unwrap_or(text), range, out);
    habits::look(&ast.items, out);
    ast
}

fn read(file: FileId, text: &str, range: std::ops::Range<usize>, out: &mut Diagnostics) -> Ast {
    let cut = split(file, text, range, out);
    let items = parse_slices(file, text, &cut.slices, out);
    Ast { file, items, comments: cut.comments }
}

fn parse_slices(file: FileId, text: &str, slices: &[Slice], out: &mut Diagnostics) -> Vec<Item> {
    let mut reader = Reader::new(file, text);
    let mut items = Vec::with_capacity(slices.len());
    let mut slices = slices.iter();
    while let Some(slice) = slices.next() {
        if let Some(length) = yaml::document(text, slice, slices.as_slice()) {
            out.push(yaml::pasted(file, text, slice));
            slices = slices.as_slice()[length..].iter();
            continue;
        }
        let item = if slice.reported { None } else { reader.entry(slice.start, slice.end, out) };
        items.extend(item.or_else(|| refused(file, text, *slice, out)));
    }
    items
}

/// Says what is wrong with an item that the grammar refuses, and reads what can be read of it.
fn refused(file: FileId, text: &str, slice: Slice, out: &mut Diagnostics) -> Option<Item> {
    if slice.reported {
        return head_only(file, text, slice, slice.end, &mut Diagnostics::new(), out);
    }
    let (at, wants) = match Grammar::parse(Rule::entry, &text[slice.start..slice.end]) {
        Err(error) => (slice.start + offset(&error), positives(error)),
        // The reader refuses what pest refuses, which the tests hold it to. If they should ever differ, the item is not dropped in silence.
        Ok(_) => (slice.start, Vec::new()),
    };
    let finding = explain(&Failure { file, text, slice: slice.start..slice.end, at, wants: &wants });
    match slice.body {
        // The mistake is inside the body: keep the head, and look at each inner item by itself.
        Some((open, close)) if at > open && at <= close => {
            let before = out.len();
            let item = head_only(file, text, slice, at, &mut Diagnostics::new(), out);
            if out.len() == before {
                out.push(finding);
            }
            item
        }
        _ => {
            out.push(finding);
            head_only(file, text, slice, at, &mut Diagnostics::new(), &mut Diagnostics::new())
        }
    }
}

/// Reads the head of a broken item, and the items of its body one by one, so that its names are known and the rest of the
/// file is still judged. The mistake is at `at`.
fn head_only(
    file: FileId,
    text: &str,
    slice: Slice,
    at: usize,
    in_head: &mut Diagnostics,
    in_body: &mut Diagnostics,
) -> Option<Item> {
    let source = &text[slice.start..slice.end];
    let head_end = slice
        .body
        .map(|(open, _)| open - slice.start)
        .or_else(|| source.find(['{', '\n']))
        .unwrap_or(source.len());
    // What nests too deep is not descended into: every level would find the next too deep.
    let head_end = if slice.deep { source.find(['{', '[', '(', '\n']).unwrap_or(0) } else { head_end };
    let equals = source.find('=').filter(|&at| at < head_end);
    let mut reader = Reader::new(file, text);
    let mut head = |end: usize| reader.entry(slice.start, slice.start + end, in_head);
    // Of a head with a mistake behind its words these are left: `role a : b {`.
    let words = text[slice.start..at.min(slice.start + head_end)].trim_end();
    let alphabetic = words.starts_with(|c: char| c.is_ascii_alphabetic());
    let whole = alphabetic && words.contains(' ') && text[at..].starts_with(':');
    let mut item =
        head(head_end).or_else(|| head(equals?)).or_else(|| if whole { head(words.len()) } else { None })?;
    item.broken = true;
    item.span.end = slice.end as u32;
    if let (Some((open, close)), Rest::Nothing, false) = (slice.body, &item.rest, slice.deep) {
        let inner = read(file, text, open + 1..close, in_body);
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

fn positives(error: Error<Rule>) -> Vec<Rule> {
    match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => Vec::new(),
    }
}
