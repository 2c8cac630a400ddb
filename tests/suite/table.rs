//! The table of Talos's fields, and what the sources say beside it.

use std::fs;

use talosc::world::config::{self, Merge, Place, Row, Type};

use crate::golden::{repository, text};
use crate::project::{self, Files};

/// The code of every source file, without comments and unit tests.
fn sources() -> Vec<(String, String)> {
    let mut open = vec!["src".to_owned()];
    let mut out = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(repository(&directory)).expect("a directory of the sources").flatten() {
            let path = format!("{directory}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                open.push(path);
            } else if path.ends_with(".rs") {
                let text = text(&path);
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
                out.push((path, lines.collect::<Vec<_>>().join("\n")));
            }
        }
    }
    out.sort();
    out
}

/// The texts between quotes in a piece of code that holds nothing but them, commas and blanks.
fn words(code: &str) -> Option<Vec<&str>> {
    let cells = code.split(',').map(str::trim).filter(|cell| !cell.is_empty());
    cells.map(|cell| cell.strip_prefix('"')?.strip_suffix('"')).collect()
}

/// A place that a rule or a writer names and that Talos does not have says nothing, in silence.
#[test]
fn places_in_the_sources_are_in_the_table() {
    let mut places = 0;
    for (path, code) in sources() {
        for rest in code.split("&[").skip(1) {
            let Some(steps) = rest.split(']').next().and_then(words) else { continue };
            if !matches!(steps.first(), Some(&("machine" | "cluster"))) {
                continue;
            }
            let place: Place =
                steps.join(".").parse().unwrap_or_else(|why| panic!("{path}: {steps:?}: {why}"));
            let free = place.path.iter().take(3).cloned().collect();
            let known = place.spot().is_some()
                || matches!(Place { document: None, path: free }.spot(), Some(spot) if *spot.ty() == config::Type::Any);
            assert!(known, "{path}: Talos has no `{place}`");
            places += 1;
        }
        for kind in code.split('"').skip(1).step_by(2).filter(|word| is_kind(word)) {
            assert!(config::document(Some(kind)).is_some(), "{path}: Talos has no document `{kind}`");
            places += 1;
        }
    }
    assert!(places > 40, "{places} places were found");
}

fn is_kind(word: &str) -> bool {
    word.len() > "Config".len()
        && word.ends_with("Config")
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Every place in every file of hand data is written as it is read elsewhere.
#[test]
fn hand_data_is_spelled_as_places_are() {
    let directory = repository("stdlib/data/talos");
    let mut lines = 0;
    for entry in fs::read_dir(directory).expect("the table").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".csv")
            || name.ends_with("-rest.csv")
            || matches!(name.as_str(), "forms.csv" | "said.csv")
        {
            continue;
        }
        let text = text(&format!("stdlib/data/talos/{name}"));
        for line in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let place = line.split(',').next().unwrap_or_default();
            let place = place.split("[os:").next().unwrap_or_default();
            let row = config::rows().find(|row| row.to_string() == place);
            assert!(row.is_some(), "{name}: `{place}`");
            lines += 1;
        }
    }
    assert!(lines > 100, "{lines} lines were read");
}

/// Counts by minor and by document, so that no row comes or goes unseen.
#[test]
fn every_minor_has_so_many_rows() {
    let counts: Vec<(u16, usize, usize)> = (9..=14)
        .map(|minor| {
            let documents = config::documents().filter(|row| row.in_minor(minor)).count();
            let rows = config::rows().filter(|row| row.parent().is_some() && row.in_minor(minor)).count();
            (minor, documents, rows)
        })
        .collect();
    let expected = [(9, 11, 426), (10, 14, 471), (11, 18, 543), (12, 37, 740), (13, 45, 808), (14, 90, 1081)];
    assert_eq!(counts, expected, "as tests/judges/table.rs counts them, with what late.csv adds");
}

/// What compiling a cluster with patches comes to: the findings as people see them, and their codes.
fn compiled(omni: &str, patches: &[String]) -> (String, Vec<String>) {
    let named = patches.iter().zip('a'..).map(|(body, name)| format!("  patch {name} {{ {body} }}\n"));
    let text = format!(
        "cluster lab {{\n  omni = {omni}\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.34.0\n  \
         controlplane {{ }}\n{}}}\n",
        named.collect::<String>()
    );
    let outcome = project::compile(&Files::from([("main.talos".to_owned(), text)]), &["main.talos"]);
    let codes = outcome.findings.iter().map(|finding| finding.code.clone()).collect();
    (outcome.text, codes)
}

fn say(name: &str, value: &str) -> String {
    if value.starts_with('{') { format!("{name} {value}") } else { format!("{name} = {value}") }
}

/// The body of a patch that says a value of a field, with one element of each list and one key of each map around it.
fn body(field: Row, value: &str) -> String {
    let mut value = value.to_owned();
    let mut row = field;
    while let Some(parent) = row.parent() {
        value = format!("{{ {} }}", say(row.name(), &value));
        let mut around = Vec::new();
        let mut ty = parent.ty();
        while let Type::List(inner) | Type::Map(inner) = ty {
            around.push(matches!(ty, Type::List(_)));
            ty = inner;
        }
        for list in around.into_iter().rev() {
            value =
                if list { format!("[{value}]") } else { format!("{{ {} }}", say("\"some.key\"", &value)) };
        }
        row = parent;
    }
    match row.name() {
        "" => value[1..value.len() - 1].trim().to_owned(),
        kind if row.field("name").is_some() => format!("document {kind} some {value}"),
        kind => format!("document {kind} {value}"),
    }
}

/// Whatever is secret: it is found, once, and shown nowhere.
#[test]
fn no_secret_is_shown() {
    let mut secrets = 0;
    for row in config::rows().filter(|row| row.secret()) {
        for omni in ["v1.9", "v1.10"] {
            for (value, hidden) in [("\"hunter-of-the-year\"", "r-of-the-year"), ("73102947361", "02947361")]
            {
                let (text, codes) = compiled(omni, &[body(row, value)]);
                let told = |code: &&String| matches!(code.as_str(), "secret-in-output" | "omni-owned-secret");
                assert_eq!(codes.iter().filter(told).count(), 1, "{row} on {omni}: {text}");
                assert!(!text.contains(hidden), "{row} on {omni}: {text}");
                secrets += 1;
            }
        }
    }
    assert!(secrets > 140, "{secrets} secrets were tried");
}

/// Two patches may add to a list exactly if the table says that its order means nothing, and say twice what is replaced never.
#[test]
fn patches_agree_about_lists_as_the_table_says() {
    let mut lists = 0;
    for row in config::rows().filter(|row| matches!(row.ty(), Type::List(_))) {
        // The first list on the way that is not merged by a key decides.
        let mut way: Vec<Row> = row.ancestors().filter(|row| matches!(row.ty(), Type::List(_))).collect();
        way.reverse();
        let first = way.into_iter().find(|row| !matches!(row.merge(13), Merge::Keyed(_)));
        let disagrees = first.is_some_and(|list| list.merge(13) != Merge::Default || list.ordered());
        if first.is_none() {
            continue;
        }
        let patches =
            ["\"first-of-them\"", "\"second-of-them\""].map(|element| body(row, &format!("[{element}]")));
        let (text, codes) = compiled("v1.10", &patches);
        assert_eq!(codes.iter().any(|code| code == "patches-disagree"), disagrees, "{row}: {text}");
        lists += 1;
    }
    assert!(lists > 130, "{lists} lists were tried");
}
