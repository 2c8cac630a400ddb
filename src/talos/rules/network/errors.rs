//! What is wrong with addresses, links and forms.

use std::net::IpAddr;

use super::addresses::{Subnet, Taken};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Fields, Slot};
use crate::fleet::Cluster;
use crate::source::Span;
use crate::talos::base::Base;
use crate::talos::lower::network::plan::Stray;
use crate::talos::lower::network::view::Nowhere;
use crate::text::{self, Text};
use crate::typing::Val;
use crate::world::config::Thing;

pub(super) fn stray(stray: &Stray) -> Diagnostic {
    let network = &stray.network;
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
    let (Nowhere::Unknown(names) | Nowhere::Several(names)) = &stray.why;
    let finding = Diagnostic::new(code, message).if_understood().label_if(stray.slot.span(), label);
    match names.first() {
        None => finding.help(format!("declare it: `link NAME {{ … }}`, or leave it out: `on {network}`")),
        Some(first) => finding
            .note(format!("links: {}", text::all_of(names)))
            .help(format!("name one: `on {network}.{first}`")),
    }
}

/// "free addresses next to it: 192.168.20.32, .34": the part that differs from the first is enough.
fn free_help(finding: Diagnostic, free: &[IpAddr]) -> Diagnostic {
    let Some(first) = free.first() else {
        return finding.help("take another address of the network");
    };
    let whole = first.to_string();
    let head = whole.rsplit_once('.').map(|(head, _)| format!("{head}."));
    let rest = free[1..].iter().map(|ip| {
        let ip = ip.to_string();
        match head.as_ref().and_then(|head| ip.strip_prefix(head.as_str())) {
            Some(tail) => format!(".{tail}"),
            None => ip,
        }
    });
    let all: Vec<String> = std::iter::once(whole.clone()).chain(rest).collect();
    let word = if all.len() == 1 { "free address" } else { "free addresses" };
    finding.help(format!("{word} next to it: {}", all.join(", ")))
}

pub(super) fn twice(taken: &Taken, other: &Taken, network: Option<&str>, free: &[IpAddr]) -> Diagnostic {
    let across = taken.cluster != other.cluster;
    let code = if across { Code::AddressShared } else { Code::AddressTaken };
    let of = network.map(|name| format!(" of the network `{name}`")).unwrap_or_default();
    let whose = if across { "machines of two clusters" } else { "two machines" };
    let inherited = taken.span == other.span;
    let (here, there) =
        if inherited { (taken.owner_span, other.owner_span) } else { (taken.span, other.span) };
    let finding = Diagnostic::new(code, format!("{} is given to {whose}{of}", taken.ip))
        .label(here, format!("`{}` gets it here", taken.owner))
        .label(there, format!("`{}` has it already", other.owner));
    let finding = if inherited { finding.label(taken.span, "both inherit it from here") } else { finding };
    if across && network.is_none() {
        return finding.help(
            "give one of them another address, or say which network each is on: `address = … on NETWORK`",
        );
    }
    free_help(finding, free)
}

/// How many machines with the same mistake get a label of their own.
const LABELLED: usize = 4;

/// Addresses with another length of the prefix than their network, of which `first` is one.
pub(super) fn other_prefix(subnet: &Subnet, first: &Taken, all: &[&Taken]) -> Diagnostic {
    let (name, length) = (&subnet.name, subnet.range.prefix);
    let message =
        format!("`{name}` is a network of length /{length}, and {}/{} is not", first.ip, first.prefix);
    let mut finding = Diagnostic::new(Code::OtherPrefix, message);
    for taken in all.iter().take(LABELLED) {
        finding =
            finding.label(taken.span, format!("`{}` takes /{} for its network", taken.owner, taken.prefix));
    }
    finding = finding.label_if(subnet.span, format!("`{name}` is {}", subnet.range));
    if let Some(more) = all.len().checked_sub(LABELLED + 1) {
        finding = finding.note(format!("so do {} more", more + 1));
    }
    let reach = if first.prefix < length {
        "looks for machines beyond the router on its own link"
    } else {
        "sends what is on its own link to the router"
    };
    finding
        .note(format!("a machine that takes /{} for its network {reach}", first.prefix))
        .help(format!("write {}/{length}, or make the subnet of `{name}` a /{}", first.ip, first.prefix))
}

pub(super) fn outside(taken: &Taken, subnet: &Subnet, moved: Option<IpAddr>) -> Diagnostic {
    let message = format!(
        "{} is not in the network `{}` ({} – {})",
        taken.ip,
        subnet.name,
        subnet.range.ip,
        subnet.range.last()
    );
    let finding = Diagnostic::new(Code::AddressOutside, message)
        .label(taken.span, differing(taken.ip, subnet))
        .label_if(subnet.span, format!("`{}` is {}", subnet.name, subnet.range));
    match moved {
        Some(ip) => finding.help(format!("{ip} is free; or make the subnet of `{}` wider", subnet.name)),
        None => finding.help(format!("take an address of `{}`, or make its subnet wider", subnet.name)),
    }
}

/// "third octet is 21; `lan` has 20"
fn differing(ip: IpAddr, subnet: &Subnet) -> String {
    let (IpAddr::V4(ip), IpAddr::V4(net)) = (ip, subnet.range.ip) else {
        return format!("outside of {}", subnet.range);
    };
    let pairs = ip.octets().into_iter().zip(net.octets());
    for (i, (is, has)) in pairs.enumerate() {
        let whole = subnet.range.prefix as usize >= (i + 1) * 8;
        if is != has {
            let nth = ["first", "second", "third", "fourth"][i.min(3)];
            return match whole {
                true => format!("{nth} octet is {is}; `{}` has {has}", subnet.name),
                false => {
                    let IpAddr::V4(last) = subnet.range.last() else { break };
                    format!("{nth} octet is {is}; `{}` has {has} to {}", subnet.name, last.octets()[i])
                }
            };
        }
    }
    format!("outside of {}", subnet.range)
}

pub(super) fn reserved(
    taken: &Taken,
    of: &str,
    what: &str,
    span: Option<Span>,
    free: &[IpAddr],
) -> Diagnostic {
    let message = format!("{} is {what} `{of}`: no machine can have it", taken.ip);
    let finding = Diagnostic::new(Code::AddressReserved, message)
        .label(taken.span, format!("`{}` gets it here", taken.owner))
        .label_if(span, "kept here");
    free_help(finding, free)
}

pub(super) fn other_network(at: Span, says: Option<Span>, [named, other]: &[Text; 2]) -> Diagnostic {
    Diagnostic::new(
        Code::OtherNetwork,
        format!("the address is on `{other}`, but the network of the machine is `{named}`"),
    )
    .label(at, format!("on `{other}`"))
    .label_if(says, format!("`{named}` is named here"))
    .note("name servers, search domains and time servers are those of the network that is named")
    .help(format!(
        "set `network = {other}` there, or write an address on a second network as `link NAME {{ addresses = […] }}`"
    ))
}

pub(super) fn hostname_taken(
    name: &str,
    (at, owner): (Span, &str),
    (first, first_owner): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        Code::HostnameTaken,
        format!("the host name `{name}` is given to two machines of a cluster"),
    )
    .label(at, format!("`{owner}` gets it here"))
    .label(first, format!("`{first_owner}` has it already"))
    .note("Kubernetes knows nodes by their names: the second would take the place of the first")
    .help("give each machine a name of its own")
}

pub(super) fn no_address(at: Span, owners: &[Text], network: &str) -> Diagnostic {
    let whose = match owners {
        [one] => format!("`{one}` gets no address"),
        many => format!("{} get no address", text::all_of(many)),
    };
    Diagnostic::new(Code::NoAddress, format!("{whose}: `{network}` has no DHCP")).if_understood()
        .label(at, "nothing gives it an address")
        .help(format!(
            "set `address = … on {network}` on each machine; machines of a class need DHCP, or sets with `size = 1` and an address"
        ))
}

pub(super) fn no_route(network: &Fields, name: &str, machines: &[(Text, Span)]) -> Diagnostic {
    let owners: Vec<&Text> = machines.iter().map(|(owner, _)| owner).collect();
    let whose = text::some_of(&owners, LABELLED);
    let has = if machines.len() == 1 { "has" } else { "have" };
    let gateway = network.get("gateway");
    let message = format!("{whose} {has} no default route");
    let mut finding = Diagnostic::new(Code::NoDefaultRoute, message);
    for (_, span) in machines.iter().take(LABELLED) {
        finding = finding.label(*span, "a static address");
    }
    finding =
        finding.label_if(network.get("dhcp").and_then(Slot::span), format!("nobody on `{name}` gives one"));
    let finding = match gateway {
        Some(slot) => finding.label_if(slot.span(), "only an `address` takes it"),
        None => finding,
    };
    let finding = finding
        .note("without one a machine reaches nothing outside of its network, Omni and registries included");
    match gateway.and_then(Slot::leaf) {
        Some(Val::Ip(ip)) => finding.help(format!(
            "write the address as `address = … on {name}`, or give its link `routes = [{{ gateway = {ip} }}]`"
        )),
        _ => finding.help(format!(
            "set the `gateway` of `{name}`; where there is none, `allow(no-default-route, \"why\")`"
        )),
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

pub(super) fn member_twice(at: &Slot, first: &Slot, member: &str, (name, other): (&str, &str)) -> Diagnostic {
    Diagnostic::new(Code::LinkTwice, format!("`{member}` is part of `{other}` and of `{name}`"))
        .label_if(at.span(), format!("`{name}` takes it"))
        .label_if(first.span(), format!("`{other}` has it already"))
        .help("a link is part of one bond or bridge")
}

pub(super) fn member_addressed(slot: &Slot, member: &str, master: &str, field: &str) -> Diagnostic {
    Diagnostic::new(
        Code::MemberAddressed,
        format!("`{member}` is part of `{master}` and can have no address of its own"),
    )
    .label_if(slot.span(), format!("`{field}` of a part"))
    .help(format!("move `{field}` to the link `{master}`"))
}

pub(super) fn member_unnamed(slot: &Slot, member: &str, master: &str, cluster: &Cluster) -> Diagnostic {
    Diagnostic::new(
        Code::LinkUnnamed,
        format!("`{master}` needs the name of the interface, and `{member}` only selects one"),
    ).if_understood()
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
    ).if_understood()
    .label_if(slot.span(), "which interface gets it is not said")
    .note("a higher level asks for DHCP on any physical interface, and Talos does not merge the two entries")
    .help("declare the interface, on the network or the machine: `link enp1s0`; or set `dhcp = false` on the network")
}

pub(super) fn two_forms(
    (legacy, old): (&str, Option<Span>),
    (document, new): (&str, Option<Span>),
    thing: Thing,
    cluster: &Cluster,
) -> Diagnostic {
    let born = &cluster.target.created_with;
    let created = cluster.target_spans.created_with.or(cluster.target_spans.talos);
    let says = format!("Talos {born} is what `{}` was created with", cluster.name);
    let (message, finding_at, label) = match (old, new) {
        (Some(at), None) => (
            format!(
                "`{legacy}` beside the `{document}` that Talos {born} generates: Talos takes one of them"
            ),
            Some(at),
            format!("the generated configuration says it with `{document}`"),
        ),
        (None, at) => (
            format!(
                "`{document}` beside the `{legacy}` that Talos {born} generates: Talos takes one of them"
            ),
            at,
            format!("the generated configuration says it with `{legacy}`"),
        ),
        (at, Some(_)) => (
            format!("`{legacy}` and `{document}` on one machine: Talos takes one of them"),
            at,
            "in the v1alpha1 document".to_owned(),
        ),
    };
    let finding = Diagnostic::new(Code::TwoForms, message).label_if(finding_at, label);
    let finding = match (old, new) {
        (Some(_), Some(at)) => finding.label(at, format!("as a `{document}`")),
        _ => finding.label_if(created, says),
    };
    finding.help(right_form(thing, document, old.is_some() && new.is_none()))
}

fn right_form(thing: Thing, document: &str, wants_document: bool) -> String {
    let field = match thing {
        Thing::Hostname => "hostname = \"…\"",
        Thing::Resolver => "network = …",
        Thing::TimeSync => "timeservers = […]",
        Thing::Node => "node-labels { … }",
        Thing::Kubelet => "kubelet { … }",
        _ => return format!("write it once, with `document {document}`"),
    };
    // The generated document lets Talos choose the name, which excludes one that is said.
    let fields = if thing == Thing::Hostname { "auto = \"off\", " } else { "" };
    let rest = match wants_document {
        true => format!(", or write `document {document} {{ {fields}… }}`"),
        false => String::new(),
    };
    format!("say it with `{field}`, which is right for each version{rest}")
}

pub(super) fn deletes_nothing(
    at: Span,
    (kind, name): &(Text, Text),
    base: Option<&Base>,
    cluster: &Cluster,
) -> Diagnostic {
    let shown = if name.is_empty() { kind.to_string() } else { format!("{kind} {name}") };
    let born = &cluster.target.created_with;
    let spans = &cluster.target_spans;
    let finding = Diagnostic::new(Code::DeletesNothing, format!("there is no document `{shown}` to delete"))
        // Where nothing says what the cluster was born with, an error that asks for it has the same cause.
        .if_blocks_understood(vec![spans.created_with.or(spans.talos).unwrap_or(cluster.span)])
        .label(at, format!("Talos {born} generates none"))
        .label_if(cluster.target_spans.created_with, format!("`{}` was created with it", cluster.name))
        .note("Talos refuses to delete what is not there")
        .in_cluster(&cluster.name);
    let kinds: Vec<&str> = base.into_iter().flat_map(Base::kinds).collect();
    match kinds.is_empty() {
        true => finding.help("remove the line"),
        false => finding.help(format!("remove the line; generated are {}", text::all_of(&kinds))),
    }
}
