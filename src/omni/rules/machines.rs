//! A machine belongs to one set of one cluster, and a UUID to one machine.
//!
//! Mirrors the search for duplicates in `models/list.go` of Omni's templates.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};
use smallvec::SmallVec;

use super::place_of;
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Fleet, Head, Member, SetOutline};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::lower::Lowering;
use crate::text::{Text, all_of, some_of};

/// How many machines and places a finding names.
const NAMED: usize = 4;

/// One use of a UUID.
struct Use {
    id: Text,
    /// Cluster and set, by their indices.
    cluster: u32,
    set: u32,
    decl: DeclId,
    /// Where the set lists the machine.
    span: Span,
    /// Where the UUID is said.
    said: Option<Span>,
}

/// The UUIDs of all listed machines, in order.
#[derive(Default)]
pub(super) struct Uuids(Vec<Use>);

impl Uuids {
    /// Notes those of a cluster.
    pub(super) fn gather(&mut self, of: Resolved<'_>) {
        for (at, set) in of.cluster.sets.iter().enumerate() {
            let used = |machine: &Member| Use {
                id: machine.id.clone(),
                cluster: of.cluster.index as u32,
                set: at as u32,
                decl: machine.decl,
                span: machine.span,
                said: machine.flat.fields.get("id").and_then(place_of),
            };
            self.0.extend(set.machines().iter().map(used));
        }
    }

    /// Adds those of later clusters.
    pub(super) fn append(&mut self, mut later: Uuids) {
        self.0.append(&mut later.0);
    }

    /// Every UUID that is used twice.
    pub(super) fn finish(self, lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
        // Hardly any is used twice.
        let mut seen: FxHashSet<&Text> = FxHashSet::default();
        let again: FxHashSet<&Text> =
            self.0.iter().map(|used| &used.id).filter(|id| !seen.insert(id)).collect();
        let mut found: IndexMap<&Text, SmallVec<[At<'_>; 1]>, FxBuildHasher> = IndexMap::default();
        for used in self.0.iter().filter(|used| again.contains(&used.id)) {
            found.entry(&used.id).or_default().extend(At::of(used, fleet));
        }
        let mut shared = Shared::default();
        for uses in found.values() {
            within(lowering, uses);
            share(&mut shared, uses);
        }
        for machines in shared.values() {
            let finding = in_two_clusters(lowering, machines);
            lowering.report(finding);
        }
    }
}

/// A use with the cluster and the set that it is in.
#[derive(Clone, Copy)]
struct At<'f> {
    used: &'f Use,
    cluster: &'f Head,
    set: &'f SetOutline,
}

impl<'f> At<'f> {
    fn of(used: &'f Use, fleet: &'f Fleet) -> Option<At<'f>> {
        let cluster = &fleet.clusters[used.cluster as usize];
        Some(At { used, cluster, set: cluster.outline.as_ref()?.sets.get(used.set as usize)? })
    }

    fn span(&self) -> Span {
        self.used.span
    }

    fn is_beside(&self, other: &At<'_>) -> bool {
        self.used.cluster == other.used.cluster
    }
}

/// Uses of a UUID in one cluster, each against the first.
fn within(lowering: &mut Lowering<'_, '_>, uses: &[At<'_>]) {
    let mut first: Option<At<'_>> = None;
    for &here in uses {
        let Some(before) = first.filter(|first| first.is_beside(&here)) else {
            first = Some(here);
            continue;
        };
        let finding = if here.used.decl == before.used.decl {
            in_two_sets(&name(lowering, here.used.decl), before, here)
        } else {
            uuid_twice(lowering, before, here)
        };
        lowering.report(finding.in_cluster(&here.cluster.name));
    }
}

fn name(lowering: &Lowering<'_, '_>, id: DeclId) -> Text {
    lowering.flattener.types.names.decl(id).name.clone()
}

fn in_two_sets(name: &str, first: At<'_>, here: At<'_>) -> Diagnostic {
    let one_list = here.span() == first.span();
    let finding = Diagnostic::new(
        Code::MachineInTwoSets,
        format!("the machine `{name}` is in two sets of `{}`", here.cluster.name),
    );
    let finding = match one_list {
        true => finding
            .label(here.span(), "listed here, for both")
            .label(here.set.span, here.set.shown())
            .label(first.set.span, first.set.shown()),
        false => finding
            .label(here.span(), format!("listed by {}", here.set.shown()))
            .label(first.span(), format!("listed by {}", first.set.shown())),
    };
    finding.help("remove it from one of the two")
}

/// Two declarations: one machine under two names, or a UUID that was copied.
fn uuid_twice(lowering: &Lowering<'_, '_>, first: At<'_>, here: At<'_>) -> Diagnostic {
    let names = [first, here].map(|a_use| name(lowering, a_use.used.decl));
    let message = format!("the machines `{}` and `{}` have one UUID", names[0], names[1]);
    let finding = Diagnostic::new(Code::UuidTwice, message);
    let finding = match (first.used.said, here.used.said) {
        (Some(one), Some(two)) if one == two => finding.label(two, "both inherit it from here"),
        (one, two) => finding
            .label_if(two, format!("the UUID of `{}`", names[1]))
            .label_if(one, format!("`{}` has it already", names[0])),
    };
    let mut finding = finding;
    for (a_use, name) in [(here, &names[1]), (first, &names[0])] {
        finding = finding.label(a_use.span(), format!("`{name}` is listed by {}", a_use.set.shown()));
    }
    finding
        .note(format!("the UUID is {}", here.used.id))
        .help("give each its own UUID, as `omnictl get machines` shows it; if they are one machine, keep one of the two")
}

/// Machines that are in several clusters, those that are in the same ones together.
type Shared<'f> = IndexMap<Vec<u32>, Vec<Vec<At<'f>>>, FxBuildHasher>;

/// Adds a machine, if it is in several clusters.
fn share<'f>(shared: &mut Shared<'f>, uses: &[At<'f>]) {
    let mut each = uses.to_vec();
    each.dedup_by_key(|a_use| a_use.used.cluster);
    if each.len() > 1 {
        shared.entry(each.iter().map(|a_use| a_use.used.cluster).collect()).or_default().push(each);
    }
}

fn in_two_clusters(lowering: &Lowering<'_, '_>, machines: &[Vec<At<'_>>]) -> Diagnostic {
    let uses = &machines[0];
    let clusters: Vec<&Text> = uses.iter().map(|a_use| &a_use.cluster.name).collect();
    let mut names: Vec<Text> = machines.iter().map(|uses| name(lowering, uses[0].used.decl)).collect();
    if let ([_], Some(other)) = (machines, uses.iter().find(|a_use| a_use.used.decl != uses[0].used.decl)) {
        names.push(name(lowering, other.used.decl));
    }
    let message = match (names.as_slice(), machines) {
        ([name], _) => format!("the machine `{name}` is in the clusters {}", some_of(&clusters, NAMED)),
        (names, [_]) => {
            format!("{} have one UUID, in the clusters {}", all_of(names), some_of(&clusters, NAMED))
        }
        (names, _) => {
            format!(
                "the machines {} are in the clusters {}",
                some_of(names, NAMED),
                some_of(&clusters, NAMED)
            )
        }
    };
    let mut finding = Diagnostic::new(Code::MachineInTwoClusters, message);
    let one_list = machines.iter().all(|uses| inherited(uses));
    for uses in machines.iter().take(if one_list { 1 } else { NAMED }) {
        finding = match inherited(uses) {
            true => finding.label(uses[0].span(), format!("taken for {}", some_of(&clusters, NAMED))),
            false => uses.iter().rev().take(NAMED).fold(finding, |finding, a_use| {
                finding.label(a_use.span(), format!("taken for `{}`", a_use.cluster.name))
            }),
        };
    }
    if one_list {
        for a_use in uses.iter().take(NAMED) {
            finding = finding.label(a_use.cluster.span, "inherits the list");
        }
    }
    finding.help("sync only one of them at a time, or remove them from the others")
}

/// Whether the clusters of a machine all take it from one place.
fn inherited(uses: &[At<'_>]) -> bool {
    uses.iter().all(|a_use| a_use.span() == uses[0].span())
}
