//! The whole catalogue: read only when a finding needs a suggestion.

use std::sync::{Arc, OnceLock};

use super::node::{is_available, provides, words};
use crate::diagnostics::Diagnostics;
use crate::flatten::{Flat, Flattener};
use crate::kinds;
use crate::resolve::DeclId;
use crate::text::Text;
use crate::typing::{Program, Types};
use crate::version::Version;
use crate::world::stdlib;

/// An extension of the catalogue of one version.
pub(super) struct Entry {
    pub(super) name: Text,
    flat: Arc<Flat>,
}

/// Every extension of the standard library, as a program of its own: what the sources name of it is parsed anyway, and the rest
/// only here.
static ALL: OnceLock<(Arc<Program>, Vec<DeclId>)> = OnceLock::new();

fn all() -> (Flattener, &'static [DeclId]) {
    let (program, ids) = ALL.get_or_init(|| {
        let mut types = Types::of_std();
        let items = stdlib::of_kind("extension").iter();
        let ids = items.filter_map(|item| types.names.std_item(item.module, kinds::EXTENSION, item.name));
        let ids = ids.collect();
        (Arc::new(types.freeze().0), ids)
    });
    (Flattener::new(program.clone(), Diagnostics::new()), ids)
}

/// Every extension that a version has, those of the project included.
pub(super) fn of(flattener: &mut Flattener, talos: &Version) -> Vec<Entry> {
    let (mut std, ids) = all();
    let mut out: Vec<Entry> = ids.iter().filter_map(|&id| entry(&mut std, id, talos)).collect();
    let own = flattener.types.names.project_decls();
    let own: Vec<DeclId> =
        own.into_iter().filter(|&id| flattener.types.names.decl(id).kind == kinds::EXTENSION).collect();
    out.extend(own.into_iter().filter_map(|id| entry(flattener, id, talos)));
    out
}

fn entry(flattener: &mut Flattener, id: DeclId, talos: &Version) -> Option<Entry> {
    let flat = flattener.flat(id, &Arc::default(), Some(talos));
    let name = flattener.types.names.decl(id).name.clone();
    is_available(flattener, id, &flat, talos).then_some(Entry { name, flat })
}

/// An extension of the standard library by name, with whether a version has it.
pub(super) fn named(name: &str, talos: &Version) -> Option<(bool, Arc<Flat>)> {
    let (mut std, ids) = all();
    let id = ids.iter().copied().find(|&id| std.types.names.decl(id).name == name)?;
    let flat = std.flat(id, &Arc::default(), Some(talos));
    Some((is_available(&mut std, id, &flat, talos), flat))
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
