//! Lists that Omni replaces whole from level to level: what a node gets is resolved here.

use rustc_hash::FxHashSet;

use crate::emit::yaml;
use crate::flatten::{Elem, Fields, Slot, Slotted, Verb};
use crate::fleet::{Class, Cluster, Fleet, Set, Source};
use crate::origin::Lines;
use crate::resolve::DeclId;
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::tree::{Node, Origin};
use crate::typing::Val;

/// The elements of a list over several levels, highest first. `None` if no level sets it.
pub(super) fn fold(levels: &[&Fields], path: &[&str]) -> Option<Vec<Elem>> {
    let mut out: Option<Vec<Elem>> = None;
    for slot in levels.iter().filter_map(|fields| raw(fields, path)) {
        match &slot.value {
            Slotted::List(list) => {
                let replaces =
                    slot.overrides.is_some() || slot.last().is_some_and(|step| step.verb == Verb::Override);
                let mut items = if replaces { Vec::new() } else { out.take().unwrap_or_default() };
                let taken: FxHashSet<Text> = list.taken.iter().map(|elem| key(&elem.val)).collect();
                items.retain(|have: &Elem| !taken.contains(&key(&have.val)));
                extend(&mut items, &list.items);
                out = Some(items);
            }
            Slotted::Unset | Slotted::Removed => out = None,
            Slotted::Leaf(_) | Slotted::Map(_) | Slotted::Deleted => {}
        }
    }
    out
}

/// Adds the elements that are not there yet.
fn extend(items: &mut Vec<Elem>, more: &[Elem]) {
    let mut known: FxHashSet<Text> = items.iter().map(|elem| key(&elem.val)).collect();
    items.extend(more.iter().filter(|elem| known.insert(key(&elem.val))).cloned());
}

/// What tells two elements apart: declarations by their number, all else by its text.
fn key(val: &Val) -> Text {
    match val {
        Val::Ref(id, _) => format!("#{}", id.0).into(),
        val => crate::talos::lower::show(val).unwrap_or_default(),
    }
}

fn raw<'f>(fields: &'f Fields, path: &[&str]) -> Option<&'f Slot> {
    let (last, blocks) = path.split_last()?;
    blocks.iter().try_fold(fields, |fields, name| fields.block(name))?.raw(last)
}

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
        let unset = |set: &Set, path: &[&str]| raw(&set.own, path).is_some_and(|slot| !slot.is_set());
        let extensions = !cluster.sets.iter().any(|set| unset(set, &["extensions"]));
        let args = !cluster.sets.iter().any(|set| class(set) || unset(set, ARGS));
        Levels { cluster, extensions, args }
    }

    /// The extensions of the `Cluster` document.
    pub(super) fn cluster(&self, lowering: &mut Lowering<'_, '_>) -> Option<Node> {
        let fields = &self.cluster.flat.fields;
        emit(lowering, fields.get("extensions").filter(|_| self.extensions)?, &[fields])
    }

    /// The extensions of a set, whole, if it changes those of the cluster, or must repeat them.
    pub(super) fn set(&self, lowering: &mut Lowering<'_, '_>, set: &Set) -> Option<Node> {
        let slot = set.effective.get("extensions")?;
        let says = set.own.get("extensions").or(set.own.get("preinstalled")).is_some();
        (says || !self.extensions).then(|| emit(lowering, slot, &[&set.effective])).flatten()
    }

    /// The extensions of a machine, whole, if it changes those of its set.
    pub(super) fn machine(&self, lowering: &mut Lowering<'_, '_>, set: &Set, own: &Fields) -> Option<Node> {
        let says = own.get("extensions").or(own.get("preinstalled"))?;
        let slot = own.get("extensions").or(set.effective.get("extensions"));
        slot.and(emit(lowering, slot.unwrap_or(says), &[&set.effective, own]))
    }

    /// Kernel arguments of the `Cluster` document.
    pub(super) fn cluster_args(&self, lowering: &mut Lowering<'_, '_>) -> Option<Node> {
        let fields = &self.cluster.flat.fields;
        args(lowering, fields.at(ARGS).filter(|_| self.args)?, &[fields])
    }

    /// Kernel arguments of a set of listed machines, whole.
    pub(super) fn set_args(&self, lowering: &mut Lowering<'_, '_>, set: &Set) -> Option<Node> {
        let says = set.own.at(ARGS).is_some() || !self.args;
        if matches!(set.source, Source::Class { .. }) || !says {
            return None;
        }
        args(lowering, set.effective.at(ARGS)?, &[&set.effective])
    }

    /// Kernel arguments of a machine, whole.
    pub(super) fn machine_args(
        &self,
        lowering: &mut Lowering<'_, '_>,
        set: &Set,
        own: &Fields,
    ) -> Option<Node> {
        args(lowering, own.at(ARGS)?, &[&set.effective, own])
    }
}

const ARGS: &[&str] = &["kernel", "args"];

/// The list with what the boot image carries, since Omni drops that as soon as it gets a list.
fn emit(lowering: &mut Lowering<'_, '_>, slot: &Slot, levels: &[&Fields]) -> Option<Node> {
    let origin = lowering.origins.of(slot);
    let mut seen: FxHashSet<Text> = FxHashSet::default();
    let mut items = Vec::new();
    for field in ["preinstalled", "extensions"] {
        for elem in fold(levels, &[field]).unwrap_or_default() {
            if let Some(image) = image(lowering, &elem)
                && seen.insert(image.clone())
            {
                let origin = lowering.origins.at(elem.span, elem.owner);
                items.push(Node::str(image, origin));
            }
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

fn args(lowering: &mut Lowering<'_, '_>, slot: &Slot, levels: &[&Fields]) -> Option<Node> {
    let origin = lowering.origins.of(slot);
    let elems = fold(levels, ARGS)?;
    Some(Node::seq(texts(lowering, &elems), origin))
}

fn texts(lowering: &mut Lowering<'_, '_>, elems: &[Elem]) -> Vec<Node> {
    let mut out = Vec::with_capacity(elems.len());
    for elem in elems {
        if let Some(text) = crate::talos::lower::show(&elem.val) {
            let origin = lowering.origins.at(elem.span, elem.owner);
            out.push(Node::str(text, origin));
        }
    }
    out
}

/// A set that takes its machines from a class, with the arguments that it wants.
pub(super) struct ClassUse<'f> {
    pub(super) cluster: &'f Cluster,
    pub(super) set: &'f Set,
    pub(super) args: Option<&'f Slot>,
}

/// The sets of a fleet by the class that they take machines from.
pub(super) fn class_uses<'f>(fleet: &'f Fleet) -> indexmap::IndexMap<DeclId, Vec<ClassUse<'f>>> {
    let mut out: indexmap::IndexMap<DeclId, Vec<ClassUse<'f>>> = indexmap::IndexMap::new();
    for cluster in &fleet.clusters {
        for set in &cluster.sets {
            if let Source::Class { class, .. } = &set.source {
                let args = set.effective.at(ARGS);
                out.entry(*class).or_default().push(ClassUse { cluster, set, args });
            }
        }
    }
    out
}

/// The kernel arguments of a class: its own, then those that all its sets agree on; the rules report the others.
pub(super) fn class_args(
    lowering: &mut Lowering<'_, '_>,
    class: &Class,
    uses: &[ClassUse<'_>],
) -> Option<Node> {
    let own = class.flat.fields.get("kernel-args");
    let wanted = uses.iter().find_map(|one| one.args);
    let origin = own.or(wanted).map_or(Origin::NONE, |slot| lowering.origins.of(slot));
    let mut elems: Vec<Elem> = own.and_then(Slot::list).map(|list| list.items.clone()).unwrap_or_default();
    if let Some(list) = wanted.and_then(Slot::list) {
        extend(&mut elems, &list.items);
    }
    (own.is_some() || !elems.is_empty()).then(|| Node::seq(texts(lowering, &elems), origin))
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
