//! The order of the phases: the only place that knows it.
//!
//! | phase | why it stands there |
//! |---|---|
//! | each file is read with all that it imports, and typed | what a name means is known when every file that may declare it is there; trees are large, so those of one file go before the next is read |
//! | `talosc = …` is compared with this compiler | if it is not met, all other findings are dropped: they may only say that this compiler does not know the language of the file |
//! | rules that may speak are compiled, and all is frozen | what is typed names more of the standard library, so typing ends only with the last name; afterwards nothing is typed any more, and clusters can be worked out side by side |
//! | files of which the paths have parameters in them are read | which those are shows where the parameters are known; afterwards nothing is read any more |
//! | clusters, classes and machines of classes are found | which machine may come to which set is known before any set is worked out |
//! | the layout of each entry is made out | rules and templates ask what may be referred to from where |
//! | the middle, once for each entry and the entries side by side (`unit`) | what a cluster comes to is large and, once it is text, of no use: see the next seven |
//! | … clusters are placed | it is their target that decides what a condition comes to, so declarations are flattened for it here |
//! | … invariants are judged | they speak of what the source says, so before it becomes something else |
//! | … levels are lowered, then machines that classes pick up | such a machine takes the form that the patches of its cluster have chosen |
//! | … invariants on configurations, rules of Talos, then of Omni | they judge what machines get, whatever said it; before the documents, which take the patches in. What concerns other clusters too is kept as small facts |
//! | … documents are made | what is referred to instead of being copied is decided for all clusters of an entry together |
//! | … they become text, and the text is compared with what stands at its place | of a file that is current nothing needs to be kept |
//! | … committed templates | a template that is written again word for word changes nothing |
//! | what no cluster uses is flattened for the newest Talos, and its invariants are judged | what one does use was judged for its target, and is not judged once more |
//! | rules on all clusters together | two clusters share an address, a UUID, an id, a host name |
//! | classes and machines are joined to files, clashes, sources that would be written over | all of them need the path of every file |
//! | what nothing uses | any phase before may have used it |
//! | findings are settled ([`check::settle`]) | whether one is silenced, has the cause of another, or rests on what was not understood shows when all are there |
//! | documents are dropped if an error stands | the only question about errors that decides anything |

mod clash;
mod layout;
mod mend;
pub mod output;
mod requirement;
mod unit;

use std::sync::Arc;

pub use mend::{Edited, Mended, mend};

use clash::Judge;
use output::{Home, Output};
use unit::{Left, Middle};
pub use unit::{Standing, Writing};

use crate::check;
use crate::diagnostics::{self, Diagnostic, Diagnostics, Severity};
use crate::flatten::{Flattener, read_made_paths};
use crate::fleet::{Cluster, Fleet};
use crate::kinds;
use crate::omni::paths::Layouts;
use crate::omni::{self, Document};
use crate::origin::Origins;
use crate::resolve::{self, Names, ScopeId};
use crate::secret::Vault;
use crate::source::SeenFrom;
use crate::source::loader::Loader;
use crate::talos;
use crate::talos::lower::Lowering;
use crate::talos::overlay::Overlay;
use crate::typing::{Program, Types};
use crate::world::versions::newest_talos;

/// What one run found and made.
pub struct Compilation {
    /// The declarations with all phases behind them; its names hold the sources.
    pub flattener: Flattener,
    /// The files that are written for: those with a cluster that is not abstract, whether they were asked for or imported.
    pub entries: Vec<ScopeId>,
    /// Where each entry wants its files.
    pub layouts: Layouts,
    /// Clusters, classes and machines.
    pub fleet: Fleet,
    /// The documents of the output; empty while an error stands.
    pub documents: Vec<Document>,
    /// Where the leaves of the documents came from.
    pub origins: Origins,
    /// What was found, in order of place.
    pub findings: Vec<Diagnostic>,
    /// The clusters of the fleet that have a target, with all their fields; none of a run that only writes.
    pub clusters: Vec<Cluster>,
    /// What the machines of each of these get, if it was asked for.
    pub overlays: Vec<Overlay>,
}

impl Compilation {
    /// Whether an error stands: then nothing may be written.
    pub fn has_errors(&self) -> bool {
        any_error(&self.findings)
    }

    /// The secrets of the run, for what is printed of it.
    pub fn vault(&self) -> Vault {
        diagnostics::vault(&self.findings, &self.flattener.types.names.sources)
    }

    /// What is written where: all of it, or what some clusters need, by their index in the fleet.
    pub fn output(&self, home: &Home, only: &[usize]) -> Output {
        let (documents, fleet) = (&self.documents, &self.fleet);
        Output::new(&self.flattener.types.names, &self.layouts, documents, home, &|document| {
            only.is_empty() || output::wanted_by(only, document, documents, fleet)
        })
    }

    /// What clashes if all is written to one directory, whatever the entries say.
    pub fn clashes_in(&self, home: &Home) -> Vec<Diagnostic> {
        let Compilation { fleet, origins, layouts, documents, .. } = self;
        let judge = Judge { names: &self.flattener.types.names, fleet, origins, layouts };
        let output = self.output(home, &[]);
        let mut findings = judge.clashes(&output, documents);
        if matches!(home, Home::OfEntries | Home::One { inside: Some(_), .. }) {
            findings.extend(judge.over(&output, documents, home));
        }
        findings
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
    /// The effective configurations are kept.
    pub resolved: bool,
}

/// As [`compile`], with what else is known.
pub fn compile_as(loader: &dyn Loader, paths: &[String], request: Request) -> Compilation {
    run(loader, paths, request, None)
}

/// As [`compile_as`], for a run that writes the output, or only judges it: clusters are worked out side by side, and nothing but the
/// text is kept of what is written of each.
pub fn compile_to(
    loader: &dyn Loader,
    paths: &[String],
    request: Request,
    text: &Writing<'_>,
) -> Compilation {
    run(loader, paths, request, Some(text))
}

fn run(loader: &dyn Loader, paths: &[String], request: Request, text: Option<&Writing<'_>>) -> Compilation {
    let mut names = Names::default();
    (names.partial, names.elsewhere) = (request.part, request.elsewhere);
    names.sources.seen_from = request.seen_from;
    let reserved = names.reserve(paths);
    // What is typed before it is placed does not depend on what is placed, so that clusters can be worked out side by side.
    let mut types = Types::new(names, loader, Diagnostics::new());
    let mut roots: Vec<ScopeId> = Vec::new();
    resolve::while_parsing(loader, reserved, |ahead| {
        for path in paths {
            types.load(path, ahead).into_iter().for_each(|scope| push_new(&mut roots, scope));
        }
    });
    if !requirement::check(&types.names, &mut types.findings) {
        return refused(types.names, types.findings);
    }
    let entries = entries(&types.names);
    entries.iter().for_each(|&entry| push_new(&mut roots, entry));
    types.names.load_asked(&request.asked);
    let rules = check::rules(&mut types);
    let (program, mut findings) = types.freeze();
    let program = read_made_paths(program, loader, &mut findings);
    let mut flattener = Flattener::new(Arc::new(program), findings);
    let mut fleet = Fleet::of(&mut flattener, &roots);
    let layouts = layout::of(&mut flattener, &entries, &fleet);
    let mut origins = Origins::default();
    let (known, resolved) = (&talos::rules::Known::of(&fleet), request.resolved);
    let middle = Middle { loader, fleet: &fleet, layouts: &layouts, rules: &rules, known, resolved };
    let mut made = match text {
        None => middle.one_by_one(&mut flattener, &mut origins),
        Some(text) => middle.side_by_side(&mut flattener, text),
    };
    made.outline(&mut fleet);
    judge_the_rest(&mut flattener);
    check::rest(&mut flattener, &rules, &made.used);
    let mut lowering = Lowering::new(&mut flattener, &mut origins);
    omni::rules::fleet(&mut lowering, &fleet);
    let mut documents = omni::classes(&mut lowering, &fleet, &layouts);
    omni::rules::documents(&mut lowering, &documents);
    let Left { documents: of_clusters, clusters, overlays } = made.finish(&mut lowering, &fleet);
    documents.extend(of_clusters.all());
    place_documents(&mut flattener, &fleet, &origins, &layouts, &mut documents);
    for finding in flattener.types.names.unused_imports() {
        flattener.report(finding);
    }
    check::unused(&mut flattener, &fleet);
    let found = flattener.findings.take();
    let findings = Diagnostics::from(check::settle(&flattener, &fleet, found)).finish();
    if any_error(&findings) {
        documents.clear();
    }
    Compilation { flattener, entries, layouts, fleet, documents, origins, findings, clusters, overlays }
}

/// Joins the documents that an entry wants in one file, and reports what would be written to one place.
fn place_documents(
    flattener: &mut Flattener,
    fleet: &Fleet,
    origins: &Origins,
    layouts: &Layouts,
    documents: &mut Vec<Document>,
) {
    let names = &flattener.types.names;
    let judge = Judge { names, fleet, origins, layouts };
    let mut findings = judge.join(documents);
    let output = Output::new(names, layouts, documents, &Home::OfEntries, &|_| true);
    findings.extend(judge.clashes(&output, documents));
    findings.extend(judge.misnamed(&output, documents));
    if !names.elsewhere {
        findings.extend(judge.over(&output, documents, &Home::OfEntries));
    }
    findings.into_iter().for_each(|finding| flattener.report(finding));
}

/// A compilation that went no further than the names.
fn refused(names: Names, findings: Diagnostics) -> Compilation {
    Compilation {
        flattener: Flattener::new(Arc::new(Program::untyped(names)), Diagnostics::new()),
        entries: Vec::new(),
        layouts: Layouts::default(),
        fleet: Fleet::default(),
        documents: Vec::new(),
        origins: Origins::default(),
        findings: findings.finish(),
        clusters: Vec::new(),
        overlays: Vec::new(),
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
