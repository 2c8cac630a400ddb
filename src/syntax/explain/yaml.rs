//! A block or a list that is written by indentation, as in YAML: one finding for all of its lines, and the edit that turns it
//! into a block or a list where that is certain.

use std::ops::Range;

use super::{Failure, HELP_WIDTH, MARGIN};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax::split::Slice;
use crate::syntax::{errors, habits, lex, write};

/// How many lines above a mistake are looked at for the line that opens its block.
const ABOVE: usize = 64;

/// How many bytes above a mistake are looked at.
const REACH: usize = 16 * 1024;

/// How many lines a block may have that an edit rewrites.
const LINES: usize = 256;

/// A line that is neither empty nor a comment.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    /// Where its text starts.
    at: usize,
    indent: usize,
    /// Without the comment at its end.
    text: &'a str,
    /// Where the line ends, comment and all.
    end: usize,
}

/// What opens a body in place of a `:`.
pub(super) const OPEN: &str = " {";

/// The one block at top level that has no name.
const NAMELESS: &str = "output:";

/// New texts for ranges of the file.
type Edits = Vec<(Range<usize>, String)>;

impl<'a> Line<'a> {
    fn read(text: &'a str, start: usize, end: usize) -> Option<Line<'a>> {
        let line = text[start..end].trim_end_matches('\r');
        let inner = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - inner.len();
        let said = inner.find(" #").map_or(inner, |comment| &inner[..comment]).trim_end();
        let empty = said.is_empty() || said.starts_with('#');
        (!empty).then_some(Line { at: start + indent, indent, text: said, end: start + line.len() })
    }

    fn is_element(&self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }

    /// The line behind its dash, as deep as it stands.
    fn element(&self) -> Option<Line<'a>> {
        let inner = self.text.strip_prefix('-')?.trim_start();
        let skip = self.text.len() - inner.len();
        (!inner.is_empty()).then_some(Line {
            at: self.at + skip,
            indent: self.indent + skip,
            text: inner,
            end: self.end,
        })
    }

    /// `key: value`, `key:` or `key =`: the key, and what stands behind the sign.
    fn pair(&self) -> Option<(&'a str, &'a str)> {
        let (key, value) = match self.text.split_once(": ") {
            Some((key, value)) => (key, value.trim_start()),
            None => (self.text.strip_suffix(':')?, ""),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '"' | ' ');
        let clause = matches!(key.split(' ').next(), Some("when" | "require"));
        (!key.is_empty() && key.chars().all(plain) && !key.ends_with(' ') && !clause).then_some((key, value))
    }

    /// Whether lines that stand deeper belong to it.
    fn opens(&self) -> bool {
        let inner = self.element();
        self.text == "-"
            || inner.is_some_and(|inner| inner.pair().is_some())
            || self.pair().is_some_and(|(_, value)| value.is_empty())
    }
}

impl Failure<'_> {
    /// A line of a block that an earlier line opens, or that line itself.
    pub(super) fn indented(&self) -> Option<Diagnostic> {
        let here = self.here_line()?;
        match self.opener(here) {
            // The same finding for each of its lines: equal ones are said once.
            Some(opener) => Some(self.said_of(opener, self.below(opener).next()?)),
            None if here.pair().is_some_and(|(_, value)| value.is_empty()) => self.rewritten(here),
            None => None,
        }
    }

    /// The line of the mistake, unless it is very long: a file may be one long line full of mistakes.
    fn here_line(&self) -> Option<Line<'_>> {
        let start = self.line_start()?;
        let rest = &self.text.as_bytes()[self.at..];
        let end = rest.iter().take(MARGIN).position(|&b| b == b'\n');
        let end = end.or((rest.len() < MARGIN).then_some(rest.len()))?;
        Line::read(self.text, start, self.at + end)
    }

    /// The line that opens the outermost block around `here`.
    fn opener<'s>(&'s self, here: Line<'s>) -> Option<Line<'s>> {
        let mut end = (here.at - here.indent).checked_sub(1)?;
        let far = end.saturating_sub(REACH);
        let (mut inner, mut found) = (here, None);
        for _ in 0..ABOVE {
            let newline = self.text.as_bytes()[far..end].iter().rposition(|&b| b == b'\n');
            let start = match newline {
                Some(at) => far + at + 1,
                None if far == 0 => 0,
                None => break,
            };
            if let Some(line) = Line::read(self.text, start, end) {
                let holds = line.indent < inner.indent
                    || line.indent == inner.indent && inner.is_element() && !line.is_element();
                if holds && !line.opens() {
                    break;
                }
                if holds {
                    inner = line;
                    // A list must have a name to be one.
                    found = if line.is_element() { found } else { Some(line) };
                }
            }
            let Some(next) = start.checked_sub(1) else { break };
            end = next;
        }
        found
    }

    /// The lines of the block that a line opens.
    fn below<'s>(&'s self, opener: Line<'s>) -> impl Iterator<Item = Line<'s>> {
        let mut at = opener.end;
        std::iter::from_fn(move || {
            while let Some(newline) = self.text[at..].find('\n') {
                let start = at + newline + 1;
                at = self.text[start..].find('\n').map_or(self.text.len(), |newline| start + newline);
                if let Some(line) = Line::read(self.text, start, at) {
                    let inside =
                        line.indent > opener.indent || line.indent == opener.indent && line.is_element();
                    return (inside && !line.text.starts_with(['}', ']', ')'])).then_some(line);
                }
            }
            None
        })
    }

    fn said_of(&self, opener: Line<'_>, first: Line<'_>) -> Diagnostic {
        if first.is_element() {
            return habits::dash(self.span(first.at, first.at + 1));
        }
        let colon = opener.at + opener.text.len() - 1;
        errors::unexpected(self.span(colon, colon + 1), BLOCK, "expected `{`").help(format!(
            "write `{} {{`, its fields each as `NAME = VALUE`, and `}}`",
            &opener.text[..opener.text.len() - 1]
        ))
    }

    /// The finding for the line that opens a block, with the edit that makes it one.
    fn rewritten(&self, opener: Line<'_>) -> Option<Diagnostic> {
        let lines: Vec<Line<'_>> = self.below(opener).take(LINES + 1).collect();
        let finding = self.said_of(opener, *lines.first()?);
        let last = lines.last()?.end;
        let behind = self.text[last..].trim_start();
        let indent = self.text[..self.text.len() - behind.len()].rsplit('\n').next().map_or(0, str::len);
        if behind.starts_with('}') && indent == opener.indent && !lines[0].is_element() {
            // Only the one sign is wrong.
            let colon = opener.at + opener.text.len() - 1;
            let head = &opener.text[..opener.text.len() - 1];
            return Some(finding.help(format!("write `{head} {{`")).mend(self.span(colon, colon + 1), OPEN));
        }
        let mut all = vec![opener];
        all.extend(&lines);
        let mut edits = Edits::new();
        let fits = lines.len() <= LINES && mapping(&all, &mut edits).is_some();
        let end = lines.last()?.end;
        let fixed = if fits { self.applied(opener.at..end, &mut edits) } else { None };
        let Some(fixed) = fixed else { return Some(finding) };
        if opener.indent == 0 && opener.text != NAMELESS && !opener.text.contains(' ') {
            return Some(self.declared(finding, opener, &lines, edits));
        }
        let help = match in_one_line(&fixed) {
            Some(line) => format!("write `{line}`"),
            None => format!("write `{} …`", fixed.lines().next()?.trim_end()),
        };
        let finding = finding.help(help);
        Some(
            edits
                .iter()
                .fold(finding, |finding, (range, new)| finding.mend(self.span(range.start, range.end), new)),
        )
    }

    /// A block at top level has a name in front of its body, which YAML puts into it.
    fn declared(
        &self,
        finding: Diagnostic,
        opener: Line<'_>,
        lines: &[Line<'_>],
        edits: Edits,
    ) -> Diagnostic {
        let word = &opener.text[..opener.text.len() - 1];
        let own = lines.iter().filter(|line| line.indent == lines[0].indent);
        let mut named = own.filter_map(|line| Some((line, line.pair().filter(|(key, _)| *key == "name")?.1)));
        let Some((line, name)) =
            named.next().filter(|(_, name)| name.bytes().all(lex::is_ident) && !name.is_empty())
        else {
            return finding
                .help(format!("write `{word} NAME {{`, its fields each as `NAME = VALUE`, and `}}`"));
        };
        let gone = line.at - line.indent - 1..line.end;
        let colon = opener.at + opener.text.len() - 1;
        let others = edits.iter().filter(|(range, _)| {
            range.start != colon
                && !(gone.start <= range.start && range.end <= gone.end && *range != (gone.end..gone.end))
        });
        let finding = finding
            .help(format!("write `{word} {name} {{ … }}`: the name stands in front of the body"))
            .mend(self.span(colon, colon + 1), format!(" {name} {{"))
            .mend(self.span(gone.start, gone.end), "");
        others.fold(finding, |finding, (range, new)| finding.mend(self.span(range.start, range.end), new))
    }

    /// A part of the text after the edits, if the language can read it.
    fn applied(&self, range: Range<usize>, edits: &mut Edits) -> Option<String> {
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut out, mut at) = (String::new(), range.start);
        for (place, new) in edits.iter() {
            out.push_str(self.text.get(at..place.start)?);
            out.push_str(new);
            at = place.end;
        }
        out.push_str(self.text.get(at..range.end)?);
        super::reads(&out).then_some(out)
    }
}

/// How many of the slices behind one belong to the same document of YAML, if one begins with it: in the first column, and with what such a
/// document begins with.
pub(in crate::syntax) fn document(text: &str, first: &Slice, rest: &[Slice]) -> Option<usize> {
    if is_json(text, first) {
        return Some(0);
    }
    let begins = |slice: &Slice| {
        let line = &text[slice.start..];
        let starts = ["kind: ", "apiVersion: ", "metadata:", "version: v1alpha1"];
        is_first(text, slice) && starts.iter().any(|start| line.starts_with(start))
    };
    let separates = |slice: &Slice| is_first(text, slice) && text[slice.start..].starts_with("---");
    let next = rest.iter().find(|slice| !separates(slice));
    if !(begins(first) || separates(first) && next.is_some_and(begins)) {
        return None;
    }
    let inside = |slice: &&Slice| {
        let line = text[slice.start..].lines().next().unwrap_or_default().trim_end();
        let key = line.split_once(':').is_some_and(|(key, behind)| {
            !key.contains([' ', '=', '{']) && (behind.is_empty() || behind.starts_with(' '))
        });
        !is_first(text, slice) || key || line.starts_with('-') || line == "..."
    };
    Some(rest.iter().take_while(inside).count())
}

/// Whether a slice is an object of JSON: it begins with a brace, and in that with a key between quotes.
fn is_json(text: &str, slice: &Slice) -> bool {
    let inner = text[slice.start..].strip_prefix('{').map(str::trim_start);
    is_first(text, slice) && inner.is_some_and(|inner| inner.starts_with('"'))
}

/// Whether a slice begins in the first column.
fn is_first(text: &str, slice: &Slice) -> bool {
    slice.start == 0 || text[..slice.start].ends_with('\n')
}

/// What is said of a document of YAML, and of a list.
const PASTED: &str = "this is YAML: the language has declarations with bodies in `{ }`";

const BLOCK: &str = "a block is written with `{ … }`, not with `:`";

/// What a finding of the syntax is about that knows no kind of declaration: who knows them says better how it is written.
pub(crate) enum Foreign {
    /// A document of YAML that begins at the primary place.
    Document,
    /// A list of YAML whose first element begins there.
    List,
    /// A block of YAML whose `:` stands there.
    Block,
}

/// Whether a finding is about YAML that may stand for a declaration.
pub(crate) fn foreign(finding: &Diagnostic) -> Option<Foreign> {
    if finding.message == PASTED {
        return Some(Foreign::Document);
    }
    if finding.message == BLOCK {
        return Some(Foreign::Block);
    }
    (finding.message == habits::LIST).then_some(Foreign::List)
}

/// Whether a finding is about a template engine.
pub(crate) fn is_template(finding: &Diagnostic) -> bool {
    finding.message.ends_with("is of a template engine: nothing is put in here before the file is read")
}

/// The finding for a document of YAML: one for all of it.
pub(in crate::syntax) fn pasted(file: FileId, text: &str, first: &Slice) -> Diagnostic {
    let line = text[first.start..].lines().next().unwrap_or_default().trim_end();
    let span = Span { file, start: first.start as u32, end: (first.start + line.len()) as u32 };
    if is_json(text, first) {
        let message = "this is JSON: the language has declarations with bodies in `{ }`";
        return errors::unexpected(Span { end: span.start + 1, ..span }, message, "an object of JSON")
            .help("write declarations, `KIND NAME { … }`, with `NAME = VALUE` for each field");
    }
    errors::unexpected(span, PASTED, "a document of YAML")
        .help("write declarations, `KIND NAME { … }`, with `NAME = VALUE` for each field")
}

/// A block as one line, if it is short.
fn in_one_line(text: &str) -> Option<String> {
    let mut out = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let closes = line.starts_with(['}', ']']);
        if !(out.is_empty() || out.ends_with('[') || line.starts_with(']')) {
            out.push_str(if out.ends_with('{') || closes { " " } else { ", " });
        }
        out.push_str(line);
        if out.len() > HELP_WIDTH || line.contains(['#', '`']) {
            return None;
        }
    }
    Some(out)
}

/// How many of the lines stand inside of the first.
fn inner(lines: &[Line<'_>]) -> usize {
    let (first, rest) = (lines[0], &lines[1..]);
    let inside = |line: &&Line<'_>| {
        line.indent > first.indent || line.indent == first.indent && line.is_element() && !first.is_element()
    };
    rest.iter().take_while(inside).count()
}

/// `key: value` lines of one depth.
fn mapping(lines: &[Line<'_>], edits: &mut Edits) -> Option<()> {
    let indent = lines.first()?.indent;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let (key, value) = line.pair().filter(|_| line.indent == indent)?;
        let below = inner(&lines[at..]);
        let inside = &lines[at + 1..=at + below];
        let colon = line.at + key.len()..line.at + key.len() + 1;
        match inside.first() {
            None if value.is_empty() => return None,
            None => {
                edits.push((colon, " =".into()));
                scalar(line.at + line.text.len() - value.len(), value, edits)?;
            }
            Some(first) if value == "|" => {
                let text = &lines[at + 1..=at + below];
                let end = text.last()?.end;
                let sign = line.at + line.text.len() - 1;
                edits.push((colon, " =".into()));
                edits.push((sign..sign + 1, "'''".into()));
                edits.push((end..end, format!("\n{}'''", " ".repeat(first.indent))));
            }
            Some(_) if !value.is_empty() => return None,
            Some(first) if first.is_element() => {
                edits.push((colon, " = [".into()));
                elements(inside, edits)?;
                let last = inside.last()?;
                let end = last.at + last.text.len();
                edits.push((end..end, "]".into()));
            }
            Some(_) => {
                edits.push((colon, " {".into()));
                mapping(inside, edits)?;
                let end = inside.last()?.end;
                edits.push((end..end, format!("\n{}}}", " ".repeat(line.indent))));
            }
        }
        at += below + 1;
    }
    Some(())
}

/// `- value` lines of one depth.
fn elements(lines: &[Line<'_>], edits: &mut Edits) -> Option<()> {
    let indent = lines.first()?.indent;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let element = line.element().filter(|_| line.indent == indent && line.is_element())?;
        let below = inner(&lines[at..]);
        if element.pair().is_some() {
            edits.push((line.at..element.at, "{ ".into()));
            let mut inside = vec![element];
            inside.extend(&lines[at + 1..=at + below]);
            mapping(&inside, edits)?;
            let last = inside.last()?;
            let end = last.at + last.text.len();
            edits.push((end..end, " }".into()));
        } else if below > 0 {
            return None;
        } else {
            edits.push((line.at..element.at, String::new()));
            scalar(element.at, element.text, edits)?;
        }
        at += below + 1;
    }
    Some(())
}

/// A value of one line: what cannot stand bare gets quotes.
fn scalar(at: usize, text: &str, edits: &mut Edits) -> Option<()> {
    if let Some(new) = quoted(text)? {
        edits.push((at..at + text.len(), new));
    }
    Some(())
}

/// A plain value of YAML between quotes if it needs them; nothing at all where only YAML knows what is meant.
pub(in crate::syntax) fn quoted(text: &str) -> Option<Option<String>> {
    let first = text.chars().next()?;
    let whole = |quote: char| {
        text.len() > 1 && text.ends_with(quote) && !text[1..text.len() - 1].contains([quote, '\\', '$'])
    };
    match first {
        '"' | '\'' => return whole(first).then_some(None),
        '[' | '{' | '|' | '>' | '&' | '*' | '!' | '~' | '%' | '@' | '`' => {
            let list = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            let simple = list.is_some_and(|list| !list.contains(['[', ']', '{', '"', '\'', ':']));
            return (simple || text == "{}").then_some(None);
        }
        _ => {}
    }
    if text == "null" {
        return None;
    }
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':');
    let version = text.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    // A name with dots is a host there; a path and a URL are text in both.
    let host = first.is_ascii_alphabetic() && text.contains('.') && !version;
    if text.chars().all(bare) && first != '/' && !host && !text.contains("//") && !text.ends_with(':') {
        return Some(None);
    }
    Some(Some(write::string(text)))
}
