//! What Talos takes on control planes only, in what reaches workers.
//!
//! Mirrors `ClusterConfig.Validate` and `Config.Validate` in `pkg/machinery/config/types/v1alpha1/v1alpha1_validation.go` (the same
//! from Talos 1.9 to 1.13). Fields of talosc are written for the machines that take them; this is about patches, whose author says
//! where they go.

use rustc_hash::FxHashSet;

use super::got::{Got, Path};
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Cluster, Set};
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::lower::Lowering;
use crate::talos::overlay::{Config, ConfigView};
use crate::tree::{Origin, Value};
use crate::world::config::{self, Row};

/// What is refused on workers, and where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Refused {
    row: Row,
    origin: Origin,
}

/// Judges everything that the workers of a cluster get.
pub(super) struct Workers {
    paths: Vec<OnControlPlanes>,
    /// What workers would refuse of what control planes get.
    above: Vec<Refused>,
    /// The same of what each set gets.
    sets: Vec<Vec<Refused>>,
    said: FxHashSet<Origin>,
}

impl Workers {
    /// Those of a cluster.
    pub(super) fn of(Resolved { cluster, overlay, .. }: Resolved<'_>) -> Workers {
        let paths = paths();
        let whole = |set: usize| refused(&paths, overlay.set(set), &mut |_| true);
        let sets: Vec<Vec<Refused>> = (0..cluster.sets.len()).map(whole).collect();
        let control = cluster.sets.iter().position(|set| set.control);
        let above = control.map(|set| sets[set].clone()).unwrap_or_default();
        Workers { paths, above, sets, said: FxHashSet::default() }
    }

    /// What some machines get.
    pub(super) fn judge(&mut self, lowering: &mut Lowering<'_, '_>, cluster: &Cluster, got: &Got<'_>) {
        let Got { at, set, machine, config, .. } = *got;
        if set.control {
            return;
        }
        let of_set = &self.sets[at];
        // Where nothing of the set is refused, only what a machine says itself can be.
        let found = match machine {
            None => of_set.clone(),
            Some(_) if of_set.is_empty() => {
                let mut tops = Tops::default();
                refused(&self.paths, config, &mut |path| tops.adds_at(config, path))
            }
            Some(_) => refused(&self.paths, config, &mut |_| true),
        };
        for refused in found {
            // What control planes have too is said by the cluster, and an empty set takes no machine.
            let all = self.above.contains(&refused);
            if (!all || set.count() != Some(0)) && self.said.insert(refused.origin) {
                report(lowering, cluster, set, refused, all);
            }
        }
    }
}

/// A place that Talos takes on control planes only.
struct OnControlPlanes {
    /// It is refused only where it is `true`.
    switched_on: bool,
    path: Path,
}

/// Whether a machine adds something at the tops of paths: many paths share one, and a machine says little.
#[derive(Default)]
struct Tops {
    last: Option<((&'static str, Option<&'static str>), bool)>,
}

impl Tops {
    /// Whether a machine adds something at a path.
    fn adds_at(&mut self, config: Config<'_>, path: &Path) -> bool {
        let top = (path.kind, path.names.first().copied());
        let known = self.last.filter(|(known, _)| *known == top);
        let adds = known.map_or_else(|| config.adds_at(path.kind, top.1.as_slice()), |(_, adds)| adds);
        self.last = Some((top, adds));
        adds && config.adds_at(path.kind, &path.names)
    }
}

/// Every such place: worked out once, since each worker is asked for all of them.
fn paths() -> Vec<OnControlPlanes> {
    let path = |(row, switched_on): (Row, bool)| OnControlPlanes { switched_on, path: Path::of(row) };
    config::control_planes_only().map(path).collect()
}

/// What workers would refuse of a configuration, at the places that are wanted.
fn refused(
    paths: &[OnControlPlanes],
    config: Config<'_>,
    wanted: &mut dyn FnMut(&Path) -> bool,
) -> Vec<Refused> {
    let mut out = Vec::new();
    for OnControlPlanes { switched_on, path } in paths {
        if !wanted(path) {
            continue;
        }
        let refuses = |view: ConfigView<'_>| match (switched_on, view.leaf()) {
            (true, leaf) => leaf.is_some_and(|node| node.value == Value::Bool(true)),
            (false, leaf) => leaf.is_none_or(|node| node.value != Value::Null),
        };
        path.find(config, &mut |view| {
            let origin = view.origin();
            // What Talos generates for workers it takes there.
            if origin != Origin::NONE && refuses(view) {
                out.push(Refused { row: path.row, origin });
            }
        });
    }
    out
}

fn report(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, set: &Set, refused: Refused, all: bool) {
    let Some(at): Option<Span> = lowering.origins.span(refused.origin) else { return };
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
