//! What Talos takes on control planes only, in what reaches workers.
//!
//! Mirrors `ClusterConfig.Validate` and `Config.Validate` in `pkg/machinery/config/types/v1alpha1/v1alpha1_validation.go` (the same
//! from Talos 1.9 to 1.13). Fields of talosc are written for the machines that take them; this is about patches, whose author says
//! where they go.

use rustc_hash::FxHashSet;

use super::got::{self, Got};
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Cluster, Fleet, Set};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::overlay::{Config, Overlay, View};
use crate::tree::{Node, Origin, Value};

/// A field of the v1alpha1 document that workers may not have.
struct Row {
    path: &'static [&'static str],
    /// Whether Talos refuses the value; it looks at some only when they are switched on.
    refused: fn(View<'_>) -> bool,
}

const ROWS: &[Row] = &[
    Row {
        path: &["cluster", "etcd"],
        refused: |view| view.leaf().is_none_or(|node| node.value != Value::Null),
    },
    Row {
        path: &["machine", "features", "kubernetesTalosAPIAccess", "enabled"],
        refused: |view| view.leaf().is_some_and(|node| node.value == Value::Bool(true)),
    },
];

/// What is refused on workers, and where it stands.
#[derive(Clone, PartialEq, Eq)]
struct Refused {
    what: String,
    origin: Origin,
    code: Code,
}

/// Everything that a worker gets.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, overlays: &[Overlay]) {
    for (index, cluster) in fleet.clusters.iter().enumerate() {
        let control = cluster.sets.iter().position(|set| set.control);
        let above = control.map(|set| refused(overlays[index].set(set))).unwrap_or_default();
        let mut said: FxHashSet<Origin> = FxHashSet::default();
        for Got { set, machine, config, .. } in got::all(fleet, overlays, index) {
            if set.control || machine.is_none() && set.count() == Some(0) && above.is_empty() {
                continue;
            }
            for refused in refused(config) {
                // What control planes have too is said by the cluster, and an empty set takes no machine.
                let all = above.contains(&refused);
                if (!all || set.count() != Some(0)) && said.insert(refused.origin) {
                    report(lowering, cluster, set, &refused, all);
                }
            }
        }
    }
}

/// What workers would refuse of a configuration.
fn refused(config: Config<'_>) -> Vec<Refused> {
    let mut out = Vec::new();
    for row in ROWS {
        if let Some(view) = config.at(row.path).filter(|view| (row.refused)(*view)) {
            let what = row.path.join(".");
            out.push(Refused { what, origin: view.origin(), code: Code::ControlPlaneOnly });
        }
    }
    let links = config.at(&["machine", "network", "interfaces"]).and_then(|view| view.as_seq());
    for link in links.unwrap_or_default() {
        let tagged = elements(link, &["vlans"]).iter();
        for vip in std::iter::once(link).chain(tagged).filter_map(|link| link.at(&["vip"])) {
            let what = "machine.network.interfaces[].vip".to_string();
            out.push(Refused { what, origin: View::node(vip).origin(), code: Code::VipOnWorkers });
        }
    }
    // What Talos generates for workers it takes there.
    out.retain(|refused| refused.origin != Origin::NONE);
    out
}

fn elements<'n>(node: &'n Node, path: &[&str]) -> &'n [Node] {
    node.at(path).and_then(Node::as_seq).unwrap_or_default()
}

fn report(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, set: &Set, refused: &Refused, all: bool) {
    let Some(at): Option<Span> = lowering.origins.span(refused.origin) else { return };
    let help = match all {
        true => "put the patch into `controlplane { … }`, or into the role of the control planes",
        false => "take it out of this set and its role: it belongs to `controlplane { … }`",
    };
    let what = &refused.what;
    let finding = Diagnostic::new(
        refused.code.clone(),
        format!("Talos takes `{what}` on control planes only, and this reaches workers"),
    )
    .label(at, "refused on workers")
    .label(set.span, format!("{} get it", set.shown()))
    .help(help);
    lowering.report(finding.in_cluster(&cluster.name));
}
