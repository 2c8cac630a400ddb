//! Advice on what patches hold: accepted by Talos, and it costs real repositories dearly.

use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Cluster;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch, Resolved};
use crate::tree::{Node, Value};
use crate::world::config::{Row, said};

/// Advice on the patches of every level.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, Resolved { cluster, lowered, .. }: Resolved<'_>) {
    let mut seen = Seen::default();
    for patch in lowered.patches().filter(|patch| !patch.unchecked) {
        let Content::Documents(documents) = &patch.content else {
            // What is not read may hold an approver.
            seen.approver = true;
            continue;
        };
        for document in documents {
            judge(lowering, cluster, patch, document, &mut seen);
        }
    }
    seen.approver |= manifests_approve(cluster);
    if let (Some(at), false) = (seen.rotates, seen.approver) {
        lowering.report(no_approver(at).in_cluster(&cluster.name));
    }
}

/// What makes a kubelet ask for a serving certificate: its argument, and the field of its configuration.
const ROTATION: [(&[Row], &str); 2] =
    [(said::KUBELET_ARGS, "rotate-server-certificates"), (said::KUBELET_CONFIG, "serverTLSBootstrap")];

/// What is put together from several patches.
#[derive(Default)]
struct Seen {
    /// Where serving certificates are asked for.
    rotates: Option<Span>,
    /// Something that may sign them is brought in.
    approver: bool,
}

fn judge(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    patch: &Patch,
    document: &Node,
    seen: &mut Seen,
) {
    let place = |lowering: &Lowering<'_, '_>, node: &Node| lowering.origins.span(node.origin).or(patch.span);
    let row = document.row();
    let mut loose: Vec<(Span, &str)> = Vec::new();
    let urls = document.said_in(row, said::EXTRA_MANIFESTS).into_iter();
    for url in urls.flat_map(|node| node.as_seq().unwrap_or(std::slice::from_ref(node))) {
        let Some(text) = url.as_str() else { continue };
        seen.approver |= text.contains("approver");
        if let (true, Some(at)) = (moves(text), place(lowering, url)) {
            loose.push((at, text));
        }
    }
    if let Some(finding) = unpinned(&loose) {
        lowering.report(finding.in_cluster(&cluster.name));
    }
    let mut manifests = document.said_in(row, said::INLINE_MANIFESTS).into_iter().filter_map(Node::as_str);
    seen.approver |= manifests.any(|text| text.contains("approver"));
    for labels in document.said_in(row, said::NODE_LABELS).into_iter().filter_map(Node::as_map) {
        for (key, node) in labels.iter().filter(|(key, _)| is_restricted(key)) {
            if let Some(at) = place(lowering, node) {
                lowering.report(restricted_label(at, key).in_cluster(&cluster.name));
            }
        }
    }
    // User volumes came with Talos 1.10; `machine.disks` is deprecated since then.
    for disks in document.said_in(row, said::MACHINE_DISKS) {
        if let (true, Some(at)) = (cluster.target.talos_at_least(1, 10), place(lowering, disks)) {
            lowering.report(legacy_disks(at).in_cluster(&cluster.name));
        }
    }
    let on = |node: &&Node| node.as_str() == Some("true") || node.value == Value::Bool(true);
    let rotation = ROTATION.iter().flat_map(|(places, key)| {
        document.said_in(row, places).into_iter().filter_map(|node| node.as_map()?.get(key))
    });
    for node in rotation.filter(on) {
        seen.rotates = seen.rotates.or(place(lowering, node));
    }
}

/// Whether what a URL names changes with time: a branch or "latest" instead of a release.
fn moves(url: &str) -> bool {
    ["/main/", "/master/", "/HEAD/", "/latest/"].iter().any(|part| url.contains(part))
}

/// Whether a kubelet may not put a label on its node: those of Kubernetes, but for the ones that it is meant to set.
/// Mirrors the NodeRestriction admission plug-in of Kubernetes.
fn is_restricted(key: &str) -> bool {
    const OWN: &[&str] = &[
        "kubernetes.io/hostname",
        "kubernetes.io/arch",
        "kubernetes.io/os",
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/os",
        "beta.kubernetes.io/instance-type",
        "node.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone",
        "topology.kubernetes.io/region",
        "topology.kubernetes.io/zone",
    ];
    let Some((prefix, _)) = key.rsplit_once('/') else { return false };
    let within = |domain: &str| prefix == domain || prefix.ends_with(&format!(".{domain}"));
    let meant = OWN.contains(&key) || within("kubelet.kubernetes.io") || within("node.kubernetes.io");
    (within("kubernetes.io") || within("k8s.io")) && !meant
}

/// Whether a manifest that Omni applies brings an approver.
fn manifests_approve(cluster: &Cluster) -> bool {
    let manifests = cluster.flat.fields.block("manifest");
    manifests.into_iter().flat_map(crate::flatten::Fields::iter).any(|(name, slot)| {
        let text = slot.map().and_then(|fields| fields.leaf("text"));
        let says = matches!(text, Some(crate::typing::Val::Str(text)) if text.contains("approver"));
        says || name.contains("approver") || slot.is_file()
    })
}

/// How many URLs of one list get a label and a note.
const URLS: usize = 4;

fn unpinned(urls: &[(Span, &str)]) -> Option<Diagnostic> {
    let message = match urls {
        [] => return None,
        [_] => "this manifest changes without a change here: its URL names a branch".to_string(),
        more => format!(
            "{} of these manifests change without a change here: their URLs name a branch",
            more.len()
        ),
    };
    let mut finding = Diagnostic::new(Code::UnpinnedManifest, message);
    for (at, url) in &urls[..urls.len().min(URLS)] {
        // All of a list that stands in a file have one place.
        if finding.labels.iter().all(|label| label.span != *at) {
            finding = finding.label(*at, "not a release");
        }
        finding = finding.note(format!("the URL is {url}"));
    }
    if urls.len() > URLS {
        finding = finding.note(format!("and {} more", urls.len() - URLS));
    }
    Some(
        finding.help(
            "name a tag or a commit, or keep the manifest in the repository: `manifest NAME file \"…\"`",
        ),
    )
}

fn restricted_label(at: Span, key: &str) -> Diagnostic {
    Diagnostic::new(
        Code::RestrictedNodeLabel,
        format!("Kubernetes lets no node give itself the label `{key}`"),
    )
    .label(at, "refused by NodeRestriction")
    .note("Talos sets node labels as the kubelet of the node, and leaves this one out without a word")
    .help("use a prefix of your own, or set the label with `kubectl` or a controller")
}

fn legacy_disks(at: Span) -> Diagnostic {
    Diagnostic::new(Code::LegacyDisks, "`machine.disks` gave way to user volumes with Talos 1.10")
        .label(at, "the old form")
        .help("write `volume NAME { disk = \"…\", min-size = … }`, which is mounted at `/var/mnt/NAME`")
}

fn no_approver(at: Span) -> Diagnostic {
    Diagnostic::new(Code::NoCertificateApprover, "kubelets ask for serving certificates, and nothing here approves them")
        .label(at, "asked for here")
        .note("until a request is approved, logs, `exec` and metrics of the node fail")
        .help("add an approver to `extra-manifests`, for example that of alex1989hu/kubelet-serving-cert-approver at a release")
}

#[cfg(test)]
mod tests {
    use super::{is_restricted, moves};

    #[test]
    fn labels_of_kubernetes_are_restricted_but_for_those_of_the_kubelet() {
        for key in ["node-role.kubernetes.io/worker", "kubernetes.io/role", "a.k8s.io/b", "k8s.io/x"] {
            assert!(is_restricted(key), "{key}");
        }
        for key in [
            "topology.kubernetes.io/zone",
            "node.kubernetes.io/x",
            "team",
            "example.com/kubernetes.io",
            "mykubernetes.io/a",
        ] {
            assert!(!is_restricted(key), "{key}");
        }
    }

    #[test]
    fn branches_move_and_releases_do_not() {
        assert!(moves("https://raw.githubusercontent.com/a/b/main/c.yaml"));
        assert!(moves("https://github.com/a/b/releases/latest/download/c.yaml"));
        assert!(!moves("https://github.com/a/b/releases/download/v1.0.0/c.yaml"));
    }
}
