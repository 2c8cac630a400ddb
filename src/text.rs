//! Small text types and wording helpers that every phase may use.
//!
//! This module knows nothing of the language: it holds the cheap string type and the few functions that make
//! messages read well (lists, plurals, "did you mean").

mod visible;

pub use visible::{is_hidden, push_visible, visible, visible_name};

/// A cheap-to-clone string: names, field values and keys are stored in it.
pub type Text = smol_str::SmolStr;

/// `format!` to a [`Text`], without a `String` where it is short.
pub(crate) use smol_str::format_smolstr as format_text;

/// `` `a`, `b` or `c` ``: every item in backticks, joined for a sentence.
pub fn one_of<S: AsRef<str>>(items: &[S]) -> String {
    join(items, "or")
}

/// `` `a`, `b` and `c` ``: every item in backticks, joined for a sentence.
pub fn all_of<S: AsRef<str>>(items: &[S]) -> String {
    join(items, "and")
}

/// `` `a`, `b` and 7 more ``: as [`all_of`], with at most `most` items by name.
pub fn some_of<S: AsRef<str>>(items: &[S], most: usize) -> String {
    if items.len() <= most {
        return all_of(items);
    }
    let named: Vec<String> = items[..most].iter().map(|item| format!("`{}`", item.as_ref())).collect();
    format!("{} and {} more", named.join(", "), items.len() - most)
}

fn join<S: AsRef<str>>(items: &[S], word: &str) -> String {
    let quoted: Vec<String> = items.iter().map(|item| format!("`{}`", item.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}

/// The noun with its article: `a role`, `an extension`.
pub fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// `1 error`, `2 errors`.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// The longest word that is compared with others: comparing takes the product of the lengths, and nobody misspells longer ones.
const LONGEST: usize = 120;

/// The candidate nearest to `written`, if one is near enough to be what the author meant.
///
/// Distance is Damerau–Levenshtein (a swapped pair of letters counts once), case is ignored first, and at most a third
/// of the longer word may differ. Among equals the first candidate wins, so the answer does not depend on hashing.
pub fn did_you_mean<'a, I, S>(written: &str, candidates: I) -> Option<&'a str>
where
    I: IntoIterator<Item = &'a S>,
    S: AsRef<str> + ?Sized + 'a,
{
    if written.len() > 4 * LONGEST {
        return None;
    }
    let lower = written.to_lowercase();
    let (length, letters) = (written.chars().count(), letters(&lower));
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let candidate = candidate.as_ref();
        // Nothing is nearer than the same in another case.
        if candidate == written || candidate.len() > 4 * LONGEST || best.is_some_and(|(d, _)| d == 0) {
            continue;
        }
        let (a, b) = (length, candidate.chars().count());
        // Of one letter nothing is left when it differs.
        if a.min(b) < 2 || a.max(b) > LONGEST {
            continue;
        }
        let allowed = best.map_or((a.max(b) / 3).max(1), |(d, _)| (d - 1).min((a.max(b) / 3).max(1)));
        // Lengths that differ by more cannot be near, and neither can words of other letters: counting those is much less work than
        // comparing.
        if a.abs_diff(b) > allowed {
            continue;
        }
        let other = candidate.to_lowercase();
        if apart(&letters, &self::letters(&other)) > allowed {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&lower, &other);
        if distance <= allowed {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Whether a text is a UUID: eight, four, four, four and twelve hexadecimal digits.
pub fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// How often each letter stands in a word, letters told apart by their last bits.
fn letters(word: &str) -> [u8; 64] {
    let mut out = [0_u8; 64];
    for letter in word.chars() {
        let count = &mut out[letter as usize % 64];
        *count = count.saturating_add(1);
    }
    out
}

/// How many letters must at least be changed for one word to become the other: a change takes one letter away, or brings one.
fn apart(a: &[u8; 64], b: &[u8; 64]) -> usize {
    let (mut less, mut more) = (0, 0);
    for (a, b) in a.iter().zip(b) {
        less += usize::from(b.saturating_sub(*a));
        more += usize::from(a.saturating_sub(*b));
    }
    less.max(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_word_within_a_third() {
        let words = ["iscsi-tools", "util-linux-tools", "nfsd"];
        assert_eq!(did_you_mean("iscsi-tool", &words), Some("iscsi-tools"));
        assert_eq!(did_you_mean("nsfd", &words), Some("nfsd"));
        assert_eq!(did_you_mean("zfs", &words), None);
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(one_of(&["a"]), "`a`");
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(count(2, "error"), "2 errors");
    }
}
