//! How one string is written: plain, in double quotes, or as a literal block.
//!
//! Readers of YAML disagree on what a plain scalar means: `on`, `22:22`, `1_000` and `2026-11-21` are strings to some and
//! booleans, numbers or dates to others. So nothing is plain unless it is on an allow-list that no reader can take for
//! anything but a string; whatever is left goes into double quotes, where all readers agree.

use super::sink::Sink;
use crate::text::{is_hidden, is_uuid};

/// What a byte may do in a plain scalar.
const HEAD: u8 = 1;
const BODY: u8 = 2;
/// A letter that stands in no number of any reader: neither a hexadecimal digit, nor part of a radix (`0x`, `0o`), nor of
/// a timestamp (`T`, `Z`). One such letter makes `12h` and `64GiB` strings to everyone.
const UNIT: u8 = 4;
/// May stand in a word that starts with a digit.
const MEASURE: u8 = 8;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let b = byte as u8;
        if b.is_ascii_alphanumeric()
            || matches!(b, b'.' | b'_' | b'/' | b'-' | b'=' | b',' | b'+' | b'@' | b'%')
        {
            table[byte] |= BODY;
        }
        if matches!(b, b'~' | b'(' | b')') {
            table[byte] |= BODY;
        }
        if b.is_ascii_alphabetic() || b == b'/' {
            table[byte] |= HEAD;
        }
        if matches!(b.to_ascii_lowercase(), b'g'..=b'n' | b'p'..=b's' | b'u'..=b'w' | b'y') {
            table[byte] |= UNIT;
        }
        if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'-') {
            table[byte] |= MEASURE;
        }
        byte += 1;
    }
    table
}

fn is(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// Words that some reader takes for a boolean, a null or a number, compared without regard to case.
const RESERVED: [&str; 12] =
    ["y", "n", "no", "on", "yes", "off", "nan", "inf", "null", "true", "false", "infinity"];

/// Appends a string in one line: plain if every reader sees the same string, else in double quotes.
pub(super) fn write_inline(text: &str, out: &mut Sink<'_>) {
    if is_plain(text) { out.push_str(text) } else { write_quoted(text, out) }
}

/// Whether every reader takes these characters, without quotes, for this string; as a key too.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(&first) if is(first, HEAD) => is_plain_phrase(bytes) && !is_reserved(text),
        // Machines are named by UUIDs, and half of all start with a letter: without this a list of them would be quoted at random.
        Some(first) if first.is_ascii_digit() => is_uuid(text) || is_measure(bytes),
        _ => false,
    }
}

/// A word that starts as a plain scalar may, and what follows: letters, digits and a few signs, single blanks and inner colons.
fn is_plain_phrase(bytes: &[u8]) -> bool {
    let mut colons = false;
    for (at, &byte) in bytes.iter().enumerate() {
        if is(byte, BODY) {
            continue;
        }
        // A blank or a colon must be followed by something that is neither.
        let joined = bytes.get(at + 1).is_some_and(|&next| is(next, BODY));
        match byte {
            b' ' if joined => {}
            b':' if joined => colons = true,
            _ => return false,
        }
    }
    // MAC and IPv6 addresses are quoted whether they start with a letter or a digit, so that a list of them is even.
    !(colons && bytes.iter().all(|&b| b.is_ascii_hexdigit() || b == b':'))
}

fn is_reserved(text: &str) -> bool {
    text.len() <= 8 && RESERVED.iter().any(|word| word.len() == text.len() && word.eq_ignore_ascii_case(text))
}

/// `12h`, `64GiB`, `100m`: starts with a digit and holds a letter that no number has. `0x…` and its like stay out.
fn is_measure(bytes: &[u8]) -> bool {
    let radix = bytes[0] == b'0' && bytes.get(1).is_some_and(u8::is_ascii_alphabetic);
    !radix && bytes.iter().all(|&b| is(b, MEASURE)) && bytes.iter().any(|&b| is(b, UNIT))
}

/// Appends a string in double quotes. Of the escapes only those are used that JSON knows too, and `\U` above U+FFFF.
pub(super) fn write_quoted(text: &str, out: &mut Sink<'_>) {
    out.push('"');
    let mut done = 0;
    for (at, c) in text.char_indices() {
        if !needs_escape(c) {
            continue;
        }
        out.push_str(&text[done..at]);
        write_escape(c, out);
        done = at + c.len_utf8();
    }
    out.push_str(&text[done..]);
    out.push('"');
}

/// Characters that are not written as themselves inside double quotes: what YAML forbids, what some readers take for a
/// line break, and what a reviewer cannot see (other blanks, marks without width, changes of direction).
fn needs_escape(c: char) -> bool {
    match c {
        ' '..='~' => matches!(c, '"' | '\\'),
        _ if c.is_ascii() => true,
        _ => breaks_block(c) || is_unseen(c),
    }
}

/// Characters outside ASCII with which a text cannot be a literal block: what a terminal acts on or what hides there (C1 controls,
/// changes of direction, in which a reviewer would read lines in another order than a machine), the line breaks of YAML 1.1 (NEL,
/// LS, PS), the byte order mark, and code points that are no characters.
fn breaks_block(c: char) -> bool {
    match c {
        '\u{fdd0}'..='\u{fdef}' | '\u{e0080}'..='\u{e0fff}' => true,
        _ => is_hidden(c) || u32::from(c) & 0xfffe == 0xfffe,
    }
}

/// Characters that a reviewer cannot tell from a blank, beside those that hide. U+200C and U+200D are left: whole scripts and
/// many emoji are spelled with them.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{3164}'
    )
}

fn write_escape(c: char, out: &mut Sink<'_>) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => {
            let code = u32::from(c);
            let digits = if code > 0xffff { 8 } else { 4 };
            out.push_str(if digits == 8 { "\\U" } else { "\\u" });
            for place in (0..digits).rev() {
                let digit = (code >> (4 * place)) & 0xf;
                out.push(char::from_digit(digit, 16).unwrap_or('0'));
            }
        }
    }
}

/// The header of a literal block (`|`, `|-`, `|+`), or `None` if the text is one line or must be quoted.
pub(super) fn block_header(text: &str) -> Option<&'static str> {
    // A text that begins with a blank, a tab or an empty line needs an indentation indicator. All readers know it, but Go's
    // library, with which a template is written again on its way, writes a wrong one; double quotes it leaves as they are.
    let begins_blank = text.starts_with([' ', '\t', '\n']);
    if begins_blank || !text.as_bytes().contains(&b'\n') || !is_block_printable(text) {
        return None;
    }
    let body = text.trim_end_matches('\n');
    // A last line of blanks alone is content to the standard, but the one place where readers are known to be careless.
    let last = body.rsplit('\n').next().unwrap_or(body);
    if last.bytes().all(|b| matches!(b, b' ' | b'\t')) {
        return None;
    }
    Some(match text.len() - body.len() {
        0 => "|-",
        1 => "|",
        _ => "|+",
    })
}

fn is_block_printable(text: &str) -> bool {
    let odd = |b: u8| !matches!(b, b' '..=b'~' | b'\n' | b'\t');
    let Some(first) = text.bytes().position(odd) else { return true };
    // All before it is ASCII, so the first odd byte starts a character.
    text[first..].chars().all(|c| match c {
        ' '..='~' | '\n' | '\t' => true,
        _ if c.is_ascii() => false,
        _ => !breaks_block(c),
    })
}

/// Appends a decimal number so that every reader sees a float: digits on both sides of a dot, no leading zeros, and a
/// signed exponent, because YAML 1.1 takes `1e20` for a string. Text that is no decimal is a bug of the caller; it is
/// written in quotes, so that no reader sees a wrong number and verification reports it.
pub(super) fn write_decimal(text: &str, out: &mut Sink<'_>) {
    let Some(parts) = decimal_parts(text) else { return write_quoted(text, out) };
    if parts.negative {
        out.push('-');
    }
    let whole = parts.whole.trim_start_matches('0');
    out.push_str(if whole.is_empty() { "0" } else { whole });
    out.push('.');
    out.push_str(if parts.fraction.is_empty() { "0" } else { parts.fraction });
    if let Some((minus, digits)) = parts.exponent {
        out.push_str(if minus { "e-" } else { "e+" });
        out.push_str(digits);
    }
}

struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: Option<(bool, &'a str)>,
}

fn decimal_parts(text: &str) -> Option<Decimal<'_>> {
    let (negative, rest) = sign(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(sign(exponent))),
        None => (rest, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let sound = digits(whole)
        && digits(fraction)
        && whole.len() + fraction.len() > 0
        && exponent.is_none_or(|(_, power)| !power.is_empty() && digits(power));
    sound.then_some(Decimal { negative, whole, fraction, exponent })
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(text: &str) -> String {
        let mut out = Sink::default();
        write_inline(text, &mut out);
        out.finish().unwrap_or_default()
    }

    fn decimal(text: &str) -> String {
        let mut out = Sink::default();
        write_decimal(text, &mut out);
        out.finish().unwrap_or_default()
    }

    #[test]
    fn plain_what_people_write_plain() {
        for text in [
            "homelab",
            "ghcr.io/siderolabs/installer:v1.13.7",
            "https://factory.talos.dev/x?",
            "/dev/sda",
            "12h",
            "8Gi",
            "64GiB",
            "100m",
            "console=ttyS0,115200",
            "430d882a-51a8-48b3-ab00-d4b5b0b5b0b0",
            "two words",
            "v1.13.7",
            "feature.node.kubernetes.io/pci-0300_10de.present",
            "img:b",
        ] {
            let expected = if text.contains('?') { format!("\"{text}\"") } else { text.to_owned() };
            assert_eq!(inline(text), expected);
        }
    }

    #[test]
    fn quoted_what_some_reader_takes_for_another_type() {
        for text in [
            "",
            "y",
            "N",
            "On",
            "NULL",
            "~",
            "1_000",
            "0x1F",
            "0o7",
            "22:22",
            "2026-11-21",
            "1.1.1.1",
            "=",
            "<<",
            ".inf",
            "52:54:00:12:34:56",
            "aa:bb:cc:dd:ee:ff",
            "fd00:1",
            "a:b",
            "a: b",
            "a:",
            "a #b",
            " a",
            "a ",
            "a  b",
            "1e3",
            "007",
            "0b1",
            "0m1",
            "1_0h",
            "2001-12-14t21",
            "-a",
            "12345678-1234-1234-1234-1234567890",
            "ü",
        ] {
            assert_eq!(inline(text), format!("\"{text}\""));
        }
    }

    #[test]
    fn escapes_name_what_cannot_be_seen() {
        assert_eq!(inline("a\u{a0}b\u{feff}"), r#""a\u00a0b\ufeff""#);
        assert_eq!(inline("\r\n\t\0\u{7f}\u{85}"), r#""\r\n\t\u0000\u007f\u0085""#);
        assert_eq!(inline("\u{e0001}\u{1f600}\"\\"), "\"\\U000e0001\u{1f600}\\\"\\\\\"");
    }

    #[test]
    fn decimals_have_a_dot_and_a_signed_exponent() {
        for (written, emitted) in [
            ("0.5", "0.5"),
            ("-1.50", "-1.50"),
            ("5", "5.0"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("1e20", "1.0e+20"),
            ("007.5E-3", "7.5e-3"),
            ("+1.5", "1.5"),
            ("00", "0.0"),
        ] {
            assert_eq!(decimal(written), emitted);
        }
        for wrong in ["", ".", "-", "1e", "abc", "1.2.3", "inf", "1_0.5"] {
            assert_eq!(decimal(wrong), format!("\"{wrong}\""));
        }
    }

    #[test]
    fn blocks_keep_their_last_lines() {
        for (text, header) in [
            ("a\nb", Some("|-")),
            ("a\nb\n", Some("|")),
            ("a\n\n", Some("|+")),
            ("a\tb \nc", Some("|-")),
            ("a\n\n\tb\n c\n", Some("|")),
            (" a\nb", None),
            ("\n \na\n", None),
            ("\ta\n\n", None),
            ("\na", None),
            ("a", None),
            ("\n", None),
            (" \n", None),
            ("a\n \n", None),
            ("a\n\t", None),
            ("a\r\nb", None),
            ("a\n\u{2028}", None),
            ("a\n\u{200f}b", None),
            ("ä\n\u{a0}b", Some("|-")),
        ] {
            assert_eq!(block_header(text), header, "{text:?}");
        }
    }
}
