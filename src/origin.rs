//! Where each leaf of the output came from: interned, so that a node carries four bytes.

use rustc_hash::FxHashMap;

use crate::flatten::{Slot, Step, Verb};
use crate::resolve::DeclId;
use crate::source::{FileId, Span};
use crate::tree::{Node, Origin, Value};

/// The origins of one compilation.
#[derive(Debug, Default)]
pub struct Origins {
    list: Vec<Step>,
    /// The steps before the last one; most have none.
    earlier: FxHashMap<u32, Box<[Step]>>,
    /// What the lines of texts are, by the origin that each such text has for itself.
    texts: FxHashMap<u32, Lines>,
}

/// Where the lines of a text come from that is YAML inside of YAML.
#[derive(Debug)]
pub enum Lines {
    /// It was written from nodes: the origin of each line.
    Each(Box<[Origin]>),
    /// It is a file as it stands.
    File(FileId),
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
    /// An origin for one text alone: the history of `whole`, and what each of its lines is.
    pub fn of_text(&mut self, whole: Origin, lines: Lines) -> Origin {
        let Some(last) = self.list.get(whole.0 as usize).copied() else { return whole };
        let earlier = self.earlier.get(&whole.0).cloned().unwrap_or_default();
        let own = self.push(last, &earlier);
        self.texts.insert(own.0, lines);
        own
    }
    /// The lines of the text of an origin, if it is of a text.
    pub fn lines(&self, origin: Origin) -> Option<&Lines> {
        self.texts.get(&origin.0)
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
    /// Where a node was written: its own place, or the first one inside of it.
    pub fn place(&self, node: &Node) -> Option<Span> {
        self.span(node.origin).or_else(|| match &node.value {
            Value::Map(map) => map.iter().find_map(|(_, node)| self.place(node)),
            Value::Seq(items) => items.iter().find_map(|node| self.place(node)),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Str(_) => None,
        })
    }
    /// The last step of the history behind an origin.
    pub fn last(&self, origin: Origin) -> Option<Step> {
        self.list.get(origin.0 as usize).copied()
    }
    /// The place of the last step.
    pub fn span(&self, origin: Origin) -> Option<Span> {
        self.list.get(origin.0 as usize).map(|last| last.span)
    }
}
