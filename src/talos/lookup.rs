//! Fields of documents and patches by their rows in the table of Talos's fields.

use smallvec::SmallVec;

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
        self.said_in(self.row(), places)
    }

    /// The same of a document whose row is known, for who asks for many places.
    pub fn said_in(&self, document: Option<Row>, places: &[Row]) -> Vec<&Node> {
        let mut out = Vec::new();
        for place in places.iter().filter(|place| Some(place.root()) == document) {
            self.collect(*place, &mut out);
        }
        out
    }

    /// The row of a document.
    pub fn row(&self) -> Option<Row> {
        config::document(self.at(&["kind"]).and_then(Node::as_str))
    }

    /// All that a document says of a field: one for each element of the lists and maps on the way to it.
    pub fn fields(&self, row: Row) -> Vec<&Node> {
        let mut out = Vec::new();
        self.collect(row, &mut out);
        out
    }

    fn collect<'n>(&'n self, row: Row, out: &mut Vec<&'n Node>) {
        // From the document down.
        let mut way: SmallVec<[Row; 8]> = row.ancestors().collect();
        way.reverse();
        self.below(&way, out);
    }

    /// What stands at the end of a way of rows, whose first is that of this node.
    fn below<'n>(&'n self, way: &[Row], out: &mut Vec<&'n Node>) {
        match way {
            [] | [_] => out.push(self),
            [here, next, ..] => elements(self, here.ty(), &mut |node| {
                if let Some(inner) = node.as_map().and_then(|map| map.get(next.name())) {
                    inner.below(&way[1..], out);
                }
            }),
        }
    }
}

/// Calls a function for the node, or for each element of the lists and maps that its type says it is.
fn elements<'n>(node: &'n Node, ty: &Type, each: &mut dyn FnMut(&'n Node)) {
    let (Type::List(inner) | Type::Map(inner)) = ty else { return each(node) };
    match &node.value {
        Value::Seq(items) => items.iter().for_each(|item| elements(item, inner, each)),
        Value::Map(map) => map.iter().for_each(|(_, node)| elements(node, inner, each)),
        _ => {}
    }
}
