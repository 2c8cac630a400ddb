//! The extensions, runtimes and modules of the nodes of a view.

use std::sync::Arc;

use crate::flatten::{Elem, Fields, Flat, Flattener};
use crate::fleet::{self, Chain};
use crate::origin::Origins;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::overlay::{Config, ConfigView};
use crate::text::Text;
use crate::typing::Val;
use crate::version::Version;

/// One extension of a node.
#[derive(Debug, Clone)]
pub(super) struct Have {
    pub(super) id: DeclId,
    pub(super) name: Text,
    /// Where it is listed, and by whom.
    pub(super) span: Span,
    pub(super) owner: DeclId,
    /// What its declaration says for this version.
    pub(super) flat: Arc<Flat>,
    /// What it does: of the name that took its place, if it is an old one.
    pub(super) facts: Arc<Flat>,
    /// The catalogue of this version has it.
    pub(super) available: bool,
}

/// A runtime that the node offers.
pub(super) struct Offered {
    pub(super) name: Text,
    pub(super) handler: Text,
    pub(super) span: Span,
    pub(super) owner: DeclId,
}

/// A module that the node loads.
pub(super) struct Loaded {
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) owner: DeclId,
}

/// What the nodes of a view have.
pub(super) struct Node {
    pub(super) extensions: Vec<Have>,
    pub(super) runtimes: Vec<Offered>,
    pub(super) modules: Vec<Loaded>,
    /// A patch of theirs is not read: it may say more.
    pub(super) unread: bool,
}

impl Node {
    pub(super) fn of(
        flattener: &mut Flattener,
        view: &fleet::View<'_>,
        config: Config<'_>,
        origins: &Origins,
    ) -> Node {
        let talos = &view.cluster.target.talos;
        let chain = view.chain;
        let mut extensions: Vec<Have> = Vec::new();
        for field in ["extensions", "preinstalled"] {
            for elem in chain.list(field).into_iter().flat_map(|list| &list.items) {
                if let Some(have) = have(flattener, elem, talos)
                    && extensions.iter().all(|known| known.id != have.id)
                {
                    extensions.push(have);
                }
            }
        }
        let runtimes = runtimes(flattener, chain, talos);
        let unread = config.unread().next().is_some();
        Node { extensions, runtimes, modules: modules(config, origins), unread }
    }

    /// Nothing here that a rule looks at.
    pub(super) fn is_plain(&self) -> bool {
        self.extensions.is_empty() && self.runtimes.is_empty() && self.modules.is_empty()
    }

    /// Whether an extension of the node has a capability; `except` is not counted.
    pub(super) fn has(&self, capability: &str, except: Option<DeclId>) -> bool {
        self.extensions.iter().any(|have| Some(have.id) != except && have.provides(capability))
    }

    /// Whether an extension of the node brings a handler.
    pub(super) fn handles(&self, handler: &str) -> bool {
        self.extensions
            .iter()
            .any(|have| words(&have.facts.fields, &["provides", "handlers"]).contains(&handler))
    }
}

impl Have {
    /// Whether it has a capability: every extension has its own name as one.
    pub(super) fn provides(&self, capability: &str) -> bool {
        provides(&self.name, &self.facts, capability)
    }
    /// Words of a list that its declaration says.
    pub(super) fn list(&self, path: &[&str]) -> Vec<&str> {
        words(&self.facts.fields, path)
    }
}

/// Whether an extension has a capability.
pub(super) fn provides(name: &str, facts: &Flat, capability: &str) -> bool {
    name == capability || words(&facts.fields, &["provides", "capabilities"]).contains(&capability)
}

/// The words of a list at a path.
pub(crate) fn words<'f>(fields: &'f Fields, path: &[&str]) -> Vec<&'f str> {
    let list = fields.at(path).and_then(|slot| slot.list());
    let items = list.map(|list| list.items.as_slice()).unwrap_or_default();
    items.iter().filter_map(|elem| word(&elem.val)).collect()
}

fn word(val: &Val) -> Option<&str> {
    match val {
        Val::Word(text) | Val::Str(text) => Some(text),
        _ => None,
    }
}

fn have(flattener: &mut Flattener, elem: &Elem, talos: &Version) -> Option<Have> {
    let Val::Ref(id, args) = &elem.val else { return None };
    let flat = flattener.flat(*id, args, Some(talos));
    let available = is_available(flattener, *id, &flat, talos);
    let mut facts = flat.clone();
    if let Some(name) = flat.fields.leaf("became").and_then(word).filter(|_| !available) {
        facts = super::catalogue::named(name, talos).map_or(facts, |(_, flat)| flat);
    }
    let name = flattener.types.names.decl(*id).name.clone();
    Some(Have { id: *id, name, span: elem.span, owner: elem.owner, flat, facts, available })
}

/// Whether the catalogue of a version has an extension.
pub(super) fn is_available(flattener: &mut Flattener, id: DeclId, flat: &Flat, talos: &Version) -> bool {
    flattener.holds(id, talos) && !matches!(flat.fields.leaf("never"), Some(Val::Bool(true)))
}

fn runtimes(flattener: &mut Flattener, chain: Chain<'_>, talos: &Version) -> Vec<Offered> {
    let mut out: Vec<Offered> = Vec::new();
    let mut add = |val: &Val, span: Span, owner: DeclId| {
        let Val::Ref(id, args) = val else { return };
        let flat = flattener.flat(*id, args, Some(talos));
        let Some(handler) = flat.fields.leaf("handler").and_then(word) else { return };
        // `runc` is built in.
        if handler != "runc" && out.iter().all(|known| known.handler != handler) {
            let name = flattener.types.names.decl(*id).name.clone();
            out.push(Offered { name, handler: handler.into(), span, owner });
        }
    };
    if let Some(slot) = chain.get("runtime")
        && let (Some(val), Some(step)) = (slot.leaf(), slot.last())
    {
        add(val, step.span, step.owner);
    }
    for elem in chain.list("runtimes").into_iter().flat_map(|list| &list.items) {
        add(&elem.val, elem.span, elem.owner);
    }
    out
}

/// The modules that a configuration loads, in either form, whoever says it.
fn modules(config: Config<'_>, origins: &Origins) -> Vec<Loaded> {
    let listed = config.at(&["machine", "kernel", "modules"]).and_then(|view| view.as_seq());
    let listed = listed
        .unwrap_or_default()
        .iter()
        .filter_map(|item| Some((item.at(&["name"])?.as_str()?, ConfigView::node(item).origin())));
    let documents =
        config.of_kind("KernelModuleConfig").map(|document| (document.name, document.view.origin()));
    let loaded = listed.chain(documents).filter_map(|(name, origin)| {
        let step = origins.steps(origin).first().copied()?;
        Some(Loaded { name: name.into(), span: step.span, owner: step.owner })
    });
    loaded.collect()
}
