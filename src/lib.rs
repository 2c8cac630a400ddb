//! talosc: a typed language for Talos Linux clusters that Omni manages.
//!
//! Source text goes down one chain of phases, each with its own types, and comes out as files or as findings, never as both:
//!
//! | phase | from | to | knows |
//! |---|---|---|---|
//! | [`source`] | paths | text with byte places | files, nothing of the language |
//! | [`syntax`] | text | [`syntax::ast`]: the uniform item | pest, no kind and no field |
//! | [`resolve`] | trees | declarations by kind and name | imports, the index of the standard library |
//! | [`typing`] | declarations | a frozen [`typing::Program`]: operations on fields, values with types | [`schema`] and [`kinds`] |
//! | [`flatten`] | operations | [`flatten::Fields`]: values with their whole history | parents, mixins, parameters, conditions |
//! | [`fleet`] | flat declarations | clusters, sets, machines, level by level | versions ([`fleet::Target`]) |
//! | [`check`] | the fleet | findings | invariants, `allow`, what is unused |
//! | [`talos`] | fields | configuration patches, and what each machine gets of them | the form that a version wants, how Talos merges, what it refuses |
//! | [`omni`] | fleet and patches | documents ([`tree::Node`]) | templates, classes, ids, what Omni refuses |
//! | [`emit`] | documents | YAML text, line by line with its origin | neither Omni nor Talos |
//!
//! [`driver::compile`] is the only place that knows this order. It never panics, prints or writes; files are touched by
//! `source::disk`, `emit::disk` and `emit::write` alone, and only `cli` speaks to people. All of these stand behind the feature `cli`.
//!
//! What holds everywhere:
//! - A phase returns what it could make and adds findings ([`diagnostics`]); later phases run on partial products and stay silent
//!   about what an earlier one did not understand. Nothing is written while an error stands.
//! - Loading and typing finish before anything is placed. What they made is owned and immutable, so that clusters can be worked out
//!   side by side and an editor can ask it questions.
//! - What is secret is decided in [`secret`], and masked there: whatever is printed of a user's text goes through a [`secret::Vault`].
//! - Every value carries the steps that made it. Labels, `explain`, origins of output lines are views of that history.
//! - Other languages inside of this one have readers of their own that know nothing of it: [`yaml`], and [`cel`] for selectors.
//! - What the compiler gives meaning to is the table of [`kinds`]; what exists in the world (extensions, runtimes, providers,
//!   bundles, rules) is declared in `stdlib/`, in the language, and parsed item by item when a source names it ([`world`]).
//! - Order can reach the output only through source order: maps keep insertion order, and hash maps are for looking things up.
//!
//! ```
//! use talosc::{driver, source::loader::MemoryLoader};
//!
//! let mut loader = MemoryLoader::default();
//! let text = "cluster lab {\n  talos = v1.13.7\n  kubernetes = v1.35.0\n  controlplane {}\n}\n";
//! loader.files.insert("lab.talos".into(), text.into());
//! let compilation = driver::compile(&loader, &["lab.talos".into()]);
//! assert!(!compilation.has_errors());
//! assert_eq!(compilation.documents.len(), 1);
//! ```

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod cel;
pub mod check;
#[cfg(feature = "cli")]
#[allow(clippy::disallowed_methods, reason = "it speaks to people, on a system")]
pub mod cli;
pub mod diagnostics;
pub mod driver;
pub mod emit;
pub mod flatten;
pub mod fleet;
pub mod fmt;
pub mod kinds;
pub mod omni;
pub mod origin;
pub mod resolve;
pub mod schema;
pub mod secret;
pub mod small_map;
pub mod source;
pub mod syntax;
pub mod talos;
pub mod text;
pub mod tree;
pub mod typing;
pub mod version;
pub mod world;
pub mod yaml;
