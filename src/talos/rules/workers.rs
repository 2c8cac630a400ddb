//! What Talos takes on control planes only, in patches that reach workers.
//!
//! Mirrors `ClusterConfig.Validate` and `Config.Validate` in `pkg/machinery/config/types/v1alpha1/v1alpha1_validation.go` (the same
//! from Talos 1.9 to 1.13). Fields of talosc are written for the machines that take them; this is about patches, whose author says
//! where they go.

use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Cluster, Fleet, Set};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, LoweredCluster, Patch};
use crate::tree::{Node, Value};
use crate::world::config::{self, Row};

/// What is refused on workers, and where it stands.
struct Refused {
    row: Row,
    at: Option<Span>,
}

/// Every patch that reaches a worker.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, lowered: &[LoweredCluster]) {
    for (cluster, lowered) in fleet.clusters.iter().zip(lowered) {
        let sets = || cluster.sets.iter().zip(&lowered.sets).filter(|(set, _)| !set.control);
        for patch in &lowered.common {
            for refused in in_patch(lowering, patch) {
                // A set may take away again what the cluster gives to all.
                let reached = sets().find(|(set, below)| {
                    set.count() != Some(0) && !below.own.iter().any(|patch| takes_away(patch, refused.row))
                });
                if let Some((set, _)) = reached {
                    report(lowering, cluster, set, refused, true);
                }
            }
        }
        for (set, below) in sets() {
            for patch in below.own.iter().chain(below.machines.iter().flatten()) {
                for refused in in_patch(lowering, patch) {
                    report(lowering, cluster, set, refused, false);
                }
            }
        }
    }
}

/// What workers would refuse in a patch.
fn in_patch(lowering: &Lowering<'_, '_>, patch: &Patch) -> Vec<Refused> {
    // What is lowered from fields is written for the machines that take it.
    let documents = match &patch.content {
        Content::Documents(documents) if !patch.lowered => documents,
        _ => return Vec::new(),
    };
    let mut out = Vec::new();
    for document in documents {
        let top = config::document(document.at(&["kind"]).and_then(Node::as_str));
        for (row, switched_on) in config::control_planes_only().filter(|(row, _)| Some(row.root()) == top) {
            let refuses = |node: &&Node| match switched_on {
                true => node.value == Value::Bool(true),
                false => node.value != Value::Null && node.at(&["$patch"]).is_none(),
            };
            for node in document.fields(row).into_iter().filter(refuses) {
                out.push(refused(lowering, patch, node, row));
            }
        }
    }
    out
}

fn refused(lowering: &Lowering<'_, '_>, patch: &Patch, node: &Node, row: Row) -> Refused {
    Refused { row, at: lowering.origins.place(node).or(patch.span) }
}

/// Whether a patch deletes what another one sets, or what that stands in.
fn takes_away(patch: &Patch, row: Row) -> bool {
    let Content::Documents(documents) = &patch.content else { return true };
    let of_kind = |document: &&Node| {
        config::document(document.at(&["kind"]).and_then(Node::as_str)) == Some(row.root())
    };
    let deletes = |node: &Node| node.at(&["$patch"]).and_then(Node::as_str) == Some("delete");
    let deleted = |document: &Node| row.ancestors().any(|row| document.fields(row).into_iter().any(deletes));
    documents.iter().filter(of_kind).any(deleted)
}

fn report(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, set: &Set, refused: Refused, all: bool) {
    let Some(at) = refused.at else { return };
    let help = match all {
        true => "put the patch into `controlplane { … }`, or into the role of the control planes",
        false => "take it out of this set and its role: it belongs to `controlplane { … }`",
    };
    let what = match refused.row.parent() {
        Some(_) => refused.row.to_string(),
        None => refused.row.name().to_string(),
    };
    let finding = Diagnostic::new(
        if refused.row.name() == "vip" { Code::VipOnWorkers } else { Code::ControlPlaneOnly },
        format!("Talos takes `{what}` on control planes only, and this reaches workers"),
    )
    .label(at, "refused on workers")
    .label(set.span, format!("{} get it", set.shown()))
    .help(help);
    lowering.report(finding.in_cluster(&cluster.name));
}
