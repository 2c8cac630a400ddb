//! What is wrong with links.

use std::net::IpAddr;

use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Slot;
use crate::fleet::Cluster;
use crate::source::Span;
use crate::talos::lower::network::plan::{Astray, Nowhere, Stray};
use crate::talos::lower::show;
use crate::text::{self, Text};

pub(super) fn stray(stray: &Stray<'_>, network: &str, owner: &str) -> Diagnostic {
    let (Nowhere::Unknown(names) | Nowhere::Several(names)) = &stray.why;
    if stray.what != Astray::Address {
        return without_place(stray, network, owner, names);
    }
    let (code, message, label) = match &stray.why {
        Nowhere::Unknown(_) => (
            Code::UnknownLink,
            format!("there is no such link for an address on `{network}`"),
            "on a link that nothing declares",
        ),
        Nowhere::Several(_) => (
            Code::AmbiguousLink,
            format!("several links could carry an address on `{network}`"),
            "on which of them?",
        ),
    };
    let finding = Diagnostic::new(code, message).if_understood().label_if(stray.slot.span(), label);
    match names.first() {
        None => finding.help(format!("declare it: `link NAME {{ … }}`, or leave it out: `on {network}`")),
        Some(first) => finding
            .note(format!("links: {}", text::all_of(names)))
            .help(format!("name one: `on {network}.{first}`")),
    }
}

/// What a network says of links says no link: one of them has to say that it is on the network.
fn without_place(stray: &Stray<'_>, network: &str, owner: &str, names: &[Text]) -> Diagnostic {
    let value = stray.slot.leaf().and_then(show).unwrap_or_default();
    let what = match stray.what {
        Astray::Mtu => format!("its `mtu` of {value}"),
        Astray::Address | Astray::Vip => value.to_string(),
    };
    let message = format!("no link of `{owner}` is known to be on `{network}`, where {what} belongs");
    let finding = Diagnostic::new(Code::AmbiguousLink, message).if_understood();
    let finding = finding.label_if(stray.slot.span(), "on which link?");
    let finding = finding.note(format!("links: {}", text::all_of(names)));
    match names.first() {
        Some(first) => finding.help(format!(
            "declare the link on the network too, `link {first} {{}}` in `network {network}`, or give it an address on the network"
        )),
        None => finding,
    }
}

pub(super) fn several_cards(slot: &Slot, field: &Slot, class: &str, cards: usize) -> Diagnostic {
    Diagnostic::new(
        Code::AmbiguousLink,
        format!(
            "machines of `{class}` have {cards} network cards, and no link says which one gets the address"
        ),
    )
    .if_understood()
    .label_if(slot.span(), "on which of them?")
    .label_if(field.span(), "more than one card")
    .help("declare the interface that gets it on the network or the machine, by its name: `link ens18 {}`")
}

pub(super) fn vip_on_workers(slot: &Slot, owner: &str) -> Diagnostic {
    Diagnostic::new(
        Code::VipOnWorkers,
        format!("`{owner}` is a worker, and a virtual address is for control planes"),
    )
    .label_if(slot.span(), "Talos refuses it here")
    .help("set it on the network or the cluster: it is written for the control planes only")
}

pub(super) fn vip_unused(slot: &Slot, network: &str) -> Diagnostic {
    Diagnostic::new(
        Code::VipUnused,
        format!("no control plane is on `{network}`, so nothing has its virtual address"),
    )
    .if_all_understood()
    .label_if(slot.span(), "written nowhere")
    .help(format!("set `network = {network}` on the control planes, or remove the `vip`"))
}

pub(super) fn selected_twice(
    slot: &Slot,
    first: &Slot,
    mac: &str,
    (name, other): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(Code::LinkTwice, format!("the links `{other}` and `{name}` select one device"))
        .label_if(slot.span(), format!("`{name}` is the device {mac}"))
        .label_if(first.span(), format!("`{other}` is it already"))
        .help("give each link a device of its own, or say all of it in one link")
}

pub(super) fn member_twice(
    [at, first]: [Option<Span>; 2],
    member: &str,
    (name, other): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(Code::LinkTwice, format!("`{member}` is part of `{other}` and of `{name}`"))
        .label_if(at, format!("`{name}` takes it"))
        .label_if(first, format!("`{other}` has it already"))
        .help("a link is part of one bond or bridge")
}

pub(super) fn member_addressed(slot: &Slot, member: &str, master: &str, field: &str) -> Diagnostic {
    Diagnostic::new(
        Code::MemberAddressed,
        format!("`{member}` is part of `{master}` and can have no address of its own"),
    )
    .label_if(slot.span(), format!("`{field}` of a part"))
    .help(match field {
        "address" => format!("put it on the link that it is part of: `on NETWORK.{master}`"),
        _ => format!("move `{field}` to the link `{master}`"),
    })
}

pub(super) fn member_unnamed(slot: &Slot, member: &str, master: &str, cluster: &Cluster) -> Diagnostic {
    Diagnostic::new(
        Code::LinkUnnamed,
        format!("`{master}` needs the name of the interface, and `{member}` only selects one"),
    )
    .if_understood()
    .label_if(slot.span(), format!("`{member}` is no interface name"))
    .label_if(cluster.target_spans.created_with, "clusters created with Talos 1.12 and later know selected links by name")
    .help(format!("write the name of the interface in place of `{member}`: `enx` and the MAC address works on any machine"))
}

pub(super) fn vlan_number(slot: &Slot, vlan: &str) -> Diagnostic {
    Diagnostic::new(Code::OutOfBounds, format!("`{vlan}` is not the number of a VLAN"))
        .label_if(slot.span(), "a VLAN has a number from 1 to 4094")
        .help("write `vlan 20 { … }`")
}

pub(super) fn physical_twice(slot: &Slot, owner: &str) -> Diagnostic {
    Diagnostic::new(
        Code::LinkUnnamed,
        format!("the interface of `{owner}` would have its static address and DHCP"),
    )
    .if_understood()
    .label_if(slot.span(), "which interface gets it is not said")
    .note("a higher level asks for DHCP on any physical interface, and Talos does not merge the two entries")
    .help("declare the interface, on the network or the machine: `link enp1s0`; or set `dhcp = false` on the network")
}

pub(super) fn other_link(at: Span, said: &str, own: &str) -> Diagnostic {
    Diagnostic::new(
        Code::LinkContradicts,
        format!("an address of the link `{own}` says that it is on `{said}`"),
    )
    .label(at, format!("stands on `{own}`"))
    .help(format!("leave out `.{said}`, or move the address to `link {said} {{ addresses = […] }}`"))
}

pub(super) fn vip_elsewhere(slot: &Slot, ip: IpAddr, own: &str, other: &str) -> Diagnostic {
    Diagnostic::new(
        Code::VipElsewhere,
        format!("the virtual address {ip} is on `{own}`, and the network it belongs to is on `{other}`"),
    )
    .label_if(slot.span(), format!("no address of `{own}` is on its network"))
    .note("machines look for it on their own network, where nobody answers")
    .help(format!("move `vip` to `{other}`"))
}

/// `clusters`: the one that has it first, then the other.
pub(super) fn vip_shared(slot: &Slot, first: &Slot, ip: IpAddr, clusters: [&Text; 2]) -> Diagnostic {
    let message = format!("{ip} is the virtual address of the control planes of two clusters");
    let [before, own] = clusters;
    let finding = Diagnostic::new(Code::AddressShared, message);
    let finding = match slot.span() == first.span() {
        true => finding.label_if(slot.span(), format!("`{before}` and `{own}` have it")),
        false => finding
            .label_if(slot.span(), format!("`{own}` has it"))
            .label_if(first.span(), format!("`{before}` has it already")),
    };
    finding
        .note("only one of them can answer for it at a time")
        .help("give each cluster a network of its own: `network lan-2 extends lan { override vip = … }`, named by `network` and behind `on`")
}

pub(super) fn two_vips(second: &Slot, first: &Slot, link: &str, cluster: &Cluster) -> Diagnostic {
    Diagnostic::new(Code::LinkContradicts, format!("`{link}` would have two virtual addresses"))
        .label_if(second.span(), "has no room")
        .label_if(first.span(), "the first one")
        .label_if(cluster.target_spans.created_with, "links of clusters created before Talos 1.12 have one")
        .help("keep one of them, or put the second on another link")
}

pub(super) fn vlan_and_link(
    at: Span,
    vlan: Option<Span>,
    name: &str,
    (parent, id): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        Code::LinkContradicts,
        format!("`{name}` is declared as a link and as a VLAN of `{parent}`"),
    )
    .label(at, "as a link")
    .label_if(vlan, "as a VLAN")
    .help(format!("say all of it in the VLAN: `link {parent} {{ vlan {id} {{ … }} }}`"))
}

pub(super) fn bond_and_bridge(bridge: &Slot, bond: Option<Span>, link: &str) -> Diagnostic {
    Diagnostic::new(Code::LinkContradicts, format!("`{link}` is a bond and a bridge"))
        .label_if(bridge.span(), "makes it a bridge")
        .label_if(bond, "a bond too")
        .help(format!("give the bridge a link of its own: `link br1 {{ bridge = [{link}] }}`"))
}

pub(super) fn made_and_selected(device: &Slot, made: Option<Span>, link: &str) -> Diagnostic {
    Diagnostic::new(Code::LinkContradicts, format!("`{link}` is made of other links and selects a device"))
        .label_if(device.span(), "selects a device")
        .label_if(made, "made of other links")
        .help("select the device with a link of its own, and name that in `links`")
}

pub(super) fn bond_incomplete(at: Option<Span>, link: &str, field: &str) -> Diagnostic {
    let (message, label, help) = match field {
        "links" => ("has no links", "made of nothing", "name what it is made of: `links = [eno1, eno2]`"),
        _ => (
            "has no mode",
            "how are its links used?",
            "say how its links are used: `mode = active-backup`, or `mode = 802.3ad` with a switch that knows LACP",
        ),
    };
    Diagnostic::new(Code::BondIncomplete, format!("the bond `{link}` {message}"))
        .if_understood()
        .label_if(at, label)
        .note("Talos refuses it, or makes a bond that carries nothing")
        .help(help)
}

pub(super) fn bond_rate(rate: &Slot, mode: Option<&Slot>) -> Diagnostic {
    Diagnostic::new(Code::BondSetting, "`lacp-rate` is for bonds of mode 802.3ad")
        .label_if(rate.span(), "there is no LACP in another mode")
        .label_if(mode.and_then(Slot::span), "the mode")
        .help("remove `lacp-rate`, or set `mode = 802.3ad`")
}

/// `interval` is where `miimon` is said, and what it is.
pub(super) fn bond_delay(slot: &Slot, field: &str, delay: i64, interval: Option<(&Slot, i64)>) -> Diagnostic {
    let message = match interval {
        Some((_, every)) if every != 0 => {
            format!("{delay} is no multiple of {every}, which is how often links are checked")
        }
        _ => format!("`{field}` without `miimon`: links are never checked"),
    };
    let finding = Diagnostic::new(Code::BondSetting, message)
        .label_if(slot.span(), format!("`{field}` counts in checks"));
    let finding = finding.label_if(interval.and_then(|(slot, _)| slot.span()), "the interval");
    match interval {
        Some((_, every)) if every != 0 => {
            finding.help(format!("write `{field} = {}`", (delay + every - 1) / every * every))
        }
        _ => finding.help("set `miimon = 100`, and a multiple of it here"),
    }
}

pub(super) fn network_stays(
    slot: &Slot,
    old: Option<&Slot>,
    what: &str,
    [new, before]: &[Text; 2],
    above: &str,
) -> Diagnostic {
    Diagnostic::new(
        Code::EmittedAbove,
        format!("the {above} has written {what} of `{before}`: `{new}` cannot take them back below it"),
    )
    .label_if(slot.span(), format!("`{new}` in place of `{before}`"))
    .label_if(old.and_then(Slot::span), format!("`{before}` is named for all of them here"))
    .note("Talos adds up the lists of the levels, so what a higher level writes stays")
    .help("name the network only on the sets or machines that are on it")
}

pub(super) fn address_stays(slot: &Slot, old: &Slot, above: &str) -> Diagnostic {
    Diagnostic::new(
        Code::EmittedAbove,
        format!("the {above} has written an address: a machine would have both"),
    )
    .label_if(slot.span(), "in place of it")
    .label_if(old.span(), "written here already")
    .note("Talos adds up the lists of the levels, so what a higher level writes stays")
    .help("set `address` only on the machines")
}

pub(super) fn physical_stays(at: Option<Span>, owner: &str) -> Diagnostic {
    Diagnostic::new(
        Code::LinkUnnamed,
        format!("what a higher level says of an interface without a name would stay on `{owner}`"),
    )
    .if_understood()
    .label_if(at, "in place of it")
    .note("Talos merges what the levels say of a link by its name, or by equal selections that are precise")
    .help("declare the interface on the network, by its name: `link enp1s0`")
}
