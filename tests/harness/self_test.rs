//! The runner of fixtures, judged itself: it must fail when it should.

use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};

use super::{build, ui};

/// A project that builds without a word.
const GOOD: &str = "cluster c { talos = v1.13.7, kubernetes = v1.35.0, controlplane {} }\n";
/// The same with a misspelt field.
const BAD: &str = "cluster c { talso = v1.13.7, kubernetes = v1.35.0, controlplane {} }\n";

type Run = fn(&Path, bool) -> Result<(), String>;

/// One trial for each way in which a fixture can be wrong.
pub(super) fn trials() -> Vec<Trial> {
    let test = |name: &str, test: fn() -> Result<(), String>| {
        Trial::test(format!("harness::{name}"), move || test().map_err(Failed::from))
    };
    vec![
        test("a_blessed_fixture_passes", a_blessed_fixture_passes),
        test("a_changed_golden_fails", a_changed_golden_fails),
        test("a_stale_golden_fails", a_stale_golden_fails),
        test("a_forgotten_file_fails", a_forgotten_file_fails),
        test("a_fixture_of_another_code_fails", a_fixture_of_another_code_fails),
        test("a_fixed_project_that_is_broken_fails", a_fixed_project_that_is_broken_fails),
        test("an_error_in_a_build_fails", an_error_in_a_build_fails),
    ]
}

/// A fixture in a directory of its own, blessed once.
fn fixture(name: &str, text: &str, run: Run) -> Result<tempfile::TempDir, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = directory.path().join(name);
    write(&path.join("main.talos"), text)?;
    run(&path, true)?;
    Ok(directory)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let done = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    done.map_err(|error| error.to_string())
}

/// The run must fail, and say why.
fn refused(run: Run, path: &Path, why: &str) -> Result<(), String> {
    match run(path, false) {
        Err(message) if message.contains(why) => Ok(()),
        Err(message) => Err(format!("expected {why:?} in {message:?}")),
        Ok(()) => Err(format!("passed, although {why}")),
    }
}

fn a_blessed_fixture_passes() -> Result<(), String> {
    let bad = fixture("unknown-field_x", BAD, ui)?;
    ui(&bad.path().join("unknown-field_x"), false)?;
    let good = fixture("x", GOOD, build)?;
    build(&good.path().join("x"), false)
}

fn a_changed_golden_fails() -> Result<(), String> {
    let bad = fixture("unknown-field_x", BAD, ui)?;
    let path = bad.path().join("unknown-field_x");
    write(&path.join("stderr"), "something else\n")?;
    refused(ui, &path, "-something else")?;
    let good = fixture("x", GOOD, build)?;
    let path = good.path().join("x");
    write(&path.join("expected/cluster-template/c.yaml"), "kind: Cluster\n")?;
    refused(build, &path, "+name: c")
}

fn a_stale_golden_fails() -> Result<(), String> {
    let good = fixture("x", GOOD, build)?;
    let path = good.path().join("x");
    write(&path.join("expected/more.yaml"), "a: b\n")?;
    refused(build, &path, "nothing produces this golden any more")?;
    build(&path, true)?;
    write(&path.join("stderr"), "")?;
    refused(build, &path, "nothing produces this golden any more")
}

fn a_forgotten_file_fails() -> Result<(), String> {
    let bad = fixture("unknown-field_x", BAD, ui)?;
    let path = bad.path().join("unknown-field_x");
    write(&path.join("roles.talos"), "role r\n")?;
    refused(ui, &path, "nothing reads roles.talos")
}

fn a_fixture_of_another_code_fails() -> Result<(), String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = directory.path().join("wrong-type_x");
    write(&path.join("main.talos"), BAD)?;
    refused(ui, &path, "no finding has the code `wrong-type`")
}

fn a_fixed_project_that_is_broken_fails() -> Result<(), String> {
    let bad = fixture("unknown-field_x", BAD, ui)?;
    let path = bad.path().join("unknown-field_x");
    write(&path.join("fixed/main.talos"), BAD)?;
    refused(ui, &path, "the project in fixed/ is not clean")
}

fn an_error_in_a_build_fails() -> Result<(), String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = directory.path().join("x");
    write(&path.join("main.talos"), BAD)?;
    refused(build, &path, "it does not build")
}
