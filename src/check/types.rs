//! Types of expressions: what a path leads to.

use std::sync::Arc;

use super::configs::ConfigPlace;
use super::terms::Judged;
use crate::kinds;
use crate::schema::{Form, KindId, Schema, Shape, Type};
use crate::text::{Text, a};
use crate::typing::types::describe;
use crate::world::config::Spot;

/// The type of an expression.
#[derive(Clone, Debug)]
pub(super) enum Ty {
    /// True or false.
    Bool,
    /// Not known before it is evaluated.
    Any,
    /// A value of a field.
    Of(Type),
    /// Something with fields.
    Thing(Judged),
    /// Some of them.
    Things(Judged),
    /// A place in an effective configuration.
    Config(ConfigPlace),
}

/// Why a path leads nowhere.
pub(super) enum Lost {
    /// The thing has no such field; what it is called, and its fields.
    Unknown(String, Vec<Text>),
    /// The field is one of a provider, and no provider is known.
    NoProvider,
    /// It has no fields.
    NotABlock,
    /// A map: its keys are no fields.
    Map,
}

impl Ty {
    /// A whole number.
    pub(super) const NUMBER: Ty = Ty::Of(Type::Int(i64::MIN, i64::MAX));

    /// What a field of it is. `providers` are the schemas of the providers that the rule compares with.
    pub(super) fn field(&self, name: &str, providers: &[Arc<Schema>]) -> Result<Ty, Lost> {
        match self {
            Ty::Any | Ty::Of(Type::Config) => Ok(Ty::Any),
            Ty::Config(at) => at.field(name).map(Ty::Config),
            Ty::Thing(Judged::Set | Judged::Kind(kinds::ROLE | kinds::MACHINE)) if name == "config" => {
                Ok(Ty::Config(ConfigPlace::Root))
            }
            Ty::Thing(Judged::Document(kind)) => document_field(kind, name),
            Ty::Thing(Judged::Set) => set_field(name),
            Ty::Thing(Judged::Kind(kind)) => kind_field(*kind, name, providers),
            Ty::Of(Type::Ref(kind)) => kind_field(*kind, name, providers),
            Ty::Of(Type::Block(schema)) => match schema.field(name) {
                Some(field) => Ok(Ty::Of(field.ty.clone())),
                None => Err(Lost::Unknown(kinds::called(schema), schema.fields.keys().cloned().collect())),
            },
            Ty::Of(Type::Map(..) | Type::Keyed(_) | Type::Entries(_)) => Err(Lost::Map),
            Ty::Bool | Ty::Of(_) | Ty::Things(_) => Err(Lost::NotABlock),
        }
    }

    /// The type of its elements, if it has some; for a map that of its keys.
    pub(super) fn element(&self) -> Option<Ty> {
        Some(match self {
            Ty::Any | Ty::Of(Type::Config) => Ty::Any,
            Ty::Config(at) => at.element()?.map_or(Ty::Of(Type::Str(Shape::Any)), Ty::Config),
            Ty::Things(judged) | Ty::Thing(judged) => Ty::Thing(*judged),
            Ty::Of(Type::Set(inner) | Type::List(inner)) => Ty::Of((**inner).clone()),
            Ty::Of(Type::Keyed(keyed)) => {
                Ty::Of(keyed.schema.field(&keyed.key).map_or(Type::Str(Shape::Any), |field| field.ty.clone()))
            }
            Ty::Of(Type::Map(..) | Type::Entries(_)) => Ty::Of(Type::Str(Shape::Any)),
            Ty::Bool | Ty::Of(_) => return None,
        })
    }

    /// How a message calls it.
    pub(super) fn describe(&self) -> String {
        match self {
            Ty::Bool => "true or false".into(),
            Ty::Any | Ty::Config(_) => "a value".into(),
            Ty::Thing(Judged::Document(kind)) => format!("a document `{kind}`"),
            Ty::Of(ty) => describe(ty),
            Ty::Thing(Judged::Set) => "a set".into(),
            Ty::Thing(Judged::Kind(kind)) => a(kinds::get(*kind).name),
            Ty::Things(_) => "several sets".into(),
        }
    }

    /// Whether values of two types can be equal.
    pub(super) fn comparable(&self, other: &Ty) -> bool {
        match (self, other) {
            (Ty::Any | Ty::Config(_) | Ty::Of(Type::Config), _)
            | (_, Ty::Any | Ty::Config(_) | Ty::Of(Type::Config)) => true,
            (Ty::Bool, Ty::Of(Type::Bool)) | (Ty::Of(Type::Bool), Ty::Bool) | (Ty::Bool, Ty::Bool) => true,
            (Ty::Of(a), Ty::Of(b)) => same_class(a, b),
            _ => false,
        }
    }

    /// Whether its values have an order.
    pub(super) fn ordered(&self) -> bool {
        match self {
            Ty::Any | Ty::Config(_) => true,
            Ty::Of(Type::OneOf(forms)) => forms
                .iter()
                .any(|form| matches!(form, Form::Plain(Type::Int(..) | Type::Size(_) | Type::Duration))),
            Ty::Of(ty) => matches!(
                ty,
                Type::Int(..) | Type::Decimal | Type::Size(_) | Type::Duration | Type::Version | Type::Config
            ),
            Ty::Bool | Ty::Thing(_) | Ty::Things(_) => false,
        }
    }

    /// Whether it holds an address or a network.
    pub(super) fn located(&self) -> bool {
        matches!(self, Ty::Any | Ty::Config(_) | Ty::Of(Type::Ip | Type::Cidr | Type::Address | Type::Config))
    }
}

fn same_class(a: &Type, b: &Type) -> bool {
    let text =
        |ty: &Type| matches!(ty, Type::Str(_) | Type::Name(_) | Type::Enum(_) | Type::Uuid | Type::Mac);
    match (a, b) {
        (Type::Ref(a), Type::Ref(b)) => a == b,
        (Type::OneOf(forms), other) | (other, Type::OneOf(forms)) => forms.iter().any(|form| match form {
            Form::Plain(plain) => same_class(plain, other),
            Form::Word(_) | Form::Tagged(..) => text(other) || matches!(other, Type::OneOf(_)),
        }),
        (Type::Set(a) | Type::List(a), Type::Set(b) | Type::List(b)) => same_class(a, b),
        (Type::Int(..) | Type::Decimal, Type::Int(..) | Type::Decimal) => true,
        (Type::Enum(a), Type::Enum(b)) => a.open || b.open || a.values.iter().any(|v| b.values.contains(v)),
        (a, b) if text(a) && text(b) => true,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

fn document_field(kind: &str, name: &str) -> Result<Ty, Lost> {
    match Spot::document(Some(kind)) {
        Some(spot) => ConfigPlace::Spot(spot).field(name).map(Ty::Config),
        None => Err(Lost::NotABlock),
    }
}

fn set_field(name: &str) -> Result<Ty, Lost> {
    let cluster = &kinds::get(kinds::CLUSTER).schema;
    let mut known: Vec<Text> = vec!["name".into(), "cluster".into()];
    match name {
        "name" => return Ok(Ty::Of(Type::Str(Shape::Any))),
        "cluster" => return Ok(Ty::Thing(Judged::Kind(kinds::CLUSTER))),
        _ => {}
    }
    for entry in ["workers", "controlplane"] {
        let Some(Type::Entries(entries)) = cluster.field(entry).map(|field| &field.ty) else { continue };
        if let Some(field) = entries.schema.field(name) {
            return Ok(Ty::Of(field.ty.clone()));
        }
        known.extend(entries.schema.fields.keys().cloned());
    }
    Err(Lost::Unknown("a set".into(), known))
}

fn kind_field(kind: KindId, name: &str, providers: &[Arc<Schema>]) -> Result<Ty, Lost> {
    let def = kinds::get(kind);
    match name {
        "controlplane" if kind == kinds::CLUSTER => return Ok(Ty::Thing(Judged::Set)),
        "workers" if kind == kinds::CLUSTER => return Ok(Ty::Things(Judged::Set)),
        "via" if kind == kinds::CLASS => return Ok(Ty::Of(Type::Ref(kinds::PROVIDER))),
        // Both are judged as what runs in a cluster.
        "cluster" if matches!(kind, kinds::ROLE | kinds::MACHINE) => {
            return Ok(Ty::Thing(Judged::Kind(kinds::CLUSTER)));
        }
        _ => {}
    }
    if let Some(field) = def.schema.field(name) {
        return Ok(Ty::Of(field.ty.clone()));
    }
    if name == "name" {
        return Ok(Ty::Of(Type::Str(Shape::Any)));
    }
    let mut known: Vec<Text> = vec!["name".into()];
    known.extend(def.schema.fields.keys().cloned());
    if kind == kinds::CLASS {
        known.push("via".into());
        for provider in providers {
            if let Some(field) = provider.field(name) {
                return Ok(Ty::Of(field.ty.clone()));
            }
            known.extend(provider.fields.keys().cloned());
        }
        if providers.is_empty() {
            return Err(Lost::NoProvider);
        }
    }
    Err(Lost::Unknown(a(def.name), known))
}
