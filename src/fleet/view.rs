//! What a node gets from all levels, and where the user can act on it.

use std::sync::Arc;

use super::{Chain, Cluster, Member, Set};
use crate::diagnostics::Concern;
use crate::flatten::Flattener;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::typing::{Allow, Base, BaseTarget, EntryOp};

/// How many machines a note names.
const NAMED_MACHINES: usize = 4;

/// The nodes of a set, or one of its machines, with what all levels say of them.
#[derive(Clone, Copy)]
pub struct View<'f> {
    /// The cluster.
    pub cluster: &'f Cluster,
    /// The set.
    pub set: &'f Set,
    /// The machine, if it is one.
    pub machine: Option<&'f Member>,
    /// Everything that holds for them.
    pub chain: Chain<'f>,
}

impl<'f> View<'f> {
    /// The nodes of a set.
    pub fn of_set(cluster: &'f Cluster, set: &'f Set) -> View<'f> {
        View { cluster, set, machine: None, chain: Chain::of_set(cluster, set) }
    }

    /// One machine of a set.
    pub fn of_machine(cluster: &'f Cluster, set: &'f Set, machine: &'f Member) -> View<'f> {
        View { cluster, set, machine: Some(machine), chain: Chain::of_machine(cluster, set, machine) }
    }

    /// How a note calls them.
    pub fn shown(&self, flattener: &Flattener) -> String {
        let name = |member: &Member| format!("`{}`", flattener.types.names.decl(member.decl).name);
        if let Some(machine) = self.machine {
            return format!("the machine {}", name(machine));
        }
        let machines = self.set.machines();
        let mut named: Vec<String> = machines.iter().take(NAMED_MACHINES).map(name).collect();
        if machines.len() > NAMED_MACHINES {
            named.push(format!("{} more", machines.len() - NAMED_MACHINES));
        }
        if named.is_empty() {
            self.set.shown()
        } else {
            format!("{} ({})", self.set.shown(), named.join(", "))
        }
    }

    /// What a finding about them concerns.
    pub fn concern(&self, flattener: &mut Flattener) -> Concern {
        let mut allows: Vec<Span> = Vec::new();
        let mut take = |found: &[Allow]| allows.extend(found.iter().map(|allow| allow.span));
        take(&self.cluster.flat.allows);
        if let Some((role, args, _)) = &self.set.role {
            take(&flattener.flat(*role, args, Some(&self.cluster.target.talos)).allows);
        }
        if let Some(entry) = self.entry() {
            take(&entry.body.allows);
        }
        if let Some(machine) = self.machine {
            take(&machine.flat.allows);
        }
        Concern { shown: self.shown(flattener), allows }
    }

    /// The block of the set in the body of the cluster.
    pub fn entry(&self) -> Option<&'f Arc<EntryOp>> {
        let field = if self.set.control { "controlplane" } else { "workers" };
        self.cluster.flat.fields.block(field)?.get(&self.set.name)?.entry()
    }

    /// Everything that their fields can come from.
    pub fn roots(&self) -> Roots {
        let mut roots = Roots { bases: Vec::new(), fallback: self.set.span };
        if let Some(machine) = self.machine {
            roots.add(machine.decl, machine.span);
            roots.fallback = machine.span;
        }
        if let Some(entry) = self.entry() {
            roots.bases.extend(entry.body.mixins.iter().cloned());
        }
        if let Some((role, _, span)) = &self.set.role {
            roots.add(*role, *span);
        }
        roots.add(self.cluster.decl, self.cluster.span);
        roots
    }
}

/// Where fields can come from: declarations and mixins, the nearest first.
#[derive(Debug, Clone)]
pub struct Roots {
    bases: Vec<Base>,
    /// The place to show when nothing of the project can be found.
    pub fallback: Span,
}

impl Roots {
    /// One declaration alone.
    pub fn of(decl: DeclId, span: Span) -> Roots {
        let mut roots = Roots { bases: Vec::new(), fallback: span };
        roots.add(decl, span);
        roots
    }

    fn add(&mut self, decl: DeclId, span: Span) {
        self.bases.push(Base { target: BaseTarget::Decl(decl), span, args: Arc::default(), cond: None });
    }

    /// The place in the project where the user can act on what `owner` wrote at `span`: the place itself, or where the
    /// project takes in the item of the standard library that wrote it.
    pub fn blame(&self, flattener: &mut Flattener, owner: DeclId, span: Span) -> Blame {
        if flattener.types.names.in_project(span) {
            return Blame { span, through: None };
        }
        let found = uses(flattener, &self.bases, owner).unwrap_or(self.fallback);
        Blame { span: found, through: Some(span) }
    }
}

/// Where the user can act on a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blame {
    /// The place in the project.
    pub span: Span,
    /// The place in the standard library that wrote it, if the project only takes that in.
    pub through: Option<Span>,
}

/// Where the project takes in `owner`: the use that stands nearest to it.
fn uses(flattener: &mut Flattener, bases: &[Base], owner: DeclId) -> Option<Span> {
    bases.iter().find_map(|base| {
        let BaseTarget::Decl(id) = base.target else { return None };
        if id == owner {
            return Some(base.span);
        }
        let typed = flattener.types.typed(id);
        let inner: Vec<Base> =
            typed.body.mixins.iter().chain(&typed.mixins).chain(&typed.parent).cloned().collect();
        let found = uses(flattener, &inner, owner)?;
        Some(if flattener.types.names.in_project(found) { found } else { base.span })
    })
}
