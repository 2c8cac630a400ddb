//! Which invariant judges what: every declaration, set and machine for every target that uses it.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::compile;
use super::eval::is_set;
use super::report;
use super::terms::{Judged, Rule, Term};
use super::thing::Thing;
use crate::diagnostics::Concern;
use crate::flatten::{Fields, Flattener};
use crate::fleet::{Cluster, Fleet, Roots, Set, Source, View};
use crate::kinds;
use crate::resolve::DeclId;
use crate::schema::KindId;
use crate::source::Span;
use crate::text::Text;
use crate::typing::Val;
use crate::version::Version;
use crate::world::stdlib::{self, GLOBAL};
use crate::world::versions::{Support, TALOS};

/// What a rule judges here, for the report.
pub(super) enum Subject<'f> {
    /// The nodes of a set, or a machine.
    Nodes(&'f View<'f>),
    /// A cluster.
    Cluster(&'f Cluster),
    /// A declaration.
    Decl(DeclId),
}

impl Subject<'_> {
    /// Everything that its fields can come from.
    pub(super) fn roots(&self, flattener: &Flattener<'_>) -> Roots {
        match self {
            Subject::Nodes(view) => view.roots(),
            Subject::Cluster(cluster) => Roots::of(cluster.decl, cluster.span),
            Subject::Decl(id) => Roots::of(*id, flattener.types.names.decl(*id).span),
        }
    }

    /// What a note calls it, and the `allow`s that hold for it.
    pub(super) fn concern(&self, flattener: &mut Flattener<'_>) -> Concern {
        let allows = |flattener: &mut Flattener<'_>, id: DeclId| -> Vec<Span> {
            flattener.flat(id, &Rc::default(), None).allows.iter().map(|allow| allow.span).collect()
        };
        match self {
            Subject::Nodes(view) => view.concern(flattener),
            Subject::Cluster(cluster) => Concern {
                shown: String::new(),
                allows: cluster.flat.allows.iter().map(|allow| allow.span).collect(),
            },
            Subject::Decl(id) => Concern { shown: String::new(), allows: allows(flattener, *id) },
        }
    }

    /// The cluster it belongs to.
    pub(super) fn cluster(&self) -> Option<&Text> {
        match self {
            Subject::Nodes(view) => Some(&view.cluster.name),
            Subject::Cluster(cluster) => Some(&cluster.name),
            Subject::Decl(_) => None,
        }
    }
}

/// A rule that may have something to say.
struct Candidate {
    judged: Judged,
    state: State,
    /// Only where one of these paths is set can it say anything; empty if it always may.
    triggers: Vec<Vec<Text>>,
    /// The fields that its condition looks at.
    fields: Vec<Text>,
}

enum State {
    /// In the standard library, not parsed yet.
    Waiting(&'static stdlib::Item),
    Ready(Rc<Rule>),
    /// Something is wrong with it, which was reported.
    Broken,
}

struct Judge<'j, 'a> {
    flattener: &'j mut Flattener<'a>,
    candidates: Vec<Candidate>,
    /// Declarations that a cluster uses and that were judged for it.
    seen: FxHashSet<DeclId>,
}

/// Judges everything.
pub(super) fn all(flattener: &mut Flattener<'_>, fleet: &Fleet) {
    let candidates = candidates(flattener);
    let mut judge = Judge { flattener, candidates, seen: FxHashSet::default() };
    for cluster in &fleet.clusters {
        // Also what is not judged because the cluster is broken is used by it.
        let used = judge.used(cluster);
        if !cluster.broken {
            judge.cluster(cluster);
            for &id in &used {
                judge.decl(id, &cluster.target.talos, Some(&cluster.name));
            }
        }
        judge.seen.extend(used);
    }
    judge.rest();
}

/// The rules of the project, and those of the standard library that hold without an import or are imported.
fn candidates(flattener: &mut Flattener<'_>) -> Vec<Candidate> {
    let mut out = Vec::new();
    for id in flattener.types.names.project_decls() {
        if flattener.types.names.decl(id).kind != kinds::INVARIANT {
            continue;
        }
        if let Some(rule) = compile::rule(flattener, id) {
            let fields = first_fields(&rule);
            let (judged, state) = (rule.judged, State::Ready(Rc::new(rule)));
            out.push(Candidate { judged, state, triggers: Vec::new(), fields });
        }
    }
    let imported = flattener.types.names.imported_modules();
    for kind in compile::JUDGED {
        let judged = kinds::by_name(kind).map_or(Judged::Set, |def| Judged::Kind(def.id));
        for item in stdlib::invariants_for(kind) {
            if GLOBAL.contains(&item.module) || imported.contains(&item.module) {
                let triggers: Vec<Vec<Text>> = item
                    .trigger
                    .split_whitespace()
                    .map(|path| path.split('.').map(Text::new).collect())
                    .collect();
                let fields = triggers.iter().filter_map(|path| path.first().cloned()).collect();
                out.push(Candidate { judged, state: State::Waiting(item), triggers, fields });
            }
        }
    }
    out
}

/// The fields of the judged thing that the condition of a rule looks at.
fn first_fields(rule: &Rule) -> Vec<Text> {
    let mut out = Vec::new();
    let terms =
        rule.when.iter().chain(rule.require.iter().filter(|_| rule.when.is_empty()).map(|(term, _)| term));
    terms.for_each(|term| collect(term, &mut out));
    out
}

fn collect(term: &Term, out: &mut Vec<Text>) {
    match term {
        Term::Path(path) if path.var == 0 => out.extend(path.segments.first().cloned()),
        Term::Path(_) | Term::Value(_) => {}
        Term::List(items) => items.iter().for_each(|item| collect(item, out)),
        Term::Not(inner) | Term::Count(inner) | Term::Unique(inner) => collect(inner, out),
        Term::Binary(_, left, right) => {
            collect(left, out);
            collect(right, out);
        }
        Term::Each { over, body, .. } => {
            collect(over, out);
            collect(body, out);
        }
    }
}

impl Judge<'_, '_> {
    /// The cluster itself and its sets.
    fn cluster(&mut self, cluster: &Cluster) {
        let talos = &cluster.target.talos;
        let thing = Thing::cluster(cluster);
        self.apply(Judged::Kind(kinds::CLUSTER), &thing, &Subject::Cluster(cluster), talos, None);
        for set in &cluster.sets {
            self.set(cluster, set);
        }
    }

    fn set(&mut self, cluster: &Cluster, set: &Set) {
        let talos = &cluster.target.talos;
        let role = match &set.role {
            Some((role, args, _)) => {
                if self.flattener.flat(*role, args, Some(talos)).broken {
                    return;
                }
                self.flattener.types.names.decl(*role).shown().into()
            }
            None => set.name.clone(),
        };
        let view = View::of_set(cluster, set);
        self.apply(Judged::Set, &Thing::set(cluster, set), &Subject::Nodes(&view), talos, None);
        let nodes = Thing::nodes(&view, role);
        self.apply(Judged::Kind(kinds::ROLE), &nodes, &Subject::Nodes(&view), talos, None);
        self.machines(cluster, set);
    }

    /// Machines that say something themselves: what a node runs is judged again with it.
    fn machines(&mut self, cluster: &Cluster, set: &Set) {
        let any_machine = self.has(kinds::MACHINE);
        let mut fields: Vec<Text> = Vec::new();
        for candidate in &self.candidates {
            if candidate.judged == Judged::Kind(kinds::ROLE) {
                fields.extend(candidate.fields.iter().cloned());
            }
        }
        for machine in set.machines() {
            let own = &machine.flat.fields;
            let says = fields.iter().any(|field| own.get(field).is_some());
            if machine.flat.broken || !(says || any_machine) {
                continue;
            }
            let view = View::of_machine(cluster, set, machine);
            let name = self.flattener.types.names.decl(machine.decl).name.clone();
            let thing = Thing::nodes(&view, name);
            let subject = Subject::Nodes(&view);
            let talos = &cluster.target.talos;
            self.apply(Judged::Kind(kinds::MACHINE), &thing, &subject, talos, None);
            self.apply(Judged::Kind(kinds::ROLE), &thing, &subject, talos, Some(own));
        }
    }

    fn has(&self, kind: KindId) -> bool {
        self.candidates.iter().any(|candidate| candidate.judged == Judged::Kind(kind))
    }

    /// Networks, classes and providers that a cluster uses.
    fn used(&mut self, cluster: &Cluster) -> Vec<DeclId> {
        let mut out: Vec<DeclId> = Vec::new();
        let add = |id: DeclId, out: &mut Vec<DeclId>| {
            if !out.contains(&id) {
                out.push(id);
            }
        };
        let networks = |fields: &Fields, out: &mut Vec<DeclId>| {
            for field in ["network", "node-ip"] {
                if let Some(Val::Ref(id, _)) = fields.leaf(field) {
                    add(*id, out);
                }
            }
            if let Some(Val::Address(address)) = fields.leaf("address")
                && let Some((id, _)) = address.network
            {
                add(id, out);
            }
        };
        networks(&cluster.flat.fields, &mut out);
        for set in &cluster.sets {
            networks(&set.effective, &mut out);
            for machine in set.machines() {
                networks(&machine.flat.fields, &mut out);
            }
            if let Source::Class { class, .. } = &set.source {
                add(*class, &mut out);
                if let Some((provider, _)) = self.flattener.types.typed(*class).via {
                    add(provider, &mut out);
                }
            }
        }
        out
    }

    /// A declaration by itself.
    fn decl(&mut self, id: DeclId, talos: &Version, cluster: Option<&Text>) {
        let kind = self.flattener.types.names.decl(id).kind;
        if !self.has(kind) {
            return;
        }
        let flat = self.flattener.flat(id, &Rc::default(), Some(talos));
        if !flat.broken {
            let thing = Thing::declared(self.flattener, flat);
            self.apply(Judged::Kind(kind), &thing, &Subject::Decl(id), talos, None);
        }
        let _ = cluster;
    }

    /// What no cluster uses is judged for the newest supported Talos. A role that others extend is judged in them.
    fn rest(&mut self) {
        let Some(newest) = TALOS.iter().rev().find(|row| row.support == Support::Current) else { return };
        let newest = Version::minor(1, newest.minor);
        for id in self.flattener.types.names.project_decls() {
            let decl = self.flattener.types.names.decl(id);
            let judged = match decl.kind {
                kinds::ROLE | kinds::MACHINE => !self.flattener.types.names.is_used(id),
                kinds::NETWORK | kinds::CLASS | kinds::PROVIDER => !self.seen.contains(&id),
                _ => false,
            };
            let whole = !decl.is_abstract && !decl.is_extern;
            let needs =
                |typed: &crate::typing::Typed| typed.params.iter().any(|param| param.default.is_none());
            if judged && whole && !needs(&self.flattener.types.typed(id)) {
                self.decl(id, &newest, None);
            }
        }
    }

    /// Every rule about a kind on one thing of it; with `own`, only those that look at a field of it.
    fn apply(
        &mut self,
        judged: Judged,
        thing: &Thing<'_>,
        subject: &Subject<'_>,
        talos: &Version,
        own: Option<&Fields>,
    ) {
        for at in 0..self.candidates.len() {
            let candidate = &self.candidates[at];
            let concerned =
                own.is_none_or(|own| candidate.fields.iter().any(|field| own.get(field).is_some()));
            if candidate.judged != judged || !concerned {
                continue;
            }
            let triggers = &self.candidates[at].triggers;
            if !triggers.is_empty() && !triggers.iter().any(|path| is_set(self.flattener, talos, thing, path))
            {
                continue;
            }
            let Some(rule) = self.ready(at) else { continue };
            if rule.cond.as_ref().is_none_or(|cond| cond.holds(talos))
                && let Some(finding) = report::judge(self.flattener, &rule, thing, subject, talos)
            {
                self.flattener.types.report(finding);
            }
        }
    }

    /// A rule, parsed and compiled at its first use.
    fn ready(&mut self, at: usize) -> Option<Rc<Rule>> {
        if let State::Waiting(item) = self.candidates[at].state {
            let id = self.flattener.types.names.std_item(item.module, kinds::INVARIANT, item.name);
            let rule = id.and_then(|id| compile::rule(self.flattener, id));
            self.candidates[at].state = rule.map_or(State::Broken, |rule| State::Ready(Rc::new(rule)));
        }
        match &self.candidates[at].state {
            State::Ready(rule) => Some(rule.clone()),
            State::Waiting(_) | State::Broken => None,
        }
    }
}
