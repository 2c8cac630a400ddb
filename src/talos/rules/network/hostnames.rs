//! Host names are unique in a cluster; case does not count in them.

use rustc_hash::FxHashMap;

use super::errors;
use crate::flatten::Slot;
use crate::fleet::{Cluster, Member};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::typing::Val;

/// Who has a host name.
struct Owner {
    at: Span,
    /// Where the owner is declared.
    decl: Span,
    name: Text,
}

pub(super) fn check(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
    let mut seen: FxHashMap<String, Owner> = FxHashMap::default();
    for set in &cluster.sets {
        put(lowering, &mut seen, set.span, &set.name, set.own.get("hostname"));
        for machine in set.machines() {
            put_machine(lowering, &mut seen, machine);
        }
    }
    // A machine that a class picks up may come to each cluster that uses the class.
    for picked in cluster.sets.iter().flat_map(|set| &set.picked) {
        put_machine(lowering, &mut seen, &picked.machine);
    }
}

fn put_machine(lowering: &mut Lowering<'_, '_>, seen: &mut FxHashMap<String, Owner>, machine: &Member) {
    let decl = lowering.flattener.types.names.decl(machine.decl);
    let (span, name) = (decl.span, decl.name.clone());
    put(lowering, seen, span, &name, machine.flat.fields.get("hostname"));
}

fn put(
    lowering: &mut Lowering<'_, '_>,
    seen: &mut FxHashMap<String, Owner>,
    decl: Span,
    owner: &Text,
    slot: Option<&Slot>,
) {
    let Some((Val::Str(name), at)) = slot.and_then(|slot| Some((slot.leaf()?, slot.span()?))) else { return };
    match seen.get(&name.to_lowercase()) {
        Some(known) if known.decl == decl => {}
        Some(known) => {
            lowering.report(errors::hostname_taken(name, (at, owner), (known.at, &known.name)));
        }
        None => {
            seen.insert(name.to_lowercase(), Owner { at, decl, name: owner.clone() });
        }
    }
}
