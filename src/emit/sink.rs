//! Where the text of a file goes.

/// Text that is kept, or only compared with what stands at its place for as long as the two are the same: a template of thousands of
/// machines is current nearly always, and then there is never a second copy of it.
#[derive(Default)]
pub(super) struct Sink<'o> {
    kept: String,
    /// What stands there, and how much of it was written again so far; `None` once anything else was.
    same: Option<(&'o [u8], usize)>,
}

impl<'o> Sink<'o> {
    /// For a text that is compared with what stands at its place.
    pub(super) fn beside(old: &'o [u8]) -> Sink<'o> {
        Sink { kept: String::new(), same: Some((old, 0)) }
    }

    /// How many bytes were written.
    pub(super) fn len(&self) -> usize {
        self.same.map_or(self.kept.len(), |(_, same)| same)
    }

    /// Adds a text.
    pub(super) fn push_str(&mut self, text: &str) {
        if let Some((old, same)) = &mut self.same {
            if old[*same..].starts_with(text.as_bytes()) {
                *same += text.len();
                return;
            }
            self.part();
        }
        self.kept.push_str(text);
    }

    /// Adds a character.
    pub(super) fn push(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }

    /// Adds a text before what was written from a place on.
    pub(super) fn insert_str(&mut self, at: usize, text: &str) {
        self.part();
        self.kept.insert_str(at, text);
    }

    /// From here on it is another text.
    fn part(&mut self) {
        if let Some((old, same)) = self.same.take() {
            let same = std::str::from_utf8(&old[..same]).expect("it is what was written, text by text");
            // Mostly a few lines differ.
            self.kept.reserve(old.len() + old.len() / 8);
            self.kept.push_str(same);
        }
    }

    /// The text; `None` if it is what stands there.
    pub(super) fn finish(mut self) -> Option<String> {
        if self.same.is_some_and(|(old, same)| same == old.len()) {
            return None;
        }
        self.part();
        Some(self.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::Sink;

    fn written(old: &str, texts: &[&str]) -> Option<String> {
        let mut sink = Sink::beside(old.as_bytes());
        texts.iter().for_each(|text| sink.push_str(text));
        assert_eq!(sink.len(), texts.concat().len());
        sink.finish()
    }

    /// Every text against every other, in pieces of every length.
    #[test]
    fn what_is_the_same_is_nothing_and_all_else_is_whole() {
        let texts = ["", "a", "ab", "ä", "äb", "aä", "abc", "abd", "b"];
        for old in texts {
            for new in texts {
                for size in 1..=3 {
                    let letters: Vec<String> = new.chars().map(String::from).collect();
                    let pieces: Vec<String> = letters.chunks(size).map(|piece| piece.concat()).collect();
                    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
                    let expected = (old != new).then(|| new.to_owned());
                    assert_eq!(written(old, &pieces), expected, "{old:?} {new:?}");
                }
            }
        }
        let mut sink = Sink::beside(b"? a");
        sink.push('a');
        sink.insert_str(0, "? ");
        assert_eq!(sink.finish().as_deref(), Some("? a"));
    }
}
