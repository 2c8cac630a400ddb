//! Labels and annotations of Omni's resources.
//!
//! Mirrors `Descriptors.Validate` in `models/models.go`, and the limits of `validations/metadata.go`.

use super::{LevelOf, LevelOwner, place_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Fields, Slot};
use crate::fleet::View;
use crate::source::Span;
use crate::talos::lower::{Lowering, show};
use crate::text::Text;
use crate::tree::Node;

/// What Omni keeps for itself.
const OWN: &str = "omni.sidero.dev/";
const MAX_ENTRIES: usize = 256;
const MAX_KEY: usize = 1024;
const MAX_VALUE: usize = 16 * 1024;

/// The labels and annotations of a level, of its patches, and of what else a cluster says.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>) {
    let mut all: Vec<Labels> = Vec::new();
    let mut add = |fields: &Fields| all.extend(KINDS.iter().filter_map(|kind| of_field(fields, kind)));
    if level.at != LevelOwner::Loose {
        add(level.fields);
    }
    for field in ["manifest", "healthcheck"] {
        let entries = level.fields.block(field).into_iter().flat_map(Fields::iter);
        entries.filter_map(|(_, slot)| slot.map()).for_each(&mut add);
    }
    for patch in level.patches {
        for (kind, node) in KINDS.iter().zip([patch.labels(), patch.annotations()]) {
            all.extend(node.and_then(|node| of_node(lowering, node, kind)));
        }
    }
    of_machine(lowering, level);
    if matches!(level.at, LevelOwner::Cluster | LevelOwner::Set) {
        of_nodes(lowering, level);
    }
    for labels in &all {
        for finding in limits(labels, level.cluster.span) {
            lowering.report(finding.in_cluster(&level.cluster.name));
        }
        for (key, _, at) in labels.entries.iter().filter(|(key, ..)| key.starts_with(OWN)) {
            let at = at.unwrap_or(level.cluster.span);
            lowering.report(reserved(lowering, at, key).in_cluster(&level.cluster.name));
        }
    }
}

/// Labels of a machine in the template are those of its membership in the set: `MachineSetNode` of `models/machine.go`.
fn of_machine(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>) {
    let (LevelOwner::Machine, Some(set), Some(machine)) = (level.at, level.set, level.machine) else {
        return;
    };
    let Some(slot) =
        level.fields.get("labels").filter(|slot| slot.map().is_some_and(|map| map.iter().next().is_some()))
    else {
        return;
    };
    let Some(at) = place_of(slot) else { return };
    let view = View::of_machine(level.cluster, set, machine);
    let mut finding = Diagnostic::new(
        Code::MachineLabels,
        "Omni neither shows the labels of a machine nor picks machines by them",
    )
    .label(at, "labels of its membership in the set alone")
    .note("`match` of a class sees the labels of the resource `MachineLabels`, which no template writes")
    .help("label the machine in Omni itself; labels of the Kubernetes node are `node-labels`")
    .concern(view.concern(lowering.flattener));
    finding.cause = Some(level.cluster.span);
    lowering.report(finding.in_cluster(&level.cluster.name));
}

/// Labels of Kubernetes on a resource of Omni, where nothing reads them.
fn of_nodes(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>) {
    let Some(labels) = of_field(level.fields, "labels") else { return };
    let domain = |key: &str| key.split_once('/').map(|(domain, _)| domain.to_owned());
    let theirs = |key: &str| {
        domain(key).is_some_and(|domain| {
            ["kubernetes.io", "k8s.io"].iter().any(|own| {
                domain.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
        })
    };
    for (key, _, at) in labels.entries.iter().filter(|(key, ..)| theirs(key)) {
        let at = at.or(labels.at).unwrap_or(level.cluster.span);
        let finding = Diagnostic::new(
            Code::NodeLabelOnResource,
            format!("`{key}` is a label of Kubernetes nodes, and stands on a resource of Omni"),
        )
        .label(at, "no node gets it")
        .note("`labels` are those of the resource that Omni keeps for the cluster or set")
        .help("write it in `node-labels { … }`");
        lowering.report(finding.in_cluster(&level.cluster.name));
    }
}

/// The two kinds, as fields call them.
const KINDS: [&str; 2] = ["labels", "annotations"];

/// The labels, or the annotations, of one resource, whatever said them.
pub(super) struct Labels {
    kind: &'static str,
    at: Option<Span>,
    /// Key, value and place.
    entries: Vec<(Text, Text, Option<Span>)>,
}

/// Those of a field.
pub(super) fn of_field(fields: &Fields, kind: &'static str) -> Option<Labels> {
    let slot = fields.get(kind)?;
    let entry = |(key, slot): (&Text, &Slot)| {
        (key.clone(), slot.leaf().and_then(show).unwrap_or_default(), place_of(slot))
    };
    Some(Labels { kind, at: place_of(slot), entries: slot.map()?.iter().map(entry).collect() })
}

/// Those of a patch.
fn of_node(lowering: &Lowering<'_, '_>, node: &Node, kind: &'static str) -> Option<Labels> {
    let at = |node: &Node| lowering.origins.place(node);
    let entry = |(key, value): (&Text, &Node)| {
        (key.clone(), Text::new(value.as_str().unwrap_or_default()), at(value))
    };
    Some(Labels { kind, at: at(node), entries: node.as_map()?.iter().map(entry).collect() })
}

/// What exceeds the limits of the server.
pub(super) fn limits(labels: &Labels, otherwise: Span) -> Vec<Diagnostic> {
    let Labels { kind, at, entries } = labels;
    let at = at.unwrap_or(otherwise);
    let mut out = Vec::new();
    if entries.len() > MAX_ENTRIES {
        out.push(limit(at, format!("{} {kind}", entries.len()), format!("Omni takes {MAX_ENTRIES}")));
    }
    for (key, value, own) in entries {
        let at = own.unwrap_or(at);
        if key.len() > MAX_KEY || value.len() > MAX_VALUE {
            let takes = format!("Omni takes {MAX_KEY} bytes for a key and {MAX_VALUE} for a value");
            out.push(limit(at, format!("one of the {kind} is too long"), takes));
        } else if value.chars().chain(key.chars()).any(char::is_control) {
            let what = format!("one of the {kind} has a control character in it");
            out.push(limit(at, what, "Omni takes none, line ends included".into()));
        }
    }
    out
}

fn limit(at: Span, what: String, takes: String) -> Diagnostic {
    Diagnostic::new(Code::OmniLimit, what)
        .label(at, takes)
        .help("shorten it: annotations are no place for files")
}

/// A key under Omni's own prefix.
pub(super) fn reserved(lowering: &Lowering<'_, '_>, at: Span, key: &str) -> Diagnostic {
    let finding = Diagnostic::new(Code::ReservedLabel, format!("`{key}` is a key that only Omni may set"))
        .label(at, format!("under `{OWN}`"))
        .note("Omni refuses a template that sets one")
        .help(format!("use a key of your own, such as `{}`", &key[OWN.len()..]));
    let text = lowering.flattener.types.names.sources.text(at);
    match text.find(OWN) {
        Some(offset) => {
            let start = at.start + offset as u32;
            finding.offer(Span { start, end: start + OWN.len() as u32, ..at }, "")
        }
        None => finding,
    }
}
