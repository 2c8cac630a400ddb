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
    /// What is known of it.
    place: Place,
}

/// Where in configuration that is typed elsewhere a value stands.
#[derive(Clone, Copy, Default)]
enum Place {
    /// Not in configuration yet.
    #[default]
    Outside,
    /// At a place that the table of fields has.
    Known(config::Spot),
    /// In the configuration of something else, or below what the table has.
    Unknown,
}

impl Place {
    fn of(spot: Option<config::Spot>) -> Place {
        spot.map_or(Place::Unknown, Place::Known)
    }

    fn step(self, step: impl FnOnce(config::Spot) -> Option<config::Spot>) -> Place {
        match self {
            Place::Known(spot) => Place::of(step(spot)),
            Place::Outside | Place::Unknown => Place::Unknown,
        }
    }
}

/// Of how many parameters the names are suggested: whoever has more did not write them by hand.
const SUGGESTED: usize = 100;

impl Env<'_> {
    /// The names of its parameters, for suggestions.
    pub(super) fn known_params(&self) -> Vec<String> {
        self.params.iter().take(SUGGESTED).map(|param| param.name.to_string()).collect()
    }

    /// Inside of the field `name` of configuration that is typed elsewhere; the keys of a map name no field. What stands in no other
    /// such field is one of the v1alpha1 document if the body is that of a patch.
    pub(super) fn within(&self, name: &Text, in_patch: bool) -> Self {
        let free = !self.spot.free && config::is_free(&self.spot.name, name);
        let place = match self.spot.place {
            Place::Outside if in_patch => Place::of(config::Spot::document(None)).step(|top| top.child(name)),
            place => place.step(|spot| spot.child(name)),
        };
        Env { spot: Spot { name: name.clone(), free, place }, ..self.clone() }
    }

    /// At the top of the document of a kind.
    pub(super) fn in_document(&self, kind: &str) -> Self {
        let place = Place::of(config::Spot::document(Some(kind)));
        Env { spot: Spot { place, ..Spot::default() }, ..self.clone() }
    }

    /// In an element of a list of such configuration.
    pub(super) fn in_element(&self) -> Self {
        let place = self.spot.place.step(config::Spot::item);
        Env { spot: Spot { name: self.spot.name.clone(), free: false, place }, ..self.clone() }
    }

    /// Outside of such configuration: where an argument stands, and a field that has a type.
    pub(super) fn outside(&self) -> Self {
        Env { spot: Spot::default(), ..self.clone() }
    }

    /// What is taken where the value stands, in the newest minor that has the field.
    pub(super) fn known_type(&self) -> Option<&'static config::Type> {
        match self.spot.place {
            Place::Known(spot) => Some(spot.ty()),
            Place::Outside | Place::Unknown => None,
        }
    }
}
