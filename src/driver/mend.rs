//! What `check --fix` does: the safe edits of all findings are made, again and again until none is left. Nothing is written here.

use std::collections::BTreeMap;

use super::{Compilation, Request, compile_as};
use crate::diagnostics::edit::{apply, in_order};
use crate::diagnostics::{Applicability, Diagnostic, Edit};
use crate::resolve::Names;
use crate::source::loader::{LoadError, Loader};
use crate::source::{FileId, Provenance};

/// How often edits are made: one may bring another to light, and two that undo each other would go on for ever.
const ROUNDS: usize = 16;

/// A project after its safe edits.
pub struct Mended {
    /// The new texts of the files that changed, by their path from the project root.
    pub files: BTreeMap<String, String>,
    /// What was read of these files.
    pub read: BTreeMap<String, String>,
    /// How many findings were mended in each.
    pub counts: BTreeMap<String, usize>,
    /// What is left.
    pub compilation: Compilation,
}

/// Makes the safe edits of all that is found in some files of a project, and in those that they import.
pub fn mend(loader: &dyn Loader, paths: &[String], request: &Request) -> Mended {
    let mut edited = Edited { below: loader, files: BTreeMap::new() };
    let (mut read, mut counts) = (BTreeMap::new(), BTreeMap::<String, usize>::new());
    for _ in 0..ROUNDS {
        let compilation = compile_as(&edited, paths, request.clone());
        let chosen = chosen(&compilation.findings, &compilation.flattener.types.names);
        if chosen.is_empty() {
            return Mended { files: edited.files, read, counts, compilation };
        }
        for (file, (edits, findings)) in chosen {
            let file = compilation.flattener.types.names.sources.file(file);
            // Edits that do not fit were not chosen, so that this cannot fail.
            let Ok(text) = apply(file.text(), &edits) else { continue };
            edited.files.insert(file.name.clone(), text);
            read.entry(file.name.clone()).or_insert_with(|| file.text().to_owned());
            *counts.entry(file.name.clone()).or_default() += findings;
        }
    }
    let compilation = compile_as(&edited, paths, request.clone());
    Mended { files: edited.files, read, counts, compilation }
}

/// The safe edits that can be made side by side, and of how many findings they are, by file. Findings whose edits touch those of
/// one before, or that would change several files, wait for another round or for a person.
fn chosen(findings: &[Diagnostic], names: &Names) -> BTreeMap<FileId, (Vec<Edit>, usize)> {
    let mut out: BTreeMap<FileId, (Vec<Edit>, usize)> = BTreeMap::new();
    // Where edits were chosen, by their start.
    let mut taken: BTreeMap<(FileId, u32), u32> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.applicability() == Some(Applicability::Safe)) {
        let file = finding.edits[0].span.file;
        let source = names.sources.file(file);
        let own = finding.edits.iter().all(|edit| edit.span.file == file);
        if !own
            || source.provenance != Provenance::Project
            || in_order(source.text(), &finding.edits).is_err()
        {
            continue;
        }
        // Next to another edit is too near: what one of them writes may be what the other one is about.
        let free = |edit: &Edit| {
            let before = taken.range(..=(file, edit.span.end)).next_back();
            before.is_none_or(|(&(other, _), &end)| other != file || end < edit.span.start)
        };
        if finding.edits.iter().all(free) {
            for edit in &finding.edits {
                let end = taken.entry((file, edit.span.start)).or_default();
                *end = edit.span.end.max(*end);
            }
            let (edits, count) = out.entry(file).or_default();
            edits.extend(finding.edits.iter().cloned());
            *count += 1;
        }
    }
    out
}

/// The files of a project, some with other texts.
pub struct Edited<'l> {
    /// Where the files are.
    pub below: &'l dyn Loader,
    /// The other texts, by their path from the project root.
    pub files: BTreeMap<String, String>,
}

impl Loader for Edited<'_> {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        self.files.get(path).map_or_else(|| self.below.read(path), |text| Ok(text.clone()))
    }
    fn exists(&self, path: &str) -> bool {
        self.below.exists(path)
    }
}
