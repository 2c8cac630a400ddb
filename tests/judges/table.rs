//! The table of Talos's fields: what every minor's machinery says, joined to one text. `BLESS=1` writes it anew.
//!
//! `stdlib/data/talos/README.md` describes the columns. What is left of the newest minor, because its judge links a
//! pre-release, stands in a file of its own, which is data and not made here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use talosc::world::config;

use crate::judge::{Field, Judges, MINORS, PREVIEW};

type Result<T> = std::result::Result<T, Failed>;

const HEAD: &str = "place,type,minors,merge,deprecated,instead,marks\n";

/// How many documents and fields a minor has. A new one is counted here when its rows have been read.
const COUNTS: [(&str, usize, usize); 6] = [
    ("1.9", 11, 426),
    ("1.10", 14, 471),
    ("1.11", 18, 543),
    ("1.12", 37, 739),
    ("1.13", 45, 808),
    ("1.14", 90, 1081),
];

/// A field in every minor that has it, by the number of the minor.
type Row = BTreeMap<u16, Field>;

/// Rows by document and path.
type Table = BTreeMap<(String, String), Row>;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib/data/talos")
}

/// Compares the committed table with what the judges say, and counts.
pub(crate) fn regenerate(judges: &mut Judges) -> Result<()> {
    let mut table = Table::new();
    for name in MINORS.into_iter().chain([PREVIEW]) {
        let minor = number(name)?;
        let mut fields = judges.schema(name)?;
        if name == PREVIEW {
            fields = with_rest(fields, &fs::read_to_string(data().join(format!("v{name}-rest.csv")))?)?;
        }
        let kinds: BTreeSet<&str> = fields.iter().map(|field| field.document.as_str()).collect();
        let counted = (name, kinds.len(), fields.len());
        assert!(COUNTS.contains(&counted), "{counted:?} is not in COUNTS");
        for field in fields {
            let key = (field.document.clone(), field.path.clone());
            assert!(table.entry(key).or_default().insert(minor, field).is_none(), "a field stands twice");
        }
    }
    only_kinds(&mut table);
    secrets_are_marked(&table);
    let files = files(&table)?;
    let directory = data().join("fields");
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        for name in committed(&directory)?.difference(&files.keys().cloned().collect()) {
            fs::remove_file(directory.join(name))?;
        }
        for (name, text) in &files {
            fs::write(directory.join(name), text)?;
        }
    }
    assert_eq!(committed(&directory)?, files.keys().cloned().collect(), "{}", directory.display());
    for (name, text) in &files {
        assert_eq!(&fs::read_to_string(directory.join(name))?, text, "{name}");
    }
    Ok(())
}

/// Values that Talos took away in some minor and shows in a newer one, because they are none.
const SHOWN: [&str; 1] = ["RegistryTLSConfig: ca"];

/// What any minor takes away when it shows a configuration is secret in the table that talosc is built with.
fn secrets_are_marked(table: &Table) {
    for ((document, path), row) in table {
        let place = if document.is_empty() { path.clone() } else { format!("{document}: {path}") };
        let redacted = row.values().any(|field| field.secret);
        let known = config::rows().find(|row| row.to_string() == place).is_some_and(config::Row::secret);
        assert!(!redacted || known || SHOWN.contains(&place.as_str()), "{place} is a secret and has no mark");
    }
}

/// Comments offer documents under names that they never got.
fn only_kinds(table: &mut Table) {
    let kinds: BTreeSet<String> = table.keys().map(|(document, _)| document.clone()).collect();
    for field in table.values_mut().flat_map(BTreeMap::values_mut) {
        field.instead.retain(|kind| kinds.contains(kind));
        field.instead.dedup();
    }
}

fn committed(directory: &Path) -> Result<BTreeSet<String>> {
    let names = fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect()
}

fn number(minor: &str) -> Result<u16> {
    Ok(minor.strip_prefix("1.").ok_or("a minor of Talos 1")?.parse()?)
}

/// The fields of a pre-release with what came after it; a line whose type is `-` takes its field away.
fn with_rest(fields: Vec<Field>, rest: &str) -> Result<Vec<Field>> {
    let mut all: BTreeMap<(String, String), Field> =
        fields.into_iter().map(|field| ((field.document.clone(), field.path.clone()), field)).collect();
    for line in rest.lines().skip(1) {
        let mut cells = line.split(',');
        let mut next = || cells.next().unwrap_or_default().to_owned();
        let (document, path) = (next(), next());
        let (ty, merge) = (next(), next());
        let (deprecated, instead, secret) = (next(), next(), next());
        let key = (document.clone(), path.clone());
        let field = Field {
            document,
            path,
            ty,
            merge,
            secret: secret == "secret",
            deprecated: deprecated == "deprecated",
            instead: instead.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        };
        if field.ty == "-" {
            assert!(all.remove(&key).is_some(), "{line}: there is no such field");
        } else {
            assert_ne!(all.insert(key, field.clone()).as_ref(), Some(&field), "{line}: it says nothing new");
        }
    }
    Ok(all.into_values().collect())
}

/// The text of each file: a document, or a block of the v1alpha1 document.
fn files(table: &Table) -> Result<BTreeMap<String, String>> {
    let blocks: BTreeSet<&str> = table
        .keys()
        .filter(|(document, _)| document.is_empty())
        .filter_map(|(_, path)| path.rsplit_once('.').map(|(block, _)| block))
        .collect();
    let mut files = BTreeMap::new();
    for ((document, path), row) in table {
        let name =
            if document.is_empty() { format!("v1alpha1.{}", block(path, &blocks)) } else { document.clone() };
        let name = format!("{}.csv", name.replace("[]", "").trim_end_matches('.'));
        let text = files.entry(name).or_insert_with(|| HEAD.to_owned());
        lines(text, path, row)?;
    }
    Ok(files)
}

/// The block that a place of the v1alpha1 document is listed under: two names at most.
fn block<'p>(path: &'p str, blocks: &BTreeSet<&str>) -> &'p str {
    let mut dots = path.match_indices('.').map(|(at, _)| at);
    let Some(first) = dots.next() else { return "" };
    let second = dots.next().map(|at| &path[..at]);
    match second {
        Some(two) if blocks.contains(two) => two,
        _ => &path[..first],
    }
}

/// One line for each run of minors in which a field is the same, the newest last. What only the newest minor says right, what
/// is secret or instead, stands in that line.
fn lines(text: &mut String, path: &str, row: &Row) -> Result<()> {
    let newest = number(PREVIEW)?;
    let mut runs: Vec<(u16, u16, String, &str)> = Vec::new();
    let word = row.values().rev().map(|field| &field.ty).find(|ty| ty.contains("word "));
    for (&minor, field) in row {
        // The words of a text are documentation: what one minor has of them holds for all.
        let ty =
            word.filter(|_| field.ty.contains("word ") || field.ty.ends_with("string")).unwrap_or(&field.ty);
        match runs.last_mut() {
            Some(run) if run.1 + 1 == minor && run.2 == *ty && run.3 == field.merge => run.1 = minor,
            _ => runs.push((minor, minor, ty.clone(), &field.merge)),
        }
    }
    let deprecated = row.iter().find(|(_, field)| field.deprecated).map(|(minor, _)| format!("1.{minor}"));
    let last = row.values().next_back().ok_or("a row without minors")?;
    for (i, (from, to, ty, merge)) in runs.iter().enumerate() {
        let minors = match to {
            _ if *to == newest => format!("1.{from}.."),
            _ if from == to => format!("1.{from}"),
            _ => format!("1.{from}..1.{to}"),
        };
        // Only the names of ciphers have commas.
        let ty = if ty.contains(',') { format!("\"{ty}\"") } else { ty.clone() };
        let mut line = format!("{path},{ty},{minors},{merge}");
        if i + 1 == runs.len() {
            let marks = if last.secret { "secret" } else { "" };
            write!(
                line,
                ",{},{},{marks}",
                deprecated.as_deref().unwrap_or_default(),
                last.instead.join("|")
            )?;
        }
        text.push_str(line.trim_end_matches(','));
        text.push('\n');
    }
    Ok(())
}
