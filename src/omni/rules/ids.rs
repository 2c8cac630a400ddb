//! Ids of patches: no two resources of Omni may have one.
//!
//! Mirrors the "resource ID duplicate" of `template.Translate`.

use rustc_hash::FxHashMap;

use super::{LevelOf, levels};
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Fleet;
use crate::omni::patches;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, LoweredCluster, Patch};

/// Two patches of one level may not have one name: it is what tells them apart.
pub(super) fn names(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>) {
    if level.patches.len() < 2 {
        return;
    }
    // What fields become stands before the patches of users.
    let mut seen: FxHashMap<&str, &Patch> = FxHashMap::default();
    for patch in level.patches {
        let Some(first) = seen.insert(&patch.name, patch) else { continue };
        let Some(at) = patch.span.filter(|at| first.span != Some(*at)) else { continue };
        let finding = match first.lowered {
            true => reserved(at, first.span.or_else(|| content_place(lowering, first)), &patch.name),
            false => {
                twice(at, first.span, &format!("{} has two patches called `{}`", level.shown(), patch.name))
            }
        };
        lowering.report(finding.in_cluster(&level.cluster.name));
    }
}

/// Where something in a patch was written.
fn content_place(lowering: &Lowering<'_, '_>, patch: &Patch) -> Option<Span> {
    let Content::Documents(documents) = &patch.content else { return None };
    documents.iter().find_map(|document| lowering.origins.place(document))
}

fn reserved(at: Span, field: Option<Span>, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::ReservedPatchName,
        format!("a patch beside the field `{name}` cannot be called `{name}`"),
    )
    .label(at, "this patch")
    .label_if(field, format!("what this says is written as the patch `{name}`"))
    .note("the id of a patch is made of cluster, set and name, so the two would have one id")
    .help(format!("choose another name, such as `{name}-more`"))
}

fn twice(at: Span, first: Option<Span>, message: &str) -> Diagnostic {
    Diagnostic::new(Code::IdTwice, message)
        .label(at, "one of them")
        .label_if(first, "the other")
        .help("rename one of the two")
}

/// Ids that users chose, against all others. Ids that talosc makes cannot be equal.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, lowered: &[LoweredCluster]) {
    let all = levels(fleet, lowered);
    if all.iter().flat_map(|level| level.patches).all(|patch| patch.id.is_none()) {
        return;
    }
    let mut seen = FxHashMap::default();
    for level in &all {
        for patch in level.patches {
            for (_, id, _) in patches::parts(level.cluster, level.owner.map(|owner| owner.as_str()), patch) {
                let Some(id) = id else { continue };
                let Some(first) = seen.insert(id.clone(), patch.span) else { continue };
                let Some(at) = patch.span else { continue };
                if first == patch.span && patch.id.is_none() {
                    continue;
                }
                let finding = Diagnostic::new(Code::IdTwice, format!("two patches have the id `{id}`"))
                    .label(at, if first == patch.span { "used more than once" } else { "one of them" })
                    .label_if(first.filter(|first| *first != at), "the other")
                    .note("Omni refuses a template in which two resources have one id")
                    .help("remove `id`: talosc makes one of cluster, set and name that no other has");
                lowering.report(finding.in_cluster(&level.cluster.name));
            }
        }
    }
}
