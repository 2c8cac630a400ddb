//! Reads and parses the files of a run before it comes to them.
//!
//! A tree depends on nothing but its text, so one thread parses while another enters and types what was parsed before. It stays only
//! a few files ahead: trees are large, and gone once they are typed.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Names;
use crate::diagnostics::Diagnostics;
use crate::source::FileId;
use crate::source::loader::{LoadError, Loader};
use crate::syntax::{self, ast::Ast};

/// How many files are parsed that nobody has asked for yet.
const LOOK_AHEAD: usize = 4;

/// A file that was read and parsed.
pub(super) struct Parsed {
    pub(super) file: FileId,
    pub(super) text: String,
    pub(super) tree: Ast,
    pub(super) findings: Diagnostics,
}

/// The files that a run was asked for, in order, with the numbers that they will have.
pub struct Ahead<'a> {
    loader: &'a dyn Loader,
    files: Vec<(&'a str, FileId)>,
    by_path: FxHashMap<&'a str, usize>,
    state: Mutex<State>,
    changed: Condvar,
}

impl Names {
    /// Keeps numbers for files that are to be read, if there are several. Findings stand in the order of these numbers, so whether
    /// there are several processors must not decide it.
    pub fn reserve<'p>(&mut self, paths: &'p [String]) -> Vec<(&'p str, FileId)> {
        let paths = if paths.len() < 2 { &[] } else { paths };
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let first = paths.iter().filter(|path| seen.insert(path));
        first.map(|path| (path.as_str(), self.sources.reserve(path))).collect()
    }
}

/// Reads files while another thread, if there is a processor for it, parses those whose numbers are kept.
pub fn while_parsing<R>(
    loader: &dyn Loader,
    files: Vec<(&str, FileId)>,
    read: impl FnOnce(Option<&Ahead<'_>>) -> R,
) -> R {
    if files.is_empty() {
        return read(None);
    }
    let ahead = Ahead::new(loader, files);
    thread::scope(|scope| {
        let _done = Done { ahead: &ahead };
        if thread::available_parallelism().map_or(1, usize::from) > 1 {
            scope.spawn(|| ahead.run());
        }
        read(Some(&ahead))
    })
}

struct State {
    slots: Vec<Slot>,
    /// Up to which of them somebody has asked.
    asked: usize,
    /// Nobody will ask for more.
    done: bool,
}

enum Slot {
    /// Nobody has begun with it.
    Waiting,
    /// Somebody parses it.
    Busy,
    /// Somebody has had it.
    Given,
    Parsed(Box<Result<Parsed, LoadError>>),
}

impl<'a> Ahead<'a> {
    fn new(loader: &'a dyn Loader, files: Vec<(&'a str, FileId)>) -> Ahead<'a> {
        let by_path = files.iter().enumerate().map(|(at, (path, _))| (*path, at)).collect();
        let slots = files.iter().map(|_| Slot::Waiting).collect();
        let state = Mutex::new(State { slots, asked: 0, done: false });
        Ahead { loader, files, by_path, state, changed: Condvar::new() }
    }

    /// Parses one file after the other until nobody asks any more.
    fn run(&self) {
        loop {
            let mut state = self.state();
            let at = loop {
                let next = state.slots.iter().position(|slot| matches!(slot, Slot::Waiting));
                match next.filter(|_| !state.done) {
                    None => return,
                    Some(at) if at < state.asked + LOOK_AHEAD => break at,
                    Some(_) => {
                        state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                    }
                }
            };
            state.slots[at] = Slot::Busy;
            drop(state);
            // Whoever waits for it parses it if this ends here.
            let given_up = GivenUp { ahead: self, at };
            let parsed = self.parse(at);
            std::mem::forget(given_up);
            self.put(at, Slot::Parsed(Box::new(parsed)));
        }
    }

    /// A file, if it is one of these and nobody has had it.
    pub(super) fn take(&self, path: &str) -> Option<Result<Parsed, LoadError>> {
        let at = *self.by_path.get(path)?;
        let mut state = self.state();
        state.asked = state.asked.max(at + 1);
        self.changed.notify_all();
        loop {
            match std::mem::replace(&mut state.slots[at], Slot::Given) {
                Slot::Parsed(parsed) => return Some(*parsed),
                Slot::Given => return None,
                Slot::Waiting => {
                    drop(state);
                    return Some(self.parse(at));
                }
                Slot::Busy => {
                    state.slots[at] = Slot::Busy;
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    fn parse(&self, at: usize) -> Result<Parsed, LoadError> {
        let (path, file) = self.files[at];
        let text = self.loader.read(path)?;
        let mut findings = Diagnostics::new();
        let tree = syntax::parse(file, &text, &mut findings);
        Ok(Parsed { file, text, tree, findings })
    }

    fn put(&self, at: usize, slot: Slot) {
        self.state().slots[at] = slot;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody asks any more once this is dropped.
struct Done<'a> {
    ahead: &'a Ahead<'a>,
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.ahead.state().done = true;
        self.ahead.changed.notify_all();
    }
}

/// A file that is not parsed to its end.
struct GivenUp<'a> {
    ahead: &'a Ahead<'a>,
    at: usize,
}

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        self.ahead.put(self.at, Slot::Waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::while_parsing;
    use crate::source::FileId;
    use crate::source::loader::MemoryLoader;

    #[test]
    fn files_are_given_in_any_order() {
        let names: Vec<String> = (0..64).map(|n| format!("{n}.talos")).collect();
        let mut loader = MemoryLoader::default();
        for name in &names {
            loader.files.insert(name.clone(), format!("# {name}\n"));
        }
        let files = names.iter().enumerate().map(|(at, name)| (name.as_str(), FileId(at as u32))).collect();
        while_parsing(&loader, files, |ahead| {
            let ahead = ahead.expect("there are files");
            // A file may import one that comes much later.
            for at in (0..64).map(|n| n * 37 % 64) {
                let parsed = ahead.take(&names[at]).expect("one of them").expect("it is there");
                assert_eq!((parsed.file, parsed.text), (FileId(at as u32), format!("# {at}.talos\n")));
            }
            assert!(ahead.take("other.talos").is_none() && ahead.take(&names[0]).is_none());
        });
    }
}
