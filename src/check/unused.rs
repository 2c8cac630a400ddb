//! Declarations that nothing uses.
//!
//! Judged over all loaded entries.

use rustc_hash::FxHashSet;

use super::errors;
use crate::flatten::Flattener;
use crate::fleet::{Class, Fleet};
use crate::kinds;
use crate::resolve::{DeclId, ScopeId};

/// The kinds that are of use only where something names them.
const KINDS: [crate::schema::KindId; 6] =
    [kinds::ROLE, kinds::NETWORK, kinds::MACHINE, kinds::CLASS, kinds::PATCH, kinds::LET];

pub(super) fn all(flattener: &mut Flattener, fleet: &Fleet) {
    let program = flattener.types.clone();
    let names = &program.names;
    // A file without a cluster is a library; what it is for is not known here.
    if fleet.placed().next().is_none() {
        return;
    }
    let loose: FxHashSet<DeclId> = fleet.loose.iter().map(|loose| loose.machine.decl).collect();
    let entries: FxHashSet<ScopeId> = fleet.placed().map(|(_, cluster, _)| cluster.entry).collect();
    // A class is written for every entry that reaches it. In a file of classes it is a resource of its own, that other templates
    // than those of the project may use; beside the clusters it is for them.
    let written = |class: &&Class| class.entries.iter().any(|entry| entries.contains(entry));
    let written: FxHashSet<DeclId> = fleet.classes.iter().filter(written).map(|class| class.decl).collect();
    for id in names.project_decls() {
        let decl = names.decl(id);
        let only_base = decl.is_abstract || decl.is_extern;
        let picked_up = loose.contains(&id);
        let of_its_own = written.contains(&id) && !entries.contains(&decl.scope);
        // With some entries left out, another one may use what this file declares for all.
        let shared = names.partial && !entries.contains(&decl.scope);
        if !KINDS.contains(&decl.kind)
            || only_base
            || picked_up
            || of_its_own
            || shared
            || names.is_used(id)
            || names.is_incomplete(decl.scope)
        {
            continue;
        }
        let finding = errors::unused(decl.span, kinds::get(decl.kind).name, &decl.name);
        flattener.report(finding);
    }
}
