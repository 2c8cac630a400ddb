//! Types of expressions.

use std::rc::Rc;

use super::environment::Object;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// `true` or `false`
    Bool,
    /// A whole number.
    Int,
    /// A whole number that is not negative.
    Uint,
    /// A number with a fraction.
    Double,
    /// Text.
    Str,
    /// Bytes.
    Bytes,
    /// `null`
    Null,
    /// A point in time.
    Timestamp,
    /// A length of time.
    Duration,
    /// A type as a value.
    Type,
    /// Known when the expression is evaluated.
    Dyn,
    /// Not known here: nothing about it is wrong.
    Unknown,
    /// A list.
    List(Rc<Type>),
    /// A map.
    Map(Rc<(Type, Type)>),
    /// A thing with fields.
    Object(&'static Object),
}

impl Type {
    /// Whether anything goes with it.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Type::Dyn | Type::Unknown)
    }

    /// Whether two values may stand for one parameter of a type: what `==` and lists ask.
    pub(super) fn agrees(&self, other: &Type) -> bool {
        match (self, other) {
            _ if self.is_open() || other.is_open() => true,
            (Type::List(a), Type::List(b)) => a.agrees(b),
            (Type::Map(a), Type::Map(b)) => a.0.agrees(&b.0) && a.1.agrees(&b.1),
            (Type::Object(a), Type::Object(b)) => a.name == b.name,
            (Type::Null, Type::Object(_) | Type::Timestamp | Type::Duration)
            | (Type::Object(_) | Type::Timestamp | Type::Duration, Type::Null) => true,
            _ => self == other,
        }
    }

    /// The type of a list that holds both.
    pub(super) fn join(self, other: Type) -> Type {
        match (&self, &other) {
            (Type::Unknown, _) | (_, Type::Unknown) => Type::Unknown,
            _ if self == other => self,
            (Type::Null, Type::Object(_) | Type::Timestamp | Type::Duration) => other,
            (Type::Object(_) | Type::Timestamp | Type::Duration, Type::Null) => self,
            _ => Type::Dyn,
        }
    }

    /// As a message names it.
    pub(super) fn shown(&self) -> &'static str {
        match self {
            Type::Bool => "a bool",
            Type::Int => "an int",
            Type::Uint => "a uint",
            Type::Double => "a double",
            Type::Str => "a string",
            Type::Bytes => "bytes",
            Type::Null => "null",
            Type::Timestamp => "a timestamp",
            Type::Duration => "a duration",
            Type::Type => "a type",
            Type::Dyn | Type::Unknown => "a value",
            Type::List(_) => "a list",
            Type::Map(_) => "a map",
            Type::Object(object) => object.shown,
        }
    }
}
