//! What loading and typing made, as it stays.

use std::sync::Arc;

use super::Typed;
use crate::resolve::{DeclId, Names};

/// Everything that was loaded and typed. Nothing changes it any more, so that clusters can be worked out side by side and an
/// editor can ask it questions.
#[derive(Debug, Default)]
pub struct Program {
    /// The names, with the sources.
    pub names: Names,
    typed: Vec<Option<Arc<Typed>>>,
    silencing: Vec<DeclId>,
    /// The path of some file has parameters in it, so that it is not read yet.
    pub made_paths: bool,
}

impl Program {
    pub(super) fn new(
        names: Names,
        typed: Vec<Option<Arc<Typed>>>,
        mut silencing: Vec<DeclId>,
        made_paths: bool,
    ) -> Program {
        silencing.sort_unstable();
        Program { names, typed, silencing, made_paths }
    }

    /// Names alone: of sources that are not to be typed.
    pub fn untyped(names: Names) -> Program {
        Program { names, ..Program::default() }
    }

    /// The declarations with an `allow` in them or in what they use, in the order of their numbers.
    pub fn silencing(&self) -> &[DeclId] {
        &self.silencing
    }

    /// A declaration with names resolved and values typed.
    ///
    /// # Panics
    /// Never for a declaration of this program: all of them were typed before it was frozen.
    pub fn typed(&self, id: DeclId) -> Arc<Typed> {
        let typed = self.typed.get(id.0 as usize).and_then(Option::as_ref);
        typed.expect("everything is typed before a program is frozen").clone()
    }
}
