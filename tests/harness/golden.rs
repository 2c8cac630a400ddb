//! Goldens: files that hold what is expected, compared with what came out. `BLESS=1` writes them anew.
#![allow(dead_code, reason = "each test binary uses what it needs")]

use std::fs;
use std::path::{Path, PathBuf};

use super::project::Files;

/// Whether goldens are to be written rather than compared.
pub(crate) fn blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// A directory of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of the repository, with `\n` as line end.
pub(crate) fn text(path: &str) -> String {
    let full = repository(path);
    let text = fs::read_to_string(&full).unwrap_or_else(|error| panic!("{}: {error}", full.display()));
    text.replace("\r\n", "\n")
}

/// Compares a golden with what came out; an empty text stands for "no file".
///
/// # Errors
/// The difference, if there is one and it is not to be blessed.
pub(crate) fn compare(golden: &Path, actual: &str, bless: bool) -> Result<(), String> {
    let expected = fs::read_to_string(golden).unwrap_or_default().replace("\r\n", "\n");
    let stale = actual.is_empty() && golden.exists();
    if expected == actual && !stale {
        return Ok(());
    }
    if !bless {
        let what =
            if stale { "nothing produces this golden any more".to_owned() } else { diff(&expected, actual) };
        return Err(format!("{}: BLESS=1 accepts this\n{what}", golden.display()));
    }
    let written = if actual.is_empty() {
        fs::remove_file(golden)
    } else {
        golden.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(golden, actual))
    };
    written.map_err(|error| format!("{}: {error}", golden.display()))
}

/// Compares a directory of goldens with files that came out, in both directions.
///
/// # Errors
/// All differences.
pub(crate) fn compare_tree(root: &Path, actual: &Files, bless: bool) -> Result<(), String> {
    let expected = super::project::read_tree(root, &|_| false);
    let stale = expected.keys().filter(|path| !actual.contains_key(*path)).map(|path| (path, ""));
    let all = actual.iter().map(|(path, text)| (path, text.as_str())).chain(stale);
    let failures: Vec<String> =
        all.filter_map(|(path, text)| compare(&root.join(path), text, bless).err()).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// A unified difference.
pub(crate) fn diff(expected: &str, actual: &str) -> String {
    similar::TextDiff::from_lines(expected, actual)
        .unified_diff()
        .header("expected", "actual")
        .context_radius(3)
        .to_string()
}
