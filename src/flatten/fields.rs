//! Fields with their histories: what inheritance comes to.

use std::sync::Arc;

use super::lists::Prints;
use crate::resolve::DeclId;
use crate::small_map::SmallMap;
use crate::source::Span;
use crate::text::Text;
use crate::typing::{EntryOp, ListKind, Val};

/// Fields of a declaration, a set or a block, in order of first appearance.
#[derive(Debug, Default, Clone)]
pub struct Fields {
    pub(crate) map: SmallMap<Slot>,
}

/// One field: what it is, and who made it so.
#[derive(Debug, Clone)]
pub struct Slot {
    /// What it is.
    pub value: Slotted,
    /// Who did what, oldest first.
    pub steps: Steps,
    /// What hardly any field has: a fleet has hundreds of thousands of fields.
    rare: Option<Box<Rare>>,
}

/// What hardly any field has.
#[derive(Debug, Default, Clone)]
struct Rare {
    sealed: Option<Span>,
    replaces: Option<Replaces>,
    conflict: Option<Conflict>,
    entry: Option<Arc<EntryOp>>,
}

/// An `override`, `unset` or `remove` that holds for higher levels too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replaces {
    /// Where the word stands.
    pub at: Span,
    /// There was something of its own level for it, so that nothing need be above.
    pub met: bool,
}

/// What a field is.
#[derive(Debug, Clone)]
pub enum Slotted {
    /// One value.
    Leaf(Val),
    /// A list or set.
    List(Box<ListSlot>),
    /// A block or map.
    Map(Fields),
    /// `unset`: as if nothing had set it.
    Unset,
    /// `remove` of an entry that a higher level has.
    Removed,
    /// `delete` in a patch.
    Deleted,
}

/// The elements of a list.
#[derive(Debug, Clone)]
pub struct ListSlot {
    /// Set or list.
    pub kind: ListKind,
    /// Its elements.
    pub items: Vec<Elem>,
    /// Elements taken from what a higher level says.
    pub taken: Vec<Elem>,
    /// Elements that it had and that were taken away or replaced: another mixin of the same base may still have them.
    pub dropped: Vec<Elem>,
    /// Whether `=` gave it a beginning, rather than only `+=` and `-=`.
    pub based: bool,
    /// What its elements are, while one body adds to it line by line.
    pub(super) prints: Prints,
}

/// An element and who added it.
#[derive(Debug, Clone)]
pub struct Elem {
    /// The element.
    pub val: Val,
    /// Where it stands.
    pub span: Span,
    /// The declaration that wrote it.
    pub owner: DeclId,
    /// It is taken away, and a role of the same level had it: whether a higher level has it too does not matter.
    pub met: bool,
}

/// A history; most have one step.
pub type Steps = smallvec::SmallVec<[Step; 1]>;

/// One step of a history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// What was done.
    pub verb: Verb,
    /// Where.
    pub span: Span,
    /// By which declaration.
    pub owner: DeclId,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `=`
    Set,
    /// `override … =`
    Override,
    /// `+=`
    Add,
    /// `-=`
    Take,
    /// `{ … }`
    Merge,
    /// `unset`
    Unset,
    /// `remove`
    Remove,
    /// `delete`
    Delete,
}

impl Verb {
    /// For a history: "set", "added", …
    pub fn past(self) -> &'static str {
        match self {
            Verb::Set => "set",
            Verb::Override => "overridden",
            Verb::Add => "added to",
            Verb::Take => "taken from",
            Verb::Merge => "declared",
            Verb::Unset => "unset",
            Verb::Remove => "removed",
            Verb::Delete => "deleted",
        }
    }
}

/// Two sources that set one field differently.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// Where the first set it.
    pub first: Step,
    /// Where the second set it.
    pub second: Step,
    /// What the second says.
    pub other: Val,
}

impl ListSlot {
    /// A list without elements.
    pub fn new(kind: ListKind, based: bool) -> ListSlot {
        ListSlot {
            kind,
            items: Vec::new(),
            taken: Vec::new(),
            dropped: Vec::new(),
            based,
            prints: Prints::default(),
        }
    }
}

impl Slot {
    /// A field with one step of history.
    pub fn new(value: Slotted, step: Step) -> Slot {
        Slot { value, steps: smallvec::smallvec![step], rare: None }
    }
    /// A field with a history of its own.
    pub(super) fn with_steps(value: Slotted, steps: Steps) -> Slot {
        Slot { value, steps, rare: None }
    }
    /// The same, in the place of what a higher level says.
    #[must_use]
    pub fn replacing(mut self, at: Option<Replaces>) -> Slot {
        self.set_replaces(at);
        self
    }
    /// Where it was made final.
    pub fn sealed(&self) -> Option<Span> {
        self.rare.as_ref()?.sealed
    }
    /// Says where it was.
    pub(super) fn set_sealed(&mut self, at: Option<Span>) {
        self.keep(at, |rare| &mut rare.sealed);
    }
    /// It stands in the place of what a higher level says, which is not known here.
    pub fn replaces(&self) -> Option<Replaces> {
        self.rare.as_ref()?.replaces
    }
    /// Says whether it does.
    pub(super) fn set_replaces(&mut self, replaces: Option<Replaces>) {
        self.keep(replaces, |rare| &mut rare.replaces);
    }
    /// Two mixins disagree about it and nobody has decided.
    pub fn conflict(&self) -> Option<&Conflict> {
        self.rare.as_ref()?.conflict.as_ref()
    }
    /// Says whether they do.
    pub(super) fn set_conflict(&mut self, conflict: Option<Conflict>) {
        self.keep(conflict, |rare| &mut rare.conflict);
    }
    /// The named block it is, with its marks and file.
    pub fn entry(&self) -> Option<&Arc<EntryOp>> {
        self.rare.as_ref()?.entry.as_ref()
    }
    /// Says which named block it is.
    pub(super) fn set_entry(&mut self, entry: Option<Arc<EntryOp>>) {
        self.keep(entry, |rare| &mut rare.entry);
    }
    fn keep<T>(&mut self, what: Option<T>, place: impl FnOnce(&mut Rare) -> &mut Option<T>) {
        if what.is_some() || self.rare.is_some() {
            *place(self.rare.get_or_insert_default()) = what;
        }
    }
    /// The last step that made the value what it is.
    pub fn last(&self) -> Option<&Step> {
        self.steps.last()
    }
    /// Where the value was last changed.
    pub fn span(&self) -> Option<Span> {
        self.steps.last().map(|step| step.span)
    }
    /// The value, if it is one.
    pub fn leaf(&self) -> Option<&Val> {
        match &self.value {
            Slotted::Leaf(val) => Some(val),
            _ => None,
        }
    }
    /// The list, if it is one.
    pub fn list(&self) -> Option<&ListSlot> {
        match &self.value {
            Slotted::List(list) => Some(list),
            _ => None,
        }
    }
    /// The fields, if it is a block or map.
    pub fn map(&self) -> Option<&Fields> {
        match &self.value {
            Slotted::Map(fields) => Some(fields),
            _ => None,
        }
    }
    /// Whether a file holds the body of the named block that it is.
    pub fn is_file(&self) -> bool {
        self.entry().is_some_and(|entry| entry.file.is_some())
    }
    /// Whether something sets it.
    pub fn is_set(&self) -> bool {
        !matches!(self.value, Slotted::Unset | Slotted::Removed)
    }
}

impl Fields {
    /// Fields from their names and contents.
    pub fn made(fields: impl Iterator<Item = (Text, Slot)>) -> Fields {
        Fields { map: fields.collect() }
    }
    /// A field that is set.
    pub fn get(&self, name: &str) -> Option<&Slot> {
        self.map.get(name).filter(|slot| slot.is_set())
    }
    /// A field with what was unset or removed too.
    pub fn raw(&self, name: &str) -> Option<&Slot> {
        self.map.get(name)
    }
    /// The value of a scalar field.
    pub fn leaf(&self, name: &str) -> Option<&Val> {
        self.get(name)?.leaf()
    }
    /// The elements of a list field.
    pub fn list(&self, name: &str) -> Option<&ListSlot> {
        self.get(name)?.list()
    }
    /// The fields of a block or map field.
    pub fn block(&self, name: &str) -> Option<&Fields> {
        self.get(name)?.map()
    }
    /// A field at a path of names.
    pub fn at(&self, path: &[&str]) -> Option<&Slot> {
        let (last, blocks) = path.split_last()?;
        blocks.iter().try_fold(self, |fields, name| fields.block(name))?.get(last)
    }
    /// Fields that are set, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Slot)> {
        self.map.iter().filter(|(_, slot)| slot.is_set())
    }
    /// All fields, with what was unset or removed, in order.
    pub fn iter_raw(&self) -> impl Iterator<Item = (&Text, &Slot)> {
        self.map.iter()
    }
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
    /// How many are set.
    pub fn len(&self) -> usize {
        self.iter().count()
    }
    /// Whether two blocks say the same.
    pub fn same(&self, other: &Fields) -> bool {
        self.len() == other.len()
            && self.iter().all(|(name, slot)| {
                other.get(name).is_some_and(|other| same_value(&slot.value, &other.value))
            })
    }
}

/// Whether two fields hold the same.
pub(crate) fn same_value(a: &Slotted, b: &Slotted) -> bool {
    match (a, b) {
        (Slotted::Leaf(a), Slotted::Leaf(b)) => a == b,
        (Slotted::List(a), Slotted::List(b)) => {
            a.items.len() == b.items.len() && a.items.iter().zip(&b.items).all(|(a, b)| a.val == b.val)
        }
        (Slotted::Map(a), Slotted::Map(b)) => a.same(b),
        (Slotted::Unset, Slotted::Unset)
        | (Slotted::Removed, Slotted::Removed)
        | (Slotted::Deleted, Slotted::Deleted) => true,
        _ => false,
    }
}
