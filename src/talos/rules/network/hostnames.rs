//! Host names: one machine of a cluster has one, and machines of two clusters on one network should not share one. Case does not count.
//!
//! What a machine gets counts, whatever said it: the field, or a patch in either form.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::errors;
use super::vips::{Whose, whose};
use crate::diagnostics::Concern;
use crate::flatten::Flattener;
use crate::fleet::{Chain, Cluster};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::lower::Lowering;
use crate::talos::overlay::Config;
use crate::talos::rules::got::Got;
use crate::text::Text;
use crate::tree::Origin;
use crate::typing::Val;
use crate::world::config::said;

/// A machine or a set with a host name.
pub(super) struct Owner {
    /// Where the name is said.
    pub(super) at: Span,
    /// Where the owner is declared.
    pub(super) decl: Span,
    pub(super) name: Text,
    /// The host name as it is written.
    pub(super) host: Text,
    /// The UUID of a machine.
    id: Option<Text>,
    /// The network that it is on, if that is known.
    network: Option<Whose>,
    cluster: usize,
}

impl Owner {
    fn is(&self, other: &Owner) -> bool {
        self.decl == other.decl || self.id.is_some() && self.id == other.id
    }

    /// Whether both are, or may be, on one network.
    fn is_beside(&self, other: &Owner) -> bool {
        self.network.is_none() || other.network.is_none() || self.network == other.network
    }
}

/// The host names of all clusters, in order.
#[derive(Default)]
pub(in crate::talos::rules) struct Names {
    all: Vec<Owner>,
    /// The names of the cluster that is judged, by their places.
    seen: FxHashMap<String, usize>,
    /// The `allow`s of each cluster that has some.
    allows: FxHashMap<usize, Vec<Span>>,
}

impl Names {
    /// Begins with a cluster, whose names are judged beside each other.
    pub(in crate::talos::rules) fn begin(&mut self, of: Resolved<'_>) {
        self.seen.clear();
        let allows: Vec<Span> = of.cluster.flat.allows.iter().map(|allow| allow.span).collect();
        if !allows.is_empty() {
            self.allows.insert(of.cluster.index, allows);
        }
    }

    /// The name that some machines of the cluster get.
    pub(in crate::talos::rules) fn judge(
        &mut self,
        lowering: &mut Lowering<'_, '_>,
        of: Resolved<'_>,
        got: &Got<'_>,
    ) {
        let Some(owner) = owner(lowering, of, got) else { return };
        if several(of, got) {
            return lowering.report(errors::hostname_of_all(&owner, got.set).in_cluster(&of.cluster.name));
        }
        let key = owner.host.to_lowercase();
        match self.seen.get(&key).map(|&first| &self.all[first]) {
            Some(known) if known.is(&owner) => {}
            Some(known) => lowering.report(errors::hostname_taken(&owner, known)),
            None => {
                self.seen.insert(key, self.all.len());
                self.all.push(owner);
            }
        }
    }

    /// Adds those of later clusters.
    pub(super) fn append(&mut self, later: Names) {
        self.all.extend(later.all);
        self.allows.extend(later.allows);
    }

    /// What two clusters share: one finding for each two.
    pub(super) fn finish(self, flattener: &mut Flattener) {
        let mut known: FxHashMap<String, Vec<&Owner>> = FxHashMap::default();
        let mut shared: IndexMap<[usize; 2], Vec<[&Owner; 2]>, FxBuildHasher> = IndexMap::default();
        for owner in &self.all {
            let before = known.entry(owner.host.to_lowercase()).or_default();
            let other = before
                .iter()
                .find(|other| other.cluster != owner.cluster && !other.is(owner) && other.is_beside(owner));
            if let Some(other) = other {
                shared.entry([other.cluster, owner.cluster]).or_default().push([other, owner]);
            }
            before.push(owner);
        }
        for (clusters, pairs) in shared {
            let allows = clusters.iter().filter_map(|index| self.allows.get(index)).flatten().copied();
            let concern = Concern { shown: String::new(), allows: allows.collect() };
            flattener.report(errors::hostname_shared(&pairs).concern(concern));
        }
    }
}

/// Who has the host name of a configuration, if somebody says one.
fn owner(lowering: &mut Lowering<'_, '_>, of: Resolved<'_>, got: &Got<'_>) -> Option<Owner> {
    let (host, origin) = hostname(got.config)?;
    let at = got.blame(lowering, of.cluster, origin)?;
    let (decl, name, id) = match got.machine {
        Some(machine) => {
            let decl = lowering.flattener.types.names.decl(machine.decl);
            (decl.span, decl.name.clone(), Some(machine.id.clone()))
        }
        None => (got.set.span, got.set.name.clone(), None),
    };
    let network = network(of.cluster, got).map(|id| whose(lowering, id, of.cluster));
    Some(Owner { at, decl, name, host, id, network, cluster: of.cluster.index })
}

/// A host name that somebody wrote, in either form.
fn hostname(config: Config<'_>) -> Option<(Text, Origin)> {
    said::HOSTNAME.iter().find_map(|row| {
        // Neither of the two documents has a name.
        let document = config.document(row.root().name(), "")?;
        let view = row.follow(document, &|view, name| view.get(name))?;
        Some((Text::new(view.as_str()?), view.origin())).filter(|(_, origin)| *origin != Origin::NONE)
    })
}

/// The network of the machines: that of their address, or the one that is named for them.
fn network(cluster: &Cluster, got: &Got<'_>) -> Option<DeclId> {
    let chain = match got.machine {
        Some(machine) => Chain::of_machine(cluster, got.set, machine),
        None => Chain::of_set(cluster, got.set),
    };
    match (chain.get("address").and_then(|slot| slot.leaf()), chain.get("network")?.leaf()) {
        (Some(Val::Address(address)), _) if address.network.is_some() => {
            address.network.as_ref().map(|on| on.0)
        }
        (_, Some(Val::Ref(id, _))) => Some(*id),
        _ => None,
    }
}

/// Whether machines that say nothing of their own are, or may be, several, and a patch gives all of them the name: of the field
/// another rule says it.
fn several(of: Resolved<'_>, got: &Got<'_>) -> bool {
    // A machine is one, and there may be thousands.
    if got.machine.is_some() || Chain::of_set(of.cluster, got.set).get("hostname").is_some() {
        return false;
    }
    match got.set.machines().len() {
        0 => !matches!(got.set.count(), Some(0 | 1)),
        listed => (0..listed).filter(|machine| !of.adds(got.at, *machine)).count() > 1,
    }
}
