//! Which invariant judges what: every declaration, set and machine for every target that uses it.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::compile;
use super::configs::{self, Configs, Nodes};
use super::eval::is_set;
use super::report;
use super::terms::{Judged, Rule, Term};
use super::thing::Thing;
use crate::diagnostics::Concern;
use crate::diagnostics::limits::STEPS;
use crate::flatten::{Fields, Flattener};
use crate::fleet::{Chain, Cluster, Roots, Set, Source, View};
use crate::kinds;
use crate::resolve::DeclId;
use crate::schema::KindId;
use crate::source::Span;
use crate::text::Text;
use crate::typing::{Types, Val};
use crate::version::Version;
use crate::world::stdlib::{self, GLOBAL};
use crate::world::versions::newest_talos;

/// What a rule may look at for each thing that it judges, beside [`STEPS`].
const STEPS_OF_A_THING: usize = 1_000;

/// What a rule judges here, for the report.
pub(super) enum Subject<'f> {
    /// The nodes of a set, or a machine.
    Nodes(&'f View<'f>),
    /// A cluster.
    Cluster(&'f Cluster),
    /// A document of what nodes get, and where it is written.
    Document(&'f View<'f>, Option<Span>),
    /// A declaration.
    Decl(DeclId),
}

impl Subject<'_> {
    /// Everything that its fields can come from.
    pub(super) fn roots(&self, flattener: &Flattener) -> Roots {
        match self {
            Subject::Nodes(view) => view.roots(),
            Subject::Document(view, at) => {
                let mut roots = view.roots();
                roots.fallback = at.unwrap_or(roots.fallback);
                roots
            }
            Subject::Cluster(cluster) => Roots::of(cluster.decl, cluster.span),
            Subject::Decl(id) => Roots::of(*id, flattener.types.names.decl(*id).span),
        }
    }

    /// The set that a path of it leads into: the block of the set, the place that names its role, and all that its fields can come from.
    pub(super) fn set_of(&self, path: &str) -> Option<(Span, Option<Span>, Roots)> {
        let Subject::Cluster(cluster) = self else { return None };
        let set = cluster.sets.iter().find(|set| set.control && path.starts_with("controlplane."))?;
        let view = View::of_set(cluster, set);
        Some((view.entry()?.span, set.role.as_ref().map(|role| role.2), view.roots()))
    }

    /// What a note calls it, and the `allow`s that hold for it.
    pub(super) fn concern(&self, flattener: &mut Flattener) -> Concern {
        let allows = |flattener: &mut Flattener, id: DeclId| -> Vec<Span> {
            flattener.flat(id, &Arc::default(), None).allows.iter().map(|allow| allow.span).collect()
        };
        match self {
            Subject::Nodes(view) | Subject::Document(view, _) => view.concern(flattener),
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
            Subject::Nodes(view) | Subject::Document(view, _) => Some(&view.cluster.name),
            Subject::Cluster(cluster) => Some(&cluster.name),
            Subject::Decl(_) => None,
        }
    }
}

/// The rules that may have something to say, compiled before anything is placed.
#[derive(Debug, Default)]
pub struct Rules {
    candidates: Vec<Candidate>,
}

/// A rule that may have something to say.
#[derive(Debug)]
struct Candidate {
    rule: Rule,
    /// Only where one of these paths is set can it say anything; empty if it always may.
    triggers: Vec<Vec<Text>>,
    /// The fields that its condition looks at.
    fields: Vec<Text>,
}

struct Judge<'j> {
    flattener: &'j mut Flattener,
    candidates: &'j [Candidate],
    /// Whether it is the turn of the rules that read effective configurations.
    configured: bool,
    /// How many values each rule may still look at, by the number of the rule: what one may look at does not depend on what others do.
    left: Vec<usize>,
}

/// The declarations that clusters use, and that are judged for them.
#[derive(Debug, Default)]
pub struct Used(FxHashSet<DeclId>);

impl Used {
    /// Adds those of later clusters.
    pub fn append(&mut self, later: Used) {
        self.0.extend(later.0);
    }
}

/// Judges a cluster and what it uses.
pub(super) fn cluster(flattener: &mut Flattener, cluster: &Cluster, rules: &Rules, used: &mut Used) {
    let mut judge = Judge::new(flattener, rules, false);
    // Also what is not judged because something in the cluster is wrong is used by it.
    let all = judge.used(cluster);
    if cluster.poison.is_clean() {
        judge.cluster(cluster);
        for &id in &all {
            judge.decl(id, &cluster.target.talos);
        }
    }
    used.0.extend(all);
}

/// Judges what no cluster uses.
pub(super) fn rest(flattener: &mut Flattener, rules: &Rules, used: &Used) {
    Judge::new(flattener, rules, false).rest(used);
}

/// Judges what the machines of a cluster get: the machines of a set that say nothing of their own at once, and each of the others.
pub(super) fn configured(flattener: &mut Flattener, cluster: &Cluster, rules: &Rules, configs: &dyn Configs) {
    if !cluster.poison.is_clean() || rules.candidates.iter().all(|candidate| !candidate.rule.configured) {
        return;
    }
    let mut judge = Judge::new(flattener, rules, true);
    for nodes in configs.all() {
        judge.nodes(configs, nodes);
    }
}

/// The rules of the project, and those of the standard library that hold without an import or are imported.
pub(super) fn rules(types: &mut Types<'_>) -> Rules {
    types.type_all();
    let written = types.written().clone();
    let mut candidates = Vec::new();
    for id in types.names.project_decls() {
        if types.names.decl(id).kind == kinds::INVARIANT
            && let Some(rule) = compile::rule(types, id)
        {
            let fields = first_fields(&rule);
            candidates.push(Candidate { rule, triggers: Vec::new(), fields });
        }
    }
    let imported = types.names.imported_modules();
    // What stands in a configuration may be in a patch, a file of one included.
    let patched = written.contains("patch") || written.contains("patches");
    for kind in compile::JUDGED {
        for item in stdlib::invariants_for(kind) {
            let triggers: Vec<Vec<Text>> = item
                .trigger
                .split_whitespace()
                .map(|path| path.split('.').map(Text::new).collect())
                .collect();
            let known = GLOBAL.contains(&item.module) || imported.contains(&item.module);
            let may_speak = triggers.is_empty()
                || triggers.iter().any(|path| match path.first() {
                    Some(first) if first == "config" => patched,
                    _ => may_be_set(&written, path),
                });
            if !known || !may_speak {
                continue;
            }
            let id = types.names.std_item(item.module, kinds::INVARIANT, item.name);
            if let Some(rule) = id.and_then(|id| compile::rule(types, id)) {
                let fields = triggers.iter().filter_map(|path| path.first().cloned()).collect();
                candidates.push(Candidate { rule, triggers, fields });
            }
        }
    }
    Rules { candidates }
}

/// Whether anything sets the field at the end of a path; `runtimes` holds the `runtime` too.
fn may_be_set(written: &FxHashSet<Text>, path: &[Text]) -> bool {
    let Some(last) = path.last() else { return true };
    written.contains(last) || (last == "runtimes" && written.contains("runtime"))
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

impl<'j> Judge<'j> {
    fn new(flattener: &'j mut Flattener, rules: &'j Rules, configured: bool) -> Judge<'j> {
        let left = vec![STEPS.most; rules.candidates.len()];
        Judge { flattener, candidates: &rules.candidates, configured, left }
    }

    /// The rules that read what some nodes get.
    fn nodes(&mut self, configs: &dyn Configs, nodes: Nodes<'_>) {
        let Nodes { cluster, set, machine } = nodes;
        let talos = &cluster.target.talos;
        if !set.poison.is_clean() || machine.is_some_and(|machine| !machine.flat.poison.is_clean()) {
            return;
        }
        let view = match machine {
            Some(machine) => View::of_machine(cluster, set, machine),
            None => View::of_set(cluster, set),
        };
        let subject = Subject::Nodes(&view);
        let name = machine.map(|machine| self.flattener.types.names.decl(machine.decl).name.clone());
        let thing =
            Thing::nodes(&view, name.clone().unwrap_or_else(|| set.name.clone())).with(configs, nodes);
        self.apply(Judged::Set, &thing, &subject, talos, None);
        self.apply(Judged::Kind(kinds::ROLE), &thing, &subject, talos, None);
        if name.is_some() {
            self.apply(Judged::Kind(kinds::MACHINE), &thing, &subject, talos, None);
        }
        let mut documents: Vec<&'static str> = Vec::new();
        for candidate in self.candidates {
            if let Judged::Document(kind) = candidate.rule.judged
                && !documents.contains(&kind)
            {
                documents.push(kind);
            }
        }
        for kind in documents {
            for node in configs.documents(nodes, Some(kind)) {
                let at =
                    configs::place(configs, &node).filter(|at| self.flattener.types.names.in_project(*at));
                let subject = Subject::Document(&view, at);
                self.apply(Judged::Document(kind), &Thing::node(node, configs), &subject, talos, None);
            }
        }
    }
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
        if !set.poison.is_clean() {
            return;
        }
        let role = match &set.role {
            Some((role, ..)) => self.flattener.types.names.decl(*role).shown().into(),
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
        for candidate in self.candidates {
            if candidate.rule.judged == Judged::Kind(kinds::ROLE) {
                fields.extend(candidate.fields.iter().cloned());
            }
        }
        for machine in set.known() {
            let own = &machine.flat.fields;
            let says = fields.iter().any(|field| own.get(field).is_some());
            if !machine.flat.poison.is_clean() || !(says || any_machine) {
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
        self.candidates.iter().any(|candidate| candidate.rule.judged == Judged::Kind(kind))
    }

    /// Networks, classes and providers that a cluster uses.
    fn used(&mut self, cluster: &Cluster) -> Vec<DeclId> {
        let mut out: Vec<DeclId> = Vec::new();
        let add = |id: DeclId, out: &mut Vec<DeclId>| {
            if !out.contains(&id) {
                out.push(id);
            }
        };
        let networks = |chain: Chain<'_>, out: &mut Vec<DeclId>| {
            for field in ["network", "node-ip"] {
                if let Some(Val::Ref(id, _)) = chain.leaf(field) {
                    add(*id, out);
                }
            }
            if let Some(Val::Address(address)) = chain.leaf("address")
                && let Some((id, _)) = address.network
            {
                add(id, out);
            }
        };
        networks(Chain::of_cluster(cluster), &mut out);
        for set in &cluster.sets {
            networks(Chain::of_set(cluster, set), &mut out);
            for machine in set.known() {
                networks(Chain::of_machine(cluster, set, machine), &mut out);
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
    fn decl(&mut self, id: DeclId, talos: &Version) {
        let kind = self.flattener.types.names.decl(id).kind;
        if !self.has(kind) {
            return;
        }
        let flat = self.flattener.flat(id, &Arc::default(), Some(talos));
        if flat.poison.is_clean() {
            let thing = Thing::declared(self.flattener, flat);
            self.apply(Judged::Kind(kind), &thing, &Subject::Decl(id), talos, None);
        }
    }

    /// What no cluster uses is judged for the newest supported Talos. A role that others extend is judged in them.
    fn rest(&mut self, used: &Used) {
        let newest = newest_talos();
        for id in self.flattener.types.names.project_decls() {
            let decl = self.flattener.types.names.decl(id);
            let judged = match decl.kind {
                kinds::ROLE | kinds::MACHINE => !self.flattener.types.names.is_used(id),
                kinds::NETWORK | kinds::CLASS | kinds::PROVIDER => !used.0.contains(&id),
                _ => false,
            };
            let whole = !decl.is_abstract && !decl.is_extern;
            let needs =
                |typed: &crate::typing::Typed| typed.params.iter().any(|param| param.default.is_none());
            if judged && whole && !needs(&self.flattener.types.typed(id)) {
                self.decl(id, &newest);
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
        for (at, candidate) in self.candidates.iter().enumerate() {
            let concerned =
                own.is_none_or(|own| candidate.fields.iter().any(|field| own.get(field).is_some()));
            if candidate.rule.judged != judged || candidate.rule.configured != self.configured || !concerned {
                continue;
            }
            let triggers = &candidate.triggers;
            if !triggers.is_empty() && !triggers.iter().any(|path| is_set(self.flattener, talos, thing, path))
            {
                continue;
            }
            let rule = &candidate.rule;
            if self.left[at] == 0 || rule.cond.as_ref().is_some_and(|cond| !cond.holds(talos)) {
                continue;
            }
            self.left[at] += STEPS_OF_A_THING;
            let found = report::judge(self.flattener, rule, thing, subject, (talos, &mut self.left[at]));
            found.into_iter().for_each(|finding| self.flattener.report(finding));
            // Said once: nothing more of it is judged here.
            if self.left[at] == 0
                && let Some((_, place)) = rule.require.first()
            {
                self.flattener.report(STEPS.exceeded(*place, STEPS.most));
            }
        }
    }
}
