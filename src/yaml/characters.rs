//! Characters that Go's YAML library reads otherwise than others, or not at all.

/// The first character of a text that cannot stand in it as itself, with its place: control characters, which that library refuses
/// (`reader.go`), the line breaks of YAML 1.1, at which it ends a line and others do not, and marks of byte order behind the first
/// character.
pub(super) fn odd(text: &str) -> Option<(usize, char)> {
    let odd = |b: u8| b < b' ' && !matches!(b, b'\n' | b'\t') || b >= 0x7f;
    let start = text.bytes().position(odd)?;
    // All before it is ASCII, so the first odd byte starts a character.
    let mut before = start.checked_sub(1).map(|at| text.as_bytes()[at] as char);
    for (at, c) in text[start..].char_indices().map(|(at, c)| (start + at, c)) {
        let fits = match c {
            '\n' | '\t' => true,
            // As a part of a line end.
            '\r' => text[at + 1..].starts_with('\n'),
            '\u{feff}' => before.is_none(),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => {
                false
            }
            _ => true,
        };
        if !fits {
            return Some((at, c));
        }
        before = Some(c);
    }
    None
}

/// Why it cannot, a clause.
pub(super) fn why(c: char) -> String {
    let code = u32::from(c);
    match c {
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\r' => {
            format!(
                "the character U+{code:04X} ends a line for some readers; in double quotes, it is written `\\u{code:04x}`"
            )
        }
        _ => format!(
            "the character U+{code:04X} is not allowed in YAML; in double quotes, it is written `\\u{code:04x}`"
        ),
    }
}
