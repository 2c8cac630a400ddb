//! The order of the phases: the only place that knows it.

mod clash;
mod output;
mod requirement;

use std::sync::Arc;

pub use output::Output;

use crate::check;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::flatten::Flattener;
use crate::fleet::Fleet;
use crate::kinds;
use crate::omni::{self, Document};
use crate::origin::Origins;
use crate::resolve::{Names, ScopeId};
use crate::source::SeenFrom;
use crate::source::loader::Loader;
use crate::talos::lower::{self, Lowering};
use crate::talos::{self, LoweredCluster};
use crate::typing::{Program, Types};
use crate::version::Version;

/// What one run found and made.
pub struct Compilation {
    /// The declarations with all phases behind them; its names hold the sources.
    pub flattener: Flattener,
    /// The files that are written for: those with a cluster that is not abstract, whether they were asked for or imported.
    pub entries: Vec<ScopeId>,
    /// Where each entry is written, in the order of the entries.
    pub outputs: Vec<Output>,
    /// Clusters, classes and machines.
    pub fleet: Fleet,
    /// The documents of the output; empty while an error stands.
    pub documents: Vec<Document>,
    /// Where the leaves of the documents came from.
    pub origins: Origins,
    /// What was found, in order of place.
    pub findings: Vec<Diagnostic>,
}

impl Compilation {
    /// Whether an error stands: then nothing may be written.
    pub fn has_errors(&self) -> bool {
        any_error(&self.findings)
    }

    /// What clashes if all entries are written to one directory, whatever they say; `inside` is its path from the project root
    /// if it is there.
    pub fn clashes_in(&self, directory: &str, inside: Option<&str>) -> Vec<Diagnostic> {
        let names = &self.flattener.types.names;
        clash::in_one(names, &self.fleet, &self.origins, &self.outputs, &self.documents, directory, inside)
    }
}

/// Compiles files, given by their paths from the project root. Never panics, never prints.
///
/// A file without a cluster is judged and not written. What an earlier build wrote is read through the loader too, since the
/// versions in it decide what a change of them means.
pub fn compile(loader: &dyn Loader, paths: &[String]) -> Compilation {
    compile_as(loader, paths, Request::default())
}

/// What else a compilation is told.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The directory that people see names from.
    pub seen_from: SeenFrom,
    /// Names that will be asked about: of the standard library too, which is loaded only where something names it.
    pub asked: Vec<String>,
    /// The files are some of a project that has more: what those may use is not called unused.
    pub part: bool,
    /// All is written to a directory that the sources do not know: whether it may be is asked with [`Compilation::clashes_in`].
    pub elsewhere: bool,
}

/// As [`compile`], with what else is known.
pub fn compile_as(loader: &dyn Loader, paths: &[String], request: Request) -> Compilation {
    let mut findings = Diagnostics::new();
    let mut names = Names::default();
    (names.partial, names.elsewhere) = (request.part, request.elsewhere);
    names.sources.seen_from = request.seen_from;
    let mut roots: Vec<ScopeId> = Vec::new();
    for path in paths {
        names.load(loader, path, &mut findings).into_iter().for_each(|scope| push_new(&mut roots, scope));
    }
    if !requirement::check(&names, &mut findings) {
        return refused(names, findings);
    }
    let entries = entries(&names);
    entries.iter().for_each(|&entry| push_new(&mut roots, entry));
    names.load_asked(&request.asked);
    // What is typed before it is placed does not depend on what is placed, so that clusters can be worked out side by side.
    let mut types = Types::new(names, loader, findings);
    let rules = check::rules(&mut types);
    let (program, findings) = types.freeze();
    let mut flattener = Flattener::new(Arc::new(program), findings);
    let fleet = Fleet::place(&mut flattener, &roots);
    judge_the_rest(&mut flattener);
    check::invariants(&mut flattener, &fleet, &rules);
    let mut origins = Origins::default();
    let mut lowering = Lowering::new(&mut flattener, &mut origins);
    let lowered: Vec<LoweredCluster> =
        fleet.clusters.iter().map(|cluster| lower::cluster(&mut lowering, cluster)).collect();
    talos::rules::check(&mut lowering, &fleet, &lowered);
    omni::rules::check(&mut lowering, &fleet, &lowered);
    let documents = omni::documents(&mut lowering, &fleet, lowered);
    let mut documents = output::of_entries(documents, &mut flattener, &entries, &fleet);
    let outputs = output::outputs(&mut flattener, &entries, &fleet);
    clash::check(&mut flattener, &fleet, &origins, &outputs, &mut documents);
    omni::committed::check(&mut flattener, loader, &fleet, &output::templates(&documents, &outputs));
    for finding in flattener.types.names.unused_imports() {
        flattener.report(finding);
    }
    check::unused(&mut flattener, &fleet);
    check::allows(&mut flattener, &fleet);
    check::withhold(&mut flattener, &fleet);
    let findings = std::mem::take(&mut flattener.findings).finish();
    if any_error(&findings) {
        documents.clear();
    }
    Compilation { flattener, entries, outputs, fleet, documents, origins, findings }
}

/// A compilation that went no further than the names.
fn refused(names: Names, findings: Diagnostics) -> Compilation {
    Compilation {
        flattener: Flattener::new(Arc::new(Program::untyped(names)), Diagnostics::new()),
        entries: Vec::new(),
        outputs: Vec::new(),
        fleet: Fleet::default(),
        documents: Vec::new(),
        origins: Origins::default(),
        findings: findings.finish(),
    }
}

/// The files of the project that have a cluster, in order of loading.
fn entries(names: &Names) -> Vec<ScopeId> {
    let mut entries = Vec::new();
    for id in names.project_decls() {
        let decl = names.decl(id);
        if decl.kind == kinds::CLUSTER && !decl.is_abstract {
            push_new(&mut entries, decl.scope);
        }
    }
    entries
}

fn push_new(list: &mut Vec<ScopeId>, scope: ScopeId) {
    if !list.contains(&scope) {
        list.push(scope);
    }
}

fn any_error(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// Flattens what nothing used, so that it is judged too: abstract declarations and those that no cluster names, for the newest
/// Talos that is known.
fn judge_the_rest(flattener: &mut Flattener) {
    let newest = newest_talos();
    for id in flattener.types.names.project_decls() {
        if flattener.is_flat(id) {
            continue;
        }
        let typed = flattener.types.typed(id);
        let decl = flattener.types.names.decl(id);
        if decl.kind != kinds::LET && typed.params.iter().all(|param| param.default.is_some()) {
            flattener.flat(id, &Arc::default(), Some(&newest));
        }
    }
}

/// The newest Talos minor that is not a preview.
fn newest_talos() -> Version {
    use crate::world::versions::{Support, talos_supported};
    let newest = talos_supported().filter(|row| row.support == Support::Current).last();
    newest.map_or(Version::minor(1, 13), |row| Version::minor(1, row.minor))
}

#[cfg(test)]
mod tests {
    use super::Compilation;
    use crate::typing::Program;

    #[test]
    fn what_is_made_can_be_shared_between_threads() {
        fn shared<T: Send + Sync + 'static>() {}
        shared::<Program>();
        shared::<Compilation>();
    }
}
