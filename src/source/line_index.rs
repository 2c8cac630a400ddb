//! Byte offsets to lines and columns, and back.

use std::sync::OnceLock;

/// A place as people count it, but 0-based: a line, and a column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 0-based line.
    pub line: usize,
    /// 0-based column in Unicode scalar values.
    pub column: usize,
}

/// The start of every line of one text, in bytes.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// The number of characters before each multiple of [`STEP`] bytes. It is only computed for a text with a line longer
    /// than that: without it, many places on one line of a megabyte would each count from the start of the line.
    milestones: OnceLock<Vec<u32>>,
}

/// Bytes between two milestones.
const STEP: usize = 1024;

impl LineIndex {
    /// Finds every line start. A line ends after `\n`.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(i, _)| i as u32 + 1));
        LineIndex { starts, milestones: OnceLock::new() }
    }
    /// The number of lines; a text that ends in a newline has an empty last one.
    pub fn count(&self) -> usize {
        self.starts.len()
    }
    /// The 0-based line that holds a byte offset.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset) - 1
    }
    /// The byte range of a line, with its line end.
    pub fn range(&self, line: usize, text: &str) -> std::ops::Range<usize> {
        let start = self.starts.get(line).map_or(text.len(), |&s| s as usize);
        let end = self.starts.get(line + 1).map_or(text.len(), |&s| s as usize);
        start..end
    }
    /// Line and column of a byte offset.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let line = self.line(offset);
        let start = self.starts[line] as usize;
        let column = if offset - start <= 2 * STEP {
            characters(&text.as_bytes()[start..offset])
        } else {
            self.characters_before(text, offset) - self.characters_before(text, start)
        };
        Position { line, column }
    }
    /// The number of characters of the whole text that start before an offset.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let bytes = text.as_bytes();
        let milestones = self.milestones.get_or_init(|| {
            let mut sum = 0;
            bytes
                .chunks(STEP)
                .map(|chunk| {
                    let before = sum;
                    sum += characters(chunk) as u32;
                    before
                })
                .collect()
        });
        // An offset at the very end of a text of whole chunks has no milestone of its own; the one before serves.
        let at = (offset / STEP).min(milestones.len().saturating_sub(1));
        milestones.get(at).map_or(0, |&n| n as usize) + characters(&bytes[at * STEP..offset])
    }
}

/// How many characters start in these bytes: all that are not continuation bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "ä = 1\r\nb";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 3), Position { line: 0, column: 2 });
        assert_eq!(index.position(text, text.len()), Position { line: 1, column: 1 });
        assert_eq!(LineIndex::new("").position("", 7), Position { line: 0, column: 0 });
    }

    #[test]
    fn long_lines_agree_with_counting() {
        let text = format!("x\n{}", "aé€𝄞".repeat(1200));
        let index = LineIndex::new(&text);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let start = if offset < 2 { 0 } else { 2 };
            assert_eq!(index.position(&text, offset).column, text[start..offset].chars().count());
        }
    }

    #[test]
    fn many_places_on_one_long_line_are_cheap() {
        let text = "é".repeat(2_000_000);
        let index = LineIndex::new(&text);
        let sum: usize = (0..100_000).map(|i| index.position(&text, text.len() - 2 * i).column).sum();
        assert_eq!(sum, (0..100_000).map(|i| 2_000_000 - i).sum::<usize>());
    }
}
