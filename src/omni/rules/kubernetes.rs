//! Kubernetes objects of manifests: what Omni refuses of any object, and what no node can run.
//!
//! Mirrors `GetManifests` in `client/api/omni/specs/kubernetes_manifest_group.go` of Omni, which reads each object as Kubernetes does
//! (`unstructured` of k8s.io/apimachinery: a map with a `kind`), and the server's apply, which needs version and name.

use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Chain, Cluster};
use crate::omni::manifests;
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::lower::{Lowering, show};
use crate::text::{Text, all_of, one_of};
use crate::tree::{Node, Origin, Value};
use crate::typing::Val;

/// What is wrong with the objects of a manifest; `at` is where its content stands.
pub(super) fn objects(
    lowering: &mut Lowering<'_, '_>,
    of: Resolved<'_>,
    name: &Text,
    nodes: &[Node],
    at: Span,
) {
    for node in nodes {
        let place = lowering.origins.place(node).unwrap_or(at);
        if let Some(finding) = bad(name, node, place) {
            lowering.report(finding.in_cluster(&of.cluster.name));
        } else if let Some(handler) = handler_of(node) {
            runtime_class(lowering, of, node, handler, place);
        }
    }
}

/// What an object lacks.
fn bad(name: &str, node: &Node, at: Span) -> Option<Diagnostic> {
    let what = match &node.value {
        Value::Map(_) => None,
        Value::Seq(_) => Some("a list".to_owned()),
        Value::Str(text) => Some(format!("the text `{text}`")),
        Value::Null => Some("nothing".to_owned()),
        Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => Some("a single value".to_owned()),
    };
    if let Some(what) = what {
        let finding =
            Diagnostic::new(Code::BadObject, format!("an object of the manifest `{name}` is {what}"))
                .label(at, "not a block")
                .note("the Omni client cannot read a template with such an object at all")
                .help("write `{ apiVersion = \"v1\", kind = \"ConfigMap\", metadata.name = \"…\" }`");
        return Some(finding);
    }
    let says = |path: &[&str]| node.at(path).and_then(Node::as_str).is_some_and(|text| !text.is_empty());
    // A list has its objects in it.
    let list = node.at(&["kind"]).and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"))
        && node.at(&["items"]).is_some();
    let wanted: [(&str, &[&str]); 3] =
        [("apiVersion", &["apiVersion"]), ("kind", &["kind"]), ("metadata.name", &["metadata", "name"])];
    let wanted = wanted.iter().filter(|(_, path)| !(says(path) || list && path.len() > 1));
    let mut lacks: Vec<&str> = wanted.map(|(shown, _)| *shown).collect();
    if lacks.is_empty() && is_runtime_class(node) && !says(&["handler"]) {
        lacks.push("handler");
    }
    if lacks.is_empty() {
        return None;
    }
    let kind = node.at(&["kind"]).and_then(Node::as_str).unwrap_or("object");
    let an = if kind == "object" { "an object".to_owned() } else { format!("the {kind}") };
    let note = match lacks.contains(&"kind") {
        true => "Omni reads each object as Kubernetes does, and refuses one without a kind",
        false => "Kubernetes refuses it, each time that Omni applies the manifest",
    };
    let finding =
        Diagnostic::new(Code::BadObject, format!("{an} of the manifest `{name}` has no {}", one_of(&lacks)))
            .if_understood()
            .label(at, format!("{} {} missing", all_of(&lacks), if lacks.len() == 1 { "is" } else { "are" }))
            .note(note)
            .help(format!("add {}", all_of(&lacks)));
    Some(finding)
}

fn is_runtime_class(node: &Node) -> bool {
    let text = |key: &str| node.at(&[key]).and_then(Node::as_str).unwrap_or_default();
    text("kind") == "RuntimeClass" && text("apiVersion").starts_with("node.k8s.io/")
}

fn handler_of(node: &Node) -> Option<&str> {
    node.at(&["handler"]).and_then(Node::as_str).filter(|_| is_runtime_class(node))
}

/// A RuntimeClass whose handler no node has: its pods are never started.
fn runtime_class(lowering: &mut Lowering<'_, '_>, of: Resolved<'_>, node: &Node, handler: &str, at: Span) {
    // Every containerd has it.
    if handler == "runc" || !of.cluster.poison.is_clean() || configures_containerd(of) {
        return;
    }
    let offered = offered(lowering, of.cluster);
    if offered.iter().any(|known| known == handler) {
        return;
    }
    let at = node.at(&["handler"]).and_then(|node| lowering.origins.place(node)).unwrap_or(at);
    let cluster = &of.cluster.name;
    let message = format!("no node of `{cluster}` has the runtime `{handler}` that a RuntimeClass names");
    let finding = Diagnostic::new(Code::RuntimeClassWithoutNodes, message)
        .if_understood()
        .label(at, "its pods would not start")
        .note(
            "a set without a list of `extensions` keeps those of its boot image, which talosc does not know",
        );
    let finding = match offered.is_empty() {
        true => finding.help(format!(
            "bring it: `runtimes += [{handler}]` with its extension on the set that runs such pods"
        )),
        false => finding.help(format!("its nodes have {}", one_of(&offered))),
    };
    lowering.report(finding.in_cluster(cluster));
}

/// The handlers that nodes of a cluster have: of their runtimes, and of their extensions.
fn offered(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> Vec<Text> {
    let runtimes = manifests::every_runtime(lowering, cluster);
    let mut out: Vec<Text> = runtimes.into_iter().map(|runtime| runtime.handler).collect();
    let sets = cluster.sets.iter().flat_map(|set| {
        let machines = set.known().map(|machine| Chain::of_machine(cluster, set, machine));
        std::iter::once(Chain::of_set(cluster, set)).chain(machines)
    });
    let mut seen = rustc_hash::FxHashSet::default();
    for elem in sets.filter_map(|chain| chain.list("extensions")).flat_map(|list| &list.items) {
        let Val::Ref(id, args) = &elem.val else { continue };
        if seen.insert(*id) {
            let flat = lowering.flattener.flat(*id, args, Some(&cluster.target.talos));
            let handlers = flat.fields.at(&["provides", "handlers"]).and_then(|slot| slot.list());
            out.extend(handlers.iter().flat_map(|list| &list.items).filter_map(|elem| show(&elem.val)));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Whether a file on some machines configures containerd: then it may have runtimes that nothing here knows.
fn configures_containerd(of: Resolved<'_>) -> bool {
    (0..of.cluster.sets.len()).any(|set| {
        let config = of.overlay.set(set);
        let files = config.at(&["machine", "files"]).and_then(|view| view.as_seq()).unwrap_or_default();
        let parts = files.iter().filter(|file| {
            // The default handler that the field `runtime` chooses is no new one.
            let path = file.at(&["path"]).and_then(Node::as_str).unwrap_or_default();
            path.contains("cri/conf.d") && file.origin != Origin::NONE
        });
        config.unread().next().is_some()
            || parts
                .filter_map(|file| file.at(&["content"]).and_then(Node::as_str))
                .any(|text| text.contains("runtimes"))
    })
}
