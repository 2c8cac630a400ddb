//! Evaluates the terms of an invariant, and notes what it looked at.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::terms::{Path, Piece, Term};
use super::thing::{Lookup, Thing, Value, follow};
use crate::flatten::{Flattener, Steps};
use crate::resolve::{DeclId, Names};
use crate::syntax::ast::BinaryOp;
use crate::text::Text;
use crate::typing::{Val, mask};
use crate::version::Version;

/// How many elements of a list a message shows.
const SHOWN_ELEMENTS: usize = 8;

/// A path that a rule looked at.
pub(super) struct Operand {
    /// As written in the rule, without the variable.
    pub(super) path: Text,
    /// What it is; `None` if nothing sets it.
    pub(super) shown: Option<String>,
    /// Who made it so.
    pub(super) steps: Steps,
    /// Who named the declaration that it stands in.
    pub(super) way: Steps,
    /// That declaration, if it is not what is judged.
    pub(super) holder: Option<DeclId>,
}

/// One evaluation.
pub(super) struct Eval<'e, 'f> {
    pub(super) flattener: &'e mut Flattener,
    pub(super) talos: &'e Version,
    /// The values of the variables; the first is what is judged.
    pub(super) vars: Vec<Value<'f>>,
    /// What was looked at, each path once.
    pub(super) seen: Vec<Operand>,
    /// Something that it looked at is not known: it says nothing.
    pub(super) unknown: bool,
    /// How many values it may still look at: nothing holds once there are none left.
    pub(super) left: usize,
}

impl<'f> Eval<'_, 'f> {
    /// Counts what is looked at; whether anything may be.
    fn step(&mut self, values: usize) -> bool {
        self.left = self.left.saturating_sub(values);
        self.left > 0
    }

    /// Whether a condition holds.
    pub(super) fn holds(&mut self, term: &Term) -> bool {
        if !self.step(1) {
            return false;
        }
        match term {
            Term::Not(inner) => !self.holds(inner),
            Term::Unique(inner) => {
                let elements = self.elements(inner);
                (1..elements.len()).all(|at| !self.has(&elements[..at], &elements[at]))
            }
            Term::Binary(op, left, right) => self.binary(*op, left, right),
            Term::Each { all, over, body } => {
                let elements = self.elements(over);
                let mut found = false;
                for element in elements {
                    if self.left == 0 {
                        return false;
                    }
                    self.vars.push(element);
                    let holds = self.holds(body);
                    self.vars.pop();
                    found |= holds;
                    if holds != *all {
                        return !*all;
                    }
                }
                *all || found
            }
            Term::Path(_) | Term::Value(_) | Term::List(_) | Term::Count(_) => {
                !matches!(self.value(term), Value::Unset | Value::Val(Val::Bool(false)))
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Term, right: &Term) -> bool {
        match op {
            BinaryOp::And => self.holds(left) && self.holds(right),
            BinaryOp::Or => self.holds(left) || self.holds(right),
            BinaryOp::Implies => !self.holds(left) || self.holds(right),
            BinaryOp::In => {
                let left = self.value(left);
                let elements = self.elements(right);
                !matches!(left, Value::Unset) && self.has(&elements, &left)
            }
            BinaryOp::Within => {
                let inner = self.value(left);
                let outer = self.elements(right);
                outer.iter().any(|outer| is_within(&inner, outer))
            }
            BinaryOp::Eq | BinaryOp::Ne => {
                let (left, right) = (self.value(left), self.value(right));
                let set = !matches!(left, Value::Unset) && !matches!(right, Value::Unset);
                set && (self.same(&left, &right) == (op == BinaryOp::Eq))
            }
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                let (left, right) = (self.value(left), self.value(right));
                match (op, order(&left, &right)) {
                    (BinaryOp::Lt, Some(Ordering::Less)) | (BinaryOp::Gt, Some(Ordering::Greater)) => true,
                    (BinaryOp::Le, Some(order)) => order.is_le(),
                    (BinaryOp::Ge, Some(order)) => order.is_ge(),
                    _ => false,
                }
            }
        }
    }

    fn value(&mut self, term: &Term) -> Value<'f> {
        match term {
            Term::Path(path) => self.path(path).value,
            Term::Value(val) => Value::Val(val.clone()),
            Term::List(_) => Value::Unset,
            Term::Count(inner) => Value::Val(Val::Int(self.elements(inner).len() as i64)),
            _ => Value::Val(Val::Bool(self.holds(term))),
        }
    }

    /// The elements of a list, the keys of a map, one thing, or nothing.
    fn elements(&mut self, term: &Term) -> Vec<Value<'f>> {
        if let Term::List(items) = term {
            return items.iter().map(|item| self.value(item)).collect();
        }
        let elements = match self.value(term) {
            Value::Unset => Vec::new(),
            Value::List(list) => list.into_iter().map(Value::Val).collect(),
            Value::Keys(keys) => keys.into_iter().map(|key| Value::Val(Val::Str(key))).collect(),
            Value::Things(things) => things.into_iter().map(Value::Thing).collect(),
            one => vec![one],
        };
        if self.step(elements.len()) { elements } else { Vec::new() }
    }

    /// What a path leads to; paths from what is judged are noted.
    pub(super) fn path(&mut self, path: &Path) -> Lookup<'f> {
        let start = Lookup::of(self.vars[path.var].clone());
        let found = follow(self.flattener, self.talos, start, &path.segments);
        self.unknown |= found.unknown;
        if path.var == 0 && !path.segments.is_empty() {
            let text: Text = path.segments.join(".").into();
            if !self.seen.iter().any(|operand| operand.path == text) {
                let shown = self.show(&found.value);
                let (steps, way) = (found.steps.clone(), found.way.clone());
                self.seen.push(Operand { path: text, shown, steps, way, holder: found.holder });
            }
        }
        found
    }

    fn has(&mut self, elements: &[Value<'f>], value: &Value<'f>) -> bool {
        self.step(elements.len()) && elements.iter().any(|element| self.same(value, element))
    }

    fn same(&mut self, a: &Value<'_>, b: &Value<'_>) -> bool {
        match (a, b) {
            (Value::Val(a), Value::Val(b)) => same_val(self.flattener, a, b),
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_val(self.flattener, a, b))
            }
            _ => false,
        }
    }

    /// A message with its paths put in.
    pub(super) fn text(&mut self, pieces: &[Piece]) -> String {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Path(path) => {
                    let value = self.path(path).value;
                    out.push_str(&self.show(&value).unwrap_or_else(|| "nothing".into()));
                }
            }
        }
        out
    }

    fn show(&self, value: &Value<'_>) -> Option<String> {
        let names = &self.flattener.types.names;
        Some(match value {
            Value::Unset => return None,
            Value::Val(val) => show_val(names, val),
            Value::List(list) => show_list(list.iter().map(|val| show_val(names, val)).collect()),
            Value::Keys(keys) => show_list(keys.iter().map(Text::to_string).collect()),
            Value::Thing(_) => "set".into(),
            Value::Things(things) => {
                let what = if things.iter().any(Thing::is_piece) { "element" } else { "set" };
                crate::text::count(things.len(), what)
            }
        })
    }
}

fn show_list(mut shown: Vec<String>) -> String {
    if shown.len() > SHOWN_ELEMENTS {
        let more = shown.len() - SHOWN_ELEMENTS;
        shown.truncate(SHOWN_ELEMENTS);
        shown.push(format!("{more} more"));
    }
    format!("[{}]", shown.join(", "))
}

fn show_val(names: &Names, val: &Val) -> String {
    match val {
        Val::Ref(id, _) => names.decl(*id).shown(),
        Val::Tagged(word, _) => format!("{word}(…)"),
        Val::Fields(_) | Val::Keyed(_) | Val::Body(_) => "{…}".into(),
        other => crate::flatten::show(other).unwrap_or_else(|| "…".into()),
    }
}

/// Whether two values are the same: declarations by name where the index of the standard library gave only that, a provider
/// also if it extends the other, a form by its word.
fn same_val(flattener: &mut Flattener, a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Error, _) | (_, Val::Error) => false,
        (Val::Ref(a, _), Val::Ref(b, _)) => extends(flattener, *a, *b),
        (Val::Ref(id, _), Val::Word(name)) | (Val::Word(name), Val::Ref(id, _)) => {
            let decl = flattener.types.names.decl(*id);
            decl.name == *name && decl.module.is_some()
        }
        (Val::Tagged(word, _), Val::Word(name)) | (Val::Word(name), Val::Tagged(word, _)) => word == name,
        (Val::Str(a) | Val::Word(a), Val::Str(b) | Val::Word(b)) => a == b,
        (Val::Version(a), Val::Version(b)) => version_order(a, b).is_eq(),
        (a, b) => a == b,
    }
}

/// Whether `id` is `base`, or a provider that extends it.
fn extends(flattener: &mut Flattener, id: DeclId, base: DeclId) -> bool {
    if id == base {
        return true;
    }
    if flattener.types.names.decl(id).kind != crate::kinds::PROVIDER {
        return false;
    }
    let parent = flattener.types.typed(id).parent.as_ref().map(|parent| parent.target.clone());
    match parent {
        Some(crate::typing::BaseTarget::Decl(parent)) => extends(flattener, parent, base),
        _ => false,
    }
}

fn order(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    let (Value::Val(a), Value::Val(b)) = (a, b) else { return None };
    match (a, b) {
        (Val::Int(a), Val::Int(b)) | (Val::Duration(a), Val::Duration(b)) => Some(a.cmp(b)),
        (Val::Size(a), Val::Size(b)) => Some(a.bytes.cmp(&b.bytes)),
        (Val::Version(a), Val::Version(b)) => Some(version_order(a, b)),
        (Val::Int(_) | Val::Decimal(_), Val::Int(_) | Val::Decimal(_)) => {
            let number = |val: &Val| crate::flatten::show(val).and_then(|text| text.parse::<f64>().ok());
            number(a)?.partial_cmp(&number(b)?)
        }
        _ => None,
    }
}

/// A version without a patch stands for all its patches.
fn version_order(a: &Version, b: &Version) -> Ordering {
    if a.patch.is_none() || b.patch.is_none() { a.line().cmp(&b.line()) } else { a.cmp(b) }
}

/// Whether an address or a network lies in a network.
fn is_within(inner: &Value<'_>, outer: &Value<'_>) -> bool {
    let place = |value: &Value<'_>| match value {
        Value::Val(Val::Ip(ip)) => Some((*ip, full(*ip))),
        Value::Val(Val::Prefixed(ip, prefix)) => Some((*ip, *prefix)),
        Value::Val(Val::Address(address)) => Some((address.ip, full(address.ip))),
        _ => None,
    };
    let (Some((ip, length)), Some((network, prefix))) = (place(inner), place(outer)) else { return false };
    ip.is_ipv4() == network.is_ipv4() && length >= prefix && mask(ip, prefix) == mask(network, prefix)
}

fn full(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

/// Whether a path is set on a thing, without noting that it was looked at.
pub(super) fn is_set(flattener: &mut Flattener, talos: &Version, thing: &Thing<'_>, path: &[Text]) -> bool {
    match thing.at(flattener, talos, path).value {
        Value::Unset => false,
        // `runc` is always there.
        Value::List(list) if path.last().is_some_and(|last| last == "runtimes") => {
            list.iter().any(|val| match val {
                Val::Ref(id, _) => flattener.types.names.decl(*id).name != "runc",
                _ => false,
            })
        }
        _ => true,
    }
}
