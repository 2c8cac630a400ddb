//! What is left of a cluster once it was worked out: what the clusters of a fleet are judged together by.

use super::{ARGS, Chain, Cluster, Fleet, Head, Set, Source};
use crate::flatten::Slot;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::text::Text;

/// A cluster that was placed.
#[derive(Debug)]
pub struct Outline {
    /// Its sets, in their order.
    pub sets: Vec<SetOutline>,
    /// The machines, roles and classes that it is made of.
    pub parts: Vec<DeclId>,
}

/// A set of a cluster that was placed.
#[derive(Debug)]
pub struct SetOutline {
    /// Its name: `control-planes`, `workers`, …
    pub name: Text,
    /// Whether it is the control planes.
    pub control: bool,
    /// Where it is declared.
    pub span: Span,
    /// The class that it takes machines from.
    pub class: Option<ClassUse>,
}

/// A set that takes its machines from a class.
#[derive(Debug)]
pub struct ClassUse {
    /// The class.
    pub class: DeclId,
    /// Where it is named.
    pub span: Span,
    /// The kernel arguments that the set wants.
    pub args: Option<Slot>,
}

impl Outline {
    /// Of a cluster.
    pub fn of(cluster: &Cluster) -> Outline {
        let set = |set: &Set| {
            let class = match &set.source {
                Source::Class { class, span, .. } => {
                    let args = Chain::of_set(cluster, set).at(ARGS).cloned();
                    Some(ClassUse { class: *class, span: *span, args })
                }
                Source::Machines(_) | Source::Empty => None,
            };
            SetOutline { name: set.name.clone(), control: set.control, span: set.span, class }
        };
        Outline {
            sets: cluster.sets.iter().map(set).collect(),
            parts: cluster.sets.iter().flat_map(parts).collect(),
        }
    }
}

fn parts(set: &Set) -> impl Iterator<Item = DeclId> {
    let class = match &set.source {
        Source::Class { class, .. } => Some(*class),
        Source::Machines(_) | Source::Empty => None,
    };
    let machines = set.machines().iter().map(|machine| machine.decl);
    machines.chain(set.role.iter().map(|role| role.0)).chain(class)
}

impl SetOutline {
    /// How messages call it.
    pub fn shown(&self) -> String {
        shown(self.control, &self.name)
    }
}

/// How messages call a set.
pub(super) fn shown(control: bool, name: &str) -> String {
    if control { "the control planes".into() } else { format!("the workers `{name}`") }
}

impl Fleet {
    /// The clusters that were placed, with their indices.
    pub fn placed(&self) -> impl Iterator<Item = (usize, &Head, &Outline)> {
        let all = self.clusters.iter().enumerate();
        all.filter_map(|(at, head)| Some((at, head, head.outline.as_ref()?)))
    }
}
