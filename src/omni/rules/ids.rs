//! Ids of patches: no two resources of Omni may have one.
//!
//! Mirrors the "resource ID duplicate" of `template.Translate`.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::LevelOf;
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::flatten::Flattener;
use crate::fleet::{Cluster, Fleet};
use crate::omni::patches;
use crate::origin::Origins;
use crate::source::Span;
use crate::talos::lower::{self, Lowering};
use crate::talos::{Content, LoweredCluster, Patch, Resolved};
use crate::text::Text;

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

/// The ids of patches of clusters in which users chose some. Ids that talosc makes cannot be equal.
#[derive(Default)]
pub(super) struct Ids {
    /// By cluster, by its index.
    of: BTreeMap<usize, Vec<Id>>,
}

/// An id of a patch.
struct Id {
    id: Text,
    /// The user chose it.
    chosen: bool,
    /// Where the patch is declared.
    span: Option<Span>,
}

impl Ids {
    /// Notes those of a cluster, if users chose some of them.
    pub(super) fn gather(&mut self, of: Resolved<'_>) {
        if of.lowered.patches().any(|patch| patch.id.is_some()) {
            self.of.insert(of.cluster.index, all(of.cluster, of.lowered));
        }
    }

    /// Adds those of later clusters.
    pub(super) fn append(&mut self, mut later: Ids) {
        self.of.append(&mut later.of);
    }

    /// Ids that users chose, against all others.
    pub(super) fn finish(mut self, lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
        self.add_named(lowering, fleet);
        let mut seen: FxHashMap<&Text, Option<Span>> = FxHashMap::default();
        for (cluster, ids) in &self.of {
            for Id { id, chosen, span } in ids {
                let Some(first) = seen.insert(id, *span) else { continue };
                let Some(at) = *span else { continue };
                if first == *span && !chosen {
                    continue;
                }
                let finding = Diagnostic::new(Code::IdTwice, format!("two patches have the id `{id}`"))
                    .label(at, if first == *span { "used more than once" } else { "one of them" })
                    .label_if(first.filter(|first| *first != at), "the other")
                    .note("Omni refuses a template in which two resources have one id")
                    .help("remove `id`: talosc makes one of cluster, set and name that no other has");
                lowering.report(finding.in_cluster(&fleet.clusters[*cluster].name));
            }
        }
    }

    /// Adds the ids of clusters that a chosen id of another one begins with the name of, as those do that talosc makes. It is so
    /// rare that such a cluster is worked out once more, instead of keeping the ids of all.
    fn add_named(&mut self, lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
        let chosen = self.of.values().flatten().filter(|id| id.chosen);
        let named: FxHashSet<Text> =
            chosen.filter_map(|id| Some(Text::new(id.id.split_once(':')?.0))).collect();
        for (index, cluster) in fleet.clusters.iter().enumerate() {
            if named.contains(&cluster.name) && !self.of.contains_key(&index) {
                let mut flattener = Flattener::new(lowering.flattener.types.clone(), Diagnostics::new());
                let Some(cluster) = fleet.place(&mut flattener, index) else { continue };
                let mut origins = Origins::default();
                let lowered = lower::cluster(&mut Lowering::new(&mut flattener, &mut origins), &cluster);
                self.of.insert(index, all(&cluster, &lowered));
            }
        }
    }
}

/// The ids of the patches of all levels.
fn all(cluster: &Cluster, lowered: &LoweredCluster) -> Vec<Id> {
    let mut out = Vec::new();
    let mut add = |owner: Option<&Text>, patches: &[Patch]| {
        for patch in patches {
            let ids = patches::parts(cluster, owner.map(Text::as_str), patch);
            let (chosen, span) = (patch.id.is_some(), patch.span);
            out.extend(ids.into_iter().filter_map(|(_, id, _)| Some(Id { id: id?, chosen, span })));
        }
    };
    add(None, &lowered.common);
    let sets = || cluster.sets.iter().zip(&lowered.sets);
    for (set, lowered) in sets() {
        add(Some(&set.name), &lowered.own);
        set.machines().iter().zip(&lowered.machines).for_each(|(machine, own)| add(Some(&machine.id), own));
    }
    for (set, lowered) in sets() {
        let picked = set.picked.iter().zip(&lowered.picked);
        picked.for_each(|(picked, own)| add(Some(&picked.machine.id), own));
    }
    out
}
