//! What a machine ends up with: its links once the levels down to one are merged.
//!
//! A plan is made from what the levels and their networks say, in no form yet, and holds references into them. A level writes what
//! its plan has and that of the level above lacks ([`super::lack`]), so that after Talos has merged the levels a machine has its plan,
//! each thing once. Rules read the same plan.

use std::net::IpAddr;

use super::nets::{Net, Nets};
use crate::flatten::{Elem, Fields, Slot};
use crate::origin::Origins;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::text::Text;
use crate::tree::Origin;
use crate::typing::{AddressVal, Val};

/// The name of the link that stands for the physical interface of a machine that declares none.
pub(crate) const PHYSICAL: &str = "net0";

/// The links of a machine, as far as the levels down to one say them.
pub(crate) struct Plan<'p> {
    /// The networks that count.
    pub(crate) nets: &'p Nets,
    /// The links in order of first appearance.
    pub(crate) links: Vec<Link<'p>>,
    /// What has no place to go.
    pub(crate) strays: Vec<Stray<'p>>,
    /// How many levels stand above the last one.
    pub(crate) depth: usize,
}

/// A link.
pub(crate) struct Link<'p> {
    /// Its name: that of the interface, unless a device is selected.
    pub(crate) name: Text,
    /// What is said of it, networks first, then the highest level.
    pub(crate) parts: Vec<Part<'p>>,
    /// It is part of a bond or bridge.
    pub(crate) member: bool,
    /// How the device is selected.
    pub(crate) device: Option<Device<'p>>,
    /// What makes it a bond.
    pub(crate) bond: Option<Bond<'p>>,
    /// What makes it a bridge.
    pub(crate) bridge: Option<Bridge<'p>>,
    /// Addresses and the like.
    pub(crate) say: Say<'p>,
    /// Its VLANs.
    pub(crate) vlans: Vec<Vlan<'p>>,
}

/// A VLAN.
pub(crate) struct Vlan<'p> {
    /// Its number, as it is written.
    pub(crate) id: Text,
    /// What is said of it.
    pub(crate) parts: Vec<Part<'p>>,
    /// Addresses and the like.
    pub(crate) say: Say<'p>,
}

/// What one declaration says of a link or VLAN.
#[derive(Clone, Copy)]
pub(crate) struct Part<'p> {
    /// The named block.
    pub(crate) slot: &'p Slot,
    /// How many levels stand above the one that says it, or that brings in its network.
    pub(crate) depth: usize,
    /// The network that says it.
    pub(crate) net: Option<DeclId>,
}

/// Qualities that select a device.
#[derive(Clone, Copy)]
pub(crate) struct Device<'p> {
    /// The hardware address.
    pub(crate) mac: Option<&'p Slot>,
    /// The driver; `*` stands for anything.
    pub(crate) driver: Option<&'p Slot>,
    /// Any physical interface.
    pub(crate) physical: bool,
}

/// What a bond is made of.
pub(crate) struct Bond<'p> {
    /// The last link block that says something of it.
    pub(crate) link: &'p Slot,
    /// What that block says.
    pub(crate) block: &'p Fields,
    /// Mode, rate, policy and intervals, in the order of [`BOND_FIELDS`].
    pub(crate) settings: [Option<&'p Slot>; BOND_FIELDS.len()],
    /// The links.
    pub(crate) links: Vec<&'p Elem>,
}

/// What a bridge is made of.
pub(crate) struct Bridge<'p> {
    /// The last list of its links.
    pub(crate) slot: &'p Slot,
    /// The links.
    pub(crate) links: Vec<&'p Elem>,
}

/// The settings of a bond: field, key in the document, key in the v1alpha1 document.
pub(crate) const BOND_FIELDS: [(&str, &str, &str); 6] = [
    ("mode", "bondMode", "mode"),
    ("lacp-rate", "lacpRate", "lacpRate"),
    ("hash-policy", "xmitHashPolicy", "xmitHashPolicy"),
    ("miimon", "miimon", "miimon"),
    ("updelay", "updelay", "updelay"),
    ("downdelay", "downdelay", "downdelay"),
];

/// Addresses and the like of a link or VLAN.
#[derive(Default)]
pub(crate) struct Say<'p> {
    /// Whether it asks for an address.
    pub(crate) dhcp: Dhcp<'p>,
    /// The largest packet.
    pub(crate) mtu: Option<&'p Slot>,
    /// Virtual addresses.
    pub(crate) vips: Vec<&'p Slot>,
    /// Static addresses.
    pub(crate) addresses: Vec<Given<'p>>,
    /// Routes.
    pub(crate) routes: Vec<Route<'p>>,
}

/// Whether a link asks for an address, and what says so if it is not its network.
#[derive(Default, Clone, Copy)]
pub(crate) enum Dhcp<'p> {
    /// Nothing says anything: it does not, once it is configured.
    #[default]
    Unsaid,
    /// It does.
    Asks(Option<&'p Slot>),
    /// It does not, and that is said.
    Not(Option<&'p Slot>),
}

/// A static address.
#[derive(Clone, Copy)]
pub(crate) struct Given<'p> {
    /// The address.
    pub(crate) address: &'p AddressVal,
    /// What says it.
    pub(crate) by: By<'p>,
    /// The network it is on, if that is said.
    pub(crate) net: Option<DeclId>,
    /// How many levels stand above the one that says it.
    pub(crate) depth: usize,
}

/// Where an address is written.
#[derive(Clone, Copy)]
pub(crate) enum By<'p> {
    /// `address = …`
    Field(&'p Slot),
    /// One of `addresses = […]`.
    Element(&'p Elem),
}

/// A route.
#[derive(Clone, Copy)]
pub(crate) enum Route<'p> {
    /// One of `routes = […]`.
    Said(&'p Elem),
    /// The default route to the gateway of the network of an address.
    Gateway(&'p Slot, By<'p>),
}

/// What a route comes to; two that are equal are one.
#[derive(PartialEq, Eq, Clone, Copy)]
pub(crate) struct Way {
    /// The destination; the default route without one.
    pub(crate) to: Option<(IpAddr, u8)>,
    /// The next hop.
    pub(crate) gateway: Option<IpAddr>,
    /// The lower one wins.
    pub(crate) metric: Option<i64>,
    /// Whether it is one of IPv6.
    pub(crate) v6: bool,
}

/// Something with no place to go.
pub(crate) struct Stray<'p> {
    /// The field: `address`, or the `vip` or `mtu` of a network.
    pub(crate) slot: &'p Slot,
    /// The network it is on.
    pub(crate) net: Option<DeclId>,
    /// What it is.
    pub(crate) what: Astray,
    /// Why.
    pub(crate) why: Nowhere,
}

/// What has no place to go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Astray {
    /// The `address` of a node.
    Address,
    /// The virtual address of a network.
    Vip,
    /// The largest packet of a network.
    Mtu,
}

/// Where an address goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkRef {
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

impl<'p> Part<'p> {
    /// The fields of the block.
    pub(crate) fn fields(&self) -> Option<&'p Fields> {
        self.slot.map()
    }
}

/// A field from the last part that says it, with that part.
pub(super) fn last<'p>(parts: &[Part<'p>], field: &str) -> Option<(Part<'p>, &'p Slot)> {
    parts.iter().rev().find_map(|part| Some((*part, part.fields()?.get(field)?)))
}

impl<'p> By<'p> {
    /// Where it stands.
    pub(crate) fn span(self) -> Option<Span> {
        match self {
            By::Field(slot) => slot.span(),
            By::Element(elem) => Some(elem.span),
        }
    }
    /// Its origin.
    pub(super) fn origin(self, origins: &mut Origins) -> Origin {
        match self {
            By::Field(slot) => origins.of(slot),
            By::Element(elem) => origins.at(elem.span, elem.owner),
        }
    }
}

impl Given<'_> {
    /// What Talos takes two addresses for one by.
    pub(crate) fn same(&self, other: &Given<'_>) -> bool {
        (self.address.ip, self.address.prefix) == (other.address.ip, other.address.prefix)
    }
}

impl Route<'_> {
    /// What it comes to.
    pub(crate) fn way(&self) -> Option<Way> {
        let ip = |val: Option<&Val>| match val {
            Some(Val::Ip(ip)) => Some(*ip),
            _ => None,
        };
        let (to, gateway, metric) = match self {
            Route::Gateway(slot, _) => (None, ip(slot.leaf()), None),
            Route::Said(elem) => {
                let Val::Fields(fields) = &elem.val else { return None };
                let to = match fields.leaf("network") {
                    Some(Val::Prefixed(ip, prefix)) => Some((*ip, *prefix)),
                    _ => None,
                };
                let metric = match fields.leaf("metric") {
                    Some(Val::Int(metric)) => Some(*metric),
                    _ => None,
                };
                (to, ip(fields.leaf("gateway")), metric)
            }
        };
        let v6 = to.map(|(ip, _)| ip).or(gateway).is_some_and(|ip| ip.is_ipv6());
        Some(Way { to: to.filter(|(_, prefix)| *prefix != 0), gateway, metric, v6 })
    }
}

impl<'p> Say<'p> {
    /// Whether it asks for an address.
    pub(crate) fn asks(&self) -> bool {
        matches!(self.dhcp, Dhcp::Asks(_))
    }
    /// Whether a default route leads through it.
    pub(crate) fn leads_out(&self) -> bool {
        self.routes.iter().filter_map(Route::way).any(|way| way.to.is_none())
    }
    /// Whether a document of the link says something beside its kind and name.
    fn holds_something(&self) -> bool {
        self.mtu.is_some() || !self.addresses.is_empty() || !self.routes.is_empty()
    }
}

impl<'p> Link<'p> {
    /// A field of the link, from the part that decides it.
    pub(crate) fn field(&self, field: &str) -> Option<&'p Slot> {
        last(&self.parts, field).map(|(_, slot)| slot)
    }
    /// What is said of it and of its VLANs, each with the number of the VLAN.
    pub(crate) fn says(&self) -> impl Iterator<Item = (Option<&Text>, &Say<'p>)> {
        std::iter::once((None, &self.say)).chain(self.vlans.iter().map(|vlan| (Some(&vlan.id), &vlan.say)))
    }
    /// Where it is made a bond or a bridge; a block inside of a link has no place of its own.
    pub(crate) fn makes(&self) -> Option<&'p Slot> {
        self.bond.as_ref().map(|bond| bond.link).or(self.bridge.as_ref().map(|bridge| bridge.slot))
    }
    /// The network that declares it.
    pub(crate) fn declared_by(&self) -> Option<DeclId> {
        self.parts.iter().find_map(|part| part.net)
    }
    /// A node says it itself: then it is written even if nothing else is said of it. In Talos an interface that is listed gets no
    /// address unless something gives it one.
    pub(crate) fn listed(&self) -> bool {
        !self.member && self.parts.iter().any(|part| part.net.is_none())
    }
    /// A document of its kind holds something.
    pub(super) fn holds_something(&self) -> bool {
        self.bond.is_some() || self.bridge.is_some() || self.say.holds_something()
    }
    /// A document has to bring it up: nothing else does that is written. A VLAN needs its parent, a virtual address its link, and
    /// an interface with a document of its own is one that Talos leaves alone.
    /// Source: `processLinkConfigs` in Talos's `internal/app/machined/pkg/controllers/network/link_config.go`.
    pub(super) fn rests(&self) -> bool {
        let not = matches!(self.say.dhcp, Dhcp::Not(_));
        !self.say.asks() && (not || self.listed() || !self.vlans.is_empty() || !self.say.vips.is_empty())
    }
    /// Whether documents of links say something of it: one is enough for Talos to configure no other interface by itself.
    /// Source: `RunDefaultDHCPOperators` in `pkg/machinery/config/container/container.go`.
    pub(crate) fn has_document(&self) -> bool {
        self.say.asks() || self.holds_something() || self.rests()
    }
    /// Whether the v1alpha1 document has an entry for it.
    pub(crate) fn has_entry(&self) -> bool {
        let said =
            !matches!(self.say.dhcp, Dhcp::Unsaid) || !self.say.vips.is_empty() || !self.vlans.is_empty();
        said || self.holds_something() || self.listed()
    }
    /// A place in the source that says something of it.
    pub(crate) fn span(&self) -> Option<Span> {
        let part = self.parts.iter().rev().find(|part| part.net.is_none()).or(self.parts.last());
        part.and_then(|part| part.slot.span())
    }
}

impl<'p> Plan<'p> {
    /// A link by its name.
    pub(crate) fn link(&self, name: &str) -> Option<&Link<'p>> {
        self.links.iter().find(|link| link.name == name)
    }
    /// What is said of all links and VLANs.
    pub(crate) fn says(&self) -> impl Iterator<Item = &Say<'p>> {
        self.links.iter().flat_map(|link| link.says().map(|(_, say)| say))
    }
    /// The network that is named.
    pub(crate) fn named(&self) -> Option<&'p Net> {
        self.nets.named()
    }
    /// A bond has no links or no mode, or something is a bond and a bridge: what follows from it is not worth a finding.
    pub(crate) fn unfinished(&self) -> bool {
        let bonds = self.links.iter().filter_map(|link| Some((link, link.bond.as_ref()?)));
        bonds
            .into_iter()
            .any(|(link, bond)| bond.links.is_empty() || bond.settings[0].is_none() || link.bridge.is_some())
    }
    /// Where a virtual address is.
    pub(crate) fn place_of(&self, vip: &Slot) -> Option<LinkRef> {
        let (link, vlan) = self.links.iter().find_map(|link| {
            let (vlan, _) =
                link.says().find(|(_, say)| say.vips.iter().any(|have| have.leaf() == vip.leaf()))?;
            Some((link.name.clone(), vlan.cloned()))
        })?;
        Some(LinkRef { link, vlan })
    }
    /// What goes to whatever interface there is, since no link is declared for it.
    pub(crate) fn on_any_interface(&self) -> Option<&'p Slot> {
        let link = self.link(PHYSICAL).filter(|link| link.parts.is_empty())?;
        let main = link.say.addresses.iter().find_map(|given| match given.by {
            By::Field(slot) => Some(slot),
            By::Element(_) => None,
        });
        main.or_else(|| link.say.vips.first().copied())
    }
    /// Whether a link or VLAN has a virtual address.
    pub(crate) fn has_vip(&self, vip: &Slot) -> bool {
        let says = |link: &Link<'p>| {
            link.says().any(|(_, say)| say.vips.iter().any(|have| have.leaf() == vip.leaf()))
        };
        self.links.iter().any(says)
    }

    /// Bonds and bridges with the names of what they are made of.
    pub(crate) fn masters(&self) -> impl Iterator<Item = (&Link<'p>, Text)> {
        self.links.iter().flat_map(|link| {
            let bond = link.bond.iter().flat_map(|bond| &bond.links);
            let bridge = link.bridge.iter().flat_map(|bridge| &bridge.links);
            bond.chain(bridge).filter_map(move |elem| Some((link, super::super::show(&elem.val)?)))
        })
    }
}

/// The name servers, search domains and time servers that come with the networks of a level, each once.
#[derive(Default)]
pub(crate) struct Servers<'p> {
    /// Name servers.
    pub(crate) names: Vec<(&'p Slot, &'p Elem)>,
    /// Search domains.
    pub(crate) search: Vec<(&'p Slot, &'p Elem)>,
    /// Time servers; what a level says itself comes beside them.
    pub(crate) times: Vec<(&'p Slot, &'p Elem)>,
}

impl<'p> Servers<'p> {
    /// Those of a level.
    pub(crate) fn of(nets: &'p Nets) -> Servers<'p> {
        let all = |field: &str| {
            let mut out: Vec<(&'p Slot, &'p Elem)> = Vec::new();
            for slot in nets.iter().filter_map(|net| net.flat.fields.get(field)) {
                for elem in slot.list().into_iter().flat_map(|list| &list.items) {
                    if !out.iter().any(|(_, have)| have.val == elem.val) {
                        out.push((slot, elem));
                    }
                }
            }
            out
        };
        Servers { names: all("nameservers"), search: all("search"), times: all("timeservers") }
    }
}
