//! CEL expressions of documents and install disks, in the environment of the version that evaluates them.

use rustc_hash::FxHashSet;

use super::got::{Asked, Got, Path, unchecked};
use crate::cel::Environment;
use crate::fleet::Cluster;
use crate::kinds::cel::DISKS;
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::lower::Lowering;
use crate::tree::Origin;
use crate::typing::{self, Val};
use crate::world::config;

/// Judges the expressions that machines of a cluster get; what several get is said once.
pub(super) struct Selectors {
    paths: Vec<(Path, &'static Environment)>,
    asked: Asked,
    said: FxHashSet<Origin>,
}

impl Selectors {
    /// Every place of one.
    pub(super) fn new() -> Selectors {
        let all = config::documents().flat_map(|document| config::expressions(document.name()));
        let paths = all.map(|(row, environment)| (Path::of(row), environment)).collect();
        Selectors { paths, asked: Asked::default(), said: FxHashSet::default() }
    }

    /// What some machines get.
    pub(super) fn judge(&mut self, lowering: &mut Lowering<'_, '_>, of: Resolved<'_>, got: &Got<'_>) {
        let talos = Some(of.cluster.target.talos.line());
        for (path, environment) in &self.paths {
            if !self.asked.is_new(got, path) {
                continue;
            }
            path.find(got.config, &mut |view| {
                let origin = view.origin();
                // What it says is wrong at a place inside of it, so it is shown where it stands.
                let (Some(text), Some(at)) = (view.as_str(), lowering.origins.span(origin)) else { return };
                if self.said.insert(origin) && !unchecked(of.lowered, origin) {
                    judge(lowering, of.cluster, at, text, environment, talos);
                }
            });
        }
    }
}

/// The disks that listed machines are installed on: Omni evaluates these, and no configuration holds them.
pub(super) fn installs(lowering: &mut Lowering<'_, '_>, Resolved { cluster, .. }: Resolved<'_>) {
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
