//! The standard library: its modules, and the index of their items that the build script (`stdlib/build.rs`) makes.
//!
//! A compilation looks up the items that its sources name and parses their text only: see [`item`] for what needs no
//! import (extensions, runtimes), [`item_in`] for the items of an imported module, and [`invariants_for`] for the rules
//! that judge a kind.

use super::modules::KernelModule;

/// A module: `import "std/NAME"`.
#[derive(Debug, PartialEq, Eq)]
pub struct Module {
    /// The name in an import.
    pub name: &'static str,
    /// The name in messages, `<std>/NAME.talos`.
    pub file: &'static str,
    /// The whole text.
    pub text: &'static str,
}

/// A top-level item of a module.
#[derive(Debug, PartialEq, Eq)]
pub struct Item {
    /// `extension`, `runtime`, `provider`, `role`, `invariant`, …
    pub kind: &'static str,
    /// Its name, without the module.
    pub name: &'static str,
    /// The module that holds it.
    pub module: &'static str,
    /// First byte in the text of the module, doc comments included.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// The kind that an invariant judges; empty for other items.
    pub judges: &'static str,
    /// The field that the `when` of an invariant names first, as a path below the judged item (`gpu`,
    /// `class.via.guest-agent`), or with `or` all of them between blanks: only where the sources set one of them can the
    /// invariant say anything. Empty if it names none, then it always may.
    pub trigger: &'static str,
}

impl Item {
    /// Its text, doc comments included.
    pub fn text(&self) -> &'static str {
        let text = module(self.module).map_or("", |module| module.text);
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// The lines of its doc comment, without `##`.
    pub fn docs(&self) -> impl Iterator<Item = &'static str> {
        self.text()
            .lines()
            .map_while(|line| line.strip_prefix("##"))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
    }
}

include!(concat!(env!("OUT_DIR"), "/stdlib_index.rs"));

/// Modules whose items need no import: they are named by extension lists, runtime fields and the compiler.
pub const GLOBAL: [&str; 3] = ["extensions", "rules", "runtimes"];

/// The base kernel modules, for [`super::modules`].
pub(super) fn kernel_modules() -> &'static [KernelModule] {
    KERNEL_MODULES
}

/// Every module, by name.
pub fn modules() -> &'static [Module] {
    MODULES
}

/// The module of a name.
pub fn module(name: &str) -> Option<&'static Module> {
    let at = MODULES.binary_search_by(|module| module.name.cmp(name)).ok()?;
    MODULES.get(at)
}

/// Every item, by kind, name and module.
pub fn items() -> &'static [Item] {
    ITEMS
}

/// The items of a kind, by name and module.
pub fn of_kind(kind: &str) -> &'static [Item] {
    let from = ITEMS.partition_point(|item| item.kind < kind);
    let to = from + ITEMS[from..].partition_point(|item| item.kind == kind);
    &ITEMS[from..to]
}

/// The item of a kind and name that needs no import.
pub fn item(kind: &str, name: &str) -> Option<&'static Item> {
    named(kind, name).iter().find(|item| GLOBAL.contains(&item.module))
}

/// The item of a kind and name in a module.
pub fn item_in(module: &str, kind: &str, name: &str) -> Option<&'static Item> {
    named(kind, name).iter().find(|item| item.module == module)
}

/// The items of all modules that have a kind and name: one of them may be what somebody forgot to import.
pub fn named(kind: &str, name: &str) -> &'static [Item] {
    let items = of_kind(kind);
    let from = items.partition_point(|item| item.name < name);
    let to = from + items[from..].partition_point(|item| item.name == name);
    &items[from..to]
}

/// The names of a kind in order, for suggestions and completion; a name that two modules have comes twice.
pub fn names(kind: &str) -> impl Iterator<Item = &'static str> + use<> {
    of_kind(kind).iter().map(|item| item.name)
}

/// The items of a module, by kind and name.
pub fn items_of(module: &str) -> impl Iterator<Item = &'static Item> {
    ITEMS.iter().filter(move |item| item.module == module)
}

/// The invariants that judge a kind, of every module: those of [`GLOBAL`] modules always hold, others where their module
/// is imported.
pub fn invariants_for(kind: &str) -> impl Iterator<Item = &'static Item> {
    of_kind("invariant").iter().filter(move |item| item.judges == kind)
}
