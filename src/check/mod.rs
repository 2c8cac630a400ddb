//! Checks on what is resolved: invariants, what is unused, and what `allow` silences.
//!
//! An invariant is compiled to terms with names and types resolved (`compile`), evaluated on views of the resolved
//! declarations (`eval`), for every target that uses them (`judge`), and reported where the user can act (`report`).

mod allow;
mod compile;
mod errors;
mod eval;
mod fix;
mod judge;
mod report;
mod terms;
mod thing;
mod types;
mod unused;
mod withheld;
mod words;

use crate::flatten::Flattener;
use crate::fleet::Fleet;
use crate::typing::Types;

pub use judge::Rules;

/// Compiles the invariants that may have something to say. An invariant of the standard library is parsed only when something sets
/// the field that it looks at first.
pub fn rules(types: &mut Types<'_>) -> Rules {
    judge::rules(types)
}

/// Evaluates the invariants that concern what the fleet uses.
pub fn invariants(flattener: &mut Flattener, fleet: &Fleet, rules: &Rules) {
    judge::all(flattener, fleet, rules);
}

/// Warns of declarations that nothing uses.
pub fn unused(flattener: &mut Flattener, fleet: &Fleet) {
    unused::all(flattener, fleet);
}

/// Takes away what an `allow` silences, joins what has one cause, and judges the `allow`s themselves.
pub fn allows(flattener: &mut Flattener, _fleet: &Fleet) {
    allow::all(flattener);
}

/// Compiles an invariant and reports what is wrong with it: for the test that holds the standard library together.
pub fn compile_invariant(types: &mut Types<'_>, id: crate::resolve::DeclId) -> bool {
    compile::rule(types, id).is_some()
}

/// Takes away findings of absence that another error explains: one mistake gives one finding.
pub fn withhold(flattener: &mut Flattener, fleet: &Fleet) {
    withheld::withhold(flattener, fleet);
}
