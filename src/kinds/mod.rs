//! The table of kinds: what the compiler itself gives meaning to.
//!
//! Every kind, its fields, their types, documentation and versions stand here as data. Checking, merging, the reference and
//! completion read this table; a new field that existing types can express is a row. What exists in the world (extensions,
//! runtimes, providers, bundles) is declared in `stdlib/`, in the language.

pub mod cel;
mod cluster;
mod free;
mod node;
pub(crate) mod pasted;
mod words;
mod world;

use std::sync::{Arc, LazyLock};

pub(crate) use free::is_free;
pub(crate) use words::{
    CONTROL, Meant, Page, called, field_of, has, is_control, joins, kind_meant, meant, owners, page, plural,
};

use crate::schema::{Choices, Entries, Field, KindId, Schema, Shape, Type};
use crate::syntax::ast::MarkKind;
use crate::text::Text;

/// One kind of declaration.
#[derive(Debug)]
pub struct KindDef {
    /// Its number.
    pub id: KindId,
    /// The word that declares it.
    pub name: &'static str,
    /// What it is, for the reference.
    pub doc: &'static str,
    /// Its fields.
    pub schema: Arc<Schema>,
    /// May have a parent, mixins and parameters.
    pub inherits: bool,
    /// Its body declares fields with `field NAME { … }`.
    pub declares_fields: bool,
    /// The kind after `via`, whose declared fields are added to its own.
    pub via: Option<KindId>,
    /// Its body holds `when` and `require`.
    pub clauses: bool,
    /// Names of the standard library are known without an import.
    pub ambient: bool,
    /// Belongs to no cluster, so that no Talos version can be asked for.
    pub without_target: bool,
    /// The fields that decide for which versions the rest is read.
    pub deciding: &'static [&'static str],
    /// Stands without a name.
    pub nameless: bool,
    /// Nothing is wrong if nothing names it.
    pub root: bool,
    /// The marks that may stand before it.
    pub marks: &'static [MarkKind],
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $konst:ident = $n:literal, $name:literal;)+) => {
        $($(#[doc = $doc])+ pub const $konst: KindId = KindId($n);)+
        const NAMES: &[(&str, KindId, &str)] = &[$(($name, $konst, concat!($($doc),+)),)+];
    };
}

kinds! {
    /// A Talos system extension.
    EXTENSION = 0, "extension";
    /// A container runtime (a containerd handler).
    RUNTIME = 1, "runtime";
    /// A layer 2 or 3 network.
    NETWORK = 2, "network";
    /// What a node runs.
    ROLE = 3, "role";
    /// An instance of an Omni infrastructure provider, with the schema of its provider data.
    PROVIDER = 4, "provider";
    /// An Omni machine class.
    CLASS = 5, "class";
    /// One machine known by its UUID.
    MACHINE = 6, "machine";
    /// One Omni cluster.
    CLUSTER = 7, "cluster";
    /// A named piece of Talos configuration.
    PATCH = 8, "patch";
    /// A rule about a kind.
    INVARIANT = 9, "invariant";
    /// A named literal or block of fields.
    LET = 10, "let";
    /// Where and how an entry is written.
    OUTPUT = 11, "output";
}

/// Whether a field comes down from cluster to set to machine: those of a node, but the labels and annotations of the resource, which
/// each level has for itself.
pub(crate) fn comes_down(field: &str) -> bool {
    get(ROLE).schema.fields.contains_key(field) && !matches!(field, "labels" | "annotations")
}

static TABLE: LazyLock<Vec<KindDef>> = LazyLock::new(table);

/// Every kind, by number.
pub fn all() -> &'static [KindDef] {
    &TABLE
}

/// A kind by its number.
pub fn get(id: KindId) -> &'static KindDef {
    &TABLE[id.0 as usize]
}

/// A kind by the word that declares it.
pub fn by_name(name: &str) -> Option<&'static KindDef> {
    NAMES.iter().find(|row| row.0 == name).map(|row| get(row.1))
}

fn table() -> Vec<KindDef> {
    NAMES.iter().map(|&(name, id, doc)| definition(name, id, doc.trim())).collect()
}

fn definition(name: &'static str, id: KindId, doc: &'static str) -> KindDef {
    let base: &[MarkKind] = &[MarkKind::Abstract];
    let with_extern: &[MarkKind] = &[MarkKind::Abstract, MarkKind::Extern];
    let patches: &[MarkKind] = &[MarkKind::Secret, MarkKind::External, MarkKind::Unchecked];
    let fields = match id {
        EXTENSION => world::extension(),
        RUNTIME => world::runtime(),
        NETWORK => world::network(),
        PROVIDER => world::provider(),
        CLASS => world::class(),
        ROLE => node::fields(),
        MACHINE => cluster::machine(),
        CLUSTER => cluster::cluster(),
        PATCH => node::patch_fields(),
        INVARIANT => world::invariant(),
        OUTPUT => world::output(),
        _ => Vec::new(),
    };
    KindDef {
        id,
        name,
        doc,
        schema: schema(name, fields),
        inherits: !matches!(id, INVARIANT | LET | OUTPUT | EXTENSION | RUNTIME),
        declares_fields: id == PROVIDER,
        via: (id == CLASS).then_some(PROVIDER),
        clauses: id == INVARIANT,
        ambient: matches!(id, EXTENSION | RUNTIME),
        without_target: matches!(id, CLASS | PROVIDER | OUTPUT | LET),
        deciding: match id {
            CLUSTER => &["talos", "created-with", "kubernetes", "omni"],
            MACHINE => &["id", "class"],
            _ => &[],
        },
        nameless: id == OUTPUT,
        root: matches!(id, CLUSTER | INVARIANT | OUTPUT | PROVIDER | EXTENSION | RUNTIME),
        marks: match id {
            CLASS => with_extern,
            PATCH => patches,
            INVARIANT | LET | OUTPUT | EXTENSION | RUNTIME => &[],
            _ => base,
        },
    }
}

// ---- short hands for the rows ---------------------------------------------------------------------------------------------

fn schema(name: impl Into<Text>, fields: Vec<Field>) -> Arc<Schema> {
    Arc::new(Schema {
        name: name.into(),
        fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
        declared: None,
    })
}

fn field(name: &'static str, ty: Type, doc: &'static str) -> Field {
    Field::new(Text::new_static(name), ty, Text::new_static(doc))
}

fn block(name: &'static str, doc: &'static str, fields: Vec<Field>) -> Field {
    field(name, Type::Block(schema(name, fields)), doc)
}

fn required(mut field: Field) -> Field {
    field.required = true;
    field
}

fn default(mut field: Field, text: &'static str) -> Field {
    field.default = Some(Text::new_static(text));
    field
}

fn text(shape: Shape) -> Type {
    Type::Str(shape)
}

fn set(ty: Type) -> Type {
    Type::Set(Arc::new(ty))
}

fn list(ty: Type) -> Type {
    Type::List(Arc::new(ty))
}

fn map(ty: Type, keys: Shape) -> Type {
    Type::Map(Arc::new(ty), keys)
}

fn one_of(values: &[&'static str]) -> Type {
    Type::Enum(Arc::new(Choices {
        values: values.iter().map(|v| Text::new_static(v)).collect(),
        open: false,
    }))
}

fn entries(name: &'static str, shape: Shape, fields: Vec<Field>) -> Entries {
    Entries {
        schema: schema(name, fields),
        default_name: None,
        single: false,
        name: shape,
        qualified: false,
        from_file: false,
        kind: None,
        config: false,
        placed: false,
    }
}
