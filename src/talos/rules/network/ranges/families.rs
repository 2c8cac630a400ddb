//! How many networks of pods and services there may be, of which families, and how large: what Kubernetes does not start with.
//!
//! Source: `validateClusterIPFlags` in `cmd/kube-apiserver/app/options/validation.go` and `validateServiceClusterIPRange` of the
//! Kubernetes minors, `pkg/controlplane/instance.go` (the address of the API server and its service are of one family), and
//! siderolabs/talos#8115 (both kinds of networks name the families in one order).

use std::net::IpAddr;

use super::{Held, PODS, SERVICES};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Slot;
use crate::fleet::{Chain, Cluster};
use crate::talos::lower::Lowering;
use crate::text::some_of;
use crate::typing::Val;

/// The bits of a network of services that Kubernetes could count until it kept them in objects of their own.
const COUNTED: u8 = 20;

/// Every finding; nothing is said of what Talos takes by itself.
pub(super) fn check(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    pods: &[Held],
    services: &[Held],
) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let counted = [(&PODS, pods), (&SERVICES, services)].map(|(kind, all)| several(kind.shown, all));
    let right = counted.iter().all(Option::is_none);
    out.extend(counted.into_iter().flatten());
    // Without the gate of 1.33 the API server reserves a bit for each address.
    if !cluster.target.kubernetes_at_least(1, 34) {
        out.extend(services.iter().filter_map(large));
    }
    if right {
        out.extend(order(pods, services).or_else(|| nodes(lowering, cluster, pods, services)));
    }
    out
}

/// More than two networks, or two of one family.
fn several(what: &str, all: &[Held]) -> Option<Diagnostic> {
    let written: Vec<&Held> = all.iter().filter(|held| held.span.is_some()).collect();
    let message = match written.as_slice() {
        [_, _, third, ..] => {
            (*third, format!("{what} have {} networks: Kubernetes takes two", written.len()))
        }
        [one, two] if family(one) == family(two) => {
            (*two, format!("both networks of {what} are {}: two must be one of each family", family(one)))
        }
        _ => return None,
    };
    let (at, message) = message;
    let finding = Diagnostic::new(Code::ClusterSubnets, message);
    let finding = finding.label_if(at.span, "one too many").label_if(written[0].span, "the first of them");
    Some(finding.help("keep one network, or one of IPv4 and one of IPv6"))
}

/// A network of services with more addresses than Kubernetes counts.
fn large(held: &Held) -> Option<Diagnostic> {
    let least = held.range.bits() - COUNTED;
    let (Some(span), true) = (held.span, held.range.prefix < least) else { return None };
    let message = format!("{} is too large for services: kube-apiserver does not start", held.range);
    Some(
        Diagnostic::new(Code::ClusterSubnets, message)
            .label(span, format!("Kubernetes before 1.34 takes /{least} and smaller"))
            .help(format!("take a part of it: `{}/{least}`", held.range.ip)),
    )
}

/// Networks of pods and services that begin with different families.
fn order(pods: &[Held], services: &[Held]) -> Option<Diagnostic> {
    let (pod, service) = (pods.first()?, services.first()?);
    if family(pod) == family(service) {
        return None;
    }
    // What is written is to be changed.
    let (at, other, field) = match service.span {
        Some(_) => (service, pod, SERVICES.field),
        None => (pod, service, PODS.field),
    };
    let of_same = |held: &&Held| family(held) == family(other);
    let all = if field == SERVICES.field { services } else { pods };
    let message = format!("{} begin with {} and {} with {}", at.what, family(at), other.what, family(other));
    let finding = Diagnostic::new(Code::ClusterSubnets, message).label_if(at.span, family(at));
    let finding = match other.span {
        Some(span) => finding.label(span, family(other)),
        None => finding.note(format!("{} get {} unless something else is said", other.what, other.range)),
    };
    let finding = finding
        .note("the first network decides the family of the cluster: the address of the API server is of it");
    Some(match all.iter().find(of_same) {
        Some(_) => finding.help(format!("name the families in one order: `{}`", turned(field, all))),
        None => finding.help(format!("give `{field}` a network of {}", family(other))),
    })
}

/// A first network of another family than the addresses of the nodes.
fn nodes(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    pods: &[Held],
    services: &[Held],
) -> Option<Diagnostic> {
    let first = services.first()?;
    let mut found: Vec<(bool, Option<crate::source::Span>)> = Vec::new();
    for set in cluster.sets.iter().filter(|set| set.control) {
        if let Some(id) = node_network(Chain::of_set(cluster, set)) {
            let flat = lowering.flattener.flat(id, &Default::default(), Some(&cluster.target.talos));
            let subnet = flat.fields.get("subnet");
            match subnet.and_then(Slot::leaf) {
                Some(Val::Prefixed(ip, _)) => found.push((ip.is_ipv4(), subnet.and_then(Slot::span))),
                // What the nodes get there is not known.
                _ => return None,
            }
        }
    }
    let ((v4, span), rest) = found.split_first()?;
    let fits = rest.iter().any(|(other, _)| other != v4) || *v4 == first.range.ip.is_ipv4();
    if fits {
        return None;
    }
    let of_nodes = name(*v4);
    let message = format!("services begin with {} and the nodes have {of_nodes} alone", family(first));
    let finding = Diagnostic::new(Code::ClusterSubnets, message);
    let finding = match first.span {
        Some(at) => finding.label(at, family(first)).label_if(*span, "the network of the nodes"),
        None => finding
            .label_if(*span, "the network of the nodes")
            .note(format!("services get {} unless something else is said", first.range)),
    };
    let finding =
        finding.note("kube-apiserver does not start: its address and its service must be of one family");
    let turn = |field: &str, all: &[Held]| {
        all.iter().any(|held| held.range.ip.is_ipv4() == *v4).then(|| turned(field, all))
    };
    let turns: Vec<String> = [(PODS.field, pods), (SERVICES.field, services)]
        .into_iter()
        .filter_map(|(field, all)| turn(field, all))
        .collect();
    Some(match turns.is_empty() {
        false => finding.help(format!("name {of_nodes} first: {}", some_of(&turns, 2))),
        true => {
            finding.help(format!("give `{}` and `{}` a network of {of_nodes}", PODS.field, SERVICES.field))
        }
    })
}

/// The network that the address of a node is of, where that is said: a node may have others than `network`.
fn node_network(chain: Chain<'_>) -> Option<crate::resolve::DeclId> {
    match chain.leaf("node-ip") {
        Some(Val::Ref(id, _)) => Some(*id),
        _ => None,
    }
}

/// A list with the other family first.
fn turned(field: &str, all: &[Held]) -> String {
    let shown = |held: &Held| match held.range.ip {
        IpAddr::V4(_) => held.range.to_string(),
        IpAddr::V6(_) => format!("\"{}\"", held.range),
    };
    let ranges: Vec<String> = all.iter().rev().map(shown).collect();
    format!("{field} = [{}]", ranges.join(", "))
}

fn family(held: &Held) -> &'static str {
    name(held.range.ip.is_ipv4())
}

fn name(v4: bool) -> &'static str {
    if v4 { "IPv4" } else { "IPv6" }
}
