//! What stands in output directories while the output is made.
//!
//! A template of thousands of machines is compared as soon as it is text: it is then known whether the text must be kept.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::parallel;
use crate::driver::Standing;
use crate::driver::output::Place;
use crate::emit::plan::with_unix_line_ends;
use crate::emit::{File, verify};
use crate::tree::Node;

/// The output directories of a build.
pub(super) struct OnDisk<'d> {
    root: &'d Path,
    /// The directory that the command line names.
    named: Option<&'d Path>,
    /// The first text that does not say what its nodes say: a bug of ours, if it were written.
    wrong: Mutex<Option<String>>,
}

impl<'d> OnDisk<'d> {
    /// Those of a project, or the one that the command line names.
    pub(super) fn new(root: &'d Path, named: Option<&'d Path>) -> OnDisk<'d> {
        OnDisk { root, named, wrong: Mutex::new(None) }
    }

    /// What is wrong with a text that is not current.
    pub(super) fn wrong(self) -> Option<String> {
        self.wrong.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing for OnDisk<'_> {
    fn has(&self, place: &Place, file: &File, nodes: &[Node]) -> bool {
        let directory = match self.named {
            Some(named) => named.to_owned(),
            None => self.root.join(&place.directory.name),
        };
        // Whether it may be read at all, and what it is, is looked at before anything is written.
        let before = fs::read(directory.join(&file.path)).ok();
        if before.as_deref().is_some_and(|bytes| *with_unix_line_ends(bytes) == *file.text.as_bytes()) {
            return true;
        }
        let before = before.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let pieces = verify::pieces(&file.text, nodes, before);
        let wrong = parallel::map(&pieces, |(text, nodes)| verify::verify(text, nodes).err());
        if let Some(error) = wrong.into_iter().flatten().next() {
            let message = wrong_output(&file.path, &error);
            self.wrong.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
        }
        false
    }
}

/// What is said of a text that does not say what its nodes say.
pub(super) fn wrong_output(path: &str, error: &verify::VerifyError) -> String {
    format!("the output `{path}` is not right: {error}")
}
