//! How Talos joins a value with the one below it: the merge rules of the table, at the place that is being merged.

use crate::world::config::{Merge, Row, Spot, Type};

/// A place of a document while two of them are merged.
#[derive(Debug, Clone, Copy)]
pub(super) struct MergeSpot {
    /// `None` below what has no type, and for what the table does not know.
    spot: Option<Spot>,
    minor: u16,
    /// It is, or stands in, what has no type.
    pub(super) free: bool,
}

impl MergeSpot {
    /// The root of a document of a kind; the v1alpha1 document has none.
    pub(super) fn document(kind: &str, minor: u16) -> MergeSpot {
        MergeSpot { spot: Spot::document(Some(kind).filter(|kind| !kind.is_empty())), minor, free: false }
    }

    fn inside(&self, spot: Option<Spot>) -> MergeSpot {
        let free = self.free || spot.is_some_and(|spot| *spot.ty_in(self.minor) == Type::Any);
        MergeSpot { spot, free, ..*self }
    }

    /// The place of a key.
    pub(super) fn child(&self, key: &str) -> MergeSpot {
        self.inside(self.spot.and_then(|spot| spot.child(key)))
    }

    /// The place of an element.
    pub(super) fn item(&self) -> MergeSpot {
        self.inside(self.spot.and_then(Spot::item))
    }

    /// What becomes of two values.
    pub(super) fn rule(&self) -> Merge {
        match self.spot {
            Some(spot) if spot.is_whole() => spot.row().merge(self.minor),
            // Values of a map and what has no type are joined as Go values, whose zero is no value.
            _ => Merge::NonZero,
        }
    }

    /// Whether zero counts as a value: since Talos 1.12 it does in a field that can be told from one that is not set.
    pub(super) fn zero_counts(&self) -> bool {
        self.rule() == Merge::Default && self.minor >= 12
    }

    /// The field that it is, if it is one.
    pub(super) fn row(&self) -> Option<Row> {
        self.spot.filter(|spot| spot.is_whole()).map(Spot::row)
    }

    /// What stands there, as far as it is known.
    pub(super) fn ty(&self) -> Option<&'static Type> {
        self.spot.map(|spot| spot.ty_in(self.minor))
    }

    /// Whether a key that is not there can be named all the same: of a block all fields are, set or not.
    pub(super) fn has_all_keys(&self) -> bool {
        matches!(self.ty(), Some(Type::Block))
    }

    /// The paths below a document that a patch takes away by not saying them.
    pub(super) fn forgotten(&self) -> Vec<Vec<&'static str>> {
        let mut out = Vec::new();
        if let Some(spot) =
            self.spot.filter(|spot| spot.row().parent().is_none() && !spot.row().name().is_empty())
        {
            collect(spot.row(), self.minor, &mut Vec::new(), &mut out);
        }
        out
    }
}

fn collect(row: Row, minor: u16, path: &mut Vec<&'static str>, out: &mut Vec<Vec<&'static str>>) {
    for field in row.fields() {
        path.push(field.name());
        if field.merge(minor) == Merge::Always {
            out.push(path.clone());
        } else if *field.ty_in(minor) == Type::Block {
            collect(field, minor, path, out);
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::config;

    /// Only documents of their own are looked through for such fields. Elements of lists are no place: they are added or merged by key.
    #[test]
    fn nothing_of_the_v1alpha1_document_is_taken_away_by_silence() {
        for minor in 9..=14 {
            let mut found = Vec::new();
            collect(
                config::document(None).expect("the v1alpha1 document"),
                minor,
                &mut Vec::new(),
                &mut found,
            );
            assert_eq!(found, Vec::<Vec<&str>>::new(), "v1.{minor}");
        }
    }
}
