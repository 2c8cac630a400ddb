//! Where Talos is installed on machines that a provider makes.
//!
//! Source: commit messages and comments of real repositories: virtual machines that boot from an ISO wait for ever from Talos 1.13 on ("system disk not
//! found") unless the configuration names the disk. Omni after 1.10 chooses one itself and refuses a patch that does.

use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Chain, Cluster, Set, Source};
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::base::BY_OMNI;
use crate::talos::lower::Lowering;
use crate::talos::overlay::Config;
use crate::text::{Text, all_of};
use crate::typing::Val;

/// Sets whose machines are made from an ISO and told no disk.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, Resolved { cluster, overlay, .. }: Resolved<'_>) {
    let target = &cluster.target;
    if !cluster.poison.is_clean() || !target.talos_at_least(1, 13) || target.omni_at_least(1, 11) {
        return;
    }
    let sets = cluster.sets.iter().enumerate();
    let found: Vec<(&Set, Span, Text)> = sets
        .filter_map(|(at, set)| {
            let (span, provider) = without_disk(lowering, cluster, set, overlay.set(at))?;
            if are_told(set, overlay.picked(at)) {
                return None;
            }
            Some((set, span, provider))
        })
        .collect();
    if !found.is_empty() {
        lowering.report(missing(cluster, &found));
    }
}

/// Where a set takes its machines from, and the provider, if nothing says where they install.
fn without_disk(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    set: &Set,
    config: Config<'_>,
) -> Option<(Span, Text)> {
    let Source::Class { class, span, .. } = &set.source else { return None };
    let chain = Chain::of_set(cluster, set);
    let told = ["disk", "selector"].iter().any(|field| chain.at(&["install", field]).is_some());
    if told || set.count() == Some(0) || says_disk(config) {
        return None;
    }
    if !set.poison.is_clean() {
        return None;
    }
    let flattener = &mut *lowering.flattener;
    let class = flattener.flat(*class, &Default::default(), None);
    let (provider, _) = class.via.filter(|_| class.poison.is_clean())?;
    let facts = flattener.flat(provider, &Default::default(), None);
    let installs = matches!(facts.fields.leaf("installs"), Some(Val::Bool(true)));
    installs.then(|| (*span, flattener.types.names.decl(provider).name.clone()))
}

/// Whether as many machines as the set takes are declared, each with its disk.
fn are_told<'c>(set: &Set, picked: impl Iterator<Item = Config<'c>>) -> bool {
    let told = picked.filter(|config| says_disk(*config)).count();
    told == set.picked.len() && set.count().is_some_and(|count| told >= count as usize)
}

/// Whether a configuration names the disk, or may: the one that it is generated with is a hole.
fn says_disk(config: Config<'_>) -> bool {
    let disk = config.at(&["machine", "install", "disk"]).and_then(|view| view.as_str());
    config.unread().next().is_some()
        || disk.is_some_and(|disk| !BY_OMNI.contains(&disk))
        || config.at(&["machine", "install", "diskSelector"]).is_some()
}

fn missing(cluster: &Cluster, found: &[(&Set, Span, Text)]) -> Diagnostic {
    let names: Vec<&Text> = found.iter().map(|(set, ..)| &set.name).collect();
    let message = format!("machines of {} are not told on which disk to install Talos", all_of(&names));
    let mut finding = Diagnostic::new(Code::InstallDiskMissing, message);
    for (_, span, provider) in found {
        finding = finding.label(*span, format!("`{provider}` boots them from an ISO"));
    }
    finding
        .label_if(cluster.target_spans.talos, "from v1.13 on they wait for a disk to be named")
        .note_if(cluster.omni_assumed())
        .help("say it in the cluster: `install { disk = \"/dev/sda\" }`, or `/dev/vda`, as the machines call it")
        .in_cluster(&cluster.name)
}
