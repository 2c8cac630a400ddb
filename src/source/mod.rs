//! Source files and places in them.
//!
//! A [`SourceMap`] owns the text of every file that took part in a compilation: the user's, the embedded standard
//! library's, and files in other formats that a source refers to. A [`Span`] names a piece of one of them in bytes; line and
//! column exist only at the edges, through [`LineIndex`].

mod cut;
#[cfg(feature = "cli")]
#[allow(clippy::disallowed_methods, reason = "the edge, where sources are read")]
pub mod disk;
mod line_index;
pub mod loader;
#[cfg(feature = "cli")]
#[allow(clippy::disallowed_methods, reason = "the edge, where sources are read")]
pub mod project;

pub use line_index::{LineIndex, Position};

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::text::visible_name;

/// The number of a file in a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A piece of a file: byte offsets, on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from the start of `self` to the end of `other`; both must be in one file.
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.file, other.file);
        Span { file: self.file, start: self.start, end: other.end.max(self.start) }
    }
    /// The empty span at the start.
    pub fn at_start(self) -> Span {
        Span { end: self.start, ..self }
    }
    /// The empty span at the end.
    pub fn at_end(self) -> Span {
        Span { start: self.end, ..self }
    }
    /// Whether another place lies in it.
    pub fn contains(self, inner: Span) -> bool {
        self.file == inner.file && self.start <= inner.start && inner.end <= self.end
    }
    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }
    /// Whether it holds no text.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// Who wrote a file: findings are made where the user can act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// A file of the project.
    Project,
    /// A module of the embedded standard library, shown as `<std>/name.talos`.
    Std,
}

/// One file: its display name and its text.
#[derive(Debug)]
pub struct SourceFile {
    /// Relative to the project root with `/` separators, or `<std>/name.talos`.
    pub name: String,
    /// Who wrote it.
    pub provenance: Provenance,
    text: Cow<'static, str>,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Line starts, computed at first use.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }
}

/// The directory that people see names from. Names themselves count from the project root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SeenFrom {
    /// The project root.
    #[default]
    Root,
    /// A directory in the project, as a path from its root.
    Inside(String),
    /// Elsewhere: the path of the root from there, or an absolute one.
    Outside(String),
}

/// All files of one compilation.
#[derive(Debug, Default)]
pub struct SourceMap {
    /// The directory that people see the names of project files from.
    pub seen_from: SeenFrom,
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file and returns its number.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        text: impl Into<Cow<'static, str>>,
        provenance: Provenance,
    ) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile {
            name: name.into(),
            provenance,
            text: text.into(),
            lines: OnceLock::new(),
        });
        id
    }
    /// Keeps a number for a file of the project that is read later.
    pub fn reserve(&mut self, name: &str) -> FileId {
        self.add(name, "", Provenance::Project)
    }
    /// Gives a file its text whose number was kept.
    pub fn fill(&mut self, id: FileId, text: String) {
        let file = &mut self.files[id.0 as usize];
        (file.text, file.lines) = (text.into(), OnceLock::new());
    }
    /// A file by its number.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }
    /// A file by its number, if there is one; for code that must not trust the number.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }
    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        &self.file(span.file).text[span.start as usize..span.end as usize]
    }
    /// The head of an item: its first line up to the body.
    pub fn head(&self, item: Span) -> Span {
        let text = self.text(item);
        let end = text.find(['{', '\n']).unwrap_or(text.len());
        let width = text[..end].trim_end().len().max(1).min(text.len());
        Span { end: item.start + width as u32, ..item }
    }
    /// Every file with its number.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, file)| (FileId(i as u32), file))
    }
    /// `file.talos:3:5`, 1-based, for notes that have no excerpt.
    pub fn place(&self, span: Span) -> String {
        let file = self.file(span.file);
        let at = file.lines().position(&file.text, span.start as usize);
        format!("{}:{}:{}", visible_name(&self.shown(file)), at.line + 1, at.column + 1)
    }
    /// The name of a file as people see it, from where a terminal can open it.
    pub fn shown<'f>(&self, file: &'f SourceFile) -> Cow<'f, str> {
        match &self.seen_from {
            _ if file.provenance == Provenance::Std => Cow::Borrowed(&file.name),
            SeenFrom::Root => Cow::Borrowed(&file.name),
            SeenFrom::Inside(directory) => {
                let name = loader::relative(&format!("{directory}/_"), &file.name);
                Cow::Owned(name.strip_prefix("./").map(str::to_owned).unwrap_or(name))
            }
            SeenFrom::Outside(root) => Cow::Owned(format!("{root}/{}", file.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Provenance, SeenFrom, SourceMap};

    #[test]
    fn names_are_shown_from_where_people_are() {
        let mut sources = SourceMap::default();
        for name in ["sites/a/cluster.talos", "sites/roles.talos", "base.talos"] {
            sources.add(name, "", Provenance::Project);
        }
        sources.add("<std>/nvidia.talos", "", Provenance::Std);
        let mut shown = |from| {
            sources.seen_from = from;
            sources.iter().map(|(_, file)| sources.shown(file).into_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            shown(SeenFrom::Root),
            "sites/a/cluster.talos sites/roles.talos base.talos <std>/nvidia.talos"
        );
        assert_eq!(
            shown(SeenFrom::Inside("sites/a".into())),
            "cluster.talos ../roles.talos ../../base.talos <std>/nvidia.talos"
        );
        assert_eq!(
            shown(SeenFrom::Outside("lab".into())),
            "lab/sites/a/cluster.talos lab/sites/roles.talos lab/base.talos <std>/nvidia.talos"
        );
    }
}
