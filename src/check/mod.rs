//! Checks on what is resolved: invariants, what is unused, and what `allow` silences.
//!
//! An invariant is compiled to terms with names and types resolved (`compile`), evaluated on views of the resolved
//! declarations (`eval`), for every target that uses them (`judge`), and reported where the user can act (`report`).

mod allow;
mod compile;
mod configs;
mod errors;
mod eval;
mod fix;
mod judge;
mod premise;
mod report;
mod terms;
mod thing;
mod types;
mod unmet;
mod unused;
mod words;

use crate::diagnostics::Diagnostic;
use crate::flatten::Flattener;
use crate::fleet::{Cluster, Fleet};
use crate::typing::Types;

pub use configs::{Configs, Nodes};
pub use judge::{Rules, Used};

/// Compiles the invariants that may have something to say. An invariant of the standard library is parsed only when something sets
/// the field that it looks at first.
pub fn rules(types: &mut Types<'_>) -> Rules {
    judge::rules(types)
}

/// Evaluates the invariants that concern what a cluster uses, but for those that read effective configurations, and reports what it
/// names and what does not hold for its Talos, so that it brings nothing.
pub fn cluster(flattener: &mut Flattener, cluster: &Cluster, rules: &Rules, used: &mut Used) {
    unmet::check(flattener, cluster);
    judge::cluster(flattener, cluster, rules, used);
}

/// Evaluates the invariants that concern what no cluster uses.
pub fn rest(flattener: &mut Flattener, rules: &Rules, used: &Used) {
    judge::rest(flattener, rules, used);
}

/// Evaluates the invariants that read effective configurations on those of a cluster.
pub fn configured(flattener: &mut Flattener, cluster: &Cluster, rules: &Rules, configs: &dyn Configs) {
    judge::configured(flattener, cluster, rules, configs);
}

/// Warns of declarations that nothing uses.
pub fn unused(flattener: &mut Flattener, fleet: &Fleet) {
    unused::all(flattener, fleet);
}

/// Compiles an invariant and reports what is wrong with it: for the test that holds the standard library together.
pub fn compile_invariant(types: &mut Types<'_>, id: crate::resolve::DeclId) -> bool {
    compile::rule(types, id).is_some()
}

/// What stands of everything that was found: without what an `allow` silences, with one finding for one cause, with what is wrong
/// with the `allow`s themselves, and without what rests on something that was not understood.
pub fn settle(flattener: &Flattener, fleet: &Fleet, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    premise::settle(flattener, fleet, allow::settle(flattener, findings))
}
