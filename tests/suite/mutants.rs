//! Generated mistakes in every example: none may panic, none may pass without a word or a trace.
//!
//! Exceptions stand in `tests/ledger/mutants.txt`, each with its reason. The list may only shrink: an exception that no mutant needs
//! any more fails, and `BLESS=1` takes it out.
#![allow(clippy::print_stdout, reason = "how many were tried is told")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::golden::{blessing, repository, text};
use crate::mutate::{self, Mutant};
use crate::project::{self, Files, Outcome};

const LIST: &str = "tests/ledger/mutants.txt";

/// How many findings of mutants had edits that are safe, and how many some that need a look; all were made.
static SAFE: AtomicUsize = AtomicUsize::new(0);
static LOOK: AtomicUsize = AtomicUsize::new(0);

/// The exceptions of one test: the key of the mutant, and the reason.
fn exceptions(test: &str) -> BTreeMap<String, String> {
    let list = text(LIST);
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| line.strip_prefix(test)?.strip_prefix(": ")?.split_once(" || "));
    rows.map(|(key, reason)| (key.trim().to_owned(), reason.trim().to_owned())).collect()
}

/// The key for whatever is done to the line of a mutant.
fn any(key: &str) -> String {
    let mut parts: Vec<&str> = key.splitn(3, " | ").collect();
    if let Some(what) = parts.get_mut(1) {
        *what = "*";
    }
    parts.join(" | ")
}

/// Takes exceptions out of the list.
fn remove(test: &str, stale: &BTreeSet<String>) {
    static LOCK: Mutex<()> = Mutex::new(());
    let _one: MutexGuard<'_, ()> = LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let keep = |line: &&str| !stale.iter().any(|key| line.starts_with(&format!("{test}: {key} ||")));
    let kept: String = text(LIST).lines().filter(keep).flat_map(|line| [line, "\n"]).collect();
    fs::write(repository(LIST), kept).expect("the list can be written");
}

/// Tries the mutants of every example on as many threads as there are; `judge` says what is wrong with one.
fn run(
    test: &str,
    mutants: impl Fn(&Files, &[&str]) -> Vec<Mutant>,
    judge: impl Fn(&Outcome, &Outcome, &Files, &Mutant) -> Option<String> + Sync,
) {
    let allowed = exceptions(test);
    let (mut wrong, mut needed, mut tried) = (Vec::new(), BTreeSet::new(), 0);
    for (name, files, entries) in project::examples() {
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        let before = project::compile(&files, &entries);
        let all: Vec<Mutant> = mutants(&files, &entries);
        tried += all.len();
        for (key, why) in try_all(&all, &before, &files, &entries, &judge) {
            let key = format!("{name}/{key}");
            let whole_line = any(&key);
            match [&key, &whole_line].into_iter().find(|key| allowed.contains_key(*key)) {
                Some(key) => drop(needed.insert(key.clone())),
                None => wrong.push(format!("{test}: {key} || {why}")),
            }
        }
    }
    let stale: BTreeSet<String> = allowed.keys().filter(|key| !needed.contains(*key)).cloned().collect();
    if blessing() && !stale.is_empty() {
        remove(test, &stale);
    } else {
        wrong.extend(
            stale.iter().map(|key| format!("{test}: {key} || is listed in {LIST} and no longer needed")),
        );
    }
    println!(
        "{test}: {tried} mutants; of all so far {} findings with edits that are safe, {} with edits that need a look",
        SAFE.load(Ordering::Relaxed),
        LOOK.load(Ordering::Relaxed)
    );
    assert!(tried > 20, "only {tried} mutants");
    assert!(wrong.is_empty(), "{} of {tried} mutants:\n{}", wrong.len(), wrong.join("\n"));
}

/// The mutants that are wrong, each by its key with the reason.
fn try_all(
    all: &[Mutant],
    before: &Outcome,
    files: &Files,
    entries: &[&str],
    judge: &(impl Fn(&Outcome, &Outcome, &Files, &Mutant) -> Option<String> + Sync),
) -> Vec<(String, String)> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let one = |mutant: &Mutant| {
        let outcome = catch_unwind(AssertUnwindSafe(|| project::compile(&mutant.files, entries)));
        let why = match outcome {
            Ok(after) => judge(before, &after, files, mutant),
            Err(_) => Some("it panics".to_owned()),
        };
        why.map(|why| (mutant.key.clone(), why))
    };
    std::thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(threads).max(1));
        let running: Vec<_> =
            parts.map(|part| scope.spawn(move || part.iter().filter_map(one).collect::<Vec<_>>())).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("panics are caught")).collect()
    })
}

/// One error, on the word, and its edit restores the file byte for byte.
fn restored(_: &Outcome, after: &Outcome, files: &Files, mutant: &Mutant) -> Option<String> {
    let errors = after.errors();
    let [error] = errors.as_slice() else {
        let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        return Some(format!("{} errors: {}", errors.len(), messages.join("; ")));
    };
    let place = Some((mutant.place.file.clone(), mutant.place.range.clone()));
    if error.primary != place {
        return Some(format!("the error is not on the word: {}", error.message));
    }
    match project::mended(&mutant.files, &[error]) {
        Ok(Some(mended)) if mended == *files => None,
        Ok(Some(_)) => Some(format!("the edit does not restore it: {}", error.message)),
        Ok(None) => Some(format!("no edit: {}", error.message)),
        Err(why) => Some(why),
    }
}

/// Something is said, or the output differs; and what is said is mended by what is offered.
fn noticed(before: &Outcome, after: &Outcome, files: &Files, mutant: &Mutant) -> Option<String> {
    if after.text == before.text && after.output == before.output {
        return Some("changes nothing and is accepted without a word".to_owned());
    }
    let entries: Vec<&str> =
        files.iter().filter(|(_, text)| project::is_entry(text)).map(|(path, _)| path.as_str()).collect();
    match project::edits(&mutant.files, &entries, after) {
        Ok(tried) => {
            SAFE.fetch_add(tried.safe, Ordering::Relaxed);
            LOOK.fetch_add(tried.look, Ordering::Relaxed);
            None
        }
        Err(why) => Some(why),
    }
}

#[test]
fn a_misspelt_name_is_one_error_that_mends_it() {
    run("misspelt", mutate::misspellings, restored);
}

#[test]
fn no_line_goes_unnoticed() {
    run("deleted", |files, _| mutate::deletions(files), noticed);
}

#[test]
fn no_item_stands_twice_unnoticed() {
    run("twice", mutate::duplicates, noticed);
}

#[test]
fn no_number_changes_unnoticed() {
    run("number", |files, _| mutate::numbers(files), noticed);
}
