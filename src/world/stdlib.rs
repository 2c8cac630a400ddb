//! Placeholder of the index of the standard library.

/// One item of the standard library.
#[derive(Debug)]
pub struct Item {
    /// Kind.
    pub kind: &'static str,
    /// Name.
    pub name: &'static str,
    /// Module.
    pub module: &'static str,
    /// First byte in the module's text, docs included.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// First field named in `when`.
    pub trigger: &'static str,
}
/// One module.
#[derive(Debug)]
pub struct Module {
    /// Name.
    pub name: &'static str,
    /// Text.
    pub text: &'static str,
}
/// All modules.
pub fn modules() -> &'static [Module] {
    &[]
}
/// A module by name.
pub fn module(name: &str) -> Option<&'static Module> {
    modules().iter().find(|m| m.name == name)
}
/// An ambient item.
pub fn item(_kind: &str, _name: &str) -> Option<&'static Item> {
    None
}
/// An item of a module.
pub fn item_in(_module: &str, _kind: &str, _name: &str) -> Option<&'static Item> {
    None
}
/// Names of a kind.
pub fn names(_kind: &str) -> impl Iterator<Item = &'static str> {
    std::iter::empty()
}
/// Invariants that judge a kind.
pub fn invariants_for(_kind: &str) -> impl Iterator<Item = &'static Item> {
    std::iter::empty()
}
/// Items of a module.
pub fn items_of(_module: &str) -> impl Iterator<Item = &'static Item> {
    std::iter::empty()
}
