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

/// A field of the v1alpha1 document that workers may not have.
struct Row {
    path: &'static [&'static str],
    /// Whether Talos refuses the value; it looks at some only when they are switched on.
    refused: fn(&Node) -> bool,
}

const ROWS: &[Row] = &[
    Row { path: &["cluster", "etcd"], refused: |node| node.value != Value::Null },
    Row {
        path: &["machine", "features", "kubernetesTalosAPIAccess", "enabled"],
        refused: |node| node.value == Value::Bool(true),
    },
];

/// What is refused on workers, and where it stands.
struct Refused {
    what: String,
    at: Option<Span>,
    code: Code,
}

/// Every patch that reaches a worker.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, lowered: &[LoweredCluster]) {
    for (cluster, lowered) in fleet.clusters.iter().zip(lowered) {
        let sets = || cluster.sets.iter().zip(&lowered.sets).filter(|(set, _)| !set.control);
        for patch in &lowered.common {
            for refused in in_patch(lowering, patch) {
                // A set may take away again what the cluster gives to all.
                let reached = sets().find(|(set, below)| {
                    set.count() != Some(0) && !below.own.iter().any(|patch| takes_away(patch, &refused.what))
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
    for document in documents.iter().filter(|document| document.at(&["kind"]).is_none()) {
        for row in ROWS {
            let Some(node) = document.at(row.path).filter(|node| (row.refused)(node)) else { continue };
            let deletes = node.at(&["$patch"]).is_some();
            if !deletes {
                out.push(refused(lowering, patch, node, row.path.join("."), Code::ControlPlaneOnly));
            }
        }
        for link in elements(document, &["machine", "network", "interfaces"]) {
            let tagged = elements(link, &["vlans"]).iter();
            for vip in std::iter::once(link).chain(tagged).filter_map(|link| link.at(&["vip"])) {
                let what = "machine.network.interfaces[].vip".to_string();
                out.push(refused(lowering, patch, vip, what, Code::VipOnWorkers));
            }
        }
    }
    out
}

fn elements<'n>(node: &'n Node, path: &[&str]) -> &'n [Node] {
    node.at(path).and_then(Node::as_seq).unwrap_or_default()
}

fn refused(lowering: &Lowering<'_, '_>, patch: &Patch, node: &Node, what: String, code: Code) -> Refused {
    Refused { what, at: lowering.origins.place(node).or(patch.span), code }
}

/// Whether a patch deletes a field that another one sets.
fn takes_away(patch: &Patch, what: &str) -> bool {
    let Content::Documents(documents) = &patch.content else { return true };
    let path: Vec<&str> = what.split('.').collect();
    let deleted = |upto: usize| {
        documents.iter().any(|document| {
            document.at(&path[..upto]).and_then(|node| node.at(&["$patch"])).and_then(Node::as_str)
                == Some("delete")
        })
    };
    (1..=path.len()).any(deleted)
}

fn report(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, set: &Set, refused: Refused, all: bool) {
    let Some(at) = refused.at else { return };
    let help = match all {
        true => "put the patch into `controlplane { … }`, or into the role of the control planes",
        false => "take it out of this set and its role: it belongs to `controlplane { … }`",
    };
    let what = &refused.what;
    let finding = Diagnostic::new(
        refused.code,
        format!("Talos takes `{what}` on control planes only, and this reaches workers"),
    )
    .label(at, "refused on workers")
    .label(set.span, format!("{} get it", set.shown()))
    .help(help);
    lowering.report(finding.in_cluster(&cluster.name));
}
