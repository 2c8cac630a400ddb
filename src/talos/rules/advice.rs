//! Advice on what machines get: accepted by Talos, and it costs real repositories dearly.

use rustc_hash::FxHashSet;

use super::got::{Asked, Got, Path, unchecked};
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Cluster;
use crate::source::Span;
use crate::syntax::write;
use crate::talos::Resolved;
use crate::talos::lower::Lowering;
use crate::talos::overlay::ConfigView;
use crate::text::Text;
use crate::tree::{Node, Origin, Value};
use crate::world::config::said;

/// The fields that make a kubelet ask for a serving certificate: of its arguments, and of its configuration.
const ROTATION: [&str; 2] = ["rotate-server-certificates", "serverTLSBootstrap"];

/// Advises on what the machines of a cluster get; what several get is said once.
pub(super) struct Advice {
    urls: Vec<Path>,
    manifests: Vec<Path>,
    labels: Vec<Path>,
    taints: Vec<Path>,
    mounts: Vec<Path>,
    disks: Vec<Path>,
    rotation: [Vec<Path>; 2],
    asked: Asked,
    said: FxHashSet<Origin>,
    /// Where serving certificates are asked for.
    rotates: Option<Span>,
    /// Something that may sign them is brought in.
    approver: bool,
}

impl Advice {
    /// For a cluster.
    pub(super) fn of(cluster: &Cluster) -> Advice {
        Advice {
            urls: Path::all(said::EXTRA_MANIFESTS),
            manifests: Path::all(said::INLINE_MANIFESTS),
            labels: Path::all(said::NODE_LABELS),
            taints: Path::all(said::NODE_TAINTS),
            mounts: Path::all(said::EXTRA_MOUNTS),
            disks: Path::all(said::MACHINE_DISKS),
            rotation: [Path::all(said::KUBELET_ARGS), Path::all(said::KUBELET_CONFIG)],
            asked: Asked::default(),
            said: FxHashSet::default(),
            rotates: None,
            approver: manifests_approve(cluster),
        }
    }

    /// What some machines get.
    pub(super) fn judge(&mut self, lowering: &mut Lowering<'_, '_>, of: Resolved<'_>, got: &Got<'_>) {
        self.manifests(lowering, of, got);
        // User volumes came with Talos 1.10; `machine.disks` is deprecated since then.
        if of.cluster.target.talos_at_least(1, 10) {
            for disks in self.found(&|advice| &advice.disks, got) {
                if let Some(at) = self.place(lowering, of, got, disks) {
                    lowering.report(legacy_disks(at).in_cluster(&of.cluster.name));
                }
            }
        }
        // Control planes write their labels and taints as administrators.
        // Source: `NodeApplyController.getK8sClient` in `internal/app/machined/pkg/controllers/k8s/node_apply.go`.
        if !got.set.control {
            for labels in self.found(&|advice| &advice.labels, got) {
                for (key, label) in labels.entries().filter(|(key, _)| is_restricted(key)) {
                    if let Some(at) = self.place(lowering, of, got, label) {
                        lowering.report(restricted_label(at, key).in_cluster(&of.cluster.name));
                    }
                }
            }
            for taints in self.found(&|advice| &advice.taints, got) {
                if taints.keys().is_empty() {
                    continue;
                }
                if let Some(at) = self.place(lowering, of, got, taints) {
                    let taints: Vec<String> = taints.entries().map(taint).collect();
                    lowering.report(taints_of_workers(at, &taints).in_cluster(&of.cluster.name));
                }
            }
        }
        // `KubeletServiceController` mounts the directory by itself since 1.10.
        if of.cluster.target.talos_at_least(1, 10) {
            let lists = self.found(&|advice| &advice.mounts, got);
            for mount in lists.into_iter().filter_map(|list| list.as_seq()).flatten().map(ConfigView::node) {
                let Some(path) = mount.get("destination").and_then(|path| path.as_str()) else { continue };
                let below =
                    path.strip_prefix(VOLUMES).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                if below
                    && spreads(mount)
                    && let Some(at) = self.place(lowering, of, got, mount)
                {
                    lowering.report(mount_of_volume(at, path).in_cluster(&of.cluster.name));
                }
            }
        }
        for (kind, key) in ROTATION.into_iter().enumerate() {
            for fields in self.found(&|advice| &advice.rotation[kind], got) {
                if let Some(asks) = fields.get(key).filter(|view| view.leaf().is_some_and(is_on)) {
                    let at = self.place(lowering, of, got, asks);
                    self.rotates = self.rotates.or(at);
                }
            }
        }
    }

    /// Manifests that Talos applies, and whether one of them may bring an approver.
    fn manifests(&mut self, lowering: &mut Lowering<'_, '_>, of: Resolved<'_>, got: &Got<'_>) {
        // What is not read may hold one.
        self.approver |= got.config.unread().next().is_some();
        let mut loose: Vec<(Span, &str)> = Vec::new();
        for found in self.found(&|advice| &advice.urls, got) {
            let one = found.leaf().map(std::slice::from_ref);
            for url in found.as_seq().or(one).unwrap_or_default() {
                let Some(text) = url.as_str() else { continue };
                // Control planes alone fetch them.
                self.approver |= got.set.control && text.contains("approver");
                if moves(text)
                    && let Some(at) = self.place(lowering, of, got, ConfigView::node(url))
                {
                    loose.push((at, text));
                }
            }
        }
        if let Some(finding) = unpinned(&loose) {
            lowering.report(finding.in_cluster(&of.cluster.name));
        }
        if got.set.control {
            let mut texts = self.found(&|advice| &advice.manifests, got).into_iter();
            self.approver |= texts.any(|view| view.as_str().is_some_and(|text| text.contains("approver")));
        }
    }

    /// What some machines get at places that was not looked at yet.
    fn found<'g>(&mut self, paths: &dyn Fn(&Advice) -> &[Path], got: &Got<'g>) -> Vec<ConfigView<'g>> {
        let mut asked = std::mem::take(&mut self.asked);
        let mut out = Vec::new();
        for path in paths(self).iter().filter(|path| asked.is_new(got, path)) {
            path.find(got.config, &mut |view| out.push(view));
        }
        self.asked = asked;
        out
    }

    /// Where somebody wrote it, the first time that it is found.
    fn place(
        &mut self,
        lowering: &mut Lowering<'_, '_>,
        of: Resolved<'_>,
        got: &Got<'_>,
        view: ConfigView<'_>,
    ) -> Option<Span> {
        let origin = view.origin();
        // What Talos generates is nobody's.
        let new = origin != Origin::NONE && self.said.insert(origin) && !unchecked(of.lowered, origin);
        new.then(|| got.blame(lowering, of.cluster, origin)).flatten()
    }

    /// What only all machines of the cluster show.
    pub(super) fn finish(self, lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
        if let (Some(at), false) = (self.rotates, self.approver) {
            lowering.report(no_approver(at).in_cluster(&cluster.name));
        }
    }
}

/// Where user volumes are mounted.
const VOLUMES: &str = "/var/mnt";

/// Whether what is mounted below a mount shows outside of it.
fn spreads(mount: ConfigView<'_>) -> bool {
    let options = mount.get("options").and_then(|options| options.as_seq()).unwrap_or_default();
    options.iter().filter_map(Node::as_str).any(|option| option == "rshared" || option == "shared")
}

/// A taint as the configuration of a kubelet says it.
fn taint((key, view): (&Text, ConfigView<'_>)) -> String {
    let text = view.as_str().unwrap_or_default();
    let (value, effect) = text.split_once(':').unwrap_or(("", text));
    let value = if value.is_empty() { String::new() } else { format!("value = {}, ", write::string(value)) };
    format!("{{ key = {}, {value}effect = {} }}", write::string(key), write::string(effect))
}

fn is_on(node: &Node) -> bool {
    node.as_str() == Some("true") || node.value == Value::Bool(true)
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
        format!("Kubernetes lets no worker give itself the label `{key}`"),
    )
    .label(at, "refused by NodeRestriction")
    .note("a worker writes labels, annotations and taints of its node in one request, as its kubelet: with this one it gets none of them")
    .help("use a prefix of your own, or set the label with `kubectl` or a controller")
}

fn taints_of_workers(at: Span, taints: &[String]) -> Diagnostic {
    Diagnostic::new(Code::NodeTaintsOnWorkers, "Kubernetes lets no worker give itself a taint")
        .label(at, "refused by NodeRestriction, again and again")
        .note("a worker writes labels, annotations and taints of its node in one request, as its kubelet: with a taint it gets none of them")
        .help(format!(
            "let the kubelet register with it, which counts for new nodes: `kubelet.config.registerWithTaints = [{}]`",
            taints.join(", ")
        ))
}

fn mount_of_volume(at: Span, path: &str) -> Diagnostic {
    Diagnostic::new(Code::MountsUnderVarMnt, format!("the kubelet has `{path}` already: Talos mounts `{VOLUMES}` for it"))
        .label(at, "mounted once more")
        .note("what is mounted twice and shared doubles its mounts each time that the kubelet starts, until it cannot start any more")
        .help("take the mount out: user volumes reach the kubelet by themselves since Talos 1.10")
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
