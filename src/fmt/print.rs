//! From the tree to text: one function per kind of node.

use std::ops::Range;

use super::rows::Shape;
use super::{INDENT, WIDTH};
use crate::source::Span;
use crate::syntax::ast::{
    Arg, Args, Ast, Atom, Block, Comment, Item, MarkKind, ModifierKind, Op, Rest, Value, ValueKind, WordForm,
};
use crate::syntax::write;

/// Columns of one row: where blanks may be put in so that it lines up with its neighbours.
#[derive(Debug, Default)]
pub(super) struct Stops {
    /// Offsets in the text of the row, each with the part of an operator that reaches to the left of its column.
    pub(super) head: Vec<(usize, usize)>,
    /// Where the second and later fields of a one-line block start.
    pub(super) fields: Vec<usize>,
    /// The names of those fields: only equal ones line up.
    pub(super) key: String,
}

/// The state of the walk.
pub(super) struct Printer<'a> {
    pub(super) text: &'a str,
    newlines: Vec<u32>,
    comments: &'a [Comment],
    /// The first comment that is not yet written.
    next: usize,
    pub(super) out: String,
    pub(super) column: usize,
    pub(super) indent: usize,
    /// Columns that must stay free at the end of the line.
    pub(super) reserve: usize,
    /// All on one line, until the line is full.
    flat: bool,
    full: bool,
    pub(super) stops: Stops,
}

/// A piece of the head of an item.
enum Part<'a> {
    Word { span: Span, comma: bool, stop: bool },
    Args(&'a Args),
}

impl Part<'_> {
    fn start(&self) -> u32 {
        match self {
            Part::Word { span, .. } => span.start,
            Part::Args(args) => args.span.start,
        }
    }
}

impl<'a> Printer<'a> {
    pub(super) fn new(ast: &'a Ast, text: &'a str) -> Self {
        let newlines =
            text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(at, _)| at as u32).collect();
        Printer {
            text,
            newlines,
            comments: &ast.comments,
            next: 0,
            out: String::new(),
            column: 0,
            indent: 0,
            reserve: 0,
            flat: false,
            full: false,
            stops: Stops::default(),
        }
    }

    // ---- text --------------------------------------------------------------------------------------------------------

    /// Writes a piece without a line break.
    pub(super) fn push(&mut self, piece: &str) {
        if self.full {
            return;
        }
        // A character has at most four bytes: a piece this long is not measured again at every level around it.
        if self.flat && (piece.len() > 4 * WIDTH || self.column + piece.chars().count() > WIDTH) {
            self.full = true;
            return;
        }
        self.column += piece.chars().count();
        self.out.push_str(piece);
    }

    fn push_lines(&mut self, text: &str) {
        self.out.push_str(text);
        self.column = text.rsplit('\n').next().unwrap_or("").chars().count();
    }

    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    /// Goes on with an item on the next line.
    pub(super) fn continuation(&mut self) {
        self.line(self.indent + 2 * INDENT);
    }

    /// Copies a word, an operator, a literal or a string.
    pub(super) fn token(&mut self, span: Span) {
        let token = &self.text[span.start as usize..span.end as usize];
        if token.contains('\n') && !self.flat {
            let moved = write::moved(token, self.indent + INDENT);
            self.push_lines(&moved);
        } else {
            self.push(token);
        }
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes()[at]
    }

    /// Whether the source breaks the line in a range.
    pub(super) fn breaks(&self, range: Range<usize>) -> bool {
        let first = self.newlines.partition_point(|&at| (at as usize) < range.start);
        self.newlines.get(first).is_some_and(|&at| (at as usize) < range.end)
    }

    // ---- comments ----------------------------------------------------------------------------------------------------

    /// Takes the next comment if it starts before an offset.
    pub(super) fn comment_before(&mut self, at: usize) -> Option<Comment> {
        let comment = *self.comments.get(self.next).filter(|comment| (comment.span.start as usize) < at)?;
        self.next += 1;
        Some(comment)
    }

    fn has_comment_before(&self, at: usize) -> bool {
        self.comments.get(self.next).is_some_and(|comment| (comment.span.start as usize) < at)
    }

    /// The text of a comment.
    pub(super) fn comment_text(&self, comment: Comment) -> &'a str {
        self.text[comment.span.start as usize..comment.span.end as usize].trim_end()
    }

    /// Writes the next comment inside an item and ends the line; gives the offset behind the comment.
    pub(super) fn interior(&mut self) -> usize {
        let Some(comment) = self.comment_before(usize::MAX) else { return self.text.len() };
        let fresh = self.out.ends_with(' ') || self.out.is_empty();
        self.push(if fresh { "" } else { "  " });
        self.push(self.comment_text(comment));
        self.continuation();
        comment.span.end as usize
    }

    /// What stands between an operator and its value: comments, else one blank.
    fn gap(&mut self, upto: u32) {
        let mut commented = false;
        while self.has_comment_before(upto as usize) {
            self.interior();
            commented = true;
        }
        if !commented {
            self.push(" ");
        }
    }

    // ---- brackets ----------------------------------------------------------------------------------------------------

    /// On one line if it was written so and fits, else broken.
    fn group(
        &mut self,
        span: Span,
        tail: usize,
        flat: impl FnOnce(&mut Self),
        broken: impl FnOnce(&mut Self),
    ) {
        if self.flat {
            return flat(self);
        }
        if !self.breaks(span.start as usize..span.end as usize) {
            let (length, column) = (self.out.len(), self.column);
            self.flat = true;
            flat(self);
            self.flat = false;
            let fits = !std::mem::take(&mut self.full) && self.column + tail <= WIDTH;
            if fits {
                return;
            }
            self.out.truncate(length);
            self.column = column;
            self.stops.fields.clear();
            self.stops.key.clear();
        }
        broken(self);
    }

    /// `open`, the elements one to a line, `close`.
    fn broken<T: super::rows::Element>(&mut self, brackets: [&str; 2], elements: &[T], span: Span) {
        let inner = span.start as usize + 1..span.end as usize - 1;
        self.push(brackets[0]);
        let first = elements.first().map_or(inner.end, |element| element.span().start as usize);
        let beside = self.comments.get(self.next).map(|comment| comment.span.start as usize);
        if let Some(at) = beside.filter(|&at| at < first && !self.breaks(inner.start..at)) {
            let comment = self.comment_before(at + 1).map_or("", |comment| self.comment_text(comment));
            self.push("  ");
            self.push(comment);
        }
        let body = self.body(elements, inner, self.indent + INDENT);
        self.out.push('\n');
        self.out.push_str(&body);
        self.out.extend(std::iter::repeat_n(' ', self.indent));
        self.column = self.indent;
        self.push(brackets[1]);
    }

    fn commas<T>(&mut self, list: &[T], mut each: impl FnMut(&mut Self, &T)) {
        for (i, element) in list.iter().enumerate() {
            if self.full {
                return;
            }
            if i > 0 {
                self.push(", ");
            }
            each(self, element);
        }
    }

    fn is_empty<T>(&self, list: &[T], span: Span) -> bool {
        list.is_empty() && !self.has_comment_before(span.end as usize)
    }

    /// `{ … }`; the block of a row leaves stops at its fields.
    pub(super) fn block(&mut self, block: &Block, row: bool) {
        if self.is_empty(&block.items, block.span) {
            return self.push("{}");
        }
        let flat = |p: &mut Self| {
            p.push("{ ");
            let mut first = true;
            p.commas(&block.items, |p, item| {
                if row {
                    p.field_stop(item, first);
                    first = false;
                }
                p.item(item, false);
            });
            p.push(" }");
        };
        self.group(block.span, self.reserve, flat, |p| p.broken(["{", "}"], &block.items, block.span));
    }

    fn field_stop(&mut self, item: &Item, first: bool) {
        if !first {
            self.stops.fields.push(self.out.len());
        }
        for word in &item.words {
            self.stops.key.push_str(&word.text);
            self.stops.key.push(' ');
        }
        if let Rest::Assign(op, ..) = &item.rest {
            self.stops.key.push_str(op.symbol());
        }
        self.stops.key.push('\n');
    }

    /// `[ … ]`
    pub(super) fn list(&mut self, values: &[Value], span: Span) {
        if self.is_empty(values, span) {
            return self.push("[]");
        }
        let flat = |p: &mut Self| {
            p.push("[");
            p.commas(values, Self::value);
            p.push("]");
        };
        self.group(span, self.reserve, flat, |p| p.broken(["[", "]"], values, span));
    }

    fn args(&mut self, args: &Args, tail: usize) {
        if self.is_empty(&args.list, args.span) {
            return self.push("()");
        }
        let flat = |p: &mut Self| {
            p.push("(");
            p.commas(&args.list, |p, arg| p.arg(arg, false));
            p.push(")");
        };
        self.group(args.span, tail, flat, |p| p.broken(["(", ")"], &args.list, args.span));
    }

    /// One element of `( … )`; that of a row leaves a stop at its `=`.
    pub(super) fn arg(&mut self, arg: &Arg, row: bool) {
        match arg {
            Arg::Plain(value) => self.value(value),
            Arg::Named { name, value } => {
                self.token(name.span);
                self.push(" ");
                self.stop(row, 0);
                self.push("=");
                self.gap(value.span.start);
                self.value(value);
            }
            Arg::Param { name, ty, default } => {
                self.token(name.span);
                self.push(": ");
                self.value(ty);
                if let Some(value) = default {
                    self.push(" =");
                    self.gap(value.span.start);
                    self.value(value);
                }
            }
        }
    }

    /// A value.
    pub(super) fn value(&mut self, value: &Value) {
        match &value.kind {
            ValueKind::Bare(_) | ValueKind::Str(_) | ValueKind::Template(_) => self.token(value.span),
            ValueKind::List(values) => self.list(values, value.span),
            ValueKind::Block(block) => self.block(block, false),
            ValueKind::Apply(atoms) => self.apply(atoms),
        }
    }

    fn apply(&mut self, atoms: &[Atom]) {
        for (i, atom) in atoms.iter().enumerate() {
            if i > 0 {
                self.push(" ");
            }
            self.value(&atom.value);
            if let Some(args) = &atom.args {
                let tail = if i + 1 < atoms.len() { 2 } else { self.reserve };
                self.args(args, tail);
            }
        }
    }

    // ---- items -------------------------------------------------------------------------------------------------------

    /// One item; the item of a row leaves stops at its columns.
    pub(super) fn item(&mut self, item: &Item, row: bool) -> Shape {
        self.head(item, row);
        match &item.rest {
            Rest::Nothing => {}
            Rest::Assign(op, _, value) => {
                self.push(" ");
                self.stop(row, op.symbol().len() - Op::Set.symbol().len());
                self.push(op.symbol());
                self.gap(value.span.start);
                self.value(value);
            }
            Rest::Block(block) => {
                self.push(" ");
                self.stop(row, 0);
                self.block(block, row);
            }
            Rest::Expr(expr) => {
                self.push(" ");
                self.stop(row, 0);
                let start = item.words.last().map_or(item.span.start, |word| word.span.end);
                self.expr(expr, start as usize, item.span.end as usize);
            }
        }
        shape(item)
    }

    fn stop(&mut self, row: bool, lead: usize) {
        if row {
            self.stops.head.push((self.out.len(), lead));
        }
    }

    fn head(&mut self, item: &Item, row: bool) {
        let parts = parts(item);
        let followed = !matches!(item.rest, Rest::Nothing);
        let mut end = item.span.start as usize;
        for (i, part) in parts.iter().enumerate() {
            match part {
                Part::Args(args) => {
                    let tail = if followed || i + 1 < parts.len() { 2 } else { self.reserve };
                    self.args(args, tail);
                    end = args.span.end as usize;
                }
                Part::Word { span, comma, stop } => {
                    if *comma {
                        self.push(",");
                        self.after_comma(end, span.start);
                    } else if i > 0 {
                        self.push(" ");
                    }
                    if *stop && i > 0 {
                        self.stop(row, 0);
                    }
                    self.token(*span);
                    end = span.end as usize;
                }
            }
        }
    }

    /// Mixins may go on in the next line.
    fn after_comma(&mut self, end: usize, start: u32) {
        if !self.has_comment_before(start as usize) && self.breaks(end..start as usize) {
            self.continuation();
        } else {
            self.gap(start);
        }
    }
}

/// The pieces of a head in source order.
fn parts(item: &Item) -> Vec<Part<'_>> {
    let mut parts = Vec::with_capacity(item.words.len() + 2 * item.modifiers.len());
    let keyed = is_keyed(item);
    for mark in &item.marks {
        parts.push(Part::Word { span: mark.span, comma: false, stop: false });
        parts.extend(mark.args.as_deref().map(Part::Args));
    }
    for (i, word) in item.words.iter().enumerate() {
        parts.push(Part::Word { span: word.span, comma: false, stop: keyed && i == 1 });
    }
    parts.extend(item.args.as_deref().map(Part::Args));
    for modifier in &item.modifiers {
        parts.push(Part::Word { span: modifier.span, comma: false, stop: true });
        for (i, used) in modifier.uses.iter().enumerate() {
            let comma = i > 0 && modifier.kind == ModifierKind::With;
            parts.push(Part::Word { span: used.word.span, comma, stop: false });
            parts.extend(used.args.as_deref().map(Part::Args));
        }
    }
    parts.sort_by_key(Part::start);
    // `with a` as an item of a body: the keyword is its word and its modifier.
    parts.dedup_by_key(|part| part.start());
    parts
}

/// `message "…"`: a keyword and a text, in one column with `when` and `require`.
fn is_keyed(item: &Item) -> bool {
    let plain = matches!(item.rest, Rest::Nothing) && item.modifiers.is_empty() && item.args.is_none();
    let texts = matches!(item.words.as_slice(), [_, text] if !matches!(text.form, WordForm::Bare | WordForm::Path(_)));
    plain && item.marks.is_empty() && texts
}

fn shape(item: &Item) -> Shape {
    let kind = match &item.rest {
        Rest::Assign(..) => '=',
        Rest::Block(_) => '{',
        Rest::Expr(_) => '"',
        Rest::Nothing if is_keyed(item) => '"',
        Rest::Nothing => ' ',
    };
    let marks: Vec<MarkKind> = item.marks.iter().map(|mark| mark.kind).collect();
    let modifiers: Vec<ModifierKind> = item.modifiers.iter().map(|modifier| modifier.kind).collect();
    Shape { kind, marks, modifiers }
}
