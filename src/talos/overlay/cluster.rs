//! The effective configurations of a cluster: of each set, and of each machine that says something of its own.

use super::super::base::{self, Base, Holes};
use super::super::{LoweredCluster, Patch};
use super::{Config, Content, Layer};
use crate::flatten::Fields;
use crate::fleet::Cluster;
use crate::text::Text;

/// Whose patches a level holds.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'o> {
    /// The whole cluster's.
    Cluster,
    /// A set's, by its name.
    Set(&'o str),
    /// Those of a listed machine, by its UUID, with the fields of its own level.
    Machine(&'o str, &'o Fields),
    /// Those of a machine that a class picks up, by its UUID.
    Loose(&'o str),
}

/// Puts the patches of a level into the order in which they are merged.
pub type Order<'o> = dyn for<'p> FnMut(&Cluster, Owner<'_>, &'p [Patch]) -> Vec<Content<'p>> + 'o;

/// A machine that a class picks up, in a cluster that takes machines from the class.
#[derive(Debug, Clone, Copy)]
pub struct Loose<'l> {
    /// Its index in the fleet.
    pub machine: usize,
    /// The set that may take it, by index.
    pub set: usize,
    /// Its UUID.
    pub id: &'l Text,
    /// Its patches.
    pub patches: &'l [Patch],
}

/// The effective configurations of a cluster.
#[derive(Debug)]
pub struct Overlay {
    sets: Vec<Machines>,
    /// Machines that a class picks up: index in the fleet, index of the set, and what they change.
    loose: Vec<(usize, usize, Layer)>,
}

/// Those of a set.
#[derive(Debug)]
struct Machines {
    base: Option<&'static Base>,
    set: Layer,
    /// What each machine changes; `None` for those that say nothing.
    machines: Vec<Option<Layer>>,
}

impl Machines {
    fn config<'c>(&'c self, own: Option<&'c Layer>) -> Config<'c> {
        Config { base: self.base.map(Base::layer), set: &self.set, own }
    }
}

impl Overlay {
    /// Merges the patches of a cluster.
    pub fn of(
        cluster: &Cluster,
        lowered: &LoweredCluster,
        loose: &[Loose<'_>],
        order: &mut Order<'_>,
    ) -> Overlay {
        let minor = cluster.target.talos.line().1;
        let mut sets = Vec::with_capacity(cluster.sets.len());
        for (set, patches) in cluster.sets.iter().zip(&lowered.sets) {
            let base = base::of(cluster.target.created_with.line(), set.control);
            let mut layer = Layer::default();
            let kubernetes = cluster.target.kubernetes.bare();
            let below = base.map(Base::layer);
            if let Some(base) = base {
                let filled = base.filled(Holes { cluster: &cluster.name, kubernetes: &kubernetes });
                layer.merge(None, below, Content::Documents(filled.into()), minor);
            }
            let levels = [(Owner::Cluster, &lowered.common), (Owner::Set(&set.name), &patches.own)];
            for (owner, patches) in levels {
                for patch in order(cluster, owner, patches) {
                    layer.merge(None, below, patch, minor);
                }
            }
            let mut out = Machines { base, set: layer, machines: Vec::new() };
            for (machine, patches) in set.machines().iter().zip(&patches.machines) {
                let patches = order(cluster, Owner::Machine(&machine.id, &machine.flat.fields), patches);
                out.machines.push(own(&out, patches, minor));
            }
            sets.push(out);
        }
        let mut overlay = Overlay { sets, loose: Vec::new() };
        for loose in loose {
            let patches = order(cluster, Owner::Loose(loose.id), loose.patches);
            let layer = own(&overlay.sets[loose.set], patches, minor).unwrap_or_default();
            overlay.loose.push((loose.machine, loose.set, layer));
        }
        overlay
    }

    /// What the machines of a set get that say nothing of their own.
    pub fn set(&self, set: usize) -> Config<'_> {
        self.sets[set].config(None)
    }

    /// What a listed machine of a set gets.
    pub fn machine(&self, set: usize, machine: usize) -> Config<'_> {
        let machines = &self.sets[set];
        machines.config(machines.machines.get(machine).and_then(Option::as_ref))
    }

    /// What a listed machine of a set gets, if it says something of its own.
    pub fn own(&self, set: usize, machine: usize) -> Option<Config<'_>> {
        let machines = &self.sets[set];
        machines.machines.get(machine)?.as_ref().map(|layer| machines.config(Some(layer)))
    }

    /// What machines get that a class picks up: index in the fleet, index of the set, configuration.
    pub fn loose(&self) -> impl Iterator<Item = (usize, usize, Config<'_>)> {
        self.loose.iter().map(|(machine, set, layer)| (*machine, *set, self.sets[*set].config(Some(layer))))
    }
}

/// What a machine changes of its set.
fn own(machines: &Machines, patches: Vec<Content<'_>>, minor: u16) -> Option<Layer> {
    if patches.is_empty() {
        return None;
    }
    let mut layer = Layer::default();
    for patch in patches {
        layer.merge(Some(machines.config(None)), None, patch, minor);
    }
    Some(layer)
}
