//! What belongs to one machine: its host name, and an address at all.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{At, errors, levels, vlans};
use crate::flatten::{Elem, Fields, Slot};
use crate::fleet::{Cluster, Fleet, Source};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::forms::Forms;
use crate::talos::lower::Lowering;
use crate::talos::lower::network::view::{Net, Part, View};
use crate::talos::{Level, LevelKind};
use crate::text::Text;
use crate::typing::Val;

pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, forms: &[&Forms]) {
    for (index, (cluster, forms)) in fleet.clusters.iter().zip(forms).enumerate() {
        hostnames(lowering, cluster);
        let mut lonely: IndexMap<Span, (Vec<Text>, Text), FxBuildHasher> = IndexMap::default();
        levels(lowering, fleet, index, forms, &mut |lowering, at| {
            if let Some((span, owner, network)) = without_address(lowering, at) {
                lonely.entry(span).or_insert_with(|| (Vec::new(), network)).0.push(owner);
            }
        });
        for (span, (owners, network)) in &lonely {
            lowering.report(errors::no_address(*span, owners, network));
        }
    }
}

/// Machines without a default route, by the network that gives none.
type Routeless = IndexMap<DeclId, (Net, Vec<(Text, Span)>), FxBuildHasher>;

/// Machines that nothing gives a default route.
pub(super) fn routes(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, forms: &[&Forms]) {
    let mut routeless = Routeless::default();
    for (index, forms) in forms.iter().enumerate() {
        levels(lowering, fleet, index, forms, &mut |lowering, at| {
            let Some((net, span)) = without_route(lowering, at) else { return };
            let machines = &mut routeless.entry(net.id).or_insert_with(|| (net, Vec::new())).1;
            machines.push((at.shown(lowering), span));
        });
    }
    for (net, machines) in routeless.values() {
        let name = lowering.flattener.types.names.decl(net.id).name.clone();
        lowering.report(errors::no_route(&net.flat.fields, &name, machines));
    }
}

/// Static addresses alone, on a network without DHCP, and no gateway that one of them takes.
///
/// Talos asks for an address on interfaces that nothing configures; that the network has no DHCP server is what makes it certain.
fn without_route(lowering: &mut Lowering<'_, '_>, at: At<'_>) -> Option<(Net, Span)> {
    let set = at.set.filter(|_| !at.broken)?;
    let single = at.machine.is_some() || set.count() == Some(1) && set.machines().is_empty();
    if !single || at.level.find("network").is_none() || configured_by_patch(lowering, at.level) {
        return None;
    }
    let view = View::of(lowering, at.level);
    let nets = || view.named.iter().chain(&view.other);
    if nets().any(|net| net.dhcp() || net.flat.broken) {
        return None;
    }
    let address = at.level.find("address").filter(|_| has_address(at.level));
    let routed = match address.and_then(Slot::leaf) {
        Some(Val::Address(address)) => {
            let id = address.network.map(|(id, _)| id).or(view.named.as_ref().map(|net| net.id));
            // What a set says of a network that the machine does not name is not looked up.
            nets().find(|net| Some(net.id) == id).is_none_or(|net| net.flat.fields.get("gateway").is_some())
        }
        _ => false,
    };
    let blocks = view.links.values().flatten().filter_map(Part::fields);
    let mut fields = blocks.flat_map(|link| std::iter::once(link).chain(vlans(link)));
    if routed || fields.any(routes_itself) {
        return None;
    }
    let statically = view.links.keys().find_map(|link| view.field(link, "addresses")).and_then(Slot::span);
    let span = address.and_then(Slot::span).or(statically)?;
    Some((view.named?, span))
}

/// Whether a link or VLAN has a default route or may be given one.
fn routes_itself(fields: &Fields) -> bool {
    let whole = |elem: &Elem| match &elem.val {
        Val::Fields(route) => !matches!(route.leaf("network"), Some(Val::Prefixed(_, 1..))),
        _ => true,
    };
    matches!(fields.leaf("dhcp"), Some(Val::Bool(true)))
        || fields.list("routes").is_some_and(|list| list.items.iter().any(whole))
}

/// Host names are unique in a cluster; case does not count in them.
fn hostnames(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
    let mut seen: FxHashMap<String, (Span, Span, Text)> = FxHashMap::default();
    for set in &cluster.sets {
        let own = (set.span, set.name.clone(), set.own.get("hostname"));
        let machines = set.machines().iter().map(|machine| {
            let decl = lowering.flattener.types.names.decl(machine.decl);
            (decl.span, decl.name.clone(), machine.flat.fields.get("hostname"))
        });
        let said: Vec<(Span, Text, Option<&Slot>)> = std::iter::once(own).chain(machines).collect();
        for (owner_span, owner, slot) in said {
            let Some((Val::Str(name), span)) = slot.and_then(|slot| Some((slot.leaf()?, slot.span()?)))
            else {
                continue;
            };
            match seen.get(&name.to_lowercase()) {
                Some((_, known, _)) if *known == owner_span => {}
                Some((other, _, other_owner)) => {
                    lowering.report(errors::hostname_taken(name, (span, &owner), (*other, other_owner)));
                }
                None => {
                    seen.insert(name.to_lowercase(), (span, owner_span, owner));
                }
            }
        }
    }
}

/// Machines on a network without DHCP that nothing gives an address: of a class as one, listed ones each. The place is where
/// the set takes them from.
fn without_address(lowering: &mut Lowering<'_, '_>, at: At<'_>) -> Option<(Span, Text, Text)> {
    let set = at.set.filter(|_| !at.broken)?;
    let span = match (&set.source, at.machine) {
        (Source::Class { span, .. }, None) if set.count() != Some(0) => *span,
        (Source::Machines(_), Some(machine)) => machine.span,
        _ => return None,
    };
    let network = super::addresses::named(at.level)?;
    if has_address(at.level) || configured_by_patch(lowering, at.level) {
        return None;
    }
    let view = View::of(lowering, at.level);
    let net = view.named.as_ref()?;
    let links = || view.links.keys();
    let addressed = links().any(|link| {
        let asks = matches!(view.field(link, "dhcp").and_then(Slot::leaf), Some(Val::Bool(true)));
        let vlans = view.field(link, "vlan").and_then(Slot::map);
        asks || view.field(link, "addresses").is_some() || vlans.is_some_and(any_vlan_addressed)
    });
    if net.dhcp() || net.flat.broken || addressed {
        return None;
    }
    let name = lowering.flattener.types.names.decl(network).name.clone();
    Some((span, at.shown(lowering), name))
}

fn any_vlan_addressed(vlans: &Fields) -> bool {
    vlans
        .iter()
        .filter_map(|(_, slot)| slot.map())
        .any(|vlan| vlan.get("addresses").is_some() || matches!(vlan.leaf("dhcp"), Some(Val::Bool(true))))
}

fn has_address(level: Level<'_>) -> bool {
    let set_level = matches!(level.kind, LevelKind::Machine { .. });
    level.own.get("address").is_some()
        || set_level && level.above().iter().any(|fields| fields.get("address").is_some())
}

/// Whether a patch says something of interfaces, or is a file whose content is not known: then nothing is.
fn configured_by_patch(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> bool {
    std::iter::once(level.own).chain(level.above()).any(|fields| {
        let own = fields.block("patch").into_iter().flat_map(Fields::iter);
        own.into_iter().any(|(_, slot)| slot.is_file() || slot.map().is_some_and(says_links))
            || taken_in(lowering, fields, level)
    })
}

fn taken_in(lowering: &mut Lowering<'_, '_>, fields: &Fields, level: Level<'_>) -> bool {
    fields.list("patches").iter().flat_map(|list| &list.items).any(|elem| match &elem.val {
        Val::Ref(id, args) => {
            let flat = lowering.flattener.flat(*id, args, Some(&level.target.talos));
            says_links(&flat.fields)
        }
        _ => false,
    })
}

fn says_links(patch: &Fields) -> bool {
    let documents = patch.block("document").into_iter().flat_map(Fields::iter);
    patch.at(&["machine", "network", "interfaces"]).is_some()
        || documents.into_iter().any(|(key, _)| {
            key.contains("DHCP") || key.contains("Link") || key.contains("Bond") || key.contains("VLAN")
        })
}
