//! Names of types, and how messages describe them.

use std::sync::Arc;

use super::literal::{self, Literal};
use super::schema_decl::words_of;
use crate::kinds;
use crate::schema::{Choices, Form, Shape, SizeRule, Type};
use crate::syntax::ast::{Arg, Args, Atom, Rest, ValueKind};

/// The named types, with the shape of those that are text.
const SHAPES: &[(&str, Shape)] = &[
    ("String", Shape::Any),
    ("Line", Shape::Line),
    ("Hostname", Shape::Hostname),
    ("DnsLabel", Shape::DnsLabel),
    ("DnsName", Shape::DnsSubdomain),
    ("LabelKey", Shape::LabelKey),
    ("LabelValue", Shape::LabelValue),
    ("LinkName", Shape::LinkName),
    ("Path", Shape::Path),
    ("Url", Shape::Url),
    ("KernelArg", Shape::KernelArg),
    ("DiskSelector", kinds::cel::DISK_SELECTOR),
    ("StorageSelector", kinds::cel::STORAGE_SELECTOR),
];

/// A type by its name, with the argument list of `Int(1..)`.
pub(super) fn by_name(name: &str, args: Option<&Args>) -> Option<Type> {
    if let Some((_, shape)) = SHAPES.iter().find(|row| row.0 == name) {
        return args.is_none().then_some(Type::Str(*shape));
    }
    if name == "Int" {
        return match args {
            None => Some(Type::Int(i64::MIN, i64::MAX)),
            Some(args) => range(args).map(|(low, high)| Type::Int(low, high)),
        };
    }
    if args.is_some() {
        return None;
    }
    if let Some((_, ty)) = named().find(|(known, _)| *known == name) {
        return Some(ty);
    }
    let kind = kinds::all().iter().find(|kind| capitalised(kind.name) == name)?;
    Some(Type::Ref(kind.id))
}

/// The types that are called by a word alone, but for the names of kinds.
pub fn named() -> impl Iterator<Item = (&'static str, Type)> {
    let texts = SHAPES.iter().map(|(name, shape)| (*name, Type::Str(*shape)));
    texts.chain([
        ("Int", Type::Int(i64::MIN, i64::MAX)),
        ("Bool", Type::Bool),
        ("Decimal", Type::Decimal),
        ("Size", Type::Size(SizeRule::default())),
        ("Duration", Type::Duration),
        ("Version", Type::Version),
        ("Uuid", Type::Uuid),
        ("Mac", Type::Mac),
        ("Ip", Type::Ip),
        ("Cidr", Type::Cidr),
        ("Address", Type::Address),
        ("Module", Type::Name(Shape::Module)),
        ("Any", Type::Config),
    ])
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// `1..`, `1..64`, `..64`
fn range(args: &Args) -> Option<(i64, i64)> {
    let [Arg::Plain(value)] = args.list.as_slice() else { return None };
    let ValueKind::Bare(text) = &value.kind else { return None };
    let (low, high) = text.split_once("..")?;
    let low = if low.is_empty() { i64::MIN } else { low.parse().ok()? };
    let high = if high.is_empty() { i64::MAX } else { high.parse().ok()? };
    Some((low, high))
}

/// `enum […]`, `open enum […]`, `list T`, `set T`, `map T`, `Int(1..)`.
pub(super) fn applied(atoms: &[Atom]) -> Option<Type> {
    let (first, rest) = atoms.split_first()?;
    let ValueKind::Bare(word) = &first.value.kind else { return None };
    match (word.as_str(), rest) {
        ("open", [one, values]) if matches!(&one.value.kind, ValueKind::Bare(word) if word == "enum") => {
            Some(Type::Enum(Arc::new(Choices { values: words_of(&values.value), open: true })))
        }
        ("enum", [values]) => {
            Some(Type::Enum(Arc::new(Choices { values: words_of(&values.value), open: false })))
        }
        ("list", [_, ..]) => Some(Type::List(Arc::new(applied(rest)?))),
        ("set", [_, ..]) => Some(Type::Set(Arc::new(applied(rest)?))),
        ("map", [_, ..]) => Some(Type::Map(Arc::new(applied(rest)?), Shape::Any)),
        (name, []) => by_name(name, first.args.as_deref()),
        _ => None,
    }
}

const MAX_U32: i64 = u32::MAX as i64;

/// What a type takes, for a message: "a size such as `8GiB`".
pub fn describe(ty: &Type) -> String {
    match ty {
        Type::Bool => "`true` or `false`".into(),
        Type::Int(low, high) => match (*low, *high) {
            (i64::MIN, i64::MAX) => "a whole number".into(),
            // The largest number that the output can hold says nothing to a reader.
            (low, i64::MAX | MAX_U32) => format!("a whole number, {low} or more"),
            (i64::MIN, high) => format!("a whole number up to {high}"),
            (low, high) => format!("a whole number from {low} to {high}"),
        },
        Type::Decimal => "a number".into(),
        Type::Str(shape) => shape_name(*shape).into(),
        Type::Size(_) => "a size such as `8GiB`".into(),
        Type::Duration => "a duration such as `1h30m`".into(),
        Type::Version => "a version such as `v1.13.7`".into(),
        Type::Uuid => "a UUID".into(),
        Type::Mac => "a MAC address".into(),
        Type::Ip => "an IP address".into(),
        Type::Cidr => "a network such as `192.168.10.0/24`".into(),
        Type::Address => "an address such as `192.168.10.31/24 on lan`".into(),
        Type::Enum(choices) => {
            let list = crate::text::one_of(&choices.values);
            if choices.open { format!("a name such as {list}") } else { list }
        }
        Type::Ref(kind) => format!("the name of {}", crate::text::a(kinds::get(*kind).name)),
        Type::Name(_) => "a name".into(),
        Type::Set(inner) | Type::List(inner) => format!("a list, each element {}", describe(inner)),
        Type::Keyed(keyed) => format!("a list of {}s", keyed.schema.name),
        Type::Map(..) | Type::Block(_) | Type::Entries(_) => "a block `{ … }`".into(),
        Type::OneOf(forms) => {
            let forms: Vec<String> = forms.iter().map(describe_form).collect();
            match forms.split_last() {
                Some((last, most)) if !most.is_empty() => {
                    let comma = if most.iter().any(|form| form.contains(',')) { "," } else { "" };
                    format!("{}{comma} or {last}", most.join(", "))
                }
                _ => forms.concat(),
            }
        }
        Type::Config => "a value".into(),
    }
}

/// How a field is declared that takes what is written: its type, and for a size a unit.
pub(super) fn declaration(rest: &Rest) -> String {
    let value = match rest {
        Rest::Assign(_, _, value) => value,
        Rest::Block(_) | Rest::Nothing | Rest::Expr(_) => return "type = Any".into(),
    };
    match &value.kind {
        ValueKind::Bare(text) => match literal::classify(text) {
            Literal::Size(size) => {
                let unit = size.text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
                format!("type = Size, unit = {unit}")
            }
            _ => format!("type = {}", scalar_type(text)),
        },
        ValueKind::Str(_) | ValueKind::Template(_) => "type = String".into(),
        ValueKind::List(items) => match items.first().map(|first| &first.kind) {
            Some(ValueKind::Bare(text)) => format!("type = list {}", scalar_type(text)),
            Some(ValueKind::Str(_) | ValueKind::Template(_)) => "type = list String".into(),
            _ => "type = list Any".into(),
        },
        ValueKind::Block(_) | ValueKind::Apply(_) => "type = Any".into(),
    }
}

fn scalar_type(text: &str) -> String {
    match literal::classify(text) {
        Literal::Bool(_) => "Bool".into(),
        Literal::Int(_) | Literal::Octal(_) => "Int".into(),
        Literal::Decimal(_) => "Decimal".into(),
        Literal::Duration(_) => "Duration".into(),
        Literal::Version(_) => "Version".into(),
        Literal::Uuid(_) => "Uuid".into(),
        Literal::Mac(_) => "Mac".into(),
        Literal::Ip(_) => "Ip".into(),
        Literal::Prefixed(..) => "Address".into(),
        Literal::Name => format!("open enum [{text}]"),
        Literal::Size(_) | Literal::LooseSize(..) => "Size".into(),
    }
}

/// What a text of a shape is called.
fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Any => "text in quotes",
        Shape::Line => "a line of text in quotes",
        Shape::Hostname => "a host name",
        Shape::DnsLabel => "a DNS label",
        Shape::DnsSubdomain => "a DNS name",
        Shape::LabelKey => "a label key",
        Shape::LabelValue => "a label value",
        Shape::SetName => "the name of a set",
        Shape::ClusterName => "the name of a cluster",
        Shape::Taint => "a taint such as `\"value:NoSchedule\"`",
        Shape::LinkName => "the name of an interface",
        Shape::Path => "an absolute path such as `\"/dev/sda\"`",
        Shape::Url => "an http or https URL",
        Shape::Registry => "the name of a registry",
        Shape::ExtensionImage => "a name such as `\"siderolabs/iscsi-tools\"`",
        Shape::Module => "the name of a kernel module",
        Shape::Sysctl => "a dotted name",
        Shape::KernelArg => "a kernel argument",
        Shape::TimeServer => "a host name or an address",
        Shape::CertName => "a host name or an address",
        Shape::ArgName => "the name of an argument",
        Shape::Cel(_) => "a CEL expression in quotes",
    }
}

pub(super) fn describe_form(form: &Form) -> String {
    match form {
        Form::Word(word) => format!("`{word}`"),
        Form::Tagged(word, ty) => match ty {
            Type::Str(_) => format!("`{word}(\"…\")`"),
            Type::List(_) | Type::Set(_) => format!("`{word}([…])`"),
            _ => format!("`{word}(…)`"),
        },
        Form::Plain(ty) => describe(ty),
    }
}
