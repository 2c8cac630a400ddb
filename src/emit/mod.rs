//! The last phase: nodes become files.
//!
//! | module | does |
//! |---|---|
//! | `yaml`, `scalar`, `sink` | nodes become text that every reader of YAML reads alike, and each line knows its origin |
//! | `verify` | text is read back by a reader that is not ours and compared with its nodes |
//! | `plan` | the rendered files and what stands on disk become a list of steps, or of refusals |
//! | `diff` | the steps as a unified diff, for `--check` |
//! | `names` | names of files that not every system takes |
//! | `disk`, `write`, `staged`, `lock` | the edge: what stands on disk, the replacement of files, one build at a time |
//!
//! This phase knows the shape of values and nothing of what they mean. All but the edge does no I/O.

use std::ops::Range;

use crate::tree::{Node, Origin};

#[cfg(feature = "cli")]
pub mod diff;
#[cfg(feature = "cli")]
#[allow(clippy::disallowed_methods, reason = "the edge, where output meets a file system")]
pub mod disk;
#[cfg(feature = "cli")]
pub mod error;
pub mod header;
#[cfg(feature = "cli")]
#[allow(clippy::disallowed_methods, reason = "the edge, where output meets a file system")]
pub mod lock;
pub mod names;
pub mod plan;
mod scalar;
mod sink;
#[cfg(feature = "cli")]
#[allow(clippy::disallowed_methods, reason = "the edge, where output meets a file system")]
mod staged;
pub mod verify;
#[cfg(feature = "cli")]
#[allow(clippy::disallowed_methods, reason = "the edge, where output meets a file system")]
pub mod write;
pub mod yaml;

/// A file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it goes: relative to the output directory, with `/` between names.
    pub path: String,
    /// All of it; the first line names the entry, every line ends with `\n`.
    pub text: String,
    /// For each line of the text, the node that wrote it; `Origin::NONE` for the first line and for `---`.
    pub lines: Vec<Origin>,
    /// The line that each document begins at, counted from 1.
    pub starts: Vec<usize>,
    /// The text stands at the path already, word for word, and was not kept.
    pub standing: bool,
}

impl File {
    /// Renders documents to a file.
    pub fn new(path: impl Into<String>, entry: &str, docs: &[Node]) -> File {
        let (text, lines, starts) = yaml::with_first_line(&header::line(entry), docs);
        File { path: path.into(), text, lines, starts, standing: false }
    }

    /// The text of a file, unless its documents stand in `old` already, word for word.
    pub fn text_beside(entry: &str, docs: &[Node], old: &[u8]) -> Option<String> {
        yaml::beside(&header::line(entry), docs, old)
    }

    /// A file of which only the text is known, or only that it stands at its path already.
    pub fn of_text(path: impl Into<String>, text: Option<String>) -> File {
        let standing = text.is_none();
        let text = text.unwrap_or_default();
        File { path: path.into(), text, lines: Vec::new(), starts: Vec::new(), standing }
    }

    /// The origin of a line, counted from 1 as editors do.
    pub fn origin_of_line(&self, line: usize) -> Option<Origin> {
        self.lines.get(line.checked_sub(1)?).copied()
    }
}

/// The lines of a file, counted from 1, that hold the map or list of the key on a line; none if it has neither.
pub fn below(docs: &[Node], line: usize) -> Range<usize> {
    yaml::below(docs, line)
}

/// The text of a file that the entry writes, and the origin of each of its lines.
pub fn render(entry: &str, docs: &[Node]) -> (String, Vec<Origin>) {
    let (text, lines, _) = yaml::with_first_line(&header::line(entry), docs);
    (text, lines)
}
