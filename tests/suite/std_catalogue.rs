//! The catalogue of extensions: `stdlib/extensions.talos` is generated from `stdlib/data/extensions.csv`.
//!
//! `BLESS=1 cargo test --test suite std_catalogue` writes it anew. In a cell of the data file words are separated by
//! blanks, `word@1.14` counts from Talos 1.14 on, and the last column is the rest of the line.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use talosc::version::Version;
use talosc::world::{modules, stdlib};

const HEAD: &str = "\
# The catalogue of Talos system extensions, 1.9 to 1.14, with the names that older releases and other papers used.
# Generated from `data/extensions.csv`: change it there, then run `BLESS=1 cargo test --test suite std_catalogue`.
#
# Source: the targets of each release branch of siderolabs/extensions (Makefile), its README files and module lists;
# renames from `internal/backend/extensions/extensions.go` of siderolabs/omni. `since` and `until` are Talos versions,
# `became` is the name to use instead, and `never` marks a name that no catalogue has.
";

/// One line of the data file, by column.
struct Row<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Row<'a> {
    fn get(&self, column: &str) -> &'a str {
        let cell = self.0.iter().find(|cell| cell.0 == column);
        cell.unwrap_or_else(|| panic!("a column `{column}`")).1
    }

    fn version(&self, column: &str) -> Option<Version> {
        let text = self.get(column);
        (!text.is_empty()).then(|| Version::parse(text).unwrap_or_else(|| panic!("{text} is a version")))
    }

    /// Whether some release of a minor of Talos has it.
    fn in_minor(&self, minor: u16) -> bool {
        let line = (1, minor);
        self.get("never").is_empty()
            && self.version("since").is_none_or(|since| since.line() <= line)
            && self.version("until").is_none_or(|until| line <= until.line())
    }
}

fn data(file: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("stdlib").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    (path, text)
}

fn rows(text: &str) -> Vec<Row<'_>> {
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    lines.map(|line| Row(columns.iter().copied().zip(line.splitn(columns.len(), ',')).collect())).collect()
}

/// `field = [a, b]`, and `field since v1.14 += [c]` for words that a later version adds.
fn list(out: &mut String, indent: &str, field: &str, cell: &str) {
    let words: Vec<(&str, Option<&str>)> = cell
        .split_whitespace()
        .map(|word| word.split_once('@').map_or((word, None), |(w, v)| (w, Some(v))))
        .collect();
    let versions: BTreeSet<_> = words.iter().map(|word| word.1.and_then(Version::parse)).collect();
    for version in versions {
        let chosen: Vec<&str> = words
            .iter()
            .filter(|word| word.1.and_then(Version::parse) == version)
            .map(|word| word.0)
            .collect();
        let start = match &version {
            None => format!("{indent}{field} = ["),
            Some(version) => format!("{indent}{field} since {version} += ["),
        };
        wrap(out, indent, &start, &chosen);
    }
}

/// The width of a line in the style of the formatter.
const WIDTH: usize = 100;

/// On one line if it fits, else one word to a line.
fn wrap(out: &mut String, indent: &str, start: &str, words: &[&str]) {
    let whole = words.join(", ");
    if start.len() + whole.len() < WIDTH {
        let _ = writeln!(out, "{start}{whole}]");
        return;
    }
    let _ = writeln!(out, "{start}");
    for word in words {
        let _ = writeln!(out, "{indent}  {word}");
    }
    let _ = writeln!(out, "{indent}]");
}

/// Puts the `=` of neighbouring fields into one column, as the formatter does.
fn align(body: &str) -> String {
    let plain =
        |line: &&str| line.split_once(" = ").is_some_and(|(l, r)| !l.trim().contains(' ') && r != "[");
    let lines: Vec<&str> = body.lines().collect();
    let mut out = String::new();
    for run in lines.chunk_by(|a, b| plain(a) && plain(b)) {
        let fields = || run.iter().filter_map(|line| line.split_once(" = "));
        let column = if run.len() > 1 { fields().map(|field| field.0.len()).max().unwrap_or(0) } else { 0 };
        for line in run {
            let _ = match line.split_once(" = ") {
                Some((field, value)) => writeln!(out, "{field:column$} = {value}"),
                None => writeln!(out, "{line}"),
            };
        }
    }
    out
}

fn item(row: &Row<'_>) -> String {
    let mut body = String::new();
    let mut provides = String::new();
    list(&mut provides, "    ", "handlers", row.get("handlers"));
    list(&mut provides, "    ", "modules", row.get("modules"));
    list(&mut provides, "    ", "capabilities", row.get("provides"));
    if !provides.is_empty() {
        let _ = write!(body, "  provides {{\n{}  }}\n", align(&provides));
    }
    for field in ["requires", "conflicts", "load", "arch"] {
        list(&mut body, "  ", field, row.get(field));
    }
    if !row.get("service").is_empty() {
        body.push_str("  service = true\n");
    }
    if let Some((note, since)) = row.get("note").split_once('@') {
        let _ = writeln!(body, "  note since v{since} = \"{note}\"");
    }
    if !row.get("became").is_empty() {
        let _ = writeln!(body, "  became = {}", row.get("became"));
    }
    if !row.get("never").is_empty() {
        body.push_str("  never = true\n");
    }
    let mut head = format!("## {}.\nextension {}", row.get("about"), row.get("name"));
    for word in ["since", "until"] {
        if let Some(version) = row.version(word) {
            let _ = write!(head, " {word} {version}");
        }
    }
    match body.lines().count() {
        0 => format!("{head}\n"),
        1 if head.lines().last().map_or(0, str::len) + body.trim().len() + 5 <= WIDTH => {
            format!("{head} {{ {} }}\n", body.trim())
        }
        _ => format!("{head} {{\n{}}}\n", align(&body)),
    }
}

#[test]
fn the_module_is_what_the_data_says() {
    let (_, csv) = data("data/extensions.csv");
    let mut text = HEAD.to_owned();
    for row in rows(&csv) {
        text.push('\n');
        text.push_str(&item(&row));
    }
    let (path, committed) = data("extensions.talos");
    if std::env::var_os("BLESS").is_some() && committed != text {
        std::fs::write(&path, &text).expect("stdlib/extensions.talos is writable");
        return;
    }
    assert!(committed == text, "stdlib/extensions.talos is not current: run with BLESS=1");
}

#[test]
fn every_minor_has_its_count() {
    let (_, csv) = data("data/extensions.csv");
    let rows = rows(&csv);
    let counts: Vec<usize> =
        (7..=14).map(|minor| rows.iter().filter(|row| row.in_minor(minor)).count()).collect();
    assert_eq!(counts, [39, 46, 51, 62, 67, 78, 83, 86]);
}

#[test]
fn names_are_sorted_and_resolve() {
    let (_, csv) = data("data/extensions.csv");
    let rows = rows(&csv);
    assert!(rows.windows(2).all(|pair| pair[0].get("name") < pair[1].get("name")));
    let names: BTreeSet<&str> = rows.iter().map(|row| row.get("name")).collect();
    let mut provided = names.clone();
    provided.extend(rows.iter().flat_map(|row| row.get("provides").split_whitespace()));
    for row in &rows {
        let name = row.get("name");
        let became = row.get("became");
        let successor = rows.iter().find(|other| other.get("name") == became);
        assert!(
            became.is_empty() || successor.is_some_and(|other| other.in_minor(14)),
            "{name} became {became}"
        );
        for needed in row.get("requires").split_whitespace().chain(row.get("conflicts").split_whitespace()) {
            assert!(provided.contains(needed), "{name}: nothing provides {needed}");
        }
        let brought: BTreeSet<&str> = rows
            .iter()
            .flat_map(|row| row.get("modules").split_whitespace())
            .filter_map(|word| word.split('@').next())
            .collect();
        for module in row.get("load").split_whitespace() {
            let built_in = || modules::names().any(|known| modules::same(known, module));
            assert!(brought.contains(module) || built_in(), "{name}: nothing provides the module {module}");
        }
        assert!(stdlib::item("extension", name).is_some(), "{name} is in the index");
    }
}
