//! CEL expressions of documents and install disks, in the environment of the version that evaluates them.

use crate::cel::Environment;
use crate::fleet::Cluster;
use crate::kinds::cel::DISKS;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Resolved};
use crate::tree::Node;
use crate::typing::{self, Val};
use crate::world::config;

/// The expressions of every level.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, Resolved { cluster, lowered, .. }: Resolved<'_>) {
    let talos = Some(cluster.target.talos.line());
    for patch in lowered.patches().filter(|patch| !patch.unchecked) {
        let Content::Documents(documents) = &patch.content else { continue };
        for document in documents {
            let Some(kind) = document.at(&["kind"]).and_then(Node::as_str) else { continue };
            for (row, environment) in config::expressions(kind) {
                for node in document.fields(row) {
                    let place = lowering.origins.span(node.origin).or(patch.span);
                    if let (Some(text), Some(at)) = (node.as_str(), place) {
                        judge(lowering, cluster, at, text, environment, talos);
                    }
                }
            }
        }
    }
    for machine in cluster.sets.iter().flat_map(|set| set.machines()) {
        let selector = machine.flat.fields.block("install").and_then(|install| install.get("selector"));
        let Some(slot) = selector else { continue };
        // Omni evaluates it, whatever Talos the machine has.
        if let (Some(Val::Str(text)), Some(at)) = (slot.leaf(), slot.span()) {
            judge(lowering, cluster, at, &text.clone(), &DISKS, None);
        }
    }
}

fn judge(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    at: Span,
    text: &str,
    environment: &Environment,
    version: Option<(u16, u16)>,
) {
    let sources = &lowering.flattener.types.names.sources;
    for finding in typing::cel::findings(sources, at, text, environment, version) {
        lowering.report(finding.in_cluster(&cluster.name));
    }
}
