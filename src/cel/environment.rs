//! What an expression may name: variables, their fields, and functions.

use std::rc::Rc;

use super::types::Type;

/// The variables and functions of expressions of one purpose, beyond the standard library.
#[derive(Debug)]
pub struct Environment {
    /// How messages call an expression: "a disk selector".
    pub name: &'static str,
    /// The variables and constants, in groups.
    pub variables: &'static [&'static [Variable]],
    /// The functions.
    pub functions: &'static [Overload],
    /// Texts that are written where an expression is wanted.
    pub plain: Option<Plain>,
}

/// A text that stands for a comparison of a variable with it: the path of a disk, the name of a storage.
#[derive(Debug)]
pub struct Plain {
    /// What the text is: "the path of a disk".
    pub shown: &'static str,
    /// The variable.
    pub variable: &'static str,
    /// Whether a text is one.
    pub fits: fn(&str) -> bool,
}

impl Environment {
    /// The variables and constants.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static Variable> {
        self.variables.iter().copied().flatten()
    }
}

/// A variable or a field.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub is: Is,
    /// The first version that has it.
    pub since: Option<(u16, u16)>,
    /// Of a constant: the number.
    pub value: Option<u64>,
}

impl Variable {
    /// One that every version has.
    pub const fn new(name: &'static str, is: Is) -> Variable {
        Variable { name, is, since: None, value: None }
    }
    /// One that a version brought.
    pub const fn since(name: &'static str, is: Is, major: u16, minor: u16) -> Variable {
        Variable { name, is, since: Some((major, minor)), value: None }
    }
    /// A constant.
    pub const fn constant(name: &'static str, value: u64) -> Variable {
        Variable { name, is: Is::Uint, since: None, value: Some(value) }
    }
}

/// A thing with fields.
#[derive(Debug)]
pub struct Object {
    /// Tells it from others.
    pub name: &'static str,
    /// How messages call it: "a disk".
    pub shown: &'static str,
    /// Its fields.
    pub fields: &'static [Variable],
}

impl PartialEq for Object {
    fn eq(&self, other: &Object) -> bool {
        self.name == other.name
    }
}

/// One form of a function.
#[derive(Debug)]
pub struct Overload {
    /// Its name.
    pub name: &'static str,
    /// Called on the first of what it takes: `text.contains("x")`.
    pub member: bool,
    /// What it takes.
    pub takes: &'static [Is],
    /// What it gives.
    pub gives: Is,
}

/// A type in a table.
#[derive(Clone, Copy, Debug)]
pub enum Is {
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
    /// A point in time.
    Timestamp,
    /// A length of time.
    Duration,
    /// A type as a value.
    Type,
    /// Known when the expression is evaluated.
    Dyn,
    /// Anything; of a result: not known here.
    Any,
    /// A list of anything.
    List,
    /// A map of anything.
    Map,
    /// A list of text.
    Strs,
    /// A thing with fields.
    Object(&'static Object),
}

impl Is {
    /// The type of a value of it.
    pub(super) fn value(self) -> Type {
        match self {
            Is::Bool => Type::Bool,
            Is::Int => Type::Int,
            Is::Uint => Type::Uint,
            Is::Double => Type::Double,
            Is::Str => Type::Str,
            Is::Bytes => Type::Bytes,
            Is::Timestamp => Type::Timestamp,
            Is::Duration => Type::Duration,
            Is::Type => Type::Type,
            Is::Dyn => Type::Dyn,
            Is::Any => Type::Unknown,
            Is::List => Type::List(Rc::new(Type::Unknown)),
            Is::Map => Type::Map(Rc::new((Type::Unknown, Type::Unknown))),
            Is::Strs => Type::List(Rc::new(Type::Str)),
            Is::Object(object) => Type::Object(object),
        }
    }

    /// Whether it takes a value of a type.
    pub(super) fn takes(self, ty: &Type) -> bool {
        self.value().agrees(ty)
    }
}
