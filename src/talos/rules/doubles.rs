//! What patches say twice: Talos puts the lists of the levels behind one another, and in some of them it refuses a name that is there.
//!
//! Lowered fields write of a list what the levels above lack; what a user's patch holds is written as it stands. Mirrors
//! `pkg/machinery/config/merge` (which lists are added up, from the table), `ClusterInlineManifests.Validate`, the validation of
//! `machine.install.extensions` and of encryption keys in `pkg/machinery/config/types`.

use rustc_hash::FxHashMap;

use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Cluster, Fleet};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, LoweredCluster, Patch};
use crate::text::Text;
use crate::tree::{Node, Value};
use crate::world::config::{Merge, Spot, Type};

/// Lists in which Talos takes a value of a key once only, by their place in the table.
const ONCE: &[(&str, &str)] = &[
    ("cluster.inlineManifests", "name"),
    ("machine.install.extensions", "image"),
    ("machine.systemDiskEncryption.state.keys", "slot"),
    ("machine.systemDiskEncryption.ephemeral.keys", "slot"),
    ("VolumeConfig: encryption.keys", "slot"),
    ("UserVolumeConfig: encryption.keys", "slot"),
    ("RawVolumeConfig: encryption.keys", "slot"),
    ("SwapVolumeConfig: encryption.keys", "slot"),
];

/// Every chain of levels with a patch that a user wrote.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, lowered: &[LoweredCluster]) {
    for (cluster, lowered) in fleet.clusters.iter().zip(lowered) {
        // What is lowered is written once.
        if lowered.patches().all(|patch| patch.lowered) {
            continue;
        }
        let minor = cluster.target.talos.line().1;
        let mut found = Vec::new();
        let common = Level::of(lowering, &lowered.common, None, minor, &mut found);
        for set in &lowered.sets {
            let own = Level::of(lowering, &set.own, Some(&common), minor, &mut found);
            for patches in set.machines.iter().chain(&set.picked) {
                if own.by_user || patches.iter().any(|patch| !patch.lowered) {
                    Level::of(lowering, patches, Some(&own), minor, &mut found);
                }
            }
        }
        found.into_iter().for_each(|double| lowering.report(double.finding(cluster)));
    }
}

/// What the patches of a level add to lists.
struct Level<'p> {
    above: Option<&'p Level<'p>>,
    /// A patch of this level or one above was written by the user: lowered ones alone say nothing twice.
    by_user: bool,
    lists: FxHashMap<String, Elements<'p>>,
}

/// The elements of a list, each with who says it first.
#[derive(Default)]
struct Elements<'p> {
    scalars: FxHashMap<Text, First>,
    blocks: Vec<(&'p Node, First)>,
    /// By the value of the key that it may have once.
    keys: FxHashMap<Text, First>,
}

/// Who says an element first.
#[derive(Clone, Copy)]
struct First {
    at: Option<Span>,
    /// Its patch, among those of its level.
    patch: usize,
}

/// Something that is there twice.
struct Double {
    /// The path of the list.
    path: String,
    /// The element, if a line shows it.
    text: Text,
    at: Option<Span>,
    first: Option<Span>,
    /// The key of which Talos takes a value once.
    once: Option<&'static str>,
}

impl<'p> Level<'p> {
    fn of(
        lowering: &Lowering<'_, '_>,
        patches: &'p [Patch],
        above: Option<&'p Level<'p>>,
        minor: u16,
        found: &mut Vec<Double>,
    ) -> Level<'p> {
        let by_user = above.is_some_and(|above| above.by_user) || patches.iter().any(|patch| !patch.lowered);
        let mut level = Level { above, by_user, lists: FxHashMap::default() };
        for (patch, content) in patches.iter().map(|patch| &patch.content).enumerate() {
            let Content::Documents(documents) = content else { continue };
            for document in documents {
                let text = |key: &str| document.at(&[key]).and_then(Node::as_str);
                let (kind, name) = (text("kind"), text("name").unwrap_or_default());
                let mut path = kind.map(|kind| format!("{kind} {name}: ")).unwrap_or_default();
                if let Some(spot) = Spot::document(kind) {
                    let mut walk = Walk { lowering, level: &mut level, patch, minor, found: &mut *found };
                    walk.node(document, spot, &mut path);
                }
            }
        }
        level
    }

    /// Who says an element first, in this level or one above; of this level also in which patch.
    fn first(
        &self,
        path: &str,
        find: &dyn Fn(&Elements<'p>) -> Option<First>,
    ) -> Option<(Option<Span>, Option<usize>)> {
        let own = self.lists.get(path).and_then(find).map(|first| (first.at, Some(first.patch)));
        own.or_else(|| self.above.and_then(|above| above.first(path, find)).map(|(at, _)| (at, None)))
    }
}

struct Walk<'w, 'p, 'l, 'a> {
    lowering: &'w Lowering<'l, 'a>,
    level: &'w mut Level<'p>,
    patch: usize,
    minor: u16,
    found: &'w mut Vec<Double>,
}

impl<'p> Walk<'_, 'p, '_, '_> {
    fn node(&mut self, node: &'p Node, spot: Spot, path: &mut String) {
        let length = path.len();
        match &node.value {
            Value::Map(map) if map.get("$patch").is_none() => {
                for (key, inner) in map.iter() {
                    let Some(spot) = spot.child(key) else { continue };
                    let separator = if length == 0 || path.ends_with(' ') { "" } else { "." };
                    path.push_str(separator);
                    path.push_str(key);
                    self.node(inner, spot, path);
                    path.truncate(length);
                }
            }
            Value::Seq(items) if matches!(spot.ty_in(self.minor), Type::List(_)) => {
                let rule = if spot.is_whole() { spot.row().merge(self.minor) } else { Merge::Default };
                match (rule, spot.item()) {
                    (Merge::Default, _) => items.iter().for_each(|item| self.element(item, spot, path)),
                    (Merge::Keyed(keys), Some(inner)) => {
                        for item in items {
                            let key = keys.iter().find_map(|key| scalar(item.at(&[key])?));
                            path.push_str(&format!("[{}]", key.unwrap_or_default()));
                            self.node(item, inner, path);
                            path.truncate(length);
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn element(&mut self, item: &'p Node, spot: Spot, path: &str) {
        let at = self.lowering.origins.place(item);
        let place = spot.row().to_string();
        let once = ONCE.iter().find(|(list, _)| *list == place).map(|(_, key)| *key);
        let key = once.and_then(|key| item.at(&[key])).and_then(|node| Some((scalar(node)?, node)));
        let scalar = scalar(item);
        let first = match (&key, &scalar) {
            (Some((key, _)), _) => self.level.first(path, &|known| known.keys.get(key).copied()),
            (None, Some(text)) => self.level.first(path, &|known| known.scalars.get(text).copied()),
            (None, None) => {
                let same = |(have, _): &&(&Node, First)| *have == item;
                self.level.first(path, &|known| known.blocks.iter().find(same).map(|(_, first)| *first))
            }
        };
        if let Some((first, patch)) = first {
            // What two patches of a level add to a list in order depends on which comes first, and that is said of them.
            if once.is_none() && spot.row().ordered() && patch.is_some_and(|patch| patch != self.patch) {
                return;
            }
            let at = key.as_ref().map_or(at, |(_, node)| self.lowering.origins.place(node).or(at));
            let text = key.map(|(text, _)| text).or(scalar).unwrap_or_default();
            return self.found.push(Double { path: path.to_owned(), text, at, first, once });
        }
        let own = key.as_ref().and_then(|(_, node)| self.lowering.origins.place(node));
        let first = First { at: own.or(at), patch: self.patch };
        let known = self.level.lists.entry(path.to_owned()).or_default();
        match (key, scalar) {
            (Some((key, _)), _) => drop(known.keys.insert(key, first)),
            (None, Some(text)) => drop(known.scalars.insert(text, first)),
            (None, None) => known.blocks.push((item, first)),
        }
    }
}

/// A scalar as Talos reads it where it wants text.
fn scalar(node: &Node) -> Option<Text> {
    match &node.value {
        Value::Bool(value) => Some(value.to_string().into()),
        Value::Int(value) => Some(value.to_string().into()),
        Value::Decimal(text) | Value::Str(text) => Some(text.clone()),
        Value::Null | Value::Seq(_) | Value::Map(_) => None,
    }
}

impl Double {
    fn finding(self, cluster: &Cluster) -> Diagnostic {
        let Double { path, text, at, first, once } = self;
        let shown = if text.is_empty() || text.contains('\n') || text.len() > 60 {
            "an element".to_owned()
        } else {
            format!("`{text}`")
        };
        let finding = match once {
            Some(key) => Diagnostic::new(
                Code::TakenOnce,
                format!("{shown} is the `{key}` of two elements of `{path}`, and Talos takes it once"),
            ),
            None => Diagnostic::new(Code::ElementTwice, format!("{shown} would stand twice in `{path}`")),
        };
        let finding = match at {
            Some(at) => finding.label(at, "again here"),
            None => finding.label(cluster.span, "in its patches"),
        };
        let finding = finding
            .label_if(first.filter(|first| Some(*first) != at), "first here")
            .note("Talos adds up the lists of all patches that reach a machine");
        finding.help("remove one of the two").in_cluster(&cluster.name)
    }
}

#[cfg(test)]
mod tests {
    use super::ONCE;
    use crate::world::config::rows;

    #[test]
    fn the_places_are_lists_of_the_table() {
        for (place, key) in ONCE {
            let row = rows().find(|row| row.to_string() == *place);
            assert!(row.is_some_and(|row| row.field(key).is_some()), "{place} {key}");
        }
    }
}
