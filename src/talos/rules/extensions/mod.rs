//! Extensions, runtimes and kernel modules: what the nodes of a set have, and what they need.
//!
//! A set is looked at once, with everything that cluster, role and body say. A machine is looked at again only if it says
//! something of extensions, runtimes or patches itself; what is missing on a set but there on each of its machines is not
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
pub(crate) use self::node::words;
use super::super::Resolved;
use crate::diagnostics::Diagnostic;
use crate::flatten::{Fields, Flattener};
use crate::fleet::{Member, Set, View};
use crate::origin::Origins;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::overlay::Config;

/// The fields of a machine that make it worth a look of its own.
const OWN: [&str; 6] = ["extensions", "preinstalled", "runtime", "runtimes", "patch", "patches"];

/// Judges every set of a cluster.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, resolved: Resolved<'_>) {
    let Resolved { cluster, lowered, overlay, .. } = resolved;
    let (flattener, origins) = (&mut *lowering.flattener, &*lowering.origins);
    if !cluster.poison.is_clean() {
        return;
    }
    for (s, set) in cluster.sets.iter().enumerate() {
        let picked = set.picked.iter().map(|picked| &picked.machine);
        let loose: Vec<(&Member, Config<'_>)> = picked.zip(overlay.picked(s)).collect();
        let of = Of { origins, resolved, set: s, loose };
        self::set(flattener, set, &of);
    }
    services::check(flattener, origins, cluster, lowered);
}

/// A set with what its machines get.
struct Of<'o> {
    origins: &'o Origins,
    resolved: Resolved<'o>,
    set: usize,
    /// Machines of its class that say something of their own.
    loose: Vec<(&'o Member, Config<'o>)>,
}

/// Whether a configuration lacks that of a service, as far as can be known.
fn lacks(config: Config<'_>, service: &str) -> bool {
    config.unread().next().is_none() && config.document("ExtensionServiceConfig", service).is_none()
}

fn set(flattener: &mut Flattener, set: &Set, of: &Of<'_>) {
    let cluster = of.resolved.cluster;
    if !set.poison.is_clean() {
        return;
    }
    let view = View::of_set(cluster, set);
    let config = of.resolved.overlay.set(of.set);
    let common = judge(flattener, &view, (config, of.origins), &|service| {
        let machines = set.machines().len();
        if machines == 0 {
            // The machines of a class may be those that bring it.
            lacks(config, service) && of.loose.iter().all(|(_, config)| lacks(*config, service))
        } else {
            (0..machines).any(|m| of.resolved.machine(of.set, m, |config| lacks(config, service)))
        }
    });
    let mut plain = set.machines().is_empty();
    let mut own = Vec::new();
    let mut machine = |flattener: &mut Flattener, member: &Member, config: Config<'_>| {
        let view = View::of_machine(cluster, set, member);
        own.extend(judge(flattener, &view, (config, of.origins), &|service| lacks(config, service)));
    };
    for (at, member) in set.machines().iter().enumerate().filter(|(_, member)| member.flat.poison.is_clean())
    {
        match says(&member.flat.fields) {
            true => of.resolved.machine(of.set, at, |config| machine(flattener, member, config)),
            false => plain = true,
        }
    }
    for (member, config) in of.loose.iter().filter(|(member, _)| member.flat.poison.is_clean()) {
        match says(&member.flat.fields) {
            true => machine(flattener, member, *config),
            false => plain = true,
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
fn judge(
    flattener: &mut Flattener,
    view: &View<'_>,
    (config, origins): (Config<'_>, &Origins),
    unconfigured: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let node = Node::of(flattener, view, config, origins);
    if node.is_plain() {
        return Vec::new();
    }
    let mut found = rules::NodeFindings::new(flattener, view, &node);
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
