//! The linear splitter: cuts a text into items before pest sees one.
//!
//! One pass over the bytes knows strings, comments and brackets, nothing else. It finds the comments, caps the depth, blames
//! the opener of a bracket that is never closed, and gives each item's range, so that one broken item cannot hide the next
//! and pest's recursion is bounded.

use super::ast::Comment;
use super::errors;
use crate::diagnostics::Diagnostics;
use crate::source::{FileId, Span};

/// How deep brackets may nest.
pub const MAX_DEPTH: usize = 64;

/// The range of one item, and where its last `{` at depth 0 opens and closes, if it ends with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) body: Option<(usize, usize)>,
    /// The splitter has already said what is wrong with it.
    pub(super) reported: bool,
}

pub(super) struct Split {
    pub(super) slices: Vec<Slice>,
    pub(super) comments: Vec<Comment>,
}

/// Splits `text[start..end]` into items.
pub(super) fn split(file: FileId, text: &str, range: std::ops::Range<usize>, out: &mut Diagnostics) -> Split {
    let mut scanner = Scanner::new(file, text, range.clone());
    scanner.run();
    if scanner.trouble() && !scanner.blame_lines {
        // Something is not closed. Look again, and let a word in the first column end what stands open before it.
        let mut second = Scanner::new(file, text, range);
        second.blame_lines = true;
        second.run();
        scanner = second;
    }
    out.append(scanner.diagnostics);
    Split { slices: scanner.slices, comments: scanner.comments }
}

struct Scanner<'a> {
    file: FileId,
    text: &'a [u8],
    at: usize,
    end: usize,
    open: Vec<(u8, usize)>,
    slices: Vec<Slice>,
    comments: Vec<Comment>,
    diagnostics: Diagnostics,
    blame_lines: bool,
    item: Option<Slice>,
    in_with: bool,
    last: u8,
}

impl<'a> Scanner<'a> {
    fn new(file: FileId, text: &'a str, range: std::ops::Range<usize>) -> Self {
        Scanner {
            file,
            text: text.as_bytes(),
            at: range.start,
            end: range.end,
            open: Vec::new(),
            slices: Vec::new(),
            comments: Vec::new(),
            diagnostics: Diagnostics::new(),
            blame_lines: false,
            item: None,
            in_with: false,
            last: 0,
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: start as u32, end: end as u32 }
    }

    fn trouble(&self) -> bool {
        !self.diagnostics.is_empty()
    }

    fn run(&mut self) {
        while self.at < self.end {
            let byte = self.text[self.at];
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\n' => self.newline(),
                b'#' => self.comment(),
                b'"' | b'\'' => self.string(byte),
                b'{' | b'[' | b'(' => self.opener(byte),
                b'}' | b']' | b')' => self.closer(byte),
                b',' if self.open.is_empty() && !self.in_with => {
                    self.finish();
                    self.at += 1;
                }
                _ => self.plain(byte),
            }
        }
        let unclosed = std::mem::take(&mut self.open);
        if let Some(&(bracket, at)) = unclosed.first() {
            self.report_unclosed(bracket, at, self.end);
        }
        self.finish();
    }

    fn report_unclosed(&mut self, bracket: u8, at: usize, before: usize) {
        let diagnostic = errors::unclosed(self.span(at, at + 1), bracket as char, self.span(before, before));
        self.diagnostics.push(diagnostic);
        if let Some(item) = &mut self.item {
            item.reported = true;
        }
    }

    fn begin(&mut self) {
        if self.item.is_none() {
            self.item = Some(Slice { start: self.at, end: self.at, body: None, reported: false });
        }
    }

    fn finish(&mut self) {
        if let Some(item) = self.item.take() {
            self.slices.push(item);
        }
        self.in_with = false;
        self.last = 0;
    }

    fn newline(&mut self) {
        self.at += 1;
        if self.open.is_empty() {
            if !matches!(self.last, b'=' | b',') {
                self.finish();
            }
        } else if self.blame_lines && self.at < self.end && self.text[self.at].is_ascii_alphabetic() {
            let (bracket, at) = self.open[0];
            self.open.clear();
            self.report_unclosed(bracket, at, self.at);
            self.finish();
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        let line = self.text[..start].iter().rposition(|&b| b == b'\n').map_or(0, |p| p + 1);
        let own_line = self.text[line..start].iter().all(|b| matches!(b, b' ' | b'\t'));
        while self.at < self.end && self.text[self.at] != b'\n' {
            self.at += 1;
        }
        let mut end = self.at;
        if end > start && self.text[end - 1] == b'\r' {
            end -= 1;
        }
        let doc = self.text[start..end].starts_with(b"##");
        self.comments.push(Comment { span: self.span(start, end), doc, own_line });
    }

    fn string(&mut self, quote: u8) {
        self.begin();
        let start = self.at;
        let triple = self.text[self.at..self.end].starts_with(&[quote; 3]);
        self.at += if triple { 3 } else { 1 };
        loop {
            if self.at >= self.end || (!triple && self.text[self.at] == b'\n') {
                let found = self.span(start, start + if triple { 3 } else { 1 });
                self.diagnostics.push(errors::unclosed_string(found, self.span(self.at, self.at)));
                if let Some(item) = &mut self.item {
                    item.reported = true;
                }
                break;
            }
            match self.text[self.at] {
                b'\\' if quote == b'"' && self.at + 1 < self.end && self.text[self.at + 1] != b'\n' => {
                    self.at += 2
                }
                byte if byte == quote => {
                    if !triple {
                        self.at += 1;
                        break;
                    }
                    if self.text[self.at..self.end].starts_with(&[quote; 3]) {
                        self.at += 3;
                        break;
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.end);
        self.touch(quote);
    }

    fn touch(&mut self, last: u8) {
        self.last = last;
        if let Some(item) = &mut self.item {
            item.end = self.at;
            if last != b'}' {
                item.body = None;
            }
        }
    }

    fn opener(&mut self, byte: u8) {
        self.begin();
        if self.open.len() == MAX_DEPTH {
            let diagnostic = errors::too_deep(self.span(self.at, self.at + 1), MAX_DEPTH);
            if !self.item.is_some_and(|item| item.reported) {
                self.diagnostics.push(diagnostic);
            }
            if let Some(item) = &mut self.item {
                item.reported = true;
            }
        }
        self.open.push((byte, self.at));
        self.at += 1;
        let body = self.item.and_then(|item| item.body);
        self.touch(byte);
        if self.open.len() > 1 {
            if let Some(item) = &mut self.item {
                item.body = body;
            }
        }
        if self.open.len() == 1 && byte == b'{' {
            self.in_with = false;
        }
    }

    fn closer(&mut self, byte: u8) {
        let opener = match byte {
            b'}' => b'{',
            b']' => b'[',
            _ => b'(',
        };
        let Some(position) = self.open.iter().rposition(|&(b, _)| b == opener) else {
            self.begin();
            self.diagnostics.push(errors::unopened(self.span(self.at, self.at + 1), byte as char));
            if let Some(item) = &mut self.item {
                item.reported = true;
            }
            self.at += 1;
            self.touch(byte);
            return;
        };
        if position + 1 < self.open.len() {
            let (inner, at) = self.open[position + 1];
            self.report_unclosed(inner, at, self.at);
        }
        let (_, opened) = self.open[position];
        self.open.truncate(position);
        self.at += 1;
        self.touch(byte);
        if self.open.is_empty() && byte == b'}' {
            let end = self.at - 1;
            if let Some(item) = &mut self.item {
                item.body = Some((opened, end));
            }
        }
    }

    fn plain(&mut self, byte: u8) {
        self.begin();
        let start = self.at;
        while self.at < self.end
            && !matches!(
                self.text[self.at],
                b' ' | b'\t'
                    | b'\r'
                    | b'\n'
                    | b'#'
                    | b'"'
                    | b'\''
                    | b'{'
                    | b'['
                    | b'('
                    | b'}'
                    | b']'
                    | b')'
                    | b','
            )
        {
            self.at += 1;
        }
        if self.at == start {
            self.at += 1;
        }
        if self.open.is_empty() {
            let word = &self.text[start..self.at];
            if word == b"with" {
                self.in_with = true;
            } else if word.ends_with(b"=") {
                self.in_with = false;
            }
        }
        let last = self.text[self.at - 1];
        self.touch(if byte == b',' { b',' } else { last });
    }
}
