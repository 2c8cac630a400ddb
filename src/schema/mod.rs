//! What may be written where: types, fields and schemas, as data.
//!
//! The table of kinds (`kinds`) and the declarations of the standard library give rows of these types; checking, completion,
//! documentation and merging read them. Nothing here knows a name of the domain.

mod pattern;

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::source::Span;
use crate::text::Text;
use crate::version::Version;

pub use pattern::Pattern;

/// The number of a kind in the table of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KindId(pub u8);

/// The fields of a block.
#[derive(Debug, Default)]
pub struct Schema {
    /// How messages call the thing: `role`, `provider proxmox`.
    pub name: Text,
    /// Fields in the order of documentation and output.
    pub fields: IndexMap<Text, Field, FxBuildHasher>,
    /// Where it is declared, if in a source file.
    pub declared: Option<Span>,
}

impl Schema {
    /// A field by name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the language.
    pub name: Text,
    /// What it holds.
    pub ty: Type,
    /// One or two sentences.
    pub doc: Text,
    /// Must be set on everything that is not abstract.
    pub required: bool,
    /// What it is when nothing sets it, for the documentation and for those who read it.
    pub default: Option<Text>,
    /// Emitted even when it is not set.
    pub emit: Option<Text>,
    /// The first version of the target that has it.
    pub since: Option<Version>,
    /// The last version of the target that has it.
    pub until: Option<Version>,
    /// The name in the output, if it differs.
    pub wire: Option<Text>,
    /// Where it is declared, if in a source file.
    pub declared: Option<Span>,
    /// What else its declaration says; most fields have none of it.
    pub more: Option<Arc<Attributes>>,
}

/// What only few fields say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes {
    /// What its text must look like.
    pub pattern: Option<Pattern>,
    /// Its value must not be written down.
    pub secret: bool,
    /// Who sets it instead of the user.
    pub owner: Option<Text>,
    /// The version since which it should not be used.
    pub deprecated_since: Option<Version>,
    /// The field that took its place.
    pub replaced_by: Option<Text>,
    /// What becomes of what a higher level says.
    pub merge: Option<Merge>,
    /// What a change of it does.
    pub effect: Option<Effect>,
}

impl Attributes {
    /// The rest of a row of the reference.
    pub fn shown(&self) -> String {
        let mut out = String::new();
        if let Some(merge) = self.merge {
            out.push_str(&format!("; merge: {}", merge.name()));
        }
        if let Some(effect) = self.effect {
            out.push_str(&format!("; a change: {}", effect.name()));
        }
        if let Some(pattern) = &self.pattern {
            out.push_str(&format!("; like `{}`", pattern.text));
        }
        if let Some(owner) = &self.owner {
            out.push_str(&format!("; set by {owner}"));
        }
        if self.secret {
            out.push_str("; secret");
        }
        if let Some(since) = &self.deprecated_since {
            out.push_str(&format!("; deprecated since {since}"));
        }
        if let Some(other) = &self.replaced_by {
            out.push_str(&format!("; replaced by `{other}`"));
        }
        out
    }
}

/// The words of a table, for messages.
pub fn names<T>(all: &[(&'static str, T)]) -> Vec<String> {
    all.iter().map(|(name, _)| (*name).to_owned()).collect()
}

impl Field {
    /// A plain field.
    pub fn new(name: impl Into<Text>, ty: Type, doc: impl Into<Text>) -> Field {
        Field {
            name: name.into(),
            ty,
            doc: doc.into(),
            required: false,
            default: None,
            emit: None,
            since: None,
            until: None,
            wire: None,
            declared: None,
            more: None,
        }
    }
    /// The name in the output.
    pub fn wire(&self) -> &Text {
        self.wire.as_ref().unwrap_or(&self.name)
    }
}

/// What a field holds. The merge rule belongs to the type: scalars are replaced, sets and lists are added to, maps and blocks
/// merge by key.
#[derive(Clone, Debug)]
pub enum Type {
    /// `true` or `false`
    Bool,
    /// A whole number between two bounds.
    Int(i64, i64),
    /// A decimal number.
    Decimal,
    /// Text.
    Str(Shape),
    /// A size; the unit is what the output wants, `None` for bytes as Talos writes them (`100GiB`).
    Size(SizeRule),
    /// A duration.
    Duration,
    /// `v1.13.7`
    Version,
    /// A UUID.
    Uuid,
    /// A MAC address.
    Mac,
    /// An IP address.
    Ip,
    /// A network `a.b.c.d/n`, host bits zero.
    Cidr,
    /// An interface address `a.b.c.d/n`, with `on NETWORK` or `on NETWORK.LINK`.
    Address,
    /// One of some words.
    Enum(Arc<Choices>),
    /// The name of a declaration, with arguments if the kind takes them.
    Ref(KindId),
    /// A bare name that refers to nothing that is declared (a capability, a kernel module).
    Name(Shape),
    /// Elements in order of first appearance, none twice.
    Set(Arc<Type>),
    /// Elements in order.
    List(Arc<Type>),
    /// A list whose elements have a key: a map by that key.
    Keyed(Arc<Keyed>),
    /// Any keys, values of one type.
    Map(Arc<Type>, Shape),
    /// Named blocks written `word NAME { … }`.
    Entries(Arc<Entries>),
    /// A block.
    Block(Arc<Schema>),
    /// One of some forms: a word, a word with an argument, or a value of a type.
    OneOf(Arc<[Form]>),
    /// Configuration of another system, typed elsewhere: any map, list or scalar.
    Config,
}

/// The words of an [`Type::Enum`].
#[derive(Debug, PartialEq)]
pub struct Choices {
    /// The known ones.
    pub values: Vec<Text>,
    /// Others may be written too.
    pub open: bool,
}

/// A list whose elements have a key.
#[derive(Debug)]
pub struct Keyed {
    /// The field that is the key.
    pub key: Text,
    /// An element may be written as its key alone.
    pub bare: bool,
    /// The element.
    pub schema: Arc<Schema>,
}

/// Named blocks.
#[derive(Debug)]
pub struct Entries {
    /// What one of them holds.
    pub schema: Arc<Schema>,
    /// The name of an entry that is written without one.
    pub default_name: Option<Text>,
    /// Only the one default entry exists.
    pub single: bool,
    /// The shape of names.
    pub name: Shape,
    /// Words that stand between the field and the name (`document KIND NAME`).
    pub qualified: bool,
    /// The body may come from a file.
    pub from_file: bool,
    /// A top-level declaration of this kind may be taken in by name.
    pub kind: Option<KindId>,
    /// A body without a schema.
    pub config: bool,
    /// What a body does not set may come from a higher level.
    pub placed: bool,
}

/// One form of [`Type::OneOf`].
#[derive(Clone, Debug)]
pub enum Form {
    /// A word.
    Word(Text),
    /// A word with one argument.
    Tagged(Text, Type),
    /// A value.
    Plain(Type),
}

/// Bounds and unit of a size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SizeRule {
    /// What the output counts in; `None` keeps the unit that was written.
    pub unit: Option<SizeUnit>,
    /// In bytes.
    pub min: Option<u64>,
    /// In bytes.
    pub max: Option<u64>,
}

macro_rules! units {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, $bytes:expr;)+) => {
        /// A unit of sizes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SizeUnit { $($(#[doc = $doc])+ $variant,)+ }
        impl SizeUnit {
            /// Every unit by its name.
            pub const ALL: &[(&str, SizeUnit)] = &[$(($text, SizeUnit::$variant),)+];
            /// One of it in bytes.
            pub fn bytes(self) -> u64 { match self { $(SizeUnit::$variant => $bytes,)+ } }
            /// As written.
            pub fn name(self) -> &'static str { match self { $(SizeUnit::$variant => $text,)+ } }
            /// The unit of a name.
            pub fn of(name: &str) -> Option<SizeUnit> { match name { $($text => Some(SizeUnit::$variant),)+ _ => None } }
        }
    };
}

macro_rules! words {
    ($(#[doc = $all:literal])+ $name:ident: $($(#[doc = $doc:literal])+ $variant:ident = $text:literal;)+) => {
        $(#[doc = $all])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $doc])+ $variant,)+ }
        impl $name {
            /// Every one by its name.
            pub const ALL: &[(&str, $name)] = &[$(($text, $name::$variant),)+];
            /// As written.
            pub fn name(self) -> &'static str { match self { $($name::$variant => $text,)+ } }
        }
    };
}

words! {
    /// What becomes of the value of a higher level when a lower one says the field too.
    Merge:
    /// It gives way.
    Replace = "replace";
    /// Lists are put behind one another.
    Append = "append";
    /// Elements with the same key are merged.
    ByKey = "by-key";
}

words! {
    /// What a machine does when a field changes.
    Effect:
    /// It goes on.
    None = "none";
    /// It starts again.
    Reboot = "reboot";
    /// It installs another image.
    NewImage = "new-image";
}

units! {
    /// Bytes.
    B = "B", 1;
    /// 1000 bytes.
    KB = "kB", 1000;
    /// 1024 bytes.
    KiB = "KiB", 1 << 10;
    /// 1000² bytes.
    MB = "MB", 1_000_000;
    /// 1024² bytes.
    MiB = "MiB", 1 << 20;
    /// 1000³ bytes.
    GB = "GB", 1_000_000_000;
    /// 1024³ bytes.
    GiB = "GiB", 1 << 30;
    /// 1000⁴ bytes.
    TB = "TB", 1_000_000_000_000;
    /// 1024⁴ bytes.
    TiB = "TiB", 1 << 40;
}

/// What a string or name must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Anything.
    Any,
    /// One line, not empty.
    Line,
    /// A host name: labels of letters, digits and `-`, at most 253 characters.
    Hostname,
    /// A DNS-1123 label: lower-case letters, digits and `-`, at most 63 characters.
    DnsLabel,
    /// A DNS-1123 subdomain.
    DnsSubdomain,
    /// A Kubernetes label key: `prefix/name`.
    LabelKey,
    /// A Kubernetes label value: at most 63 characters.
    LabelValue,
    /// A name of a set in Omni.
    SetName,
    /// A name of a cluster in Omni.
    ClusterName,
    /// `value:Effect` or `:Effect` of a taint.
    Taint,
    /// A network interface name.
    LinkName,
    /// An absolute path.
    Path,
    /// `http://` or `https://`.
    Url,
    /// A registry of images: a host, perhaps with a port, or `*`.
    Registry,
    /// What the Image Factory calls an extension: `OWNER/NAME`.
    ExtensionImage,
    /// A kernel module name.
    Module,
    /// A dotted sysctl or sysfs name.
    Sysctl,
    /// A kernel argument.
    KernelArg,
    /// A host name or an address; of clocks also the path of a device.
    TimeServer,
    /// A name in a certificate: a host name, perhaps with `*` for its first part, or an address.
    CertName,
    /// The name of an argument of a program, without the dashes.
    ArgName,
    /// An expression of CEL; the name is that of its environment in the table of kinds.
    Cel(&'static str),
}
