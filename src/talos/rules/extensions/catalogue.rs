//! The whole catalogue: read only when a finding needs a suggestion.

use std::rc::Rc;

use super::node::{is_available, provides, words};
use crate::flatten::{Flat, Flattener};
use crate::kinds;
use crate::resolve::DeclId;
use crate::text::Text;
use crate::version::Version;
use crate::world::stdlib;

/// An extension of the catalogue of one version.
pub(super) struct Entry {
    pub(super) name: Text,
    flat: Rc<Flat>,
}

/// Every extension that a version has, those of the project included.
pub(super) fn of(flattener: &mut Flattener<'_>, talos: &Version) -> Vec<Entry> {
    let mut ids: Vec<DeclId> = Vec::new();
    for item in stdlib::of_kind("extension") {
        ids.extend(flattener.types.names.std_item(item.module, kinds::EXTENSION, item.name));
    }
    let own = flattener.types.names.project_decls();
    ids.extend(own.into_iter().filter(|&id| flattener.types.names.decl(id).kind == kinds::EXTENSION));
    let mut out = Vec::new();
    for id in ids {
        let flat = flattener.flat(id, &Rc::default(), Some(talos));
        if is_available(flattener, id, &flat, talos) {
            out.push(Entry { name: flattener.types.names.decl(id).name.clone(), flat });
        }
    }
    out
}

/// An extension of the standard library by name, with whether a version has it.
pub(super) fn named(flattener: &mut Flattener<'_>, name: &str, talos: &Version) -> Option<(bool, Rc<Flat>)> {
    let item = stdlib::item("extension", name)?;
    let id = flattener.types.names.std_item(item.module, kinds::EXTENSION, item.name)?;
    let flat = flattener.flat(id, &Rc::default(), Some(talos));
    Some((is_available(flattener, id, &flat, talos), flat))
}

impl Entry {
    /// Whether it has a capability.
    pub(super) fn provides(&self, capability: &str) -> bool {
        provides(&self.name, &self.flat, capability)
    }
    /// Words of a list that it says.
    pub(super) fn list(&self, path: &[&str]) -> Vec<&str> {
        words(&self.flat.fields, path)
    }
}

/// The names of those that fit.
pub(super) fn names(entries: &[Entry], fits: impl Fn(&Entry) -> bool) -> Vec<Text> {
    entries.iter().filter(|entry| fits(entry)).map(|entry| entry.name.clone()).collect()
}
