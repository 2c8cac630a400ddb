//! What a higher level has written and a lower one cannot take back: it would stay on the machine beside what is said there.

use super::{OwnedLevel, link_errors as errors};
use crate::flatten::Slot;
use crate::talos::forms::{Form, Thing};
use crate::talos::lower::Lowering;
use crate::talos::lower::network::linked_parent;
use crate::talos::lower::network::nets::Nets;
use crate::talos::lower::network::plan::{Dhcp, Link, PHYSICAL, Plan, Servers};
use crate::talos::{Level, LevelKind};

/// Compares the plan of a level with that of the level above.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>) {
    let Some(parent) = linked_parent(at.level) else { return };
    match at.level.links_above {
        Some(known) => beside(lowering, at, plan, (parent, known.plan)),
        None => {
            let nets = Nets::of(lowering, parent);
            beside(lowering, at, plan, (parent, &Plan::of(parent, &nets)));
        }
    }
}

fn beside(
    lowering: &mut Lowering<'_, '_>,
    at: OwnedLevel<'_>,
    plan: &Plan<'_>,
    (parent, above): (Level<'_>, &Plan<'_>),
) {
    if let Some(slot) = at.level.own.get("network") {
        replaced_network(lowering, at, slot, plan, (parent, above));
    }
    if let (Some(slot), Some(old)) = (at.level.own.get("address"), parent.find("address")) {
        lowering.report(errors::address_stays(slot, old, &level_shown(at, parent)));
    }
    for before in &above.links {
        any_interface(lowering, at, plan, before);
    }
}

fn level_shown(at: OwnedLevel<'_>, level: Level<'_>) -> String {
    match (level.kind, at.set) {
        (LevelKind::Cluster, _) | (_, None) => format!("cluster `{}`", at.cluster.name),
        (_, Some(set)) => format!("set `{}`", set.name),
    }
}

/// `override network`: the servers and links of the old network are written already.
fn replaced_network(
    lowering: &mut Lowering<'_, '_>,
    at: OwnedLevel<'_>,
    slot: &Slot,
    plan: &Plan<'_>,
    (parent, above): (Level<'_>, &Plan<'_>),
) {
    let (Some(new), Some(old)) = (plan.named(), above.named()) else { return };
    if plan.nets.get(old.id).is_some() {
        return;
    }
    let (own, before) = (Servers::of(plan.nets), Servers::of(above.nets));
    let lists = [
        ("name servers", &own.names, &before.names),
        ("search domains", &own.search, &before.search),
        ("time servers", &own.times, &before.times),
    ];
    let server = lists.iter().find_map(|(what, own, before)| {
        let left = before.iter().any(|(_, elem)| !own.iter().any(|(_, have)| have.val == elem.val));
        left.then(|| (*what).to_owned())
    });
    let form = at.level.forms.of(Thing::Links);
    let link = above.links.iter().find(|link| plan.link(&link.name).is_none() && writes(link, form));
    let Some(what) = server.or_else(|| link.map(|link| format!("the link `{}`", link.name))) else { return };
    let names = [new.id, old.id].map(|id| lowering.flattener.types.names.decl(id).name.clone());
    let shown = level_shown(at, parent);
    lowering.report(errors::network_stays(slot, parent.find("network"), &what, &names, &shown));
}

/// Whether a level writes something of a link.
fn writes(link: &Link<'_>, form: Form) -> bool {
    match form {
        Form::Legacy => link.has_entry(),
        Form::Document => link.has_document(),
    }
}

/// Entries of the v1alpha1 document that select any physical device are not merged with each other, and those that select in
/// different ways are not either: a lower level cannot change what a higher one has said (`mergeDevice` in Talos's
/// `pkg/machinery/config/types/v1alpha1/v1alpha1_types.go`). Neither can it take back what is said of an interface without a name.
fn any_interface(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>, before: &Link<'_>) {
    let form = at.level.forms.of(Thing::Links);
    let nobodys = before.name == PHYSICAL && before.parts.is_empty();
    let lost = match (plan.link(&before.name), form) {
        (None, _) => nobodys && plan.links.iter().any(|link| !link.parts.is_empty()),
        (Some(link), Form::Legacy) => {
            let changed = before.device.is_some_and(|device| !link.selects(device));
            let any = before.device.is_some_and(|device| device.physical);
            (changed && before.has_entry()) || (any && changes(link, before))
        }
        (Some(_), Form::Document) => false,
    };
    if !lost || !writes(before, form) {
        return;
    }
    let own = plan.link(&before.name).and_then(|link| {
        let part = link.parts.iter().rev().find(|part| part.depth == plan.depth && part.net.is_none())?;
        Some(part.slot)
    });
    let declared = || at.level.own.block("link").and_then(|links| links.iter().next());
    let slot = at.level.own.get("address").or(own).or_else(|| declared().map(|(_, slot)| slot));
    if let Some(slot) = slot {
        let owner = at.shown(lowering);
        lowering.report(match at.level.own.get("address").is_some() && before.say.asks() {
            true => errors::physical_twice(slot, &owner),
            false => errors::physical_stays(slot.span().map(|span| lowering.head(span)), &owner),
        });
    }
}

/// Whether a scalar is said otherwise than above.
fn changes(link: &Link<'_>, before: &Link<'_>) -> bool {
    let off = before.say.asks() && !link.say.asks();
    let on = link.say.asks() && matches!(before.say.dhcp, Dhcp::Not(_));
    let leaf = |slot: Option<&Slot>| slot.and_then(Slot::leaf).cloned();
    let mtu = before.say.mtu.is_some() && leaf(before.say.mtu) != leaf(link.say.mtu);
    off || on || mtu
}
