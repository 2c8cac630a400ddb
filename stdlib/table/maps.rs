//! Maps with free keys, by name: for configuration of which only the names of the fields around are known.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Rows;

/// `MAPS`: the names of maps, and whether they hold blocks. A name that is also that of something else has lines by the names of what its
/// maps stand in; every other one has one line without.
pub(super) fn write(rows: &Rows<'_>) -> Result<String, String> {
    // By name: for each thing it stands in, whether it is a map, and of blocks.
    let mut names: BTreeMap<&str, BTreeMap<&str, Option<bool>>> = BTreeMap::new();
    for (name, parent, entry) in rows.rows.iter().skip(rows.documents) {
        let entry = entry.ok_or("a field without an entry")?;
        let blocks = entry.ty.strip_prefix("map of ").map(|inner| inner == "block");
        let parent = if *parent < rows.documents { "" } else { rows.rows[*parent].0.as_str() };
        let known = names.entry(name.as_str()).or_default().entry(parent).or_insert(blocks);
        if *known != blocks {
            // Two things of one name: neither is told from the other.
            *known = None;
        }
    }
    let mut out = String::from("static MAPS: &[(&str, Option<&str>, bool)] = &[\n");
    for (name, parents) in &names {
        let maps: Vec<bool> = parents.values().copied().flatten().collect();
        if maps.len() == parents.len() && maps.iter().all(|blocks| *blocks == maps[0]) {
            let _ = writeln!(out, "    ({name:?}, None, {}),", maps[0]);
            continue;
        }
        for (parent, blocks) in parents.iter().filter_map(|(parent, blocks)| Some((parent, (*blocks)?))) {
            let _ = writeln!(out, "    ({name:?}, Some({parent:?}), {blocks}),");
        }
    }
    out.push_str("];\n");
    Ok(out)
}
