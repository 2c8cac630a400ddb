//! Two things that would be written to one file.
//!
//! Several entries may write one file if they write the same. Names that differ by case alone are one file on macOS and Windows.

mod names;
mod over;

use rustc_hash::FxHashMap;

use super::output::{Directory, Output};
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Fleet;
use crate::omni::paths::Layouts;
use crate::omni::{Document, Of};
use crate::origin::Origins;
use crate::resolve::{Names, ScopeId};
use crate::source::Span;
use crate::source::loader::below;

/// What a finding about documents is made from.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) names: &'a Names,
    pub(super) fleet: &'a Fleet,
    pub(super) origins: &'a Origins,
    pub(super) layouts: &'a Layouts,
}

/// A document, and the directory that it is written to.
type Placed<'d> = (&'d Document, &'d Directory);

fn twice(what: &str, at: Span, first: Span, path: &str) -> Diagnostic {
    let message = format!("{what} is declared twice, and both would be written to `{path}`");
    Diagnostic::new(Code::OutputClash, message).label(at, "one of them").label(first, "the other")
}

/// A path as messages have it.
fn shown((document, directory): Placed<'_>) -> String {
    below(&directory.shown, &document.path)
}

impl Judge<'_> {
    /// Joins classes, and patches of machines, that one entry wants in one file. Two of one name cannot be joined.
    pub(super) fn join(&self, documents: &mut Vec<Document>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let mut places: FxHashMap<(ScopeId, bool, String), usize> = FxHashMap::default();
        let mut taken: FxHashMap<(usize, &str), Span> = FxHashMap::default();
        let mut joined: Vec<Document> = Vec::with_capacity(documents.len());
        for document in documents.drain(..) {
            let (is_class, name) = match &document.of {
                Of::Classes(all) => (true, self.class(all[0])),
                Of::Machines(all) => (false, self.machine(all[0])),
                Of::Cluster(_) | Of::Patch | Of::Manifest => {
                    joined.push(document);
                    continue;
                }
            };
            let next = joined.len();
            let at = *places.entry((document.entry, is_class, document.path.clone())).or_insert(next);
            if let Some(twin) = taken.insert((at, name), self.place(&document)) {
                let layout = self.layouts.get(document.entry);
                let path = below(layout.map_or("", |layout| &layout.directory), &document.path);
                let finding = twice(&self.called(&document), self.place(&document), twin, &path);
                findings.push(finding.help("rename one of the two"));
                continue;
            }
            match joined.get_mut(at) {
                Some(file) => {
                    if let (Of::Classes(all), Of::Classes(more)) | (Of::Machines(all), Of::Machines(more)) =
                        (&mut file.of, document.of)
                    {
                        all.extend(more);
                    }
                    file.source = file.entry;
                    file.clusters.extend(document.clusters);
                    file.clusters.sort_unstable();
                    file.clusters.dedup();
                    file.nodes.extend(document.nodes);
                }
                None => joined.push(document),
            }
        }
        *documents = joined;
        findings
    }

    fn class(&self, at: usize) -> &str {
        &self.names.decl(self.fleet.classes[at].decl).name
    }

    fn machine(&self, at: usize) -> &str {
        &self.names.decl(self.fleet.loose[at].machine.decl).name
    }

    /// Each pair of documents that cannot be written both, by the first that has the place.
    pub(super) fn clashes(&self, output: &Output, documents: &[Document]) -> Vec<Diagnostic> {
        let mut seen: FxHashMap<String, Placed<'_>> = FxHashMap::default();
        let mut findings = Vec::new();
        for here in output.places(documents) {
            let path = shown(here);
            let Some(&first) = seen.get(&path.to_lowercase()) else {
                seen.insert(path.to_lowercase(), here);
                continue;
            };
            let (other, first, document) = (shown(first), first.0, here.0);
            if path != other {
                findings.push(self.case(first, document, [&other, &path]));
            } else if let Some(doubt) = self.differ(first, document) {
                let finding = self.told(first, document, &path).help(self.way_out(first, document));
                findings.push(if doubt { finding.if_nothing_is_wrong() } else { finding });
            }
        }
        findings
    }

    /// Whether one file cannot stand for both: with `true` if what is not understood in one of them may be all that makes them
    /// differ. `None` if it can, or if what is wrong is reported as something else.
    fn differ(&self, first: &Document, document: &Document) -> Option<bool> {
        let name = |document: &Document| &self.fleet.clusters[document.clusters[0]].name;
        let equal = || first.entry != document.entry && first.holds_the_same(document);
        match (&first.of, &document.of) {
            // Two clusters of one name have one id, and several in an entry cannot share its `template`.
            (Of::Cluster(_), Of::Cluster(_))
                if name(first) == name(document) || first.entry == document.entry =>
            {
                None
            }
            (Of::Patch, Of::Patch) | (Of::Manifest, Of::Manifest) if name(first) == name(document) => None,
            (Of::Classes(a), Of::Classes(b)) if a == b => None,
            (Of::Machines(a), Of::Machines(b)) if a == b => None,
            (Of::Patch, Of::Patch)
            | (Of::Manifest, Of::Manifest)
            | (Of::Classes(_), Of::Classes(_))
            | (Of::Machines(_), Of::Machines(_)) => (!equal()).then_some(true),
            _ => Some(false),
        }
    }

    fn told(&self, first: &Document, document: &Document, path: &str) -> Diagnostic {
        let (a, b) = (self.called(first), self.called(document));
        let mut finding = if a == b {
            twice(&a, self.place(document), self.place(first), path)
        } else {
            Diagnostic::new(Code::OutputClash, format!("{a} and {b} would both be written to `{path}`"))
                .label(self.place(document), format!("this is written to `{path}`"))
                .label(self.place(first), "this is written there too")
        };
        for layout in self.layouts.iter() {
            let entry =
                |document: &Document| document.entry == layout.entry && matches!(document.of, Of::Cluster(_));
            if entry(first) || entry(document) {
                finding = finding.label_if(layout.named, "this is the name of the template");
            }
        }
        if first.entry != document.entry {
            finding = finding.note("entries may share a file only if they write the same");
        }
        finding
    }

    fn case(&self, first: &Document, document: &Document, [one, two]: [&str; 2]) -> Diagnostic {
        Diagnostic::new(Code::OutputClash, format!("`{one}` and `{two}` differ by case alone"))
            .label(self.place(document), format!("this is written to `{two}`"))
            .label(self.place(first), format!("this is written to `{one}`"))
            .note("on macOS and Windows they are one file, and one of them would be lost in a clone")
            .help("give one of them another name")
    }

    fn way_out(&self, first: &Document, document: &Document) -> &'static str {
        match (&first.of, &document.of) {
            (Of::Cluster(_), Of::Cluster(_)) => {
                "give one entry another `template`, or another directory: `output { directory = \"…\" }`"
            }
            _ if first.entry == document.entry => {
                "rename one of the two, or give them directories of their own in `output`: `templates = \"…\"`, `classes = \"…\"`"
            }
            (Of::Classes(_), Of::Classes(_)) | (Of::Machines(_), Of::Machines(_)) => {
                "declare it once and import it, or give one of them another name"
            }
            _ => {
                "give one of them another name, or one entry another directory: `output { directory = \"…\" }`"
            }
        }
    }

    /// How a message calls a document.
    fn called(&self, document: &Document) -> String {
        match &document.of {
            Of::Cluster(at) => format!("the cluster `{}`", self.fleet.clusters[*at].name),
            Of::Patch => format!("a patch of `{}`", self.fleet.clusters[document.clusters[0]].name),
            Of::Manifest => format!("a manifest of `{}`", self.fleet.clusters[document.clusters[0]].name),
            Of::Classes(all) => match all.as_slice() {
                [one] => format!("the class `{}`", self.class(*one)),
                _ => format!("the classes of `{}`", self.names.path(document.entry)),
            },
            Of::Machines(all) => match all.as_slice() {
                [one] => format!("the machine `{}`", self.machine(*one)),
                _ => format!("the machines of `{}`", self.names.path(document.entry)),
            },
        }
    }

    /// Where a document is declared.
    fn place(&self, document: &Document) -> Span {
        let cluster = |at: usize| self.fleet.clusters[at].span;
        match &document.of {
            Of::Cluster(at) => cluster(*at),
            Of::Patch | Of::Manifest => document
                .written
                .as_ref()
                .map_or_else(
                    || document.nodes.iter().find_map(|node| self.origins.place(node)),
                    |written| written.said,
                )
                .unwrap_or_else(|| cluster(document.clusters[0])),
            Of::Classes(all) => self.names.decl(self.fleet.classes[all[0]].decl).span,
            Of::Machines(all) => self.fleet.loose[all[0]].machine.span,
        }
    }
}
