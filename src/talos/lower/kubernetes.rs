//! What a cluster says of its Kubernetes: the `cluster` half of the v1alpha1 document.

use super::super::Level;
use super::{Draft, Lowering};
use crate::flatten::Slot;
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::Val;

pub(super) fn cni(lowering: &mut Lowering<'_, '_>, _level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let origin = lowering.origins.of(slot);
    let mut fields = Map::new();
    match slot.leaf() {
        // Flannel is what Talos brings unless told otherwise.
        Some(Val::Word(word)) if word == "flannel" => return,
        Some(Val::Tagged(word, urls)) if word == "custom" => {
            fields.insert("name", Node::str("custom", origin));
            if let Val::List(items, _) = &**urls {
                let urls = items
                    .iter()
                    .filter_map(|item| super::value::show(&item.val))
                    .map(|url| Node::str(url, origin));
                fields.insert("urls", Node::seq(urls.collect(), origin));
            }
        }
        _ => {
            fields.insert("name", Node::str("none", origin));
        }
    }
    draft.legacy(&["cluster", "network"], origin).insert("cni", Node::map(fields, origin));
}

pub(super) fn kube_proxy(lowering: &mut Lowering<'_, '_>, _level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let origin = lowering.origins.of(slot);
    if let Some(Val::Bool(on)) = slot.leaf() {
        draft.legacy(&["cluster", "proxy"], origin).insert("disabled", Node::new(Value::Bool(!on), origin));
    }
}

pub(super) fn scheduling(lowering: &mut Lowering<'_, '_>, _level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let origin = lowering.origins.of(slot);
    if let Some(Val::Bool(on)) = slot.leaf() {
        let flag = Node::new(Value::Bool(*on), origin);
        draft.legacy(&["cluster"], origin).insert("allowSchedulingOnControlPlanes", flag);
    }
}

pub(super) fn pod_subnets(
    lowering: &mut Lowering<'_, '_>,
    _level: Level<'_>,
    slot: &Slot,
    draft: &mut Draft,
) {
    list_at(lowering, slot, draft, &["cluster", "network"], "podSubnets");
}

pub(super) fn service_subnets(
    lowering: &mut Lowering<'_, '_>,
    _level: Level<'_>,
    slot: &Slot,
    draft: &mut Draft,
) {
    list_at(lowering, slot, draft, &["cluster", "network"], "serviceSubnets");
}

pub(super) fn cert_sans(lowering: &mut Lowering<'_, '_>, _level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    list_at(lowering, slot, draft, &["cluster", "apiServer"], "certSANs");
}

pub(super) fn extra_manifests(
    lowering: &mut Lowering<'_, '_>,
    _level: Level<'_>,
    slot: &Slot,
    draft: &mut Draft,
) {
    list_at(lowering, slot, draft, &["cluster"], "extraManifests");
}

fn list_at(
    lowering: &mut Lowering<'_, '_>,
    slot: &Slot,
    draft: &mut Draft,
    path: &[&str],
    key: &'static str,
) {
    let Some(list) = slot.list() else { return };
    let origin = lowering.origins.of(slot);
    let items = lowering.texts(list);
    draft.legacy(path, origin).insert(key, Node::seq(items, origin));
}

/// The Pod Security admission plug-in. Mirrors the configuration that Talos generates for it.
pub(super) fn pod_security(
    lowering: &mut Lowering<'_, '_>,
    _level: Level<'_>,
    slot: &Slot,
    draft: &mut Draft,
) {
    let Some(fields) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    let fixed = |text: &'static str| Node::str(Text::new_static(text), origin);
    let mut defaults = Map::new();
    for level in ["enforce", "audit", "warn"] {
        if let Some(node) = fields.get(level).and_then(|slot| lowering.text(slot)) {
            defaults.insert(level, node);
            defaults.insert(format!("{level}-version"), fixed("latest"));
        }
    }
    let mut configuration = Map::new();
    configuration.insert("apiVersion", fixed("pod-security.admission.config.k8s.io/v1alpha1"));
    configuration.insert("kind", fixed("PodSecurityConfiguration"));
    configuration.insert("defaults", Node::map(defaults, origin));
    if let Some(list) = fields.list("exempt") {
        let namespaces = Node::seq(lowering.texts(list), origin);
        let exemptions = Map::from_iter([(Text::new_static("namespaces"), namespaces)]);
        configuration.insert("exemptions", Node::map(exemptions, origin));
    }
    let mut plugin = Map::new();
    plugin.insert("name", fixed("PodSecurity"));
    plugin.insert("configuration", Node::map(configuration, origin));
    let list = Node::seq(vec![Node::map(plugin, origin)], origin);
    draft.legacy(&["cluster", "apiServer"], origin).insert("admissionControl", list);
}

/// Opens the metrics of the control plane's parts to the network of the nodes.
pub(super) fn metrics(lowering: &mut Lowering<'_, '_>, _level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let origin = lowering.origins.of(slot);
    if !matches!(slot.leaf(), Some(Val::Bool(true))) {
        return;
    }
    let mut set = |path: &[&str], key: &'static str, text: &'static str, origin: Origin| {
        draft.legacy(path, origin).insert(key, Node::str(Text::new_static(text), origin));
    };
    set(&["cluster", "controllerManager", "extraArgs"], "bind-address", "0.0.0.0", origin);
    set(&["cluster", "scheduler", "extraArgs"], "bind-address", "0.0.0.0", origin);
    set(&["cluster", "etcd", "extraArgs"], "listen-metrics-urls", "http://0.0.0.0:2381", origin);
}
