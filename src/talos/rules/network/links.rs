//! Links: the places of addresses, devices, and what is part of bonds and bridges.

use rustc_hash::FxHashMap;

use super::{OwnedLevel, link_errors as errors};
use crate::flatten::{Fields, Slot};
use crate::fleet::Source;
use crate::talos::forms::{Form, Thing};
use crate::talos::lower::network::plan::{By, Link, Plan};
use crate::talos::lower::{Lowering, show};
use crate::text::Text;
use crate::typing::Val;

pub(super) fn check(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>) {
    devices(lowering, plan);
    vlan_numbers(lowering, at);
    if at.poison.is_clean() {
        several_cards(lowering, at, plan);
        strays(lowering, at, plan);
        other_links(lowering, plan);
        vlans_as_links(lowering, plan);
        members(lowering, at, plan);
    }
}

/// Addresses that no link can be found for. A bond that is not finished is said by itself.
pub(super) fn strays(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>) {
    if plan.unfinished() {
        return;
    }
    let owner = at.shown(lowering);
    for stray in &plan.strays {
        let network = stray.net.map(|id| lowering.flattener.types.names.decl(id).name.clone());
        lowering.report(errors::stray(stray, &network.unwrap_or_default(), &owner));
    }
}

/// One of the `addresses` of a link that says another link.
fn other_links(lowering: &mut Lowering<'_, '_>, plan: &Plan<'_>) {
    for link in &plan.links {
        for (vlan, say) in link.says() {
            let own = match vlan {
                Some(id) => Text::from(format!("{}.{id}", link.name)),
                None => link.name.clone(),
            };
            for given in &say.addresses {
                if let (By::Element(elem), Some(said)) = (given.by, &given.address.link)
                    && *said != own
                {
                    lowering.report(errors::other_link(elem.span, said, &own));
                }
            }
        }
    }
}

/// A VLAN that is declared as a link too: Talos takes one document of a name.
fn vlans_as_links(lowering: &mut Lowering<'_, '_>, plan: &Plan<'_>) {
    for link in &plan.links {
        for vlan in &link.vlans {
            let name = format!("{}.{}", link.name, vlan.id);
            if let (Some(other), Some(part)) = (plan.link(&name).and_then(Link::span), vlan.parts.last()) {
                let at = lowering.head(other);
                lowering.report(errors::vlan_and_link(at, part.slot.span(), &name, (&link.name, &vlan.id)));
            }
        }
    }
}

/// No device is selected by two links, and none is part of two bonds or bridges.
fn devices(lowering: &mut Lowering<'_, '_>, plan: &Plan<'_>) {
    let mut macs: FxHashMap<String, (&Text, &Slot)> = FxHashMap::default();
    for link in &plan.links {
        let Some(slot) = link.field("mac") else { continue };
        let Some(mac) = slot.leaf().and_then(show) else { continue };
        if let Some((other, first)) = macs.insert(mac.to_lowercase(), (&link.name, slot)) {
            lowering.report(errors::selected_twice(slot, first, &mac, (&link.name, other)));
        }
    }
    let mut masters = FxHashMap::default();
    for (master, member) in plan.masters() {
        if let Some(other) = masters.insert(member.clone(), master)
            && other.name != master.name
            && let (Some(at), Some(first)) = (master.makes(), other.makes())
        {
            let places = [at, first].map(|slot| slot.span().map(|span| lowering.head(span)));
            lowering.report(errors::member_twice(places, &member, (&master.name, &other.name)));
        }
    }
}

/// What is part of a bond or bridge has no addresses, and a name that Talos can use.
fn members(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>) {
    let legacy = at.level.forms.of(Thing::Links) == Form::Legacy;
    let selected = |name: &str| plan.link(name).is_some_and(|link| link.device.is_some());
    for (master, name) in plan.masters() {
        let Some(member) = plan.link(&name) else { continue };
        for field in ["addresses", "vip", "dhcp"] {
            let slot = member.field(field);
            let off = matches!(slot.and_then(Slot::leaf), Some(Val::Bool(false)));
            if let Some(slot) = slot.filter(|_| !off) {
                lowering.report(errors::member_addressed(slot, &name, &master.name, field));
            }
        }
        let main = member.say.addresses.iter().find_map(|given| match given.by {
            By::Field(slot) => Some(slot),
            By::Element(_) => None,
        });
        if let Some(slot) = main {
            lowering.report(errors::member_addressed(slot, &name, &master.name, "address"));
        }
        // `interfaces` and `deviceSelectors` of a bond exclude each other, and a bridge has names only.
        let mixed = || {
            let parts = plan.masters().filter(|(other, _)| other.name == master.name);
            parts.into_iter().any(|(_, part)| !selected(&part))
        };
        if legacy
            && member.device.is_some()
            && (master.bridge.is_some() || mixed())
            && let Some(slot) = master.bridge.as_ref().map(|bridge| bridge.slot).or(master.makes())
        {
            lowering.report(errors::member_unnamed(slot, &name, &master.name, at.cluster));
        }
    }
}

/// The number of a VLAN.
fn vlan_numbers(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>) {
    let Some(links) = at.level.own.block("link") else { return };
    for (_, slot) in links.iter() {
        for (vlan, slot) in slot.map().and_then(|link| link.block("vlan")).into_iter().flat_map(Fields::iter)
        {
            if !vlan.parse::<u16>().is_ok_and(|id| (1..=4094).contains(&id)) {
                lowering.report(errors::vlan_number(slot, vlan));
            }
        }
    }
}

/// An address without a link, on machines that are made with several network cards: an alias of more than one device is none.
fn several_cards(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>) {
    let Some(Source::Class { class, .. }) = at.set.map(|set| &set.source) else { return };
    let Some(slot) = plan.on_any_interface() else { return };
    let flat = lowering.flattener.flat(*class, &Default::default(), None);
    let Some((provider, _)) = flat.via else { return };
    let facts = lowering.flattener.flat(provider, &Default::default(), None);
    let Some(Val::Str(field)) = facts.fields.leaf("cards-field") else { return };
    let Some(field) = flat.fields.get(field) else { return };
    let first = matches!(facts.fields.leaf("first-card"), Some(Val::Bool(true)));
    let cards = field.list().map_or(0, |list| list.items.len()) + usize::from(first);
    if cards > 1 {
        let name = lowering.flattener.types.names.decl(*class).name.clone();
        lowering.report(errors::several_cards(slot, field, &name, cards));
    }
}
