//! The overlay: what a machine gets once the patches of all levels are merged onto what Talos generates.
//!
//! A set is worked out once; a machine keeps what it changes of its set. Omni's order of levels and patches is handed in, since this
//! phase knows nothing of templates. The patch by which Omni tells a machine where Omni is does not count.

mod change;
mod cluster;
mod delete;
mod merge;
mod rules;

pub use change::ConfigView;
pub use cluster::{Made, Merging, Order, Overlay, Owner};
pub use merge::{Fault, Refusal, Twice};

use self::change::Change;
use self::delete::{Selector, Target};
use self::merge::Merger;
use self::rules::MergeSpot;
use std::borrow::Cow;

use crate::source::Span;
use crate::text::Text;
use crate::tree::{Node, Value};
use crate::world::config;

/// What one or several levels say of the documents of a machine.
#[derive(Debug, Default)]
pub struct Layer {
    entries: Vec<Entry>,
    /// Files that are not read: what they say is unknown.
    unread: Vec<Span>,
    /// What Talos refuses to merge.
    faults: Vec<Fault>,
    /// What comes to stand in a list twice.
    twice: Vec<Twice>,
}

/// What a layer says of one document.
#[derive(Debug)]
struct Entry {
    kind: Text,
    name: Text,
    change: Change,
    /// It stands behind the documents of the levels below, and not in the place of one.
    last: bool,
}

/// The documents of a patch in the order in which they are merged.
#[derive(Debug, Clone)]
pub enum Content<'p> {
    /// Read.
    Documents(Cow<'p, [Node]>),
    /// A file that is not read, and where it is named.
    Unread(Span),
}

/// The effective configuration of a machine, or of the machines of a set that say nothing of their own.
#[derive(Debug, Clone, Copy)]
pub struct Config<'c> {
    /// What Talos generates; `None` if that is not known for the version.
    base: Option<&'c Layer>,
    set: &'c Layer,
    own: Option<&'c Layer>,
}

/// A document of an effective configuration.
#[derive(Debug, Clone, Copy)]
pub struct Document<'c> {
    /// Its kind; empty for the v1alpha1 document.
    pub kind: &'c str,
    /// Its name, if its kind has one.
    pub name: &'c str,
    /// What stands in it.
    pub view: ConfigView<'c>,
}

impl Layer {
    /// A layer of whole documents.
    pub(super) fn of_documents(documents: Vec<Node>) -> Layer {
        let entry = |document: Node| {
            let (kind, name) = id(&document);
            Entry { kind, name, change: Change::Whole(document), last: true }
        };
        Layer { entries: documents.into_iter().map(entry).collect(), ..Layer::default() }
    }

    /// A document that no level below says, if it is one.
    pub(super) fn whole(&self, kind: &str, name: &str) -> Option<&Node> {
        match &self.find(kind, name)?.change {
            Change::Whole(node) => Some(node),
            Change::Gone | Change::Over(_) => None,
        }
    }

    /// The kinds of the documents.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.kind.as_str())
    }

    fn find(&self, kind: &str, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.kind == kind && entry.name == name)
    }

    /// Merges a patch onto this layer and what stands below it, for a minor of Talos 1.
    pub(super) fn merge(
        &mut self,
        below: Option<Config<'_>>,
        base: Option<&Layer>,
        patch: Content<'_>,
        minor: u16,
    ) {
        let documents = match patch {
            Content::Documents(documents) => documents,
            Content::Unread(at) => return self.unread.push(at),
        };
        let mut merger = Merger::default();
        for document in documents.iter() {
            let (kind, name) = id(document);
            let under = match below {
                Some(below) => below.document(&kind, &name),
                None => base
                    .and_then(|base| base.find(&kind, &name))
                    .and_then(|entry| ConfigView::of([Some(&entry.change)].into_iter())),
            };
            let before = merger.faults.len();
            let (selectors, rest) = delete::split(document);
            for selector in &selectors {
                self.take(&mut merger, (&kind, &name), under, selector, minor);
            }
            if let Some(rest) = rest {
                self.put(&mut merger, (&kind, &name), under, &rest, minor);
            }
            for fault in &mut merger.faults[before..] {
                let named = |name: &Text| Some(name.clone()).filter(|name| !name.is_empty());
                fault.place.document = named(&kind).map(|kind| config::Document { kind, name: named(&name) });
            }
        }
        self.faults.append(&mut merger.faults);
        self.twice.append(&mut merger.twice);
    }

    /// Merges a document.
    fn put(
        &mut self,
        merger: &mut Merger,
        (kind, name): (&Text, &Text),
        below: Option<ConfigView<'_>>,
        rest: &Node,
        minor: u16,
    ) {
        let mut own = self.entry(kind, name).map(|entry| std::mem::replace(&mut entry.change, Change::Gone));
        // What was taken away and is said again stands behind the others.
        let gone = matches!(own, Some(Change::Gone));
        let below = below.filter(|_| !gone);
        if gone {
            own = None;
            self.entries.retain(|entry| (&entry.kind, &entry.name) != (kind, name));
        }
        let known = own.is_some() || below.is_some();
        let at = MergeSpot::document(kind, minor);
        let mut change = merger.change(own, below, rest, &at);
        if known {
            for path in at
                .forgotten()
                .into_iter()
                .filter(|path| rest.at(path).is_none_or(|node| node.value == Value::Null))
            {
                change = merger.without(change, below, &path);
            }
        }
        self.set(kind, name, change, !known || gone);
    }

    /// Takes a document or a part of one away.
    fn take(
        &mut self,
        merger: &mut Merger,
        (kind, name): (&Text, &Text),
        below: Option<ConfigView<'_>>,
        selector: &Selector<'_>,
        minor: u16,
    ) {
        let own = self.entry(kind, name).map(|entry| std::mem::replace(&mut entry.change, Change::Gone));
        let last = self.find(kind, name).is_some_and(|entry| entry.last);
        let there = match (&own, below) {
            (Some(Change::Whole(node)), _) => Some(ConfigView::node(node)),
            (own, Some(below)) => below.under(own.as_ref()),
            (_, None) => None,
        };
        let target = there.and_then(|view| view.at(&selector.path));
        let change = match (selector.target, target) {
            (Target::Key, Some(_)) => Ok(merger.without(own, below, &selector.path)),
            (Target::Element(key, value), Some(target)) => {
                let items = target.as_seq().unwrap_or_default();
                let named = |item: &Node| item.at(&[key]).is_some_and(|node| node == value);
                match items.iter().position(named) {
                    Some(found) => {
                        let mut left = items.to_vec();
                        left.remove(found);
                        let left = nest(&selector.path, Node::seq(left, selector.at.origin));
                        let emptied = merger.without(own, below, &selector.path);
                        Ok(merger.change(emptied, below, &left, &MergeSpot::document(kind, minor)))
                    }
                    None => Err(own),
                }
            }
            // A field of a block is there even if nothing sets it.
            (Target::Key, None) if there.is_some_and(|view| is_field(view, kind, &selector.path, minor)) => {
                return self.set(kind, name, own, last);
            }
            _ => Err(own),
        };
        match change {
            Ok(_) if selector.path.is_empty() && below.is_some() => {
                self.set(kind, name, Some(Change::Gone), last)
            }
            Ok(change) => self.set(kind, name, change, last),
            // Since 1.14 it is no mistake to delete a document that is not there.
            Err(own) if selector.is_document() && minor >= 14 => self.set(kind, name, own, last),
            Err(own) => {
                merger.faults.push(selector.refused());
                self.set(kind, name, own, last);
            }
        }
    }

    fn entry(&mut self, kind: &str, name: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.kind == kind && entry.name == name)
    }

    fn set(&mut self, kind: &Text, name: &Text, change: Option<Change>, last: bool) {
        match (change, self.entry(kind, name)) {
            (Some(change), Some(entry)) => entry.change = change,
            (Some(change), None) => {
                self.entries.push(Entry { kind: kind.clone(), name: name.clone(), change, last });
            }
            (None, _) => self.entries.retain(|entry| (&entry.kind, &entry.name) != (kind, name)),
        }
    }
}

/// Whether a path ends at a field of a block that stands in a document.
fn is_field(document: ConfigView<'_>, kind: &str, path: &[&str], minor: u16) -> bool {
    let Some((_, blocks)) = path.split_last() else { return false };
    let at = blocks.iter().fold(MergeSpot::document(kind, minor), |at, key| at.child(key));
    at.has_all_keys() && document.at(blocks).is_some()
}

/// A value at the end of a path.
fn nest(path: &[&str], value: Node) -> Node {
    path.iter().rev().fold(value, |inner, key| {
        let origin = inner.origin;
        Node::map([(Text::new(key), inner)].into_iter().collect(), origin)
    })
}

/// Kind and name of a document: nothing for the v1alpha1 one.
fn id(document: &Node) -> (Text, Text) {
    let text = |key: &str| document.at(&[key]).and_then(Node::as_str).unwrap_or_default();
    (Text::new(text("kind")), Text::new(text("name")))
}

impl<'c> Config<'c> {
    /// The layers, the nearest first.
    fn layers(&self) -> impl Iterator<Item = &'c Layer> {
        [self.own, Some(self.set), self.base].into_iter().flatten()
    }

    /// A document by kind and name; the v1alpha1 document has neither.
    pub fn document(&self, kind: &str, name: &str) -> Option<ConfigView<'c>> {
        let mut changes = [None; 3];
        for (change, layer) in changes.iter_mut().zip(self.layers()) {
            let entry = layer.find(kind, name);
            *change = entry.map(|entry| &entry.change);
            // What a level says anew does not lie over what stood below.
            if entry.is_some_and(|entry| entry.last) {
                break;
            }
        }
        ConfigView::of(changes.into_iter())
    }

    /// The documents: the v1alpha1 one first, then the others in the order in which they came.
    pub fn documents(&self) -> Vec<Document<'c>> {
        let mut ids = self.ids(&|_| true);
        ids.sort_by_key(|(kind, _)| !kind.is_empty());
        ids.into_iter().filter_map(self.found()).collect()
    }

    /// What stands at a path of the v1alpha1 document.
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<ConfigView<'c>> {
        self.document("", "")?.at(path)
    }

    /// The documents of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = Document<'c>> {
        self.ids(&|known| known == kind).into_iter().filter_map(self.found())
    }

    /// Whether the machine itself may say something at a path of the documents of a kind, or below or above it. What the level of its
    /// set says is as it was where it does not.
    pub fn adds_at(&self, kind: &str, path: &[&str]) -> bool {
        let own = self.own.into_iter().flat_map(|own| &own.entries);
        own.filter(|entry| entry.kind == kind).any(|entry| entry.change.concerns(path))
    }

    /// Kind and name of the documents whose kind is wanted, in the order in which they came.
    fn ids(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<(&'c Text, &'c Text)> {
        let mut ids: Vec<(&Text, &Text)> = Vec::new();
        let layers: smallvec::SmallVec<[&Layer; 3]> = self.layers().collect();
        for entry in
            layers.into_iter().rev().flat_map(|layer| &layer.entries).filter(|entry| wanted(&entry.kind))
        {
            let id = (&entry.kind, &entry.name);
            let known = ids.iter().position(|known| *known == id);
            if let Some(at) = known.filter(|_| entry.last) {
                ids.remove(at);
            }
            if entry.last || known.is_none() {
                ids.push(id);
            }
        }
        ids
    }

    fn found(self) -> impl Fn((&'c Text, &'c Text)) -> Option<Document<'c>> {
        move |(kind, name)| Some(Document { kind, name, view: self.document(kind, name)? })
    }

    /// Whether all of it is known: no file is left unread, and the version's generated configuration is known.
    pub fn is_whole(&self) -> bool {
        self.base.is_some() && self.layers().all(|layer| layer.unread.is_empty())
    }

    /// The files that are not read, each where it is named.
    pub fn unread(&self) -> impl Iterator<Item = Span> {
        self.layers().flat_map(|layer| &layer.unread).copied()
    }

    /// What Talos refuses to merge.
    pub fn faults(&self) -> impl Iterator<Item = &'c Fault> {
        self.layers().flat_map(|layer| &layer.faults)
    }

    /// What levels add to lists that have it already.
    pub fn twice(&self) -> impl Iterator<Item = &'c Twice> {
        self.layers().flat_map(|layer| &layer.twice)
    }

    /// All of it as nodes, one a document.
    pub fn to_nodes(&self) -> Vec<Node> {
        self.documents().iter().map(|document| document.view.to_node()).collect()
    }
}
