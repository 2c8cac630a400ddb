//! Edits that findings offer, those that `check --fix` makes and those that need a look: alone, the edits of each mend the finding that
//! they belong to, and make no mistake in the syntax.
//!
//! Tried on every fixture, every program on a page, every habit and mistake, on every mutant of the examples (in `mutants`), and on the
//! projects in a directory that `TALOSC_PROJECTS` names.
#![allow(clippy::print_stdout, reason = "how many were tried is told")]

use std::collections::BTreeMap;
use std::fs;

use talosc::diagnostics::Code;
use talosc::diagnostics::page;
use talosc::driver::{self, Request};
use talosc::source::loader::MemoryLoader;

use crate::command::Project;
use crate::golden::repository;
use crate::project::{self, Files};

/// What was tried: how many projects, and how many findings with edits; and what was wrong.
#[derive(Default)]
struct Tally {
    projects: usize,
    safe: usize,
    look: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn take(&mut self, name: &str, files: &Files, main: &str) {
        self.projects += 1;
        let outcome = project::compile(files, &[main]);
        match project::edits(files, &[main], &outcome) {
            Ok(tried) => {
                self.safe += tried.safe;
                self.look += tried.look;
            }
            Err(why) => self.wrong.push(format!("{name}: {why}")),
        }
    }

    fn end(self, least: usize) {
        let Tally { projects, safe, look, wrong } = self;
        assert!(wrong.is_empty(), "{} of {projects}:\n{}", wrong.len(), wrong.join("\n"));
        let tried = format!(
            "in {projects} projects {safe} findings with edits that are safe, {look} with edits that need a look"
        );
        println!("{tried}");
        assert!(safe + look >= least, "only {tried}");
    }
}

#[test]
fn of_fixtures() {
    let mut tally = Tally::default();
    for group in ["tests/ui", "tests/build"] {
        let entries = fs::read_dir(repository(group)).expect("there are fixtures");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
        paths.sort();
        for path in paths {
            let files = project::read_tree(&path, &|path| matches!(path, "fixed" | "expected" | "stderr"));
            tally.take(&path.display().to_string(), &files, "main.talos");
        }
    }
    tally.end(15);
}

#[test]
fn of_projects_elsewhere() {
    let Some(directory) = std::env::var_os("TALOSC_PROJECTS") else { return };
    let mut tally = Tally::default();
    for entry in fs::read_dir(directory).expect("it can be listed").flatten() {
        let binary = |path: &str| {
            let path = entry.path().join(path);
            path.is_file() && fs::read_to_string(path).is_err()
        };
        let files = project::read_tree(&entry.path(), &binary);
        for main in files.keys().filter(|path| path.ends_with(".talos") && !path.contains('/')) {
            tally.take(&entry.path().join(main).display().to_string(), &files, main);
        }
    }
    tally.end(1);
}

#[test]
fn of_pages() {
    let mut tally = Tally::default();
    for code in Code::ALL {
        let page = page::parse(code.page().unwrap_or_default()).expect("a page can be read");
        for program in page.programs() {
            tally.take(&format!("{}.md, line {}", code.name(), program.line), &program.files, &program.main);
        }
    }
    tally.end(12);
}

#[test]
fn of_habits_and_mistakes() {
    let mut tally = Tally::default();
    let texts =
        crate::habits::texts().into_iter().chain(crate::mistakes::texts()).chain(crate::edits::texts());
    for (name, text) in texts {
        tally.take(&name, &BTreeMap::from([("cluster.talos".to_owned(), text)]), "cluster.talos");
    }
    tally.end(80);
}

/// What `check --fix` leaves of a file and the messages that remain.
fn mended(text: &str) -> (String, Vec<String>) {
    let loader = MemoryLoader { files: BTreeMap::from([("main.talos".to_owned(), text.to_owned())]) };
    let mended = driver::mend(&loader, &["main.talos".to_owned()], &Request::default());
    let left = mended.compilation.findings.iter().map(|finding| finding.message.clone()).collect();
    (mended.files.get("main.talos").cloned().unwrap_or_default(), left)
}

#[test]
fn all_that_is_safe_is_mended_and_nothing_else() {
    let yaml = "cluster lab {\n  talos: v1.13.7; created-with: 1.13.7\n  kubernetes => v1.35.0\n  workers {}\n\n  \
                controlplane:\n    node-labels:\n      rack: r1\n      zone: /a\n}\n";
    let (text, left) = mended(yaml);
    assert_eq!(
        text,
        "cluster lab {\n  talos = v1.13.7, created-with = v1.13.7\n  kubernetes = v1.35.0\n  workers {}\n\n  controlplane {\n    \
         node-labels {\n      rack = \"r1\"\n      zone = \"/a\"\n    }\n  }\n}\n"
    );
    assert_eq!(left.len(), 1, "the value of a label has no `/`: {left:?}");
    // A guess is left to a person, and so is quoting what may be a parameter.
    let guess = "role base(zone: String) { node-labels { rack = zon, zone = zone } }\ncluster lab {\n  talos = v1.13.7\n  created-with = v1.13.7\n  \
                 kubernetes = v1.35.0\n  controlplan {}\n  workers { role = base(zone = \"a\") }\n}\n";
    let (text, left) = mended(guess);
    assert_eq!((text.as_str(), left.len()), ("", 2), "{left:?}");
}

#[test]
fn the_command_writes_what_is_safe_and_tells_the_rest() {
    let text = "cluster lab {\n  talos: v1.13.7\n  kubernetes = 1.35.0\n  controlplane {}\n  workrs {}\n}\n";
    let project = Project::new(&[("main.talos", text)]);
    let ran = project.run(&["check", "--fix", "--format", "short"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_eq!(ran.out, "fixed 2 findings in main.talos\n");
    assert!(ran.err.contains("error[unknown-field]") && ran.err.ends_with("1 error\n"), "{}", ran.err);
    assert!(project.get("main.talos").contains("  talos = v1.13.7\n  kubernetes = v1.35.0\n"));
    let before = project.state();
    assert_eq!(project.run(&["check", "--fix"]).out, "");
    assert_eq!(project.state(), before, "nothing is touched");
}
