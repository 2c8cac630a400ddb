//! What is wrong with addresses, links and forms.

use std::net::IpAddr;

use super::addresses::{Subnet, Taken};
use super::hostnames::Owner;
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Fields, Slot};
use crate::fleet::{Cluster, Set};
use crate::source::Span;
use crate::talos::forms::Thing;
use crate::text::{self, Text};
use crate::typing::Val;

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
    .note("the default route is that of the address; name servers, search domains and time servers come from both networks")
    .help(format!(
        "set `network = {other}` there, or write an address on a second network as `link NAME {{ addresses = […] }}`"
    ))
}

pub(super) fn hostname_taken(owner: &Owner, first: &Owner) -> Diagnostic {
    let (name, inherited) = (&owner.host, owner.at == first.at);
    let (here, there) = if inherited { (owner.decl, first.decl) } else { (owner.at, first.at) };
    let finding = Diagnostic::new(
        Code::HostnameTaken,
        format!("the host name `{name}` is given to two machines of a cluster"),
    )
    .label(here, format!("`{}` gets it here", owner.name))
    .label(there, format!("`{}` has it already", first.name));
    let finding = if inherited { finding.label(owner.at, "both get it from here") } else { finding };
    finding
        .note("Kubernetes knows nodes by their names: the second would take the place of the first")
        .help("give each machine a name of its own")
}

/// A patch that gives all machines of a set one name.
pub(super) fn hostname_of_all(owner: &Owner, set: &Set) -> Diagnostic {
    Diagnostic::new(
        Code::HostnameTaken,
        format!("the host name `{}` is given to all machines of {}", owner.host, set.shown()),
    )
    .label(owner.at, "the name of one machine")
    .label(set.span, "more than one gets it, or may get it")
    .note("Kubernetes knows nodes by their names: the second would take the place of the first")
    .help("declare the machines and give each its `hostname`, or leave it out: Talos makes one for each machine")
}

/// Machines of two clusters that have one name.
pub(super) fn hostname_shared(pairs: &[[&Owner; 2]]) -> Diagnostic {
    let [first, owner] = pairs[0];
    let names: Vec<String> = pairs.iter().map(|[_, owner]| format!("`{}`", owner.host)).collect();
    let message = match pairs.len() {
        1 => format!("the host name {} is given to machines of two clusters", names[0]),
        many => format!("{many} host names are given to machines of two clusters"),
    };
    let finding = Diagnostic::new(Code::HostnameShared, message)
        .label(owner.at, format!("`{}` gets {} here", owner.name, names[0]))
        .label(first.at, format!("`{}` has it already", first.name));
    let finding = match names.len() {
        1 => finding,
        ..=LABELLED => finding.note(format!("the names are {}", names.join(", "))),
        many => finding.note(format!(
            "the names are {} and {} more",
            names[..LABELLED].join(", "),
            many - LABELLED
        )),
    };
    finding
        .note("on one network DHCP and DNS know one machine by it, and so do Omni and monitoring at a glance")
        .help("give one of them another name, or name the `network` of each; where one cluster takes the place of the other, `allow(hostname-shared, \"why\")`")
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
        Some(slot) => finding.label_if(slot.span(), "only an address that says its network takes it"),
        None => finding,
    };
    let finding = finding
        .note("without one a machine reaches nothing outside of its network, Omni and registries included");
    match gateway.and_then(Slot::leaf) {
        Some(Val::Ip(ip)) => finding.help(format!(
            "write `on {name}` behind the address, or give its link `routes = [{{ gateway = {ip} }}]`"
        )),
        _ => finding.help(format!(
            "set the `gateway` of `{name}`; where there is none, `allow(no-default-route, \"why\")`"
        )),
    }
}

/// The links of some machines switch off the DHCP that Talos runs by default, and nothing takes its place.
pub(super) fn no_uplink(at: Span, link: &str, owners: &[Text]) -> Diagnostic {
    let whose = text::some_of(owners, LABELLED);
    let message = format!("the links leave {whose} without DHCP and without a default route");
    Diagnostic::new(Code::NoUplink, message)
        .if_understood()
        .label(at, format!("with a document for `{link}`, Talos asks for an address on no other interface by itself"))
        .note("once a document says something of a link, each asks only where it is said, and one that is not declared stays down")
        .help("declare the uplink: `link uplink { mac = …, dhcp = true }`; a link that says no `dhcp` asks for nothing")
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
