//! Links: virtual addresses, devices, and what is part of bonds and bridges.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{At, errors, levels, vlans};
use crate::flatten::{Fields, Slot};
use crate::fleet::{Fleet, Source};
use crate::resolve::DeclId;
use crate::talos::LevelKind;
use crate::talos::forms::{Form, Forms};
use crate::talos::lower::network::plan;
use crate::talos::lower::network::view::{self, View};
use crate::talos::lower::{Lowering, show};
use crate::text::Text;
use crate::typing::Val;
use crate::world::config::Thing;

pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, forms: &[&Forms]) {
    let mut uses = Uses::default();
    for (index, forms) in forms.iter().enumerate() {
        levels(lowering, fleet, index, forms, &mut |lowering, at| {
            uses.gather(at);
            if !at.broken {
                several_cards(lowering, at);
            }
            let concerned =
                ["network", "link", "address"].iter().any(|field| at.level.own.get(field).is_some());
            if concerned {
                let view = View::of(lowering, at.level);
                let nets = || view.named.iter().chain(&view.other);
                let broken = at.broken || nets().any(|net| net.flat.broken);
                vip_on_workers(lowering, at);
                devices(lowering, &view);
                vlan_numbers(lowering, at);
                if !broken {
                    strays(lowering, at, &view);
                    members(lowering, at, &view);
                    physical_twice(lowering, at, &view);
                }
            }
        });
    }
    uses.unused_vips(lowering);
}

/// Which networks are named by whom.
#[derive(Default)]
struct Uses {
    order: Vec<DeclId>,
    all: FxHashSet<DeclId>,
    by_control: FxHashSet<DeclId>,
}

impl Uses {
    fn gather(&mut self, at: At<'_>) {
        // What a cluster names counts for its sets.
        let Some(id) = at.set.and_then(|_| super::addresses::named(at.level)) else { return };
        if self.all.insert(id) {
            self.order.push(id);
        }
        if at.level.kind.takes_vip() {
            self.by_control.insert(id);
        }
    }

    fn unused_vips(&self, lowering: &mut Lowering<'_, '_>) {
        for &id in self.order.iter().filter(|id| !self.by_control.contains(id)) {
            let flat = lowering.flattener.flat(id, &Default::default(), None);
            if let Some(slot) = flat.fields.get("vip") {
                let name = lowering.flattener.types.names.decl(id).name.clone();
                lowering.report(errors::vip_unused(slot, &name));
            }
        }
    }
}

/// Addresses that no link can be found for.
fn strays(lowering: &mut Lowering<'_, '_>, at: At<'_>, view: &View) {
    for stray in plan::strays(lowering, at.level, view) {
        lowering.report(errors::stray(&stray));
    }
}

/// Talos refuses a virtual address on a worker: `v1alpha1_validation.go`, "virtual (shared) IP is not allowed on non-controlplane nodes".
fn vip_on_workers(lowering: &mut Lowering<'_, '_>, at: At<'_>) {
    if !matches!(at.level.kind, LevelKind::Workers | LevelKind::Machine { control: false }) {
        return;
    }
    let owner = at.shown(lowering);
    for (_, slot) in at.level.own.block("link").into_iter().flat_map(Fields::iter) {
        let Some(link) = slot.map() else { continue };
        for fields in std::iter::once(link).chain(vlans(link)) {
            if let Some(slot) = fields.get("vip") {
                lowering.report(errors::vip_on_workers(slot, &owner));
            }
        }
    }
}

/// No device is selected by two links, and none is part of two bonds or bridges.
fn devices(lowering: &mut Lowering<'_, '_>, view: &View) {
    let mut macs: FxHashMap<String, (&Text, &Slot)> = FxHashMap::default();
    for name in view.links.keys() {
        let Some(slot) = view.field(name, "mac") else { continue };
        let Some(mac) = slot.leaf().and_then(show) else { continue };
        if let Some((other, first)) = macs.insert(mac.to_lowercase(), (name, slot)) {
            lowering.report(errors::selected_twice(slot, first, &mac, (name, other)));
        }
    }
    let mut masters: FxHashMap<Text, &Text> = FxHashMap::default();
    for (master, member) in view.masters() {
        if let Some(other) = masters.insert(member.clone(), master)
            && other != master
        {
            let at = ["bond", "bridge"].iter().find_map(|field| view.field(master, field));
            let first = ["bond", "bridge"].iter().find_map(|field| view.field(other, field));
            if let (Some(at), Some(first)) = (at, first) {
                lowering.report(errors::member_twice(at, first, &member, (master, other)));
            }
        }
    }
}

/// What is part of a bond or bridge has no addresses, and a name that Talos can use.
fn members(lowering: &mut Lowering<'_, '_>, at: At<'_>, view: &View) {
    let legacy = at.level.forms.of(Thing::Links) == Form::Legacy;
    let pairs: Vec<(Text, Text)> = view.masters().map(|(master, member)| (master.clone(), member)).collect();
    for (master, member) in &pairs {
        for field in ["addresses", "vip", "dhcp"] {
            let slot = view.field(member, field);
            let off = matches!(slot.and_then(Slot::leaf), Some(Val::Bool(false)));
            if let Some(slot) = slot.filter(|_| !off) {
                lowering.report(errors::member_addressed(slot, member, master, field));
            }
        }
        // `interfaces` and `deviceSelectors` of a bond exclude each other, and a bridge has names only.
        let bridge = view.field(master, "bridge");
        let mixed = pairs.iter().any(|(other, name)| other == master && !view.selected(name));
        if legacy
            && view.selected(member)
            && (bridge.is_some() || mixed)
            && let Some(slot) = bridge.or_else(|| view.field(master, "bond"))
        {
            lowering.report(errors::member_unnamed(slot, member, master, at.cluster));
        }
    }
}

/// The number of a VLAN.
fn vlan_numbers(lowering: &mut Lowering<'_, '_>, at: At<'_>) {
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

/// Entries of the v1alpha1 document that select any physical device are not merged with each other: a lower level cannot switch off
/// what a higher one has switched on.
fn physical_twice(lowering: &mut Lowering<'_, '_>, at: At<'_>, view: &View) {
    let (Some(address), Form::Legacy) = (view::address(at.level), at.level.forms.of(Thing::Links)) else {
        return;
    };
    let network = address.network.map(|(id, _)| id).or(view.named.as_ref().map(|net| net.id));
    let Ok(place) = view.place(network, address.link.as_deref()) else { return };
    let precise = ["mac", "driver"].iter().any(|field| view.field(&place.link, field).is_some());
    let physical = view.selected(&place.link) && !precise;
    if physical
        && plan::dhcp_above(lowering, at.level, &place.link)
        && let Some(slot) = at.level.own.get("address")
    {
        let owner = at.shown(lowering);
        lowering.report(errors::physical_twice(slot, &owner));
    }
}

/// An address without a link, on machines that are made with several network cards: an alias of more than one device is none.
fn several_cards(lowering: &mut Lowering<'_, '_>, at: At<'_>) {
    let Some(Source::Class { class, .. }) = at.set.map(|set| &set.source) else { return };
    let flat = lowering.flattener.flat(*class, &Default::default(), None);
    let Some((provider, _)) = flat.via else { return };
    let facts = lowering.flattener.flat(provider, &Default::default(), None);
    let Some(Val::Str(field)) = facts.fields.leaf("cards-field") else { return };
    let Some(field) = flat.fields.get(field) else { return };
    let first = matches!(facts.fields.leaf("first-card"), Some(Val::Bool(true)));
    let cards = field.list().map_or(0, |list| list.items.len()) + usize::from(first);
    if cards < 2 {
        return;
    }
    let view = View::of(lowering, at.level);
    if let Some(slot) = plan::on_any_interface(lowering, at.level, &view) {
        let name = lowering.flattener.types.names.decl(*class).name.clone();
        lowering.report(errors::several_cards(&slot, field, &name, cards));
    }
}
