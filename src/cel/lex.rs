//! The tokens of an expression: the lexical part of the grammar in the language definition of CEL.

use std::ops::Range;

use super::Mistake;
use super::ast::Lit;
use crate::text::Text;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Lit(Lit),
    Name(Text),
    /// Operators and brackets, as written.
    Sign(&'static str),
    End,
}

/// Longer ones first.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "?", ":", ".", ",", "+", "-", "*", "/", "%", "(", ")",
    "[", "]", "{", "}",
];

/// Reads the tokens of a text and the place of each; the last is the end.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Box<Mistake>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(start) = skip(text, at) {
        let (token, end) = one(text, start)?;
        out.push((token, start..end));
        at = end;
    }
    out.push((Token::End, text.len()..text.len()));
    Ok(out)
}

/// The start of the next token after blanks and comments.
fn skip(text: &str, mut at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at)? {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c => at += 1,
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = text[at..].find('\n').map_or(text.len(), |line| at + line);
            }
            _ => return Some(at),
        }
    }
}

fn one(text: &str, start: usize) -> Result<(Token, usize), Box<Mistake>> {
    let rest = &text[start..];
    let first = rest.as_bytes()[0];
    if let Some(quote) = prefix(rest) {
        return string(text, start, quote);
    }
    if first.is_ascii_digit() || (first == b'.' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit)) {
        return number(text, start);
    }
    if first.is_ascii_alphabetic() || first == b'_' {
        let width = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let token = match &rest[..width] {
            "true" => Token::Lit(Lit::Bool(true)),
            "false" => Token::Lit(Lit::Bool(false)),
            "null" => Token::Lit(Lit::Null),
            "in" => Token::Sign("in"),
            name => Token::Name(name.into()),
        };
        return Ok((token, start + width));
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Token::Sign(sign), start + sign.len()));
    }
    let c = rest.chars().next().unwrap_or(' ');
    let mistake = Mistake::syntax(start..start + c.len_utf8(), format!("`{c}` has no meaning here"));
    Err(match c {
        '=' => mistake.instead("=="),
        '&' => mistake.instead("&&"),
        '|' => mistake.instead("||"),
        _ => mistake,
    })
}

/// The letters before the quotes of a string, if one starts here: `r`, `b`, `br`.
fn prefix(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let letter = |at: usize, letter: u8| bytes.get(at).is_some_and(|b| b.eq_ignore_ascii_case(&letter));
    let width = match (letter(0, b'b'), letter(0, b'r'), letter(1, b'r')) {
        (true, _, true) => 2,
        (true, ..) | (_, true, _) => 1,
        _ => 0,
    };
    matches!(bytes.get(width), Some(b'"' | b'\'')).then_some(width)
}

fn string(text: &str, start: usize, prefix: usize) -> Result<(Token, usize), Box<Mistake>> {
    let letters = text[start..start + prefix].to_ascii_lowercase();
    let open = start + prefix;
    let quote = &text[open..=open];
    let triple = text[open..].starts_with(&quote.repeat(3));
    let close = if triple { quote.repeat(3) } else { quote.to_owned() };
    let (bytes, raw) = (letters.contains('b'), letters.contains('r'));
    let mut value: Vec<u8> = Vec::new();
    let mut at = open + close.len();
    loop {
        let rest = &text[at..];
        let Some(c) = rest.chars().next().filter(|c| triple || !matches!(c, '\n' | '\r')) else {
            let mistake = Mistake::syntax(start..at, "this string does not end".into());
            return Err(mistake.help(format!("close it with `{close}`")));
        };
        if rest.starts_with(&close) {
            break;
        }
        if c == '\\' && !raw {
            at += escape(text, at, bytes, &mut value)?;
        } else {
            value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            at += c.len_utf8();
        }
    }
    let end = at + close.len();
    let lit = if bytes {
        Lit::Bytes
    } else {
        // Every piece of a text was a character.
        Lit::Str(String::from_utf8_lossy(&value).into())
    };
    Ok((Token::Lit(lit), end))
}

/// Reads an escape and gives its width.
fn escape(text: &str, at: usize, bytes: bool, value: &mut Vec<u8>) -> Result<usize, Box<Mistake>> {
    let rest = &text[at + 1..];
    let Some(c) = rest.chars().next() else {
        return Err(Mistake::syntax(at..at + 1, "this string does not end".into()));
    };
    let simple = match c {
        'a' => Some(0x07),
        'b' => Some(0x08),
        'f' => Some(0x0c),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(0x0b),
        '\\' | '\'' | '"' | '`' | '?' => Some(c as u8),
        _ => None,
    };
    if let Some(byte) = simple {
        value.push(byte);
        return Ok(2);
    }
    let (skip, digits, radix) = match c {
        'x' | 'X' => (1, 2, 16),
        'u' if !bytes => (1, 4, 16),
        'U' if !bytes => (1, 8, 16),
        '0'..='3' => (0, 3, 8),
        _ => (0, 0, 0),
    };
    let code = rest.get(skip..skip + digits).filter(|code| !code.is_empty());
    let code = code.filter(|code| code.chars().all(|c| c.is_digit(radix)));
    let code = code.and_then(|code| u32::from_str_radix(code, radix).ok());
    match code.map(|code| (code, char::from_u32(code))) {
        Some((code, _)) if bytes => value.push(code as u8),
        Some((_, Some(c))) => value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        _ => {
            let end = at + 1 + c.len_utf8();
            let mistake = Mistake::syntax(at..end, format!("CEL has no escape `{}`", &text[at..end]));
            return Err(mistake.help(format!("write `\\{}`, or put `r` before the string", &text[at..end])));
        }
    }
    Ok(1 + skip + digits)
}

fn number(text: &str, start: usize) -> Result<(Token, usize), Box<Mistake>> {
    let rest = &text[start..];
    let run = |from: usize, radix: u32| {
        rest[from..].find(|c: char| !c.is_digit(radix)).map_or(rest.len(), |width| from + width)
    };
    let hexadecimal = rest.starts_with("0x") && run(2, 16) > 2;
    let mut end = if hexadecimal { run(2, 16) } else { run(0, 10) };
    let mut float = false;
    if !hexadecimal {
        if rest[end..].starts_with('.') && run(end + 1, 10) > end + 1 {
            (end, float) = (run(end + 1, 10), true);
        }
        if rest[end..].starts_with(['e', 'E']) {
            let digits = end + 1 + usize::from(rest[end + 1..].starts_with(['+', '-']));
            if run(digits, 10) > digits {
                (end, float) = (run(digits, 10), true);
            }
        }
    }
    let written = &rest[..end];
    let (digits, radix) = if hexadecimal { (&written[2..], 16) } else { (written, 10) };
    let unsigned = !float && rest[end..].starts_with(['u', 'U']);
    let lit = if float {
        written.parse().ok().filter(|value: &f64| value.is_finite()).map(|_| Lit::Double)
    } else if unsigned {
        end += 1;
        u64::from_str_radix(digits, radix).ok().map(Lit::Uint)
    } else {
        // The sign of the least one stands before it.
        u64::from_str_radix(digits, radix).ok().filter(|&value| value <= 1 << 63).map(Lit::Int)
    };
    let place = start..start + end;
    match lit {
        Some(lit) => Ok((Token::Lit(lit), start + end)),
        None => Err(Mistake::syntax(place, "this number is too large for its type".into())),
    }
}
