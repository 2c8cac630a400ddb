//! What pest refused, in words of the user: never the names of rules, always a place and a way out.
//!
//! A rule looks at the character where pest gave up and at the line before it. Most mistakes are habits from YAML, HCL and
//! programming languages, and each of those has its own sentence and its own edit.

mod foreign;
mod heads;
mod shape;
pub(super) mod yaml;

pub(super) use yaml::quoted;
pub(crate) use yaml::{Foreign, foreign, is_template};

use std::ops::Range;

use super::parser::Rule;
use super::read::reads;
use super::{errors, write};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

/// Where pest gave up.
pub(super) struct Failure<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a str,
    /// The item, or the part of the file that was taken for one.
    pub(super) slice: Range<usize>,
    pub(super) at: usize,
    /// What could have stood there.
    pub(super) wants: &'a [Rule],
}

/// How the end of an item is called.
const END: &str = "the end of the line";

/// The longest line that a help repeats.
const HELP_WIDTH: usize = 72;

/// How far from a mistake its line is looked for.
const MARGIN: usize = 512;

/// The finding for a failure.
pub(super) fn explain(failure: &Failure<'_>) -> Diagnostic {
    let rules = [
        Failure::clause,
        Failure::conflict_line,
        Failure::imports,
        Failure::template,
        Failure::control,
        Failure::parents,
        Failure::typed,
        Failure::indented,
        Failure::other_operator,
        Failure::missing_value,
        Failure::joined,
        Failure::equals,
        Failure::colon,
        Failure::separator,
        Failure::typographic,
        Failure::logic,
        Failure::yaml,
        Failure::dollar,
        Failure::arithmetic,
        Failure::parenthesis,
        Failure::bracket,
        Failure::foreign,
        Failure::behind_body,
        Failure::crowded,
    ];
    rules.iter().find_map(|rule| rule(failure)).unwrap_or_else(|| failure.plain())
}

impl Failure<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..self.slice.end]
    }

    fn found(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The text of the item up to the mistake, without blanks at its end.
    fn before(&self) -> &str {
        self.text[self.slice.start..self.at].trim_end_matches([' ', '\t'])
    }

    /// The end of `before` in the file.
    fn before_end(&self) -> usize {
        self.slice.start + self.before().len()
    }

    /// What stands before the mistake in its own field, on its own line.
    fn statement(&self) -> &str {
        self.before().rsplit(['\n', '{', ',', '(']).next().unwrap_or("").trim_start()
    }

    fn in_clause(&self) -> bool {
        let line = self.before().rsplit(['\n', '{']).next().unwrap_or("").trim_start();
        matches!(line.split([' ', '\t']).next(), Some("when" | "require"))
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: start as u32, end: end as u32 }
    }

    /// The next `bytes` bytes.
    fn here(&self, bytes: usize) -> Span {
        self.span(self.at, self.at + bytes)
    }

    /// Adds edits, and as help the line that they make; `help` instead where that line is too long to repeat.
    fn fix(&self, finding: Diagnostic, help: &str, edits: &[(Range<usize>, &str)]) -> Diagnostic {
        let finding = finding.help(self.fixed_line(edits).unwrap_or_else(|| help.to_string()));
        edits
            .iter()
            .fold(finding, |finding, (range, new)| finding.mend(self.span(range.start, range.end), *new))
    }

    /// The same with edits that are the likeliest of several.
    fn offer(&self, finding: Diagnostic, help: &str, edits: &[(Range<usize>, &str)]) -> Diagnostic {
        self.fix(finding, help, edits).doubtful()
    }

    /// The line as the edits leave it, if it is short enough to be repeated.
    fn fixed_line(&self, edits: &[(Range<usize>, &str)]) -> Option<String> {
        let start = self.line_start()?;
        let end = self.text[self.at..].bytes().take(MARGIN).position(|b| b == b'\n');
        let end =
            end.map(|at| self.at + at).or((self.text.len() - self.at < MARGIN).then_some(self.text.len()))?;
        let mut line = String::new();
        let mut from = start;
        for (range, new) in edits {
            line.push_str(self.text.get(from..range.start)?);
            line.push_str(new);
            from = range.end;
        }
        line.push_str(self.text.get(from..end)?);
        let line = line.trim();
        let short = !line.is_empty() && line.len() <= HELP_WIDTH && !line.contains('`');
        short.then(|| format!("write `{line}`"))
    }

    /// Where the line starts, unless that is far away: a file may be one long line full of mistakes.
    fn line_start(&self) -> Option<usize> {
        let far = self.at.saturating_sub(MARGIN);
        let start = self.text.as_bytes()[far..self.at].iter().rposition(|&b| b == b'\n');
        start.map(|at| far + at + 1).or((far == 0).then_some(0))
    }

    /// Puts quotes around the bare value, or else the word, that holds the mistake.
    fn quote(&self, finding: Diagnostic) -> Diagnostic {
        let (start, end) = self.unquoted();
        let text = write::string(&self.text[start..end]);
        self.fix(finding, "put the text between quotes", &[(start..end, &text)])
    }

    fn unquoted(&self) -> (usize, usize) {
        let before = &self.text[..self.at];
        let line = self.line_start().unwrap_or(self.slice.start);
        let from = before[line..].rfind(['=', '[', '(', '{', ',']).map_or(line, |at| line + at + 1);
        let after_word = before[from..].rfind([' ', '\t']).map_or(from, |at| from + at + 1);
        let is_value = before[line..from].ends_with(['=', '[', '(']);
        let start = if is_value { from + blanks(&before[from..]) } else { after_word };
        let rest = &self.text[self.at..];
        let stops: &[char] =
            if is_value { &[',', '}', ']', '#', '\n', '\r'] } else { &[' ', ',', '\n', '\r'] };
        let piece = &rest[..rest.find(stops).unwrap_or(rest.len())];
        (start, self.at + piece.trim_end().len())
    }

    fn plain(&self) -> Diagnostic {
        let wants = either(self.wants);
        match self.found() {
            None | Some('\n' | '\r') => {
                let at = self.span(self.before_end(), self.before_end());
                errors::unexpected(
                    at,
                    format!("the line ends where {wants} should stand"),
                    format!("expected {wants}"),
                )
            }
            Some(c) => errors::unexpected(
                self.here(c.len_utf8()),
                format!("unexpected `{c}`"),
                format!("expected {wants}"),
            ),
        }
        .help(match wants.as_str() {
            END => "begin a new line here, or remove what is left of the item".to_string(),
            wants => {
                format!("write {} here, or remove what is left of the item", wants.replace(END, "nothing"))
            }
        })
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

fn trailing_blanks(text: &str) -> usize {
    text.len() - text.trim_end_matches([' ', '\t']).len()
}

/// What could have stood where pest gave up, in words of the user.
fn symbol(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::value | Rule::literal | Rule::string | Rule::list | Rule::arg => Some("a value"),
        Rule::item | Rule::plain | Rule::head | Rule::run | Rule::entry | Rule::clause => {
            Some("a field or declaration")
        }
        Rule::op => Some("`=`"),
        Rule::block => Some("`{`"),
        Rule::args => Some("`(`"),
        Rule::mixin | Rule::mixins | Rule::ident_path => Some("the name of a mixin"),
        Rule::expr | Rule::operand | Rule::quantifier | Rule::prefix => Some("an expression"),
        Rule::binary => Some("an operator"),
        Rule::ident | Rule::named | Rule::param => Some("a name"),
        Rule::kw_in => Some("`in`"),
        Rule::EOI => Some(END),
        _ => None,
    }
}

fn either(wants: &[Rule]) -> String {
    let mut unique: Vec<&str> = Vec::new();
    for want in wants.iter().copied().filter_map(symbol) {
        if !unique.contains(&want) {
            unique.push(want);
        }
    }
    unique.truncate(4);
    match unique.as_slice() {
        [] => "something else".to_string(),
        [one] => (*one).to_string(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}
