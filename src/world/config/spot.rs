//! A place in the table while a document is walked through.

use super::{Row, Type, document};

/// A row, and how many lists and maps of its type have been entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spot {
    row: Row,
    depth: u8,
}

impl Spot {
    /// The top of the document of a kind; the v1alpha1 document has none.
    pub fn document(kind: Option<&str>) -> Option<Spot> {
        document(kind).map(Spot::of)
    }

    /// The whole of a field.
    pub fn of(row: Row) -> Spot {
        Spot { row, depth: 0 }
    }

    /// The field that it is, or is an element of.
    pub fn row(self) -> Row {
        self.row
    }

    /// Whether it is the field itself and no element of it.
    pub fn is_whole(self) -> bool {
        self.depth == 0
    }

    /// What stands there, in the newest minor that has the field.
    pub fn ty(self) -> &'static Type {
        self.inner(self.row.ty())
    }

    /// What stands there in a minor.
    pub fn ty_in(self, minor: u16) -> &'static Type {
        self.inner(self.row.ty_in(minor))
    }

    fn inner(self, mut ty: &'static Type) -> &'static Type {
        for _ in 0..self.depth {
            if let Type::List(inner) | Type::Map(inner) = ty {
                ty = inner;
            }
        }
        ty
    }

    /// What a name leads to: a field of a block, or the value of a key. Nothing is known below what is free-form.
    pub fn child(self, name: &str) -> Option<Spot> {
        match self.ty() {
            Type::Block => self.row.field(name).map(Spot::of),
            Type::Map(_) => Some(Spot { depth: self.depth + 1, ..self }),
            _ => None,
        }
    }

    /// An element of a list.
    pub fn item(self) -> Option<Spot> {
        matches!(self.ty(), Type::List(_)).then(|| Spot { depth: self.depth + 1, ..self })
    }
}
