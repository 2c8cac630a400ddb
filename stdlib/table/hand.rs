//! The columns that are written by hand, each in a file of its own. A line whose place is no field of Talos breaks the build.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::{Entry, FIRST_MINOR, Key, Rows};
use crate::read;

/// Lines of a file of hand data, without those that begin with `#` and the head. The last column is the rest of the line, commas
/// and all.
fn each<const N: usize>(
    directory: &Path,
    name: &str,
    mut line: impl FnMut([&str; N]) -> Result<(), String>,
) -> Result<(), String> {
    let text = read(&directory.join(name))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')).skip(1);
    for (number, text) in lines {
        let at = |why| format!("stdlib/data/talos/{name}: line {}: {why}", number + 1);
        let cells: Vec<&str> = text.splitn(N, ',').collect();
        let cells = <[&str; N]>::try_from(cells).map_err(|_| at(format!("it has not {N} columns")))?;
        line(cells).map_err(at)?;
    }
    Ok(())
}

/// A place as it is written: `KIND: path`, `KIND:` for a document, a path alone for the v1alpha1 document.
fn key(place: &str) -> Key {
    let (document, path) = place.split_once(':').unwrap_or(("", place));
    (document.to_owned(), path.trim_start().to_owned())
}

fn entry<'e>(entries: &'e mut BTreeMap<Key, Entry>, place: &str) -> Result<&'e mut Entry, String> {
    entries.get_mut(&key(place)).ok_or_else(|| format!("`{place}` is no field of Talos"))
}

fn row(rows: &Rows<'_>, place: &str) -> Result<usize, String> {
    rows.ids.get(&key(place)).copied().ok_or_else(|| format!("`{place}` is no place of Talos"))
}

/// Reads what becomes a mark of a row.
pub(super) fn marks(entries: &mut BTreeMap<Key, Entry>, directory: &Path) -> Result<(), String> {
    each(directory, "unordered.csv", |[place]| {
        let entry = entry(entries, place)?;
        entry.unordered = entry.ty.starts_with("list of ");
        if entry.unordered { Ok(()) } else { Err(format!("`{place}` is no list")) }
    })?;
    each(directory, "secret.csv", |[place]| {
        entry(entries, place)?.secret = true;
        Ok(())
    })?;
    each(directory, "instead.csv", |[place, instead]| {
        let entry = entry(entries, place)?;
        if entry.deprecated == 0 {
            return Err(format!("`{place}` is not deprecated"));
        }
        entry.instead = instead.to_owned();
        Ok(())
    })?;
    each(directory, "late.csv", |[place, releases]| {
        let entry = entry(entries, place)?;
        for release in releases.split('|') {
            let (minor, _) = version(release)?;
            entry.minors |= 1 << (minor - FIRST_MINOR);
        }
        Ok(())
    })
}

/// `1.12.9` as its minor and patch.
fn version(text: &str) -> Result<(u16, u16), String> {
    let parts = text.strip_prefix("1.").and_then(|text| text.split_once('.'));
    let parsed = parts.and_then(|(minor, patch)| Some((minor.parse().ok()?, patch.parse().ok()?)));
    parsed.filter(|(minor, _)| *minor >= FIRST_MINOR).ok_or_else(|| format!("`{text}` is no release"))
}

/// `1.10` as major and minor; nothing is before all releases.
fn line(text: &str) -> Result<(u16, u16), String> {
    if text.is_empty() {
        return Ok((0, 0));
    }
    let parsed =
        text.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    parsed.ok_or_else(|| format!("`{text}` is no release"))
}

/// The arrays of what only few rows have.
pub(super) fn columns(rows: &Rows<'_>, directory: &Path) -> Result<String, String> {
    let mut out = String::new();
    owned(&mut out, rows, directory)?;
    environments(&mut out, rows, directory)?;
    forms(&mut out, rows, directory)?;
    table(&mut out, "LATE: &[(Row, u16, u16)]", |out| {
        each(directory, "late.csv", |[place, releases]| {
            for release in releases.split('|') {
                let (minor, patch) = version(release)?;
                let _ = writeln!(out, "    (Row({}), {minor}, {patch}),", row(rows, place)?);
            }
            Ok(())
        })
    })?;
    table(&mut out, "CONTROL_PLANES: &[(Row, bool)]", |out| {
        each(directory, "machines.csv", |[place, refused]| {
            if !matches!(refused, "said" | "true") {
                return Err(format!("`{refused}` is not `said` or `true`"));
            }
            let _ = writeln!(out, "    (Row({}), {}),", row(rows, place)?, refused == "true");
            Ok(())
        })
    })?;
    table(&mut out, "GROUPS: &[(Row, &str)]", |out| {
        each(directory, "groups.csv", |[place, group]| {
            let _ = writeln!(out, "    (Row({}), {group:?}),", row(rows, place)?);
            Ok(())
        })
    })?;
    said(&mut out, rows, directory)?;
    table(&mut out, "VOLUMES: &[Volumes]", |out| {
        each(directory, "volumes.csv", |[place, prefix, required, word]| {
            let (row, required) = (row(rows, place)?, yes(required)?);
            let _ = writeln!(
                out,
                "    Volumes {{ row: Row({row}), prefix: {prefix:?}, required: {required}, word: {word:?} }},"
            );
            Ok(())
        })
    })?;
    table(&mut out, "EFFECTS: &[(Row, Effect)]", |out| {
        each(directory, "effect.csv", |[place, effect]| {
            let effect = match effect {
                "reboot" => "Reboot",
                "image" => "Image",
                other => return Err(format!("`{other}` is no effect")),
            };
            let _ = writeln!(out, "    (Row({}), Effect::{effect}),", row(rows, place)?);
            Ok(())
        })
    })?;
    table(&mut out, "FIELDS: &[(Row, &str)]", |out| {
        each(directory, "field.csv", |[place, field]| {
            let _ = writeln!(out, "    (Row({}), {field:?}),", row(rows, place)?);
            Ok(())
        })
    })?;
    Ok(out)
}

fn yes(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(format!("`{other}` is not `yes` or `no`")),
    }
}

/// The module `said`: the places that rules ask for, by a name.
fn said(out: &mut String, rows: &Rows<'_>, directory: &Path) -> Result<(), String> {
    out.push_str(
        "/// What rules ask for: every place that says it, in the v1alpha1 document and in documents of its own.\n\
         pub mod said {\n    use super::Row;\n\n",
    );
    each(directory, "said.csv", |[name, places, is]| {
        let _ = writeln!(out, "    /// {is}\n    pub const {name}: &[Row] = &[");
        for place in places.split('|') {
            let _ = writeln!(out, "        Row({}),", row(rows, place)?);
        }
        out.push_str("    ];\n");
        Ok(())
    })?;
    out.push_str("}\n");
    Ok(())
}

/// An array with a line for each line of a file.
fn table(
    out: &mut String,
    head: &str,
    lines: impl FnOnce(&mut String) -> Result<(), String>,
) -> Result<(), String> {
    let _ = writeln!(out, "static {head} = &[");
    lines(out)?;
    out.push_str("];\n");
    Ok(())
}

fn owned(out: &mut String, rows: &Rows<'_>, directory: &Path) -> Result<(), String> {
    table(out, "OWNED: &[Owned]", |out| {
        each(directory, "owned.csv", |[place, since, instead]| {
            let (whole, element) = match place.strip_suffix(']').and_then(|place| place.split_once('[')) {
                Some((list, element)) => (list, Some(element)),
                None => (place, None),
            };
            let (row, since) = (row(rows, whole)?, line(since)?);
            let _ = writeln!(
                out,
                "    Owned {{ row: Row({row}), element: {element:?}, since: {since:?}, instead: {instead:?} }},"
            );
            Ok(())
        })
    })
}

fn environments(out: &mut String, rows: &Rows<'_>, directory: &Path) -> Result<(), String> {
    let mut open: BTreeMap<usize, String> = BTreeMap::new();
    for ((document, path), id) in &rows.ids {
        if rows.rows[*id].2.is_some_and(|entry| entry.ty.ends_with("cel")) {
            open.insert(*id, format!("{document}: {path}"));
        }
    }
    table(out, "ENVIRONMENTS: &[(Row, &Environment)]", |out| {
        each(directory, "cel.csv", |[place, environment]| {
            let row = row(rows, place)?;
            open.remove(&row).ok_or_else(|| format!("`{place}` is no expression"))?;
            let environment = match environment {
                "disks" => "DISKS",
                "volumes" => "VOLUMES",
                "links" => "LINKS",
                "none" => return Ok(()),
                other => return Err(format!("`{other}` is no environment")),
            };
            let _ = writeln!(out, "    (Row({row}), &crate::kinds::cel::{environment}),");
            Ok(())
        })
    })?;
    match open.values().next() {
        None => Ok(()),
        Some(place) => Err(format!("stdlib/data/talos/cel.csv: `{place}` is an expression and has no line")),
    }
}

/// The enumeration `Thing`, and `TWO_FORMS` in its order.
fn forms(out: &mut String, rows: &Rows<'_>, directory: &Path) -> Result<(), String> {
    let mut things = String::from(
        "/// A thing that has two forms.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\npub enum Thing {\n",
    );
    let mut forms = String::new();
    let mut count = 0;
    each(directory, "forms.csv", |[thing, since, exclusive, machines, places, is]| {
        let (_, minor) = line(since)?;
        let exclusive = yes(exclusive)?;
        let machines = match machines {
            "all" => "All",
            "control-documents" => "ControlAsDocument",
            "control" => "Control",
            other => return Err(format!("`{other}` are no machines")),
        };
        let (mut legacy, mut documents) = (Vec::new(), Vec::new());
        for place in places.split('|') {
            let to = if place.ends_with(':') { &mut documents } else { &mut legacy };
            to.push(format!("Row({})", row(rows, place)?));
        }
        let _ = writeln!(things, "    /// {is}\n    {thing},");
        let _ = writeln!(
            forms,
            "    TwoForms {{ thing: Thing::{thing}, since: {minor}, exclusive: {exclusive}, machines: Machines::{machines}, \
             legacy: &[{}], documents: &[{}] }},",
            legacy.join(", "),
            documents.join(", ")
        );
        count += 1;
        Ok(())
    })?;
    let _ = writeln!(
        out,
        "{things}}}\n/// How each thing is said, in the order of [`Thing`].\npub static TWO_FORMS: [TwoForms; {count}] = [\n{forms}];"
    );
    Ok(())
}
