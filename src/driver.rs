//! The order of the phases: the only place that knows it.

use std::rc::Rc;

use crate::check;
use crate::diagnostics::Diagnostic;
use crate::flatten::Flattener;
use crate::fleet::Fleet;
use crate::kinds;
use crate::omni::{self, Document};
use crate::origin::Origins;
use crate::resolve::{Names, ScopeId};
use crate::source::loader::Loader;
use crate::talos::lower::{self, Lowering};
use crate::talos::{self, LoweredCluster};
use crate::typing::Types;
use crate::version::Version;

/// What one run found and made.
pub struct Compilation<'a> {
    /// The declarations with all phases behind them; its names hold the sources.
    pub flattener: Flattener<'a>,
    /// The entries that were asked for.
    pub entries: Vec<ScopeId>,
    /// Clusters, classes and machines.
    pub fleet: Fleet,
    /// The documents of the output; empty while an error stands.
    pub documents: Vec<Document>,
    /// Where the leaves of the documents came from.
    pub origins: Origins,
    /// What was found, in order of place.
    pub findings: Vec<Diagnostic>,
}

impl Compilation<'_> {
    /// Whether an error stands: then nothing may be written.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|d| d.severity == crate::diagnostics::Severity::Error)
    }
}

/// Compiles entries, given by their paths from the project root. Never panics, never prints.
pub fn compile<'a>(loader: &'a dyn Loader, paths: &[String]) -> Compilation<'a> {
    let mut names = Names::new(loader);
    let entries: Vec<ScopeId> = paths.iter().filter_map(|path| names.load(path)).collect();
    let mut flattener = Flattener::new(Types::new(names));
    let fleet = Fleet::place(&mut flattener, &entries);
    judge_the_rest(&mut flattener);
    check::invariants(&mut flattener, &fleet);
    let mut origins = Origins::default();
    let mut lowering = Lowering { flattener: &mut flattener, origins: &mut origins };
    let lowered: Vec<LoweredCluster> =
        fleet.clusters.iter().map(|cluster| lower::cluster(&mut lowering, cluster)).collect();
    talos::rules::check(&mut lowering, &fleet, &lowered);
    omni::rules::check(&mut lowering, &fleet, &lowered);
    let mut documents = omni::documents(&mut lowering, &fleet, &lowered);
    flattener.types.names.check_unused_imports();
    check::unused(&mut flattener, &fleet);
    check::allows(&mut flattener, &fleet);
    let findings = std::mem::take(&mut flattener.types.names.diagnostics).finish();
    if findings.iter().any(|d| d.severity == crate::diagnostics::Severity::Error) {
        documents.clear();
    }
    Compilation { flattener, entries, fleet, documents, origins, findings }
}

/// Types what nothing used, so that it is judged too: abstract declarations and those that no cluster names, for the newest
/// Talos that is known.
fn judge_the_rest(flattener: &mut Flattener<'_>) {
    let newest = newest_talos();
    for id in flattener.types.names.project_decls() {
        if flattener.is_flat(id) {
            continue;
        }
        let typed = flattener.types.typed(id);
        let decl = flattener.types.names.decl(id);
        if decl.kind != kinds::LET && typed.params.iter().all(|param| param.default.is_some()) {
            flattener.flat(id, &Rc::default(), Some(&newest));
        }
    }
}

/// The newest Talos minor that is not a preview.
fn newest_talos() -> Version {
    use crate::world::versions::{Support, talos_supported};
    let newest = talos_supported().filter(|row| row.support == Support::Current).last();
    newest.map_or(Version::minor(1, 13), |row| Version::minor(1, row.minor))
}
