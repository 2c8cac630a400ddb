//! What comes to stand in a list twice once the patches of all levels are merged: Talos puts lists one behind the other.

use rustc_hash::FxHashSet;

use super::got::{Got, holds};
use crate::diagnostics::{Code, Diagnostic};
use crate::talos::lower::Lowering;
use crate::talos::overlay::{Config, Twice};
use crate::talos::{Content, LoweredCluster, Patch, Resolved};
use crate::tree::{Node, Origin, Value};
use crate::world::config::Row;

/// Lists whose elements must differ in a field, or Talos refuses the configuration.
/// Source: `ClusterInlineManifests.Validate`, `EncryptionSpec.Validate` and `Config.Validate` in `pkg/machinery/config/types`.
const UNIQUE: &[(&str, &[&str], &str)] = &[
    ("", &["cluster", "inlineManifests"], "name"),
    ("", &["machine", "install", "extensions"], "image"),
    ("", &["machine", "systemDiskEncryption", "state", "keys"], "slot"),
    ("", &["machine", "systemDiskEncryption", "ephemeral", "keys"], "slot"),
    ("VolumeConfig", &["encryption", "keys"], "slot"),
    ("UserVolumeConfig", &["encryption", "keys"], "slot"),
    ("RawVolumeConfig", &["encryption", "keys"], "slot"),
    ("SwapVolumeConfig", &["encryption", "keys"], "slot"),
];

/// Judges every machine of a cluster; what several get is said once.
pub(super) struct Lists {
    /// Of each set, whether all elements differ that must.
    differ: Vec<bool>,
    said: FxHashSet<(Origin, Origin)>,
}

impl Lists {
    /// Those of a cluster.
    pub(super) fn of(Resolved { cluster, overlay, .. }: Resolved<'_>) -> Lists {
        let differ = |set: usize| unique(overlay.set(set), &|_, _| true).is_empty();
        Lists { differ: (0..cluster.sets.len()).map(differ).collect(), said: FxHashSet::default() }
    }

    /// What some machines get.
    pub(super) fn judge(&mut self, lowering: &mut Lowering<'_, '_>, of: Resolved<'_>, got: &Got<'_>) {
        let config = got.config;
        // Where elements of the set differ, only what a machine adds can be one of them again.
        let all = !self.differ[got.at] || got.machine.is_none();
        let wanted = |kind: &str, path: &[&str]| all || config.adds_at(kind, path);
        let whose = Whose { of, got };
        for (list, first, second, node, key) in unique(config, &wanted) {
            if self.said.insert((first, second)) {
                report_key(lowering, whose, (&list, key), (first, second), node);
            }
        }
        for twice in config.twice() {
            // What Talos generates is no declaration of the user's.
            if twice.first != Origin::NONE
                && is_plain(twice.list)
                && self.said.insert((twice.first, twice.second))
                && !disagree(of.lowered, twice)
            {
                report_twice(lowering, whose, twice.list, twice.first, twice.second);
            }
        }
    }
}

/// Whose list it is.
#[derive(Clone, Copy)]
struct Whose<'g> {
    of: Resolved<'g>,
    got: &'g Got<'g>,
}

/// Whether both elements stand in patches of one level: that those add to one ordered list is another finding.
fn disagree(lowered: &LoweredCluster, twice: &Twice) -> bool {
    let sets = lowered.sets.iter();
    let sets = sets.flat_map(|set| std::iter::once(&set.own).chain(&set.machines).chain(&set.picked));
    let mut levels = std::iter::once(&lowered.common).chain(sets);
    let has = |patches: &[Patch], origin: Origin| {
        patches.iter().any(|patch| match &patch.content {
            Content::Documents(documents) => documents.iter().any(|node| holds(node, origin)),
            Content::File(_) => false,
        })
    };
    twice.list.ordered() && levels.any(|patches| has(patches, twice.first) && has(patches, twice.second))
}

/// Elements that Talos takes for one, in the lists that are wanted: the list, both places, the second element, and the field that
/// names it.
fn unique<'g>(
    config: Config<'g>,
    wanted: &dyn Fn(&str, &[&str]) -> bool,
) -> Vec<(String, Origin, Origin, &'g Node, &'static str)> {
    let mut out = Vec::new();
    for (kind, path, key) in UNIQUE.iter().filter(|(kind, path, _)| wanted(kind, path)) {
        let documents = config.of_kind(kind).filter_map(|document| document.view.at(path)?.as_seq());
        for items in documents {
            for (at, item) in items.iter().enumerate() {
                let Some(named) = item.at(&[*key]) else { continue };
                if let Some(first) = items[..at].iter().find(|first| first.at(&[*key]) == Some(named)) {
                    let list =
                        if kind.is_empty() { path.join(".") } else { format!("{kind}: {}", path.join(".")) };
                    out.push((list, first.origin, item.origin, item, *key));
                }
            }
        }
    }
    out
}

/// Whether a list may hold an element twice as far as Talos is concerned.
fn is_plain(list: Row) -> bool {
    let shown = list.to_string();
    !UNIQUE.iter().any(|(kind, path, _)| match kind.is_empty() {
        true => shown == path.join("."),
        false => shown == format!("{kind}: {}", path.join(".")),
    })
}

fn report_key(
    lowering: &mut Lowering<'_, '_>,
    whose: Whose<'_>,
    (list, key): (&str, &str),
    (first, second): (Origin, Origin),
    node: &Node,
) {
    let Some(at) = whose.got.blame(lowering, whose.of.cluster, second) else { return };
    let other = whose.got.blame(lowering, whose.of.cluster, first);
    let named = node.at(&[key]).map(shown).unwrap_or_default();
    let finding = Diagnostic::new(
        Code::KeyTwice,
        format!("Talos refuses two elements of `{list}` with one `{key}`: {named}"),
    )
    .label(at, if other == Some(at) { "twice on one machine" } else { "the second" })
    .label_if(other.filter(|other| *other != at), "the first")
    .note(reason(other == Some(at)))
    .help(format!("keep one of the two, or give it another `{key}`"));
    lowering.report(finding.in_cluster(&whose.of.cluster.name));
}

fn report_twice(lowering: &mut Lowering<'_, '_>, whose: Whose<'_>, list: Row, first: Origin, second: Origin) {
    let (Some(at), other) = (
        whose.got.blame(lowering, whose.of.cluster, second),
        whose.got.blame(lowering, whose.of.cluster, first),
    ) else {
        return;
    };
    let finding =
        Diagnostic::new(Code::ElementTwice, format!("what stands here comes to stand in `{list}` twice"))
            .label(at, "adds it again")
            .label_if(other.filter(|other| *other != at), "adds it")
            .note(reason(other == Some(at)))
            .help("keep one of the two");
    lowering.report(finding.in_cluster(&whose.of.cluster.name));
}

/// Why an element is there twice; `one` if both stand in one place.
fn reason(one: bool) -> &'static str {
    match one {
        true => "the same patch reaches the machine on two levels, and Talos puts lists one behind the other",
        false => "Talos puts the lists of all patches one behind the other, those of the cluster first",
    }
}

fn shown(node: &Node) -> String {
    match &node.value {
        Value::Str(text) | Value::Decimal(text) => format!("`{text}`"),
        Value::Int(number) => format!("`{number}`"),
        Value::Bool(word) => format!("`{word}`"),
        Value::Null | Value::Seq(_) | Value::Map(_) => "the same".to_owned(),
    }
}
