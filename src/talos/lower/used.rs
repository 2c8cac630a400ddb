//! Which forms the patches of a user use, so that what is lowered beside them uses the same.

use super::super::base;
use super::super::forms::{Forms, Used};
use super::Lowering;
use crate::flatten::{Fields, Slot};
use crate::fleet::Cluster;
use crate::kinds;
use crate::typing::Val;
use crate::world::config::TWO_FORMS;

/// The forms of a cluster: of its versions, and of the patches of all its levels.
pub fn forms(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> Forms {
    let mut used = [Used::default(); TWO_FORMS.len()];
    scan(lowering, cluster, &cluster.flat.fields, &mut used);
    for set in &cluster.sets {
        scan(lowering, cluster, &set.own, &mut used);
        for machine in set.machines() {
            scan(lowering, cluster, &machine.flat.fields, &mut used);
        }
    }
    settle(cluster, &mut used);
    Forms::new(&cluster.target, &used)
}

/// What the generated configuration already says in a form that excludes the other is not open to patches.
fn settle(cluster: &Cluster, used: &mut [Used; TWO_FORMS.len()]) {
    for (row, used) in TWO_FORMS.iter().zip(used) {
        if row.exclusive && (used.legacy.is_some() || used.document.is_some()) {
            let bases = [true, false].map(|control| base::of(cluster.target.created_with.line(), control));
            if bases.into_iter().flatten().any(|base| row.in_base(base)) {
                *used = Used::default();
            }
        }
    }
}

fn scan(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    fields: &Fields,
    used: &mut [Used; TWO_FORMS.len()],
) {
    for (_, slot) in fields.block("patch").into_iter().flat_map(Fields::iter) {
        if let Some(patch) = slot.map() {
            patch_uses(patch, used);
        }
    }
    for elem in fields.list("patches").iter().flat_map(|list| &list.items) {
        if let Val::Ref(id, args) = &elem.val
            && lowering.flattener.types.names.decl(*id).kind == kinds::PATCH
        {
            let flat = lowering.flattener.flat(*id, args, Some(&cluster.target.talos));
            patch_uses(&flat.fields, used);
        }
    }
}

fn patch_uses(patch: &Fields, used: &mut [Used; TWO_FORMS.len()]) {
    for (row, used) in TWO_FORMS.iter().zip(used.iter_mut()) {
        for field in row.legacy {
            let slot = patch.said_of(*field);
            used.legacy = used.legacy.or_else(|| slot.and_then(Slot::span));
        }
    }
    for (key, slot) in patch.block("document").into_iter().flat_map(Fields::iter) {
        let kind = key.split_once('/').map_or(key.as_str(), |(kind, _)| kind);
        let deleted = matches!(slot.value, crate::flatten::Slotted::Deleted);
        for (row, used) in TWO_FORMS.iter().zip(used.iter_mut()) {
            // Deleting a document says nothing of how the thing is to be said instead.
            if row.documents.iter().any(|row| row.name() == kind) && !deleted {
                used.document = used.document.or_else(|| slot.span());
            }
        }
    }
}
