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

use crate::emit::File;
use crate::fleet::{Cluster, Fleet};
use crate::resolve::ScopeId;
use crate::talos::LoweredCluster;
use crate::talos::lower::Lowering;
use crate::tree::Node;

/// A file of the output before it is text.
#[derive(Debug)]
pub struct Document {
    /// The entry that the first line names.
    pub entry: ScopeId,
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
    /// A cluster, by index in the fleet.
    Cluster(usize),
    /// A class, by index in the fleet.
    Class(usize),
    /// A machine that a class picks up, by index in the fleet.
    Machine(usize),
}

/// Every document that a fleet comes to; the patches are moved into them.
pub fn documents(
    lowering: &mut Lowering<'_, '_>,
    fleet: &Fleet,
    lowered: Vec<LoweredCluster>,
) -> Vec<Document> {
    let mut out = Vec::new();
    let uses = lists::class_uses(fleet);
    for (i, class) in fleet.classes.iter().enumerate() {
        let name = lowering.flattener.types.names.decl(class.decl).name.clone();
        let uses = uses.get(&class.decl).map_or(&[][..], Vec::as_slice);
        let Some(node) = class::resource(lowering, class, uses) else { continue };
        for &entry in &class.entries {
            let path = format!("machine-classes/{name}.yaml");
            out.push(Document { entry, path, nodes: vec![node.clone()], of: Of::Class(i) });
        }
    }
    let mut loose = Vec::new();
    for (i, (cluster, mut patches)) in fleet.clusters.iter().zip(lowered).enumerate() {
        loose.append(&mut patches.loose);
        let nodes = template::documents(lowering, cluster, patches);
        let path = format!("cluster-template/{}.yaml", template_name(lowering, cluster));
        out.push(Document { entry: cluster.entry, path, nodes, of: Of::Cluster(i) });
    }
    split::patches(lowering, fleet, &mut out);
    for (i, patches) in loose {
        let loose = &fleet.loose[i];
        let nodes = patches::resources(lowering, loose, &patches);
        if !nodes.is_empty() {
            let name = lowering.flattener.types.names.decl(loose.machine.decl).name.clone();
            let path = format!("machine-patches/{name}.yaml");
            out.push(Document { entry: loose.entry, path, nodes, of: Of::Machine(i) });
        }
    }
    out
}

/// The file name of a template without its ending: the cluster's name, unless the entry's `output` says another.
fn template_name(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> String {
    match paths::output(lowering, cluster.entry, "template") {
        Some(name) => name.strip_suffix(".yaml").unwrap_or(&name).to_string(),
        None => cluster.name.to_string(),
    }
}

/// A document as a file with its text.
pub fn render(document: &Document, entry: &str, directory: &str) -> File {
    File::new(format!("{directory}/{}", document.path), entry, &document.nodes)
}
