//! Characters that other languages use and this one does not.

use super::{Failure, HELP_WIDTH};
use crate::diagnostics::Diagnostic;
use crate::syntax::errors;

impl Failure<'_> {
    pub(super) fn typographic(&self) -> Option<Diagnostic> {
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
            Some((at, c)) => {
                vec![(open.clone(), quote), (open.end + at..open.end + at + c.len_utf8(), quote)]
            }
            None => vec![(open, quote)],
        };
        Some(self.fix(finding, &help, &edits))
    }

    pub(super) fn logic(&self) -> Option<Diagnostic> {
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

    pub(super) fn yaml(&self) -> Option<Diagnostic> {
        let c = self.found()?;
        let opens = self.before().ends_with(['=', '[', '(', ',']);
        let message = match c {
            '&' | '*' if opens => {
                format!("`{c}` is YAML's way to share a value: here it gets a name with `let`")
            }
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

    pub(super) fn dollar(&self) -> Option<Diagnostic> {
        if self.found() != Some('$') {
            return None;
        }
        let name = self.rest().strip_prefix("${").and_then(|rest| rest.split_once('}'));
        let name = name.map(|(name, _)| name).filter(|name| !name.is_empty() && name.len() < HELP_WIDTH);
        let Some(name) = name else {
            return Some(self.quote(errors::unexpected(
                self.here(1),
                "`$` cannot stand outside of a string",
                "not a value",
            )));
        };
        let end = self.at + name.len() + 3;
        let finding = errors::unexpected(
            self.span(self.at, end),
            "`${…}` stands only inside of a string",
            "not in a string",
        );
        Some(self.fix(finding, &format!("write `{name}`"), &[(self.at..end, name)]))
    }

    pub(super) fn arithmetic(&self) -> Option<Diagnostic> {
        if self.found() == Some('*') && self.before().ends_with('/') {
            let finding =
                errors::unexpected(self.span(self.at - 1, self.at + 1), "`/*` starts no comment", "");
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

    /// Characters that no bare word may hold.
    pub(super) fn foreign(&self) -> Option<Diagnostic> {
        let c = self.found().filter(|&c| !matches!(c, '\n' | '\r' | '{' | '}' | '[' | ']' | '(' | ')'))?;
        if c.is_ascii_alphanumeric()
            || matches!(c, '_' | '.' | '/' | '-' | '"' | '\'' | '#' | '<' | '>' | ' ' | '\t')
        {
            return None;
        }
        let here = self.here(c.len_utf8());
        let invisible = c.is_control()
            || c.is_whitespace()
            || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}');
        if invisible {
            let name = format!("U+{:04X}", c as u32);
            let message = format!("an invisible character ({name}) cannot stand outside of a string");
            let new = if c.is_whitespace() { " " } else { "" };
            let finding = errors::unexpected(here, message, format!("{name} stands here"));
            return Some(finding.help("delete it").edit(here, new));
        }
        let finding = errors::unexpected(
            here,
            format!("`{c}` cannot stand here without quotes"),
            "outside of a string",
        );
        Some(self.quote(finding))
    }
}
