//! Values of networks, where other declarations name them: `lan.subnet`, `"10.0.0.${last}/24" on lan`.

use std::sync::Arc;

use super::eval::{lookup, show};
use super::{Args, Cx, Flattener, Slotted, errors};
use crate::resolve::DeclId;
use crate::schema::Type;
use crate::typing::{FieldOp, Given, Item, Key, NetworkOf, Placed, Val};

impl Flattener {
    /// A field of a network as a value.
    pub(super) fn given(&mut self, given: &Given, cx: Cx<'_>) -> Val {
        let Some((id, args)) = network(&given.network, cx) else { return Val::Error };
        if id == cx.owner || self.asked.contains(&id) {
            let finding = errors::network_of_itself(given.span, self.types.names.decl(id));
            self.report(finding);
            return Val::Error;
        }
        self.asked.push(id);
        let flat = self.flat(id, &args, cx.talos);
        self.asked.pop();
        let val = match flat.fields.get(&given.field).filter(|slot| slot.is_set()).map(|slot| &slot.value) {
            Some(Slotted::Leaf(val)) => val.clone(),
            Some(Slotted::List(list)) => {
                let items = list.items.iter().map(|elem| Item { val: elem.val.clone(), span: given.span });
                Val::List(Arc::new(items.collect()), list.kind)
            }
            _ => {
                // What the network says and could not be known is reported there.
                let says = |op: &FieldOp| matches!(&op.key, Key::Text(key) if *key == given.field);
                let said = self.types.typed(id).body.ops.iter().any(says);
                if !said && !flat.poison.may_miss_values() {
                    let decl = self.types.names.decl(id);
                    let finding = errors::network_does_not_say(given.span, decl, &given.field);
                    self.report(finding);
                }
                return Val::Error;
            }
        };
        read_as(val, &given.ty.0)
    }

    /// An address on a network, now that it is known.
    pub(super) fn placed(&mut self, placed: &Placed, cx: Cx<'_>) -> Val {
        let Val::Address(address) = self.eval(&placed.val, cx) else { return Val::Error };
        let Some((id, _)) = network(&placed.network, cx) else { return Val::Error };
        let mut address = Arc::unwrap_or_clone(address);
        (address.network, address.link) = (Some((id, placed.span)), placed.link.clone());
        Val::Address(Arc::new(address))
    }
}

fn network(of: &NetworkOf, cx: Cx<'_>) -> Option<(DeclId, Args)> {
    match of {
        NetworkOf::Decl(id) => Some((*id, Args::default())),
        NetworkOf::Param(name) => match lookup(cx.args, name)? {
            Val::Ref(id, args) => Some((id, args)),
            _ => None,
        },
    }
}

/// In configuration that is typed elsewhere an address is the text that a literal would be there.
fn read_as(val: Val, ty: &Type) -> Val {
    match (val, ty) {
        (Val::List(items, kind), Type::Config) => {
            let items = items.iter().map(|item| Item { val: read_as(item.val.clone(), ty), span: item.span });
            Val::List(Arc::new(items.collect()), kind)
        }
        (val @ (Val::Bool(_) | Val::Int(_)), _) => val,
        (val, Type::Config | Type::Str(_)) => show(&val).map_or(Val::Error, |text| Val::Str(text.into())),
        (val, _) => val,
    }
}
