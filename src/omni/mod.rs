//! Omni: the documents of a cluster template, machine classes and other resources, as trees of nodes.
//!
//! Mirrors `client/pkg/template/internal/models` and `client/pkg/omni/resources/omni` of Omni: field names, their order, and what
//! each release knows.

pub mod class;
pub mod committed;
mod features;
pub mod ids;
mod lists;
pub mod rules;
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

/// Every document that a fleet comes to.
pub fn documents(
    lowering: &mut Lowering<'_, '_>,
    fleet: &Fleet,
    lowered: &[LoweredCluster],
) -> Vec<Document> {
    let mut out = Vec::new();
    for (i, class) in fleet.classes.iter().enumerate() {
        let name = lowering.flattener.types.names.decl(class.decl).name.clone();
        if let Some(node) = class::resource(lowering, class) {
            for &entry in &class.entries {
                out.push(Document {
                    entry,
                    path: format!("machine-classes/{name}.yaml"),
                    nodes: vec![node.clone()],
                    of: Of::Class(i),
                });
            }
        }
    }
    for (i, (cluster, patches)) in fleet.clusters.iter().zip(lowered).enumerate() {
        let nodes = template::documents(lowering, cluster, patches);
        let path = format!("cluster-template/{}.yaml", template_name(lowering, cluster));
        out.push(Document { entry: cluster.entry, path, nodes, of: Of::Cluster(i) });
    }
    out
}

/// The file name of a template without its ending: the cluster's name, unless the entry's `output` says another.
fn template_name(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> String {
    let output = lowering
        .flattener
        .types
        .names
        .own(cluster.entry)
        .iter()
        .copied()
        .find(|&id| lowering.flattener.types.names.decl(id).kind == crate::kinds::OUTPUT);
    let said = output.and_then(|id| lowering.flattener.peek(id, "template"));
    match said.as_ref().and_then(crate::talos::lower::show) {
        Some(name) => name.strip_suffix(".yaml").unwrap_or(&name).to_string(),
        None => cluster.name.to_string(),
    }
}

/// A document as a file with its text.
pub fn render(document: &Document, entry: &str, directory: &str) -> File {
    File::new(format!("{directory}/{}", document.path), entry, &document.nodes)
}
