//! Values as nodes.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diagnostics::Diagnostic;
use crate::flatten::{Elem, Fields, Flattener, ListSlot, Slot, Slotted};
use crate::origin::Origins;
use crate::source::Span;
use crate::talos::ReadFile;
use crate::text::{Text, format_text};
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::{Val, literal};

/// What lowering works with: the declarations, the table of origins, and where findings go.
pub struct Lowering<'l, 'a> {
    /// The declarations.
    pub flattener: &'l mut Flattener,
    /// The origins.
    pub origins: &'a mut Origins,
    /// The documents of files that were read, by path; `None` for those with faults, which are reported.
    pub(super) files: FxHashMap<Text, Option<Arc<PatchFile>>>,
}

/// A file that was read, and the documents in it that say something.
pub(super) type PatchFile = (ReadFile, Vec<Node>);

impl<'l, 'a> Lowering<'l, 'a> {
    /// Over the declarations of a compilation.
    pub fn new(flattener: &'l mut Flattener, origins: &'a mut Origins) -> Self {
        Lowering { flattener, origins, files: FxHashMap::default() }
    }
}

impl Lowering<'_, '_> {
    /// Reports a finding.
    pub fn report(&mut self, finding: Diagnostic) {
        self.flattener.report(finding);
    }

    /// The words of an item before its body.
    pub fn head(&self, item: Span) -> Span {
        self.flattener.types.names.sources.head(item)
    }

    /// A scalar as a node.
    pub fn scalar(&mut self, val: &Val, origin: Origin) -> Node {
        Node::new(scalar(val), origin)
    }

    /// A scalar as text: what a string-typed field of Talos wants.
    pub fn text(&mut self, slot: &Slot) -> Option<Node> {
        let origin = self.origins.of(slot);
        let text = show(slot.leaf()?)?;
        Some(Node::str(text, origin))
    }

    /// The elements of a list as text nodes.
    pub fn texts(&mut self, list: &ListSlot) -> Vec<Node> {
        self.elements(&list.items)
    }

    /// Elements as text nodes.
    pub fn elements<'e>(&mut self, elems: impl IntoIterator<Item = &'e Elem>) -> Vec<Node> {
        elems.into_iter().filter_map(|elem| self.element(elem)).collect()
    }

    fn element(&mut self, elem: &Elem) -> Option<Node> {
        let text = show(&elem.val)?;
        Some(Node::str(text, self.origins.at(elem.span, elem.owner)))
    }

    /// A map of text to text.
    pub fn text_map(&mut self, fields: &Fields) -> Map {
        fields.iter().filter_map(|(key, slot)| Some((key.clone(), self.text(slot)?))).collect()
    }

    /// Any field as it stands.
    pub fn node(&mut self, slot: &Slot) -> Option<Node> {
        let origin = self.origins.of(slot);
        Some(match &slot.value {
            Slotted::Leaf(val) => self.value(val, origin),
            Slotted::List(list) => {
                let items = list.items.iter().map(|elem| {
                    let origin = self.origins.at(elem.span, elem.owner);
                    self.value(&elem.val, origin)
                });
                Node::seq(items.collect(), origin)
            }
            Slotted::Map(fields) => Node::map(self.fields(fields), origin),
            Slotted::Deleted => {
                let mut map = Map::new();
                map.insert("$patch", Node::str("delete", origin));
                Node::map(map, origin)
            }
            Slotted::Unset | Slotted::Removed => return None,
        })
    }

    /// A field of which the levels above say `before`: of the lists in it, what those lack. `None` if nothing is left to say.
    pub fn beside(&mut self, slot: &Slot, before: Option<&Slot>) -> Option<Node> {
        let origin = self.origins.of(slot);
        match (&slot.value, before.map(|before| &before.value)) {
            (Slotted::Map(own), Some(Slotted::Map(before))) => {
                let rest = own
                    .iter()
                    .filter_map(|(key, slot)| Some((key.clone(), self.beside(slot, before.get(key))?)));
                let rest: Map = rest.collect();
                (!rest.is_empty() || own.is_empty()).then(|| Node::map(rest, origin))
            }
            (Slotted::List(own), Some(Slotted::List(before))) => {
                let fresh = own.beside(before).filter(|(_, there)| there.is_none());
                let items: Vec<Node> = fresh
                    .map(|(elem, _)| {
                        let origin = self.origins.at(elem.span, elem.owner);
                        self.value(&elem.val, origin)
                    })
                    .collect();
                (!items.is_empty()).then(|| Node::seq(items, origin))
            }
            _ => self.node(slot),
        }
    }

    /// The fields of a block as they stand.
    pub fn fields(&mut self, fields: &Fields) -> Map {
        fields.iter().filter_map(|(key, slot)| Some((key.clone(), self.node(slot)?))).collect()
    }

    fn value(&mut self, val: &Val, origin: Origin) -> Node {
        match val {
            Val::List(items, _) => {
                Node::seq(items.iter().map(|item| self.value(&item.val, origin)).collect(), origin)
            }
            Val::Fields(fields) => Node::map(self.fields(fields), origin),
            _ => self.scalar(val, origin),
        }
    }
}

/// A scalar as a value of the output.
pub(super) fn scalar(val: &Val) -> Value {
    match val {
        Val::Bool(b) => Value::Bool(*b),
        Val::Int(n) => Value::Int(*n),
        Val::Decimal(text) => Value::Decimal(text.clone()),
        other => show(other).map_or(Value::Null, Value::Str),
    }
}

/// A scalar as text, as Talos and Omni write it.
pub fn show(val: &Val) -> Option<Text> {
    Some(match val {
        Val::Bool(b) => b.to_string().into(),
        Val::Int(n) => format_text!("{n}"),
        Val::Decimal(text) | Val::Str(text) | Val::Word(text) => text.clone(),
        Val::Size(size) => size.text.clone(),
        Val::Duration(nanos) => literal::show_duration(*nanos).into(),
        Val::Version(version) => format_text!("{version}"),
        Val::Ip(ip) => format_text!("{ip}"),
        Val::Prefixed(ip, prefix) => format_text!("{ip}/{prefix}"),
        Val::Address(address) => format_text!("{}/{}", address.ip, address.prefix),
        _ => return None,
    })
}
