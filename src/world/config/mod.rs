//! What is known of Talos's configuration: one table, a row for each field of each document, keyed by its place.
//!
//! `stdlib/data/talos/` holds it as text and says where each column comes from; the build script (`stdlib/table/`) makes static
//! rows of it, so that nothing is read or built at start. A row is found from its parent by its name, or from a whole
//! [`Place`]; whoever walks through a document keeps a [`Spot`]. The table knows nothing of values, nodes and sources.

mod columns;
mod place;
mod spot;
mod types;

use std::fmt;

use crate::cel::Environment;

pub use columns::{
    Effect, Machines, Owned, TwoForms, Volumes, control_planes_only, expressions, is_free, map_named, owned,
};
pub use place::{Document, Place, Step};
pub use spot::Spot;
pub use types::{Merge, Type};

include!(concat!(env!("OUT_DIR"), "/talos_table.rs"));

/// The oldest minor of the table: bit 0 of its masks.
pub const FIRST_MINOR: u16 = 9;

/// The columns of a row, as the build script writes them.
struct Columns {
    name: u16,
    parent: u16,
    /// The rows of the fields in it, in the order of their names.
    first: u16,
    count: u16,
    ty: u8,
    merge: u8,
    /// A bit for each minor that has it.
    minors: u16,
    /// The minor that deprecated it; 0 for none.
    deprecated: u8,
    /// What its deprecation offers; 0 for nothing.
    instead: u8,
    secret: bool,
    /// The order of the list means nothing.
    unordered: bool,
    /// In some older minors it was otherwise.
    varies: bool,
}

/// What a row was in older minors.
struct Variant {
    row: u16,
    minors: u16,
    ty: u8,
    merge: u8,
}

/// A field of Talos's configuration, or a whole document.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row(u16);

/// The document of a kind; the v1alpha1 document has none.
pub fn document(kind: Option<&str>) -> Option<Row> {
    let Some(kind) = kind else { return Some(Row(0)) };
    let others = 1..DOCUMENTS;
    find(others, kind)
}

/// Every document, the v1alpha1 one first and the others in the order of their kinds.
pub fn documents() -> impl Iterator<Item = Row> {
    (0..DOCUMENTS).map(Row)
}

/// Every row: documents, then the fields of each row after those of the rows before it.
pub fn rows() -> impl Iterator<Item = Row> {
    (0..ROWS.len() as u16).map(Row)
}

/// The row of a name among rows that are in the order of their names.
fn find(rows: std::ops::Range<u16>, name: &str) -> Option<Row> {
    let (mut from, mut to) = (rows.start, rows.end);
    while from < to {
        let middle = from + (to - from) / 2;
        match Row(middle).name().cmp(name) {
            std::cmp::Ordering::Less => from = middle + 1,
            std::cmp::Ordering::Equal => return Some(Row(middle)),
            std::cmp::Ordering::Greater => to = middle,
        }
    }
    None
}

impl Row {
    fn columns(self) -> &'static Columns {
        &ROWS[self.0 as usize]
    }

    /// The name of the field, or the kind of the document; empty for the v1alpha1 document.
    pub fn name(self) -> &'static str {
        let id = self.columns().name as usize;
        let start = if id == 0 { 0 } else { NAME_ENDS[id - 1] as usize };
        NAMES.get(start..NAME_ENDS[id] as usize).unwrap_or_default()
    }

    /// What it stands in; nothing for a document.
    pub fn parent(self) -> Option<Row> {
        (self.0 >= DOCUMENTS).then(|| Row(self.columns().parent))
    }

    /// The document that it stands in, or is.
    pub fn root(self) -> Row {
        self.parent().map_or(self, Row::root)
    }

    /// The fields in it, in the order of their names: of a list or map, those of its elements.
    pub fn fields(self) -> impl Iterator<Item = Row> {
        let Columns { first, count, .. } = *self.columns();
        (first..first + count).map(Row)
    }

    /// A field in it.
    pub fn field(self, name: &str) -> Option<Row> {
        let Columns { first, count, .. } = *self.columns();
        find(first..first + count, name)
    }

    /// What it holds, in the newest minor that has it.
    pub fn ty(self) -> &'static Type {
        &TYPES[self.columns().ty as usize]
    }

    /// What it holds in a minor.
    pub fn ty_in(self, minor: u16) -> &'static Type {
        self.variant(minor).map_or_else(|| self.ty(), |variant| &TYPES[variant.ty as usize])
    }

    /// How a minor makes one value of two.
    pub fn merge(self, minor: u16) -> Merge {
        let merge = self.variant(minor).map_or(self.columns().merge, |variant| variant.merge);
        MERGES[merge as usize]
    }

    fn variant(self, minor: u16) -> Option<&'static Variant> {
        if !self.columns().varies {
            return None;
        }
        VARIANTS.iter().find(|variant| variant.row == self.0 && variant.minors & bit(minor) != 0)
    }

    /// Whether Talos 1.`minor` has it.
    pub fn in_minor(self, minor: u16) -> bool {
        self.columns().minors & bit(minor) != 0
    }

    /// The first minor that has it, [`FIRST_MINOR`] for what is older.
    pub fn since(self) -> u16 {
        FIRST_MINOR + self.columns().minors.trailing_zeros() as u16
    }

    /// The minor that deprecated it, [`FIRST_MINOR`] for an older one.
    pub fn deprecated(self) -> Option<u16> {
        let minor = u16::from(self.columns().deprecated);
        (minor != 0).then_some(minor)
    }

    /// The kinds of documents that are to be used instead of what is deprecated.
    pub fn instead(self) -> &'static [&'static str] {
        INSTEAD[self.columns().instead as usize]
    }

    /// Whether its value must not be shown.
    pub fn secret(self) -> bool {
        self.columns().secret
    }

    /// Whether it is a list whose order means something.
    pub fn ordered(self) -> bool {
        matches!(self.ty(), Type::List(_)) && !self.columns().unordered
    }
}

/// The place of the row: `machine.network.interfaces[].vip.ip`.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent() {
            None if self.name().is_empty() => Ok(()),
            None => write!(f, "{}:", self.name()),
            Some(parent) => {
                write!(f, "{parent}")?;
                let mut ty = parent.ty();
                loop {
                    ty = match ty {
                        Type::List(inner) => {
                            f.write_str("[]")?;
                            inner
                        }
                        Type::Map(inner) => {
                            f.write_str(".*")?;
                            inner
                        }
                        _ => break,
                    };
                }
                let separator = match (parent.parent(), parent.name()) {
                    (None, "") => "",
                    (None, _) => " ",
                    (Some(_), _) => ".",
                };
                write!(f, "{separator}{}", self.name())
            }
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({self})")
    }
}

fn bit(minor: u16) -> u16 {
    minor.checked_sub(FIRST_MINOR).and_then(|shift| 1u16.checked_shl(shift.into())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row of a place that is in the table.
    pub(super) fn row(place: &str) -> Row {
        let place: Place = place.parse().unwrap_or_else(|why| panic!("{place}: {why}"));
        place.row().unwrap_or_else(|| panic!("{place} is in the table"))
    }

    #[test]
    fn places_lead_to_rows() {
        let vip = row("machine.network.interfaces[eth0].vlans[\"100\"].vip.ip");
        assert_eq!(vip.to_string(), "machine.network.interfaces[].vlans[].vip.ip");
        assert_eq!((vip.ty(), vip.root()), (&Type::String, Row(0)));
        let selector = row("UserVolumeConfig/ceph: provisioning.diskSelector.match");
        assert_eq!(selector.ty(), &Type::Cel);
        assert_eq!(selector.to_string(), "UserVolumeConfig: provisioning.diskSelector.match");
        assert_eq!(
            row("machine.registries.mirrors.\"docker.io\".endpoints").ty(),
            &Type::List(&Type::String)
        );
        assert_eq!(row("BondConfig:").name(), "BondConfig");
        let unknown: Place = "machine.kubelets".parse().unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(unknown.row(), None);
    }

    #[test]
    fn every_row_is_found_by_its_place() {
        for expected in rows() {
            let text = expected.to_string().replace("[]", "[0]").replace(".*", ".any");
            let place: Place = text.parse().unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(place.row(), Some(expected), "{text}");
            assert_eq!(place.to_string(), text);
        }
    }

    #[test]
    fn minors_decide() {
        let args = row("machine.kubelet.extraArgs");
        assert_eq!((args.merge(12), args.merge(13)), (Merge::Default, Merge::Entries));
        assert_eq!(args.ty_in(9), &Type::Map(&Type::String));
        assert_eq!(args.ty_in(14), &Type::Map(&Type::StringOrStrings));
        assert_eq!((args.deprecated(), args.instead()), (Some(14), &["KubeletConfig"][..]));
        let bond = row("BondConfig: name");
        assert!(!bond.in_minor(11) && bond.in_minor(12) && !bond.in_minor(15) && !bond.in_minor(8));
        assert_eq!(bond.since(), 12);
    }

    #[test]
    fn talos_merges_these_in_ways_of_their_own() {
        let merge = |place: &str| row(place).merge(13);
        assert_eq!(merge("machine.network.interfaces"), Merge::Keyed(&["interface", "deviceSelector"]));
        assert_eq!(merge("cluster.network.podSubnets"), Merge::Replace);
        assert_eq!(merge("ImageVerificationConfig: rules"), Merge::KeyedReplace("image"));
        assert_eq!(merge("machine.install.wipe"), Merge::Default);
        assert_eq!(merge("UserVolumeConfig: provisioning.minSize"), Merge::Always);
        assert_eq!(merge("machine.kubelet.image"), Merge::NonZero);
        assert!(!row("machine.certSANs").ordered() && row("machine.network.nameservers").ordered());
    }
}
