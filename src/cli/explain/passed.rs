//! Where the arguments of a declaration come from: the uses of it, from what is asked about down.

use rustc_hash::FxHashSet;

use super::show;
use super::subject::Subject;
use crate::driver::Compilation;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::text::Text;
use crate::typing::{Action, Base, BaseTarget, Body, Item, Key, NetworkOf, Part, Template, Val};

/// The value of a parameter, and who says it.
#[derive(Clone, PartialEq)]
pub(super) struct Given {
    /// The parameter.
    pub(super) name: String,
    /// Its value, as it would be written.
    pub(super) value: String,
    /// Where the use is that passes it, or where its default stands.
    pub(super) at: Span,
    /// Nothing passes it.
    pub(super) default: bool,
}

/// A use on the way from what is asked about to a declaration: the base, and the declaration that names it.
type Hop = (Base, DeclId);

/// What the parameters are that a step of a declaration has in it.
pub(super) fn to(compilation: &Compilation, subject: &Subject, owner: DeclId, step: Span) -> Vec<Given> {
    let typed = compilation.flattener.types.typed(owner);
    let mut names = Vec::new();
    used(&typed.body, step, &mut names);
    if names.is_empty() {
        return Vec::new();
    }
    let mut walk = Walk { compilation, owner, seen: FxHashSet::default(), ways: Vec::new() };
    walk.down(subject.decl, &mut Vec::new());
    for base in &subject.uses {
        walk.base(base, subject.decl, &mut Vec::new());
    }
    let mut ways = walk.ways;
    if ways.is_empty() {
        ways.push(Vec::new());
    }
    let mut out = Vec::new();
    for way in &ways {
        for name in &names {
            follow(compilation, owner, name, way, &mut out);
        }
    }
    out
}

/// A parameter along one way: who passes it, and if that is a parameter itself, who passes that.
fn follow(compilation: &Compilation, owner: DeclId, name: &Text, way: &[Hop], out: &mut Vec<Given>) {
    let mut say = |given: Given| {
        if !out.contains(&given) {
            out.push(given);
        }
    };
    let (passed, rest) = match way.split_last() {
        Some(((base, by), rest)) => {
            (base.args.iter().find(|(arg, _)| arg == name).map(|arg| (arg, base, *by)), rest)
        }
        None => (None, way),
    };
    match passed {
        Some(((_, value), base, by)) => {
            let shown = show::argument(compilation, value);
            say(Given { name: name.to_string(), value: shown, at: base.span, default: false });
            let mut names = Vec::new();
            params(value, &mut names);
            for name in &names {
                follow(compilation, by, name, rest, out);
            }
        }
        None => {
            let typed = compilation.flattener.types.typed(owner);
            let Some(param) = typed.params.iter().find(|param| param.name == *name) else { return };
            if let Some(default) = &param.default {
                let value = show::argument(compilation, default);
                say(Given { name: name.to_string(), value, at: param.span, default: true });
            }
        }
    }
}

struct Walk<'c> {
    compilation: &'c Compilation,
    owner: DeclId,
    seen: FxHashSet<Span>,
    ways: Vec<Vec<Hop>>,
}

impl Walk<'_> {
    fn down(&mut self, decl: DeclId, way: &mut Vec<Hop>) {
        if decl == self.owner {
            self.ways.push(way.clone());
            return;
        }
        let typed = self.compilation.flattener.types.typed(decl);
        for base in typed.parent.iter().chain(&typed.mixins) {
            self.base(base, decl, way);
        }
    }

    fn base(&mut self, base: &Base, by: DeclId, way: &mut Vec<Hop>) {
        // Each use is gone through once, whatever leads to it.
        if let BaseTarget::Decl(id) = base.target
            && self.seen.insert(base.span)
        {
            way.push((base.clone(), by));
            self.down(id, way);
            way.pop();
        }
    }
}

/// The parameters in the operation at a place of a body.
fn used(body: &Body, at: Span, out: &mut Vec<Text>) {
    for op in &body.ops {
        let whole = |span: Span| op.span.to(span) == at;
        match &op.action {
            Action::Set(val, span) if whole(*span) => params(val, out),
            Action::Add(items, _, span) | Action::Take(items, _, span) if whole(*span) => all(items, out),
            Action::Merge(inner, span) if op.span.to(*span).contains(at) => used(inner, at, out),
            Action::Entry(entry) if entry.span.contains(at) => used(&entry.body, at, out),
            _ => continue,
        }
        if let Key::Template(key) = &op.key {
            of_template(key, out);
        }
    }
}

fn all(items: &[Item], out: &mut Vec<Text>) {
    items.iter().for_each(|item| params(&item.val, out));
}

fn of_template(template: &Template, out: &mut Vec<Text>) {
    for part in &template.parts {
        match part {
            Part::Param(name) => note(name, out),
            Part::Given(given) => of_network(&given.network, out),
            Part::Text(_) => {}
        }
    }
}

fn of_network(network: &NetworkOf, out: &mut Vec<Text>) {
    if let NetworkOf::Param(name) = network {
        note(name, out);
    }
}

fn note(name: &Text, out: &mut Vec<Text>) {
    if !out.contains(name) {
        out.push(name.clone());
    }
}

/// The parameters in a value.
fn params(val: &Val, out: &mut Vec<Text>) {
    match val {
        Val::Param(name) => note(name, out),
        Val::Template(template) => of_template(template, out),
        Val::Given(given) => of_network(&given.network, out),
        Val::Placed(placed) => {
            params(&placed.val, out);
            of_network(&placed.network, out);
        }
        Val::File(text) => text.file.template.iter().for_each(|path| of_template(path, out)),
        Val::List(items, _) => all(items, out),
        Val::Tagged(_, inner) => params(inner, out),
        Val::Ref(_, args) => args.iter().for_each(|(_, arg)| params(arg, out)),
        Val::Body(body) => of_body(body, out),
        Val::Keyed(items) => items.iter().for_each(|item| of_body(&item.body, out)),
        _ => {}
    }
}

fn of_body(body: &Body, out: &mut Vec<Text>) {
    for op in &body.ops {
        if let Key::Template(key) = &op.key {
            of_template(key, out);
        }
        match &op.action {
            Action::Set(val, _) => params(val, out),
            Action::Add(items, ..) | Action::Take(items, ..) => all(items, out),
            Action::Merge(inner, _) => of_body(inner, out),
            Action::Entry(entry) => of_body(&entry.body, out),
            Action::Unset | Action::Remove | Action::Delete => {}
        }
    }
}
