//! Outputs whose names some system cannot have: found where they are declared, since a clone there would miss them.

use super::Judge;
use crate::diagnostics::{Code, Diagnostic};
use crate::driver::output::Output;
use crate::emit::names;
use crate::omni::Document;

/// The most characters that are shown of a name, which may be one that is too long.
const SHOWN: usize = 60;

fn shortened(name: &str) -> String {
    match name.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.to_owned(),
    }
}

impl Judge<'_> {
    /// Documents with a name in their path, in the output directory, that not every system takes. What an `output` block says of that
    /// path is judged there.
    pub(in crate::driver) fn misnamed(&self, output: &Output, documents: &[Document]) -> Vec<Diagnostic> {
        let mut findings: Vec<Diagnostic> = Vec::new();
        for (document, _) in output.places(documents) {
            let Some((name, wrong)) = names::wrong_in(&document.path) else { continue };
            if self.layouts.get(document.entry).is_some_and(|layout| layout.says(name)) {
                continue;
            }
            let called = self.called(document);
            let message = format!("{called} would be written to `{}`, which {wrong}", shortened(name));
            // What several entries reach is written by each.
            if findings.iter().any(|finding| finding.message == message) {
                continue;
            }
            findings.push(
                Diagnostic::new(Code::BadFileName, message)
                    .label(self.place(document), "this is written there")
                    .help("give it another name; the files of templates and classes can be named in `output { … }`"),
            );
        }
        findings
    }
}
