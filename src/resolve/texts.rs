//! Files that values refer to: their texts, and where they are named.

use rustc_hash::FxHashMap;

use super::{Names, ScopeId, load};
use crate::diagnostics::Diagnostic;
use crate::source::loader::{Loader, join};
use crate::source::{FileId, Provenance, Span};
use crate::text::Text;

impl Names {
    /// Notes that a value at a place refers to a file of the project.
    pub fn refer(&mut self, path: &str, span: Span) {
        if !self.referred.contains_key(path) {
            self.referred.insert(path.to_owned(), span);
        }
    }

    /// Whether a value refers to a file of the project, by its path: it may be a secret, and then nobody opens it.
    pub fn refers_to(&self, path: &str) -> bool {
        self.referred.contains_key(path)
    }

    /// Where the compilation needs a file of the project: the value that names it, or the beginning of a source. By path.
    pub fn needed_files(&self) -> FxHashMap<&str, Span> {
        let project = self.sources.iter().filter(|(_, file)| file.provenance == Provenance::Project);
        let read = project.map(|(id, file)| (file.name.as_str(), Span { file: id, start: 0, end: 0 }));
        read.chain(self.referred.iter().map(|(path, span)| (path.as_str(), *span))).collect()
    }

    /// The text of a file that a value in `scope` refers to, by the path as written; `None` if it could not be read.
    pub fn text(&self, scope: ScopeId, written: &str) -> Option<(FileId, Text)> {
        let (file, text) = self.texts.get(&join(self.path(scope), written)?)?;
        Some((*file, text.clone()))
    }

    /// As [`Names::text`]; reads the file, and registers it so that findings can point into it.
    ///
    /// # Errors
    /// What keeps the file from being read, in words.
    pub(crate) fn read_text(
        &mut self,
        loader: &dyn Loader,
        scope: ScopeId,
        written: &str,
        span: Span,
    ) -> Result<(FileId, Text), Box<Diagnostic>> {
        if let Some(known) = self.text(scope, written) {
            return Ok(known);
        }
        let (path, text) = load::referenced(self, loader, scope, written, span)?;
        let text = text.replace("\r\n", "\n");
        let file = self.sources.add(path.clone(), text.clone(), Provenance::Project);
        let text = Text::new(text);
        self.refer(&path, span);
        self.texts.insert(path, (file, text.clone()));
        Ok((file, text))
    }
}
