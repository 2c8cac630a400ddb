//! What pest refused, in words of the user: never the names of rules, always a place and a way out.
//!
//! A rule looks at the character where pest gave up and at the line before it. Most mistakes are habits from YAML, HCL and
//! programming languages, and each of those has its own sentence and its own edit.

use std::ops::Range;

use super::ast::BinaryOp;
use super::parser::Rule;
use super::{errors, habits};
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

/// The longest line that a help repeats.
const HELP_WIDTH: usize = 72;

/// The finding for a failure.
pub(super) fn explain(failure: &Failure<'_>) -> Diagnostic {
    let rules = [
        Failure::clause,
        Failure::missing_value,
        Failure::equals,
        Failure::colon,
        Failure::separator,
        Failure::typographic,
        Failure::logic,
        Failure::yaml,
        Failure::dollar,
        Failure::arithmetic,
        Failure::parenthesis,
        Failure::foreign,
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
        let start = self.text[..self.at].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[self.at..].find('\n').map_or(self.text.len(), |at| self.at + at);
        let mut line = String::new();
        let mut from = start;
        for (range, new) in edits {
            line.push_str(self.text.get(from..range.start).unwrap_or(""));
            line.push_str(new);
            from = range.end;
        }
        line.push_str(self.text.get(from..end).unwrap_or(""));
        let line = line.trim();
        let short = !line.is_empty() && line.len() <= HELP_WIDTH && edits.iter().all(|(range, _)| range.start >= start);
        let help = if short && !line.contains('`') { format!("write `{line}`") } else { help.to_string() };
        let finding = finding.help(help);
        edits.iter().fold(finding, |finding, (range, new)| finding.edit(self.span(range.start, range.end), *new))
    }

    /// Puts quotes around the bare value, or else the word, that holds the mistake.
    fn quote(&self, finding: Diagnostic) -> Diagnostic {
        let before = &self.text[..self.at];
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let from = before[line..].rfind(['=', '[', '(', '{', ',']).map_or(line, |at| line + at + 1);
        let after_word = before[from..].rfind([' ', '\t']).map_or(from, |at| from + at + 1);
        let is_value = before[line..from].ends_with(['=', '[', '(']);
        let start = if is_value { from + blanks(&before[from..]) } else { after_word };
        let rest = &self.text[self.at..];
        let stops: &[char] = if is_value { &[',', '}', ']', '#', '\n', '\r'] } else { &[' ', ',', '\n', '\r'] };
        let piece = &rest[..rest.find(stops).unwrap_or(rest.len())];
        let end = self.at + piece.trim_end().len();
        let quote = if self.text[start..end].contains(['"', '$', '\\']) { "'" } else { "\"" };
        self.fix(finding, "put the text between quotes", &[(start..start, quote), (end..end, quote)])
    }

    // ---- rules -------------------------------------------------------------------------------------------------------

    /// Mistakes in an expression.
    fn clause(&self) -> Option<Diagnostic> {
        if !self.in_clause() {
            return None;
        }
        let before = self.before();
        let operator = before.rsplit([' ', '\t', '(']).next().unwrap_or("");
        let end = self.before_end();
        match self.found() {
            Some('=') if operator.ends_with('=') => {
                let finding = errors::unexpected(self.here(1), "a comparison is written `==`", "one `=` too many");
                Some(self.fix(finding, "write `==`", &[(self.at..self.at + 1, "")]))
            }
            Some(':') => {
                let finding = errors::unexpected(self.here(1), "`:` stands only behind `all x in xs`", "expected `in`");
                Some(finding.help("write `all x in xs: …` or `any x in xs: …`"))
            }
            None | Some('\n' | '\r' | '}' | ')' | ',' | '#') if BinaryOp::of(operator).is_some() => {
                let at = self.span(end - operator.len(), end);
                let message = format!("the right side of `{operator}` is missing");
                let finding = errors::unexpected(at, message, "expected a name or a value behind this");
                Some(finding.help(format!("write `{operator} VALUE`, or remove `{operator}`")))
            }
            _ => None,
        }
    }

    fn missing_value(&self) -> Option<Diagnostic> {
        let before = self.before();
        let op = match self.found() {
            None | Some('\n' | '\r' | '}' | ']' | ')' | ',' | '#') if before.ends_with('=') => before.len() - 1,
            // `x =` and the next field on the next line: the value may stand there, but this is not one.
            Some('=' | ':') => {
                let op = before.rfind('=')?;
                let between = &before[op + 1..];
                let next = between.trim_start();
                let is_head = !next.is_empty() && !next.contains(['\n', '[', '{', '(', '"', '\'']);
                is_head.then_some(op).filter(|_| between[..between.len() - next.len()].contains('\n'))?
            }
            _ => return None,
        };
        let (start, symbol) = match before[..op].chars().last() {
            Some('+') => (op - 1, "+="),
            Some('-') => (op - 1, "-="),
            _ => (op, "="),
        };
        let head = before[..start].rsplit(['\n', '{', ',', '(']).next().unwrap_or("").trim();
        let at = self.span(self.slice.start + start, self.slice.start + op + 1);
        Some(
            errors::unexpected(at, format!("a value is missing after `{symbol}`"), "expected a value behind this")
                .help(format!("write `{head} {symbol} VALUE`, or remove `{head} {symbol}`")),
        )
    }

    fn equals(&self) -> Option<Diagnostic> {
        let before = self.before();
        if self.found() == Some('>') && before.ends_with(['=', '-']) {
            let arrow = self.before_end() - 1;
            let finding = errors::unexpected(
                self.span(arrow, self.at + 1),
                "an arrow is not an operator: a field is set with `=`",
                "not an operator",
            );
            return Some(self.fix(finding, "write `=`", &[(arrow..self.at + 1, "=")]));
        }
        if self.found() != Some('=') {
            return None;
        }
        if self.rest().starts_with("==") && !before.ends_with('=') {
            let finding =
                errors::unexpected(self.here(2), "`==` compares: a field is set with `=`", "compares nothing here");
            return Some(self.fix(finding, "write `=`", &[(self.at..self.at + 2, "=")]));
        }
        if before.ends_with('=') {
            let finding = errors::unexpected(self.here(1), "`=` stands twice", "one too many");
            return Some(self.fix(finding, "remove one", &[(self.at..self.at + 1 + blanks(&self.rest()[1..]), "")]));
        }
        let field = before.rsplit([' ', '\t', '\n', '{', '[', '(', ',']).next().unwrap_or("");
        if !self.statement().contains('=') || field.is_empty() {
            let finding = errors::unexpected(self.here(1), "the name of a field is missing before `=`", "sets nothing");
            return Some(finding.help("write `NAME = VALUE`"));
        }
        let start = self.before_end() - field.len();
        let end = start - trailing_blanks(&self.text[..start]);
        let finding = errors::unexpected(
            self.here(1),
            "unexpected `=`: two fields on one line need a `,` between them",
            "a second `=`",
        );
        Some(self.fix(finding, &format!("put a `,` before `{field}`"), &[(end..end, ",")]))
    }

    fn colon(&self) -> Option<Diagnostic> {
        if self.found() != Some(':') {
            return None;
        }
        let after = self.rest()[1..].trim_start_matches([' ', '\t']);
        let statement = self.statement();
        if statement.starts_with("- ") {
            let dash = self.before_end() - statement.len();
            return Some(habits::dash(self.span(dash, dash + 1)));
        }
        if statement.contains('=') || self.rest().starts_with("://") {
            let finding = errors::unexpected(self.here(1), "text with `:` in it needs quotes", "ends the bare value");
            return Some(self.quote(finding));
        }
        let range = self.before_end()..self.at + 1;
        if after.starts_with('=') {
            let finding = errors::unexpected(self.here(2), "a field is set with `=`, not with `:=`", "expected `=`");
            return Some(self.fix(finding, "write `=`", &[(range.start..self.at + 2, " =")]));
        }
        if after.starts_with('{') {
            let finding = errors::unexpected(self.here(1), "a block follows its name without `:`", "not needed");
            return Some(self.fix(finding, "remove the `:`", &[(range, "")]));
        }
        if after.is_empty() || after.starts_with(['\n', '\r', '#']) {
            let finding = errors::unexpected(self.here(1), "a block is written with `{ … }`, not with `:`", "expected `{`");
            return Some(finding.help(format!("write `{statement} {{`, its fields each on a line, and `}}`")));
        }
        let finding = errors::unexpected(self.here(1), "a field is set with `=`, not with `:`", "expected `=`");
        Some(self.fix(finding, "write `=`", &[(range, " =")]))
    }

    fn separator(&self) -> Option<Diagnostic> {
        match self.found() {
            Some(';') => {
                let after = self.rest()[1..].trim_start_matches([' ', '\t']);
                let ends = after.is_empty() || after.starts_with(['\n', '\r', '}', '#']);
                let new = if ends { "" } else { "," };
                let finding = errors::unexpected(self.here(1), "`;` is not part of the language", "not needed");
                let help = "an item ends with its line; several on one line are separated by `,`";
                Some(self.fix(finding, help, &[(self.before_end()..self.at + 1, new)]))
            }
            Some(',') => {
                let finding = errors::unexpected(self.here(1), "nothing stands before this `,`", "separates nothing");
                let end = self.at + 1 + blanks(&self.rest()[1..]);
                Some(self.fix(finding, "remove the `,`", &[(self.at..end, "")]))
            }
            _ => None,
        }
    }

    fn typographic(&self) -> Option<Diagnostic> {
        let (quote, ends): (&str, &[char]) = match self.found()? {
            '“' | '”' | '„' | '«' | '»' => ("\"", &['“', '”', '«', '»']),
            '‘' | '’' | '‚' | '`' => ("'", &['‘', '’', '`']),
            _ => return None,
        };
        let found = self.found()?;
        let open = self.at..self.at + found.len_utf8();
        let line = self.text[open.end..].split('\n').next().unwrap_or("");
        let close = line.char_indices().find(|(_, c)| ends.contains(c));
        let finding = errors::unexpected(
            self.here(found.len_utf8()),
            format!("`{found}` is not a quote of the language"),
            "a string starts with `\"` or `'`",
        );
        let help = format!("write `{quote}` on both sides");
        let edits = match close {
            Some((at, c)) => vec![(open.clone(), quote), (open.end + at..open.end + at + c.len_utf8(), quote)],
            None => vec![(open, quote)],
        };
        Some(self.fix(finding, &help, &edits))
    }

    fn logic(&self) -> Option<Diagnostic> {
        let rest = self.rest();
        let (symbol, word) = match self.found()? {
            '&' if rest.starts_with("&&") => ("&&", "and"),
            '|' if rest.starts_with("||") => ("||", "or"),
            '!' if self.in_clause() => ("!", "not "),
            _ => return None,
        };
        let finding = errors::unexpected(
            self.here(symbol.len()),
            format!("`{symbol}` is written `{}`", word.trim_end()),
            "not an operator",
        );
        Some(self.fix(finding, &format!("write `{word}`"), &[(self.at..self.at + symbol.len(), word)]))
    }

    fn yaml(&self) -> Option<Diagnostic> {
        let c = self.found()?;
        let opens = self.before().ends_with(['=', '[', '(', ',']);
        let message = match c {
            '&' | '*' if opens => format!("`{c}` is YAML's way to share a value: here it gets a name with `let`"),
            '|' | '>' if opens => "text of several lines stands between `\"\"\"` and `\"\"\"`".to_string(),
            '<' | '>' | '!' if !self.in_clause() => {
                let message = format!("`{c}` stands only in a `when` or `require`, or between quotes");
                let finding = errors::unexpected(self.here(1), message, "not part of a field");
                return Some(if self.statement().contains('=') {
                    self.quote(finding)
                } else {
                    finding.help("write `NAME = VALUE`; conditions belong to an `invariant`")
                });
            }
            _ => return None,
        };
        let finding = errors::unexpected(self.here(1), message, "not part of a value");
        Some(finding.help(match c {
            '&' | '*' => "write `let NAME = VALUE` at top level, and `NAME` where it is used",
            _ => "put `\"\"\"` here, the text on the next lines, and `\"\"\"` on a line of its own",
        }))
    }

    fn dollar(&self) -> Option<Diagnostic> {
        if self.found() != Some('$') {
            return None;
        }
        let name = self.rest().strip_prefix("${").and_then(|rest| rest.split_once('}'));
        let name = name.map(|(name, _)| name).filter(|name| !name.is_empty() && name.len() < HELP_WIDTH);
        let Some(name) = name else {
            return Some(self.quote(errors::unexpected(self.here(1), "`$` cannot stand outside of a string", "not a value")));
        };
        let end = self.at + name.len() + 3;
        let finding =
            errors::unexpected(self.span(self.at, end), "`${…}` stands only inside of a string", "not in a string");
        Some(self.fix(finding, &format!("write `{name}`"), &[(self.at..end, name)]))
    }

    fn arithmetic(&self) -> Option<Diagnostic> {
        if self.found() == Some('*') && self.before().ends_with('/') {
            let finding = errors::unexpected(self.span(self.at - 1, self.at + 1), "`/*` starts no comment", "");
            return Some(finding.help("write `#` in front of each line of the comment"));
        }
        let c = self.found().filter(|c| matches!(c, '+' | '*' | '%' | '^'))?;
        let (before, after) = (self.before(), self.rest()[1..].trim_start());
        let operand = |c: char| c.is_ascii_alphanumeric() || matches!(c, '"' | '\'' | ')' | '(');
        if !before.ends_with(operand) || !after.starts_with(operand) || !self.text[..self.at].ends_with(' ') {
            return None;
        }
        let finding =
            errors::unexpected(self.here(1), "there is no arithmetic", format!("`{c}` is not an operator"));
        Some(finding.help("write the result; text is joined inside of a string: `\"${a}-${b}\"`"))
    }

    fn parenthesis(&self) -> Option<Diagnostic> {
        let end = self.before_end();
        let name = self.before().ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '"'));
        if self.found() != Some('(') || end == self.at || !name {
            return None;
        }
        let finding = errors::unexpected(self.here(1), "`(` follows its name without a blank", "belongs to the name");
        Some(self.fix(finding, "remove the blank", &[(end..self.at, "")]))
    }

    /// Characters that no bare word may hold.
    fn foreign(&self) -> Option<Diagnostic> {
        let c = self.found().filter(|&c| !matches!(c, '\n' | '\r' | '{' | '}' | '[' | ']' | '(' | ')'))?;
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | '"' | '\'' | '#' | '<' | '>' | ' ' | '\t') {
            return None;
        }
        let here = self.here(c.len_utf8());
        let invisible = c.is_control() || c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}');
        if invisible {
            let name = format!("U+{:04X}", c as u32);
            let message = format!("an invisible character ({name}) cannot stand outside of a string");
            let new = if c.is_whitespace() { " " } else { "" };
            let finding = errors::unexpected(here, message, format!("{name} stands here"));
            return Some(finding.help("delete it").edit(here, new));
        }
        let finding =
            errors::unexpected(here, format!("`{c}` cannot stand here without quotes"), "outside of a string");
        Some(self.quote(finding))
    }

    /// Something more on the line of an item that has ended.
    fn crowded(&self) -> Option<Diagnostic> {
        let c = self.found()?;
        let starts = c.is_ascii_alphanumeric() || matches!(c, '"' | '\'' | '{' | '[');
        if !starts || !self.before().ends_with(['}', ']', ')', '"', '\'']) && self.before_end() == self.at {
            return None;
        }
        let word = self.rest().split([' ', '\t', '\n', '\r', ',', '}', '=']).next().unwrap_or("");
        let finding = errors::unexpected(
            self.here(word.len().max(c.len_utf8())),
            format!("unexpected `{}`: what stands before it has ended", if word.is_empty() { "{" } else { word }),
            "a second item on this line",
        );
        let end = self.before_end();
        let comma = [(end..end, ",")];
        Some(self.fix(finding, "put a `,` before it, or begin a line", &comma))
    }

    fn plain(&self) -> Diagnostic {
        let wants = either(self.wants);
        match self.found() {
            None | Some('\n' | '\r') => {
                let at = self.span(self.before_end(), self.before_end());
                errors::unexpected(at, format!("the line ends where {wants} should stand"), format!("expected {wants}"))
            }
            Some(c) => {
                errors::unexpected(self.here(c.len_utf8()), format!("unexpected `{c}`"), format!("expected {wants}"))
            }
        }
        .help(format!("write {wants} here, or remove what is left of the item"))
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
        Rule::item | Rule::plain | Rule::head | Rule::run | Rule::entry | Rule::clause => Some("a field or declaration"),
        Rule::op => Some("`=`"),
        Rule::block => Some("`{`"),
        Rule::args => Some("`(`"),
        Rule::mixin | Rule::mixins | Rule::ident_path => Some("the name of a mixin"),
        Rule::expr | Rule::operand | Rule::quantifier | Rule::prefix => Some("an expression"),
        Rule::binary => Some("an operator"),
        Rule::ident | Rule::named | Rule::param => Some("a name"),
        Rule::kw_in => Some("`in`"),
        Rule::EOI => Some("the end of the line"),
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
