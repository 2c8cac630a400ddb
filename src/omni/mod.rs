//! Omni: the documents of a cluster template, machine classes and other resources, as trees of nodes.
//!
//! Mirrors `client/pkg/template/internal/models` and `client/pkg/omni/resources/omni` of Omni: field names, their order, and what
//! each release knows.

pub mod class;
pub mod committed;
mod features;
pub mod ids;
mod lists;
mod manifests;
pub mod merged;
pub mod objects;
mod patches;
pub mod paths;
pub mod rules;
mod split;
mod template;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use self::paths::{Layout, Layouts};
use crate::fleet::{Cluster, Fleet};
use crate::resolve::{DeclId, Names, ScopeId};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{LoweredCluster, Patch};
use crate::tree::Node;

/// A file of the output before it is text.
#[derive(Debug)]
pub struct Document {
    /// The entry that writes it.
    pub entry: ScopeId,
    /// The source that its first line names: of a cluster the entry, of what several entries may share the file that declares it.
    pub source: ScopeId,
    /// Its path relative to the output directory.
    pub path: String,
    /// Its documents; given up for `written` where what they become is all that is asked for.
    pub nodes: Vec<Node>,
    /// What was written of it already.
    pub written: Option<Written>,
    /// What it is of.
    pub of: Of,
    /// The clusters that need it, by index in the fleet: those whose template it is or stands beside, whose sets take machines
    /// from a class in it, or get a machine whose patches it holds.
    pub clusters: Vec<usize>,
}

/// What a file of the output became.
#[derive(Debug, Clone)]
pub struct Written {
    /// The text; `None` if it stands at its place already, word for word.
    pub text: Option<String>,
    /// Equal for files that hold the same but for their first lines, and for no others.
    pub digest: u128,
    /// Where the first thing in it was said.
    pub said: Option<Span>,
}

impl Document {
    /// Whether both hold the same documents.
    pub fn holds_the_same(&self, other: &Document) -> bool {
        match (&self.written, &other.written) {
            (Some(one), Some(other)) => one.digest == other.digest,
            _ => self.nodes == other.nodes,
        }
    }
}

/// What a file of the output is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// The template of a cluster, by index in the fleet.
    Cluster(usize),
    /// A patch beside the templates of its clusters.
    Patch,
    /// The objects of a manifest beside the templates of its clusters.
    Manifest,
    /// Classes, by index in the fleet; one unless the entry wants all of them in one file.
    Classes(Vec<usize>),
    /// Machines that classes pick up, by index in the fleet; one unless the entry wants all of them in one file.
    Machines(Vec<usize>),
}

/// The documents of some clusters, each kind by itself: all templates of a build stand before all else that is written beside them.
#[derive(Debug, Default)]
pub struct Documents {
    templates: Vec<Document>,
    patches: Vec<Document>,
    machines: Vec<Document>,
}

impl Documents {
    /// What the clusters of one entry come to, which may share patches. The patches are moved into the documents.
    pub fn of_entry(
        lowering: &mut Lowering<'_, '_>,
        fleet: &Fleet,
        layouts: &Layouts,
        clusters: &[Cluster],
        mut lowered: Vec<LoweredCluster>,
    ) -> Documents {
        let mut out = Documents::default();
        let Some(layout) = clusters.first().map(|cluster| layouts.of(cluster)) else { return out };
        let loose = loose(fleet, clusters, &mut lowered);
        let mut patched = Vec::with_capacity(clusters.len());
        for (cluster, lowered) in clusters.iter().zip(lowered) {
            patched.push((cluster.index, cluster, patches::Levels::of(lowering, layout, cluster, lowered)));
        }
        out.patches = split::files(lowering, layout, &mut patched);
        let mut manifests: Vec<split::Brought<'_>> = Vec::with_capacity(clusters.len());
        for cluster in clusters {
            manifests.push((cluster.index, cluster, manifests::manifests(lowering, layout, cluster)));
        }
        out.patches.extend(split::manifests(lowering, layout, &mut manifests));
        for ((at, cluster, patches), (.., manifests)) in patched.into_iter().zip(manifests) {
            let nodes = template::documents(lowering, layout, cluster, patches, manifests);
            let (entry, path) = (cluster.entry, layout.template(&cluster.name));
            let (of, clusters) = (Of::Cluster(at), vec![at]);
            out.templates.push(Document { entry, source: entry, path, nodes, written: None, of, clusters });
        }
        machines(lowering, fleet, layouts, loose, &mut out.machines);
        out
    }

    /// The files that are of these clusters alone.
    pub fn own(&mut self) -> impl Iterator<Item = &mut Document> {
        self.templates.iter_mut().chain(&mut self.patches)
    }

    /// Every file that was made.
    pub fn every(&self) -> impl Iterator<Item = &Document> {
        self.templates.iter().chain(&self.patches).chain(&self.machines)
    }

    /// Adds those of later clusters.
    pub fn append(&mut self, mut later: Documents) {
        self.templates.append(&mut later.templates);
        self.patches.append(&mut later.patches);
        self.machines.append(&mut later.machines);
    }

    /// All of them behind one another.
    pub fn all(self) -> impl Iterator<Item = Document> {
        self.templates.into_iter().chain(self.patches).chain(self.machines)
    }
}

/// The patches of machines that classes pick up, for those whose first set is in one of these clusters. A rule sees to it that they
/// are the same in each set that may get the machine.
fn loose(fleet: &Fleet, clusters: &[Cluster], lowered: &mut [LoweredCluster]) -> Vec<(usize, Vec<Patch>)> {
    let mut out: BTreeMap<(usize, usize), Vec<Patch>> = BTreeMap::new();
    for (cluster, lowered) in clusters.iter().zip(lowered) {
        let index = cluster.index;
        for (s, (set, lowered)) in cluster.sets.iter().zip(&mut lowered.sets).enumerate() {
            for (picked, patches) in set.picked.iter().zip(std::mem::take(&mut lowered.picked)) {
                if fleet.loose[picked.loose].users.first() == Some(&(index, s)) {
                    out.insert((index, picked.loose), patches);
                }
            }
        }
    }
    out.into_iter().map(|((_, i), patches)| (i, patches)).collect()
}

/// The documents of classes, for each entry that reaches them.
pub fn classes(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, layouts: &Layouts) -> Vec<Document> {
    let mut out = Vec::new();
    let uses = lists::class_uses(fleet);
    let clusters = clusters_of_classes(fleet);
    for (i, class) in fleet.classes.iter().enumerate() {
        let decl = lowering.flattener.types.names.decl(class.decl);
        let (name, source) = (decl.name.clone(), decl.scope);
        let uses = uses.get(&class.decl).map_or(&[][..], Vec::as_slice);
        let Some(node) = class::resource(lowering, class, uses) else { continue };
        let clusters = clusters.get(&class.decl).cloned().unwrap_or_default();
        for layout in class.entries.iter().filter_map(|&entry| layouts.get(entry)) {
            let (path, of) = (layout.class(&name), Of::Classes(vec![i]));
            let (nodes, clusters) = (vec![node.clone()], clusters.clone());
            out.push(Document { entry: layout.entry, source, path, nodes, written: None, of, clusters });
        }
    }
    out
}

/// The clusters whose sets take machines from a class.
fn clusters_of_classes(fleet: &Fleet) -> IndexMap<DeclId, Vec<usize>, FxBuildHasher> {
    let mut out: IndexMap<DeclId, Vec<usize>, FxBuildHasher> = IndexMap::default();
    for (at, _, outline) in fleet.placed() {
        for class in outline.sets.iter().filter_map(|set| set.class.as_ref()) {
            let known = out.entry(class.class).or_default();
            if known.last() != Some(&at) {
                known.push(at);
            }
        }
    }
    out
}

/// The patches of machines that classes pick up. A machine of a file with a cluster is written for that one; of a file without,
/// for every entry that reaches it.
fn machines(
    lowering: &mut Lowering<'_, '_>,
    fleet: &Fleet,
    layouts: &Layouts,
    loose: Vec<(usize, Vec<Patch>)>,
    out: &mut Vec<Document>,
) {
    for (i, patches) in loose {
        let loose = &fleet.loose[i];
        let nodes = patches::resources(lowering, loose, &patches);
        if nodes.is_empty() {
            continue;
        }
        let names = &lowering.flattener.types.names;
        let name = &names.decl(loose.machine.decl).name;
        let mut clusters: Vec<usize> = loose.users.iter().map(|(at, _)| *at).collect();
        clusters.dedup();
        let write = |layout: &Layout, nodes| {
            let (path, of, clusters) = (layout.machine(name), Of::Machines(vec![i]), clusters.clone());
            Document { entry: layout.entry, source: loose.entry, path, nodes, written: None, of, clusters }
        };
        if let Some((last, others)) = writers(names, layouts, loose.entry).split_last() {
            out.extend(others.iter().map(|layout| write(layout, nodes.clone())));
            out.push(write(last, nodes));
        }
    }
}

/// The entries that write what a file declares beside clusters.
fn writers<'l>(names: &Names, layouts: &'l Layouts, file: ScopeId) -> Vec<&'l Layout> {
    match layouts.get(file) {
        Some(layout) => vec![layout],
        None => layouts.iter().filter(|layout| names.reachable(layout.entry).contains(&file)).collect(),
    }
}
