//! Configurations of services that no extension of their nodes brings.
//!
//! The document is named like the service, and services like the extensions that bring them; a name that the catalogue does not
//! have may be one of several services of an extension, and is left alone. Source: the service definitions
//! in siderolabs/extensions, whose `name` Talos compares with that of the document.

use rustc_hash::FxHashSet;

use super::{catalogue, errors};
use crate::flatten::{Fields, Flattener};
use crate::fleet::{Cluster, Set};
use crate::origin::Origins;
use crate::resolve::DeclId;
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
    flattener: &mut Flattener<'_>,
    origins: &Origins,
    cluster: &Cluster,
    lowered: &LoweredCluster,
) {
    let judge = |flattener: &mut Flattener<'_>,
                 patches: &[Patch],
                 sets: &[Set],
                 whose: &dyn Fn(&Flattener<'_>) -> String| {
        for configured in patches.iter().flat_map(|patch| configured(origins, patch)) {
            let name = configured.name;
            let known = catalogue::named(flattener, name, &cluster.target.talos);
            if known.is_some_and(|(available, _)| available)
                && !sets.iter().any(|set| brings(flattener, set, name))
            {
                let finding = errors::no_extension(configured.at, name, &whose(flattener));
                flattener.types.report(finding.in_cluster(&cluster.name));
            }
        }
    };
    judge(flattener, &lowered.common, &cluster.sets, &|_| format!("the cluster `{}`", cluster.name));
    for (set, own) in cluster.sets.iter().zip(&lowered.sets) {
        let one = std::slice::from_ref(set);
        judge(flattener, &own.own, one, &|_| set.shown());
        for (machine, patches) in set.machines().iter().zip(&own.machines) {
            let name = |flattener: &Flattener<'_>| {
                format!("the machine `{}`", flattener.types.names.decl(machine.decl).name)
            };
            judge(flattener, patches, one, &name);
        }
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

/// Whether a set or one of its machines has an extension of a name, an old one of it included.
fn brings(flattener: &mut Flattener<'_>, set: &Set, name: &str) -> bool {
    let machines = set.machines().iter().map(|machine| &machine.flat.fields);
    let mut seen: FxHashSet<DeclId> = FxHashSet::default();
    for fields in std::iter::once(&set.effective).chain(machines) {
        for id in listed(fields).filter(|id| seen.insert(*id)).collect::<Vec<_>>() {
            let flat = flattener.flat(id, &Default::default(), None);
            let became: Option<&Text> = match flat.fields.leaf("became") {
                Some(Val::Word(became)) => Some(became),
                _ => None,
            };
            if flattener.types.names.decl(id).name == name || became.is_some_and(|became| became == name) {
                return true;
            }
        }
    }
    false
}

fn listed(fields: &Fields) -> impl Iterator<Item = DeclId> {
    let lists = ["extensions", "preinstalled"].into_iter().filter_map(|field| fields.list(field));
    lists.flat_map(|list| &list.items).filter_map(|elem| match elem.val {
        Val::Ref(id, _) => Some(id),
        _ => None,
    })
}
