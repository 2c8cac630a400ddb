//! The shape of the sources: layers, sizes, words of the domain, and words that have no business in the repository.
//!
//! Exceptions stand in `tests/ledger/`, each with a reason; the lists may only shrink, and `BLESS=1` takes out what is no longer needed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::golden::{blessing, repository, text};

/// The modules of the library from the lowest to the highest: each may use those before it.
const LAYERS: [&str; 23] = [
    "text",
    "version",
    "small_map",
    "cel",
    "tree",
    "source",
    "secret",
    "diagnostics",
    "syntax",
    "schema",
    "kinds",
    "world",
    "yaml",
    "resolve",
    "typing",
    "flatten",
    "origin",
    "fleet",
    "check",
    "talos",
    "omni",
    "driver",
    "cli",
];

/// Modules that know less than their place would let them: all that they may use.
const NARROW: [(&str, &[&str]); 5] = [
    ("cel", &["text"]),
    ("secret", &["text"]),
    ("emit", &["text", "tree"]),
    ("fmt", &["diagnostics", "source", "syntax", "text"]),
    ("yaml", &["diagnostics", "source", "text", "tree"]),
];

/// Words of the domain, and who may say them.
const WORDS: [&str; 9] = [
    "Omni",
    "Talos",
    "omnictl",
    "ControlPlane",
    "systemExtensions",
    "machineClass",
    "HostnameConfig",
    "kubelet",
    "ConfigPatches",
];
const WHERE: [&str; 8] = ["talos", "omni", "world", "kinds", "fleet", "check", "driver", "cli"];

const MAX_LINES: usize = 500;

/// The files of a directory with one of some endings, by their path from the root of the repository.
fn files(directory: &str, endings: &[&str]) -> Vec<String> {
    let mut open = vec![directory.to_owned()];
    let mut out = Vec::new();
    while let Some(directory) = open.pop() {
        let Ok(entries) = fs::read_dir(repository(&directory)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if directory.is_empty() { name.clone() } else { format!("{directory}/{name}") };
            if entry.path().is_dir() {
                if !matches!(name.as_str(), "target" | ".git" | "node_modules" | "bin") {
                    open.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

/// The lines of a source file outside of comments and of its unit tests, with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().zip(1..).map(|(line, number)| (number, line.split("//").next().unwrap_or_default()))
}

/// Compares what was found with a list of exceptions, `key: reason`.
fn only_listed(list: &str, found: &BTreeSet<String>) {
    let path = format!("tests/ledger/{list}");
    let listed = text(&path);
    let key =
        |line: &str| line.split_once(": ").map(|(key, _)| key.to_owned()).filter(|_| !line.starts_with('#'));
    let known: BTreeSet<String> = listed.lines().filter_map(key).collect();
    let new: Vec<&String> = found.difference(&known).collect();
    assert!(new.is_empty(), "not allowed, and not in {path}: {new:#?}");
    let stale: Vec<&String> = known.difference(found).collect();
    if blessing() && !stale.is_empty() {
        let kept = listed.lines().filter(|line| key(line).is_none_or(|key| found.contains(&key)));
        let kept: String = kept.flat_map(|line| [line, "\n"]).collect();
        fs::write(repository(&path), kept).expect("the list can be written");
    } else {
        assert!(stale.is_empty(), "no longer needed in {path}: {stale:#?}");
    }
}

/// The name of the module that a file of the library belongs to.
fn module(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
}

fn allowed(from: &str, to: &str) -> bool {
    if let Some((_, uses)) = NARROW.iter().find(|(name, _)| *name == from) {
        return uses.contains(&to);
    }
    let rank = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    // `emit` and `fmt` stand beside the phases: whoever is above the syntax may use them.
    if matches!(to, "emit" | "fmt") {
        return rank(from) > rank("origin");
    }
    matches!((rank(from), rank(to)), (Some(from), Some(to)) if to < from)
}

#[test]
fn layers_use_only_what_is_below() {
    let mut found = BTreeSet::new();
    for path in files("src", &[".rs"]) {
        let from = module(&path).to_owned();
        if matches!(from.as_str(), "lib" | "main") {
            continue;
        }
        for (_, line) in code(&text(&path)) {
            for rest in line.split("crate::").skip(1) {
                let to =
                    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
                if !to.is_empty() && to != from && !allowed(&from, to) {
                    found.insert(format!("{path} -> {to}"));
                }
            }
        }
    }
    only_listed("layers.txt", &found);
}

#[test]
fn every_module_has_a_layer() {
    for path in files("src", &[".rs"]) {
        let name = module(&path);
        let known = LAYERS.contains(&name) || NARROW.iter().any(|(narrow, _)| *narrow == name);
        assert!(known || matches!(name, "lib" | "main"), "{path}: `{name}` has no place in LAYERS");
    }
}

#[test]
fn words_of_the_domain_stay_where_they_belong() {
    let mut found = BTreeSet::new();
    for path in files("src", &[".rs"]) {
        if WHERE.contains(&module(&path)) || module(&path) == "main" {
            continue;
        }
        for (_, line) in code(&text(&path)) {
            for word in WORDS.iter().filter(|word| line.contains(**word)) {
                found.insert(format!("{path} says {word}"));
            }
        }
    }
    only_listed("domain-words.txt", &found);
}

/// Who may ask whether an error stands: the reader of one file, of that file; the formatter; the driver, which writes nothing then;
/// and the commands, of what the driver gives them. A finding that rests on what was understood says so itself.
const MAY_ASK_FOR_ERRORS: [&str; 6] =
    ["src/diagnostics/", "src/resolve/load.rs", "src/fmt/", "src/driver.rs", "src/cli/", "src/lib.rs"];

#[test]
fn no_phase_asks_whether_an_error_stands() {
    for path in files("src", &[".rs"]) {
        if MAY_ASK_FOR_ERRORS.iter().any(|known| path.starts_with(known)) {
            continue;
        }
        for (number, line) in code(&text(&path)) {
            assert!(
                !line.contains("has_errors("),
                "{path}:{number} asks; say `.if_understood()` of the finding"
            );
        }
    }
}

#[test]
fn files_stay_short() {
    let limits: BTreeMap<String, usize> = text("tests/ledger/long-files.txt")
        .lines()
        .filter_map(|line| line.split_once(": "))
        .filter_map(|(path, lines)| Some((path.to_owned(), lines.parse().ok()?)))
        .collect();
    let mut all: Vec<(usize, String)> =
        [files("src", &[".rs"]), files("tests", &[".rs"]), files("stdlib", &[".rs"])]
            .concat()
            .into_iter()
            .map(|path| (text(&path).lines().count(), path))
            .collect();
    all.sort();
    let too_long = |(lines, path): &&(usize, String)| *lines > limits.get(path).copied().unwrap_or(MAX_LINES);
    let found: Vec<&(usize, String)> = all.iter().filter(too_long).collect();
    assert!(
        found.is_empty(),
        "longer than {MAX_LINES} lines, or than in tests/ledger/long-files.txt: {found:#?}"
    );
    for (path, limit) in &limits {
        let lines = all.iter().find(|(_, known)| known == path).map_or(0, |(lines, _)| *lines);
        assert!(lines > MAX_LINES, "{path} is short enough now: take it out of tests/ledger/long-files.txt");
        assert!(lines + 50 > *limit, "{path} has {lines} lines: write that into tests/ledger/long-files.txt");
    }
}

/// Words are put together here, so that this file does not hold them.
#[test]
fn nothing_is_left_behind() {
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["dbg", "!("],
        ["Chat", "GPT"],
        ["Cla", "ude"],
        ["language ", "model"],
    ]
    .map(|parts| parts.concat());
    let endings =
        [".rs", ".talos", ".md", ".txt", ".toml", ".yml", ".yaml", ".json", ".go", ".pest", "run", "build"];
    let mut found = Vec::new();
    for path in files("", &endings) {
        let Ok(text) = fs::read_to_string(repository(&path)) else { continue };
        for (line, number) in text.lines().zip(1..) {
            let of = |word: &&String| line.contains(word.as_str());
            found.extend(words.iter().filter(of).map(|word| format!("{path}:{number}: {word}")));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// A module of tests that nothing names would never run.
#[test]
fn every_test_file_is_used() {
    let main = text("tests/suite/main.rs");
    for path in files("tests/suite", &[".rs"]) {
        let name = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let top = path == format!("tests/suite/{name}.rs");
        assert!(!top || name == "main" || main.contains(&format!("mod {name};")), "{path} is not in main.rs");
    }
}
