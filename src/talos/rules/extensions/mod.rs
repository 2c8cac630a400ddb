//! Extensions, runtimes and kernel modules: what the nodes of a set have, and what they need.
//!
//! A set is looked at once, with everything that cluster, role and body say. A machine is looked at again only if it says
//! something of extensions, runtimes or modules itself; what is missing on a set but there on each of its machines is not
//! missing. Source of the rules: `facts` of siderolabs/extensions (Makefile targets, READMEs, duplicate finder) as they stand
//! in `stdlib/extensions.talos`.

mod arch;
mod catalogue;
mod errors;
mod node;
mod rules;
mod services;

use rustc_hash::FxHashSet;

use self::node::Node;
use super::super::{Content, LoweredCluster, LoweredSet, Patch};
use crate::diagnostics::Diagnostic;
use crate::flatten::{Fields, Flattener};
use crate::fleet::{Cluster, Fleet, Set, View};
use crate::source::Span;
use crate::talos::lower::Lowering;

/// The fields of a machine that make it worth a look of its own.
const OWN: [&str; 6] = ["extensions", "preinstalled", "runtime", "runtimes", "patch", "patches"];

/// Judges every set of every cluster.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, lowered: &[LoweredCluster]) {
    let (flattener, origins) = (&mut *lowering.flattener, &*lowering.origins);
    let loose: FxHashSet<(usize, usize)> =
        fleet.loose.iter().flat_map(|loose| loose.users.iter().copied()).collect();
    for (c, (cluster, patches)) in fleet.clusters.iter().zip(lowered).enumerate() {
        if cluster.broken {
            continue;
        }
        for (s, set) in cluster.sets.iter().enumerate() {
            let loose = loose.contains(&(c, s));
            let patches = patches.sets.get(s).map(|own| Patches { common: &patches.common, own, loose });
            self::set(flattener, cluster, set, patches);
        }
        services::check(flattener, origins, cluster, patches);
    }
}

/// The patches that reach a set.
#[derive(Clone, Copy)]
struct Patches<'p> {
    common: &'p [Patch],
    own: &'p LoweredSet,
    /// Machines of its class have patches of their own.
    loose: bool,
}

impl Patches<'_> {
    /// Whether a machine, or with `None` the whole set, has the configuration of a service, as far as can be known.
    fn configure(&self, service: &str, machine: Option<usize>) -> bool {
        let own = machine.and_then(|at| self.own.machines.get(at)).map(Vec::as_slice).unwrap_or_default();
        let mut all = self.common.iter().chain(&self.own.own).chain(own);
        self.loose || all.any(|patch| configures(patch, service))
    }
}

/// Whether a patch holds the `ExtensionServiceConfig` of a service; one that is not read may.
fn configures(patch: &Patch, service: &str) -> bool {
    let documents = match &patch.content {
        Content::File(_) => return true,
        Content::Documents(documents) => documents,
    };
    documents.iter().filter_map(|node| node.as_map()).any(|map| {
        let is = |key: &str, text: &str| map.get(key).and_then(|node| node.as_str()) == Some(text);
        is("kind", "ExtensionServiceConfig") && is("name", service)
    })
}

fn set(flattener: &mut Flattener, cluster: &Cluster, set: &Set, patches: Option<Patches<'_>>) {
    let talos = &cluster.target.talos;
    if let Some((role, args, _)) = &set.role
        && flattener.flat(*role, args, Some(talos)).broken
    {
        return;
    }
    let view = View::of_set(cluster, set);
    let unconfigured = |service: &str, machine: Option<usize>| {
        patches.is_some_and(|patches| !patches.configure(service, machine))
    };
    let common = judge(flattener, &view, &|service| {
        let machines = set.machines().len();
        if machines == 0 {
            unconfigured(service, None)
        } else {
            (0..machines).any(|m| unconfigured(service, Some(m)))
        }
    });
    let mut plain = set.machines().is_empty();
    let mut own = Vec::new();
    for (at, machine) in set.machines().iter().enumerate() {
        if machine.flat.broken {
            continue;
        }
        if says(&machine.flat.fields) {
            let view = View::of_machine(cluster, set, machine);
            own.extend(judge(flattener, &view, &|service| unconfigured(service, Some(at))));
        } else {
            plain = true;
        }
    }
    // What every machine mends for itself is not wrong with the set.
    let still: FxHashSet<(String, Option<Span>)> = own.iter().map(key).collect();
    let of_set: FxHashSet<(String, Option<Span>)> = common.iter().map(key).collect();
    let held = common.into_iter().filter(|finding| plain || still.contains(&key(finding)));
    let own: Vec<Diagnostic> = own.into_iter().filter(|finding| !of_set.contains(&key(finding))).collect();
    for finding in held.chain(own) {
        flattener.report(finding);
    }
}

fn key(finding: &Diagnostic) -> (String, Option<Span>) {
    (format!("{} {}", finding.code.name(), finding.message), None)
}

/// Whether a machine says something that these rules look at.
fn says(own: &Fields) -> bool {
    OWN.iter().any(|field| own.raw(field).is_some()) || own.at(&["kernel", "modules"]).is_some()
}

/// Every rule on the nodes of a view.
fn judge(flattener: &mut Flattener, view: &View<'_>, unconfigured: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let node = Node::of(flattener, view);
    if node.is_plain() {
        return Vec::new();
    }
    let mut found = rules::Found::new(flattener, view, &node);
    found.availability();
    found.conflicts();
    found.requirements();
    found.runtimes();
    found.modules();
    found.loading();
    found.services(unconfigured);
    found.notes();
    found.architectures();
    found.finish()
}
