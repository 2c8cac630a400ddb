//! RuntimeClasses.

use super::place_of;
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Elem, Fields, Slot};
use crate::fleet::{Chain, Cluster};
use crate::omni::manifests;
use crate::talos::lower::Lowering;
use crate::talos::rules::words;
use crate::text::{did_you_mean, one_of};
use crate::typing::Val;

/// The fields of a cluster that speak of the RuntimeClass of a runtime.
const FIELDS: [&str; 2] = ["runtime-class", "runtime-node-selector"];

/// `runtime-class` names runtimes that nodes offer; an Omni without manifests cannot bring a RuntimeClass.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
    if !cluster.poison.is_clean() {
        return;
    }
    let every = manifests::every_runtime(lowering, cluster);
    let names: Vec<&str> = every.iter().map(|runtime| runtime.name.as_str()).collect();
    let external = cluster.flat.fields.block("runtime-class");
    for (field, name, slot) in FIELDS.iter().flat_map(|field| {
        let named = cluster.flat.fields.block(field).into_iter().flat_map(Fields::iter);
        named.map(move |(name, slot)| (*field, name, slot))
    }) {
        let owned = external.and_then(|external| external.get(name)).filter(|_| field == FIELDS[1]);
        if let Some(owner) = owned {
            lowering.report(selects_for_another(name, slot, owner, cluster));
        }
        // What an operator makes pods ask for needs no more than the handler.
        if names.contains(&name.as_str()) || field == FIELDS[0] && has_handler(lowering, cluster, name) {
            continue;
        }
        let at = place_of(slot).unwrap_or(cluster.span);
        let finding = Diagnostic::new(
            Code::UnknownName,
            format!("no node of `{}` offers a runtime `{name}`", cluster.name),
        )
        // A runtime that something took away is told where it was taken.
        .if_nothing_is_wrong()
        .label(at, format!("`{field}` speaks of its RuntimeClass"));
        let finding = match did_you_mean(name, &names) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None if names.is_empty() => finding.help("remove it: the nodes offer `runc` only"),
            None => finding.help(format!("its nodes offer {}", one_of(&names))),
        };
        lowering.report(finding.in_cluster(&cluster.name));
    }
    if cluster.target.omni_at_least(1, 7) {
        return;
    }
    for runtime in manifests::of_cluster(lowering, cluster) {
        let Some(at) = lowering.origins.span(runtime.origin) else { continue };
        let finding = Diagnostic::new(
            Code::RuntimeClassLeftOut,
            format!("pods of `{}` cannot ask for the runtime `{}` yet", cluster.name, runtime.name),
        )
        .if_understood()
        .label(at, "offered here")
        .label_if(cluster.target_spans.omni, "has no manifests in its templates before v1.7")
        .note(format!("a pod asks for a runtime by its RuntimeClass, here `{}`", runtime.class_name))
        .note_if(cluster.omni_assumed())
        .help(format!(
            "apply the RuntimeClass by other means and say so: `runtime-class {} = external(\"gitops\")`",
            runtime.name
        ));
        lowering.report(finding.in_cluster(&cluster.name));
    }
}

/// Whether an extension of some nodes brings a handler.
fn has_handler(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, handler: &str) -> bool {
    cluster.sets.iter().any(|set| {
        let chain = Chain::of_set(cluster, set);
        let lists = ["extensions", "preinstalled"].into_iter().filter_map(|field| chain.list(field));
        let elements: Vec<&Elem> = lists.flat_map(|list| &list.items).collect();
        elements.into_iter().any(|elem| {
            let Val::Ref(id, args) = &elem.val else { return false };
            let flat = lowering.flattener.flat(*id, args, None);
            words(&flat.fields, &["provides", "handlers"]).contains(&handler)
        })
    })
}

/// What a RuntimeClass selects is for its owner to say.
fn selects_for_another(name: &str, slot: &Slot, owner: &Slot, cluster: &Cluster) -> Diagnostic {
    let at = place_of(slot).unwrap_or(cluster.span);
    Diagnostic::new(
        Code::RuntimeClassElsewhere,
        format!("the RuntimeClass of `{name}` is not written here, so nothing selects these nodes"),
    )
    .label(at, "has no effect")
    .label_if(place_of(owner), "says that something else owns it")
    .help("remove one of the two: whoever owns the RuntimeClass chooses its nodes")
    .in_cluster(&cluster.name)
}
