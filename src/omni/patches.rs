//! Patches of the output: entries of a template, and resources of machines that a class picks up.

use smallvec::{SmallVec, smallvec};

use super::lists::{self, fixed};
use super::{ids, paths};
use crate::fleet::{Cluster, LooseMachine};
use crate::resolve::DeclId;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch};
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::Val;

/// Omni's template knows lists of documents in one patch since this release: before, each document is a patch of its own.
const LISTS: (u16, u16) = (1, 8);

const NAME: Text = Text::new_static("name");
const ID: Text = Text::new_static("idOverride");
const INLINE: Text = Text::new_static("inline");

/// What an entry of a template holds.
pub(super) enum Part {
    /// One document, by its index.
    One(usize),
    /// All of several.
    Many,
    /// A file that is not read.
    File,
}

/// The entries that a patch becomes: name, id unless Omni makes it, content.
pub(super) fn parts(
    cluster: &Cluster,
    owner: Option<&str>,
    patch: &Patch,
) -> SmallVec<[(Text, Option<Text>, Part); 1]> {
    let positional = cluster.flat.fields.leaf("patch-ids");
    let stable = !matches!(positional, Some(Val::Word(word)) if word == "positional");
    let id = |name: &str| stable.then(|| ids::patch(&cluster.name, owner, name));
    let whole = || patch.id.clone().or_else(|| id(&patch.name));
    let documents = match &patch.content {
        Content::File(_) => return smallvec![(patch.name.clone(), whole(), Part::File)],
        Content::Documents(documents) => documents.as_slice(),
    };
    if documents.len() == 1 {
        return smallvec![(patch.name.clone(), whole(), Part::One(0))];
    }
    if cluster.target.omni.line() >= LISTS {
        return smallvec![(patch.name.clone(), whole(), Part::Many)];
    }
    let parts = documents.iter().enumerate().map(|(at, document)| {
        let name = part_name(&patch.name, document);
        let own = patch.id.as_ref().map(|id| part_name(id, document));
        let id = own.or_else(|| id(&name));
        (name, id, Part::One(at))
    });
    parts.collect()
}

/// The name of a part: by kind and name of its document, so that no other part renames it.
fn part_name(name: &Text, document: &Node) -> Text {
    let text = |key: &str| document.as_map().and_then(|map| map.get(key)).and_then(Node::as_str);
    match (text("kind"), text("name")) {
        (None, _) => name.clone(),
        (Some(kind), None) => format!("{name}-{kind}").into(),
        (Some(kind), Some(inner)) => format!("{name}-{kind}-{inner}").into(),
    }
}

/// The `patches` of a level.
pub(super) fn put(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    owner: Option<&str>,
    lowered: Vec<Patch>,
    map: &mut Map,
) {
    let mut out = Vec::with_capacity(lowered.len());
    for patch in lowered {
        let origin = patch.span.map_or(Origin::NONE, |span| lowering.origins.at(span, DeclId(0)));
        let parts = parts(cluster, owner, &patch);
        let (mut documents, file) = match patch.content {
            Content::Documents(documents) => (documents, None),
            Content::File(file) => (Vec::new(), Some(file)),
        };
        let meta = [("labels", patch.labels), ("annotations", patch.annotations)];
        for (name, id, part) in parts {
            let mut entry = Map::with_capacity(3);
            entry.insert(NAME, Node::str(name, origin));
            if let Some(id) = id {
                entry.insert(ID, Node::str(id, origin));
            }
            for (key, node) in &meta {
                if let Some(node) = node {
                    entry.insert(*key, node.clone());
                }
            }
            match (part, &file) {
                (Part::One(at), _) => {
                    let taken = std::mem::replace(&mut documents[at], Node::new(Value::Null, Origin::NONE));
                    entry.insert(INLINE, taken)
                }
                (Part::Many, _) => entry.insert(INLINE, Node::seq(std::mem::take(&mut documents), origin)),
                (Part::File, Some(file)) => {
                    let path = paths::reference(lowering, cluster, file);
                    entry.insert("file", Node::str(path.unwrap_or_else(|| file.written.clone()), origin))
                }
                (Part::File, None) => None,
            };
            out.push(Node::map(entry, origin));
        }
    }
    if !out.is_empty() {
        map.insert("patches", Node::seq(out, Origin::NONE));
    }
}

/// The `ConfigPatches` of a machine that a class picks up. The label of the machine alone chooses it: with the label of the
/// cluster too, Omni would apply the patch to the whole cluster.
pub(super) fn resources(
    lowering: &mut Lowering<'_, '_>,
    loose: &LooseMachine,
    patches: &[Patch],
) -> Vec<Node> {
    let machine = &loose.machine;
    let mut out = Vec::new();
    for patch in patches {
        let Content::Documents(documents) = &patch.content else { continue };
        let at = patch.span.unwrap_or(machine.span);
        let origin = lowering.origins.at(at, machine.decl);
        let id = patch.id.clone().unwrap_or_else(|| ids::patch("machine", Some(&machine.id), &patch.name));
        let mut labels = Map::new();
        labels.insert("omni.sidero.dev/machine", Node::str(machine.id.clone(), origin));
        let mut annotations =
            Map::from_iter([(Text::new_static("name"), Node::str(patch.name.clone(), origin))]);
        for (map, said) in [(&mut labels, &patch.labels), (&mut annotations, &patch.annotations)] {
            for (key, node) in said.as_ref().and_then(Node::as_map).into_iter().flat_map(Map::iter) {
                map.insert(key.clone(), node.clone());
            }
        }
        let mut metadata = Map::new();
        metadata.insert("namespace", fixed("default"));
        metadata.insert("type", fixed("ConfigPatches.omni.sidero.dev"));
        metadata.insert("id", Node::str(id, origin));
        metadata.insert("labels", Node::map(labels, origin));
        metadata.insert("annotations", Node::map(annotations, origin));
        let data = lists::text_of(lowering, documents, origin);
        let spec = Map::from_iter([(Text::new_static("data"), data)]);
        let mut map = Map::new();
        map.insert("metadata", Node::map(metadata, origin));
        map.insert("spec", Node::map(spec, origin));
        out.push(Node::map(map, origin));
    }
    out
}
