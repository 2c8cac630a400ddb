//! Runtime, time and kernel.

use super::super::Level;
use super::super::forms::{Form, Thing, form};
use super::{Draft, Lowering};
use crate::flatten::{Fields, Slot};
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::Val;

/// `runtime = nvidia`: the default handler of containerd, as a part of its configuration.
/// Mirrors Talos's guide on customising containerd: `/etc/cri/conf.d/20-customization.part`.
pub(super) fn runtime(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(Val::Ref(id, args)) = slot.leaf() else { return };
    let flat = lowering.flattener.flat(*id, args, Some(&level.target.talos));
    let handler = flat.fields.leaf("handler").and_then(super::value::show).unwrap_or_default();
    if handler == "runc" {
        return;
    }
    let origin = lowering.origins.of(slot);
    let toml = format!(
        "[plugins]\n  [plugins.\"io.containerd.cri.v1.runtime\"]\n    [plugins.\"io.containerd.cri.v1.runtime\".containerd]\n      default_runtime_name = \"{handler}\"\n"
    );
    match form(Thing::Cri, level.target) {
        Form::Legacy => {
            let mut file = Map::new();
            file.insert("content", Node::str(toml, origin));
            file.insert("permissions", Node::new(Value::Int(0o644), origin));
            file.insert("path", Node::str("/etc/cri/conf.d/20-customization.part", origin));
            file.insert("op", Node::str("create", origin));
            draft
                .legacy(&["machine"], origin)
                .insert("files", Node::seq(vec![Node::map(file, origin)], origin));
        }
        Form::Document => {
            let mut fields = Map::new();
            fields.insert("content", Node::str(toml, origin));
            draft.document("CRICustomizationConfig", Some("talosc-runtime"), origin, fields);
        }
    }
}

pub(super) fn timeservers(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(list) = slot.list() else { return };
    let origin = lowering.origins.of(slot);
    let servers = Node::seq(lowering.texts(list), origin);
    match form(Thing::TimeSync, level.target) {
        Form::Legacy => {
            draft.legacy(&["machine", "time"], origin).insert("servers", servers);
        }
        Form::Document => {
            let ntp = Map::from_iter([(Text::new_static("servers"), servers)]);
            let fields = Map::from_iter([(Text::new_static("ntp"), Node::map(ntp, origin))]);
            draft.document("TimeSyncConfig", None, origin, fields);
        }
    }
}

pub(super) fn kernel(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(kernel) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    for (field, path, thing, kind) in [
        ("sysctls", "sysctls", Thing::Sysctls, "SysctlConfig"),
        ("sysfs", "sysfs", Thing::Sysfs, "SysfsConfig"),
    ] {
        let Some(fields) = kernel.block(field) else { continue };
        let map = lowering.text_map(fields);
        match form(thing, level.target) {
            Form::Legacy => {
                draft.legacy(&["machine"], origin).insert(path, Node::map(map, origin));
            }
            Form::Document => {
                let inner = Map::from_iter([(Text::new_static("params"), Node::map(map, origin))]);
                draft.document(kind, None, origin, inner);
            }
        }
    }
    if let Some(modules) = kernel.block("modules") {
        self::modules(lowering, level, modules, origin, draft);
    }
}

fn modules(
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    modules: &Fields,
    origin: Origin,
    draft: &mut Draft,
) {
    let mut list = Vec::new();
    for (name, slot) in modules.iter() {
        let origin = lowering.origins.of(slot);
        let parameters =
            slot.map().and_then(|fields| fields.list("parameters")).map(|list| lowering.texts(list));
        let mut module = Map::new();
        if let Some(parameters) = parameters {
            module.insert("parameters", Node::seq(parameters, origin));
        }
        match form(Thing::Modules, level.target) {
            Form::Legacy => {
                let mut named = Map::from_iter([(Text::new_static("name"), Node::str(name.clone(), origin))]);
                for (key, node) in module {
                    named.insert(key, node);
                }
                list.push(Node::map(named, origin));
            }
            Form::Document => draft.document("KernelModuleConfig", Some(name), origin, module),
        }
    }
    if !list.is_empty() {
        draft.legacy(&["machine", "kernel"], origin).insert("modules", Node::seq(list, origin));
    }
}
