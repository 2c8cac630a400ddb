//! What a merge left in a file: each conflict is one finding, and the file is read as if the first of its sides had been kept.

use std::ops::Range;

use super::errors;
use crate::diagnostics::Diagnostics;
use crate::source::{FileId, Span};

/// How many signs begin a line that `git merge` writes, and `diff3`.
const SIGNS: usize = 7;

/// The text without the second sides of its conflicts and without the lines around them, which are blanks: all places stay. `None` if
/// there is no conflict.
pub(super) fn masked(file: FileId, text: &str, out: &mut Diagnostics) -> Option<String> {
    if !text.contains("<<<<<<<") && !text.contains(">>>>>>>") {
        return None;
    }
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.push(at..at + line.trim_end_matches(['\n', '\r']).len());
        at += line.len();
    }
    let is = |line: &Range<usize>, sign: u8| marks(&text[line.clone()], sign);
    let span = |line: &Range<usize>| Span { file, start: line.start as u32, end: line.end as u32 };
    let mut masked = text.as_bytes().to_vec();
    let mut hide = |lines: &[Range<usize>]| lines.iter().for_each(|line| masked[line.clone()].fill(b' '));
    let (mut found, mut from) = (false, 0);
    while let Some(open) = (from..lines.len()).find(|&line| is(&lines[line], b'<')) {
        let ends = |&line: &usize| is(&lines[line], b'>') || is(&lines[line], b'<');
        let end = (open + 1..lines.len()).find(ends).filter(|&line| is(&lines[line], b'>'));
        let between = open + 1..end.unwrap_or(open + 1);
        let middle = between.clone().find(|&line| is(&lines[line], b'='));
        // `|||||||` begins what both sides come from.
        let second = between.clone().find(|&line| is(&lines[line], b'|')).or(middle);
        hide(&lines[open..=open]);
        if let (Some(second), Some(end)) = (second, end) {
            hide(&lines[second..=end]);
        }
        out.push(errors::conflict(
            span(&lines[open]),
            middle.map(|line| span(&lines[line])),
            end.map(|line| span(&lines[line])),
        ));
        (found, from) = (true, end.unwrap_or(open) + 1);
    }
    found.then(|| String::from_utf8(masked).ok()).flatten()
}

/// Whether a line is seven signs, and perhaps a name behind a blank.
fn marks(line: &str, sign: u8) -> bool {
    let bytes = line.as_bytes();
    bytes.len() >= SIGNS
        && bytes[..SIGNS].iter().all(|&byte| byte == sign)
        && bytes.get(SIGNS).is_none_or(|&byte| byte == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_side_is_kept_where_it_is() {
        let text = "a\n<<<<<<< HEAD\nb\n||||||| base\nc\n=======\nä\n>>>>>>> other\ne\n<<<<<<< x\nf\n=======\n>>>>>>> y\n";
        let mut out = Diagnostics::new();
        let read = masked(FileId(0), text, &mut out).expect("there are conflicts");
        assert_eq!(read.len(), text.len());
        assert_eq!(read.split_whitespace().collect::<Vec<_>>(), ["a", "b", "e", "f"]);
        assert_eq!(out.len(), 2);
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in ["<<<<<<<<\n", "a <<<<<<< b\n", "Heading\n=======\n", ">>>>>>> x\n"] {
            assert_eq!(masked(FileId(0), text, &mut Diagnostics::new()), None, "{text}");
        }
        // Without its end nothing is taken for a side.
        let read = masked(FileId(0), "<<<<<<< HEAD\na\n=======\nb\n", &mut Diagnostics::new());
        assert_eq!(read.as_deref(), Some("            \na\n=======\nb\n"));
    }
}
