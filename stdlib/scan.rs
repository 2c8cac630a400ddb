//! Where the items of a module stand. One linear scan that knows the outline of the language and nothing else: a
//! top-level item starts in column 0 with a word, the `##` lines directly above are its docs, and it ends with the line
//! on which all its brackets are closed. The build script and a test share this file.

use std::ops::Range;

#[path = "../src/syntax/lex.rs"]
#[allow(dead_code, reason = "an outline needs the ends of strings and comments only")]
mod lex;

/// A top-level item as the scan sees it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its first word that is not a mark: `extension`, `role`, …
    pub(crate) kind: String,
    /// The word after the kind.
    pub(crate) name: String,
    /// The bytes of the item with its docs.
    pub(crate) range: Range<usize>,
    /// The kind that an invariant judges; empty for other items.
    pub(crate) judges: String,
    /// The fields of the judged item that the `when` of an invariant needs one of, as paths between blanks; empty if it has none.
    pub(crate) trigger: String,
}

/// Words that may stand before a kind.
const MARKS: [&str; 3] = ["abstract", "extern", "final"];

/// The items of a module in source order, or what is wrong and on which line.
pub(crate) fn scan(text: &str) -> Result<Vec<Found>, String> {
    let mut out = Vec::new();
    let mut docs: Option<usize> = None;
    let mut at = 0;
    while at < text.len() {
        let line_end = text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
        let line = &text[at..line_end];
        if line.starts_with("##") {
            docs.get_or_insert(at);
            at = line_end;
        } else if line.starts_with('#') || line.trim().is_empty() {
            docs = None;
            at = line_end;
        } else if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let end = item_end(text, at)?;
            out.push(found(text, at, docs.take().unwrap_or(at)..end)?);
            at = text[end..].find('\n').map_or(text.len(), |n| end + n + 1);
        } else {
            return Err(format!("line {}: an item starts in column 0 with a word", line_of(text, at)));
        }
    }
    Ok(out)
}

/// One past the last byte of the item that starts at `start`, comments after it left out.
fn item_end(text: &str, start: usize) -> Result<usize, String> {
    let bytes = text.as_bytes();
    let (mut at, mut end) = (start, start);
    let mut open: Vec<(u8, usize)> = Vec::new();
    while at < bytes.len() {
        match bytes[at] {
            b'\n' if open.is_empty() => break,
            b'#' => {
                at = lex::comment(bytes, at);
                continue;
            }
            b'"' | b'\'' => {
                let token = lex::string(bytes, at);
                if !token.closed {
                    return Err(format!("line {}: this string is never closed", line_of(text, at)));
                }
                at = token.end - 1;
            }
            b @ (b'{' | b'[' | b'(') => open.push((b, at)),
            b @ (b'}' | b']' | b')') => {
                let opened = open.pop().map(|(opener, _)| opener);
                if opened != lex::opener(b) {
                    return Err(format!("line {}: `{}` closes nothing", line_of(text, at), b as char));
                }
            }
            _ => {}
        }
        if !bytes[at].is_ascii_whitespace() {
            end = at + 1;
        }
        at += 1;
    }
    match open.last() {
        Some(&(b, at)) => Err(format!("line {}: `{}` is never closed", line_of(text, at), b as char)),
        None => Ok(end),
    }
}

/// Reads the head of the item at `start`.
fn found(text: &str, start: usize, range: Range<usize>) -> Result<Found, String> {
    let item = &text[start..range.end];
    let head = item[..item.find(['{', '=', '\n']).unwrap_or(item.len())].trim();
    let mut words = head.split([' ', '\t', '(']).filter(|w| !w.is_empty()).skip_while(|w| MARKS.contains(w));
    let (Some(kind), Some(name)) = (words.next(), words.next()) else {
        return Err(format!("line {}: an item has a kind and a name", line_of(text, start)));
    };
    let rest: Vec<&str> = words.collect();
    let (judges, trigger) = match rest.as_slice() {
        ["for", "document", _, variable, ..] if kind == "invariant" => ("document", trigger(item, variable)),
        ["for", judged, variable, ..] if kind == "invariant" => (*judged, trigger(item, variable)),
        _ if kind == "invariant" => {
            return Err(format!("line {}: an invariant is `for KIND NAME`", line_of(text, start)));
        }
        _ => ("", String::new()),
    };
    let owned = |word: &str| word.trim_matches('"').to_owned();
    Ok(Found { kind: owned(kind), name: owned(name), range, judges: owned(judges), trigger })
}

/// The paths after `variable.` in the first `when` line of an invariant, without which it says nothing: the first one, or, if
/// the line has an `or`, all of them.
fn trigger(item: &str, variable: &str) -> String {
    let Some(when) = item.lines().find(|line| line.trim_start().starts_with("when ")) else {
        return String::new();
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut out: Vec<&str> = Vec::new();
    let mut from = 0;
    while let Some(n) = when[from..].find(variable) {
        let at = from + n;
        let path = &when[at + variable.len()..];
        from = at + variable.len();
        if !when[..at].ends_with(|c| is_name(c) || c == '.') && path.starts_with('.') {
            let path = &path[1..];
            let path = &path[..path.find(|c| !is_name(c) && c != '.').unwrap_or(path.len())];
            if !out.contains(&path) {
                out.push(path);
            }
            if !when.contains(" or ") {
                break;
            }
        }
    }
    out.join(" ")
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|&&b| b == b'\n').count() + 1
}
