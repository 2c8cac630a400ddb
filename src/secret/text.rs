//! Secrets in a text that nobody has read: sources with mistakes, generated files, files inside of values.
//!
//! It is enough of a reader to know, in the language and in YAML, JSON and files with `name = value`, which name stands before a value
//! and what that stands in. It is never wrong by much: what it takes for a secret is masked, and a rule that needs to know asks
//! for values by their names alone.

use std::ops::Range;

use super::{names, shapes, stands_in};

/// What is done with lines that are comments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    /// A secret in one is a secret.
    Read,
    /// They hold nothing.
    Skip,
}

/// Every secret in a text, by shape, by name and by place. The same part may be told twice.
pub fn scan(text: &str, found: &mut dyn FnMut(Range<usize>)) {
    scan_with(text, found, &mut |_| {});
}

/// The same, with the names that stand where a secret would: what is called so is one.
pub(super) fn scan_with(text: &str, found: &mut dyn FnMut(Range<usize>), referred: &mut dyn FnMut(&str)) {
    shapes::all(text, &mut |range, _| found(range));
    let mut scanner = Scanner::new(text);
    scanner.places = true;
    scanner.objects = text.contains("Secret") && text.contains("kind");
    scanner.whole = names::any_whole_place(text);
    scanner.run(&mut |value, told| match told {
        Told::Secret => found(value),
        Told::Name => referred(&text[value]),
    });
}

/// Every value that is given one of some names.
pub(super) fn called(text: &str, names: &dyn Fn(&str) -> bool, found: &mut dyn FnMut(Range<usize>)) {
    let mut scanner = Scanner::new(text);
    scanner.called = Some(names);
    scanner.run(&mut |value, _| found(value));
}

/// Every secret of a text by the name before it.
pub(super) fn values(text: &str, comments: Comments, found: &mut dyn FnMut(Range<usize>, &'static str)) {
    let mut scanner = Scanner::new(text);
    scanner.comments = comments;
    scanner.run(&mut |value, told| {
        if told == Told::Secret {
            found(value, names::BY_NAME);
        }
    });
}

/// What is open around a place: its beginning, up to the bracket or the colon, and how it ends.
struct Open {
    head: Range<usize>,
    /// The column of a block of YAML; nothing for brackets.
    column: Option<usize>,
}

/// No configuration is nested more deeply; what is, has a name all the same.
const DEPTH: usize = 64;
/// How many of the names around a value are asked for its place.
const AROUND: usize = 16;
/// No secret that stands on one line is longer.
const LONGEST: usize = 4 * 1024;

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// A secret.
    Secret,
    /// The name of one: a parameter, or a `let`.
    Name,
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// What is at known places counts.
    places: bool,
    comments: Comments,
    open: Vec<Open>,
    /// The kind of the document of YAML.
    kind: Range<usize>,
    /// Where the name begins that may stand before a value.
    word: usize,
    /// What stands before the last name in its path: `machine.` of `machine.token`.
    path: Range<usize>,
    /// The value of the last `name`: for pairs of `name` and `value`.
    pair: Range<usize>,
    /// It has a Secret of Kubernetes somewhere: its data counts.
    objects: bool,
    /// It has a place somewhere all of which is secret.
    whole: bool,
    /// Only what has one of these names is looked for.
    called: Option<&'t dyn Fn(&str) -> bool>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let (open, comments) = (Vec::new(), Comments::Read);
        let (objects, whole) = (false, false);
        let (kind, path, pair) = (0..0, 0..0, 0..0);
        Scanner {
            text,
            bytes,
            places: false,
            comments,
            open,
            kind,
            word: 0,
            path,
            pair,
            objects,
            whole,
            called: None,
        }
    }

    fn run(&mut self, found: &mut dyn FnMut(Range<usize>, Told)) {
        let mut at = self.line(0);
        while at < self.bytes.len() {
            at = match self.bytes[at] {
                b'\n' => self.line(at + 1),
                b'{' | b'[' => {
                    if self.open.len() < DEPTH {
                        self.open.push(Open { head: self.word..at, column: None });
                    }
                    self.word = at + 1;
                    at + 1
                }
                b'}' | b']' => {
                    while self.open.pop().is_some_and(|open| open.column.is_some()) {}
                    self.word = at + 1;
                    at + 1
                }
                b'#' if self.comments == Comments::Skip
                    && at > 0
                    && self.bytes[at - 1].is_ascii_whitespace() =>
                {
                    at + self.bytes[at..].iter().take_while(|byte| **byte != b'\n').count()
                }
                b',' | b';' | b'&' => {
                    self.word = at + 1;
                    at + 1
                }
                b'=' => self.value(at, found),
                b':' if matches!(
                    self.bytes.get(at + 1),
                    None | Some(b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\\')
                ) =>
                {
                    self.value(at, found)
                }
                // In JSON nothing need stand behind the colon.
                b':' if at > 0 && self.bytes[at - 1] == b'"' => self.value(at, found),
                _ => at + 1,
            };
        }
    }

    /// A new line: where its first word begins.
    fn line(&mut self, start: usize) -> usize {
        let column = |at: usize| at - start;
        let mut at = start;
        while matches!(self.bytes.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        let rest = &self.bytes[at..];
        self.word = at;
        if rest.starts_with(b"---") {
            (self.kind, self.pair) = (0..0, 0..0);
        }
        if self.comments == Comments::Skip && rest.first().is_some_and(|byte| matches!(byte, b'#' | b';')) {
            return at + rest.iter().take_while(|byte| **byte != b'\n').count();
        }
        if !matches!(rest.first(), None | Some(b'\n' | b'\r')) {
            while self.open.last().is_some_and(|open| open.column.is_some_and(|open| open >= column(at))) {
                self.open.pop();
            }
        }
        while self.bytes[at..].starts_with(b"- ") {
            at += 2;
            self.word = at;
        }
        at
    }

    /// What stands behind `=` or `:`.
    fn value(&mut self, at: usize, found: &mut dyn FnMut(Range<usize>, Told)) -> usize {
        let name = self.name(at);
        let mut start = at + 1;
        while matches!(self.bytes.get(start), Some(b' ' | b'\t' | b'\\')) {
            start += 1;
        }
        let Some(first) = self.bytes.get(start).copied() else { return start };
        self.word = start;
        if matches!(first, b'\n' | b'\r') {
            if self.open.len() < DEPTH {
                let line = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
                let column = self.text[line..].len() - self.text[line..].trim_start_matches([' ', '-']).len();
                self.open.push(Open { head: name, column: Some(column) });
            }
            return start;
        }
        // There may be more in a value.
        let inside = start + usize::from(matches!(first, b'"' | b'\''));
        if !self.may_tell(&self.text[name.clone()]) {
            return inside;
        }
        let Some((value, end)) = self.extent(start, at) else { return start };
        match &self.text[name.clone()] {
            "kind" => self.kind = value.clone(),
            "name" => self.pair = value.clone(),
            _ => {}
        }
        let quoted = matches!(first, b'"' | b'\'');
        if self.called.is_some() && !quoted {
            return inside;
        }
        // Without quotes it is the name of something, but in a file that only has such values.
        let told = self.told(name, &value, self.bytes[at] == b'=' && !quoted);
        match told {
            Some((value, told)) => {
                found(value, told);
                end.max(start)
            }
            None => inside,
        }
    }

    /// What a value is, if it says or names a secret.
    fn told(&self, name: Range<usize>, value: &Range<usize>, bare: bool) -> Option<(Range<usize>, Told)> {
        let (key, text) = (&self.text[name.clone()], &self.text[value.clone()]);
        if self.called.is_some() {
            return (!stands_in(text)).then(|| (value.clone(), Told::Secret));
        }
        // `field NAME { secret = true }`
        if self.places && key == "secret" && text == "true" {
            let field = self.open.last().map(|open| open.head.clone())?;
            let name = self.text[field.clone()].trim().strip_prefix("field ")?.trim();
            let start = field.start + self.text[field].find(name)?;
            return Some((start..start + name.len(), Told::Name));
        }
        if text.is_empty() {
            return None;
        }
        if let Some((inner, _)) = text.split_once("${").and_then(|(_, rest)| rest.split_once('}'))
            && self.places
            && self.at_place(name.clone())
        {
            let start = inner.as_ptr() as usize - self.text.as_ptr() as usize;
            return Some((start..start + inner.len(), Told::Name));
        }
        if !self.is_secret(name.clone(), text) {
            return None;
        }
        let word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let told = if bare && word && self.at_place(name) { Told::Name } else { Told::Secret };
        Some((value.clone(), told))
    }

    /// Whether a name is one of those that say something of a value.
    fn may_tell(&self, key: &str) -> bool {
        if let Some(called) = self.called {
            return called(key);
        }
        let place = self.places && (self.objects || self.whole || names::is_of_place(key));
        place || matches!(key, "kind" | "name" | "value") || names::may_be(key)
    }

    /// The name before a place.
    fn name(&mut self, at: usize) -> Range<usize> {
        let before = &self.text[self.word.min(at)..at];
        let before = before.trim_end_matches([' ', '\t', '"', '\'', '\\', '+']);
        let is = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '$');
        let length = before.len() - before.trim_end_matches(is).len();
        let end = self.word.min(at) + before.len();
        // Fields may be said as a path.
        let name = &self.text[end - length..end];
        let last = name.rfind('.').map_or(0, |dot| dot + 1);
        self.path = end - length..end - length + last;
        end - length + last..end
    }

    /// A value without its quotes, and where the text goes on behind it.
    fn extent(&self, start: usize, at: usize) -> Option<(Range<usize>, usize)> {
        let rest = &self.text[start..];
        let first = *rest.as_bytes().first()?;
        if matches!(first, b'{' | b'[') {
            return None;
        }
        if let Some(inner) = rest.strip_prefix("\"\"\"") {
            let end = 3 + inner.find("\"\"\"").unwrap_or(inner.len());
            return Some((start + 3..start + end, (start + end + 3).min(self.text.len())));
        }
        if matches!(first, b'|' | b'>') && self.bytes[at] == b':' {
            return Some(self.block(start, at));
        }
        if matches!(first, b'"' | b'\'') {
            let quote = char::from(first);
            let end = rest[1..].find([quote, '\n']).map_or(rest.len(), |end| end + 1);
            let inner = rest[1..end].trim_end_matches('\\');
            return Some((start + 1..start + 1 + inner.len(), (start + end + 1).min(self.text.len())));
        }
        // In YAML a plain value has spaces and ends with the line; elsewhere it ends with the word.
        let inside = self.open.last().is_some_and(|open| open.column.is_none());
        let yaml = self.bytes[at] == b':' && !inside;
        let over = |c: char| {
            c == '\n'
                || !yaml
                    && (c.is_whitespace() || matches!(c, ',' | '}' | ']' | ';' | '&' | '"' | '\'' | '\\'))
        };
        let end = rest.char_indices().take(LONGEST).find(|(_, c)| over(*c)).map_or(rest.len(), |(at, _)| at);
        let value = rest[..end].split(" #").next().unwrap_or_default().trim_end();
        Some((start..start + value.len(), start + value.len()))
    }

    /// The lines of a block of YAML.
    fn block(&self, start: usize, at: usize) -> (Range<usize>, usize) {
        let line = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let indent = |line: &str| line.len() - line.trim_start().len();
        let own = indent(&self.text[line..]);
        let first = self.text[start..].find('\n').map_or(self.text.len(), |end| start + end + 1);
        let mut end = first;
        for line in self.text[first..].split_inclusive('\n') {
            if !line.trim().is_empty() && indent(line) <= own {
                break;
            }
            end += line.len();
        }
        let value = first + indent(&self.text[first..end]).min(end - first);
        (value..end.max(value), end.max(value))
    }

    fn is_secret(&self, name: Range<usize>, value: &str) -> bool {
        let key = &self.text[name.clone()];
        if stands_in(value) {
            return false;
        }
        if names::named(key, value).is_some()
            || key == "value" && names::named(&self.text[self.pair.clone()], value).is_some()
        {
            return true;
        }
        self.places && !value.contains("-----BEGIN CERT") && self.at_place(name)
    }

    /// Whether a value stands where all are secret.
    fn at_place(&self, name: Range<usize>) -> bool {
        let (key, around) = (&self.text[name], self.around());
        let data = || around.iter().take(2).any(|name| matches!(*name, "data" | "stringData"));
        names::at_place(key, &around) || self.objects && !is_harmless_key(key) && data()
    }

    /// The names of what a value stands in, the innermost first.
    fn around(&self) -> Vec<&'t str> {
        let text = self.text;
        let part = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'));
        let heads = self.open.iter().rev().map(|open| open.head.clone());
        let all = std::iter::once(self.path.clone()).chain(heads).chain([self.kind.clone()]);
        let words = all.flat_map(|head| text[head].rsplit(part)).filter(|word| !word.is_empty());
        words.take(AROUND).collect()
    }
}

/// Keys of a Secret that tell what it is for, and are none.
pub fn is_harmless_key(key: &str) -> bool {
    matches!(
        key,
        "type" | "url" | "name" | "project" | "enableOCI" | "insecure" | "forceHttpBasicAuth" | "namespace"
    )
}
