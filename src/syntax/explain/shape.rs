//! Mistakes in the shape of an item: operators, separators, blocks, conditions.

use super::{Failure, blanks, trailing_blanks, yaml};
use crate::diagnostics::Diagnostic;
use crate::syntax::ast::{BinaryOp, ModifierKind};
use crate::syntax::{errors, habits, lex, write};

impl Failure<'_> {
    /// Mistakes in an expression.
    pub(super) fn clause(&self) -> Option<Diagnostic> {
        if !self.in_clause() {
            return None;
        }
        let before = self.before();
        let operator = before.rsplit([' ', '\t', '(']).next().unwrap_or("");
        let end = self.before_end();
        match self.found() {
            Some('=') if operator.ends_with('=') => {
                let finding =
                    errors::unexpected(self.here(1), "a comparison is written `==`", "one `=` too many");
                Some(self.fix(finding, "write `==`", &[(self.at..self.at + 1, "")]))
            }
            Some(':') => {
                let finding =
                    errors::unexpected(self.here(1), "`:` stands only behind `all x in xs`", "expected `in`");
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

    pub(super) fn missing_value(&self) -> Option<Diagnostic> {
        let before = self.before();
        let op = match self.found() {
            None | Some('\n' | '\r' | '}' | ']' | ')' | ',' | '#') if before.ends_with('=') => {
                before.len() - 1
            }
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
            errors::unexpected(
                at,
                format!("a value is missing after `{symbol}`"),
                "expected a value behind this",
            )
            .help(format!("write `{head} {symbol} VALUE`, or remove `{head} {symbol}`")),
        )
    }

    /// `[console=ttyS0]`: a `=` without blanks in a list is part of a text.
    pub(super) fn joined(&self) -> Option<Diagnostic> {
        let (before, rest) = (self.before(), self.rest());
        let plain =
            |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/'));
        if self.found() != Some('=') || self.before_end() != self.at {
            return None;
        }
        let listed = before.rfind('[').is_some_and(|open| {
            [before.rfind('{'), before.rfind('('), before.rfind(']')]
                .into_iter()
                .flatten()
                .all(|at| at < open)
        });
        if !listed || !plain(before.chars().next_back()) || !plain(rest[1..].chars().next()) {
            return None;
        }
        let finding =
            errors::unexpected(self.here(1), "text with `=` in it needs quotes", "ends the bare value");
        let start = before.rfind(['[', ',', ' ', '\t', '\n']).map_or(0, |at| at + 1);
        let stop = rest.find([',', ']', ' ', '\t', '\n', '\r', '#']).unwrap_or(rest.len());
        let (start, end) = (self.slice.start + start, self.at + stop);
        let text = write::string(&self.text[start..end]);
        Some(self.fix(finding, "put the text between quotes", &[(start..end, &text)]))
    }

    pub(super) fn equals(&self) -> Option<Diagnostic> {
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
            let finding = errors::unexpected(
                self.here(2),
                "`==` compares: a field is set with `=`",
                "compares nothing here",
            );
            return Some(self.fix(finding, "write `=`", &[(self.at..self.at + 2, "=")]));
        }
        if before.ends_with('=') {
            let finding = errors::unexpected(self.here(1), "`=` stands twice", "one too many");
            return Some(self.fix(
                finding,
                "remove one",
                &[(self.at..self.at + 1 + blanks(&self.rest()[1..]), "")],
            ));
        }
        let field = before.rsplit([' ', '\t', '\n', '{', '[', '(', ',']).next().unwrap_or("");
        if !self.statement().contains('=') || field.is_empty() {
            let finding =
                errors::unexpected(self.here(1), "the name of a field is missing before `=`", "sets nothing");
            return Some(finding.help("write `NAME = VALUE`"));
        }
        let start = self.before_end() - field.len();
        let end = start - trailing_blanks(&self.text[..start]);
        if self.text[..end].ends_with('=') {
            let finding =
                errors::unexpected(self.here(1), "a field has one value: `=` stands twice", "a second `=`");
            return Some(
                finding.help(format!("write the value alone, without `{field} =` or what is like it")),
            );
        }
        if self.text[..end].ends_with('[') {
            let finding =
                errors::unexpected(self.here(1), "an element of a list has no name", "names an element");
            return Some(
                finding.help(format!("write `[{{ {field} = VALUE }}]`, or `{{ }}` instead of `[ ]`")),
            );
        }
        let finding = errors::unexpected(
            self.here(1),
            "unexpected `=`: two fields on one line need a `,` between them",
            "a second `=`",
        );
        Some(self.fix(finding, &format!("put a `,` before `{field}`"), &[(end..end, ",")]))
    }

    pub(super) fn colon(&self) -> Option<Diagnostic> {
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
            let finding =
                errors::unexpected(self.here(1), "text with `:` in it needs quotes", "ends the bare value");
            return Some(self.quote(finding));
        }
        let range = self.before_end()..self.at + 1;
        if after.starts_with('=') {
            let finding =
                errors::unexpected(self.here(2), "a field is set with `=`, not with `:=`", "expected `=`");
            return Some(self.fix(finding, "write `=`", &[(range.start..self.at + 2, " =")]));
        }
        if after.starts_with('{') {
            let finding =
                errors::unexpected(self.here(1), "a block follows its name without `:`", "not needed");
            return Some(self.fix(finding, "remove the `:`", &[(range, "")]));
        }
        if after.is_empty() || after.starts_with(['\n', '\r', '#']) {
            let finding = errors::unexpected(
                self.here(1),
                "a block is written with `{ … }`, not with `:`",
                "expected `{`",
            );
            return Some(
                finding.help(format!("write `{statement} {{`, its fields each on a line, and `}}`")),
            );
        }
        let finding =
            errors::unexpected(self.here(1), "a field is set with `=`, not with `:`", "expected `=`");
        // What YAML takes for text without quotes gets them.
        let line = after.split(['\n', '\r']).next().unwrap_or("");
        let value = line.find(" #").map_or(line, |comment| &line[..comment]).trim_end();
        let at = self.text.len() - self.text[self.at + 1..].trim_start_matches([' ', '\t']).len();
        if value.starts_with(['|', '>', '&', '*', '!']) {
            return Some(finding.help(match value.starts_with(['|', '>']) {
                true => format!("write `{statement} = \"\"\"`, the text on the next lines, and `\"\"\"` on a line of its own"),
                false => format!("write `{statement} = VALUE`; what is shared gets a name with `let`"),
            }));
        }
        let whole = self.slice.end == at + value.len() && !value.contains(';') && !value.contains(": ");
        let quoted = if whole { yaml::quoted(value).flatten() } else { None };
        match quoted {
            Some(new) => Some(self.fix(finding, "write `=`", &[(range, " ="), (at..at + value.len(), &new)])),
            None => {
                let mut edits = vec![(range, " =")];
                if statement.starts_with('"') {
                    edits.extend(self.keys_of_json());
                }
                Some(self.fix(finding, "write `=`", &edits))
            }
        }
    }

    /// `role c : a, b { … }`: what is inherited follows a `:` in other languages.
    pub(super) fn parents(&self) -> Option<Diagnostic> {
        let head = self.text.get(self.slice.start..self.at)?;
        let plain = |word: &str| word.starts_with(|c: char| c.is_ascii_alphabetic());
        let words = head.split_whitespace();
        if self.found() != Some(':')
            || head.contains(['\n', '=', '{', '"'])
            || words.clone().count() != 2
            || words.clone().next() == Some("let")
            || !words.clone().all(plain)
        {
            return None;
        }
        let rest = &self.rest()[1..];
        let list = &rest[..rest.find(['{', '\n', '#']).unwrap_or(rest.len())];
        let names: Vec<&str> = list.trim_end().split(',').map(str::trim).collect();
        if names
            .iter()
            .any(|name| name.is_empty() || !name.bytes().all(|byte| lex::is_ident(byte) || byte == b'.'))
        {
            return None;
        }
        let finding = errors::unexpected(
            self.here(1),
            "what is inherited follows `extends` and `with`, not `:`",
            "not part of a head",
        );
        let edits = [(self.before_end()..self.at + 1, " extends")];
        let comma = list.find(',').map(|comma| (self.at + 1 + comma..self.at + 2 + comma, " with"));
        let edits: Vec<_> = edits.into_iter().chain(comma).collect();
        let help = format!("write `{} extends {}`", head.trim_end(), names.join(" with "));
        Some(match names.len() {
            1 => self.fix(finding, &help, &edits),
            // Which of them is the parent is a guess.
            _ => self.offer(finding, &help, &edits),
        })
    }

    /// `let v: Version = v1.13.7`: the type of a value is that of the field which takes it.
    pub(super) fn typed(&self) -> Option<Diagnostic> {
        let head = self.text.get(self.slice.start..self.at)?;
        if self.found() != Some(':') || head.contains(['\n', '=', '{', '"']) {
            return None;
        }
        let (ty, value) = self.rest()[1..].split('\n').next()?.split_once('=')?;
        let plain = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '.' | '_' | '-')
        };
        let (ty, colon) = ty.strip_suffix(':').map_or((ty, 0), |ty| (ty, 1));
        let ty = ty.trim();
        // A field says text of its own behind a `:`, a name does not.
        let named = head.split_whitespace().count() == 2;
        if !ty.starts_with(|c: char| c.is_ascii_uppercase() || named && c.is_ascii_alphabetic())
            || !ty.chars().all(plain)
            || value.trim().is_empty()
        {
            return None;
        }
        let start = self.rest().find(ty)?;
        let finding = errors::unexpected(
            self.span(self.at, self.at + start + ty.len()),
            "a value says no type: its type is that of the field which takes it",
            "not needed",
        );
        let end = self.at + start + ty.len();
        let assign = end + self.text[end..].find('=')?;
        let mut edits = vec![(self.before_end()..end, "")];
        // `let x: T := 3`
        if colon == 1 {
            edits.push((assign - 1..assign, ""));
        }
        Some(self.fix(finding, "remove the type", &edits))
    }

    pub(super) fn separator(&self) -> Option<Diagnostic> {
        match self.found() {
            Some(';') if self.before().is_empty() => {
                let finding = errors::unexpected(
                    self.here(1),
                    "a comment starts with `#`, not with `;`",
                    "not a comment",
                );
                Some(self.fix(finding, "write `#`", &[(self.at..self.at + 1, "#")]))
            }
            Some(';') => {
                let after = self.rest()[1..].trim_start_matches([' ', '\t']);
                let ends = after.is_empty() || after.starts_with(['\n', '\r', '}', '#']);
                let new = if ends { "" } else { "," };
                let finding =
                    errors::unexpected(self.here(1), "`;` is not part of the language", "not needed");
                let help = "an item ends with its line; several on one line are separated by `,`";
                Some(self.fix(finding, help, &[(self.before_end()..self.at + 1, new)]))
            }
            Some(',') => {
                let finding =
                    errors::unexpected(self.here(1), "nothing stands before this `,`", "separates nothing");
                let range = if self.before().ends_with(',') {
                    self.before_end()..self.at + 1
                } else {
                    self.at..self.at + 1 + blanks(&self.rest()[1..])
                };
                Some(self.fix(finding, "remove the `,`", &[(range, "")]))
            }
            _ => None,
        }
    }

    pub(super) fn parenthesis(&self) -> Option<Diagnostic> {
        let end = self.before_end();
        let name =
            self.before().ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '"'));
        if self.found() != Some('(') || end == self.at || !name {
            return None;
        }
        let finding =
            errors::unexpected(self.here(1), "`(` follows its name without a blank", "belongs to the name");
        Some(self.fix(finding, "remove the blank", &[(end..self.at, "")]))
    }

    /// `role a { … } extends b`: what belongs in front of the body.
    pub(super) fn behind_body(&self) -> Option<Diagnostic> {
        let word = self.rest().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        let before = self.before();
        if ModifierKind::of(word).is_none() || !before.ends_with('}') {
            return None;
        }
        let finding = errors::unexpected(
            self.here(word.len()),
            format!("`{word}` stands in front of the body, not behind it"),
            "behind the body",
        );
        let tail = self.rest().split(['\n', '\r', '#', '{', ';']).next().unwrap_or("").trim_end();
        let mut depth = 0usize;
        let open = before.bytes().rposition(|byte| {
            match byte {
                b'}' => depth += 1,
                b'{' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let moved = open.map(|open| {
            let head = before[..open].trim_end_matches([' ', '\t']);
            (self.slice.start + head.len(), format!("{head} {tail} {}", &before[open..]))
        });
        let Some((end, _)) = moved.filter(|(_, fixed)| super::reads(fixed)) else {
            return Some(finding.help(format!("write `{tail}` in front of the `{{`")));
        };
        let inserted = format!(" {tail}");
        let edits = [(end..end, inserted.as_str()), (self.before_end()..self.at + tail.len(), "")];
        Some(self.fix(finding, &format!("write `{tail}` in front of the `{{`"), &edits))
    }

    /// `extensions [a, b]`, and `x = (a, b)`.
    pub(super) fn bracket(&self) -> Option<Diagnostic> {
        let before = self.before();
        let name = before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        if self.found() == Some('[')
            && let Some(listed) = self.bases_in_brackets()
        {
            return Some(listed);
        }
        if self.found() == Some('[') && name && self.before_end() < self.at && !self.statement().contains('=')
        {
            let end = self.before_end();
            let finding =
                errors::unexpected(self.here(1), "`=` is missing before this list", "the value of the field");
            return Some(self.fix(finding, "write `=`", &[(end..end, " =")]));
        }
        if self.found() == Some('(') && before.ends_with('=') {
            let finding = errors::unexpected(
                self.here(1),
                "a list is written with `[ ]`, not with `( )`",
                "not a value",
            );
            let line = self.rest().split('\n').next().unwrap_or("");
            let close = line.find(')').filter(|&close| !line[1..close].contains(['(', '"', '\'']));
            return Some(match close {
                Some(close) => {
                    let close = self.at + close;
                    self.fix(finding, "write `[ ]`", &[(self.at..self.at + 1, "["), (close..close + 1, "]")])
                }
                None => finding.help("write `[` and `]`"),
            });
        }
        None
    }

    /// Something more on the line of an item that has ended.
    pub(super) fn crowded(&self) -> Option<Diagnostic> {
        let c = self.found()?;
        let starts = c.is_ascii_alphanumeric() || matches!(c, '"' | '\'' | '{' | '[');
        if matches!(c, '"' | '\'' | '{' | '[') && self.before().ends_with(|c: char| c.is_ascii_alphanumeric())
        {
            let finding = errors::unexpected(
                self.here(1),
                format!("a blank is missing before `{c}`"),
                "stands too close",
            );
            return Some(self.fix(finding, "put a blank before it", &[(self.at..self.at, " ")]))
                .filter(|_| self.before_end() == self.at);
        }
        if !starts || !self.before().ends_with(['}', ']', ')', '"', '\'']) && self.before_end() == self.at {
            return None;
        }
        let word = self.rest().split([' ', '\t', '\n', '\r', ',', '}', '=']).next().unwrap_or("");
        let finding = errors::unexpected(
            self.here(word.len().max(c.len_utf8())),
            format!(
                "unexpected `{}`: what stands before it has ended",
                if word.is_empty() { "{" } else { word }
            ),
            "a second item on this line",
        );
        let end = self.before_end();
        let comma = [(end..end, ",")];
        Some(self.offer(finding, "put a `,` before it, or begin a line", &comma))
    }
}
