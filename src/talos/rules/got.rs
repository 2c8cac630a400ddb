//! Who gets what: the effective configurations that rules judge.

use rustc_hash::FxHashSet;

use crate::fleet::{Cluster, Member, Set, View};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::overlay::{Config, ConfigView};
use crate::talos::{Content, LoweredCluster, Patch, Resolved};
use crate::tree::{Node, Origin, Value};
use crate::world::config::Row;

/// What some machines get, all levels merged.
#[derive(Clone, Copy)]
pub(super) struct Got<'g> {
    /// The set, by its index.
    pub(super) at: usize,
    pub(super) set: &'g Set,
    /// The machine, if it says something of its own: listed, or one that a class picks up.
    pub(super) machine: Option<&'g Member>,
    /// The patches of the machine itself.
    pub(super) own: &'g [Patch],
    pub(super) config: Config<'g>,
}

impl Got<'_> {
    /// Where the user can act on what stands at an origin.
    pub(super) fn blame(
        &self,
        lowering: &mut Lowering<'_, '_>,
        cluster: &Cluster,
        origin: Origin,
    ) -> Option<Span> {
        let step = lowering.origins.last(origin)?;
        // As nearly everything: then it does not matter how it came here.
        if lowering.flattener.types.names.in_project(step.span) {
            return Some(step.span);
        }
        let view = match self.machine {
            Some(machine) => View::of_machine(cluster, self.set, machine),
            None => View::of_set(cluster, self.set),
        };
        Some(view.roots().blame(lowering.flattener, step.owner, step.span).span)
    }
}

/// The groups of machines of a cluster that get one configuration: see [`each`].
pub(super) fn groups<'f>(of: Resolved<'f>) -> Vec<(&'f Set, Option<&'f Member>)> {
    let mut out = Vec::new();
    for (s, set) in of.cluster.sets.iter().enumerate() {
        let own = set.machines().iter().enumerate().filter(|(m, _)| of.adds(s, *m));
        out.extend(is_alone(of, s).then_some((set, None)));
        out.extend(own.map(|(_, machine)| (set, Some(machine))));
    }
    let sets = of.cluster.sets.iter();
    out.extend(sets.flat_map(|set| set.picked.iter().map(move |picked| (set, Some(&picked.machine)))));
    out
}

/// Whether some machines of a set, known or not, get what the set gets.
fn is_alone(of: Resolved<'_>, s: usize) -> bool {
    let machines = of.cluster.sets[s].machines().len();
    machines == 0 || (0..machines).any(|m| !of.adds(s, m))
}

/// Shows what each machine of a set gets: once for those that say nothing of their own, and for each of the others. What one of them
/// gets is made for the call and no longer: a set may have thousands.
pub(super) fn each(of: Resolved<'_>, s: usize, judge: &mut dyn FnMut(Got<'_>)) {
    let (set, lowered) = (&of.cluster.sets[s], &of.lowered.sets[s]);
    if is_alone(of, s) {
        judge(Got { at: s, set, machine: None, own: &[], config: of.overlay.set(s) });
    }
    for (m, machine) in set.machines().iter().enumerate().filter(|(m, _)| of.adds(s, *m)) {
        let own = &lowered.machines[m];
        of.machine(s, m, |config| judge(Got { at: s, set, machine: Some(machine), own, config }));
    }
    for ((picked, own), config) in set.picked.iter().zip(&lowered.picked).zip(of.overlay.picked(s)) {
        judge(Got { at: s, set, machine: Some(&picked.machine), own, config });
    }
}

/// A place that a rule asks of what machines get.
pub(super) struct Path {
    pub(super) row: Row,
    /// The kind of its document; empty for the v1alpha1 one.
    pub(super) kind: &'static str,
    /// The fields that lead there from the top of its document.
    pub(super) names: Vec<&'static str>,
}

impl Path {
    /// That of a row.
    pub(super) fn of(row: Row) -> Path {
        let fields = row.ancestors().filter(|row| row.parent().is_some());
        let mut names: Vec<&str> = fields.map(Row::name).collect();
        names.reverse();
        Path { row, kind: row.root().name(), names }
    }

    /// Those of several rows.
    pub(super) fn all(rows: &[Row]) -> Vec<Path> {
        rows.iter().copied().map(Path::of).collect()
    }

    /// Calls a function for all that a configuration has there: one for each document, and for each element of the lists on the way.
    pub(super) fn find<'g>(&self, config: Config<'g>, found: &mut dyn FnMut(ConfigView<'g>)) {
        for document in config.of_kind(self.kind) {
            below(document.view, &self.names, found);
        }
    }
}

fn below<'g>(view: ConfigView<'g>, names: &[&str], found: &mut dyn FnMut(ConfigView<'g>)) {
    let Some((first, rest)) = names.split_first() else { return found(view) };
    match view.as_seq() {
        Some(items) => items.iter().for_each(|item| below(ConfigView::node(item), names, found)),
        None => {
            if let Some(inner) = view.get(first) {
                below(inner, rest, found);
            }
        }
    }
}

/// Which sets were asked for which places: a machine that says nothing at a place gets there what its set gets.
#[derive(Default)]
pub(super) struct Asked(FxHashSet<(usize, Row)>);

impl Asked {
    /// Whether what some machines get at a place may be something that was not looked at yet.
    pub(super) fn is_new(&mut self, got: &Got<'_>, path: &Path) -> bool {
        // A machine that adds something, or may, is not its set.
        let unread = || got.own.iter().any(|patch| matches!(patch.content, Content::File(_)));
        let adds = got.machine.is_some() && (got.config.adds_at(path.kind, &path.names) || unread());
        adds || self.0.insert((got.at, path.row))
    }
}

/// Whether the patch that holds a node is not compared with what is known of Talos.
pub(super) fn unchecked(lowered: &LoweredCluster, origin: Origin) -> bool {
    let mut patches = lowered.patches().filter(|patch| patch.unchecked);
    patches.any(|patch| match &patch.content {
        Content::Documents(documents) => documents.iter().any(|node| holds(node, origin)),
        Content::File(_) => false,
    })
}

/// Whether a node, or something in it, has an origin.
pub(super) fn holds(node: &Node, origin: Origin) -> bool {
    node.origin == origin
        || match &node.value {
            Value::Map(map) => map.values().any(|node| holds(node, origin)),
            Value::Seq(items) => items.iter().any(|node| holds(node, origin)),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Str(_) => false,
        }
}
