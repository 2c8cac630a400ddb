//! What a cluster says of its Kubernetes: the `cluster` half of the v1alpha1 document, or the `Kube…Config` documents of 1.14.
//!
//! Source of the documents: Talos `pkg/machinery/config/types/k8s` and `pkg/machinery/config/generate/kubernetes.go`, which says
//! what a new control plane holds.

use super::super::Level;
use super::super::forms::Writers;
use super::{Draft, Lowering};
use crate::flatten::Slot;
use crate::flatten::errors::element_twice;
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::{Item, Val};
use crate::world::config::Thing;

fn pair(key: &'static str, node: Node) -> Map {
    Map::from_iter([(Text::new_static(key), node)])
}

fn fixed(text: &'static str, origin: Origin) -> Node {
    Node::str(Text::new_static(text), origin)
}

/// Another CNI than Flannel: none, or manifests that bring it.
struct Cni {
    urls: Option<Vec<Node>>,
    origin: Origin,
}

const CNI: Writers<Cni> = Writers {
    legacy: |said, draft| {
        let mut fields =
            pair("name", fixed(if said.urls.is_some() { "custom" } else { "none" }, said.origin));
        if let Some(urls) = said.urls {
            fields.insert("urls", Node::seq(urls, said.origin));
        }
        draft.legacy(&["cluster", "network"], said.origin).insert("cni", Node::map(fields, said.origin));
    },
    document: |said, draft| {
        let delete = pair("$patch", fixed("delete", said.origin));
        draft.document("KubeFlannelCNIConfig", None, said.origin, delete);
        external_manifests(said.urls.unwrap_or_default(), draft);
    },
};

pub(super) fn cni(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let origin = lowering.origins.of(slot);
    let urls = match slot.leaf() {
        // Flannel is what Talos brings unless told otherwise.
        Some(Val::Word(word)) if word == "flannel" => return,
        Some(Val::Tagged(word, urls)) if word == "custom" => match &**urls {
            Val::List(items, _) => Some(each_once(lowering, items, origin)),
            _ => Some(Vec::new()),
        },
        _ => None,
    };
    level.forms.write(Thing::Cni, Cni { urls, origin }, CNI, draft);
}

/// The texts of a list, each once, as a set has them.
fn each_once(lowering: &mut Lowering<'_, '_>, items: &[Item], origin: Origin) -> Vec<Node> {
    let mut out: Vec<(Node, &Item)> = Vec::with_capacity(items.len());
    for item in items {
        let Some(node) = super::value::show(&item.val).map(|text| Node::str(text, origin)) else { continue };
        match out.iter().find(|(known, _)| *known == node) {
            Some((_, first)) => {
                let text = lowering.flattener.types.names.sources.text(item.span).to_string();
                lowering.report(element_twice(item.span, &text, first.span));
            }
            None => out.push((node, item)),
        }
    }
    out.into_iter().map(|(node, _)| node).collect()
}

const PROXY: Writers<(bool, Origin)> = Writers {
    legacy: |(on, origin), draft| {
        draft.legacy(&["cluster", "proxy"], origin).insert("disabled", Node::new(Value::Bool(!on), origin));
    },
    document: |(on, origin), draft| {
        draft.document("KubeProxyConfig", None, origin, pair("enabled", Node::new(Value::Bool(on), origin)));
    },
};

pub(super) fn kube_proxy(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    if let Some(Val::Bool(on)) = slot.leaf() {
        level.forms.write(Thing::Proxy, (*on, lowering.origins.of(slot)), PROXY, draft);
    }
}

const SCHEDULING: Writers<(bool, Origin)> = Writers {
    legacy: |(on, origin), draft| {
        let flag = Node::new(Value::Bool(on), origin);
        draft.legacy(&["cluster"], origin).insert("allowSchedulingOnControlPlanes", flag);
    },
    // The taint is generated; without it pods are scheduled.
    document: |(on, origin), draft| {
        if on {
            let delete = Node::map(pair("$patch", fixed("delete", origin)), origin);
            let taints = Node::map(pair("node-role.kubernetes.io/control-plane", delete), origin);
            draft.document("KubeNodeConfig", None, origin, pair("taints", taints));
        }
    },
};

pub(super) fn scheduling(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    if let Some(Val::Bool(on)) = slot.leaf() {
        level.forms.write(Thing::Scheduling, (*on, lowering.origins.of(slot)), SCHEDULING, draft);
    }
}

/// A list under a key that both forms have.
type Subnets = (Node, &'static str);

const SUBNETS: Writers<Subnets> = Writers {
    legacy: |(list, key), draft| {
        let origin = list.origin;
        draft.legacy(&["cluster", "network"], origin).insert(key, list);
    },
    document: |(list, key), draft| {
        let origin = list.origin;
        draft.document("KubeNetworkConfig", None, origin, pair(key, list));
    },
};

fn list(lowering: &mut Lowering<'_, '_>, slot: &Slot) -> Option<Node> {
    let list = slot.list()?;
    let origin = lowering.origins.of(slot);
    Some(Node::seq(lowering.texts(list), origin))
}

pub(super) fn pod_subnets(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    if let Some(list) = list(lowering, slot) {
        level.forms.write(Thing::ClusterNetwork, (list, "podSubnets"), SUBNETS, draft);
    }
}

pub(super) fn service_subnets(
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    slot: &Slot,
    draft: &mut Draft,
) {
    if let Some(list) = list(lowering, slot) {
        level.forms.write(Thing::ClusterNetwork, (list, "serviceSubnets"), SUBNETS, draft);
    }
}

const CERT_SANS: Writers<Node> = Writers {
    legacy: |list, draft| {
        let origin = list.origin;
        draft.legacy(&["cluster", "apiServer"], origin).insert("certSANs", list);
    },
    document: |list, draft| {
        let origin = list.origin;
        draft.document("KubeAPIServerConfig", None, origin, pair("certExtraSANs", list));
    },
};

pub(super) fn cert_sans(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    if let Some(list) = list(lowering, slot) {
        level.forms.write(Thing::ApiServer, list, CERT_SANS, draft);
    }
}

const EXTRA_MANIFESTS: Writers<Vec<Node>> = Writers {
    legacy: |urls, draft| {
        let origin = urls.first().map_or(Origin::NONE, |url| url.origin);
        draft.legacy(&["cluster"], origin).insert("extraManifests", Node::seq(urls, origin));
    },
    document: external_manifests,
};

/// A document for each URL. Its name is made from the URL, so that it does not depend on the place in the list.
fn external_manifests(urls: Vec<Node>, draft: &mut Draft) {
    for url in urls {
        let origin = url.origin;
        let text = url.as_str().unwrap_or_default();
        let address = text.split_once("://").map_or(text, |(_, rest)| rest);
        let name: String = address
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        draft.document("KubeExternalManifestConfig", Some(&name), origin, pair("url", url));
    }
}

pub(super) fn extra_manifests(
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    slot: &Slot,
    draft: &mut Draft,
) {
    if let Some(list) = slot.list() {
        level.forms.write(Thing::ExtraManifests, lowering.texts(list), EXTRA_MANIFESTS, draft);
    }
}

const ADMISSION: Writers<Node> = Writers {
    legacy: |configuration, draft| {
        let origin = configuration.origin;
        let mut plugin = pair("name", fixed("PodSecurity", origin));
        plugin.insert("configuration", configuration);
        let list = Node::seq(vec![Node::map(plugin, origin)], origin);
        draft.legacy(&["cluster", "apiServer"], origin).insert("admissionControl", list);
    },
    document: |configuration, draft| {
        let origin = configuration.origin;
        let fields = pair("configuration", configuration);
        draft.document("KubeAdmissionControlConfig", Some("PodSecurity"), origin, fields);
    },
};

/// The Pod Security admission plug-in. Mirrors the configuration that Talos generates for it.
pub(super) fn pod_security(
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    slot: &Slot,
    draft: &mut Draft,
) {
    let Some(fields) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    let mut defaults = Map::new();
    for level in ["enforce", "audit", "warn"] {
        if let Some(node) = fields.get(level).and_then(|slot| lowering.text(slot)) {
            defaults.insert(level, node);
            defaults.insert(format!("{level}-version"), fixed("latest", origin));
        }
    }
    let mut configuration = Map::new();
    configuration.insert("apiVersion", fixed("pod-security.admission.config.k8s.io/v1alpha1", origin));
    configuration.insert("kind", fixed("PodSecurityConfiguration", origin));
    configuration.insert("defaults", Node::map(defaults, origin));
    if let Some(list) = fields.list("exempt") {
        let mut namespaces = lowering.texts(list);
        // The generated configuration exempts it, of every birth, and Talos adds to that list.
        namespaces.retain(|name| name.as_str() != Some("kube-system"));
        if !namespaces.is_empty() {
            let namespaces = Node::seq(namespaces, origin);
            configuration.insert("exemptions", Node::map(pair("namespaces", namespaces), origin));
        }
    }
    level.forms.write(Thing::Admission, Node::map(configuration, origin), ADMISSION, draft);
}

const METRICS: Writers<Origin> = Writers {
    legacy: |origin, draft| {
        for part in ["controllerManager", "scheduler"] {
            let path = ["cluster", part, "extraArgs"];
            draft.legacy(&path, origin).insert("bind-address", fixed("0.0.0.0", origin));
        }
        etcd_metrics(origin, draft);
    },
    document: |origin, draft| {
        for kind in ["KubeControllerManagerConfig", "KubeSchedulerConfig"] {
            let args = Node::map(pair("bind-address", fixed("0.0.0.0", origin)), origin);
            draft.document(kind, None, origin, pair("extraArgs", args));
        }
        etcd_metrics(origin, draft);
    },
};

/// etcd stays in the v1alpha1 document.
fn etcd_metrics(origin: Origin, draft: &mut Draft) {
    let map = draft.legacy(&["cluster", "etcd", "extraArgs"], origin);
    map.insert("listen-metrics-urls", fixed("http://0.0.0.0:2381", origin));
}

/// Opens the metrics of the control plane's parts to the network of the nodes.
pub(super) fn metrics(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    if matches!(slot.leaf(), Some(Val::Bool(true))) {
        level.forms.write(Thing::ControlPlaneParts, lowering.origins.of(slot), METRICS, draft);
    }
}
