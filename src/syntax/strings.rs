//! The text of strings: quotes, escapes, `${…}`, and the indentation of the three-quote forms.

use std::ops::Range;

use super::ast::StrPart;
use super::{errors, lex};
use crate::diagnostics::Diagnostic;
use crate::source::Span;
use crate::text::Text;

/// What a string token holds.
pub(super) enum Str {
    Plain(Text),
    Template(Box<[StrPart]>),
}

/// Reads a string token, quotes included; `plain` if nothing in it has another meaning.
pub(super) fn read(token: &str, plain: bool, span: Span, out: &mut Vec<Diagnostic>) -> Str {
    let width = lex::quotes(token.as_bytes());
    let inner = &token[width..token.len() - width];
    let offset = span.start as usize + width;
    if plain && width == 1 {
        return Str::Plain(Text::new(inner));
    }
    let lines = if width == 3 { dedent(inner, offset) } else { vec![(inner, offset)] };
    let mut parts = Parts { text: String::with_capacity(inner.len()), ..Parts::default() };
    for (i, (line, at)) in lines.iter().enumerate() {
        if i > 0 {
            parts.text.push('\n');
        }
        if plain {
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
    fn line(&mut self, line: &str, at: usize, span: Span, out: &mut Vec<Diagnostic>) {
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
                    // What the text would be is not known.
                    self.list.push(StrPart::Name(Text::default(), here(2)));
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

/// The names in `${name}` of a token, and where each `${` stands in it.
pub(crate) fn names(token: &str) -> Vec<(usize, Text)> {
    let found = token.match_indices("${").filter_map(|(at, _)| {
        let name = token[at + 2..].split_once('}')?.0;
        let valid = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        (valid && !name.is_empty()).then(|| (at, Text::new(name)))
    });
    found.collect()
}

/// A token between `'` as one between `"` that says the same, but for the `${` at some places: those are put in.
pub(crate) fn put_in(token: &str, places: &[usize]) -> String {
    let width = lex::quotes(token.as_bytes());
    let quotes = "\"".repeat(width);
    let inner = token.get(width..token.len() - width).unwrap_or_default();
    let mut out = quotes.clone();
    for (at, c) in inner.char_indices() {
        let name = inner[at..].starts_with("${") && !places.contains(&(at + width));
        if matches!(c, '\\' | '"') || name {
            out.push('\\');
        }
        out.push(c);
    }
    out + &quotes
}

/// The place in a string token of a piece of the text that it holds, `whole` bytes long. None if `${…}` made the piece, or the
/// token holds another text.
pub fn place(token: &str, whole: usize, piece: Range<usize>) -> Option<Range<usize>> {
    let verbatim = match token.as_bytes().first()? {
        b'\'' => true,
        b'"' => false,
        _ => return None,
    };
    let width = lex::quotes(token.as_bytes());
    let inner = token.get(width..token.len().checked_sub(width)?)?;
    let lines = if width == 3 { dedent(inner, width) } else { vec![(inner, width)] };
    let mut runs = vec![Vec::new()];
    for (i, (line, at)) in lines.iter().enumerate() {
        if i > 0 {
            runs.last_mut()?.push((1, at - 1..*at));
        }
        characters(line, *at, verbatim, &mut runs);
    }
    let length = |run: &[(usize, Range<usize>)]| run.iter().map(|(bytes, _)| bytes).sum::<usize>();
    let (first, last) = (runs.first()?, runs.last()?);
    if runs.len() == 1 && length(first) != whole {
        return None;
    }
    let tail = whole.checked_sub(length(last))?;
    if piece.end <= length(first) {
        within(first, piece)
    } else if piece.start >= tail {
        within(last, piece.start - tail..piece.end - tail)
    } else {
        None
    }
}

/// The characters of a line: how many bytes of text each is, and where it is written. A `${…}` begins another run.
fn characters(line: &str, at: usize, verbatim: bool, runs: &mut Vec<Vec<(usize, Range<usize>)>>) {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let start = at + line.len() - rest.len();
        let (bytes, width) = match rest.as_bytes() {
            [b'\\', ..] if !verbatim => {
                let escaped = rest[1..].chars().next().map_or(0, char::len_utf8);
                (escaped.min(1), 1 + escaped)
            }
            [b'$', b'{', ..] if !verbatim => {
                runs.push(Vec::new());
                rest = rest.find('}').map_or("", |end| &rest[end + 1..]);
                continue;
            }
            _ => (c.len_utf8(), c.len_utf8()),
        };
        if let Some(run) = runs.last_mut() {
            run.push((bytes, start..start + width));
        }
        rest = &rest[width..];
    }
}

fn within(run: &[(usize, Range<usize>)], piece: Range<usize>) -> Option<Range<usize>> {
    let (mut text, mut start, mut end) = (0, None, None);
    for (bytes, at) in run {
        if text == piece.start {
            start = Some(at.start);
        }
        text += bytes;
        if text == piece.end {
            end = Some(at.end);
        }
    }
    if piece.is_empty() {
        // Between two characters: where the next one begins, or the last one ends.
        let at = start.or(end).or(run.last().map(|(_, at)| at.end))?;
        return Some(at..at);
    }
    Some(start?..end?)
}

#[cfg(test)]
mod tests {
    use super::place;

    /// What is written at the place of a piece of the text that a token holds.
    fn written<'t>(token: &'t str, text: &str, piece: &str) -> Option<&'t str> {
        let start = text.find(piece)?;
        place(token, text.len(), start..start + piece.len()).map(|at| &token[at])
    }

    #[test]
    fn pieces_of_strings_are_found() {
        assert_eq!(written("'a b c'", "a b c", "b"), Some("b"));
        assert_eq!(written(r#""a \"b\" c""#, "a \"b\" c", "c"), Some("c"));
        assert_eq!(written(r#""a \"b\" c""#, "a \"b\" c", "\"b\""), Some(r#"\"b\""#));
        assert_eq!(written("\"ä\\tb\"", "ä\tb", "b"), Some("b"));
        assert_eq!(written("'''\n    one\n      two\n  '''", "  one\n    two\n", "two"), Some("two"));
        assert_eq!(written("\"\"\"\r\n  one\r\n  two\r\n  \"\"\"", "one\ntwo\n", "two"), Some("two"));
    }

    #[test]
    fn what_a_parameter_made_has_no_place() {
        let (token, text) = ("\"a ${x} b ${y} c\"", "a 1 b 22 c");
        assert_eq!(written(token, text, "a"), Some("a"));
        assert_eq!(written(token, text, "c"), Some("c"));
        assert_eq!(written(token, text, "22"), None);
        assert_eq!(written(token, text, "b"), None);
        assert_eq!(place("'abc'", 5, 0..1), None);
        assert_eq!(place("abc", 3, 0..1), None);
        assert_eq!(place("'abc'", 3, 3..3), Some(4..4));
    }
}
