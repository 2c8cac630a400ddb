//! Patches of the output: entries of a template, and resources of machines that a class picks up.

use smallvec::{SmallVec, smallvec};

use super::ids;
use super::lists::{self, fixed};
use super::paths::Layout;
use crate::fleet::{Cluster, LooseMachine};
use crate::resolve::DeclId;
use crate::source::FileId;
use crate::talos::lower::Lowering;
use crate::talos::{Content, LoweredCluster, Metadata, Patch};
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
    let stable = !positional(cluster);
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

/// Whether each of the patches of a level is one entry, and their ids are in the order of their names: as nearly all are, so that
/// no id has to be made to know the order.
pub(super) fn by_name(cluster: &Cluster, patches: &[Patch]) -> bool {
    let lists = cluster.target.omni.line() >= LISTS;
    let one = |patch: &Patch| match &patch.content {
        Content::File(_) => true,
        Content::Documents(documents) => documents.len() == 1 || lists,
    };
    let plain = |patch: &Patch| patch.id.is_none() && ids::is_plain(&patch.name) && one(patch);
    patches.iter().all(plain) && !positional(cluster)
}

/// Whether ids are those that Omni makes of positions.
fn positional(cluster: &Cluster) -> bool {
    matches!(cluster.flat.fields.leaf("patch-ids"), Some(Val::Word(word)) if word == "positional")
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

/// An entry of `patches` in a template: what a patch became, before it is a node.
pub(super) struct Entry {
    pub(super) name: Text,
    id: Option<Text>,
    metadata: Option<Box<Metadata>>,
    origin: Origin,
    pub(super) holds: Holds,
    /// The file of the project that says just this.
    pub(super) whole: Option<FileId>,
}

/// What an entry holds.
pub(super) enum Holds {
    /// One document, in the template.
    One(Node),
    /// Several documents, in the template.
    Many(Vec<Node>),
    /// A file, as the template refers to it.
    File(Text),
}

/// An entry that holds its documents itself, and the set or machine of its level.
pub(super) struct Inline<'e> {
    pub(super) entry: &'e mut Entry,
    pub(super) owner: Option<&'e Text>,
}

/// The entries of every level of a cluster.
pub(super) struct Levels {
    pub(super) cluster: Vec<Entry>,
    /// Of each set, and of its machines.
    pub(super) sets: Vec<(Vec<Entry>, Vec<Vec<Entry>>)>,
}

impl Levels {
    /// What the patches of a cluster become; all of them stand in the template, but those that are not read.
    pub(super) fn of(
        lowering: &mut Lowering<'_, '_>,
        layout: &Layout,
        cluster: &Cluster,
        lowered: LoweredCluster,
    ) -> Levels {
        let mut level = |owner: Option<&Text>, patches| entries(lowering, layout, cluster, owner, patches);
        let common = level(None, lowered.common);
        let sets = cluster.sets.iter().zip(lowered.sets).map(|(set, patches)| {
            let machines = set.machines().iter().zip(patches.machines);
            let machines = machines.map(|(machine, patches)| level(Some(&machine.id), patches)).collect();
            (level(Some(&set.name), patches.own), machines)
        });
        Levels { sets: sets.collect(), cluster: common }
    }

    /// The entries whose content stands in the template, in the order of its documents.
    pub(super) fn inline<'e>(&'e mut self, cluster: &'e Cluster) -> Vec<Inline<'e>> {
        let mut out = Vec::new();
        let mut add = |owner: Option<&'e Text>, entries: &'e mut Vec<Entry>| {
            let inline = entries.iter_mut().filter(|entry| !matches!(entry.holds, Holds::File(_)));
            out.extend(inline.map(|entry| Inline { entry, owner }));
        };
        add(None, &mut self.cluster);
        let mut below = Vec::with_capacity(self.sets.len());
        for (set, (own, machines)) in cluster.sets.iter().zip(&mut self.sets) {
            add(Some(&set.name), own);
            below.push((set, machines));
        }
        for (set, machines) in below {
            for (machine, entries) in set.machines().iter().zip(machines) {
                add(Some(&machine.id), entries);
            }
        }
        out
    }
}

/// The entries of a level.
fn entries(
    lowering: &mut Lowering<'_, '_>,
    layout: &Layout,
    cluster: &Cluster,
    owner: Option<&Text>,
    lowered: Vec<Patch>,
) -> Vec<Entry> {
    let mut out = Vec::with_capacity(lowered.len());
    for patch in lowered {
        let origin = patch.span.map_or(Origin::NONE, |span| lowering.origins.at(span, DeclId(0)));
        let parts = parts(cluster, owner.map(Text::as_str), &patch);
        let whole = patch.read.filter(|read| read.whole && parts.len() == 1).map(|read| read.file);
        let (mut documents, file) = match patch.content {
            Content::Documents(documents) => (documents, Text::default()),
            Content::File(file) => (Vec::new(), layout.reference_to(cluster, &file).unwrap_or(file.written)),
        };
        for (name, id, part) in parts {
            let holds = match part {
                Part::One(at) => {
                    Holds::One(std::mem::replace(&mut documents[at], Node::new(Value::Null, Origin::NONE)))
                }
                Part::Many => Holds::Many(std::mem::take(&mut documents)),
                Part::File => Holds::File(file.clone()),
            };
            let metadata = patch.metadata.clone();
            out.push(Entry { name, id, metadata, origin, holds, whole });
        }
    }
    out
}

impl Holds {
    /// The documents, if they stand in the template.
    pub(super) fn documents(&self) -> &[Node] {
        match self {
            Holds::One(node) => std::slice::from_ref(node),
            Holds::Many(nodes) => nodes,
            Holds::File(_) => &[],
        }
    }
}

impl Entry {
    /// Refers to a file instead of holding the documents itself, which are given back.
    pub(super) fn refer(&mut self, path: Text) -> Vec<Node> {
        match std::mem::replace(&mut self.holds, Holds::File(path)) {
            Holds::One(node) => vec![node],
            Holds::Many(nodes) => nodes,
            Holds::File(_) => Vec::new(),
        }
    }

    fn node(self) -> Node {
        let mut map = Map::with_capacity(3);
        map.insert(NAME, Node::str(self.name, self.origin));
        if let Some(id) = self.id {
            map.insert(ID, Node::str(id, self.origin));
        }
        if let Some(Metadata { labels, annotations }) = self.metadata.map(|said| *said) {
            for (key, node) in [("labels", labels), ("annotations", annotations)] {
                if let Some(node) = node {
                    map.insert(key, node);
                }
            }
        }
        match self.holds {
            Holds::One(node) => map.insert(INLINE, node),
            Holds::Many(nodes) => map.insert(INLINE, Node::seq(nodes, self.origin)),
            Holds::File(path) => map.insert("file", Node::str(path, self.origin)),
        };
        Node::map(map, self.origin)
    }
}

/// The `patches` of a level.
pub(super) fn put(entries: Vec<Entry>, map: &mut Map) {
    if !entries.is_empty() {
        let nodes = entries.into_iter().map(Entry::node).collect();
        map.insert("patches", Node::seq(nodes, Origin::NONE));
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
        for (map, said) in [(&mut labels, patch.labels()), (&mut annotations, patch.annotations())] {
            for (key, node) in said.and_then(Node::as_map).into_iter().flat_map(Map::iter) {
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
