//! Lists that Omni replaces whole from level to level: what a node gets is resolved here.

use rustc_hash::FxHashSet;

use crate::emit::yaml;
use crate::flatten::{Elem, Slot};
use crate::fleet::{ARGS, Chain, Class, ClassUse, Cluster, Fleet, Head, Member, Set, SetOutline, Source};
use crate::origin::Lines;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::tree::{Node, Origin};
use crate::typing::Val;

/// Which lists the document of a cluster may say itself.
pub(super) struct Levels<'f> {
    cluster: &'f Cluster,
    /// Extensions: not if a set goes back to "not set", which Omni has no word for below a list of the cluster.
    extensions: bool,
    /// Kernel arguments: neither then, nor with a set that takes machines from a class.
    args: bool,
}

impl<'f> Levels<'f> {
    pub(super) fn of(cluster: &'f Cluster) -> Self {
        let class = |set: &Set| matches!(set.source, Source::Class { .. });
        let unset = |slot: Option<&Slot>| slot.is_some_and(|slot| !slot.is_set());
        let unset_args = |set: &Set| unset(set.own.block("kernel").and_then(|kernel| kernel.raw("args")));
        let extensions = !cluster.sets.iter().any(|set| unset(set.own.raw("extensions")));
        let args = !cluster.sets.iter().any(|set| class(set) || unset_args(set));
        Levels { cluster, extensions, args }
    }

    /// The extensions of the `Cluster` document.
    pub(super) fn cluster(&self, lowering: &mut Lowering<'_, '_>) -> Option<Node> {
        let chain = Chain::of_cluster(self.cluster);
        emit(lowering, chain.get("extensions").filter(|_| self.extensions)?, chain)
    }

    /// The extensions of a set, whole, if it changes those of the cluster, or must repeat them.
    pub(super) fn set(&self, lowering: &mut Lowering<'_, '_>, set: &Set) -> Option<Node> {
        let chain = Chain::of_set(self.cluster, set);
        let slot = chain.get("extensions")?;
        let says = set.own.get("extensions").or(set.own.get("preinstalled")).is_some();
        (says || !self.extensions).then(|| emit(lowering, slot, chain)).flatten()
    }

    /// The extensions of a machine, whole, if it changes those of its set.
    pub(super) fn machine(
        &self,
        lowering: &mut Lowering<'_, '_>,
        set: &Set,
        machine: &Member,
    ) -> Option<Node> {
        let own = &machine.flat.fields;
        own.get("extensions").or(own.get("preinstalled"))?;
        let chain = Chain::of_machine(self.cluster, set, machine);
        emit(lowering, chain.get("extensions")?, chain)
    }

    /// Kernel arguments of the `Cluster` document.
    pub(super) fn cluster_args(&self, lowering: &mut Lowering<'_, '_>) -> Option<Node> {
        let chain = Chain::of_cluster(self.cluster);
        args(lowering, chain.at(ARGS).filter(|_| self.args)?)
    }

    /// Kernel arguments of a set of listed machines, whole.
    pub(super) fn set_args(&self, lowering: &mut Lowering<'_, '_>, set: &Set) -> Option<Node> {
        let says = set.own.at(ARGS).is_some() || !self.args;
        if matches!(set.source, Source::Class { .. }) || !says {
            return None;
        }
        args(lowering, Chain::of_set(self.cluster, set).at(ARGS)?)
    }

    /// Kernel arguments of a machine, whole.
    pub(super) fn machine_args(
        &self,
        lowering: &mut Lowering<'_, '_>,
        set: &Set,
        machine: &Member,
    ) -> Option<Node> {
        machine.flat.fields.at(ARGS)?;
        args(lowering, Chain::of_machine(self.cluster, set, machine).at(ARGS)?)
    }
}

/// The list with what the boot image carries, since Omni drops that as soon as it gets a list.
fn emit(lowering: &mut Lowering<'_, '_>, slot: &Slot, chain: Chain<'_>) -> Option<Node> {
    let origin = lowering.origins.of(slot);
    let mut seen: FxHashSet<Text> = FxHashSet::default();
    let mut items = Vec::new();
    for elem in ["preinstalled", "extensions"]
        .iter()
        .filter_map(|field| chain.list(field))
        .flat_map(|list| &list.items)
    {
        if let Some(image) = image(lowering, elem)
            && seen.insert(image.clone())
        {
            let origin = lowering.origins.at(elem.span, elem.owner);
            items.push(Node::str(image, origin));
        }
    }
    Some(Node::seq(items, origin))
}

/// The name of an extension in Omni: `siderolabs/NAME` unless it says another image.
fn image(lowering: &mut Lowering<'_, '_>, elem: &Elem) -> Option<Text> {
    let Val::Ref(id, args) = &elem.val else { return None };
    let flat = lowering.flattener.flat(*id, args, None);
    match flat.fields.leaf("image") {
        Some(Val::Str(image)) => Some(image.clone()),
        _ => Some(format!("siderolabs/{}", lowering.flattener.types.names.decl(*id).name).into()),
    }
}

fn args(lowering: &mut Lowering<'_, '_>, slot: &Slot) -> Option<Node> {
    let origin = lowering.origins.of(slot);
    Some(Node::seq(lowering.texts(slot.list()?), origin))
}

/// A set that takes its machines from a class.
pub(super) struct UseOfClass<'f> {
    pub(super) cluster: &'f Head,
    pub(super) set: &'f SetOutline,
    /// The arguments that it wants.
    pub(super) args: Option<&'f Slot>,
    /// Where it names the class.
    pub(super) span: Span,
}

/// The sets of a fleet by the class that they take machines from.
pub(super) fn class_uses<'f>(fleet: &'f Fleet) -> indexmap::IndexMap<DeclId, Vec<UseOfClass<'f>>> {
    let mut out: indexmap::IndexMap<DeclId, Vec<UseOfClass<'f>>> = indexmap::IndexMap::new();
    for (_, cluster, outline) in fleet.placed() {
        for set in &outline.sets {
            if let Some(ClassUse { class, span, args }) = &set.class {
                let found = UseOfClass { cluster, set, args: args.as_ref(), span: *span };
                out.entry(*class).or_default().push(found);
            }
        }
    }
    out
}

/// The kernel arguments of a class: its own, then those that all its sets agree on; the rules report the others.
pub(super) fn class_args(
    lowering: &mut Lowering<'_, '_>,
    class: &Class,
    uses: &[UseOfClass<'_>],
) -> Option<Node> {
    let own = class.flat.fields.get("kernel-args");
    let wanted = uses.iter().find_map(|one| one.args);
    let origin = own.or(wanted).map_or(Origin::NONE, |slot| lowering.origins.of(slot));
    let mut list = own.or(wanted).and_then(Slot::list)?.clone();
    if let Some(wanted) = wanted.and_then(Slot::list) {
        list.join(wanted);
    }
    (own.is_some() || !list.items.is_empty()).then(|| Node::seq(lowering.texts(&list), origin))
}

/// A text for keys that the compiler writes itself.
pub(super) fn fixed(text: &'static str) -> Node {
    Node::str(Text::new_static(text), Origin::NONE)
}

/// Documents as a text in a field, whose lines know where they come from.
pub(super) fn text_of(lowering: &mut Lowering<'_, '_>, documents: &[Node], origin: Origin) -> Node {
    let (text, lines) = yaml::body(documents);
    Node::str(text, lowering.origins.of_text(origin, Lines::Each(lines.into())))
}
