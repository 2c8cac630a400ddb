//! What a newcomer writes: edits of the homelab in the manner of YAML, HCL, Nix and a shell, and what is said of each.
//!
//! The cases and the answers stand in `tests/golden/habits.txt`; `BLESS=1` writes the answers anew. Whatever is written there, each case
//! is one finding with a help, and an edit that it offers can be applied and is not asked for again.

use talosc::diagnostics::{Diagnostic, Severity, edit};

use crate::edits::{HOMELAB, compile};
use crate::golden::{blessing, compare, repository, text};

const LIST: &str = "tests/golden/habits.txt";

/// One case: its name, and what is replaced by what; an empty first half appends, `*` replaces all.
struct Case {
    name: String,
    edits: Vec<(String, String)>,
}

fn cases(list: &str) -> Vec<Case> {
    let mut out: Vec<Case> = Vec::new();
    let mut part = 0;
    for line in list.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            out.push(Case { name: name.to_owned(), edits: Vec::new() });
            part = 0;
            continue;
        }
        let Some(case) = out.last_mut() else { continue };
        match line {
            "<<<" => {
                case.edits.push((String::new(), String::new()));
                part = 1;
            }
            ">>>" => part = 2,
            "---" => part = 0,
            line => {
                let Some((from, to)) = case.edits.last_mut() else { continue };
                match part {
                    1 => from.push_str(&format!("{line}\n")),
                    2 => to.push_str(&format!("{line}\n")),
                    _ => {}
                }
            }
        }
    }
    out
}

impl Case {
    fn text(&self) -> String {
        let mut text = HOMELAB.to_owned();
        for (from, to) in &self.edits {
            match from.trim_end_matches('\n') {
                "" => text.push_str(to),
                "*" => text = to.clone(),
                from => {
                    assert!(text.contains(from), "{}: the homelab has no `{from}`", self.name);
                    text = text.replacen(from, to.trim_end_matches('\n'), 1);
                }
            }
        }
        text
    }

    fn shown(&self) -> String {
        let edits = self.edits.iter().map(|(from, to)| format!("<<<\n{from}>>>\n{to}"));
        format!("=== {}\n{}---\n", self.name, edits.collect::<String>())
    }
}

/// Every case by its name, as a file.
pub(crate) fn texts() -> Vec<(String, String)> {
    cases(&text(LIST)).iter().map(|case| (case.name.clone(), case.text())).collect()
}

/// The errors of a text, or its warnings if there are none, and the places of all.
fn findings(text: &str) -> Vec<(Diagnostic, String)> {
    let (findings, places) = compile(text, &[]);
    let all: Vec<(Diagnostic, String)> = findings.into_iter().zip(places).collect();
    let errors: Vec<(Diagnostic, String)> =
        all.iter().filter(|(d, _)| d.severity == Severity::Error).cloned().collect();
    if errors.is_empty() { all } else { errors }
}

/// What is said of a case, and what is left when the edit is made.
fn answer(case: &Case) -> Result<String, String> {
    let text = case.text();
    let found = findings(&text);
    let [(finding, place)] = found.as_slice() else {
        let messages: Vec<&str> = found.iter().map(|(finding, _)| finding.message.as_str()).collect();
        return Err(format!("{} findings: {messages:?}", found.len()));
    };
    let Some(help) = &finding.help else { return Err("no help".into()) };
    let place = place.lines().next().unwrap_or_default();
    let mut out = format!("{}: {}\nat: {place}\nhelp: {help}\n", finding.code.name(), finding.message);
    if finding.edits.is_empty() {
        return Ok(out);
    }
    let mended = edit::apply(&text, &finding.edits).map_err(|why| why.to_string())?;
    let left = findings(&mended);
    if let Some((again, _)) = left.iter().find(|(left, _)| left.message == finding.message) {
        return Err(format!("mended, but again: {}", again.message));
    }
    let left: Vec<(Diagnostic, String)> =
        left.into_iter().filter(|(left, _)| left.severity == Severity::Error).collect();
    out.push_str(&match left.as_slice() {
        [] => "mended\n".to_owned(),
        left => {
            left.iter().map(|(left, _)| format!("then {}: {}\n", left.code.name(), left.message)).collect()
        }
    });
    Ok(out)
}

#[test]
fn each_habit_is_one_finding_that_says_what_to_write() {
    let list = text(LIST);
    let head: String =
        list.lines().take_while(|line| line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
    let (mut out, mut wrong) = (head, Vec::new());
    let cases = cases(&list);
    assert!(cases.len() >= 120, "{} cases", cases.len());
    for case in &cases {
        match answer(case) {
            Ok(answer) => out.push_str(&format!("{}{answer}", case.shown())),
            Err(why) => wrong.push(format!("{}: {why}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    compare(&repository(LIST), &out, blessing()).unwrap_or_else(|difference| panic!("{difference}"));
}
