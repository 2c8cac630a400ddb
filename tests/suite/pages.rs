//! The pages of the codes: every code has one, and every program on it does what the page says.

use std::collections::BTreeSet;
use std::fs;

use talosc::diagnostics::Code;
use talosc::diagnostics::page::{self, Expect, Program};

use crate::golden::{blessing, repository, text};
use crate::project::{self, Outcome};

/// A page that is only its heading is still to be written; the ledger lists it.
fn is_bare(code: &Code) -> bool {
    code.page().unwrap_or_default().trim() == format!("# {}", code.name())
}

fn outcome(program: &Program) -> Outcome {
    project::compile(&program.files, &[&program.main])
}

/// Why a program does not do what its page says.
fn wrong(code: &str, program: &Program) -> Option<String> {
    let outcome = outcome(program);
    let codes = outcome.codes();
    let others: BTreeSet<&str> =
        outcome.errors().iter().map(|error| error.code.as_str()).filter(|&other| other != code).collect();
    let why = match program.expect {
        Expect::Fails if !codes.contains(code) => "the block does not fail with this code",
        Expect::Ok if codes.contains(code) => "the block marked `ok` has the finding",
        _ if !others.is_empty() => "the block has other errors",
        _ => return None,
    };
    Some(format!("{code}.md, line {}: {why}\n{}", program.line, outcome.text))
}

#[test]
fn every_program_on_a_page_does_what_it_says() {
    let mut wrongs = Vec::new();
    let mut programs = 0;
    for code in Code::ALL.iter().filter(|code| !is_bare(code)) {
        let page = page::parse(code.page().unwrap_or_default())
            .unwrap_or_else(|error| panic!("{}.md, {error}", code.name()));
        for program in page.programs() {
            programs += 1;
            wrongs.extend(wrong(code.name(), &program));
        }
    }
    assert!(wrongs.is_empty(), "{} of {programs} programs:\n{}", wrongs.len(), wrongs.join("\n"));
    assert!(programs > 60, "only {programs} programs were found");
}

#[test]
fn every_bare_page_is_in_the_ledger() {
    let bare: BTreeSet<&str> = Code::ALL.iter().filter(|code| is_bare(code)).map(Code::name).collect();
    let listed = text("tests/ledger/bare-pages.txt");
    let listed: BTreeSet<&str> =
        listed.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(bare, listed, "tests/ledger/bare-pages.txt lists the pages that are still to be written");
}

#[test]
fn every_page_belongs_to_a_code() {
    let known: BTreeSet<String> = Code::ALL.iter().map(|code| format!("{}.md", code.name())).collect();
    let entries = fs::read_dir(repository("src/diagnostics/pages")).expect("there are pages");
    for entry in entries {
        let name = entry.expect("it can be listed").file_name().to_string_lossy().into_owned();
        assert!(known.contains(&name), "{name} belongs to no code");
    }
}

/// A finding without a fixture is one whose message nobody has read.
#[test]
fn every_code_has_a_fixture_or_is_in_the_ledger() {
    let entries = fs::read_dir(repository("tests/ui")).expect("there are fixtures");
    let names: Vec<String> = entries
        .map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned())
        .collect();
    let without: BTreeSet<&str> = Code::ALL
        .iter()
        .map(Code::name)
        .filter(|code| !names.iter().any(|name| name.split('_').next() == Some(code)))
        .collect();
    const LIST: &str = "tests/ledger/without-fixture.txt";
    let list = text(LIST);
    let code_of = |line: &str| line.split_once(':').map(|(code, _)| code.trim().to_owned());
    let listed: BTreeSet<String> =
        list.lines().filter(|line| !line.starts_with('#')).filter_map(code_of).collect();
    if blessing() {
        let keep = |line: &&str| {
            line.starts_with('#') || code_of(line).is_some_and(|code| without.contains(code.as_str()))
        };
        let mut kept: Vec<String> = list.lines().filter(keep).map(str::to_owned).collect();
        let new = without.iter().filter(|code| !listed.contains(**code));
        kept.extend(new.map(|code| format!("{code}: waits: not written yet")));
        fs::write(repository(LIST), kept.join("\n") + "\n").expect("the list can be written");
        return;
    }
    let listed: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    assert_eq!(without, listed, "{LIST} says why a code has no fixture; BLESS=1 brings it up to date");
}
