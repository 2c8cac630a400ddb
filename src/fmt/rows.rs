//! The elements of one body, and the comments between them, in source order.

use std::ops::Range;

use super::align;
use super::print::{Printer, Stops};
use crate::source::Span;
use crate::syntax::ast::{Arg, Item, MarkKind, ModifierKind, Value, ValueKind};

/// What two neighbours must share to stand in the same columns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// What follows the head.
    pub(super) kind: char,
    pub(super) marks: Vec<MarkKind>,
    pub(super) modifiers: Vec<ModifierKind>,
}

/// An element or a comment that has a line of its own, before it is put on its line.
#[derive(Debug)]
pub(super) struct BodyRow<'a> {
    /// The element as it looks without its neighbours, or the comment.
    pub(super) text: String,
    /// The comment at the end of its line.
    pub(super) comment: Option<&'a str>,
    /// A blank line stood before it.
    pub(super) blank: bool,
    /// It was written on the line of the row before it.
    pub(super) joins: bool,
    /// None for a comment and for what never stands in columns.
    pub(super) shape: Option<Shape>,
    pub(super) stops: Stops,
    own: bool,
}

/// What a body is made of.
pub(super) trait Element {
    /// Whether several may share a line of a broken body.
    const SHARES: bool;
    /// Whether a comma is needed even at the end of a line.
    const COMMA: bool;
    /// Its place.
    fn span(&self) -> Span;
    /// Writes it.
    fn print(&self, printer: &mut Printer<'_>) -> Option<Shape>;
}

impl Element for Item {
    const SHARES: bool = true;
    const COMMA: bool = false;
    fn span(&self) -> Span {
        self.span
    }
    fn print(&self, printer: &mut Printer<'_>) -> Option<Shape> {
        Some(printer.item(self, true))
    }
}

impl Element for Value {
    const SHARES: bool = false;
    const COMMA: bool = false;
    fn span(&self) -> Span {
        self.span
    }
    fn print(&self, printer: &mut Printer<'_>) -> Option<Shape> {
        let ValueKind::Block(block) = &self.kind else {
            printer.value(self);
            return None;
        };
        printer.block(block, true);
        Some(Shape { kind: '{', marks: Vec::new(), modifiers: Vec::new() })
    }
}

impl Element for Arg {
    const SHARES: bool = false;
    const COMMA: bool = true;
    fn span(&self) -> Span {
        match self {
            Arg::Plain(value) => value.span,
            Arg::Named { name, value } => name.span.to(value.span),
            Arg::Param { name, ty, default } => name.span.to(default.as_ref().unwrap_or(ty).span),
        }
    }
    fn print(&self, printer: &mut Printer<'_>) -> Option<Shape> {
        printer.arg(self, true);
        let named = matches!(self, Arg::Named { .. });
        named.then(|| Shape { kind: '=', marks: Vec::new(), modifiers: Vec::new() })
    }
}

impl<'a> Printer<'a> {
    /// The lines of a body, each with its line end. `inner` is what the source holds between the brackets.
    pub(super) fn body<T: Element>(&mut self, elements: &[T], inner: Range<usize>, indent: usize) -> String {
        let outer = (std::mem::take(&mut self.out), self.column, self.indent, self.reserve);
        let stops = std::mem::take(&mut self.stops);
        self.indent = indent;
        self.reserve = usize::from(T::COMMA);
        // A body that only breaks because it is too long gets a line for each element.
        let shares = T::SHARES && (indent == 0 || self.breaks(inner.clone()));
        let mut rows = Vec::with_capacity(elements.len());
        let mut end = inner.start;
        for (i, element) in elements.iter().enumerate() {
            let span = element.span();
            end = self.comments_until(span.start as usize, end, &mut rows);
            self.column = indent;
            let shape = element.print(self);
            if T::COMMA && i + 1 < elements.len() {
                self.out.push(',');
            }
            rows.push(BodyRow {
                text: std::mem::take(&mut self.out),
                comment: None,
                blank: self.blank_line(end..span.start as usize),
                joins: shares && i > 0 && !self.breaks(end..span.start as usize),
                shape,
                stops: std::mem::take(&mut self.stops),
                own: false,
            });
            end = span.end as usize;
        }
        self.comments_until(inner.end, end, &mut rows);
        (self.out, self.column, self.indent, self.reserve) = outer;
        self.stops = stops;
        align::lines(rows, indent)
    }

    /// Takes the comments before an offset: behind the last row if they stood beside it, else as rows of their own.
    fn comments_until(&mut self, upto: usize, mut end: usize, rows: &mut Vec<BodyRow<'a>>) -> usize {
        while let Some(comment) = self.comment_before(upto) {
            let text = self.comment_text(comment);
            let start = comment.span.start as usize;
            match rows.last_mut() {
                Some(row) if !comment.own_line && !row.own && row.comment.is_none() => {
                    row.comment = Some(text)
                }
                _ => rows.push(BodyRow {
                    text: text.to_string(),
                    comment: None,
                    blank: self.blank_line(end..start),
                    joins: false,
                    shape: None,
                    stops: Stops::default(),
                    own: true,
                }),
            }
            end = comment.span.end as usize;
        }
        end
    }

    fn blank_line(&self, range: Range<usize>) -> bool {
        let mut lines = self.text[range].split('\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            if lines.peek().is_some() && line.trim().is_empty() {
                return true;
            }
        }
        false
    }
}
