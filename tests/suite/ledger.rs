//! The ledger: each requirement names what proves it, or says why it waits.
//!
//! A line is `requirement || proof; proof`. A proof is a file, `file::function`, `ui/<fixture>` or `build/<fixture>`, or
//! `waits: reason` instead of proofs.

use std::collections::BTreeMap;

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

/// The cells of the table: whether the field is in the output of an example, in a golden, and judged.
#[test]
fn template_fields_are_covered() {
    let path = "tests/ledger/template-fields.txt";
    let mut outputs: BTreeMap<&str, String> = BTreeMap::new();
    for (name, root, part) in [("example", "examples", "/omni/"), ("golden", "tests/build", "/expected/")] {
        let files = crate::project::read_tree(&repository(root), &|path| path.ends_with(".talos"));
        let all = files.into_iter().filter(|(path, _)| path.contains(part)).map(|(_, text)| text);
        outputs.insert(name, all.collect::<Vec<_>>().join("---\n"));
    }
    let golden_only = text("tests/judges/omni/golden-only.txt");
    let mut wrong = Vec::new();
    for (number, field, cells) in rows(path) {
        let (kind, keys) = field.split_once(' ').unwrap_or(("*", &field));
        for (name, output) in &outputs {
            let found = output.split("---\n").any(|document| holds(document, kind, keys));
            let waits = cells.split(", ").any(|cell| cell.starts_with(&format!("no {name}")));
            if found == waits {
                let why = if found { "is there now" } else { "is not there" };
                wrong.push(format!("{path}:{number}: {field}: the {name} {why}"));
            }
        }
        let newer = golden_only.lines().any(|line| line.split_whitespace().nth(1) == Some(keys));
        let said = cells.contains("no judge");
        if newer != said {
            wrong.push(format!("{path}:{number}: {field}: `no judge` is for what golden-only.txt lists"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a document of a kind has a path of keys: each deeper than the one before.
fn holds(document: &str, kind: &str, path: &str) -> bool {
    if kind != "*" && !document.lines().any(|line| line == format!("kind: {kind}")) {
        return false;
    }
    let mut keys = path.split('.').peekable();
    let mut least = 0;
    for line in document.lines() {
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let key = line.trim_start_matches([' ', '-']).split(':').next().unwrap_or_default();
        if keys.peek() == Some(&key) && indent >= least {
            keys.next();
            least = indent + 1;
            if keys.peek().is_none() {
                return true;
            }
        }
    }
    false
}
