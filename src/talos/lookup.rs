//! Fields of documents and patches by their rows in the table of Talos's fields.

use crate::flatten::{Fields, Slot};
use crate::tree::{Node, Value};
use crate::world::config::{self, Row, Type};

impl Fields {
    /// What a patch says of a field of the v1alpha1 document, if the way to it leads through no list and no map.
    pub fn said_of(&self, row: Row) -> Option<&Slot> {
        row.parent()?.follow(self, &Fields::block)?.get(row.name())
    }
}

impl Node {
    /// What a document says of a field, if the way to it leads through no list and no map.
    pub fn field(&self, row: Row) -> Option<&Node> {
        row.follow(self, &|node: &Node, name| node.as_map()?.get(name))
    }

    /// What a document says in any of several places, one for each of them that it has.
    pub fn said(&self, places: &[Row]) -> Vec<&Node> {
        let top = config::document(self.at(&["kind"]).and_then(Node::as_str));
        let here = places.iter().filter(|place| Some(place.root()) == top);
        here.flat_map(|place| self.fields(*place)).collect()
    }

    /// All that a document says of a field: one for each element of the lists and maps on the way to it.
    pub fn fields(&self, row: Row) -> Vec<&Node> {
        let Some(parent) = row.parent() else { return vec![self] };
        let mut open: Vec<&Node> = self.fields(parent);
        let mut ty = parent.ty();
        while let Type::List(inner) | Type::Map(inner) = ty {
            open = open.into_iter().flat_map(elements).collect();
            ty = inner;
        }
        open.into_iter().filter_map(|node| node.as_map()?.get(row.name())).collect()
    }
}

fn elements(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::Seq(items) => items.iter().collect(),
        Value::Map(map) => map.iter().map(|(_, node)| node).collect(),
        _ => Vec::new(),
    }
}
