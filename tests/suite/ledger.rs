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
    let Some(function) = function else {
        return file.ends_with(".rs").then(|| format!("{file} is a whole file: name what in it proves this"));
    };
    let known = match file.ends_with(".go") {
        true => text(file).contains(&format!("func {function}(")),
        false => proves(file, function),
    };
    (!known).then(|| format!("{file} has no test {function}"))
}

/// Whether a function is a test. The judges and the fixtures have runners of their own, which name the functions they call.
fn proves(file: &str, function: &str) -> bool {
    let text = text(file);
    let lines: Vec<&str> = text.lines().collect();
    let Some(at) = lines.iter().position(|line| line.contains(&format!("fn {function}("))) else {
        return false;
    };
    let above = lines[..at].iter().rev().map(|line| line.trim());
    let mut attributes = above.take_while(|line| line.starts_with("#[") || line.starts_with("//"));
    if attributes.any(|line| line == "#[test]") {
        return true;
    }
    let named = |text: &str| text.lines().any(|line| !line.contains("fn ") && line.contains(function));
    let runners = ["tests/judges.rs", "tests/fixtures.rs"];
    !file.starts_with("src/")
        && !file.starts_with("tests/suite/")
        && (named(&text) || runners.iter().any(|runner| named(&crate::golden::text(runner))))
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
