//! What is judged, and what its paths lead to.

use std::sync::Arc;

use super::configs::{self, Configs, Nodes};
use crate::flatten::{Fields, Flat, Flattener, Slot, Slotted, Steps};
use crate::fleet::{Chain, Cluster, Set, View};
use crate::kinds;
use crate::resolve::DeclId;
use crate::text::Text;
use crate::tree::Node;
use crate::typing::Val;
use crate::version::Version;

/// Something with fields.
#[derive(Clone)]
pub(super) struct Thing<'f> {
    name: Text,
    fields: Held<'f>,
    /// The provider of a class.
    via: Option<DeclId>,
    /// The cluster that it is, or that it belongs to.
    cluster: Option<&'f Cluster>,
    place: ThingKind,
    /// What its nodes get, where that is known already.
    config: Option<(&'f dyn Configs, Nodes<'f>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ThingKind {
    /// A cluster.
    Cluster,
    /// A set or a machine of one.
    Nodes,
    /// Anything else.
    Other,
}

#[derive(Clone)]
enum Held<'f> {
    Chain(Chain<'f>),
    Flat(Arc<Flat>),
    Block(Arc<Fields>),
    /// A piece of an effective configuration.
    Node(Arc<Node>, &'f dyn Configs),
}

/// What a path leads to.
#[derive(Clone)]
pub(super) enum Value<'f> {
    /// Nothing sets it.
    Unset,
    Val(Val),
    List(Vec<Val>),
    /// The keys of a map.
    Keys(Vec<Text>),
    Thing(Thing<'f>),
    Things(Vec<Thing<'f>>),
}

/// A value with who made it so.
pub(super) struct Lookup<'f> {
    pub(super) value: Value<'f>,
    pub(super) steps: Steps,
    /// Who named the declaration that it stands in.
    pub(super) way: Steps,
    /// The declaration that it stands or would stand in, if that is not what is judged.
    pub(super) holder: Option<DeclId>,
    /// It may be there and not seen: something in the declaration that it would stand in is wrong, or a file is not read.
    pub(super) unknown: bool,
}

impl<'f> Lookup<'f> {
    pub(super) fn of(value: Value<'f>) -> Lookup<'f> {
        Lookup { value, steps: Steps::new(), way: Steps::new(), holder: None, unknown: false }
    }
}

impl<'f> Thing<'f> {
    /// A cluster.
    pub(super) fn cluster(cluster: &'f Cluster) -> Thing<'f> {
        Thing {
            name: cluster.name.clone(),
            fields: Held::Chain(Chain::of_cluster(cluster)),
            via: None,
            cluster: Some(cluster),
            place: ThingKind::Cluster,
            config: None,
        }
    }

    /// A set with everything its nodes get.
    pub(super) fn set(cluster: &'f Cluster, set: &'f Set) -> Thing<'f> {
        Thing {
            name: set.name.clone(),
            fields: Held::Chain(Chain::of_set(cluster, set)),
            via: None,
            cluster: Some(cluster),
            place: ThingKind::Nodes,
            config: None,
        }
    }

    /// The nodes of a view under the name of what describes them.
    pub(super) fn nodes(view: &View<'f>, name: Text) -> Thing<'f> {
        Thing {
            name,
            fields: Held::Chain(view.chain),
            via: None,
            cluster: Some(view.cluster),
            place: ThingKind::Nodes,
            config: None,
        }
    }

    /// A declaration.
    pub(super) fn declared(flattener: &Flattener, flat: Arc<Flat>) -> Thing<'f> {
        let decl = flattener.types.names.decl(flat.decl);
        let node = decl.kind == kinds::ROLE || decl.kind == kinds::MACHINE;
        Thing {
            name: decl.shown().into(),
            via: flat.via.map(|(id, _)| id),
            cluster: None,
            place: if node { ThingKind::Nodes } else { ThingKind::Other },
            config: None,
            fields: Held::Flat(flat),
        }
    }

    /// A block in a list.
    pub(super) fn block(fields: Arc<Fields>) -> Thing<'f> {
        Thing {
            name: Text::default(),
            fields: Held::Block(fields),
            via: None,
            cluster: None,
            place: ThingKind::Other,
            config: None,
        }
    }

    /// A document of a configuration, or an element of a list in it.
    pub(super) fn node(node: Node, configs: &'f dyn Configs) -> Thing<'f> {
        let fields = Held::Node(Arc::new(node), configs);
        Thing {
            name: Text::default(),
            fields,
            via: None,
            cluster: None,
            place: ThingKind::Other,
            config: None,
        }
    }

    /// Whether it is a piece of an effective configuration.
    pub(super) fn is_piece(&self) -> bool {
        matches!(self.fields, Held::Node(..))
    }

    /// The same with what its nodes get.
    pub(super) fn with(self, configs: &'f dyn Configs, nodes: Nodes<'f>) -> Thing<'f> {
        Thing { config: Some((configs, nodes)), ..self }
    }

    fn get(&self, field: &str) -> Option<&Slot> {
        match &self.fields {
            Held::Node(..) => None,
            Held::Chain(chain) => chain.get(field),
            Held::Flat(flat) => flat.fields.get(field),
            Held::Block(fields) => fields.get(field),
        }
    }

    /// What a path of fields leads to.
    pub(super) fn at(&self, flattener: &mut Flattener, talos: &Version, path: &[Text]) -> Lookup<'f> {
        let Some((first, rest)) = path.split_first() else { return Lookup::of(Value::Thing(self.clone())) };
        if let Held::Node(node, configs) = &self.fields {
            return configs::below(*configs, node, path);
        }
        if let ("config", Some((configs, nodes))) = (first.as_str(), self.config) {
            return configs::at(configs, nodes, rest);
        }
        if let Some(found) = self.own(flattener, first) {
            return follow(flattener, talos, found, rest);
        }
        within(flattener, talos, &|field| self.get(field), path)
    }

    /// What is not a field: names, levels, and the runtimes that are always there.
    fn own(&self, flattener: &mut Flattener, name: &str) -> Option<Lookup<'f>> {
        let value = match (name, self.place) {
            ("runtimes", ThingKind::Nodes | ThingKind::Cluster) => return Some(self.runtimes(flattener)),
            ("controlplane", ThingKind::Cluster) => {
                let cluster = self.cluster?;
                let set = cluster.sets.iter().find(|set| set.control);
                set.map_or(Value::Unset, |set| Value::Thing(Thing::set(cluster, set)))
            }
            ("workers", ThingKind::Cluster) => {
                let cluster = self.cluster?;
                let sets = cluster.sets.iter().filter(|set| !set.control);
                Value::Things(sets.map(|set| Thing::set(cluster, set)).collect())
            }
            ("cluster", ThingKind::Nodes) => Value::Thing(Thing::cluster(self.cluster?)),
            ("via", ThingKind::Other) => {
                self.via.map_or(Value::Unset, |id| Value::Val(Val::Ref(id, Arc::default())))
            }
            ("name", _) if self.get("name").is_none() && !self.name.is_empty() => {
                Value::Val(Val::Str(self.name.clone()))
            }
            _ => return None,
        };
        Some(Lookup::of(value))
    }

    /// `runc`, the default runtime and those that are offered.
    fn runtimes(&self, flattener: &mut Flattener) -> Lookup<'f> {
        let mut all: Vec<Val> = Vec::new();
        let mut steps = Steps::new();
        if let Some(slot) = self.get("runtime") {
            all.extend(slot.leaf().cloned());
            steps.extend(slot.steps.iter().copied());
        }
        if let Some(slot) = self.get("runtimes") {
            for elem in slot.list().map(|list| list.items.as_slice()).unwrap_or_default() {
                if !all.contains(&elem.val) {
                    all.push(elem.val.clone());
                }
            }
            steps.extend(slot.steps.iter().copied());
        }
        let built_in = all.iter().any(|val| match val {
            Val::Ref(id, _) => flattener.types.names.decl(*id).name == "runc",
            _ => false,
        });
        if !built_in {
            all.insert(0, Val::Word(Text::new_static("runc")));
        }
        Lookup { steps, ..Lookup::of(Value::List(all)) }
    }
}

/// A path from a value on.
pub(super) fn follow<'f>(
    flattener: &mut Flattener,
    talos: &Version,
    found: Lookup<'f>,
    path: &[Text],
) -> Lookup<'f> {
    if path.is_empty() {
        return found;
    }
    let thing = match &found.value {
        Value::Thing(thing) => thing.clone(),
        Value::Val(Val::Ref(id, args)) => {
            let flat = flattener.flat(*id, args, Some(talos));
            if !flat.poison.is_clean() {
                return Lookup { unknown: true, ..Lookup::of(Value::Unset) };
            }
            Thing::declared(flattener, flat)
        }
        Value::Val(Val::Fields(fields)) => Thing::block(fields.clone()),
        _ => return Lookup::of(Value::Unset),
    };
    let mut out = thing.at(flattener, talos, path);
    if let Value::Val(Val::Ref(id, _)) = &found.value {
        out.holder = out.holder.or(Some(*id));
    }
    out.way.insert_many(0, found.steps);
    out
}

/// A path through the blocks of a body; `get` gives its fields.
fn within<'f, 's>(
    flattener: &mut Flattener,
    talos: &Version,
    get: &dyn Fn(&str) -> Option<&'s Slot>,
    path: &[Text],
) -> Lookup<'f> {
    let Some((first, rest)) = path.split_first() else { return Lookup::of(Value::Unset) };
    let Some(slot) = get(first) else { return Lookup::of(Value::Unset) };
    match &slot.value {
        Slotted::Map(inner) if !rest.is_empty() => within(flattener, talos, &|field| inner.get(field), rest),
        _ => follow(flattener, talos, value_of(slot), rest),
    }
}

fn value_of<'f>(slot: &Slot) -> Lookup<'f> {
    let value = match &slot.value {
        Slotted::Leaf(Val::List(items, _)) => {
            Value::List(items.iter().map(|item| item.val.clone()).collect())
        }
        Slotted::Leaf(val) => Value::Val(val.clone()),
        Slotted::List(list) => Value::List(list.items.iter().map(|elem| elem.val.clone()).collect()),
        Slotted::Map(fields) => Value::Keys(fields.iter().map(|(key, _)| key.clone()).collect()),
        Slotted::Unset | Slotted::Removed | Slotted::Deleted => Value::Unset,
    };
    let mut steps = slot.steps.clone();
    if steps.is_empty() {
        // A block that only merges has no history of its own: what stands in it has.
        inner_steps(slot, &mut steps);
    }
    Lookup { steps, ..Lookup::of(value) }
}

fn inner_steps(slot: &Slot, out: &mut Steps) {
    for (_, inner) in slot.map().into_iter().flat_map(Fields::iter) {
        match inner.last() {
            Some(step) => out.push(*step),
            None => inner_steps(inner, out),
        }
    }
}
