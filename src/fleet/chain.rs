//! The chain of levels that leads to a place: cluster, set, machine.
//!
//! Everything that asks what holds somewhere asks its chain: lowering, rules, invariants, the lists of Omni, `explain`. A level keeps
//! what it says itself, and of the fields that it and a level above both say what comes of them, folded when it is placed; every other
//! field is found by looking up. So a set costs what it says and a machine costs what it says, however much holds for them.

use smallvec::SmallVec;

use super::{Cluster, Member, Set};
use crate::flatten::{Fields, ListSlot, Slot};
use crate::kinds;
use crate::text::Text;
use crate::typing::Val;

/// A cluster, a set or a machine with the levels above it.
#[derive(Clone, Copy, Debug)]
pub struct Chain<'f> {
    cluster: &'f Fields,
    set: Option<SetLevel<'f>>,
    machine: Option<&'f Member>,
}

/// What a set says, and what comes of it where the cluster says the same field.
#[derive(Clone, Copy, Debug)]
struct SetLevel<'f> {
    own: &'f Fields,
    over: &'f Fields,
}

impl<'f> Chain<'f> {
    /// A cluster.
    pub fn of_cluster(cluster: &'f Cluster) -> Self {
        Chain::top(&cluster.flat.fields)
    }

    /// A set.
    pub fn of_set(cluster: &'f Cluster, set: &'f Set) -> Self {
        Chain::of_cluster(cluster).with_set(&set.own, &set.over)
    }

    /// A machine of a set, listed or picked up by its class.
    pub fn of_machine(cluster: &'f Cluster, set: &'f Set, machine: &'f Member) -> Self {
        Chain::of_set(cluster, set).with_machine(machine)
    }

    /// The machine of a set, below the set.
    pub fn with_machine(self, machine: &'f Member) -> Self {
        Chain { machine: Some(machine), ..self }
    }

    pub(super) fn top(cluster: &'f Fields) -> Self {
        Chain { cluster, set: None, machine: None }
    }

    pub(super) fn with_set(self, own: &'f Fields, over: &'f Fields) -> Self {
        Chain { set: Some(SetLevel { own, over }), ..self }
    }

    /// What the level says itself.
    pub fn own(&self) -> &'f Fields {
        match (self.machine, self.set) {
            (Some(machine), _) => &machine.flat.fields,
            (None, Some(set)) => set.own,
            (None, None) => self.cluster,
        }
    }

    /// The level above.
    pub fn above(&self) -> Option<Chain<'f>> {
        match (self.machine, self.set) {
            (Some(_), _) => Some(Chain { machine: None, ..*self }),
            (None, Some(_)) => Some(Chain { set: None, ..*self }),
            (None, None) => None,
        }
    }

    /// The cluster that the chain begins with: fields that are of no node are its alone.
    pub fn cluster(&self) -> &'f Fields {
        self.cluster
    }

    /// What each level says itself, the nearest first.
    pub fn levels(&self) -> SmallVec<[&'f Fields; 3]> {
        std::iter::successors(Some(*self), Chain::above).map(|level| level.own()).collect()
    }

    /// What holds of a field, with what was unset or removed.
    pub fn raw(&self, field: &str) -> Option<&'f Slot> {
        let own = self.own().raw(field);
        let above = self.above().and_then(|above| above.inherited(field));
        match above.filter(|_| kinds::comes_down(field)) {
            Some(above) => self.joined(own, Some(above), field),
            None => own,
        }
    }

    /// The same of a field that is known to hold for the levels below.
    fn inherited(&self, field: &str) -> Option<&'f Slot> {
        let own = self.own().raw(field);
        match self.above() {
            Some(above) => self.joined(own, above.inherited(field), field),
            None => own,
        }
    }

    fn joined(&self, own: Option<&'f Slot>, above: Option<&'f Slot>, field: &str) -> Option<&'f Slot> {
        match (own, above) {
            (Some(own), Some(_)) => self.over().raw(field).or(Some(own)),
            (own, above) => own.or(above),
        }
    }

    /// The fields of which both the level and one above it say something, with what comes of them.
    fn over(&self) -> &'f Fields {
        match (self.machine, self.set) {
            (Some(machine), _) => machine.over.get_or_init(|| {
                let above = Chain { machine: None, ..*self };
                Box::new(above.fold(&machine.flat.fields))
            }),
            (None, Some(set)) => set.over,
            (None, None) => self.cluster,
        }
    }

    /// What comes of the fields that this level and one below it both say. It is kept for each level; the fields that only one of
    /// them says are not copied.
    pub(super) fn fold(&self, below: &Fields) -> Fields {
        let both =
            below.iter_raw().filter(|(name, _)| kinds::comes_down(name)).filter_map(|(name, later)| {
                let mut slot = self.raw(name)?.clone();
                slot.place(later);
                Some((name.clone(), slot))
            });
        Fields::made(both)
    }

    /// What holds of a field, if something sets it.
    pub fn get(&self, field: &str) -> Option<&'f Slot> {
        self.raw(field).filter(|slot| slot.is_set())
    }

    /// What holds at a path of names.
    pub fn at(&self, path: &[&str]) -> Option<&'f Slot> {
        let (first, rest) = path.split_first()?;
        let slot = self.get(first)?;
        if rest.is_empty() { Some(slot) } else { slot.map()?.at(rest) }
    }

    /// The value of a scalar field.
    pub fn leaf(&self, field: &str) -> Option<&'f Val> {
        self.get(field)?.leaf()
    }

    /// The elements of a list field.
    pub fn list(&self, field: &str) -> Option<&'f ListSlot> {
        self.get(field)?.list()
    }

    /// The fields of a block or map field.
    pub fn block(&self, field: &str) -> Option<&'f Fields> {
        self.get(field)?.map()
    }

    /// All that holds, with what was unset or removed, in order of first appearance from the cluster down.
    pub fn fields(&self) -> Fields {
        Fields::made(
            self.names().into_iter().filter_map(|name| Some((name.clone(), self.raw(name)?.clone()))),
        )
    }

    fn names(&self) -> Vec<&'f Text> {
        let above = self.above().map(|above| above.names()).unwrap_or_default();
        let mut out: Vec<&Text> = above.into_iter().filter(|name| kinds::comes_down(name)).collect();
        let inherited = out.len();
        out.extend(self.own().iter_raw().map(|(name, _)| name));
        let mut at = 0;
        let known: rustc_hash::FxHashSet<&Text> = out[..inherited].iter().copied().collect();
        out.retain(|name| {
            at += 1;
            at <= inherited || !known.contains(name)
        });
        out
    }
}
