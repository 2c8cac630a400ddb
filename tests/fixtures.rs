//! Fixtures: small projects on disk with what the compiler must say of them.
//!
//! | directory | holds |
//! |---|---|
//! | `tests/ui/<code>_<what>/` | a project with a mistake, the findings as `stderr`, and perhaps the mended project in `fixed/` |
//! | `tests/build/<case>/` | a project that builds, what it writes as `expected/`, and warnings, if any, as `stderr` |
//!
//! The entry is `main.talos`. `BLESS=1` writes the goldens anew; read the difference before it is committed.

#[path = "harness/golden.rs"]
mod golden;
#[path = "harness/judge.rs"]
mod judge;
#[path = "harness/project.rs"]
mod project;
#[path = "harness/self_test.rs"]
mod self_test;
#[path = "harness/verdict.rs"]
mod verdict;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use project::{Files, Outcome, compile, mended, read_tree};

/// The entry of every fixture.
const MAIN: &str = "main.talos";

fn main() -> ExitCode {
    let bless = golden::blessing();
    let mut trials = Vec::new();
    let mut add = |group: &str, run: fn(&Path, bool) -> Result<(), String>| {
        for directory in directories(&golden::repository(&format!("tests/{group}"))) {
            let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
            trials.push(Trial::test(format!("{group}::{name}"), move || {
                run(&directory, bless).map_err(Failed::from)
            }));
        }
    };
    add("ui", ui);
    add("build", build);
    trials.extend(verdict::trials());
    trials.extend(self_test::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The fixtures in a directory, in order of their names.
fn directories(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut all: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    all.sort();
    all
}

/// A fixture as a project: without its goldens.
fn sources(directory: &Path) -> Result<Files, String> {
    let files = read_tree(directory, &|path| matches!(path, "fixed" | "expected" | "stderr"));
    if files.contains_key(MAIN) { Ok(files) } else { Err(format!("{}: no {MAIN}", directory.display())) }
}

/// A fixture with a mistake.
fn ui(directory: &Path, bless: bool) -> Result<(), String> {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let (code, what) = name.split_once('_').unwrap_or((&name, ""));
    if what.is_empty() {
        return Err(format!("`{name}` is not called `<code>_<what>`"));
    }
    let files = sources(directory)?;
    let outcome = compile(&files, &[MAIN]);
    if !outcome.codes().contains(code) {
        return Err(format!("no finding has the code `{code}`:\n{}", outcome.text));
    }
    golden::compare(&directory.join("stderr"), &outcome.text, bless)?;
    let mut read = outcome.read.clone();
    read.extend(fixed(directory, &files, &outcome)?);
    all_read(&files, &read)
}

/// The mended project must be clean, and so must what the edits of the findings come to. Says which files it reads.
fn fixed(directory: &Path, files: &Files, outcome: &Outcome) -> Result<BTreeSet<String>, String> {
    let changed = read_tree(&directory.join("fixed"), &|_| false);
    let mut fixed = files.clone();
    fixed.extend(changed.clone());
    let mut read = BTreeSet::new();
    if !changed.is_empty() {
        let again = compile(&fixed, &[MAIN]);
        if !again.findings.is_empty() {
            return Err(format!("the project in fixed/ is not clean:\n{}", again.text));
        }
        read.extend(again.read);
    }
    let errors = outcome.errors();
    let findings = if errors.is_empty() { outcome.findings.iter().collect() } else { errors };
    match mended(files, &findings)? {
        Some(result) if changed.is_empty() || result != fixed => {
            let again = compile(&result, &[MAIN]);
            if !again.findings.is_empty() {
                return Err(format!("after the edits that it offers:\n{}", again.text));
            }
            read.extend(again.read);
        }
        Some(_) => {}
        None if changed.is_empty() => return Err("it offers no edits, so it needs a `fixed/`".into()),
        None => {}
    }
    Ok(read)
}

/// A fixture that builds.
fn build(directory: &Path, bless: bool) -> Result<(), String> {
    let files = sources(directory)?;
    let outcome = compile(&files, &[MAIN]);
    if !outcome.errors().is_empty() {
        return Err(format!("it does not build:\n{}", outcome.text));
    }
    if outcome.output.is_empty() {
        return Err("it writes nothing".into());
    }
    golden::compare(&directory.join("stderr"), &outcome.text, bless)?;
    golden::compare_tree(&directory.join("expected"), &outcome.output, bless)?;
    all_read(&files, &outcome.read)
}

/// A file that nothing reads was forgotten there, or is no longer what the fixture is about.
fn all_read(files: &Files, read: &BTreeSet<String>) -> Result<(), String> {
    match files.keys().find(|path| !read.contains(*path)) {
        Some(path) => Err(format!("nothing reads {path}")),
        None => Ok(()),
    }
}
