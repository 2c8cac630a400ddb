//! Configurations of services that no extension of their nodes brings.
//!
//! The document is named like the service, and services like the extensions that bring them; a name that the catalogue does not
//! have may be one of several services of an extension, and is left alone. Source: the service definitions
//! in siderolabs/extensions, whose `name` Talos compares with that of the document.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::{catalogue, errors};
use crate::flatten::Flattener;
use crate::fleet::{Chain, Cluster, Set};
use crate::origin::Origins;
use crate::source::Span;
use crate::talos::{Content, LoweredCluster, Patch};
use crate::text::Text;
use crate::typing::Val;

/// A configuration of a service.
struct Configured<'p> {
    name: &'p str,
    at: Span,
}

/// Judges the patches of every level: those of a level serve all nodes below it.
pub(super) fn check(
    flattener: &mut Flattener,
    origins: &Origins,
    cluster: &Cluster,
    lowered: &LoweredCluster,
) {
    let brought = vec![None; cluster.sets.len()];
    let mut judge = Judge { flattener, origins, cluster, brought };
    judge.level(&lowered.common, 0..cluster.sets.len(), &|_| format!("the cluster `{}`", cluster.name));
    for (at, (set, own)) in cluster.sets.iter().zip(&lowered.sets).enumerate() {
        judge.level(&own.own, at..at + 1, &|_| set.shown());
        for (machine, patches) in set.machines().iter().zip(&own.machines) {
            judge.level(patches, at..at + 1, &|flattener| {
                format!("the machine `{}`", flattener.types.names.decl(machine.decl).name)
            });
        }
    }
}

struct Judge<'j> {
    flattener: &'j mut Flattener,
    origins: &'j Origins,
    cluster: &'j Cluster,
    /// The names of the extensions of each set that was looked at.
    brought: Vec<Option<FxHashSet<Text>>>,
}

impl Judge<'_> {
    /// Judges the patches of a level that serves some sets.
    fn level(&mut self, patches: &[Patch], sets: Range<usize>, whose: &dyn Fn(&Flattener) -> String) {
        for configured in patches.iter().flat_map(|patch| configured(self.origins, patch)) {
            let name = configured.name;
            let known = catalogue::named(name, &self.cluster.target.talos);
            if known.is_some_and(|(available, _)| available)
                && !sets.clone().any(|set| self.brings(set, name))
            {
                let finding = errors::no_extension(configured.at, name, &whose(self.flattener));
                self.flattener.report(finding.in_cluster(&self.cluster.name));
            }
        }
    }

    /// Whether a set or one of its machines has an extension of a name, an old one of it included.
    fn brings(&mut self, set: usize, name: &str) -> bool {
        let (flattener, cluster) = (&mut *self.flattener, self.cluster);
        self.brought[set]
            .get_or_insert_with(|| extensions(flattener, cluster, &cluster.sets[set]))
            .contains(name)
    }
}

fn configured<'p>(origins: &Origins, patch: &'p Patch) -> Vec<Configured<'p>> {
    let Content::Documents(documents) = &patch.content else { return Vec::new() };
    let found = documents.iter().filter_map(|document| {
        let is = |key: &str| document.at(&[key]).and_then(|node| node.as_str());
        if is("kind") != Some("ExtensionServiceConfig") || is("$patch").is_some() {
            return None;
        }
        let name = document.at(&["name"])?;
        let at = origins.span(name.origin).or(origins.span(document.origin)).or(patch.span)?;
        Some(Configured { name: name.as_str()?, at })
    });
    found.collect()
}

/// The fields that list the extensions of a node.
const LISTS: [&str; 2] = ["extensions", "preinstalled"];

/// The names of the extensions of a set and its machines, and what they are called now.
fn extensions(flattener: &mut Flattener, cluster: &Cluster, set: &Set) -> FxHashSet<Text> {
    let chain = Chain::of_set(cluster, set);
    let of_set = LISTS.into_iter().filter_map(|field| chain.list(field));
    let own =
        set.known().flat_map(|machine| LISTS.into_iter().filter_map(|field| machine.flat.fields.list(field)));
    let ids = of_set.chain(own).flat_map(|list| &list.items).filter_map(|elem| match elem.val {
        Val::Ref(id, _) => Some(id),
        _ => None,
    });
    let (mut seen, mut names) = (FxHashSet::default(), FxHashSet::default());
    for id in ids {
        if seen.insert(id) {
            let flat = flattener.flat(id, &Default::default(), None);
            names.insert(flattener.types.names.decl(id).name.clone());
            if let Some(Val::Word(became)) = flat.fields.leaf("became") {
                names.insert(became.clone());
            }
        }
    }
    names
}
