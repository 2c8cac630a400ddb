//! Elements of lists.

use std::sync::Arc;

use super::body::is_null;
use super::scalar::key_of;
use super::{Env, Item, Key, KeyedItem, ListKind, Types, Val, value_errors};
use crate::schema::Type;
use crate::syntax::ast::{Atom, Value, ValueKind};
use crate::syntax::is_dash;

impl Types<'_> {
    pub(super) fn list(&mut self, value: &Value, inner: &Arc<Type>, kind: ListKind, env: &Env<'_>) -> Val {
        let ValueKind::List(items) = &value.kind else {
            let ty = if kind == ListKind::Set { Type::Set(inner.clone()) } else { Type::List(inner.clone()) };
            return self.mismatch(value, &ty);
        };
        let spread =
            items.iter().find(|item| matches!(&item.kind, ValueKind::Bare(text) if text.starts_with("...")));
        if let Some(spread) = spread {
            self.report(value_errors::spread(spread.span));
            return Val::Error;
        }
        Val::List(Arc::new(self.items(items, inner, env)), kind)
    }

    /// The elements of a list.
    pub(super) fn items(&mut self, items: &[Value], inner: &Type, env: &Env<'_>) -> Vec<Item> {
        let mut out = Vec::with_capacity(items.len());
        self.elements += 1;
        for item in items {
            if let ValueKind::Bare(text) = &item.kind
                && is_null(text)
                && !matches!(inner, Type::Config)
            {
                let cut = self.names.sources.removal(item.span);
                self.report(value_errors::null(item.span, text).help("leave it out").offer(cut, ""));
                continue;
            }
            let Some(parts) = self.run_together(item, inner) else {
                out.push(Item { val: self.value(item, inner, env), span: item.span });
                continue;
            };
            self.report(value_errors::comma_missing(parts, &self.names.sources));
            let each = parts.iter().map(|part| &part.value);
            out.extend(each.map(|part| Item { val: self.value(part, inner, env), span: part.span }));
        }
        self.elements -= 1;
        out
    }

    /// The elements of a keyed list: a bare key, or a block that holds it.
    pub(super) fn keyed(
        &mut self,
        items: &[Value],
        keyed: &crate::schema::Keyed,
        env: &Env<'_>,
    ) -> Vec<KeyedItem> {
        let Some(key_field) = keyed.schema.field(&keyed.key) else { return Vec::new() };
        let mut out = Vec::new();
        for item in items {
            match &item.kind {
                ValueKind::Block(block) => {
                    let mut body = self.body(&block.items, block.span, &keyed.schema, env);
                    let at = body.ops.iter().position(|op| op.key == Key::Text(keyed.key.clone()));
                    let Some(op) = at.map(|at| body.ops.remove(at)) else {
                        self.report(value_errors::key_missing(item.span, &keyed.schema.name, &keyed.key));
                        continue;
                    };
                    if let super::Action::Set(val, _) = op.action
                        && let Some(key) = key_of(val, op.span, env.scope)
                    {
                        out.push(KeyedItem { key, body: Arc::new(body), span: item.span });
                    }
                }
                _ if keyed.bare => {
                    let val = self.value(item, &key_field.ty, env);
                    if let Some(key) = key_of(val, item.span, env.scope) {
                        out.push(KeyedItem { key, body: Arc::default(), span: item.span });
                    }
                }
                _ => {
                    self.mismatch(item, &Type::Block(keyed.schema.clone()));
                }
            }
        }
        out
    }

    /// The elements that stand in one for want of commas: `["a" "b"]`. Several words may be one value: `file "x"`,
    /// `10.0.0.1/24 on lan`, a `let` with more on top, and `40 GiB`, which is one word too many.
    fn run_together<'v>(&self, item: &'v Value, inner: &Type) -> Option<&'v [Atom]> {
        let ValueKind::Apply(atoms) = &item.kind else { return None };
        let (first, rest) = atoms.split_first()?;
        let word = |atom: &Atom| match &atom.value.kind {
            ValueKind::Bare(text) => Some(text.clone()),
            _ => None,
        };
        let one = rest.is_empty()
            || word(first).is_some_and(|word| is_dash(&word))
            || word(first).is_some_and(|word| word == "file")
            || matches!(inner, Type::Address)
                && rest.iter().any(|atom| word(atom).is_some_and(|word| word == "on"))
            || matches!((&first.value.kind, &rest[0].value.kind), (ValueKind::Bare(_), ValueKind::Block(_)))
            || atoms.iter().any(|atom| atom.args.is_some())
            || self.without_blanks(item, inner).is_some();
        (!one).then_some(atoms)
    }
}
