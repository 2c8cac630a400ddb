//! `output { patches = files }`: patches of templates as files beside them.
//!
//! A patch that is the same wherever it stands under its name is one file; others have a file each, by cluster and owner. The
//! ids are those of inline patches, so that the form changes nothing in Omni. A patch that is just what a file of the project says is
//! not copied if the template may refer to that file.

use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};

use super::paths::{Layouts, file_name, is_yaml};
use super::{Document, Of};
use crate::fleet::Fleet;
use crate::resolve::ScopeId;
use crate::source::FileId;
use crate::source::loader::below;
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::tree::{Node, Origin, Value};

/// One patch of a template that becomes a file.
struct Found {
    document: usize,
    node: usize,
    entry: usize,
    name: Text,
    /// Where it is alone: cluster, owner and name.
    own: String,
    content: Vec<Node>,
}

/// Takes the patches out of the templates of the entries that want files, and adds the files.
pub(super) fn patches(
    lowering: &mut Lowering<'_, '_>,
    fleet: &Fleet,
    layouts: &mut Layouts,
    documents: &mut Vec<Document>,
) {
    let mut groups: IndexMap<(ScopeId, Text), Vec<Found>, rustc_hash::FxBuildHasher> = IndexMap::default();
    for (i, document) in documents.iter_mut().enumerate() {
        let Of::Cluster(at) = document.of else { continue };
        if !layouts.of(lowering.flattener, document.entry).patch_files {
            continue;
        }
        let cluster = fleet.clusters[at].name.clone();
        for found in take(document, i, &cluster) {
            groups.entry((document.entry, found.name.clone())).or_default().push(found);
        }
    }
    let mut files: Vec<Document> = Vec::new();
    let mut seen: FxHashSet<(ScopeId, String)> = FxHashSet::default();
    let mut whole = Whole::default();
    for ((entry, name), found) in groups {
        let layout = layouts.of(lowering.flattener, entry);
        let found: Vec<Found> = (found.into_iter())
            .filter(|one| {
                let Of::Cluster(at) = documents[one.document].of else { return false };
                if lowering.flattener.types.names.elsewhere {
                    return true;
                }
                let path = whole.of(lowering, &one.content);
                let reference = path.and_then(|path| layout.reference(&fleet.clusters[at], &path));
                let Some(reference) = reference else { return true };
                refer(&mut documents[one.document], (one.node, one.entry), &reference);
                false
            })
            .collect();
        let alike = found.iter().all(|one| one.content == found[0].content);
        for one in found {
            let path = if alike { file_name(&name) } else { one.own.clone() };
            let inside = format!("patches/{path}.yaml");
            let Of::Cluster(cluster) = documents[one.document].of else { continue };
            let path = layout.beside(&inside);
            let from_root = below(&layout.directory, &path);
            let written = layout.reference(&fleet.clusters[cluster], &from_root);
            refer(&mut documents[one.document], (one.node, one.entry), written.as_deref().unwrap_or(&inside));
            if seen.insert((entry, path.clone())) {
                files.push(Document {
                    entry,
                    source: entry,
                    path,
                    nodes: one.content,
                    of: Of::Patch(cluster),
                });
            }
        }
    }
    documents.append(&mut files);
}

/// The inline patches of a template, taken out of it.
fn take(document: &mut Document, at: usize, cluster: &str) -> Vec<Found> {
    let mut out = Vec::new();
    for (node_at, node) in document.nodes.iter_mut().enumerate() {
        let Value::Map(map) = &mut node.value else { continue };
        let text = |key: &str| map.get(key).and_then(Node::as_str).map(str::to_string);
        let owner = match text("kind").as_deref() {
            Some("Cluster") => String::new(),
            Some("ControlPlane") => "/control-planes".into(),
            _ => format!("/{}", file_name(&text("name").unwrap_or_default())),
        };
        let Some(Value::Seq(entries)) = map.get_mut("patches").map(|node| &mut node.value) else { continue };
        for (entry_at, entry) in entries.iter_mut().enumerate() {
            let Value::Map(map) = &mut entry.value else { continue };
            let name = Text::new(map.get("name").and_then(Node::as_str).unwrap_or_default());
            let Some(inline) = map.remove("inline") else { continue };
            let content = match inline.value {
                Value::Seq(nodes) => nodes,
                value => vec![Node::new(value, inline.origin)],
            };
            let own = format!("{}{owner}/{}", file_name(cluster), file_name(&name));
            out.push(Found { document: at, node: node_at, entry: entry_at, name, own, content });
        }
    }
    out
}

/// Refers to a file where the patch stood.
fn refer(document: &mut Document, (node, entry): (usize, usize), path: &str) {
    let Value::Map(map) = &mut document.nodes[node].value else { return };
    if let Some(Value::Seq(entries)) = map.get_mut("patches").map(|node| &mut node.value)
        && let Some(Value::Map(map)) = entries.get_mut(entry).map(|entry| &mut entry.value)
    {
        let origin = map.get("name").map_or(Origin::NONE, |name| name.origin);
        map.insert("file", Node::str(path, origin));
    }
}

/// Files of the project with the documents in them, each read once.
#[derive(Default)]
struct Whole(FxHashMap<FileId, Vec<Node>>);

impl Whole {
    /// The file that says these documents and nothing else.
    fn of(&mut self, lowering: &Lowering<'_, '_>, content: &[Node]) -> Option<String> {
        let id = lowering.origins.span(content.first()?.origin)?.file;
        let file = lowering.flattener.types.names.sources.file(id);
        if !is_yaml(&file.name) {
            return None;
        }
        let read = || crate::yaml::read(file.text(), id, &mut |_| Origin::NONE).documents;
        (self.0.entry(id).or_insert_with(read) == content).then(|| file.name.clone())
    }
}
