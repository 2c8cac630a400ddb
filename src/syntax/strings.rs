//! The text of strings: quotes, escapes, `${…}`, and the indentation of the three-quote forms.

use super::ast::StrPart;
use super::errors;
use crate::diagnostics::Diagnostics;
use crate::source::Span;
use crate::text::Text;

/// What a string token holds.
pub(super) enum Str {
    Plain(Text),
    Template(Box<[StrPart]>),
}

/// Reads a string token, quotes included.
pub(super) fn read(token: &str, span: Span, out: &mut Diagnostics) -> Str {
    let quote = &token[..1];
    let triple = token.len() >= 6 && token.starts_with(&quote.repeat(3));
    let width = if triple { 3 } else { 1 };
    let inner = &token[width..token.len() - width];
    let offset = span.start as usize + width;
    let simple = !triple && (quote == "'" || !inner.contains(['\\', '$']));
    if simple {
        return Str::Plain(Text::new(inner));
    }
    let lines = if triple { dedent(inner, offset) } else { vec![(inner, offset)] };
    let mut parts = Parts::default();
    for (i, (line, at)) in lines.iter().enumerate() {
        if i > 0 {
            parts.text.push('\n');
        }
        if quote == "'" {
            parts.text.push_str(line);
        } else {
            parts.line(line, *at, span, out);
        }
    }
    parts.finish()
}

/// Removes the line break after the opening quotes and the indentation of the closing ones, and makes every line end `\n`.
fn dedent(inner: &str, offset: usize) -> Vec<(&str, usize)> {
    let mut lines: Vec<(&str, usize)> = Vec::new();
    let mut at = 0;
    for line in inner.split('\n') {
        lines.push((line.strip_suffix('\r').unwrap_or(line), offset + at));
        at += line.len() + 1;
    }
    if lines.len() > 1 && lines[0].0.trim().is_empty() {
        lines.remove(0);
    }
    let last = lines.last().map_or("", |line| line.0);
    if inner.contains('\n') && last.chars().all(|c| c == ' ' || c == '\t') {
        let indent = last;
        for line in &mut lines {
            let common = line.0.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
            *line = (&line.0[common..], line.1 + common);
        }
    }
    lines
}

#[derive(Default)]
struct Parts {
    text: String,
    list: Vec<StrPart>,
}

impl Parts {
    fn line(&mut self, line: &str, at: usize, span: Span, out: &mut Diagnostics) {
        let mut rest = line;
        while let Some(position) = rest.find(['\\', '$']) {
            self.text.push_str(&rest[..position]);
            let start = at + (line.len() - rest.len()) + position;
            let here = |len: usize| Span { file: span.file, start: start as u32, end: (start + len) as u32 };
            rest = &rest[position..];
            if let Some(after) = rest.strip_prefix('\\') {
                let Some(c) = after.chars().next() else {
                    self.text.push('\\');
                    rest = after;
                    continue;
                };
                match c {
                    'n' => self.text.push('\n'),
                    't' => self.text.push('\t'),
                    '"' | '\\' | '$' => self.text.push(c),
                    _ => out.push(errors::unknown_escape(here(1 + c.len_utf8()), &rest[..1 + c.len_utf8()])),
                }
                rest = &after[c.len_utf8()..];
            } else if let Some(after) = rest.strip_prefix("${") {
                let name = after.split('}').next().unwrap_or("");
                let closed = after.len() > name.len();
                let valid = !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
                if closed && valid {
                    if !self.text.is_empty() {
                        self.list.push(StrPart::Text(Text::new(&self.text)));
                        self.text.clear();
                    }
                    let mut at = here(2 + name.len());
                    at.start += 2;
                    self.list.push(StrPart::Name(Text::new(name), at));
                } else {
                    out.push(errors::bad_interpolation(here(2)));
                }
                rest = if closed { &after[name.len() + 1..] } else { after };
            } else {
                self.text.push('$');
                rest = &rest[1..];
            }
        }
        self.text.push_str(rest);
    }

    fn finish(mut self) -> Str {
        if self.list.is_empty() {
            return Str::Plain(Text::new(&self.text));
        }
        if !self.text.is_empty() {
            self.list.push(StrPart::Text(Text::new(&self.text)));
        }
        Str::Template(self.list.into_boxed_slice())
    }
}
