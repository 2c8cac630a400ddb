//! Where a body stands.

use super::Param;
use crate::diagnostics::Poison;
use crate::resolve::ScopeId;
use crate::text::Text;
use crate::world::config;

/// Where a body stands: whose names and parameters hold in it.
#[derive(Clone)]
pub(crate) struct Env<'e> {
    pub(super) scope: ScopeId,
    pub(super) params: &'e [Param],
    /// The kinds that `with` may name in this body.
    pub(super) mixes: &'e [crate::schema::KindId],
    /// How many `let`s deep a value is.
    pub(super) depth: usize,
    /// Which bases of what it stands in were not found: of a field that they may have declared nothing is said.
    pub(super) poison: Poison,
    /// Where in configuration that is typed elsewhere.
    pub(super) spot: Spot,
}

/// A field of configuration that is typed elsewhere.
#[derive(Clone, Default)]
pub(super) struct Spot {
    /// Its name.
    pub(super) name: Text,
    /// Its value is a map with free keys.
    pub(super) free: bool,
}

impl Env<'_> {
    /// Inside of the field `name` of configuration that is typed elsewhere; the keys of a map name no field.
    pub(super) fn within(&self, name: &Text) -> Self {
        let free = !self.spot.free && config::is_free(&self.spot.name, name);
        Env { spot: Spot { name: name.clone(), free }, ..self.clone() }
    }
}
