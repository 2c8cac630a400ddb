//! Characters that other languages use and this one does not.

use super::{Failure, HELP_WIDTH, MARGIN};
use crate::diagnostics::Diagnostic;
use crate::syntax::{errors, lex};

/// What stands in place of conditions and loops.
const CONDITIONS: &str = "what differs goes into a role, a mixin or a parameter; `since v1.13` and `until v1.12` behind a head are the only \
    conditions";

impl Failure<'_> {
    pub(super) fn typographic(&self) -> Option<Diagnostic> {
        if let Some(dash @ ('–' | '—' | '−' | '‐' | '‑')) = self.found() {
            let finding = errors::unexpected(
                self.here(dash.len_utf8()),
                format!("`{dash}` is not the `-` of the keyboard"),
                "another sign that looks like it",
            );
            return Some(self.fix(finding, "write `-`", &[(self.at..self.at + dash.len_utf8(), "-")]));
        }
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
        if self.rest().starts_with("<<:") {
            let finding = errors::unexpected(
                self.here(2),
                "`<<` is YAML's way to take over a map: here it is taken in with `with`",
                "not a field",
            );
            return Some(
                finding.help("declare what is shared as a role or a `let` block, and write `with NAME`"),
            );
        }
        let opens = self.before().ends_with(['=', '[', '(', ',']);
        let message = match c {
            '&' | '*' if opens => {
                format!("`{c}` is YAML's way to share a value: here it gets a name with `let`")
            }
            '|' | '>' if opens => "text of several lines stands between `\"\"\"` and `\"\"\"`".to_string(),
            '<' if opens && self.rest().starts_with("<<") => {
                return Some(self.heredoc());
            }
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

    /// `<<EOF` whose end is not found.
    fn heredoc(&self) -> Diagnostic {
        let line = self.rest().split(['\n', '\r']).next().unwrap_or("");
        let word = line.trim_start_matches(['<', '-', '~']).trim_matches(['"', '\'', ' ']);
        errors::heredoc(self.here(line.trim_end().len()), word, None)
    }

    /// `{{ name }}` and `{% if … %}`
    pub(super) fn template(&self) -> Option<Diagnostic> {
        if self.rest().starts_with("<%") {
            let finding = errors::unexpected(
                self.here(2),
                "`<%` is of a template engine: nothing is put in here before the file is read",
                "not part of the language",
            );
            return Some(finding.help("a value that differs is a parameter of a declaration, or a `let`"));
        }
        let behind = self.text[..self.at].ends_with('{');
        let open = if behind { self.at - 1 } else { self.at };
        let second = self.text[open..].chars().nth(1).filter(|c| matches!(c, '{' | '%'))?;
        if !self.text[open..].starts_with('{') {
            return None;
        }
        let finding = errors::unexpected(
            self.span(open, open + 2),
            format!("`{{{second}` is of a template engine: nothing is put in here before the file is read"),
            "not part of the language",
        );
        let rest = &self.text[open + 2..];
        let inner = rest.split('\n').next().and_then(|line| line.split_once("}}"));
        let name = inner.map(|(name, _)| name.trim()).filter(|name| {
            second == '{' && !name.is_empty() && name.len() < HELP_WIDTH && name.bytes().all(lex::is_ident)
        });
        let way = "a value that differs is a parameter of a declaration, or a `let`";
        Some(match (name, inner) {
            (Some(name), Some((between, _))) => finding
                .help(format!("write `{name}`: {way}"))
                .offer(self.span(open, open + 2 + between.len() + "}}".len()), name),
            _ => finding.help(format!("{way}, and what differs between machines a role or a mixin")),
        })
    }

    pub(super) fn dollar(&self) -> Option<Diagnostic> {
        if self.found() != Some('$') {
            return None;
        }
        let name = self.rest().strip_prefix("${").and_then(|rest| rest.split_once('}'));
        let name = name.map(|(name, _)| name).filter(|name| !name.is_empty() && name.len() < HELP_WIDTH);
        let Some(name) = name else {
            let name =
                self.rest()[1..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
            let finding = errors::unexpected(
                self.here(1 + name.len()),
                "`$` cannot stand outside of a string",
                "not a value",
            );
            // `$NAME` is of a shell; any other text with the sign in it is text.
            let begins = self.text[..self.at].ends_with([' ', '\t', '[', '(', '=']);
            return Some(match name {
                "" => self.quote(finding),
                _ if !begins => self.quote(finding),
                _ => finding.help(
                    "there is no environment: write the value itself, or the name of a parameter or of a `let`",
                ),
            });
        };
        let end = self.at + name.len() + 3;
        let finding = errors::unexpected(
            self.span(self.at, end),
            "`${…}` stands only inside of a string",
            "not in a string",
        );
        Some(self.fix(finding, &format!("write `{name}`"), &[(self.at..end, name)]))
    }

    /// `for x in xs { … }`, `if x == y { … }`
    pub(super) fn control(&self) -> Option<Diagnostic> {
        let text = &self.text[self.slice.start..self.slice.end];
        let word = text.split([' ', '\t', '(']).next()?;
        if !matches!(word, "for" | "foreach" | "if" | "else" | "while" | "switch" | "function" | "def") {
            return None;
        }
        let at = self.span(self.slice.start, self.slice.start + word.len());
        let finding = errors::unexpected(at, format!("there is no `{word}`"), "not part of the language");
        Some(finding.help(CONDITIONS))
    }

    /// `/* … */`, at its beginning or at its end.
    fn comment(&self) -> Option<Diagnostic> {
        let margin = self.at.saturating_sub(MARGIN);
        let margin = (margin..=self.at).find(|&at| self.text.is_char_boundary(at))?;
        let open = if self.before().ends_with('/') {
            self.at - 1
        } else if self.rest().starts_with("*/") {
            margin + self.text[margin..self.at].rfind("/*")?
        } else {
            return None;
        };
        let finding =
            errors::unexpected(self.span(open, open + 2), "`/*` starts no comment", "not a comment")
                .help("write `#` in front of each line of the comment");
        let Some(close) = self.text[open..].find("*/").map(|at| open + at) else { return Some(finding) };
        let ends = self.text[close + 2..].split('\n').next().is_none_or(|rest| rest.trim().is_empty());
        if !ends || close - open > MARGIN {
            return Some(finding);
        }
        let finding = finding.mend(self.span(open, open + 2), "#");
        let lines = self.text[open..close].match_indices('\n').map(|(at, _)| open + at + 1);
        let finding = lines.fold(finding, |finding, at| finding.mend(self.span(at, at), "# "));
        let blank = self.text[..close].trim_end_matches([' ', '\t']).len();
        Some(finding.mend(self.span(blank.max(open + 2), close + 2), ""))
    }

    /// `x ++= [a]`, `x =+ [a]`, `x |= [a]`
    pub(super) fn other_operator(&self) -> Option<Diagnostic> {
        let sign = |c: char| matches!(c, '+' | '=' | '|' | ':' | '<' | '.' | '&');
        let before = self.before();
        let start = self.before_end() - (before.len() - before.trim_end_matches(sign).len());
        let start = if start < self.before_end() { start } else { self.at };
        let text = self.text[start..self.slice.end].trim_start_matches(sign);
        let end = self.slice.end - text.len();
        let operator = &self.text[start..end];
        if !matches!(operator, "++=" | "=+" | "|=" | "<<=" | ".=" | "&=" | ":+=" | "+:=" | "++")
            || !text.trim_start().starts_with('[')
            || self.text[..start].trim_end_matches([' ', '\t']).ends_with(['{', ',', '\n'])
        {
            return None;
        }
        let finding = errors::unexpected(
            self.span(start, end),
            format!("`{operator}` is not an operator: a list is added to with `+=`"),
            "not an operator",
        );
        Some(self.fix(finding, "write `+=`", &[(start..end, "+=")]))
    }

    /// `x = base.x + [a]` and `x ++ [a]`
    fn adding(&self) -> Option<Diagnostic> {
        let rest = self.rest().strip_prefix('+')?;
        let list = rest.trim_start_matches(['+', ' ', '\t']);
        let statement = self.statement();
        let (name, _) = statement.split_once('=').unwrap_or((statement, ""));
        let name = name.trim().trim_start_matches("override ").trim_end();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !list.starts_with('[') || name.is_empty() || !name.chars().all(plain) {
            return None;
        }
        let start = self.before_end() - statement.len();
        let end = self.slice.end - list.len();
        let finding = errors::unexpected(
            self.here(1),
            "lists are not joined in a value: a field is added to with `+=`",
            "not an operator",
        );
        Some(self.offer(finding, "write `+=`", &[(start..end, &format!("{name} += "))]))
    }

    pub(super) fn arithmetic(&self) -> Option<Diagnostic> {
        if self.found() == Some('*')
            && let Some(comment) = self.comment()
        {
            return Some(comment);
        }
        if let Some(adding) = self.adding() {
            return Some(adding);
        }
        let c = self.found().filter(|c| matches!(c, '+' | '*' | '%' | '^'))?;
        let (before, after) = (self.before(), self.rest()[1..].trim_start());
        let operand = |c: char| c.is_ascii_alphanumeric() || matches!(c, '"' | '\'' | ')' | '(');
        if !before.ends_with(operand) || !after.starts_with(operand) || !self.text[..self.at].ends_with(' ') {
            return None;
        }
        let first = before.rsplit([' ', '\t', '=', '(', '[']).next().unwrap_or("");
        let second = after.split([' ', '\t', ',', '}', ')', ']', '\n', '\r']).next().unwrap_or("");
        let name = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_alphabetic())
                && word.bytes().all(|byte| lex::is_ident(byte) || byte == b'.')
        };
        if c == '+' && name(first) && name(second) {
            return Some(
                errors::unexpected(self.here(1), "nothing is added to a name", "not an operator").help(format!(
                    "write a list, `[{first}, {second}]`; what one declaration takes in follows `with`: `with {second}`"
                )),
            );
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
        if c == '?' && self.statement().contains('=') && self.rest().contains(" : ") {
            let finding = errors::unexpected(here, "there is no `? :`", "not an operator");
            return Some(finding.help(CONDITIONS));
        }
        if c == '~'
            && !self.rest()[1..].starts_with(|next: char| !next.is_whitespace() && !",]}#".contains(next))
        {
            let finding =
                errors::unexpected(here, "`~` is YAML's null: a field is set, or it is not", "not a value");
            return Some(finding.help("leave the field out; `unset NAME` takes back what is inherited"));
        }
        let invisible = c.is_control()
            || c.is_whitespace()
            || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}');
        if invisible {
            let name = format!("U+{:04X}", c as u32);
            let message = format!("an invisible character ({name}) cannot stand outside of a string");
            let new = if c.is_whitespace() { " " } else { "" };
            let finding = errors::unexpected(here, message, format!("{name} stands here"));
            return Some(finding.help("delete it").mend(here, new));
        }
        let finding = errors::unexpected(
            here,
            format!("`{c}` cannot stand here without quotes"),
            "outside of a string",
        );
        Some(self.quote(finding))
    }
}
