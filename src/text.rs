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

/// The candidate nearest to `written`, if one is near enough to be what the author meant.
///
/// Distance is Damerau–Levenshtein (a swapped pair of letters counts once), case is ignored first, and at most a third
/// of the longer word may differ. Among equals the first candidate wins, so the answer does not depend on hashing.
pub fn did_you_mean<'a, I, S>(written: &str, candidates: I) -> Option<&'a str>
where
    I: IntoIterator<Item = &'a S>,
    S: AsRef<str> + ?Sized + 'a,
{
    let lower = written.to_lowercase();
    let length = written.chars().count();
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let candidate = candidate.as_ref();
        let (a, b) = (length, candidate.chars().count());
        // Of one letter nothing is left when it differs.
        if candidate == written || a.min(b) < 2 {
            continue;
        }
        let allowed = (a.max(b) / 3).max(1);
        // Lengths that differ by more cannot be near; comparing them would take time and memory of the product of both.
        if a.abs_diff(b) > allowed {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        if distance <= allowed && best.is_none_or(|(d, _)| distance < d) {
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
