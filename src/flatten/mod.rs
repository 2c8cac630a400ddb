//! Inheritance: the operations of parents, mixins and bodies become fields with their whole history.
//!
//! The order is parent, mixins left to right, body. A use gives parameters their values here; conditions on the version of the
//! target are decided here. What a declaration says is reported once for it, whoever uses it. Nothing is known of the domain:
//! a merge rule belongs to the type of the field, which the operations already carry.

mod apply;
pub mod errors;
mod eval;
mod fields;
mod files;
mod fold;
mod given;
mod lists;
mod merge;
pub mod place;
mod statement;
mod workers;

use std::sync::Arc;

use rustc_hash::FxHashMap;

pub(crate) use eval::show;
pub(crate) use fields::same_value;
pub use fields::{Conflict, Elem, Fields, ListSlot, Replaces, Slot, Slotted, Step, Steps, Verb};
pub use files::read_made_paths;

use crate::diagnostics::{Diagnostic, Diagnostics, Poison};
use crate::kinds;
use crate::resolve::DeclId;
use crate::schema::Schema;
use crate::source::Span;
use crate::text::Text;
use crate::typing::{Allow, Base, BaseTarget, Cond, FieldOp, Key, Program, Typed, Val};
use crate::version::Version;

/// Arguments of a use, by parameter.
pub type Args = Arc<Vec<(Text, Val)>>;

/// A declaration with inheritance gone.
#[derive(Debug)]
pub struct Flat {
    /// Which.
    pub decl: DeclId,
    /// Its fields.
    pub fields: Fields,
    /// Its schema.
    pub schema: Arc<Schema>,
    /// What is silenced in it, inherited ones included.
    pub allows: Vec<Allow>,
    /// Its provider.
    pub via: Option<(DeclId, Span)>,
    /// Declarations that went into it, with their arguments, in order; itself last.
    pub lineage: Vec<(DeclId, Args)>,
    /// How many of them came with the parent.
    of_parent: usize,
    /// What it comes to depends on arguments or on the target.
    varies: bool,
    /// What is not known of it: what typing marked in it, and whether something that it inherits is marked.
    pub poison: Poison,
}

/// How many arguments are remembered from one cluster to the next.
const KEPT_ARGUMENTS: usize = 256;

/// A use of a declaration: which, with which arguments and for which Talos version, by their numbers.
type Use = (DeclId, u32, u32);

/// Flattens declarations at first use and remembers them; each worker has one of its own over the same program.
pub struct Flattener {
    /// The typed declarations.
    pub types: Arc<Program>,
    /// What is wrong so far.
    pub findings: Diagnostics,
    memo: FxHashMap<Use, Arc<Flat>>,
    /// Bases of what decides a target, by declaration, arguments and the number of fields that are looked at: each kind has its own.
    deciding: FxHashMap<(DeclId, u32, usize), Arc<Flat>>,
    /// The numbers of arguments as they are written, from 1 on; 0 is none.
    arguments: FxHashMap<String, u32>,
    /// The Talos versions of the clusters; their numbers count from 1 on, 0 is none.
    targets: Vec<Version>,
    /// The uses of clusters and machines: most are of one cluster, and what they come to is let go of with it.
    passing: Vec<Use>,
    /// The networks whose values are being asked for.
    asked: Vec<DeclId>,
    /// The files of which the paths have parameters in them, while those are looked for.
    wanted: Option<files::Wanted>,
    seen: rustc_hash::FxHashSet<DeclId>,
    /// How many bytes the texts have that something was put into, and how many they may have.
    made: Option<(usize, usize)>,
}

/// Whether what is missing may still come from a higher level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// Nothing comes later.
    Strict,
    /// It may come from a cluster or set.
    Placed,
    /// The top of the body of a set or machine: of its fields some come from higher levels.
    Top(Placement),
}

/// What a body is placed under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Placement {
    /// A set under its role and its cluster.
    Set,
    /// A machine under its set.
    Machine,
}

/// Where operations are applied.
#[derive(Clone, Copy)]
struct Cx<'c> {
    owner: DeclId,
    args: &'c [(Text, Val)],
    talos: Option<&'c Version>,
    mode: Mode,
    /// What is there depends on arguments or on the target: that it is said again may hold for this use alone.
    varies: bool,
    /// The only fields that are looked at, if not all are: those that decide the target.
    only: Option<&'c [&'c str]>,
}

impl Cx<'_> {
    /// Where the operations on a field are applied.
    fn at(self, field: &str) -> Self {
        let Mode::Top(placement) = self.mode else { return self };
        let above = match placement {
            Placement::Set => kinds::get(kinds::ROLE).schema.field(field).is_some(),
            Placement::Machine => kinds::comes_down(field),
        };
        Cx { mode: if above { Mode::Placed } else { Mode::Strict }, ..self }
    }
}

impl Flattener {
    /// Over the typed declarations of a compilation, and what is wrong with them already.
    pub fn new(types: Arc<Program>, findings: Diagnostics) -> Self {
        Flattener {
            types,
            findings,
            memo: FxHashMap::default(),
            deciding: FxHashMap::default(),
            arguments: FxHashMap::default(),
            targets: Vec::new(),
            passing: Vec::new(),
            asked: Vec::new(),
            wanted: None,
            seen: Default::default(),
            made: None,
        }
    }

    /// Reports a finding.
    pub(crate) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Whether a declaration was flattened for some use.
    pub fn is_flat(&self, id: DeclId) -> bool {
        self.seen.contains(&id)
    }

    /// A declaration with its arguments, for a Talos version if there is a target.
    pub fn flat(&mut self, id: DeclId, args: &Args, talos: Option<&Version>) -> Arc<Flat> {
        let key = (id, self.number_of(args), talos.map_or(0, |talos| self.number_of_target(talos)));
        if let Some(flat) = self.memo.get(&key) {
            return flat.clone();
        }
        let (flat, bases) = self.fold(id, args, talos, None);
        self.report_conflicts(&flat, &bases);
        let flat = Arc::new(flat);
        self.seen.insert(id);
        if matches!(self.types.names.decl(id).kind, kinds::CLUSTER | kinds::MACHINE) {
            self.passing.push(key);
        }
        self.memo.insert(key, flat.clone());
        flat
    }

    /// Forgets what clusters and machines come to, and what is made with arguments if there is much of it.
    pub(crate) fn let_go(&mut self) {
        for key in self.passing.drain(..) {
            self.memo.remove(&key);
        }
        if self.arguments.len() > KEPT_ARGUMENTS {
            self.memo.retain(|(_, arguments, _), _| *arguments == 0);
            self.arguments.clear();
        }
    }

    /// A declaration with nothing but the fields that decide its target: the versions of a cluster, the class of a machine.
    ///
    /// They are folded like everything else, since they may come from wherever a field may come from, but before there is a
    /// version that a condition could ask for. So a condition on one of them is an error. What else is wrong with them is found
    /// again, with the same words, when all is folded for the target.
    pub fn deciding(&mut self, id: DeclId) -> Fields {
        let fields = kinds::get(self.types.names.decl(id).kind).deciding;
        self.fold(id, &Arc::default(), None, Some(fields)).0.fields
    }

    /// What is taken in there: remembered too, since many ways may lead to one. The fields are those of the kind.
    fn flat_deciding(&mut self, id: DeclId, args: &Args, only: Option<&[&str]>) -> Arc<Flat> {
        let key = (id, self.number_of(args), only.map_or(0, <[_]>::len));
        if let Some(flat) = self.deciding.get(&key) {
            return flat.clone();
        }
        let flat = Arc::new(self.fold(id, args, None, only).0);
        self.deciding.insert(key, flat.clone());
        flat
    }

    /// Whether a declaration may say one of those fields, or makes one of them depend on a target, which is wrong. Of most machines
    /// it is seen at once that they have no class.
    pub fn may_decide(&self, id: DeclId, field: &str) -> bool {
        let typed = self.types.typed(id);
        let fields = kinds::get(self.types.names.decl(id).kind).deciding;
        let says = |op: &FieldOp| match &op.key {
            Key::Text(key) => key == field || op.cond.is_some() && fields.contains(&key.as_str()),
            Key::Template(_) => false,
        };
        let inherits = typed.parent.is_some() || !typed.mixins.is_empty() || !typed.body.mixins.is_empty();
        inherits || typed.body.ops.iter().any(says)
    }

    fn number_of(&mut self, args: &Args) -> u32 {
        if args.is_empty() {
            return 0;
        }
        let next = self.arguments.len() as u32 + 1;
        *self.arguments.entry(format!("{args:?}")).or_insert(next)
    }

    fn number_of_target(&mut self, talos: &Version) -> u32 {
        let known = self.targets.iter().position(|known| known == talos);
        let at = known.unwrap_or_else(|| {
            self.targets.push(talos.clone());
            self.targets.len() - 1
        });
        at as u32 + 1
    }

    /// A declaration, and those that it takes in by itself.
    fn fold(
        &mut self,
        id: DeclId,
        args: &Args,
        talos: Option<&Version>,
        only: Option<&[&str]>,
    ) -> (Flat, Vec<Arc<Flat>>) {
        let typed = self.types.typed(id);
        let args = self.complete(&typed, args, id, talos);
        let placed = self.types.names.decl(id).kind == kinds::MACHINE;
        let mode = if placed { Mode::Top(Placement::Machine) } else { Mode::Strict };
        let cx = Cx { owner: id, args: &args, talos, mode, varies: typed.varies, only };
        let mut flat = Flat {
            decl: id,
            fields: Fields::default(),
            schema: typed.schema.clone(),
            allows: typed.body.allows.clone(),
            via: typed.via,
            lineage: Vec::new(),
            of_parent: 0,
            varies: typed.varies || typed.cond.is_some(),
            poison: typed.poison,
        };
        let mut bases = Vec::new();
        if let Some(parent) = &typed.parent {
            bases.extend(self.inherit(&mut flat, parent, cx, true));
        }
        for mixin in typed.mixins.iter().chain(&typed.body.mixins) {
            bases.extend(self.inherit(&mut flat, mixin, cx, false));
        }
        if only.is_none() {
            let mixins = || typed.mixins.iter().chain(&typed.body.mixins);
            self.report_twice(typed.parent.iter().chain(mixins()), cx);
            if let Some(parent) = &typed.parent {
                self.report_inherited(parent, mixins(), &flat.lineage[..flat.of_parent], cx);
            }
        }
        // What an ancestor would have set is not known if it was not understood: as if it came from a higher level.
        let cx = if flat.poison.may_miss_values() { Cx { mode: Mode::Placed, ..cx } } else { cx };
        flat.varies |= bases.iter().any(|base| base.varies);
        let cx = Cx { varies: flat.varies, ..cx };
        // What stands behind `with` in the body is in already: a mixin counts once, wherever it is named.
        self.apply_operations(&mut flat.fields, &typed.body, cx);
        flat.lineage.push((id, args.clone()));
        (flat, bases)
    }

    /// Takes in a parent or a mixin; a mixin that is in already with the same arguments counts once. Gives the declaration that
    /// was taken in.
    fn inherit(&mut self, flat: &mut Flat, base: &Base, cx: Cx<'_>, parent: bool) -> Option<Arc<Flat>> {
        if !self.counts(base.cond.as_deref(), cx) {
            return None;
        }
        if let (Some(_), Some(cond)) = (cx.only, &base.cond) {
            self.inherit_too_early(flat, base, cond.span, cx);
            return None;
        }
        let BaseTarget::Decl(id) = &base.target else {
            self.mix_in(&mut flat.fields, base, cx);
            return None;
        };
        let args = self.eval_args(&base.args, cx);
        let inner = match cx.only {
            None => self.flat(*id, &args, cx.talos),
            only => self.flat_deciding(*id, &args, only),
        };
        if cx.talos.is_some_and(|talos| !self.holds(*id, talos)) {
            return None;
        }
        flat.poison |= inner.poison.inherited();
        let own = &inner.lineage[inner.lineage.len() - 1];
        // The parent has it, and what the parent made of it counts. Of two mixins neither is above the other: they are joined in
        // any order to the same, since what came along two paths counts once.
        if flat.lineage[..flat.of_parent].contains(own) {
            return None;
        }
        let fields = inner.fields.clone();
        if parent {
            flat.fields = fields;
        } else {
            merge::mix(&mut flat.fields, fields);
        }
        for step in &inner.lineage {
            if !flat.lineage.contains(step) {
                flat.lineage.push(step.clone());
            }
        }
        if parent {
            flat.of_parent = flat.lineage.len();
        }
        for allow in &inner.allows {
            if !flat.allows.iter().any(|known| known.span == allow.span) {
                flat.allows.push(allow.clone());
            }
        }
        Some(inner)
    }

    /// Takes in a base with a condition where there is no target yet, and reports what of it decides one.
    fn inherit_too_early(&mut self, flat: &mut Flat, base: &Base, cond: Span, cx: Cx<'_>) {
        let base = Base { cond: None, ..base.clone() };
        let fields = std::mem::take(&mut flat.fields);
        self.inherit(flat, &base, cx, false);
        let brought = std::mem::replace(&mut flat.fields, fields);
        if let Some((name, _)) = brought.iter().next() {
            self.report(crate::typing::errors::condition_too_early(cond, name));
        }
        merge::mix(&mut flat.fields, brought);
    }

    /// Whether something with a condition counts for the target, if there is one.
    fn counts(&mut self, cond: Option<&Cond>, cx: Cx<'_>) -> bool {
        let Some(cond) = cond else { return true };
        if let Some(talos) = cx.talos {
            return cond.holds(talos);
        }
        let def = kinds::get(self.types.names.decl(cx.owner).kind);
        if def.without_target {
            self.report(crate::typing::errors::condition_without_target(cond.span, def.name));
        }
        true
    }

    /// Whether a declaration counts for a version of Talos.
    pub(crate) fn holds(&mut self, id: DeclId, talos: &Version) -> bool {
        self.types.typed(id).cond.as_ref().is_none_or(|cond| cond.holds(talos))
    }

    /// Arguments with the defaults of what is not said, in the order of the parameters; a default may name the ones before it.
    fn complete(&mut self, typed: &Typed, args: &Args, owner: DeclId, talos: Option<&Version>) -> Args {
        if typed.params.is_empty() {
            return Arc::default();
        }
        let mut full: Vec<(Text, Val)> = Vec::with_capacity(typed.params.len());
        for param in &typed.params {
            let said = args.iter().find(|(known, _)| *known == param.name).map(|(_, val)| val.clone());
            let val = said.or_else(|| {
                let cx = Cx { owner, args: &full, talos, mode: Mode::Strict, varies: true, only: None };
                param.default.as_ref().map(|val| self.eval(val, cx))
            });
            full.extend(val.map(|val| (param.name.clone(), val)));
        }
        Arc::new(full)
    }

    /// Reports what the bases of a declaration disagree about and its body does not decide. A base has reported itself what it
    /// could not decide: one of the very arguments and target that are used here, since others may leave nothing to decide.
    fn report_conflicts(&mut self, flat: &Flat, bases: &[Arc<Flat>]) {
        let mut found = Vec::new();
        merge::conflicts(&flat.fields, &mut Vec::new(), &mut found);
        if found.is_empty() {
            return;
        }
        let mut said = Vec::new();
        bases.iter().for_each(|base| merge::conflicts(&base.fields, &mut Vec::new(), &mut said));
        let said: rustc_hash::FxHashSet<Vec<Text>> = said.into_iter().map(|(path, _)| path).collect();
        for (path, conflict) in found {
            if said.contains(&path) {
                continue;
            }
            let decl = self.types.names.decl(flat.decl).clone();
            let finding = errors::mixins_disagree(&self.types.names, &decl, &flat.schema, &path, &conflict);
            self.report(finding);
        }
    }
}
