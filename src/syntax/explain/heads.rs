//! Mistakes in heads and imports, and lines that a merge left.

use std::ops::Range;

use super::Failure;
use crate::diagnostics::Diagnostic;
use crate::syntax::ast::ModifierKind;
use crate::syntax::{errors, lex, write};

impl Failure<'_> {
    /// The `:` behind the other keys of JSON in the same piece of text, each with what stands there instead.
    pub(super) fn keys_of_json(&self) -> Vec<(Range<usize>, &'static str)> {
        let mut out = Vec::new();
        let mut at = self.at;
        while let Some(newline) = self.text[at..self.slice.end].find('\n') {
            at += newline + 1;
            let line = self.text[at..self.slice.end].split('\n').next().unwrap_or_default();
            let inner = line.trim_start();
            let key = inner.strip_prefix('"').and_then(|rest| rest.split_once("\":"));
            let Some((key, value)) = key.filter(|(key, _)| !key.contains(['"', '\\'])) else { continue };
            let colon = at + line.len() - inner.len() + key.len() + 2;
            out.push((colon..colon + 1, if value.trim_start().starts_with('{') { "" } else { " =" }));
        }
        out
    }

    /// `import ["./a.talos", "./b.talos"]`, `import: "./a.talos"`: each file has an import of its own.
    pub(super) fn imports(&self) -> Option<Diagnostic> {
        let text = &self.text[self.slice.start..self.slice.end];
        let rest = text
            .strip_prefix("import")
            .filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))?;
        let first = rest.trim_start().chars().next()?;
        if !matches!(first, '[' | '(' | '{' | ':' | '=' | '*') {
            return None;
        }
        let paths: Vec<&str> = rest.split(['"', '\'']).skip(1).step_by(2).collect();
        let finding = errors::unexpected(
            self.span(self.slice.start, self.slice.start + "import".len()),
            "an import is `import \"./file.talos\"`, perhaps with `as name`",
            "not an import",
        );
        let lines: Vec<String> = paths.iter().map(|path| format!("import {}", write::string(path))).collect();
        Some(match lines.first() {
            None => finding.help("put the path between quotes and nothing after it but `as name`"),
            Some(one) => finding
                .help(format!("write `{one}`, each import on a line of its own"))
                .offer(self.span(self.slice.start, self.slice.end), lines.join("\n")),
        })
    }

    /// A line of a merge conflict whose other lines are gone.
    pub(super) fn conflict_line(&self) -> Option<Diagnostic> {
        let start = self.line_start()?;
        let line = self.text[start..].split(['\n', '\r']).next()?;
        let sign = line.bytes().next().filter(|sign| matches!(sign, b'<' | b'=' | b'>' | b'|'))?;
        let marked = line.len() >= 7 && line.bytes().take(7).all(|byte| byte == sign);
        if !marked || line.as_bytes().get(7).is_some_and(|byte| *byte != b' ') {
            return None;
        }
        let finding = errors::unexpected(
            self.span(start, start + line.len()),
            "a line of a merge conflict was left in the file",
            "of a merge",
        );
        let end = (start + line.len() + 1).min(self.text.len());
        Some(finding.help("remove the line").mend(self.span(start, end), ""))
    }

    /// `role x extends [a, b] { … }`: what is inherited stands there without brackets.
    pub(super) fn bases_in_brackets(&self) -> Option<Diagnostic> {
        let keyword = self.before().rsplit([' ', '\t', '\n']).next()?;
        let with = match ModifierKind::of(keyword)? {
            ModifierKind::With => true,
            ModifierKind::Extends => false,
            _ => return None,
        };
        let list = &self.rest()[1..self.rest().find(']')?];
        if !list.bytes().all(|byte| lex::is_ident(byte) || matches!(byte, b'.' | b',' | b' ')) {
            return None;
        }
        let close = self.at + 1 + list.len();
        let finding = errors::unexpected(
            self.here(list.len() + 2),
            format!("names stand behind `{keyword}` without brackets"),
            "not a list",
        );
        let mut edits = vec![(self.at..self.at + 1, "")];
        let comma = list.find(',').filter(|_| !with).map(|comma| self.at + 1 + comma);
        edits.extend(comma.map(|comma| (comma..comma + 1, " with")));
        edits.push((close..close + 1, ""));
        Some(match comma {
            // Which of them is the parent is a guess.
            Some(_) => self.offer(finding, "write the names alone", &edits),
            None => self.fix(finding, "write the names alone", &edits),
        })
    }
}
