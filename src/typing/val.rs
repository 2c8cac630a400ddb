//! Values once their types are known.

use std::sync::Arc;

use super::{Body, FileRef, Item, Key, ListKind, Size};
use crate::resolve::{DeclId, ScopeId};
use crate::schema::Type;
use crate::source::Span;
use crate::text::Text;
use crate::version::Version;

/// A string with parameters in it, and the type its text must have.
#[derive(Debug, PartialEq)]
pub struct Template {
    /// Text and names of parameters.
    pub parts: Vec<Part>,
    /// What the text is read as; `None` for a key.
    pub ty: Option<TypeRef>,
    /// Where it stands.
    pub span: Span,
    /// Where names are looked up.
    pub scope: ScopeId,
}

/// A type behind a pointer that compares by identity.
#[derive(Debug, Clone)]
pub struct TypeRef(pub Arc<Type>);

impl PartialEq for TypeRef {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text.
    Text(Text),
    /// A parameter.
    Param(Text),
    /// A value of a network.
    Given(Arc<Given>),
}

/// `lan.subnet`: a field of a network where a value stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The network.
    pub network: NetworkOf,
    /// Its field.
    pub field: Text,
    /// What the value is read as.
    pub ty: TypeRef,
    /// Where it stands.
    pub span: Span,
}

/// A network that a value names.
#[derive(Debug, Clone, PartialEq)]
pub enum NetworkOf {
    /// A declaration.
    Decl(DeclId),
    /// A parameter.
    Param(Text),
}

/// An address that is not known yet, on a network: `"10.0.0.${last}/24" on lan`.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The address.
    pub val: Val,
    /// The network behind `on`.
    pub network: NetworkOf,
    /// The link of it.
    pub link: Option<Text>,
    /// Where the network is named.
    pub span: Span,
}

/// A typed value.
#[derive(Debug, Clone)]
pub enum Val {
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number as written.
    Decimal(Text),
    /// Text.
    Str(Text),
    /// A size.
    Size(Arc<Size>),
    /// A duration in nanoseconds.
    Duration(i64),
    /// A version.
    Version(Arc<Version>),
    /// An address.
    Ip(std::net::IpAddr),
    /// A network, or an address with its prefix.
    Prefixed(std::net::IpAddr, u8),
    /// An interface address.
    Address(Arc<AddressVal>),
    /// A word of an enum, a capability, a form.
    Word(Text),
    /// A form with an argument.
    Tagged(Text, Arc<Val>),
    /// A declaration with arguments.
    Ref(DeclId, Arc<Vec<(Text, Val)>>),
    /// A list.
    List(Arc<Vec<Item>>, ListKind),
    /// A block in a value, before its parameters are known.
    Body(Arc<Body>),
    /// A block in a value: fields with their histories.
    Fields(Arc<crate::flatten::Fields>),
    /// Elements of a keyed list: key and fields.
    Keyed(Arc<Vec<KeyedItem>>),
    /// A parameter.
    Param(Text),
    /// A string with parameters.
    Template(Arc<Template>),
    /// A value of a network.
    Given(Arc<Given>),
    /// An address on a network, before its parameters are known.
    Placed(Arc<Placed>),
    /// The text of a file of which the path has parameters in it.
    File(Arc<FileText>),
    /// Could not be read; says nothing.
    Error,
}

impl PartialEq for Val {
    fn eq(&self, other: &Self) -> bool {
        use Val::{
            Address, Bool, Decimal, Duration, Error, Fields, Given, Int, Ip, Keyed, List, Param, Placed,
            Prefixed, Ref, Str, Tagged, Template, Word,
        };
        match (self, other) {
            (Bool(a), Bool(b)) => a == b,
            (Int(a), Int(b)) | (Duration(a), Duration(b)) => a == b,
            (Decimal(a), Decimal(b)) | (Str(a), Str(b)) | (Word(a), Word(b)) | (Param(a), Param(b)) => a == b,
            (Val::Size(a), Val::Size(b)) => a.bytes == b.bytes,
            (Val::Version(a), Val::Version(b)) => a == b,
            (Ip(a), Ip(b)) => a == b,
            (Prefixed(a, n), Prefixed(b, m)) => a == b && n == m,
            (Address(a), Address(b)) => a == b,
            (Tagged(t, a), Tagged(u, b)) => t == u && a == b,
            (Ref(a, x), Ref(b, y)) => a == b && x == y,
            (List(a, k), List(b, l)) => {
                k == l && a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.val == b.val)
            }
            (Val::Body(a), Val::Body(b)) => Arc::ptr_eq(a, b),
            (Fields(a), Fields(b)) => a.same(b),
            (Keyed(a), Keyed(b)) => Arc::ptr_eq(a, b),
            (Template(a), Template(b)) => a == b,
            (Given(a), Given(b)) => a == b,
            (Placed(a), Placed(b)) => a == b,
            (Val::File(a), Val::File(b)) => a == b,
            (Error, _) | (_, Error) => true,
            _ => false,
        }
    }
}

/// `10.0.0.31/24 on lan.ens18`
#[derive(Debug, Clone, PartialEq)]
pub struct AddressVal {
    /// The address.
    pub ip: std::net::IpAddr,
    /// The length of the prefix.
    pub prefix: u8,
    /// The network it is in.
    pub network: Option<(DeclId, Span)>,
    /// The link it stands on.
    pub link: Option<Text>,
}

/// `file "./${name}.yaml"`
#[derive(Debug, Clone, PartialEq)]
pub struct FileText {
    /// The file.
    pub file: FileRef,
    /// What its text is read as.
    pub ty: TypeRef,
}

/// One element of a keyed list.
#[derive(Debug, Clone)]
pub struct KeyedItem {
    /// Its key.
    pub key: Key,
    /// Its other fields.
    pub body: Arc<Body>,
    /// Where it stands.
    pub span: Span,
}
