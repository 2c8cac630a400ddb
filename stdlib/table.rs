//! Makes static rows of the table of Talos's fields: `stdlib/data/talos/`, whose README says what the columns mean.
//!
//! `fields/` becomes the rows; what is written by hand becomes marks in them, or small arrays of its own (`table/hand.rs`).
//! All rows are one array, in which the fields of a row stand side by side in the order of their names; names are one text;
//! types, ways of merging and the like are small arrays that rows point into by number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::read;

mod hand;
mod maps;
mod words;

/// First minor of the table: bit 0 of its masks, as in `src/world/config`.
pub(crate) const FIRST_MINOR: u16 = 9;
/// Bits of the minors of the table.
pub(crate) const LAST_MINOR: u16 = 14;

/// A document, without a kind for the v1alpha1 one, and a path into it; `[]` and `*` are elements of lists and maps.
type Key = (String, String);

#[derive(Clone, Default)]
struct Entry {
    ty: String,
    merge: String,
    minors: u16,
    deprecated: u16,
    instead: String,
    secret: bool,
    unordered: bool,
    /// Older minors, in which it was otherwise: minors, type, merge.
    variants: Vec<(u16, String, String)>,
}

/// The text of the module of static rows.
pub(super) fn table(directory: &Path) -> Result<String, String> {
    let mut entries = BTreeMap::new();
    let fields = directory.join("fields");
    let mut names = Vec::new();
    for entry in fs::read_dir(&fields).map_err(|e| format!("{}: {e}", fields.display()))? {
        names.push(entry.map_err(|e| e.to_string())?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    for name in &names {
        let document = name.strip_suffix(".csv").ok_or_else(|| format!("fields/{name}: not a table"))?;
        let document = if document.split('.').next() == Some("v1alpha1") { "" } else { document };
        let text = read(&fields.join(name))?;
        for (number, line) in text.lines().enumerate().skip(1) {
            field(&mut entries, document, line)
                .map_err(|why| format!("fields/{name}: line {}: {why}", number + 1))?;
        }
    }
    hand::marks(&mut entries, directory)?;
    let rows = Rows::new(&entries)?;
    Ok(format!("{}{}{}", rows.write()?, maps::write(&rows)?, hand::columns(&rows, directory)?))
}

/// Reads a line of a table of fields.
fn field(entries: &mut BTreeMap<Key, Entry>, document: &str, line: &str) -> Result<(), String> {
    let cells = cells(line)?;
    let cell = |i: usize| cells.get(i).cloned().unwrap_or_default();
    let minors = mask(&cell(2)).ok_or_else(|| format!("`{}` are no minors", cell(2)))?;
    let mut entry = Entry { ty: cell(1), merge: cell(3), minors, instead: cell(5), ..Entry::default() };
    if !cell(4).is_empty() {
        let minor = cell(4).strip_prefix("1.").and_then(|minor| minor.parse().ok());
        entry.deprecated = minor.ok_or_else(|| format!("`{}` is no minor", cell(4)))?;
    }
    entry.secret = match cell(6).as_str() {
        "" => false,
        "secret" => true,
        other => return Err(format!("`{other}` is no mark")),
    };
    let key = (document.to_owned(), cell(0));
    if let Some(older) = entries.remove(&key) {
        if older.minors & minors != 0 {
            return Err("a minor stands twice".to_owned());
        }
        entry.variants = older.variants;
        entry.variants.push((older.minors & !minors, older.ty, older.merge));
        entry.minors |= older.minors;
    }
    entries.insert(key, entry);
    Ok(())
}

/// The cells of a line; one with a comma stands between quotes.
fn cells(line: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut rest = line;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("a quote is never closed")?,
            None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
        };
        out.push(cell.to_owned());
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None if after.is_empty() => return Ok(out),
            None => return Err(format!("`{after}` after a quote")),
        }
    }
}

/// `1.9`, `1.9..1.12` or `1.9..` as bits.
fn mask(cell: &str) -> Option<u16> {
    let minor = |text: &str| text.strip_prefix("1.")?.parse::<u16>().ok();
    let (from, to) = match cell.split_once("..") {
        None => (minor(cell)?, minor(cell)?),
        Some((from, "")) => (minor(from)?, LAST_MINOR),
        Some((from, to)) => (minor(from)?, minor(to)?),
    };
    let known = FIRST_MINOR <= from && from <= to && to <= LAST_MINOR;
    known.then(|| (from..=to).map(|minor| 1 << (minor - FIRST_MINOR)).sum())
}

/// The rows in their order, and what they point to.
struct Rows<'e> {
    /// Name, parent, entry; none for a document.
    rows: Vec<(String, usize, Option<&'e Entry>)>,
    children: Vec<(usize, usize)>,
    documents: usize,
    /// The number of each row by its place; a document has an empty path.
    ids: BTreeMap<Key, usize>,
}

impl<'e> Rows<'e> {
    /// Documents first, then the fields of each row after those of the rows before it.
    fn new(entries: &'e BTreeMap<Key, Entry>) -> Result<Self, String> {
        let mut fields: BTreeMap<Key, Vec<(&str, &str, &Entry)>> = BTreeMap::new();
        for ((document, path), entry) in entries {
            let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
            let parent = parent.trim_end_matches("[]").trim_end_matches(".*").trim_end_matches("[]");
            let inside = entries.get(&(document.clone(), parent.to_owned()));
            if !(parent.is_empty() || inside.is_some_and(|inside| inside.ty.ends_with("block"))) {
                return Err(format!("{document}: {path}: `{parent}` is no block"));
            }
            fields.entry((document.clone(), parent.to_owned())).or_default().push((name, path, entry));
        }
        let documents: BTreeSet<&str> = entries.keys().map(|(document, _)| document.as_str()).collect();
        let mut out =
            Rows { rows: Vec::new(), children: Vec::new(), documents: documents.len(), ids: BTreeMap::new() };
        let mut open: Vec<(&str, &str)> = Vec::new();
        for document in documents {
            out.rows.push((document.to_owned(), 0, None));
            open.push((document, ""));
        }
        let mut at = 0;
        while let Some(&(document, path)) = open.get(at) {
            out.ids.insert((document.to_owned(), path.to_owned()), at);
            let mut inner = fields.remove(&(document.to_owned(), path.to_owned())).unwrap_or_default();
            inner.sort_by_key(|(name, ..)| *name);
            out.children.push((out.rows.len(), inner.len()));
            for (name, path, entry) in inner {
                out.rows.push((name.to_owned(), at, Some(entry)));
                open.push((document, path));
            }
            at += 1;
        }
        match fields.keys().next() {
            None => Ok(out),
            Some((document, path)) => Err(format!("{document}: `{path}` is reached from nowhere")),
        }
    }

    fn write(&self) -> Result<String, String> {
        let names: BTreeSet<&str> = self.rows.iter().map(|(name, ..)| name.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let mut types = Pool::new("block");
        let mut merges = Pool::new("");
        let mut instead = Pool::new("");
        let mut out = String::from("static ROWS: &[Columns] = &[\n");
        let mut variants = String::from("static VARIANTS: &[Variant] = &[\n");
        let none = Entry { ty: "block".to_owned(), minors: 0, ..Entry::default() };
        for (i, (name, parent, entry)) in self.rows.iter().enumerate() {
            let (first, count) = self.children[i];
            let e = entry.unwrap_or(&none);
            // A document is in the minors that have any field of it.
            let minors = self.rows[first..first + count]
                .iter()
                .filter_map(|row| row.2)
                .fold(0, |all, e| all | e.minors);
            let minors = if entry.is_some() { e.minors } else { minors };
            let name = names.binary_search(&name.as_str()).map_err(|_| "a name is missing")?;
            let _ = writeln!(
                out,
                "    Columns {{ name: {name}, parent: {parent}, first: {first}, count: {count}, ty: {}, merge: {}, \
                 minors: {minors:#b}, deprecated: {}, instead: {}, secret: {}, unordered: {}, varies: {} }},",
                types.id(&e.ty),
                merges.id(&e.merge),
                e.deprecated,
                instead.id(&e.instead),
                e.secret,
                e.unordered,
                !e.variants.is_empty(),
            );
            for (minors, ty, merge) in &e.variants {
                let (ty, merge) = (types.id(ty), merges.id(merge));
                let _ = writeln!(
                    variants,
                    "    Variant {{ row: {i}, minors: {minors:#b}, ty: {ty}, merge: {merge} }},"
                );
            }
        }
        let _ = write!(out, "];\n{variants}];\nconst DOCUMENTS: u16 = {};\n", self.documents);
        let ends = names.iter().scan(0, |end, name| {
            *end += name.len();
            Some(*end)
        });
        let _ = writeln!(out, "static NAMES: &str = {:?};", names.concat());
        let _ = writeln!(out, "static NAME_ENDS: &[u16] = &{:?};", ends.collect::<Vec<_>>());
        types.write(&mut out, "TYPES", "Type", words::ty)?;
        merges.write(&mut out, "MERGES", "Merge", words::merge)?;
        instead.write(&mut out, "INSTEAD", "&[&str]", |text| Ok(list(text, '|')))?;
        Ok(out)
    }
}

/// Different texts by number; the first stands for nothing.
struct Pool {
    ids: BTreeMap<String, usize>,
    all: Vec<String>,
}

impl Pool {
    fn new(first: &str) -> Self {
        Pool { ids: BTreeMap::from([(first.to_owned(), 0)]), all: vec![first.to_owned()] }
    }

    fn id(&mut self, text: &str) -> usize {
        let next = self.all.len();
        let id = *self.ids.entry(text.to_owned()).or_insert(next);
        if id == next {
            self.all.push(text.to_owned());
        }
        id
    }

    fn write(
        &self,
        out: &mut String,
        name: &str,
        ty: &str,
        show: impl Fn(&str) -> Result<String, String>,
    ) -> Result<(), String> {
        if self.all.len() > usize::from(u8::MAX) {
            return Err(format!("{name} has more entries than a byte can count"));
        }
        let _ = writeln!(out, "static {name}: &[{ty}] = &[");
        for text in &self.all {
            let _ = writeln!(out, "    {},", show(text)?);
        }
        out.push_str("];\n");
        Ok(())
    }
}

/// `a|b` as a slice of texts.
pub(crate) fn list(text: &str, separator: char) -> String {
    let words: Vec<&str> = text.split(separator).filter(|word| !word.is_empty()).collect();
    format!("&{words:?}")
}
