//! What stands in output directories while the output is made.
//!
//! A template of thousands of machines is compared as soon as it is text: it is then known whether the text must be kept.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::parallel;
use crate::driver::Standing;
use crate::driver::output::OutputPlace;
use crate::emit::plan::with_unix_line_ends;
use crate::emit::verify;
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
    fn bytes(&self, place: &OutputPlace, path: &str) -> Option<Vec<u8>> {
        let directory = match self.named {
            Some(named) => named.to_owned(),
            None => self.root.join(&place.directory.name),
        };
        // Whether it may be read at all is looked at before anything is written; what is no file could keep us waiting for ever.
        let path = directory.join(path);
        let bytes =
            fs::metadata(&path).ok().filter(fs::Metadata::is_file).and_then(|_| fs::read(path).ok())?;
        Some(match with_unix_line_ends(&bytes) {
            Cow::Borrowed(_) => bytes,
            Cow::Owned(unix) => unix,
        })
    }

    fn judge(&self, _: &OutputPlace, path: &str, text: &str, nodes: &[Node], before: Option<&[u8]>) {
        if let Some(message) = wrong([NewText { path, text, nodes, before }]) {
            self.wrong.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
        }
    }
}

/// A text that is not current, with what it is to say and what stands in its place.
pub(super) struct NewText<'t> {
    pub(super) path: &'t str,
    pub(super) text: &'t str,
    pub(super) nodes: &'t [Node],
    pub(super) before: Option<&'t [u8]>,
}

/// Reads back texts that are about to be written, and says what is wrong with the first that does not say what its nodes say.
pub(super) fn wrong<'t>(texts: impl IntoIterator<Item = NewText<'t>>) -> Option<String> {
    let mut pieces = Vec::new();
    for NewText { path, text, nodes, before } in texts {
        let before = before.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let parts = verify::pieces(text, nodes, before);
        pieces.extend(parts.into_iter().map(|(text, nodes)| (path, text, nodes)));
    }
    let wrong = parallel::map(&pieces, |(path, text, nodes)| {
        let error = verify::verify(text, nodes).err()?;
        Some(format!("the output `{path}` is not right: {error}"))
    });
    wrong.into_iter().flatten().next()
}
