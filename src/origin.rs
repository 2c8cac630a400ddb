//! Where each leaf of the output came from: interned, so that a node carries four bytes.

use crate::flatten::{Slot, Step, Verb};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::tree::Origin;

/// The origins of one compilation.
#[derive(Debug, Default)]
pub struct Origins {
    list: Vec<Record>,
}

#[derive(Debug)]
struct Record {
    last: Step,
    earlier: Box<[Step]>,
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
        self.list.push(Record { last, earlier: earlier.into() });
        Origin(self.list.len() as u32 - 1)
    }
    /// The history behind an origin, oldest step first.
    pub fn steps(&self, origin: Origin) -> Vec<Step> {
        self.list
            .get(origin.0 as usize)
            .map(|record| record.earlier.iter().copied().chain([record.last]).collect())
            .unwrap_or_default()
    }
    /// The place of the last step.
    pub fn span(&self, origin: Origin) -> Option<Span> {
        self.list.get(origin.0 as usize).map(|record| record.last.span)
    }
}
