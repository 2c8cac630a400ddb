//! What may still be judged where a file was not understood.
//!
//! The rules of the later phases look at whole fleets: a machine that no set lists, a field that nothing sets. If a name was
//! misspelt, what they miss may be just that, and one mistake would be told twice. So where the language itself found an error,
//! they hold back, in every file that an entry shares with it; secrets are told always.

use std::collections::HashSet;

use crate::diagnostics::{Level, Severity};
use crate::resolve::{Names, ScopeId};

/// The names of the files whose entries reach an error.
pub(super) fn files(names: &Names<'_>, roots: &[ScopeId]) -> HashSet<String> {
    let errors = names.diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
    let broken: HashSet<&str> = errors
        .filter_map(|finding| finding.primary())
        .map(|span| names.sources.file(span.file).name.as_str())
        .collect();
    let mut doubtful = HashSet::new();
    if broken.is_empty() {
        return doubtful;
    }
    for &root in roots {
        let reached = names.reachable(root);
        if reached.iter().any(|&scope| broken.contains(names.path(scope))) {
            doubtful.extend(reached.iter().map(|&scope| names.path(scope).to_owned()));
        }
    }
    doubtful
}

/// Takes back the errors after the first `known` findings that stand in doubtful files.
pub(super) fn hold_back(names: &mut Names<'_>, known: usize, doubtful: &HashSet<String>) {
    if doubtful.is_empty() {
        return;
    }
    let sources = &names.sources;
    let mut at = 0;
    names.diagnostics.retain(|finding| {
        at += 1;
        let in_doubt =
            || finding.primary().is_some_and(|span| doubtful.contains(&sources.file(span.file).name));
        at <= known || finding.code.level() == Level::Secret || !in_doubt()
    });
}
