//! Builds the fleet: every cluster of every entry, its sets, and their machines.

use std::sync::Arc;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;

use super::{
    Chain, Class, ClassUser, Cluster, Fleet, Head, LooseMachine, Member, Picked, RESOLVED, Set, Size, Source,
    Target, TargetSpans, errors, version_of,
};
use crate::diagnostics::{Diagnostic, Poison};
use crate::flatten::place::{self, Relation};
use crate::flatten::{Fields, Flat, Flattener, Slot};
use crate::kinds;
use crate::resolve::{DeclId, ScopeId};
use crate::source::Span;
use crate::text::Text;
use crate::typing::Val;

impl Fleet {
    /// Everything that the entries reach, its clusters not placed yet. What is wrong with it is in the findings of the flattener.
    pub fn of(flattener: &mut Flattener, entries: &[ScopeId]) -> Fleet {
        let mut fleet = Fleet::default();
        let mut seen: FxHashSet<DeclId> = FxHashSet::default();
        for &entry in entries {
            for scope in flattener.types.names.reachable(entry) {
                for id in flattener.types.names.own(scope).to_vec() {
                    let decl = flattener.types.names.decl(id);
                    let (kind, skip) = (decl.kind, decl.is_abstract || decl.is_extern);
                    let head = || Head {
                        decl: id,
                        name: decl.name.clone(),
                        span: decl.span,
                        entry: scope,
                        outline: None,
                    };
                    let cluster = (kind == kinds::CLUSTER && !skip).then(head);
                    if kind == kinds::CLASS && !skip {
                        fleet.add_class(flattener, id, entry);
                    }
                    if seen.contains(&id) || skip {
                        continue;
                    }
                    if let Some(head) = cluster {
                        seen.insert(id);
                        fleet.clusters.push(head);
                    } else if kind == kinds::MACHINE {
                        seen.insert(id);
                        fleet.add_loose(flattener, id, scope);
                    }
                }
            }
        }
        fleet.connect(flattener);
        fleet
    }

    /// Places a cluster, by its index. `None` if it has no target, which is reported.
    pub fn place(&self, flattener: &mut Flattener, index: usize) -> Option<Cluster> {
        let mut cluster = cluster(flattener, index, &self.clusters[index])?;
        for set in &mut cluster.sets {
            let Source::Class { class, .. } = &set.source else { continue };
            for &i in self.picking.get(class).into_iter().flat_map(|picking| &picking.machines) {
                let machine = picked(flattener, &self.loose[i].machine, &cluster.target);
                set.picked.push(Picked { loose: i, machine });
            }
        }
        Some(cluster)
    }

    /// The classes that pick declared machines up, each with those machines and how many its sets take, if all of them say a number.
    pub fn picking(
        &self,
    ) -> impl Iterator<Item = (DeclId, impl Iterator<Item = &LooseMachine>, Option<u32>)> {
        self.picking.iter().map(|(class, picking)| {
            let taken =
                picking.users.iter().try_fold(0u32, |sum, user| Some(sum.saturating_add(user.count?)));
            (*class, picking.machines.iter().map(|at| &self.loose[*at]), taken)
        })
    }

    fn add_class(&mut self, flattener: &mut Flattener, id: DeclId, entry: ScopeId) {
        if let Some(class) = self.classes.iter_mut().find(|class| class.decl == id) {
            if !class.entries.contains(&entry) {
                class.entries.push(entry);
            }
            return;
        }
        let flat = flattener.flat(id, &Arc::default(), None);
        self.classes.push(Class { decl: id, flat, entries: vec![entry] });
    }

    /// A machine with a class is not listed in a set.
    fn add_loose(&mut self, flattener: &mut Flattener, id: DeclId, entry: ScopeId) {
        if !flattener.may_decide(id, "class") {
            return;
        }
        let Some(Val::Ref(class, _)) = flattener.deciding(id).leaf("class").cloned() else { return };
        let flat = flattener.flat(id, &Arc::default(), None);
        let typed = flattener.types.typed(id);
        for param in typed.params.iter().filter(|param| param.default.is_none()) {
            let name = &flattener.types.names.decl(id).name;
            let finding = crate::typing::errors::never_given(param, "machine", name);
            flattener.report(finding);
        }
        let span = flattener.types.names.decl(id).span;
        if let Some(uuid) = uuid_of(flattener, &flat) {
            let machine = Member::new(id, flat, uuid, span);
            self.loose.push(LooseMachine { machine, class, users: Vec::new(), entry });
        }
    }

    /// Finds every set that takes machines from a class in which declared machines wait. For that the clusters are placed, and let go
    /// of again: most fleets have no such machines.
    fn connect(&mut self, flattener: &mut Flattener) {
        if self.loose.is_empty() {
            return;
        }
        for (at, loose) in self.loose.iter().enumerate() {
            self.picking.entry(loose.class).or_default().machines.push(at);
        }
        let found = flattener.side_by_side(self.clusters.len(), |flattener, index| {
            let placed = cluster(flattener, index, &self.clusters[index])?;
            let users = self.users(&placed);
            flattener.let_go();
            Some((placed.target, users))
        });
        let mut targets: Vec<Option<Target>> = Vec::with_capacity(found.len());
        for placed in found {
            let (target, users) = placed.unzip();
            targets.push(target);
            for (class, user) in users.into_iter().flatten() {
                self.picking.entry(class).or_default().users.push(user);
            }
        }
        for loose in &mut self.loose {
            let users = self.picking.get(&loose.class).map_or(&[][..], |picking| &picking.users);
            loose.users = users.iter().map(|user| (user.cluster, user.set)).collect();
            if let Some(target) = users.first().and_then(|user| targets[user.cluster].as_ref()) {
                loose.machine = picked(flattener, &loose.machine, target);
            }
        }
    }

    /// The sets of a cluster that take machines from classes that pick declared ones up.
    fn users(&self, cluster: &Cluster) -> Vec<(DeclId, ClassUser)> {
        let user = |(at, set): (usize, &Set)| match &set.source {
            Source::Class { class, .. } if self.picking.contains_key(class) => {
                Some((*class, ClassUser { cluster: cluster.index, set: at, count: set.count() }))
            }
            _ => None,
        };
        cluster.sets.iter().enumerate().filter_map(user).collect()
    }
}

/// A machine that a class picks up, folded for the versions of a cluster that may get it.
fn picked(flattener: &mut Flattener, machine: &Member, target: &Target) -> Member {
    let flat = flattener.flat(machine.decl, &Arc::default(), Some(&target.talos));
    Member { flat, over: OnceLock::new(), ..machine.clone() }
}

fn report_all(flattener: &mut Flattener, findings: Vec<Diagnostic>) {
    for finding in findings {
        flattener.report(finding);
    }
}

fn cluster(flattener: &mut Flattener, index: usize, head: &Head) -> Option<Cluster> {
    let &Head { decl: id, span, entry, .. } = head;
    let versions = flattener.deciding(id);
    let talos = versions.leaf("talos").and_then(version_of);
    let flat = flattener.flat(id, &Arc::default(), talos.as_ref());
    let mut poison = flat.poison;
    let (target, target_spans) = target(flattener, &versions, &head.name, span, poison)?;
    let mut sets = Vec::new();
    for (kind, control) in [("controlplane", true), ("workers", false)] {
        for (name, slot) in flat.fields.block(kind).into_iter().flat_map(Fields::iter) {
            let at = SetAt { cluster: &head.name, above: Chain::top(&flat.fields), target: &target, poison };
            sets.extend(set(flattener, at, name, slot, control));
        }
    }
    let control_planes = sets.iter().filter(|set| set.control).count();
    if control_planes == 0 {
        if poison.is_clean() {
            flattener.report(errors::no_control_plane(span, &head.name));
        }
        poison |= Poison::WRONG;
        sets.iter_mut().for_each(|set| set.poison |= poison.inherited());
    }
    Some(Cluster {
        index,
        decl: id,
        name: head.name.clone(),
        span,
        entry,
        target,
        target_spans,
        flat,
        sets,
        poison,
    })
}

/// The fields of a level that hold for its nodes.
fn node_fields(fields: &Fields) -> impl Iterator<Item = (&Text, &Slot)> {
    fields.iter_raw().filter(|(name, _)| kinds::comes_down(name))
}

fn target(
    flattener: &mut Flattener,
    versions: &Fields,
    name: &str,
    span: Span,
    poison: Poison,
) -> Option<(Target, TargetSpans)> {
    let version = |field: &str| versions.leaf(field).and_then(version_of);
    let place = |field: &str| versions.get(field).and_then(Slot::span);
    let (talos, kubernetes) = (version("talos"), version("kubernetes"));
    let versions = [("talos", &talos), ("kubernetes", &kubernetes)];
    let absent: Vec<&str> =
        versions.iter().filter(|(_, value)| value.is_none()).map(|(field, _)| *field).collect();
    if !absent.is_empty() && poison.is_clean() {
        flattener.report(errors::required(span, "cluster", name, &absent));
    }
    let talos = talos?;
    let created_with = version("created-with").unwrap_or_else(|| talos.clone());
    let spans = TargetSpans {
        talos: place("talos"),
        created_with: place("created-with"),
        kubernetes: place("kubernetes"),
        omni: place("omni"),
    };
    let omni = version("omni").unwrap_or(Target::NEWEST_OMNI);
    Some((Target { talos, created_with, kubernetes: kubernetes?, omni }, spans))
}

/// The cluster of a set.
#[derive(Clone, Copy)]
struct SetAt<'c> {
    cluster: &'c str,
    /// The level of the cluster.
    above: Chain<'c>,
    target: &'c Target,
    /// What is not known of the cluster, or of the set: what is missing may have been there.
    poison: Poison,
}

fn set(flattener: &mut Flattener, at: SetAt<'_>, name: &Text, slot: &Slot, control: bool) -> Option<Set> {
    let SetAt { cluster, above, target, .. } = at;
    let body = slot.map()?;
    let span = slot.entry().map(|entry| entry.span).or(slot.span())?;
    let role = role_of(body).filter(|(role, ..)| flattener.holds(*role, &target.talos));
    let mut own = Fields::default();
    let mut findings = Vec::new();
    let mut poison = at.poison.inherited();
    if let Some((role, args, _)) = &role {
        let flat = flattener.flat(*role, args, Some(&target.talos));
        own = flat.fields.clone();
        poison |= flat.poison.inherited();
        let shown = format!("role `{}`", flattener.types.names.decl(*role).shown());
        let relation = Relation { above: &shown, same_level: true, defer: true, resolved: RESOLVED };
        let names = &flattener.types.names;
        place::check(names, &|field| flat.fields.raw(field), node_fields(body), relation, &mut findings);
    }
    // Its labels and what makes it a set come from no higher level: what neither the body nor the role says is nowhere.
    let only_here = body.iter_raw().filter(|(name, _)| !kinds::comes_down(name));
    let relation = Relation { above: "", same_level: true, defer: !poison.is_clean(), resolved: RESOLVED };
    let names = &flattener.types.names;
    place::check(names, &|field| own.raw(field), only_here, relation, &mut findings);
    own.place(body);
    let shown = format!("cluster `{cluster}`");
    let relation =
        Relation { above: &shown, same_level: false, defer: !poison.is_clean(), resolved: RESOLVED };
    let names = &flattener.types.names;
    place::check(names, &|field| above.raw(field), node_fields(&own), relation, &mut findings);
    report_all(flattener, findings);
    let over = above.fold(&own);
    let at = SetAt { above: above.with_set(&own, &over), poison, ..at };
    let source = source(flattener, body, name, span, at);
    Some(Set { name: name.clone(), control, span, role, own, over, source, picked: Vec::new(), poison })
}

fn role_of(body: &Fields) -> Option<(DeclId, crate::flatten::Args, Span)> {
    match body.leaf("role")? {
        Val::Ref(id, args) => Some((*id, args.clone(), body.get("role")?.span()?)),
        _ => None,
    }
}

fn source(flattener: &mut Flattener, body: &Fields, name: &str, span: Span, at: SetAt<'_>) -> Source {
    let whole = at.poison.is_clean();
    let class = match body.leaf("class") {
        Some(Val::Ref(id, _)) => Some((*id, body.get("class").and_then(Slot::span).unwrap_or(span))),
        _ => None,
    };
    let machines = body.get("machines");
    let size = body.get("size");
    match (class, machines) {
        (Some(_), Some(_)) if !whole => Source::Empty,
        (Some((_, named)), Some(listed)) => {
            flattener.report(errors::class_and_machines(named, listed.span().unwrap_or(span), name));
            Source::Empty
        }
        (Some((class, named)), None) => {
            if size.is_none() && whole {
                flattener.report(errors::size_missing(named, name));
            }
            Source::Class { class, span: named, size: size.and_then(Slot::leaf).and_then(size_of) }
        }
        (None, Some(listed)) => {
            if let Some(size) = size.and_then(Slot::span).filter(|_| whole) {
                flattener.report(errors::size_without_class(size, name));
            }
            Source::Machines(members(flattener, listed, name, at))
        }
        (None, None) => {
            if let Some(size) = size.and_then(Slot::span).filter(|_| whole) {
                flattener.report(errors::size_without_class(size, name));
            }
            Source::Empty
        }
    }
}

fn size_of(val: &Val) -> Option<Size> {
    match val {
        Val::Int(n) => u32::try_from(*n).ok().map(Size::Count),
        Val::Word(_) => Some(Size::Unlimited),
        _ => None,
    }
}

/// The machines that a set lists; `at` has the set as its level above.
fn members(flattener: &mut Flattener, listed: &Slot, set: &str, at: SetAt<'_>) -> Vec<Member> {
    let Some(list) = listed.list() else { return Vec::new() };
    let mut out = Vec::with_capacity(list.items.len());
    let mut findings = Vec::new();
    let above = format!("set `{set}`");
    let relation =
        Relation { above: &above, same_level: false, defer: !at.poison.is_clean(), resolved: RESOLVED };
    for elem in &list.items {
        let Val::Ref(id, args) = &elem.val else { continue };
        let flat = flattener.flat(*id, args, Some(&at.target.talos));
        let relation = Relation { defer: relation.defer || !flat.poison.is_clean(), ..relation };
        let own = node_fields(&flat.fields);
        place::check(&flattener.types.names, &|field| at.above.raw(field), own, relation, &mut findings);
        if let Some(class) = flat.fields.get("class").and_then(Slot::span) {
            let name = &flattener.types.names.decl(*id).name;
            findings.push(errors::listed_with_class(elem.span, class, name));
        }
        if let Some(uuid) = uuid_of(flattener, &flat) {
            out.push(Member::new(*id, flat, uuid, elem.span));
        }
    }
    report_all(flattener, findings);
    out
}

fn uuid_of(flattener: &mut Flattener, flat: &Flat) -> Option<Text> {
    match flat.fields.leaf("id") {
        Some(Val::Str(id)) => Some(id.clone()),
        _ => {
            let decl = flattener.types.names.decl(flat.decl).clone();
            if flat.poison.is_clean() {
                flattener.report(errors::required(decl.span, "machine", &decl.name, &["id"]));
            }
            None
        }
    }
}
