//! RuntimeClasses.

use super::place_of;
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Fields;
use crate::fleet::Cluster;
use crate::omni::manifests;
use crate::talos::lower::Lowering;
use crate::text::{did_you_mean, one_of};

/// `runtime-class` names runtimes that nodes offer; an Omni without manifests cannot bring a RuntimeClass.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
    if !cluster.poison.is_clean() {
        return;
    }
    let every = manifests::every_runtime(lowering, cluster);
    let names: Vec<&str> = every.iter().map(|runtime| runtime.name.as_str()).collect();
    for (name, slot) in cluster.flat.fields.block("runtime-class").into_iter().flat_map(Fields::iter) {
        if names.contains(&name.as_str()) {
            continue;
        }
        let at = place_of(slot).unwrap_or(cluster.span);
        let finding = Diagnostic::new(
            Code::UnknownName,
            format!("no node of `{}` offers a runtime `{name}`", cluster.name),
        )
        .if_understood()
        .label(at, "says who owns its RuntimeClass");
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
