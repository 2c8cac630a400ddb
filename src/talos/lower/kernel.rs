//! Runtime, time and kernel.

use super::super::Level;
use super::super::forms::{Form, Thing, Writers};
use super::{Draft, Lowering, network};
use crate::flatten::Slot;
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::Val;

/// `runtime = nvidia`: the default handler of containerd, as a part of its configuration.
/// Mirrors Talos's guide on customising containerd: `/etc/cri/conf.d/20-customization.part`.
pub(super) fn runtime(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(handler) = handler(lowering, level, slot.leaf()) else { return };
    // Without a word of it containerd takes `runc`.
    let before = level.before(&["runtime"]).and_then(|slot| self::handler(lowering, level, slot.leaf()));
    if handler == before.unwrap_or(Text::new_static("runc")) {
        return;
    }
    let toml = format!(
        "[plugins]\n  [plugins.\"io.containerd.cri.v1.runtime\"]\n    [plugins.\"io.containerd.cri.v1.runtime\".containerd]\n      default_runtime_name = \"{handler}\"\n"
    );
    let part = Node::str(toml, lowering.origins.of(slot));
    level.forms.write(Thing::Cri, part, RUNTIME, draft);
}

fn handler(lowering: &mut Lowering<'_, '_>, level: Level<'_>, val: Option<&Val>) -> Option<Text> {
    let Some(Val::Ref(id, args)) = val else { return None };
    let flat = lowering.flattener.flat(*id, args, Some(&level.target.talos));
    flat.fields.leaf("handler").and_then(super::value::show)
}

const RUNTIME: Writers<Node> = Writers {
    legacy: |toml, draft| {
        let origin = toml.origin;
        let mut file = Map::new();
        file.insert("content", toml);
        file.insert("permissions", Node::new(Value::Int(0o644), origin));
        file.insert("path", Node::str("/etc/cri/conf.d/20-customization.part", origin));
        file.insert("op", Node::str("create", origin));
        let files = Node::seq(vec![Node::map(file, origin)], origin);
        draft.legacy(&["machine"], origin).insert("files", files);
    },
    document: |toml, draft| {
        let origin = toml.origin;
        let fields = Map::from_iter([(Text::new_static("content"), toml)]);
        draft.document("CRICustomizationConfig", Some("talosc-runtime"), origin, fields);
    },
};

const TIME_SYNC: Writers<Node> = Writers {
    legacy: |servers, draft| {
        let origin = servers.origin;
        draft.legacy(&["machine", "time"], origin).insert("servers", servers);
    },
    document: |servers, draft| {
        let origin = servers.origin;
        let ntp = Map::from_iter([(Text::new_static("servers"), servers)]);
        let fields = Map::from_iter([(Text::new_static("ntp"), Node::map(ntp, origin))]);
        draft.document("TimeSyncConfig", None, origin, fields);
    },
};

/// Time servers of a node, without those that a network of a higher level gives it.
pub(super) fn timeservers(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let mut fresh = level.fresh(&["timeservers"]);
    fresh.retain(|elem| !network::gives_time_server(lowering, level, elem));
    if !fresh.is_empty() {
        let origin = lowering.origins.of(slot);
        let servers = Node::seq(lowering.elements(fresh), origin);
        time_servers(level, servers, draft);
    }
}

/// A list of time servers, whoever says it.
pub(super) fn time_servers(level: Level<'_>, servers: Node, draft: &mut Draft) {
    level.forms.write(Thing::TimeSync, servers, TIME_SYNC, draft);
}

const SYSCTLS: Writers<Node> = Writers {
    legacy: |map, draft| {
        let origin = map.origin;
        draft.legacy(&["machine"], origin).insert("sysctls", map);
    },
    document: |map, draft| params("SysctlConfig", map, draft),
};

const SYSFS: Writers<Node> = Writers {
    legacy: |map, draft| {
        let origin = map.origin;
        draft.legacy(&["machine"], origin).insert("sysfs", map);
    },
    document: |map, draft| params("SysfsConfig", map, draft),
};

fn params(kind: &str, map: Node, draft: &mut Draft) {
    let origin = map.origin;
    draft.document(kind, None, origin, Map::from_iter([(Text::new_static("params"), map)]));
}

pub(super) fn kernel(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(kernel) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    for (field, thing, writers) in [("sysctls", Thing::Sysctls, SYSCTLS), ("sysfs", Thing::Sysfs, SYSFS)] {
        if let Some(fields) = kernel.block(field) {
            let map = Node::map(lowering.text_map(fields), origin);
            level.forms.write(thing, map, writers, draft);
        }
    }
    if let Some(modules) = kernel.block("modules").filter(|modules| !modules.is_empty()) {
        let said: Vec<Module> =
            modules.iter().filter_map(|(name, slot)| module(lowering, level, name, slot)).collect();
        if !said.is_empty() {
            level.forms.write(Thing::Modules, said, MODULES, draft);
        }
    }
}

/// A kernel module: its name, and its parameters if it has any.
type Module = (Node, Option<Node>);

const MODULES: Writers<Vec<Module>> = Writers {
    legacy: |modules, draft| {
        let origin = modules.first().map_or(Origin::NONE, |(name, _)| name.origin);
        let list = modules.into_iter().map(|(name, parameters)| {
            let origin = name.origin;
            let mut map = Map::from_iter([(Text::new_static("name"), name)]);
            if let Some(parameters) = parameters {
                map.insert("parameters", parameters);
            }
            Node::map(map, origin)
        });
        let list = Node::seq(list.collect(), origin);
        draft.legacy(&["machine", "kernel"], origin).insert("modules", list);
    },
    document: |modules, draft| {
        for (name, parameters) in modules {
            let fields = parameters.map(|node| (Text::new_static("parameters"), node));
            draft.document("KernelModuleConfig", name.as_str(), name.origin, fields.into_iter().collect());
        }
    },
};

/// What a level says of a module: nothing if a higher level loads it in the same way.
fn module(lowering: &mut Lowering<'_, '_>, level: Level<'_>, name: &Text, slot: &Slot) -> Option<Module> {
    let origin = lowering.origins.of(slot);
    let path = ["kernel", "modules", name];
    let fresh = level.fresh(&["kernel", "modules", name, "parameters"]);
    if let Some(before) = level.before(&path) {
        if fresh.is_empty() {
            return None;
        }
        // The v1alpha1 document has a list of modules, in which a second one of the name is no part of the first.
        if level.forms.of(Thing::Modules) == Form::Legacy {
            lowering.report(super::listed_above(slot, before, &format!("the module `{name}`")));
            return None;
        }
    }
    let said = slot.map().and_then(|fields| fields.get("parameters")).is_some();
    let parameters = said.then(|| Node::seq(lowering.elements(fresh), origin));
    Some((Node::str(name.clone(), origin), parameters))
}
