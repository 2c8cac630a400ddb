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
mod patches;
pub mod paths;
pub mod rules;
mod split;
pub mod template;

use std::collections::BTreeMap;

use self::paths::Layouts;
use crate::fleet::{Cluster, Fleet, Source};
use crate::resolve::{DeclId, ScopeId};
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
    /// Its documents.
    pub nodes: Vec<Node>,
    /// What it is of, for `--only`.
    pub of: Of,
}

/// What a file of the output is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// The template of a cluster, by index in the fleet.
    Cluster(usize),
    /// A patch beside the templates of a cluster, by the index of the first that has it.
    Patch(usize),
    /// Classes, by index in the fleet; one unless the entry wants all of them in one file.
    Classes(Vec<usize>),
    /// Machines that classes pick up, by index in the fleet; one unless the entry wants all of them in one file.
    Machines(Vec<usize>),
}

impl Document {
    /// Whether a sync of a cluster, by its index in the fleet, needs the document: it is its template or beside that, a class that
    /// its sets take machines from, or patches of a machine of such a class.
    pub fn belongs_to(&self, fleet: &Fleet, cluster: usize) -> bool {
        match &self.of {
            Of::Cluster(at) | Of::Patch(at) => *at == cluster,
            Of::Classes(all) => {
                let uses = |class: &usize| uses(&fleet.clusters[cluster], fleet.classes[*class].decl);
                fleet.clusters[cluster].entry == self.entry && all.iter().any(uses)
            }
            Of::Machines(all) => {
                let users =
                    |machine: &usize| fleet.loose[*machine].users.iter().any(|(at, _)| *at == cluster);
                fleet.clusters[cluster].entry == self.entry && all.iter().any(users)
            }
        }
    }

    /// Whether it is of classes that no cluster of the fleet uses.
    pub fn is_unused(&self, fleet: &Fleet) -> bool {
        let Of::Classes(all) = &self.of else { return false };
        !all.iter()
            .any(|&class| fleet.clusters.iter().any(|cluster| uses(cluster, fleet.classes[class].decl)))
    }
}

/// Whether a set of a cluster takes machines from a class.
fn uses(cluster: &Cluster, wanted: DeclId) -> bool {
    cluster.sets.iter().any(|set| matches!(&set.source, Source::Class { class, .. } if *class == wanted))
}

/// Every document that a fleet comes to; the patches are moved into them.
pub fn documents(
    lowering: &mut Lowering<'_, '_>,
    fleet: &Fleet,
    lowered: Vec<LoweredCluster>,
) -> Vec<Document> {
    let mut out = Vec::new();
    let mut layouts = Layouts::default();
    let uses = lists::class_uses(fleet);
    for (i, class) in fleet.classes.iter().enumerate() {
        let decl = lowering.flattener.types.names.decl(class.decl);
        let (name, source) = (decl.name.clone(), decl.scope);
        let uses = uses.get(&class.decl).map_or(&[][..], Vec::as_slice);
        let Some(node) = class::resource(lowering, class, uses) else { continue };
        for &entry in &class.entries {
            let path = layouts.of(lowering.flattener, entry).class(&name);
            out.push(Document { entry, source, path, nodes: vec![node.clone()], of: Of::Classes(vec![i]) });
        }
    }
    // A rule sees to it that the patches of a machine are the same in each set that may get it.
    let mut loose: BTreeMap<(usize, usize), Vec<Patch>> = BTreeMap::new();
    for (i, (cluster, mut patches)) in fleet.clusters.iter().zip(lowered).enumerate() {
        for (set, patches) in cluster.sets.iter().zip(&mut patches.sets) {
            for (picked, patches) in set.picked.iter().zip(std::mem::take(&mut patches.picked)) {
                let first = fleet.loose[picked.loose].users.first().map_or(i, |(cluster, _)| *cluster);
                loose.entry((first, picked.loose)).or_insert(patches);
            }
        }
        let nodes = template::documents(lowering, cluster, patches);
        let entry = cluster.entry;
        let path = layouts.of(lowering.flattener, entry).template(&cluster.name);
        out.push(Document { entry, source: entry, path, nodes, of: Of::Cluster(i) });
    }
    split::patches(lowering, fleet, &mut layouts, &mut out);
    for ((_, i), patches) in loose {
        let loose = &fleet.loose[i];
        let nodes = patches::resources(lowering, loose, &patches);
        if !nodes.is_empty() {
            let name = lowering.flattener.types.names.decl(loose.machine.decl).name.clone();
            let (entry, path) = (loose.entry, layouts.of(lowering.flattener, loose.entry).machine(&name));
            out.push(Document { entry, source: entry, path, nodes, of: Of::Machines(vec![i]) });
        }
    }
    out
}
