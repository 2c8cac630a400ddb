//! The fleet: clusters, their sets and machines, each with the fields of its own level and the view of all levels.
//!
//! A cluster with all that its machines say is large, and is of use until its documents are made. So a [`Fleet`] knows its clusters by
//! their [heads](Head), each is [placed](Fleet::place) when it is worked out, and what is left of it then is an [`Outline`].
//!
//! Placement is inheritance once more. What is written on the cluster stays there, what is written on a set or its role belongs to
//! the set, what is written on a machine to the machine; nothing moves between levels. What holds somewhere says its [`Chain`].

mod chain;
mod errors;
mod outline;
mod place;
mod target;
mod view;

use std::sync::Arc;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

pub use chain::Chain;
pub use outline::{ClassUse, Outline, SetOutline};
pub use target::{Target, TargetSpans};
pub use view::{Blame, Roots, View};

use crate::diagnostics::Poison;
use crate::flatten::{Args, Fields, Flat};
use crate::resolve::{DeclId, ScopeId};
use crate::source::Span;
use crate::text::Text;
use crate::version::Version;

/// Everything that one run emits.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Clusters in order of entries and source.
    pub clusters: Vec<Head>,
    /// Classes that are emitted, each with the entries that reach it.
    pub classes: Vec<Class>,
    /// Machines that a class picks up: their patches come out as resources.
    pub loose: Vec<LooseMachine>,
    /// The classes that pick these up.
    picking: FxHashMap<DeclId, Picking>,
}

/// What is known of a cluster without its fields.
#[derive(Debug)]
pub struct Head {
    /// Its declaration.
    pub decl: DeclId,
    /// Its name in Omni.
    pub name: Text,
    /// Where the name stands.
    pub span: Span,
    /// The file that declares it.
    pub entry: ScopeId,
    /// What is left of it after it was worked out; `None` before, and of a cluster without a target.
    pub outline: Option<Outline>,
}

/// A class that picks declared machines up.
#[derive(Debug, Default)]
struct Picking {
    /// The machines, by their indices among those of the fleet.
    machines: Vec<usize>,
    /// The sets that take machines from it, in order.
    users: Vec<ClassUser>,
}

/// A set that takes machines from a class, by the indices of its cluster and of itself.
#[derive(Clone, Copy, Debug)]
struct ClassUser {
    cluster: usize,
    set: usize,
    /// How many, if that is a number.
    count: Option<u32>,
}

/// One cluster, placed.
#[derive(Debug)]
pub struct Cluster {
    /// Its index in the fleet.
    pub index: usize,
    /// Its declaration.
    pub decl: DeclId,
    /// Its name in Omni.
    pub name: Text,
    /// Where the name stands.
    pub span: Span,
    /// The file that declares it.
    pub entry: ScopeId,
    /// Its versions.
    pub target: Target,
    /// Where they are written.
    pub target_spans: TargetSpans,
    /// Its own level: everything but the sets.
    pub flat: Arc<Flat>,
    /// The control planes, then the workers in source order.
    pub sets: Vec<Set>,
    /// What is not known of it: rules that look at the whole of it hold back.
    pub poison: Poison,
}

impl Cluster {
    /// For a finding that holds for the Omni of the cluster: which one is assumed, if it does not say.
    pub fn omni_assumed(&self) -> Option<String> {
        let omni = &self.target.omni;
        self.target_spans.omni.is_none().then(|| {
            format!("`omni` is not said: {omni}, the newest release that this talosc knows, is assumed")
        })
    }
}

/// One set of machines.
#[derive(Debug)]
pub struct Set {
    /// Its name: `control-planes`, `workers`, …
    pub name: Text,
    /// Whether it is the control planes.
    pub control: bool,
    /// Where it is declared.
    pub span: Span,
    /// Its role.
    pub role: Option<(DeclId, Args, Span)>,
    /// Its own level: role and body.
    pub own: Fields,
    /// What comes of the fields that cluster and set both say; see [`Chain`].
    over: Fields,
    /// Where machines come from.
    pub source: Source,
    /// Machines that its class picks up and that say something of themselves.
    pub picked: Vec<Picked>,
    /// Whether its cluster or its role is marked: both are joined in it, so that who judges a set asks nothing else.
    pub poison: Poison,
}

/// Where the machines of a set come from.
#[derive(Debug)]
pub enum Source {
    /// Listed one by one.
    Machines(Vec<Member>),
    /// Taken from a class.
    Class {
        /// The class.
        class: DeclId,
        /// Where it is named.
        span: Span,
        /// How many; `None` if it is missing or wrong.
        size: Option<Size>,
    },
    /// Neither: an empty set.
    Empty,
}

/// How many machines a set takes from its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// A number.
    Count(u32),
    /// As many as there are.
    Unlimited,
}

/// A machine of a set.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its declaration.
    pub decl: DeclId,
    /// Its own level.
    pub flat: Arc<Flat>,
    /// Its UUID.
    pub id: Text,
    /// Where the set lists it.
    pub span: Span,
    /// What comes of the fields that the machine and a level above it both say; few are asked for. See [`Chain`].
    over: OnceLock<Box<Fields>>,
}

/// A machine that the class of a set picks up. Which set it will be in is not known before Omni decides, so it has a chain in each
/// of them.
#[derive(Debug)]
pub struct Picked {
    /// Which of the fleet.
    pub loose: usize,
    /// As a machine of this set.
    pub machine: Member,
}

/// A machine that a class picks up.
#[derive(Debug)]
pub struct LooseMachine {
    /// The machine, in the first set that may get it; the span is that of its declaration.
    pub machine: Member,
    /// The class.
    pub class: DeclId,
    /// Cluster and set that take machines from the class, by index.
    pub users: Vec<(usize, usize)>,
    /// The file that declares it.
    pub entry: ScopeId,
}

/// A class.
#[derive(Debug)]
pub struct Class {
    /// Its declaration.
    pub decl: DeclId,
    /// Its fields.
    pub flat: Arc<Flat>,
    /// The entries that reach it, in order.
    pub entries: Vec<ScopeId>,
}

impl Member {
    fn new(decl: DeclId, flat: Arc<Flat>, id: Text, span: Span) -> Member {
        Member { decl, flat, id, span, over: OnceLock::new() }
    }
}

impl Set {
    /// How messages call it.
    pub fn shown(&self) -> String {
        outline::shown(self.control, &self.name)
    }
    /// The machines that are listed.
    pub fn machines(&self) -> &[Member] {
        match &self.source {
            Source::Machines(machines) => machines,
            Source::Class { .. } | Source::Empty => &[],
        }
    }
    /// The machines that are known by name: listed, or picked up by its class.
    pub fn known(&self) -> impl Iterator<Item = &Member> {
        self.machines().iter().chain(self.picked.iter().map(|picked| &picked.machine))
    }
    /// How many machines there are, if that is known.
    pub fn count(&self) -> Option<u32> {
        match &self.source {
            Source::Machines(machines) => Some(machines.len() as u32),
            Source::Class { size: Some(Size::Count(n)), .. } => Some(*n),
            Source::Class { .. } => None,
            Source::Empty => Some(0),
        }
    }
}

/// Where kernel arguments stand.
pub const ARGS: &[&str] = &["kernel", "args"];

/// The fields that talosc resolves down the levels itself, because Omni replaces them whole.
pub const RESOLVED: &[&str] = &["extensions", "preinstalled", "kernel.args", "runtimes"];

/// The versions of Talos that conditions are decided for.
pub(crate) fn version_of(val: &crate::typing::Val) -> Option<Version> {
    match val {
        crate::typing::Val::Version(version) => Some((**version).clone()),
        _ => None,
    }
}
