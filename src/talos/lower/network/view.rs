//! The links of a level: what networks, higher levels and the level itself say of each, and where addresses go.

use std::sync::Arc;

use super::super::super::Level;
use super::super::Lowering;
use crate::flatten::{Fields, Flat, Slot};
use crate::resolve::DeclId;
use crate::small_map::SmallMap;
use crate::text::Text;
use crate::typing::{AddressVal, Val};

/// The name of the link that stands for the physical interface of a machine that declares none.
pub(crate) const PHYSICAL: &str = "net0";

/// A network that counts at a level.
#[derive(Clone)]
pub(crate) struct Net {
    /// Its declaration.
    pub(crate) id: DeclId,
    /// Its fields.
    pub(crate) flat: Arc<Flat>,
    /// Named at the level itself.
    pub(crate) here: bool,
}

impl Net {
    /// Whether a DHCP server gives addresses.
    pub(crate) fn dhcp(&self) -> bool {
        !matches!(self.flat.fields.leaf("dhcp"), Some(Val::Bool(false)))
    }
}

/// What one declaration says of a link.
#[derive(Clone)]
pub(crate) struct Part {
    /// The named block.
    pub(crate) slot: Slot,
    /// Said at the level itself, not above it.
    pub(crate) here: bool,
    /// The network that says it.
    pub(crate) network: Option<DeclId>,
}

impl Part {
    /// The fields of the block.
    pub(crate) fn fields(&self) -> Option<&Fields> {
        self.slot.map()
    }
}

/// The links of a level by name, in order of first appearance.
pub(crate) struct View {
    /// The network that the level or the nearest one above names.
    pub(crate) named: Option<Net>,
    /// The network of the level's own address, if it is another one.
    pub(crate) other: Option<Net>,
    /// What is said of each link, highest level first.
    pub(crate) links: SmallMap<Vec<Part>>,
}

/// Where an address goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The link.
    pub(crate) link: Text,
    /// A VLAN of it.
    pub(crate) vlan: Option<Text>,
}

/// Why there is no place for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Nowhere {
    /// No link of the name; these there are.
    Unknown(Vec<Text>),
    /// Several links; these.
    Several(Vec<Text>),
}

impl View {
    /// The links of a level.
    pub(crate) fn of(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> View {
        let named = named(lowering, level);
        let other = address(level)
            .and_then(|address| address.network)
            .map(|(id, _)| id)
            .filter(|id| named.as_ref().is_none_or(|net| net.id != *id))
            .map(|id| net(lowering, level, id, true));
        let mut links: SmallMap<Vec<Part>> = SmallMap::new();
        for net in named.iter().chain(&other) {
            add(&mut links, &net.flat.fields, net.here, Some(net.id));
        }
        for fields in level.above().iter().rev() {
            add(&mut links, fields, false, None);
        }
        add(&mut links, level.own, true, None);
        View { named, other, links }
    }

    /// The parts of a link.
    pub(crate) fn parts(&self, link: &str) -> &[Part] {
        self.links.get(link).map_or(&[], Vec::as_slice)
    }

    /// A field of a link, from the part that decides it.
    pub(crate) fn field(&self, link: &str, field: &str) -> Option<&Slot> {
        self.parts(link).iter().rev().find_map(|part| part.fields()?.get(field))
    }

    /// A field of a link if the level itself decides it.
    pub(crate) fn here(&self, link: &str, field: &str) -> Option<&Slot> {
        self.parts(link).iter().rev().filter(|part| part.here).find_map(|part| part.fields()?.get(field))
    }

    /// Whether a link is part of a bond or bridge.
    pub(crate) fn enslaved(&self, link: &str) -> bool {
        self.masters().any(|(_, member)| member == link)
    }

    /// Bonds and bridges with the names of what they are made of.
    pub(crate) fn masters(&self) -> impl Iterator<Item = (&Text, Text)> {
        self.links.keys().flat_map(move |name| {
            let bond = self.field(name, "bond").and_then(Slot::map).and_then(|bond| bond.list("links"));
            let bridge = self.field(name, "bridge").and_then(Slot::list);
            let items = bond.into_iter().chain(bridge).flat_map(|list| &list.items);
            items.filter_map(move |elem| Some((name, super::super::show(&elem.val)?)))
        })
    }

    /// Whether the device of a link is selected, rather than named.
    pub(crate) fn selected(&self, link: &str) -> bool {
        link == PHYSICAL && !self.links.contains_key(link)
            || ["mac", "driver", "physical"].iter().any(|field| self.field(link, field).is_some())
    }

    /// The network that a link belongs to: the one that declares it, or the named one for the physical link.
    pub(crate) fn network_of(&self, link: &str) -> Option<&Net> {
        let id = self.parts(link).iter().find_map(|part| part.network);
        let known = || self.named.iter().chain(&self.other);
        match id {
            Some(id) => known().find(|net| net.id == id),
            None if link == PHYSICAL && !self.links.contains_key(link) => known().next(),
            None => None,
        }
    }

    /// Where an address on a network goes.
    pub(crate) fn place(&self, network: Option<DeclId>, said: Option<&str>) -> Result<Place, Nowhere> {
        if let Some(said) = said {
            return self.said(said);
        }
        let of_network = self.links.iter().filter(|(name, parts)| {
            parts.iter().any(|part| part.network.is_some() && part.network == network) && !self.enslaved(name)
        });
        let mut names: Vec<Text> = of_network.map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            let of_node = self.links.iter().filter(|(name, parts)| {
                parts.iter().all(|part| part.network.is_none()) && !self.enslaved(name)
            });
            names = of_node.map(|(name, _)| name.clone()).collect();
        }
        match names.as_slice() {
            [] => Ok(Place { link: Text::new_static(PHYSICAL), vlan: None }),
            [one] => Ok(Place { link: one.clone(), vlan: None }),
            _ => Err(Nowhere::Several(names)),
        }
    }

    fn said(&self, said: &str) -> Result<Place, Nowhere> {
        if self.links.contains_key(said) {
            return Ok(Place { link: said.into(), vlan: None });
        }
        if let Some((link, vlan)) = said.rsplit_once('.')
            && self.field(link, "vlan").and_then(Slot::map).is_some_and(|vlans| vlans.get(vlan).is_some())
        {
            return Ok(Place { link: link.into(), vlan: Some(vlan.into()) });
        }
        Err(Nowhere::Unknown(self.names()))
    }

    /// The names that an address may be put on.
    fn names(&self) -> Vec<Text> {
        let mut out = Vec::new();
        for (name, parts) in self.links.iter() {
            out.push(name.clone());
            for part in parts {
                let vlans = part.fields().and_then(|fields| fields.block("vlan"));
                for (vlan, _) in vlans.into_iter().flat_map(Fields::iter) {
                    out.push(format!("{name}.{vlan}").into());
                }
            }
        }
        out
    }
}

/// The address that a level says.
pub(crate) fn address<'l>(level: Level<'l>) -> Option<&'l AddressVal> {
    match level.own.leaf("address") {
        Some(Val::Address(address)) => Some(address),
        _ => None,
    }
}

fn named(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> Option<Net> {
    let found = std::iter::once(&level.own).chain(&level.above()).enumerate().find_map(|(i, fields)| {
        match fields.leaf("network") {
            Some(Val::Ref(id, args)) => Some((i, *id, args.clone())),
            _ => None,
        }
    });
    let (i, id, args) = found?;
    let flat = lowering.flattener.flat(id, &args, Some(&level.target.talos));
    Some(Net { id, flat, here: i == 0 })
}

pub(crate) fn net(lowering: &mut Lowering<'_, '_>, level: Level<'_>, id: DeclId, here: bool) -> Net {
    let flat = lowering.flattener.flat(id, &Arc::default(), Some(&level.target.talos));
    Net { id, flat, here }
}

fn add(links: &mut SmallMap<Vec<Part>>, fields: &Fields, here: bool, network: Option<DeclId>) {
    for (name, slot) in fields.block("link").into_iter().flat_map(Fields::iter) {
        links.get_or_insert_with(name, Vec::new).push(Part { slot: slot.clone(), here, network });
    }
}
