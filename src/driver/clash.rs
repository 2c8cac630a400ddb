//! Two things that would be written to one file.
//!
//! Several entries may write one file if they write the same. Names that differ by case alone are one file on macOS and Windows.

use rustc_hash::FxHashMap;

use super::output::{Output, below};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Flattener;
use crate::fleet::Fleet;
use crate::omni::{Document, Of};
use crate::origin::Origins;
use crate::resolve::{Names, ScopeId};
use crate::source::Span;
use crate::tree::{Node, Value};

/// What a finding about documents is made from.
struct Judge<'a, 's> {
    names: &'a Names<'s>,
    fleet: &'a Fleet,
    origins: &'a Origins,
    outputs: &'a [Output],
}

/// Reports what clashes, and joins the documents that an entry wants in one file.
pub(super) fn check(
    flattener: &mut Flattener<'_>,
    fleet: &Fleet,
    origins: &Origins,
    outputs: &[Output],
    documents: &mut Vec<Document>,
) {
    let judge = Judge { names: &flattener.types.names, fleet, origins, outputs };
    let mut findings = judge.join(documents);
    findings.extend(judge.clashes(documents, None));
    findings.into_iter().for_each(|finding| flattener.types.report(finding));
}

/// What clashes if all entries are written to one directory, although they say several.
pub(super) fn in_one(
    names: &Names<'_>,
    fleet: &Fleet,
    origins: &Origins,
    outputs: &[Output],
    documents: &[Document],
    directory: &str,
) -> Vec<Diagnostic> {
    Judge { names, fleet, origins, outputs }.clashes(documents, Some(directory))
}

impl Judge<'_, '_> {
    /// Joins classes, and patches of machines, that one entry wants in one file. Two of one name cannot be joined.
    fn join(&self, documents: &mut Vec<Document>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let mut places: FxHashMap<(ScopeId, String), usize> = FxHashMap::default();
        let mut joined: Vec<Document> = Vec::with_capacity(documents.len());
        for document in documents.drain(..) {
            if !matches!(document.of, Of::Classes(_) | Of::Machines(_)) {
                joined.push(document);
                continue;
            }
            let Some(&at) = places.get(&(document.entry, document.path.clone())) else {
                places.insert((document.entry, document.path.clone()), joined.len());
                joined.push(document);
                continue;
            };
            let first = &mut joined[at];
            let twin = self.twin(first, &document);
            match (&mut first.of, &document.of) {
                (Of::Classes(all), Of::Classes(more)) | (Of::Machines(all), Of::Machines(more)) if !twin => {
                    all.extend(more);
                    first.source = first.entry;
                    first.nodes.extend(document.nodes);
                }
                _ => {
                    let path = self.shown(first, None);
                    let finding = self.told(first, &document, &path);
                    findings.push(finding.help("rename one of the two"));
                }
            }
        }
        *documents = joined;
        findings
    }

    /// Whether a document has the name of one that stands in a file already.
    fn twin(&self, file: &Document, document: &Document) -> bool {
        let name = |at: usize| self.names.decl(self.fleet.classes[at].decl).name.as_str();
        let machine = |at: usize| self.names.decl(self.fleet.loose[at].machine.decl).name.as_str();
        match (&file.of, &document.of) {
            (Of::Classes(all), Of::Classes(more)) => {
                all.iter().any(|&a| more.iter().any(|&b| name(a) == name(b)))
            }
            (Of::Machines(all), Of::Machines(more)) => {
                all.iter().any(|&a| more.iter().any(|&b| machine(a) == machine(b)))
            }
            _ => true,
        }
    }

    /// Each pair of documents that cannot be written both, by the first that has the place.
    fn clashes(&self, documents: &[Document], directory: Option<&str>) -> Vec<Diagnostic> {
        let sound = !self.names.diagnostics.has_errors();
        let mut seen: FxHashMap<String, usize> = FxHashMap::default();
        let mut findings = Vec::new();
        for (at, document) in documents.iter().enumerate() {
            let path = self.shown(document, directory);
            let Some(&first) = seen.get(&path.to_lowercase()) else {
                seen.insert(path.to_lowercase(), at);
                continue;
            };
            let first = &documents[first];
            let other = self.shown(first, directory);
            if path != other {
                findings.push(self.case(first, document, [&other, &path]));
            } else if !self.same(first, document, sound) {
                findings.push(self.told(first, document, &path).help(self.way_out(first, document)));
            }
        }
        findings
    }

    /// Whether one file may stand for both, or what is wrong is reported as something else.
    fn same(&self, first: &Document, document: &Document, sound: bool) -> bool {
        let cluster = |at: usize| &self.fleet.clusters[at];
        match (&first.of, &document.of) {
            // Two clusters of one name have one id, and several in an entry cannot share its `template`.
            (Of::Cluster(a), Of::Cluster(b)) => {
                cluster(*a).name == cluster(*b).name || first.entry == document.entry
            }
            (Of::Patch(a), Of::Patch(b)) if cluster(*a).name == cluster(*b).name => true,
            (Of::Classes(a), Of::Classes(b)) if a == b => true,
            (Of::Machines(a), Of::Machines(b)) if a == b => true,
            // What is not understood in one of them may be all that makes them differ.
            (Of::Patch(_), Of::Patch(_))
            | (Of::Classes(_), Of::Classes(_))
            | (Of::Machines(_), Of::Machines(_)) => {
                !sound || first.entry != document.entry && first.nodes == document.nodes
            }
            _ => false,
        }
    }

    fn told(&self, first: &Document, document: &Document, path: &str) -> Diagnostic {
        let (a, b) = (self.called(first), self.called(document));
        let (message, one, two) = if a == b {
            let message = format!("{a} is declared twice, and both would be written to `{path}`");
            (message, "one of them".to_owned(), "the other".to_owned())
        } else {
            let message = format!("{a} and {b} would both be written to `{path}`");
            (message, format!("{b} is written to `{path}`"), format!("{a} is written there too"))
        };
        let mut finding = Diagnostic::new(Code::OutputClash, message)
            .label(self.place(document), one)
            .label(self.place(first), two);
        for output in self.outputs {
            let entry =
                |document: &Document| document.entry == output.entry && matches!(document.of, Of::Cluster(_));
            if entry(first) || entry(document) {
                finding = finding.label_if(output.template, "this is the name of the template");
            }
        }
        if first.entry != document.entry {
            finding = finding.note("entries may share a file only if they write the same");
        }
        finding
    }

    fn case(&self, first: &Document, document: &Document, [one, two]: [&str; 2]) -> Diagnostic {
        Diagnostic::new(Code::OutputClash, format!("`{one}` and `{two}` differ by case alone"))
            .label(self.place(document), format!("{} is written to `{two}`", self.called(document)))
            .label(self.place(first), format!("{} is written to `{one}`", self.called(first)))
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

    /// The path of a document from the project root, or in the one directory that everything goes to.
    fn shown(&self, document: &Document, directory: Option<&str>) -> String {
        let own = || self.outputs.iter().find(|output| output.entry == document.entry);
        let directory = directory.or_else(|| own().map(|output| output.directory.as_str()));
        below(directory.unwrap_or_default(), &document.path)
    }

    /// How a message calls a document.
    fn called(&self, document: &Document) -> String {
        match &document.of {
            Of::Cluster(at) => format!("the cluster `{}`", self.fleet.clusters[*at].name),
            Of::Patch(at) => format!("a patch of `{}`", self.fleet.clusters[*at].name),
            Of::Classes(all) => match all.as_slice() {
                [one] => format!("the class `{}`", self.names.decl(self.fleet.classes[*one].decl).name),
                _ => format!("the classes of `{}`", self.names.path(document.entry)),
            },
            Of::Machines(all) => match all.as_slice() {
                [one] => {
                    format!("the machine `{}`", self.names.decl(self.fleet.loose[*one].machine.decl).name)
                }
                _ => format!("the machines of `{}`", self.names.path(document.entry)),
            },
        }
    }

    /// Where a document is declared.
    fn place(&self, document: &Document) -> Span {
        let cluster = |at: usize| self.fleet.clusters[at].span;
        match &document.of {
            Of::Cluster(at) => cluster(*at),
            Of::Patch(at) => {
                document.nodes.iter().find_map(|node| self.first(node)).unwrap_or_else(|| cluster(*at))
            }
            Of::Classes(all) => self.names.decl(self.fleet.classes[all[0]].decl).span,
            Of::Machines(all) => self.fleet.loose[all[0]].machine.span,
        }
    }

    /// The first place in a tree.
    fn first(&self, node: &Node) -> Option<Span> {
        self.origins.span(node.origin).or_else(|| match &node.value {
            Value::Map(map) => map.iter().find_map(|(_, node)| self.first(node)),
            Value::Seq(items) => items.iter().find_map(|node| self.first(node)),
            _ => None,
        })
    }
}
