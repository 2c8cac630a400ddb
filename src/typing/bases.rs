//! The head of a declaration: parameters, parent, mixins, provider, versions.

use std::sync::Arc;

use super::{Base, BaseTarget, Body, Cond, Env, Param, Types, Val, errors};
use crate::diagnostics::Poison;
use crate::kinds;
use crate::resolve::{Decl, DeclId, Found};
use crate::schema::{KindId, Schema};
use crate::source::Span;
use crate::syntax::ast::{Arg, Args, Item, MarkKind, ModifierKind, Rest, Use, Value, ValueKind};
use crate::text::Text;

/// How many declarations may inherit from each other in a row: the phases walk the chain on the stack.
const MAX_CHAIN: usize = 64;

/// What a head says.
pub(super) struct Heads {
    pub(super) parent: Option<Base>,
    pub(super) mixins: Vec<PendingBase>,
    pub(super) via: Option<(DeclId, Span)>,
    pub(super) file: Option<super::FileRef>,
    pub(super) cond: Option<Arc<Cond>>,
    /// What of that which it names could not be found.
    pub(super) poison: Poison,
}

/// A mixin before the schema of its user is known.
pub(super) enum PendingBase {
    Ready(Base),
    Let(DeclId, Span),
}

impl Types<'_> {
    /// The parameters in `(name: Type = default, …)`.
    pub(super) fn params(&mut self, decl: &Decl) -> Vec<Param> {
        let def = kinds::get(decl.kind);
        let Some(args) = &decl.item.args else { return Vec::new() };
        if !def.inherits {
            self.report(errors::no_parameters(args.span, def.name));
            return self.lost_params(args);
        }
        let mut params: Vec<Param> = Vec::new();
        for arg in &args.list {
            let Arg::Param { name, ty, default } = arg else {
                self.report(errors::parameter_shape(args.span));
                // The name is known all the same, so that its uses are not blamed as well.
                if let Arg::Plain(Value { kind: ValueKind::Bare(name), span }) = arg {
                    params.push(Param::untyped(name.clone(), *span));
                }
                continue;
            };
            if params.iter().any(|param| param.name == name.text) {
                self.report(errors::parameter_twice(name));
                continue;
            }
            let Some(ty) = self.named_type(ty, decl.scope) else {
                params.push(Param::untyped(name.text.clone(), name.span));
                continue;
            };
            // A default may name the parameters before it.
            let env = Env {
                scope: decl.scope,
                params: &params,
                mixes: &[],
                depth: 0,
                poison: Poison::NONE,
                spot: super::env::Spot::default(),
            };
            let default = default.as_ref().map(|value| self.value(value, &ty, &env));
            params.push(Param {
                name: name.text.clone(),
                span: name.span,
                ty,
                default,
                poison: Poison::NONE,
            });
        }
        // Nobody uses these by name: they are written as they stand.
        let as_it_stands = matches!(decl.kind, kinds::CLUSTER | kinds::CLASS);
        if as_it_stands && !decl.is_abstract && !decl.is_extern {
            let lacking = params.iter().filter(|param| param.default.is_none() && param.poison.is_clean());
            let findings: Vec<_> =
                lacking.map(|param| errors::never_given(param, def.name, &decl.name)).collect();
            findings.into_iter().for_each(|finding| self.report(finding));
        }
        params
    }

    /// The names of parameters where there can be none: their uses are not blamed as well.
    fn lost_params(&mut self, args: &Args) -> Vec<Param> {
        let named = args.list.iter().filter_map(|arg| match arg {
            Arg::Param { name, .. } => Some(Param::untyped(name.text.clone(), name.span)),
            Arg::Named { .. } | Arg::Plain(_) => None,
        });
        named.collect()
    }

    /// Parent, mixins and provider, with the cycle that they may close.
    pub(super) fn bases(&mut self, id: DeclId, decl: &Decl, params: &[Param]) -> Heads {
        let def = kinds::get(decl.kind);
        let mut heads = Heads {
            parent: None,
            mixins: Vec::new(),
            via: None,
            file: None,
            cond: None,
            poison: Poison::NONE,
        };
        let mixes = mixable(decl.kind);
        let item = decl.item.clone();
        let env = Env {
            scope: decl.scope,
            params,
            mixes: &mixes,
            depth: 0,
            poison: Poison::NONE,
            spot: super::env::Spot::default(),
        };
        let unchecked = item.marks.iter().filter(|mark| mark.kind == MarkKind::Unchecked);
        for mark in unchecked.filter(|mark| super::heads::reason(mark).is_none()) {
            self.report(errors::reason_missing(mark));
        }
        self.active.push((id, decl.span));
        for modifier in &item.modifiers {
            let Some(first) = modifier.uses.first() else { continue };
            match modifier.kind {
                ModifierKind::Extends if def.inherits => {
                    if let Some(other) = &heads.parent {
                        self.report(errors::second_parent(modifier.span, other.span));
                        continue;
                    }
                    heads.parent = self.base(first, &[decl.kind], &env).and_then(|base| self.ready(base));
                    heads.poison |= Poison::SCHEMA_LOST.when(heads.parent.is_none());
                }
                ModifierKind::With if def.inherits => {
                    for used in &modifier.uses {
                        let mixin = self.base(used, &mixes, &env);
                        heads.poison |= Poison::BASE_LOST.when(mixin.is_none());
                        heads.mixins.extend(mixin);
                    }
                }
                ModifierKind::Via if def.via.is_some() => {
                    let kind = def.via.unwrap_or(decl.kind);
                    match self.reference(&first.word.text, first.word.span, kind, decl.scope) {
                        Some(target) => heads.via = Some((target, first.word.span)),
                        None => heads.poison |= Poison::SCHEMA_LOST,
                    }
                }
                ModifierKind::Since | ModifierKind::Until => {}
                ModifierKind::For if def.clauses => {}
                ModifierKind::File if decl.kind == kinds::PATCH => {
                    heads.file = self.content_file(&item, &env);
                }
                // Its fields are read with those that the body declares.
                ModifierKind::Schema if def.declares_fields => {}
                ModifierKind::As
                | ModifierKind::Schema
                | ModifierKind::For
                | ModifierKind::File
                | ModifierKind::Extends
                | ModifierKind::With
                | ModifierKind::Via => self.report(errors::modifier_does_not_fit(modifier, def.name)),
            }
        }
        heads.cond = self.condition(&item);
        if let Some(cond) = &heads.cond {
            if def.without_target {
                self.report(errors::condition_without_target(cond.span, def.name));
            } else if matches!(decl.kind, kinds::CLUSTER | kinds::MACHINE | kinds::NETWORK) {
                self.report(errors::condition_on_whole(cond.span, def.name));
            }
        }
        if heads.via.is_none()
            && let Some(Base { target: BaseTarget::Decl(parent), .. }) = &heads.parent
        {
            let parent = self.typed(*parent);
            heads.via = parent.via;
            heads.poison |= Poison::SCHEMA_LOST.when(parent.poison.may_miss_fields());
        }
        self.active.pop();
        heads
    }

    /// The body of a declaration, with what it inherits known meanwhile: a mistake in it may be mended in another way for that.
    pub(super) fn body_over<'b>(
        &mut self,
        decl: &Decl,
        bases: impl Iterator<Item = &'b Base>,
        (schema, env): (&Schema, &Env<'_>),
    ) -> Body {
        let known = env.poison.is_clean() && !matches!(decl.kind, kinds::MACHINE | kinds::LET);
        let targets = bases.filter_map(|base| match base.target {
            BaseTarget::Decl(id) => Some(id),
            BaseTarget::Block(..) => None,
        });
        let bases = known.then(|| targets.collect());
        let around = (std::mem::replace(&mut self.bases, bases), std::mem::take(&mut self.depth));
        let body = self.declaration_body(decl, schema, env);
        (self.bases, self.depth) = around;
        body
    }

    fn ready(&mut self, base: PendingBase) -> Option<Base> {
        match base {
            PendingBase::Ready(base) => Some(base),
            PendingBase::Let(_, span) => {
                self.report(errors::let_is_no_parent(span));
                None
            }
        }
    }

    /// A parent or mixin: the first of `kinds` that knows the name, or a `let` block.
    fn base(&mut self, used: &Use, kinds: &[KindId], env: &Env<'_>) -> Option<PendingBase> {
        let mut unknown = false;
        for &kind in kinds {
            match self.names.find(env.scope, kind, &used.word.text) {
                Found::Decl(id) => return self.decl_base(id, used, env).map(PendingBase::Ready),
                Found::Unknown => {
                    unknown = true;
                    self.wrong += 1;
                }
                Found::Missing => {}
            }
        }
        if let Found::Decl(id) = self.names.find(env.scope, kinds::LET, &used.word.text) {
            return Some(PendingBase::Let(id, used.span()));
        }
        if !unknown {
            let mut known = Vec::new();
            for &kind in kinds {
                known.extend(self.names.candidates(env.scope, kind));
            }
            if kinds.is_empty() {
                known = self.names.candidates(env.scope, kinds::LET);
            }
            self.unknown_name(kinds.first().copied(), &used.word.text, used.word.span, &known, env.scope);
        }
        None
    }

    fn decl_base(&mut self, id: DeclId, used: &Use, env: &Env<'_>) -> Option<Base> {
        if let Some(position) = self.active.iter().position(|&(active, _)| active == id) {
            let hops: Vec<(String, Span)> = self.active[position..]
                .iter()
                .map(|&(active, _)| (self.names.decl(active).shown(), self.names.decl(active).span))
                .collect();
            self.report(errors::inheritance_cycle(used.span(), &hops));
            return None;
        }
        if self.active.len() >= MAX_CHAIN {
            self.report(errors::chain_too_long(used.span(), MAX_CHAIN));
            return None;
        }
        let args = self.arguments(id, used.args.as_deref(), used.span(), env)?;
        Some(Base { target: BaseTarget::Decl(id), span: used.span(), args, cond: None })
    }

    /// Arguments by name, typed by the parameters of the declaration, which is typed first: so cycles are found here.
    pub(super) fn arguments(
        &mut self,
        id: DeclId,
        args: Option<&Args>,
        span: Span,
        env: &Env<'_>,
    ) -> Option<Arc<Vec<(Text, Val)>>> {
        let typed = self.typed(id);
        let shown = self.names.decl(id).shown();
        let env = &env.outside();
        let mut out: Vec<(Text, Val)> = Vec::new();
        let mut lost = false;
        for arg in args.into_iter().flat_map(|args| &args.list) {
            let Arg::Named { name, value } = arg else {
                let only = match args.map(|args| args.list.as_slice()) {
                    Some([Arg::Plain(value)]) => Some(value.span),
                    _ => None,
                };
                let at = args.map_or(span, |args| args.span);
                self.report(errors::unnamed_argument(at, only, &shown, &typed.params));
                return None;
            };
            let Some(param) = typed.params.iter().find(|param| param.name == name.text) else {
                let known: Vec<&str> = typed.params.iter().map(|param| param.name.as_str()).collect();
                self.report(errors::unknown_argument(name, &shown, &known));
                return None;
            };
            if out.iter().any(|(known, _)| known == &param.name) {
                self.report(errors::argument_twice(name));
                continue;
            }
            let val = self.value(value, &param.ty, env);
            lost |= matches!(val, Val::Error);
            out.push((param.name.clone(), val));
        }
        for param in &typed.params {
            if param.default.is_none() && !out.iter().any(|(name, _)| name == &param.name) {
                if param.poison.is_clean() {
                    self.report(errors::argument_missing(span, &shown, param));
                }
                return None;
            }
        }
        // What is made of an argument that is wrong is not judged.
        (!lost).then(|| Arc::new(out))
    }

    /// Mixins that are `let` blocks get their types from the schema they are mixed into.
    pub(super) fn let_blocks(
        &mut self,
        pending: Vec<PendingBase>,
        schema: &Schema,
        env: &Env<'_>,
    ) -> Vec<Base> {
        let mut out = Vec::new();
        for base in pending {
            match base {
                PendingBase::Ready(base) => out.push(base),
                PendingBase::Let(id, span) => {
                    if let Some(body) = self.let_body(id, span, schema, env) {
                        let target = BaseTarget::Block(id, body);
                        out.push(Base { target, span, args: Arc::default(), cond: None });
                    }
                }
            }
        }
        out
    }

    fn let_body(&mut self, id: DeclId, span: Span, schema: &Schema, env: &Env<'_>) -> Option<Arc<Body>> {
        let decl = self.names.decl(id).clone();
        if !self.may_read(id, env.depth) {
            return None;
        }
        let env = Env { scope: decl.scope, params: &[], depth: env.depth + 1, ..env.clone() };
        match &decl.item.rest {
            Rest::Assign(_, _, Value { kind: ValueKind::Block(block), .. }) | Rest::Block(block) => {
                if !self.put_in(block.items.len(), span) {
                    return None;
                }
                self.lets.push(id);
                let body = self.body(&block.items, block.span, schema, &env);
                self.lets.pop();
                Some(Arc::new(body))
            }
            _ => {
                self.report(errors::let_is_no_block(span, decl.span, &decl.name));
                None
            }
        }
    }

    /// Mixins that stand as an item in a body, or behind the name of a set.
    pub(super) fn body_mixins<'u>(
        &mut self,
        uses: impl Iterator<Item = &'u Use>,
        schema: &Schema,
        cond: Option<Arc<Cond>>,
        env: &Env<'_>,
    ) -> Vec<Base> {
        let mixes = env.mixes.to_vec();
        let pending: Vec<PendingBase> = uses.filter_map(|used| self.base(used, &mixes, env)).collect();
        let bases = self.let_blocks(pending, schema, env).into_iter();
        bases.map(|base| Base { cond: cond.clone(), ..base }).collect()
    }

    /// A declaration by name, or a finding.
    pub(super) fn reference(
        &mut self,
        name: &str,
        span: Span,
        kind: KindId,
        scope: crate::resolve::ScopeId,
    ) -> Option<DeclId> {
        match self.names.find(scope, kind, name) {
            Found::Decl(id) => Some(id),
            Found::Unknown => {
                self.wrong += 1;
                None
            }
            Found::Missing => {
                let known = self.names.candidates(scope, kind);
                self.unknown_name(Some(kind), name, span, &known, scope);
                None
            }
        }
    }

    /// A name that nothing declares: near names, or the std module that would bring it.
    fn unknown_name(
        &mut self,
        kind: Option<KindId>,
        name: &str,
        span: Span,
        known: &[String],
        scope: crate::resolve::ScopeId,
    ) {
        let word = kind.map_or("`let`", |kind| kinds::get(kind).name);
        let (module, item) = name.split_once('.').unwrap_or((name, name));
        let home = kind.and_then(|_| crate::world::stdlib::module(module)).filter(|home| {
            crate::world::stdlib::item_in(home.name, word, item).is_some()
                && !self.names.imports(scope, home.name)
        });
        if let Some(kind) = kind
            && self.names.declared_inside(scope, kind, name)
        {
            // Said where it stands.
            self.wrong += 1;
            return;
        }
        // The module of that name may have several of the kind: those are nearer than something else.
        let module =
            known.iter().any(|known| known.split_once('.').is_some_and(|(module, _)| module == name));
        let other = kind.filter(|_| !module).and_then(|kind| self.names.of_other_kind(scope, kind, name));
        let finding = match (home, other) {
            (Some(home), _) => errors::not_imported(word, name, span, home.name, self.names.start(scope)),
            (None, Some(id)) => {
                let decl = self.names.decl(id);
                let declared = self.names.in_project(decl.span).then_some(decl.span);
                errors::other_kind(word, name, span, kinds::get(decl.kind).name, declared)
            }
            (None, None) => errors::unknown_name(word, name, span, known),
        };
        self.report(finding);
    }

    pub(super) fn warn_unused_params(&mut self, decl: &Decl, params: &[Param]) {
        if decl.item.broken || self.names.is_std(decl.scope) {
            return;
        }
        for param in params {
            if param.poison.is_clean()
                && !self.used_params.contains_key(&(param.span.file.0, param.span.start))
            {
                self.report(errors::unused_parameter(param, &decl.name));
            }
        }
    }

    pub(super) fn use_param(&mut self, param: &Param) {
        self.used_params.insert((param.span.file.0, param.span.start), ());
    }
}

/// The `when` (true) and `require` clauses of an invariant.
pub(super) fn clauses(item: &Arc<Item>) -> Vec<(bool, Arc<super::ExprHolder>)> {
    let Rest::Block(block) = &item.rest else { return Vec::new() };
    let found = block.items.iter().enumerate().filter(|(_, inner)| matches!(inner.rest, Rest::Expr(_)));
    found
        .map(|(index, inner)| {
            (inner.words[0].text == "when", Arc::new(super::ExprHolder { item: item.clone(), index }))
        })
        .collect()
}

/// The kinds that `with` may name in a declaration of a kind.
pub(super) fn mixable(kind: crate::schema::KindId) -> Vec<crate::schema::KindId> {
    if kind == kinds::CLUSTER || kind == kinds::MACHINE { vec![kind, kinds::ROLE] } else { vec![kind] }
}
