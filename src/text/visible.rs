//! Text made safe to print: nothing in it acts on a terminal, hides, or reorders what stands beside it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character beyond ASCII acts on the terminal, hides, or reorders its neighbours. The joiners U+200C and U+200D
/// are left alone, since many scripts and emoji need them.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Writes one character so that it is visible and harmless: control characters as their pictures (`␛`), characters that are
/// invisible or turn the direction of writing as `\u{202e}`. Tab and line end are the caller's.
pub fn push_visible(out: &mut String, c: char) {
    match c {
        '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
        '\u{7f}' => out.push('\u{2421}'),
        c if is_hidden(c) => {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        c => out.push(c),
    }
}

/// A text of several lines, with nothing in it but line ends and tabs that a terminal would act on.
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, |c| matches!(c, '\n' | '\t'))
}

/// The name of something, such as a file: it stays on one line too.
pub fn visible_name(name: &str) -> Cow<'_, str> {
    shown(name, |_| false)
}

fn shown(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let acts = |c: char| !stays(c) && (c.is_ascii_control() || is_hidden(c));
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if stays(c) { out.push(c) } else { push_visible(&mut out, c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{is_hidden, visible, visible_name};

    /// Every character there is: nothing that acts on a terminal is left of it, and what does not stays.
    #[test]
    fn nothing_acts_on_a_terminal() {
        for c in '\0'..=char::MAX {
            let (text, harmless) = (c.to_string(), !c.is_control() && !is_hidden(c));
            assert_eq!(visible_name(&text) == text, harmless, "{c:?}");
            assert_eq!(visible(&text) == text, harmless || matches!(c, '\n' | '\t'), "{c:?}");
            let shown = visible_name(&text);
            assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)), "{c:?}");
        }
        assert_eq!(visible("a\n\tb\r\n\u{1b}[31m\u{9b}\u{202e}\u{7f}"), "a\n\tb␍\n␛[31m\\u{9b}\\u{202e}␡");
        assert_eq!(visible_name("a\nb\tc\u{200d}"), "a␊b␉c\u{200d}");
    }
}
