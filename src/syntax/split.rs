//! The linear splitter: cuts a text into items before pest sees one.
//!
//! One pass over the bytes knows strings, comments and brackets, nothing else. It finds the comments, caps the depth, blames
//! the opener of a bracket that is never closed, and gives each item's range, so that one broken item cannot hide the next
//! and the recursion of all that comes after is bounded.

use super::ast::Comment;
use super::{errors, lex};
use crate::diagnostics::Diagnostics;
use crate::diagnostics::limits::WORDS;
use crate::source::{FileId, Span};

/// How deep items and values may nest: each bracket, each quantifier and each further segment of a path is a level.
pub const MAX_DEPTH: usize = 64;

/// The longest head and the longest line that are looked at for what they may have been meant as.
const HEAD: usize = 256;

/// How far the end of a heredoc is looked for.
const FAR: usize = 16 * 1024;

/// The range of one item, and where its last `{` at depth 0 opens and closes, if it ends with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) body: Option<(usize, usize)>,
    /// The splitter has already said what is wrong with it.
    pub(super) reported: bool,
    /// It nests deeper than anything may descend.
    pub(super) deep: bool,
}

pub(super) struct Split {
    pub(super) slices: Vec<Slice>,
    pub(super) comments: Vec<Comment>,
}

/// Splits `text[start..end]` into items.
pub(super) fn split(file: FileId, text: &str, range: std::ops::Range<usize>, out: &mut Diagnostics) -> Split {
    let mut scanner = Scanner::new(file, text, range.clone());
    scanner.run();
    if scanner.unbalanced && !scanner.blame_lines {
        // Something is not closed. Look again, and let a word in the first column end what stands open before it.
        let mut second = Scanner::new(file, text, range);
        second.blame_lines = true;
        second.run();
        scanner = second;
    }
    if scanner.words > WORDS.most {
        // A tree takes a hundred bytes for each word.
        let at = scanner.span(scanner.at, scanner.at);
        out.push(WORDS.exceeded(at, WORDS.most));
        return Split { slices: Vec::new(), comments: scanner.comments };
    }
    out.append(scanner.diagnostics);
    Split { slices: scanner.slices, comments: scanner.comments }
}

/// A bracket that is open, and what nests around it without a bracket.
#[derive(Clone, Copy)]
struct Open {
    bracket: u8,
    at: usize,
    quantifiers: usize,
    /// The dots of the paths around it: `a.b { c.d {` is four deep.
    paths: usize,
}

struct Scanner<'a> {
    file: FileId,
    text: &'a [u8],
    at: usize,
    end: usize,
    open: Vec<Open>,
    slices: Vec<Slice>,
    comments: Vec<Comment>,
    diagnostics: Diagnostics,
    /// A bracket or string has no end, or no beginning.
    unbalanced: bool,
    blame_lines: bool,
    item: Option<Slice>,
    in_with: bool,
    /// The last `,` between mixins: where the item ends if a field follows, and where that field starts.
    mixin: Option<(usize, Option<usize>)>,
    /// The item is a `when` or `require`: its expression goes on after an operator.
    in_clause: bool,
    /// `all x in xs: any y in ys: …` nests without a bracket.
    quantifiers: usize,
    /// The dots of the word before, which may go on behind a quoted segment.
    dots: usize,
    /// The most dots that a word of this item has, so far as no bracket stands between: `a.b = {` opens two levels.
    path: usize,
    /// The last thing was a bracket that closes nothing: those that follow it are the same mistake.
    stray: bool,
    /// A string of this item is never closed.
    in_string: bool,
    last: u8,
    /// The last word was an operator of an expression.
    operator: bool,
    /// How many words, texts and brackets there were.
    words: usize,
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
            unbalanced: false,
            blame_lines: false,
            item: None,
            in_with: false,
            mixin: None,
            in_clause: false,
            quantifiers: 0,
            dots: 0,
            path: 0,
            stray: false,
            in_string: false,
            last: 0,
            operator: false,
            words: 0,
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: start as u32, end: end as u32 }
    }

    fn run(&mut self) {
        while self.at < self.end && self.words <= WORDS.most {
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
                b'/' if self.text[self.at..self.end].starts_with(b"//") => self.slashes(),
                _ => self.plain(byte),
            }
        }
        let unclosed = std::mem::take(&mut self.open);
        if let Some(open) = unclosed.first() {
            self.report_unclosed(open.bracket, open.at, self.end);
        }
        self.finish();
    }

    fn report_unclosed(&mut self, bracket: u8, at: usize, before: usize) {
        // A string that is never closed took the brackets behind it.
        if self.in_string {
            return;
        }
        let diagnostic = errors::unclosed(self.span(at, at + 1), bracket as char, self.span(before, before));
        self.diagnostics.push(diagnostic);
        self.unbalanced = true;
        self.mark_reported();
    }

    fn mark_reported(&mut self) {
        if let Some(item) = &mut self.item {
            item.reported = true;
        }
    }

    /// Says once for each item that it nests too deep.
    fn too_deep(&mut self, start: usize, end: usize) {
        let at = self.span(start, end);
        if let Some(item) = self.item.as_mut().filter(|item| !item.deep) {
            item.deep = true;
            if !std::mem::replace(&mut item.reported, true) {
                self.diagnostics.push(errors::too_deep(at, MAX_DEPTH));
            }
        }
    }

    fn begin(&mut self) {
        if self.item.is_none() {
            self.item =
                Some(Slice { start: self.at, end: self.at, body: None, reported: false, deep: false });
        }
    }

    fn finish(&mut self) {
        if let Some(item) = self.item.take() {
            self.slices.push(item);
        }
        self.in_with = false;
        self.mixin = None;
        self.in_clause = false;
        self.quantifiers = 0;
        self.dots = 0;
        self.path = 0;
        self.in_string = false;
        self.operator = false;
        self.last = 0;
    }

    fn newline(&mut self) {
        self.at += 1;
        if !self.operator {
            self.element();
        }
        if self.open.is_empty() {
            let goes_on = matches!(self.last, b'=' | b',') || self.in_clause && self.operator;
            if !goes_on {
                self.finish();
            }
        } else if self.blame_lines && self.at < self.end && self.text[self.at].is_ascii_alphabetic() {
            let Open { bracket, at, .. } = self.open[0];
            self.open.clear();
            self.report_unclosed(bracket, at, self.at);
            self.finish();
        }
    }

    /// What nests without a bracket ends with its element.
    fn element(&mut self) {
        self.quantifiers = self.open.last().map_or(0, |open| open.quantifiers);
        self.path = 0;
    }

    fn depth(&self) -> usize {
        self.open.len() + self.quantifiers + self.path + self.open.last().map_or(0, |open| open.paths)
    }

    fn comment(&mut self) {
        let start = self.at;
        let line = self.text[..start].iter().rposition(|&b| b == b'\n').map_or(0, |p| p + 1);
        let own_line = self.text[line..start].iter().all(|b| matches!(b, b' ' | b'\t'));
        self.at = lex::comment(&self.text[..self.end], start);
        let doc = self.text[start..self.at].starts_with(b"##");
        self.comments.push(Comment { span: self.span(start, self.at), doc, own_line });
    }

    fn string(&mut self, quote: u8) {
        self.begin();
        let start = self.at;
        let token = lex::string(&self.text[..self.end], start);
        self.at = token.end;
        if !token.closed {
            let width = lex::quotes(&self.text[start..self.end]);
            let finding =
                errors::unclosed_string(self.span(start, start + width), self.span(self.at, self.at));
            self.diagnostics.push(finding);
            self.unbalanced = true;
            self.mark_reported();
            self.in_string = true;
        }
        self.touch(quote);
    }

    /// A piece behind `with`: a `,` goes on with mixins, unless the name behind it is that of a field.
    fn mixin(&mut self, start: usize, byte: u8) {
        match (&mut self.mixin, byte) {
            (_, b',') => self.mixin = self.item.map(|item| (item.end, None)),
            (Some((_, next @ None)), _) => *next = Some(start),
            _ => {}
        }
        if !self.text[start..self.at].contains(&b'=') {
            return;
        }
        if let (Some((end, Some(next))), Some(item)) = (self.mixin, self.item) {
            self.slices.push(Slice { end, body: None, ..item });
            self.item = Some(Slice { start: next, body: None, ..item });
        }
        self.in_with = false;
        self.mixin = None;
    }

    /// `// …`: taken for a comment, and said so.
    fn slashes(&mut self) {
        let start = self.at;
        while !lex::ends_line(&self.text[..self.end], self.at) {
            self.at += 1;
        }
        self.diagnostics.push(errors::slashes(self.span(start, start + 2)));
        self.mark_reported();
    }

    fn touch(&mut self, last: u8) {
        self.words += 1;
        self.last = last;
        self.operator = false;
        self.stray = false;
        if let Some(item) = &mut self.item {
            item.end = self.at;
            if last != b'}' {
                item.body = None;
            }
        }
    }

    fn opener(&mut self, byte: u8) {
        if byte == b'{' && self.item.is_none() {
            self.brace_alone();
        }
        self.begin();
        if self.depth() >= MAX_DEPTH {
            self.too_deep(self.at, self.at + 1);
        }
        let paths = self.open.last().map_or(0, |open| open.paths) + self.path;
        self.open.push(Open { bracket: byte, at: self.at, quantifiers: self.quantifiers, paths });
        self.path = 0;
        self.at += 1;
        let body = self.item.and_then(|item| item.body);
        self.touch(byte);
        if self.open.len() > 1
            && let Some(item) = &mut self.item
        {
            item.body = body;
        }
        if self.open.len() == 1 && byte == b'{' {
            self.in_with = false;
        }
    }

    /// A `{` with which nothing begins: the body of the head in the line before, if that has none.
    fn brace_alone(&mut self) {
        let Some(head) = self.slices.last().filter(|head| head.body.is_none() && !head.reported) else {
            return;
        };
        let text = &self.text[head.start..head.end];
        let between = &self.text[head.end..self.at];
        let line = between.split(|&byte| byte == b'\n').next_back().unwrap_or_default();
        let alone = line.len() < between.len() && line.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        let comment = between.contains(&b'#');
        let apart = !comment && between.iter().any(|byte| !byte.is_ascii_whitespace());
        // A value, or a clause, has no body.
        let is_head = text.len() <= HEAD && !text.iter().any(|byte| b"=:{[\n".contains(byte));
        let clause = text.starts_with(b"when ") || text.starts_with(b"require ");
        if !alone || apart || !is_head || clause {
            return;
        }
        let shown = String::from_utf8_lossy(text).into_owned();
        let (at, before) = (self.span(self.at, self.at + 1), self.span(head.end, self.at));
        self.diagnostics.push(errors::brace_alone(at, before, &shown, comment));
        self.item = self.slices.pop();
        self.mark_reported();
    }

    /// `<<EOF` where a value begins: a text up to a line with its word alone. Nothing is consumed if there is none.
    fn heredoc(&mut self) -> bool {
        let start = self.at;
        let rest = &self.text[start..self.end];
        let line = &rest[..rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()).min(HEAD)];
        let shown = String::from_utf8_lossy(line);
        let written = shown.trim_end();
        let word = written.trim_start_matches(['<', '-', '~']).trim_matches(['"', '\'', ' ']);
        if word.is_empty() || !word.bytes().all(lex::is_ident) {
            return false;
        }
        let mut at = start + line.len();
        let far = self.end.min(at + FAR);
        while at < far {
            let next = at + 1;
            let length = self.text[next..self.end].iter().position(|&byte| byte == b'\n');
            at = length.map_or(self.end, |length| next + length);
            let line = &self.text[next.min(at)..at];
            if line.trim_ascii() == word.as_bytes() {
                let last = at - line.trim_ascii_start().len();
                let place = self.span(start, start + written.len());
                self.diagnostics.push(errors::heredoc(place, word, Some(self.span(last, last + word.len()))));
                self.at = last + word.len();
                self.mark_reported();
                self.touch(b'"');
                return true;
            }
        }
        false
    }

    fn closer(&mut self, byte: u8) {
        let position = self.open.iter().rposition(|open| Some(open.bracket) == lex::opener(byte));
        let Some(position) = position else { return self.unopened(byte) };
        if let Some(&inner) = self.open.get(position + 1) {
            self.report_unclosed(inner.bracket, inner.at, self.at);
        }
        let Open { at: opened, quantifiers, .. } = self.open[position];
        self.quantifiers = quantifiers;
        self.path = 0;
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

    /// A bracket that closes nothing; a row of them is one mistake, and no item of its own each.
    fn unopened(&mut self, byte: u8) {
        if self.stray {
            self.at += 1;
            if let Some(item) = &mut self.item {
                item.end = self.at;
            }
            return;
        }
        self.begin();
        self.diagnostics.push(errors::unopened(self.span(self.at, self.at + 1), byte as char));
        self.unbalanced = true;
        self.mark_reported();
        self.at += 1;
        self.touch(byte);
        self.stray = true;
    }

    fn plain(&mut self, byte: u8) {
        if byte == b'<'
            && self.last == b'='
            && self.text[self.at..self.end].starts_with(b"<<")
            && self.heredoc()
        {
            return;
        }
        let fresh = self.item.is_none();
        let joined = self.item.is_some_and(|item| item.end == self.at);
        self.begin();
        let start = self.at;
        let rest = &self.text[start..self.end];
        let mut length = rest.iter().position(|&byte| lex::ends_piece(byte)).unwrap_or(rest.len());
        // `x =//…` is an operator and the same mistake as with a blank between them.
        if let Some(operator) = rest[..length].windows(3).position(|bytes| bytes == b"=//") {
            length = operator + 1;
        }
        let dots = rest[..length].iter().filter(|&&byte| byte == b'.').count();
        let dots = dots + if joined { self.dots } else { 0 };
        self.at = start + length.max(1);
        let word = &self.text[start..self.at];
        if self.open.is_empty() {
            // What is inherited may follow a `:` in other languages: it is one mistake up to the body.
            if word == b"with" || !fresh && word.ends_with(b":") && !self.in_clause {
                self.in_with = true;
            } else if self.in_with {
                self.mixin(start, byte);
            }
            self.in_clause |= fresh && matches!(word, b"when" | b"require");
        }
        let last = self.text[self.at - 1];
        self.touch(if byte == b',' { b',' } else { last });
        self.operator = matches!(word, b"and" | b"or" | b"implies" | b"in" | b"within")
            || matches!(last, b'=' | b'<' | b'>' | b':');
        self.dots = dots;
        self.path = self.path.max(dots);
        if byte == b',' {
            self.element();
        } else {
            let quantifies =
                matches!(word, b"all" | b"any") && !lex::ends_line(&self.text[..self.end], self.at);
            self.quantifiers += usize::from(quantifies);
            if self.depth() > MAX_DEPTH {
                self.too_deep(start, self.at);
            }
        }
    }
}
