//! Sets and their machines.
//!
//! Mirrors `models/machineset.go`, `controlplane.go`, `list.go` and `validations/machine_set*.go` of Omni.

use super::place_of;
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Cluster, Fleet, Set, Size, Source};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::typing::Val;

/// The longest name of a snapshot, in bytes.
const MAX_SNAPSHOT: usize = 4096;

/// The sets of a cluster.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, cluster: &Cluster) {
    for set in &cluster.sets {
        unlimited(lowering, fleet, cluster, set);
        bootstrap(lowering, cluster, set);
        if !set.control {
            continue;
        }
        for machine in set.machines() {
            let locked = machine.flat.fields.get("locked");
            if let Some(slot) = locked.filter(|slot| matches!(slot.leaf(), Some(Val::Bool(true)))) {
                let at = place_of(slot).unwrap_or(machine.span);
                lowering.report(locked_control_plane(at, machine.span).in_cluster(&cluster.name));
            }
        }
    }
}

fn unlimited(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, cluster: &Cluster, set: &Set) {
    let Source::Class { class, span, size: Some(Size::Unlimited) } = &set.source else { return };
    let known = fleet.classes.iter().find(|known| known.decl == *class);
    let Some((_, via)) = known.and_then(|class| class.flat.via) else { return };
    let at = set.own.get("size").and_then(place_of).unwrap_or(*span);
    let name = lowering.flattener.types.names.decl(*class).name.clone();
    let finding = Diagnostic::new(
        Code::UnlimitedProvision,
        format!("{} want all machines of `{name}`, which makes as many as it is asked for", set.shown()),
    )
    .label(at, "no limit")
    .label(via, "machines are made by this provider")
    .note("Omni refuses it: there would be no end")
    .help("say a number: `size = 3`");
    lowering.report(finding.in_cluster(&cluster.name));
}

fn bootstrap(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, set: &Set) {
    let Some(slot) = set.own.get("bootstrap") else { return };
    let Some(fields) = slot.map() else { return };
    for field in ["cluster-uuid", "snapshot"] {
        if fields.get(field).is_none() {
            let at = place_of(slot).unwrap_or(set.span);
            let finding =
                Diagnostic::new(Code::RequiredField, format!("`bootstrap` does not say its `{field}`"))
                    .if_understood()
                    .label(at, format!("`{field}` is missing"))
                    .help(format!("add `{field} = …`: Omni restores from that snapshot of that cluster"));
            lowering.report(finding.in_cluster(&cluster.name));
        }
    }
    if let Some(Val::Str(path)) = fields.leaf("snapshot")
        && (path.starts_with('/') || path.split('/').any(|part| part == "..") || path.len() > MAX_SNAPSHOT)
    {
        let at = fields.get("snapshot").and_then(place_of).unwrap_or(set.span);
        let finding =
            Diagnostic::new(Code::BadText, "a snapshot is a file name in the backups of the cluster")
                .label(at, format!("must be relative, without `..`, at most {MAX_SNAPSHOT} bytes"))
                .help("`omnictl get etcdbackup` lists them");
        lowering.report(finding.in_cluster(&cluster.name));
    }
}

fn locked_control_plane(at: Span, listed: Span) -> Diagnostic {
    Diagnostic::new(Code::LockedControlPlane, "a control plane cannot be locked")
        .label(at, "locked")
        .label(listed, "a control plane")
        .note("Omni has to change the configuration of control planes when others come and go")
        .help("remove `locked`, or make the machine a worker")
}
