//! Runtimes that nodes offer, and the node label that says so.
//!
//! A RuntimeClass selects nodes by label, so a set that offers a runtime carries one, unless the cluster says which labels count. The kubelet may set it on its own node:
//! NodeRestriction keeps it from labels under `kubernetes.io` and `k8s.io` only.

use super::super::{Content, Level, LevelKind, Patch};
use super::{Draft, Lowering, node, rank};
use crate::fleet::Chain;
use crate::resolve::DeclId;
use crate::text::Text;
use crate::tree::{Map, Node, Origin};
use crate::typing::Val;

/// A runtime that a node offers.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Its declaration.
    pub decl: DeclId,
    /// Its name.
    pub name: Text,
    /// The containerd handler.
    pub handler: Text,
    /// The name of its RuntimeClass.
    pub class_name: Text,
    /// What offers it.
    pub origin: Origin,
}

impl Offered {
    /// The node label that says that a node offers it.
    pub fn label(&self) -> String {
        format!("talosc.dev/runtime-{}", self.name)
    }
}

/// The runtimes but `runc` that nodes offer: the default one and those of `runtimes`, in order of first appearance.
pub fn offered(lowering: &mut Lowering<'_, '_>, chain: Chain<'_>) -> Vec<Offered> {
    let mut found: Vec<(DeclId, Origin)> = Vec::new();
    if let Some(slot) = chain.get("runtime")
        && let Some(Val::Ref(id, _)) = slot.leaf()
    {
        found.push((*id, lowering.origins.of(slot)));
    }
    for elem in chain.list("runtimes").into_iter().flat_map(|list| &list.items) {
        if let Val::Ref(id, _) = &elem.val {
            found.push((*id, lowering.origins.at(elem.span, elem.owner)));
        }
    }
    let mut out: Vec<Offered> = Vec::new();
    for (decl, origin) in found {
        if !out.iter().any(|known| known.decl == decl) {
            out.extend(describe(lowering, decl, origin).filter(|runtime| runtime.handler != "runc"));
        }
    }
    out
}

fn describe(lowering: &mut Lowering<'_, '_>, decl: DeclId, origin: Origin) -> Option<Offered> {
    let flat = lowering.flattener.flat(decl, &std::sync::Arc::default(), None);
    let name = lowering.flattener.types.names.decl(decl).name.clone();
    let handler = flat.fields.leaf("handler").and_then(super::show)?;
    let class_name = flat.fields.leaf("class-name").and_then(super::show).unwrap_or_else(|| name.clone());
    Some(Offered { decl, name, handler, class_name, origin })
}

/// Puts the labels of a level into its patch `node-labels`: those of all runtimes on a set, those that it adds on a machine.
pub(super) fn mark(lowering: &mut Lowering<'_, '_>, level: Level<'_>, out: &mut Vec<Patch>) {
    if !level.target.omni_at_least(1, 7) {
        return;
    }
    let Some(above) = level.chain.above() else { return };
    let (mut runtimes, gone) = match level.kind {
        LevelKind::Cluster | LevelKind::ControlPlane | LevelKind::Workers => {
            (offered(lowering, level.chain), Vec::new())
        }
        LevelKind::Machine { .. } => {
            if level.own.raw("runtime").or(level.own.raw("runtimes")).is_none() {
                return;
            }
            let (here, before) = (offered(lowering, level.chain), offered(lowering, above));
            let within =
                |list: &[Offered], runtime: &Offered| list.iter().any(|known| known.decl == runtime.decl);
            let gone = before.iter().filter(|runtime| !within(&here, runtime)).cloned().collect();
            (here.into_iter().filter(|runtime| !within(&before, runtime)).collect(), gone)
        }
    };
    // Of a runtime whose RuntimeClass selects nodes by something else no label is needed.
    let cluster = level.chain.cluster();
    runtimes.retain(|runtime| {
        let said = |field: &str| cluster.block(field).is_some_and(|map| map.get(&runtime.name).is_some());
        !said("runtime-class") && !said("runtime-node-selector")
    });
    runtimes.sort_by(|a, b| a.name.cmp(&b.name));
    let entries = runtimes.iter().map(|runtime| (runtime, "true"));
    // The label of the set cannot be taken back, but it can say something else.
    let entries: Vec<_> = entries.chain(gone.iter().map(|runtime| (runtime, "false"))).collect();
    if let Some((first, _)) = entries.first() {
        let origin = first.origin;
        let labels = entries
            .iter()
            .map(|(runtime, text)| (Text::from(runtime.label()), Node::str(*text, runtime.origin)));
        add(level, labels.collect(), origin, out);
    }
}

fn add(level: Level<'_>, labels: Map, origin: Origin, out: &mut Vec<Patch>) {
    let own = out.iter_mut().find(|patch| patch.lowered && patch.name == "node-labels");
    if let Some(Patch { content: Content::Documents(documents), .. }) = own {
        if let Some(map) = documents.iter_mut().find_map(node::labels_in) {
            for (key, node) in labels {
                if map.get(&key).is_none() {
                    map.insert(key, node);
                }
            }
        }
        return;
    }
    let mut draft = Draft::default();
    node::put_labels(level, &mut draft, labels, origin);
    let patch = Patch::of_field(Text::new_static("node-labels"), draft.finish(), None);
    let at = out.iter().position(|other| rank(&other.name) > rank("node-labels")).unwrap_or(out.len());
    out.insert(at, patch);
}
