//! Text from files, names and messages made safe to print: no control character reaches a terminal (`crate::text` makes them
//! visible), and no text is endless.

use crate::text::push_visible as push;

/// The longest headline or label, in characters. A misspelt name of a megabyte must not fill the screen.
pub(super) const MAX_INLINE: usize = 600;
/// The longest line of a note or help.
const MAX_NOTE_LINE: usize = 400;
/// The most lines of one note or help.
const MAX_NOTE_LINES: usize = 60;
/// Where the prose of notes and help is wrapped; lines that start with a space are code and never are.
const WRAP: usize = 96;
/// Tabs in prose.
const TAB: &str = "    ";

/// One line of clean text: line ends become spaces, and what is longer than `limit` characters is cut with `…`.
pub(super) fn inline(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for (n, c) in text.trim_end().chars().enumerate() {
        if n == limit {
            out.push('…');
            break;
        }
        match c {
            '\n' => out.push(' '),
            '\r' => {}
            '\t' => out.push_str(TAB),
            c => push(&mut out, c),
        }
    }
    out
}

/// The lines of a note or help: clean, prose wrapped, code as it is, every line after the first indented by `indent`.
pub(super) fn block(text: &str, indent: usize) -> String {
    let mut lines = Vec::new();
    let mut rest = text.trim_end().lines();
    for line in rest.by_ref().take(MAX_NOTE_LINES) {
        let line = inline(line, MAX_NOTE_LINE);
        if line.starts_with(' ') { lines.push(line) } else { wrap(&line, WRAP - indent, &mut lines) }
    }
    match rest.count() {
        0 => {}
        more => lines.push(format!("… ({})", crate::text::count(more, "more line"))),
    }
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

/// Breaks a line of prose at spaces. Text in backticks is kept together: half a command cannot be pasted.
fn wrap(line: &str, width: usize, lines: &mut Vec<String>) {
    let mut current = String::new();
    let mut used = 0;
    for word in words(line) {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(std::mem::take(&mut current));
            used = 0;
        }
        if used > 0 {
            current.push(' ');
            used += 1;
        }
        current.push_str(word);
        used += length;
    }
    lines.push(current);
}

/// The pieces of a line between those spaces that are not inside backticks.
fn words(line: &str) -> impl Iterator<Item = &str> {
    // An odd backtick is an apostrophe of some kind, so the quoting of such a line means nothing.
    let paired = line.matches('`').count().is_multiple_of(2);
    let mut quoted = false;
    line.split(move |c| {
        quoted ^= c == '`' && paired;
        c == ' ' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(inline("a\u{1b}[31m\tb\r\nc\u{9b}\u{202e}\u{7f}", 99), "a␛[31m    b c\\u{9b}\\u{202e}␡");
        assert_eq!(inline("ab\u{200d}c", 2), "ab…");
    }

    #[test]
    fn prose_is_wrapped_and_code_is_not() {
        let code = format!("  {}", "x ".repeat(80).trim_end());
        let text = format!("{} `two words`\n{code}", "word ".repeat(18).trim_end());
        let expected = format!("{}\n      `two words`\n      {code}", "word ".repeat(18).trim_end());
        assert_eq!(block(&text, 6), expected);
    }

    #[test]
    fn endless_text_is_cut() {
        let cut = block(&"line\n".repeat(100), 0);
        assert!(cut.ends_with("line\n… (40 more lines)"));
    }
}
