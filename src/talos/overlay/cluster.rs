//! The effective configurations of a cluster: of each set, and of each machine that says something of its own.

use rustc_hash::FxHashMap;

use super::super::base::{self, Base, Holes};
use super::super::{LoweredCluster, Patch};
use super::{Config, Content, Layer};
use crate::fleet::Cluster;
use crate::tree::Node;

/// Whose patches a level holds.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'o> {
    /// The whole cluster's.
    Cluster,
    /// A set's, by its name.
    Set(&'o str),
    /// Those of a listed machine, by its UUID, with the documents that Omni makes for it by itself.
    Machine(&'o str, Option<&'o [Node]>),
    /// Those of a machine that a class picks up, by its UUID.
    Loose(&'o str),
}

/// Puts the patches of a level into the order in which they are merged.
pub type Order = for<'p> fn(&Cluster, Owner<'p>, &'p [Patch]) -> Vec<Content<'p>>;

/// The documents that Omni makes for listed machines by itself, by the indices of set and machine.
pub type Made = FxHashMap<(usize, usize), [Node; 1]>;

/// What is merged: the patches of a cluster, and how Omni merges them.
#[derive(Clone, Copy, Debug)]
pub struct Merging<'m> {
    /// The cluster.
    pub cluster: &'m Cluster,
    /// The patches of its levels.
    pub lowered: &'m LoweredCluster,
    /// Their order.
    pub order: Order,
    /// What Omni adds to them.
    pub made: &'m Made,
}

/// The effective configurations of a cluster.
#[derive(Debug)]
pub struct Overlay {
    sets: Vec<Machines>,
}

/// Those of a set.
#[derive(Debug)]
struct Machines {
    base: Option<&'static Base>,
    set: Layer,
    /// What each machine changes, if that is kept; `None` for those that say nothing.
    machines: Vec<Option<Layer>>,
    /// What each machine changes that the class of the set picks up, in the order in which the set has them.
    picked: Vec<Layer>,
}

impl Machines {
    fn config<'c>(&'c self, own: Option<&'c Layer>) -> Config<'c> {
        Config { base: self.base.map(Base::layer), set: &self.set, own }
    }
}

impl Overlay {
    /// Merges the patches of a cluster and its sets, and those of machines that classes pick up. Listed machines are many, and each is
    /// asked for once: see [`Overlay::layer`].
    pub fn of(merging: Merging<'_>) -> Overlay {
        let Merging { cluster, lowered, order, .. } = merging;
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
            let mut machines = Machines { base, set: layer, machines: Vec::new(), picked: Vec::new() };
            for (picked, patches) in set.picked.iter().zip(&patches.picked) {
                let patches = order(cluster, Owner::Loose(&picked.machine.id), patches);
                let layer = own(&machines, patches, minor).unwrap_or_default();
                machines.picked.push(layer);
            }
            sets.push(machines);
        }
        Overlay { sets }
    }

    /// What a listed machine changes of its set; `None` if it says nothing of its own.
    pub fn layer(&self, merging: Merging<'_>, set: usize, machine: usize) -> Option<Layer> {
        let Merging { cluster, lowered, order, made } = merging;
        let (patches, made) = (&lowered.sets[set].machines[machine], made.get(&(set, machine)));
        if patches.is_empty() && made.is_none() {
            return None;
        }
        let id = &cluster.sets[set].machines()[machine].id;
        let patches = order(cluster, Owner::Machine(id, made.map(<[Node; 1]>::as_slice)), patches);
        own(&self.sets[set], patches, cluster.target.talos.line().1)
    }

    /// Keeps what each listed machine changes, for who asks what any of them gets.
    pub fn complete(&mut self, merging: Merging<'_>) {
        for (at, set) in merging.cluster.sets.iter().enumerate() {
            let machines = 0..set.machines().len();
            self.sets[at].machines = machines.map(|machine| self.layer(merging, at, machine)).collect();
        }
    }

    /// What the machines of a set get, with what one of them changes.
    pub fn with<'c>(&'c self, set: usize, layer: Option<&'c Layer>) -> Config<'c> {
        self.sets[set].config(layer)
    }

    /// What the machines of a set get that say nothing of their own.
    pub fn set(&self, set: usize) -> Config<'_> {
        self.sets[set].config(None)
    }

    /// What a listed machine of a set gets, if what machines change was kept.
    pub fn machine(&self, set: usize, machine: usize) -> Config<'_> {
        let machines = &self.sets[set];
        machines.config(machines.machines.get(machine).and_then(Option::as_ref))
    }

    /// What each of the machines gets that the class of a set picks up, in the order of `Set::picked`.
    pub fn picked(&self, set: usize) -> impl Iterator<Item = Config<'_>> {
        let machines = &self.sets[set];
        machines.picked.iter().map(|layer| machines.config(Some(layer)))
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
