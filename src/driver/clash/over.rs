//! Outputs that would replace what the compilation reads: sources, patches, manifests, and files that templates refer to.

use std::collections::BTreeMap;

use super::Judge;
use crate::diagnostics::{Code, Diagnostic};
use crate::driver::output::{Home, Output};
use crate::omni::{Document, Of, paths};
use crate::resolve::ScopeId;
use crate::source::Span;
use crate::source::loader::below;
use crate::source::loader::join;

/// Directories that are offered instead, beside the entry; the first is where output goes unless told otherwise.
const OFFERED: [&str; 3] = ["omni", "generated", "talosc-output"];

/// Where each needed file is named, by its path in small letters: macOS and Windows know no others.
type Needed<'n> = BTreeMap<String, (&'n str, Span)>;

impl Judge<'_> {
    /// Outputs at the place of a file that is needed.
    pub(in crate::driver) fn over(
        &self,
        output: &Output,
        documents: &[Document],
        home: &Home,
    ) -> Vec<Diagnostic> {
        let needed: Needed<'_> = (self.names.needed_files().into_iter())
            .filter(|(path, _)| paths::is_yaml(&path.to_lowercase()))
            .map(|(path, span)| (path.to_lowercase(), (path, span)))
            .collect();
        if needed.is_empty() {
            return Vec::new();
        }
        let mut told: Vec<String> = Vec::new();
        let mut findings = Vec::new();
        for (document, directory) in output.places(documents) {
            let path = below(&directory.name, &document.path);
            let Some((read, span)) = needed.get(&path.to_lowercase()) else { continue };
            if told.contains(&path) {
                continue;
            }
            let finding = Diagnostic::new(
                Code::OutputOverSource,
                format!("{} would be written over `{read}`, which is needed here", self.called(document)),
            );
            let finding = finding
                .label(*span, "the file is named here")
                .label(self.place(document), format!("this is written to `{path}`"));
            let help = match home {
                // It must stay beside the template, and another directory would take that elsewhere.
                _ if !self.is_read(read) => "give this file another name".to_owned(),
                Home::One { .. } => {
                    "name another directory with `-o`, or none: then each entry has its own".to_owned()
                }
                Home::OfEntries => self.other_directory(document.entry, documents, &needed),
            };
            findings.push(finding.help(help));
            told.push(path);
        }
        findings
    }

    /// Whether a file is read, and not only referred to.
    fn is_read(&self, path: &str) -> bool {
        self.names.sources.iter().any(|(_, file)| file.name == path)
    }

    /// A directory for an entry in which nothing is needed.
    fn other_directory(&self, entry: ScopeId, documents: &[Document], needed: &Needed<'_>) -> String {
        let free = |name: &&&str| {
            let Some(directory) = join(self.names.path(entry), name) else { return false };
            let mut own = documents.iter().filter(|document| document.entry == entry);
            own.all(|document| !needed.contains_key(&below(&directory, &document.path).to_lowercase()))
        };
        let any = |of: &Of| documents.iter().any(|document| document.entry == entry && document.of == *of);
        match OFFERED.iter().find(free) {
            Some(name) => format!("write to a directory of its own: `output {{ directory = \"{name}\" }}`"),
            None if any(&Of::Manifest) => "leave manifests in the template: `manifests = inline`".into(),
            None if any(&Of::Patch) => "leave patches in the template: `patches = inline`".into(),
            None => "write to a directory of its own: `output { directory = \"…\" }`".into(),
        }
    }
}
