//! Talos: fields become configuration patches, in the form that the versions of the cluster want.
//!
//! `forms` says which form a thing takes, by the version a cluster was created with and the one it runs; `lower` writes it; `overlay`
//! merges what is written onto what Talos generates (`base`), and `rules` judge what comes out.
//! This phase knows Talos's configuration and nothing of templates.

pub mod base;
pub mod forms;
mod lookup;
pub mod lower;
pub mod overlay;
pub mod rules;

use smallvec::SmallVec;

use crate::flatten::{Elem, Fields, Slot};
use crate::fleet::{Chain, Cluster, Fleet, Member, Set, Target};
use crate::source::{FileId, Span};
use crate::text::Text;
use crate::tree::Node;
use crate::typing::FileRef;

/// A patch of one level.
#[derive(Debug, Clone)]
pub struct Patch {
    /// The name: of the field it was lowered from, or the user's.
    pub name: Text,
    /// The id that the user gave it.
    pub id: Option<Text>,
    /// Its labels and annotations in Omni: hardly any has some.
    pub metadata: Option<Box<Metadata>>,
    /// What it holds.
    pub content: Content,
    /// Where it is declared.
    pub span: Option<Span>,
    /// Lowered from fields, rather than written as a patch.
    pub lowered: bool,
    /// `unchecked("why")`: its content is not compared with the tables of Talos. What Omni refuses stays refused.
    pub unchecked: bool,
    /// The file that its documents were read from.
    pub read: Option<ReadFile>,
}

/// Labels and annotations of a patch in Omni.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// The labels.
    pub labels: Option<Node>,
    /// The annotations.
    pub annotations: Option<Node>,
}

/// A file of the project that holds the documents of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadFile {
    /// Which.
    pub file: FileId,
    /// The patch is all that it says: a template may refer to it instead.
    pub whole: bool,
}

impl Patch {
    /// Its labels in Omni.
    pub fn labels(&self) -> Option<&Node> {
        self.metadata.as_ref()?.labels.as_ref()
    }

    /// Its annotations in Omni.
    pub fn annotations(&self) -> Option<&Node> {
        self.metadata.as_ref()?.annotations.as_ref()
    }

    /// What the field of a level comes to.
    pub fn of_field(name: Text, documents: Vec<Node>, span: Option<Span>) -> Patch {
        let content = Content::Documents(documents);
        let (id, metadata, read) = (None, None, None);
        Patch { name, id, metadata, content, span, lowered: true, unchecked: false, read }
    }
}

/// The patches of a cluster, level by level.
#[derive(Debug)]
pub struct LoweredCluster {
    /// The form of each thing, which its levels share.
    pub forms: forms::Forms,
    /// Those of the cluster itself.
    pub common: Vec<Patch>,
    /// Those of its sets, in their order.
    pub sets: Vec<LoweredSet>,
}

impl LoweredCluster {
    /// The patches of all levels.
    pub fn patches(&self) -> impl Iterator<Item = &Patch> {
        self.common.iter().chain(self.sets.iter().flat_map(LoweredSet::patches))
    }
}

/// The patches of a set, and of its machines.
#[derive(Debug, Default)]
pub struct LoweredSet {
    /// Those of the set itself.
    pub own: Vec<Patch>,
    /// Those of its machines, in their order.
    pub machines: Vec<Vec<Patch>>,
    /// Those of the machines that its class picks up, in their order, as they would be in this set.
    pub picked: Vec<Vec<Patch>>,
}

impl LoweredSet {
    /// The patches of the set and its machines.
    pub fn patches(&self) -> impl Iterator<Item = &Patch> {
        self.own.iter().chain(self.machines.iter().chain(&self.picked).flatten())
    }
}

/// A cluster with what its levels come to and what its machines get of that: what rules judge, a cluster at a time.
#[derive(Clone, Copy)]
pub struct Resolved<'f> {
    /// The fleet that it is of.
    pub fleet: &'f Fleet,
    /// The cluster.
    pub cluster: &'f Cluster,
    /// The patches of its levels.
    pub lowered: &'f LoweredCluster,
    /// What its machines get.
    pub overlay: &'f overlay::Overlay,
    /// How that is made.
    pub merging: overlay::Merging<'f>,
}

impl<'f> Resolved<'f> {
    /// Asks what a listed machine of a set gets, by their indices.
    pub fn machine<R>(&self, set: usize, machine: usize, ask: impl FnOnce(overlay::Config<'_>) -> R) -> R {
        let layer = self.overlay.layer(self.merging, set, machine);
        ask(self.overlay.with(set, layer.as_ref()))
    }

    /// Whether a listed machine of a set gets something that the set does not.
    pub fn adds(&self, set: usize, machine: usize) -> bool {
        !self.lowered.sets[set].machines[machine].is_empty()
            || self.merging.made.contains_key(&(set, machine))
    }

    /// Its sets with their patches.
    pub fn sets(&self) -> impl Iterator<Item = (&'f Set, &'f LoweredSet)> + use<'f> {
        self.cluster.sets.iter().zip(&self.lowered.sets)
    }
}

/// What a patch holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// Documents; the first may be the v1alpha1 one.
    Documents(Vec<Node>),
    /// A file that is not read.
    File(FileRef),
}

/// A level whose fields are lowered.
#[derive(Clone, Copy)]
pub struct Level<'l> {
    /// The fields of the level itself.
    pub own: &'l Fields,
    /// What holds at the level, and above it.
    pub chain: Chain<'l>,
    /// The versions.
    pub target: &'l Target,
    /// Which level it is.
    pub kind: LevelKind,
    /// The form of each thing.
    pub forms: &'l forms::Forms,
    /// The machines that the set lists.
    pub listed: Listed,
    /// Of a machine that a set lists: what the set comes to, made once for all of them.
    links_above: Option<&'l lower::network::Above<'l>>,
}

/// What is known of the machines of a set, or of the sets of a cluster, before their own level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Some are listed, rather than taken from a class.
    pub any: bool,
    /// Some are, and each has a static address of its own.
    pub still: bool,
    /// Virtual addresses have another place on one of them than the set alone would give them.
    pub apart: bool,
    /// One of them, or of the cluster a set below it, says a link or an address.
    pub below: bool,
    /// The same of the cluster, for the levels below it.
    pub below_cluster: bool,
}

/// The levels of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelKind {
    /// The whole cluster.
    Cluster,
    /// The control planes.
    ControlPlane,
    /// A set of workers.
    Workers,
    /// One machine.
    Machine {
        /// Whether it is a control plane.
        control: bool,
    },
}

impl LevelKind {
    /// Whether a virtual address may be written here: Talos refuses it on workers.
    pub fn takes_vip(self) -> bool {
        matches!(self, LevelKind::ControlPlane | LevelKind::Machine { control: true })
    }
    /// The level above.
    fn parent(self) -> LevelKind {
        match self {
            LevelKind::Machine { control: true } => LevelKind::ControlPlane,
            LevelKind::Machine { control: false } => LevelKind::Workers,
            LevelKind::Cluster | LevelKind::ControlPlane | LevelKind::Workers => LevelKind::Cluster,
        }
    }
}

impl<'l> Level<'l> {
    /// A cluster.
    pub fn of_cluster(cluster: &'l Cluster, forms: &'l forms::Forms) -> Level<'l> {
        let (chain, kind, target) = (Chain::of_cluster(cluster), LevelKind::Cluster, &cluster.target);
        let listed = lower::network::listed_in(cluster);
        Level { own: chain.own(), chain, target, kind, forms, listed, links_above: None }
    }

    /// A set of this cluster, before anything is known of the machines that it lists.
    pub fn set(&self, cluster: &'l Cluster, set: &'l Set) -> Level<'l> {
        let chain = Chain::of_set(cluster, set);
        let kind = if set.control { LevelKind::ControlPlane } else { LevelKind::Workers };
        Level { own: chain.own(), chain, kind, links_above: None, ..*self }
    }

    /// A machine of this set.
    pub fn below(&self, machine: &'l Member) -> Level<'l> {
        let chain = self.chain.with_machine(machine);
        let kind = LevelKind::Machine { control: self.kind == LevelKind::ControlPlane };
        Level { own: chain.own(), chain, kind, ..*self }
    }

    /// A machine that the class of this set picks up: nothing is listed beside it.
    pub fn picked(&self, machine: &'l Member) -> Level<'l> {
        let of_cluster = self.listed.below_cluster;
        let listed = Listed { below_cluster: of_cluster, ..Listed::default() };
        Level { listed, links_above: None, ..self.below(machine) }
    }

    /// The level above this one.
    pub fn parent(&self) -> Option<Level<'l>> {
        let chain = self.chain.above()?;
        let kind = self.kind.parent();
        let of_cluster = Listed { below: self.listed.below_cluster, ..Listed::default() };
        let listed = if kind == LevelKind::Cluster { of_cluster } else { self.listed };
        Some(Level { own: chain.own(), chain, kind, listed, links_above: None, ..*self })
    }

    /// What the levels above say themselves, nearest first.
    pub fn above(&self) -> SmallVec<[&'l Fields; 3]> {
        self.chain.above().map(|above| above.levels()).unwrap_or_default()
    }

    /// What the levels above come to at a path.
    pub fn before(&self, path: &[&str]) -> Option<&'l Slot> {
        self.chain.above()?.at(path)
    }

    /// The elements that a list of the level has and the levels above it lack, which is what the level writes of it: Talos puts the
    /// lists of the levels behind one another (`pkg/machinery/config/merge`).
    pub fn fresh(&self, path: &[&str]) -> Vec<&'l Elem> {
        let Some(own) = self.own.at(path).and_then(Slot::list) else { return Vec::new() };
        match self.before(path).and_then(Slot::list) {
            Some(before) => {
                own.beside(before).filter(|(_, there)| there.is_none()).map(|(elem, _)| elem).collect()
            }
            None => own.items.iter().collect(),
        }
    }

    /// A field of the level, or the nearest one above that sets it.
    pub fn find(&self, field: &str) -> Option<&'l Slot> {
        self.chain.get(field).or_else(|| self.chain.cluster().get(field))
    }
}
