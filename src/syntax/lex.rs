//! Where the tokens of a text end: strings, words, comments, brackets.
//!
//! The splitter, the reader, the texts of strings, the formatter and the index of the standard library (its build script includes this
//! file) ask here and nowhere else, so that no two of them can see another token at one place. It knows bytes only: every sign that
//! ends something is ASCII, so no place is inside of a character.

/// A string as far as it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StringToken {
    /// One past its closing quotes; where the search ended if they are missing.
    pub(crate) end: usize,
    /// Its closing quotes are there.
    pub(crate) closed: bool,
    /// It holds neither `\` nor `$`, or means nothing by them.
    pub(crate) plain: bool,
    /// No `\` stands before the end of a line, where it would be an escape of nothing.
    pub(crate) sound: bool,
}

/// The string that begins with the quote at `start`: the rule `string` of the grammar.
pub(crate) fn string(bytes: &[u8], start: usize) -> StringToken {
    let quote = bytes[start];
    let width = quotes(&bytes[start..]);
    let verbatim = quote == b'\'';
    let mut token = StringToken { end: start + width, closed: false, plain: true, sound: true };
    while let Some(&byte) = bytes.get(token.end) {
        match byte {
            b'\n' if width == 1 => return token,
            b'\\' if !verbatim => {
                token.plain = false;
                token.end += 1;
                let escapes = !ends_line(bytes, token.end);
                token.sound &= escapes;
                token.end += usize::from(escapes);
            }
            byte if byte == quote && (width == 1 || bytes[token.end..].starts_with(&[quote; 3])) => {
                token.end += width;
                token.closed = true;
                return token;
            }
            byte => {
                token.plain &= verbatim || byte != b'$';
                token.end += 1;
            }
        }
    }
    token
}

/// How many quotes begin the string that begins here: one or three.
pub(crate) fn quotes(bytes: &[u8]) -> usize {
    if bytes.starts_with(br#"""""#) || bytes.starts_with(b"'''") { 3 } else { 1 }
}

/// Whether the line or the text ends here.
pub(crate) fn ends_line(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), None | Some(b'\n' | b'\r'))
}

/// One past the comment that begins at `at`, without the end of its line.
pub(crate) fn comment(bytes: &[u8], at: usize) -> usize {
    match bytes[at..].iter().position(|&byte| byte == b'\n') {
        Some(length) if length > 0 && bytes[at + length - 1] == b'\r' => at + length - 1,
        Some(length) => at + length,
        None => bytes.len(),
    }
}

/// Whether a run of anything but strings, comments, brackets and layout ends before this byte.
pub(crate) fn ends_piece(byte: u8) -> bool {
    PIECE_ENDS[byte as usize]
}

const PIECE_ENDS: [bool; 256] = {
    let mut table = [false; 256];
    let ends = b" \t\r\n#\"'{[(}]),";
    let mut at = 0;
    while at < ends.len() {
        table[ends[at] as usize] = true;
        at += 1;
    }
    table
};

/// The bracket that a closing one closes.
pub(crate) fn opener(closer: u8) -> Option<u8> {
    match closer {
        b'}' => Some(b'{'),
        b']' => Some(b'['),
        b')' => Some(b'('),
        _ => None,
    }
}

/// One past the blanks at `at`.
pub(crate) fn blanks(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |byte| matches!(byte, b' ' | b'\t'))
}

/// One past the end of the line at `at`, if one is there.
pub(crate) fn newline(bytes: &[u8], at: usize) -> usize {
    match bytes[at..] {
        [b'\n', ..] => at + 1,
        [b'\r', b'\n', ..] => at + 2,
        _ => at,
    }
}

/// One past the rule `ident` at `at`.
pub(crate) fn ident(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, is_ident)
}

fn run(bytes: &[u8], at: usize, holds: impl Fn(u8) -> bool) -> usize {
    at + bytes[at..].iter().take_while(|&&byte| holds(byte)).count()
}

/// One past the run of the rule `name_char` at `at`: a name with its dots.
pub(crate) fn name(bytes: &[u8], mut at: usize) -> usize {
    while starts_name(bytes, at) {
        at += 1;
    }
    at
}

/// One past the rule `bare` at `at`: a name or literal, in which colons may stand.
pub(crate) fn bare(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let width = bare_step(bytes, at);
        if width == 0 {
            return at;
        }
        at += width;
    }
}

/// Whether the rule `bare` begins here.
pub(crate) fn starts_bare(bytes: &[u8], at: usize) -> bool {
    bare_step(bytes, at) > 0
}

/// Whether a character of a name stands here. The `-` of `-=` belongs to the operator.
pub(crate) fn starts_name(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        Some(b'-') => bytes.get(at + 1) != Some(&b'='),
        Some(&byte) => NAME[byte as usize],
        None => false,
    }
}

fn bare_step(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b':') => match bytes.get(at + 1) {
            Some(b':') => 2,
            Some(next) if next.is_ascii_alphanumeric() => 1,
            _ => 0,
        },
        _ => usize::from(starts_name(bytes, at)),
    }
}

/// One past the quoted segment of a path at `at`, the rule `quoted_key`; it has no escapes and no `${…}`.
pub(crate) fn segment(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let inner = &bytes[at + 1..];
    let length = inner.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
    let holds = length > 0 && inner[length] == b'"' && !inner[..length].windows(2).any(|pair| pair == b"${");
    holds.then_some(at + 1 + length + 1)
}

/// Whether a byte may stand in a word that is no path.
pub(crate) fn is_ident(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The bytes of the rule `name_char`, but for the `-` of `-=`.
const NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        table[byte] = c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.' | b'/');
        byte += 1;
    }
    table
};
