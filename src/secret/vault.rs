//! The secrets of a run, so that nothing that is printed shows one.

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashSet;

use super::{shapes, visible};

/// How many characters of a secret may not stand beside one another in what is shown.
const PIECE: usize = 8;
/// A secret that is shorter is masked where it stands as a word of its own; one that is shorter still may be any word.
const WORD: usize = 3;

/// Secrets whose values are known, and the only way to mask them.
///
/// It knows every piece of eight bytes of every secret, so that the middle, the first line or a quoted form of one is masked as
/// the whole is, and a text is gone through once however many secrets there are.
#[derive(Debug, Default)]
pub struct Vault {
    pieces: FxHashSet<u64>,
    /// The first pieces of secrets: a few of their characters may be shown.
    starts: FxHashSet<u64>,
    /// Secrets shorter than a piece, packed as pieces are, with their length.
    words: FxHashSet<(u64, usize)>,
    /// Names of secrets: parameters, `let`s, fields of a provider.
    names: FxHashSet<Box<str>>,
}

impl Vault {
    /// Adds all secrets that stand in texts, and what has the name of one in any of them.
    pub fn learn(&mut self, texts: &[&str]) {
        let mut names = std::mem::take(&mut self.names);
        for text in texts {
            let referred = &mut |name: &str| {
                names.insert(name.into());
            };
            super::text::scan_with(text, &mut |range| self.add(&text[range]), referred);
        }
        if !names.is_empty() {
            for text in texts {
                let known = |name: &str| names.contains(name);
                super::text::called(text, &known, &mut |range| self.add(&text[range]));
            }
        }
        self.names = names;
    }

    /// Adds a secret, as a source has it or as it is.
    pub fn add(&mut self, secret: &str) {
        let mut first = true;
        if secret.contains('\\') {
            self.add(&unescaped(secret));
        }
        for line in secret.lines().map(str::trim).filter(|line| !line.starts_with("-----")) {
            let bytes = line.as_bytes();
            for piece in bytes.windows(PIECE).map(pack) {
                self.pieces.insert(piece);
                if std::mem::take(&mut first) {
                    self.starts.insert(piece);
                }
            }
            if (WORD..PIECE).contains(&bytes.len()) && line.len() == secret.trim().len() {
                self.words.insert((pack(bytes), bytes.len()));
            }
        }
    }

    /// Where known secrets stand in a text: in order, none in another.
    pub fn known_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        self.known(text.as_bytes(), &mut out);
        Self::joined(text, out)
    }

    /// The same with what has the shape of a secret.
    fn within(&self, text: &str) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        self.known(text.as_bytes(), &mut out);
        shapes::all(text, &mut |range, _| out.push(range));
        Self::joined(text, out)
    }

    fn joined(text: &str, mut out: Vec<Range<usize>>) -> Vec<Range<usize>> {
        out.sort_by_key(|range| (range.start, range.end));
        out.dedup_by(|next, range| {
            let meets = next.start <= range.end;
            if meets {
                range.end = range.end.max(next.end);
            }
            meets
        });
        // A piece may begin or end inside of a character.
        for range in &mut out {
            while !text.is_char_boundary(range.start) {
                range.start -= 1;
            }
            while !text.is_char_boundary(range.end) {
                range.end += 1;
            }
        }
        out
    }

    fn known(&self, bytes: &[u8], out: &mut Vec<Range<usize>>) {
        if !self.pieces.is_empty() {
            let mut piece = 0;
            for (at, byte) in bytes.iter().enumerate() {
                piece = piece << 8 | u64::from(*byte);
                if at + 1 >= PIECE && self.pieces.contains(&piece) {
                    let (start, end) = (at + 1 - PIECE, at + 1);
                    match out.last_mut() {
                        Some(last) if last.end >= start => last.end = end,
                        _ => out.push(start..end),
                    }
                }
            }
        }
        if self.words.is_empty() {
            return;
        }
        let is_word = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80)
        };
        for length in WORD..PIECE {
            for (start, word) in bytes.windows(length).enumerate() {
                if self.words.contains(&(pack(word), length))
                    && !is_word(start.checked_sub(1))
                    && !is_word(Some(start + length))
                {
                    out.push(start..start + length);
                }
            }
        }
    }

    /// A text without its secrets: of each at most the first four characters stand, then `…`.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let secrets = self.within(text);
        if secrets.is_empty() {
            return Cow::Borrowed(text);
        }
        let (mut out, mut from) = (String::with_capacity(text.len()), 0);
        for secret in secrets {
            out.push_str(&text[from..secret.start]);
            let shown = self.shown(&text[secret.clone()]);
            // Never as much as a piece, of whatever script.
            let start = text[secret.clone()].char_indices().take(shown);
            out.extend(start.take_while(|(at, c)| at + c.len_utf8() < PIECE).map(|(_, c)| c));
            out.push('…');
            from = secret.end;
        }
        out.push_str(&text[from..]);
        Cow::Owned(out)
    }

    /// How many characters may be shown of a secret in a text: none of what is the middle of one.
    pub fn shown(&self, secret: &str) -> usize {
        let first = secret.as_bytes().get(..PIECE).map(pack);
        let middle = first.is_some_and(|first| self.pieces.contains(&first) && !self.starts.contains(&first));
        if middle { 0 } else { visible(secret) }
    }

    /// Whether no secret is known.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.words.is_empty()
    }
}

/// A text that may stand in quotes, without its escapes.
fn unescaped(text: &str) -> String {
    let (mut out, mut chars) = (String::with_capacity(text.len()), text.chars());
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n' | 'r')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some(c)) => out.push(c),
            ('\\', None) => {}
            (c, _) => out.push(c),
        }
    }
    out
}

/// Up to eight bytes as a number.
fn pack(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |packed, byte| packed << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::Vault;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_piece_of_a_secret_is_shown(
            secret in "[a-zA-Z0-9ä€/+ \n]{8,60}",
            before in "\\PC{0,12}",
            after in "\\PC{0,12}",
            cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let mut vault = Vault::default();
            vault.add(&secret);
            let bounds: Vec<usize> = secret.char_indices().map(|(at, _)| at).chain([secret.len()]).collect();
            let (a, b) = (*cut.0.get(&bounds), *cut.1.get(&bounds));
            let part = &secret[a.min(b)..a.max(b)];
            let text = format!("{before}{part}{after}");
            let masked = vault.mask(&text);
            for line in part.lines().map(str::trim) {
                for (at, _) in line.char_indices() {
                    let piece = line.get(at..at + 8).filter(|_| !before.contains(line) && !after.contains(line));
                    prop_assert!(piece.is_none_or(|piece| !masked.contains(piece)), "{text} {masked}");
                }
            }
        }
    }

    #[test]
    fn short_secrets_are_words() {
        let mut vault = Vault::default();
        vault.add("hunter2");
        assert_eq!(
            vault.mask("`hunter2`, hunter22, xhunter2, \"hunter2\""),
            "`h…`, hunter22, xhunter2, \"h…\""
        );
    }

    #[test]
    fn what_was_learned_is_masked_in_other_texts() {
        let mut vault = Vault::default();
        vault.learn(&["patch join { machine.token = \"abcdef.0123456789abcdef\" }"]);
        assert_eq!(
            vault.mask("`machine.token` is `abcdef.0123456789abcdef` here"),
            "`machine.token` is `abcd…` here"
        );
        assert_eq!(vault.mask("… 3456789abc"), "… …");
        assert_eq!(vault.mask("the machine's token"), "the machine's token");
        vault.learn(&[
            "patch p { machine.token = join }",
            "let join = \"sesame-of-many\"\nlet other = \"fine-as-it-is\"",
        ]);
        assert_eq!(
            vault.mask("`join` is `sesame-of-many`, fine-as-it-is"),
            "`join` is `ses…`, fine-as-it-is"
        );
    }
}
