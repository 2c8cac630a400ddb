//! Checks on what is resolved: invariants, what is unused, and what `allow` silences.

use crate::flatten::Flattener;
mod withheld;

use crate::fleet::Fleet;

/// Evaluates the invariants that concern what the fleet uses.
pub fn invariants(_flattener: &mut Flattener<'_>, _fleet: &Fleet) {}

/// Warns of declarations that nothing uses.
pub fn unused(_flattener: &mut Flattener<'_>, _fleet: &Fleet) {}

/// Takes away what an `allow` silences, and warns of an `allow` that silences nothing.
pub fn allows(_flattener: &mut Flattener<'_>, _fleet: &Fleet) {}

/// Takes away findings of absence that another error explains: one mistake gives one finding.
pub fn withhold(flattener: &mut Flattener<'_>, fleet: &Fleet) {
    withheld::withhold(flattener, fleet);
}
