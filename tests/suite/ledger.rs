//! The ledger: each requirement names what proves it, or says why it waits.
//!
//! A line is `requirement || proof; proof`. A proof is a file, `file::function`, `ui/<fixture>` or `build/<fixture>`, or
//! `waits: reason` instead of proofs.

use serde::Deserialize as _;
use serde_yaml::Value;

use crate::golden::{repository, text};

/// What is wrong with a proof.
fn missing(proof: &str) -> Option<String> {
    let fixture = proof.strip_prefix("ui/").or_else(|| proof.strip_prefix("build/"));
    if fixture.is_some() {
        let main = repository(&format!("tests/{proof}/main.talos"));
        return (!main.exists()).then(|| format!("there is no fixture {proof}"));
    }
    let (file, function) = proof.split_once("::").map_or((proof, None), |(file, name)| (file, Some(name)));
    if !repository(file).exists() {
        return Some(format!("there is no {file}"));
    }
    let function = function?;
    let known = text(file).contains(&format!("fn {function}("));
    (!known).then(|| format!("{file} has no {function}"))
}

/// The rows of a ledger: requirement and proofs, with the number of the line.
fn rows(path: &str) -> Vec<(usize, String, String)> {
    let lines = text(path);
    let rows = lines.lines().zip(1..).filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    rows.map(|(line, number)| {
        let (what, proof) = line.split_once(" || ").unwrap_or_else(|| panic!("{path}:{number}: no ` || `"));
        (number, what.trim().to_owned(), proof.trim().to_owned())
    })
    .collect()
}

#[test]
#[allow(clippy::print_stdout, reason = "a ledger says what is missing")]
fn every_requirement_is_proved_or_waits() {
    let path = "tests/ledger/spine.txt";
    let (mut wrong, mut waiting, mut proved) = (Vec::new(), Vec::new(), 0);
    for (number, what, proof) in rows(path) {
        if let Some(reason) = proof.strip_prefix("waits:") {
            assert!(!reason.trim().is_empty(), "{path}:{number}: a reason is missing");
            waiting.push(format!("{what}: {}", reason.trim()));
            continue;
        }
        proved += 1;
        wrong.extend(proof.split("; ").filter_map(missing).map(|why| format!("{path}:{number}: {why}")));
    }
    println!("{proved} requirements are proved, {} wait:\n{}", waiting.len(), waiting.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(proved > 40, "only {proved} rows");
}

/// The one reason for an empty cell.
const NEWER: &str = "no judge (newer than the client that can be had)";

/// The cells of the table: each field is in the output of an example and in a golden, and judged unless it is newer than the judge.
#[test]
fn template_fields_are_covered() {
    let path = "tests/ledger/template-fields.txt";
    let outputs =
        [("example", documents("examples", "/omni/")), ("golden", documents("tests/build", "/expected/"))];
    let golden_only = text("tests/judges/omni/golden-only.txt");
    let mut wrong = Vec::new();
    for (number, field, cells) in rows(path) {
        let (kind, keys) = field.split_once(' ').unwrap_or_else(|| panic!("{path}:{number}: no kind"));
        let split: Vec<&str> = keys.split('.').collect();
        let of_kind = |document: &Value| document.get("kind").and_then(Value::as_str) == Some(kind);
        for (name, output) in &outputs {
            if !output.iter().any(|document| of_kind(document) && holds(document, &split)) {
                wrong.push(format!("{path}:{number}: {field}: no {name} has it"));
            }
        }
        let within =
            |path: &str| keys.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let newer = golden_only.lines().any(|line| line.split_whitespace().nth(1).is_some_and(within));
        let expected = if newer { NEWER } else { "complete" };
        if cells != expected {
            wrong.push(format!("{path}:{number}: {field}: the cells must say `{expected}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The documents of all files of a directory that a build wrote.
fn documents(root: &str, part: &str) -> Vec<Value> {
    let files = crate::project::read_tree(&repository(root), &|path| path.ends_with(".talos"));
    let written = files.into_iter().filter(|(path, _)| path.contains(part) && path.ends_with(".yaml"));
    let read = |(path, text): (String, String)| {
        let all =
            serde_yaml::Deserializer::from_str(&text).map(Value::deserialize).collect::<Result<Vec<_>, _>>();
        all.unwrap_or_else(|error| panic!("{root}/{path}: {error}"))
    };
    written.flat_map(read).collect()
}

/// Whether something stands at a path of keys; a list is passed through.
fn holds(node: &Value, path: &[&str]) -> bool {
    match (node, path) {
        (_, []) => true,
        (Value::Sequence(items), _) => items.iter().any(|item| holds(item, path)),
        (_, [key, rest @ ..]) => node.get(*key).is_some_and(|node| holds(node, rest)),
    }
}
