//! Ids of patches: stable, whatever stands before or after them.
//!
//! Omni's default id holds the position in the list, so that every insertion renames the rest. An id of ours is made of the
//! cluster, the owner of the level (set or machine; none for the cluster) and the name of the patch, joined by `:`, which none
//! of the parts contains: a `:` in the name of a patch is written `%3A`, and a `%` `%25`. Two and three parts cannot be confused.

use crate::text::Text;

/// The id of a patch.
pub fn patch(cluster: &str, owner: Option<&str>, name: &str) -> Text {
    let mut id = String::with_capacity(cluster.len() + owner.map_or(0, str::len) + name.len() + 2);
    id.push_str(cluster);
    id.push(':');
    if let Some(owner) = owner {
        id.push_str(owner);
        id.push(':');
    }
    for piece in name.split_inclusive([':', '%']) {
        id.push_str(piece.trim_end_matches([':', '%']));
        match piece.as_bytes().last() {
            Some(b':') => id.push_str("%3A"),
            Some(b'%') => id.push_str("%25"),
            _ => {}
        }
    }
    id.into()
}

/// Whether a name stands in an id as it is.
pub fn is_plain(name: &str) -> bool {
    !name.contains([':', '%'])
}

#[cfg(test)]
mod tests {
    use super::patch;

    #[test]
    fn different_triples_give_different_ids() {
        assert_eq!(patch("c", None, "p"), "c:p");
        assert_eq!(patch("c", Some("s"), "p"), "c:s:p");
        assert_ne!(patch("c", None, "s:p"), patch("c", Some("s"), "p"));
        assert_ne!(patch("c", None, "%3A"), patch("c", None, ":"));
    }
}
