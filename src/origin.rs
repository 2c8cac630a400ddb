//! Where each leaf of the output came from: interned, so that a node carries four bytes.

use rustc_hash::FxHashMap;

use crate::flatten::{Slot, Step, Verb};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::tree::Origin;

/// The origins of one compilation.
#[derive(Debug, Default)]
pub struct Origins {
    list: Vec<Step>,
    /// The steps before the last one; most have none.
    earlier: FxHashMap<u32, Box<[Step]>>,
}

impl Origins {
    /// The origin of a field: its whole history.
    pub fn of(&mut self, slot: &Slot) -> Origin {
        match slot.steps.as_slice() {
            [] => Origin::NONE,
            [earlier @ .., last] => self.push(*last, earlier),
        }
    }
    /// The origin of one place.
    pub fn at(&mut self, span: Span, owner: DeclId) -> Origin {
        self.push(Step { verb: Verb::Set, span, owner }, &[])
    }
    fn push(&mut self, last: Step, earlier: &[Step]) -> Origin {
        let at = self.list.len() as u32;
        self.list.push(last);
        if !earlier.is_empty() {
            self.earlier.insert(at, earlier.into());
        }
        Origin(at)
    }
    /// The history behind an origin, oldest step first.
    pub fn steps(&self, origin: Origin) -> Vec<Step> {
        let earlier = self.earlier.get(&origin.0).into_iter().flatten().copied();
        earlier.chain(self.list.get(origin.0 as usize).copied()).collect()
    }
    /// The place of the last step.
    pub fn span(&self, origin: Origin) -> Option<Span> {
        self.list.get(origin.0 as usize).map(|last| last.span)
    }
}
