//! The networks of pods and services, and those of the machines: each must be apart from the others.

mod families;

use super::range::Range;
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Fields;
use crate::fleet::{Chain, Cluster};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::lower::Lowering;
use crate::talos::lower::network::nets::networks_of_addresses;
use crate::text::Text;
use crate::typing::Val;
use crate::typing::literal::{self, Literal};
use crate::world::config::{Row, said};

/// The networks of pods or services of a cluster.
struct Kind {
    field: &'static str,
    shown: &'static str,
    /// What Talos takes, and what else could be taken.
    /// Source: `DefaultIPv4PodNet` and `DefaultIPv4ServiceNet` in Talos's `pkg/machinery/constants`.
    usual: [Range; 4],
    /// Where configuration of Talos says them.
    places: &'static [Row],
}

const PODS: Kind = Kind {
    field: "pod-subnets",
    shown: "pods",
    usual: [
        Range::v4([10, 244], 16),
        Range::v4([172, 20], 16),
        Range::v4([10, 42], 16),
        Range::v4([172, 22], 16),
    ],
    places: said::POD_SUBNETS,
};

const SERVICES: Kind = Kind {
    field: "service-subnets",
    shown: "services",
    usual: [
        Range::v4([10, 96], 12),
        Range::v4([172, 21], 16),
        Range::v4([10, 43], 16),
        Range::v4([172, 23], 16),
    ],
    places: said::SERVICE_SUBNETS,
};

/// A range with what it is for.
struct Held {
    range: Range,
    what: String,
    /// Where it is written; `None` for what Talos takes by itself.
    span: Option<Span>,
}

pub(super) fn check(lowering: &mut Lowering<'_, '_>, resolved: Resolved<'_>) {
    let cluster = resolved.cluster;
    if !cluster.poison.is_clean() {
        return;
    }
    let (pods, services) = (of(lowering, resolved, &PODS), of(lowering, resolved, &SERVICES));
    let networks = networks(lowering, cluster);
    for finding in families::check(lowering, cluster, &pods, &services) {
        lowering.report(finding.in_cluster(&cluster.name));
    }
    let all = || pods.iter().chain(&services).chain(&networks).map(|held| held.range);
    let clash = pods.iter().flat_map(|pod| services.iter().map(move |service| (pod, service)));
    if let Some((pod, service)) = clash.clone().find(|(pod, service)| pod.range.overlaps(service.range)) {
        // What is written is to be changed; of two that are, the services.
        let (at, other, kind) =
            if service.span.is_some() { (service, pod, &SERVICES) } else { (pod, service, &PODS) };
        lowering.report(overlap(cluster, at, other, kind, &mut all()));
    }
    for network in &networks {
        for (kind, ranges) in [(&PODS, &pods), (&SERVICES, &services)] {
            if let Some(held) = ranges.iter().find(|held| clashes(held, network)) {
                lowering.report(overlap(cluster, held, network, kind, &mut all()));
            }
        }
    }
}

/// A wide network of machines that holds the range Talos takes by itself may leave it free, and often does.
fn clashes(held: &Held, network: &Held) -> bool {
    match held.span {
        Some(_) => held.range.overlaps(network.range),
        None => held.range.holds(network.range),
    }
}

/// What control planes get, whatever says it; nothing if a file that is not read may say it.
fn of(lowering: &Lowering<'_, '_>, of: Resolved<'_>, kind: &Kind) -> Vec<Held> {
    let what = kind.shown.to_owned();
    let usual = || vec![Held { range: kind.usual[0], what: what.clone(), span: None }];
    let Some(set) = of.cluster.sets.iter().position(|set| set.control) else { return usual() };
    let config = of.overlay.set(set);
    if config.unread().next().is_some() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for row in kind.places {
        let document = config.document(row.root().name(), "");
        let list = document.and_then(|document| row.follow(document, &|view, name| view.get(name)));
        for node in list.and_then(|list| list.as_seq()).unwrap_or_default() {
            if let Some(Literal::Prefixed(ip, prefix)) = node.as_str().map(literal::classify) {
                let span = lowering.origins.span(node.origin);
                out.push(Held { range: Range { ip, prefix }, what: what.clone(), span });
            }
        }
    }
    if out.is_empty() { usual() } else { out }
}

/// The networks that nodes of a cluster are on, whatever names them.
fn networks(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> Vec<Held> {
    let mut ids: Vec<DeclId> = Vec::new();
    let mut add = |fields: &Fields| {
        for field in ["network", "node-ip"] {
            if let Some(Val::Ref(id, _)) = fields.leaf(field) {
                ids.push(*id);
            }
        }
        ids.extend(networks_of_addresses(fields));
    };
    // What a level above says and another replaces is on no machine.
    for set in &cluster.sets {
        add(&Chain::of_set(cluster, set).fields());
        set.known().for_each(|machine| add(&machine.flat.fields));
    }
    ids.sort_unstable();
    ids.dedup();
    let held = ids.into_iter().filter_map(|id| {
        let flat = lowering.flattener.flat(id, &Default::default(), Some(&cluster.target.talos));
        let slot = flat.fields.get("subnet")?;
        let Some(Val::Prefixed(ip, prefix)) = slot.leaf() else { return None };
        let name = &lowering.flattener.types.names.decl(id).name;
        let range = Range { ip: *ip, prefix: *prefix };
        Some(Held { range, what: format!("the machines on `{name}`"), span: slot.span() })
    });
    held.collect()
}

fn overlap(
    cluster: &Cluster,
    at: &Held,
    other: &Held,
    kind: &Kind,
    taken: &mut dyn Iterator<Item = Range>,
) -> Diagnostic {
    let message = if at.range == other.range {
        format!("{} is the network of {} and of {}", at.range, at.what, other.what)
    } else {
        format!("{} of {} overlaps with {} of {}", at.range, at.what, other.range, other.what)
    };
    let by_itself = |held: &Held| format!("{} get {} unless something else is said", held.what, held.range);
    let written = |held: &Held| format!("{} for {}", held.range, held.what);
    let mut finding = Diagnostic::new(Code::SubnetsOverlap, message);
    for held in [at, other] {
        finding = match held.span {
            Some(span) => finding.label(span, written(held)),
            None => finding.label(cluster.span, by_itself(held)),
        };
    }
    let taken: Vec<Range> = taken.filter(|range| *range != at.range).collect();
    let free = kind
        .usual
        .iter()
        .find(|range| !range.overlaps(other.range) && !taken.iter().any(|taken| taken.overlaps(**range)));
    let finding = finding
        .note("an address must lead to one place; the kubelet also leaves out addresses of pods and services when it looks for its own");
    let name: &Text = &cluster.name;
    let finding = match free {
        Some(free) => finding.help(format!("take a network of their own: `{} = [{free}]`", kind.field)),
        None => finding.help(format!("set `{}` to a network that nothing else uses", kind.field)),
    };
    finding.in_cluster(name)
}

#[cfg(test)]
mod tests {
    use super::{PODS, Range, SERVICES};

    #[test]
    fn what_is_offered_is_apart() {
        let all: Vec<Range> = PODS.usual.into_iter().chain(SERVICES.usual).collect();
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| !a.overlaps(*b)), "{a}");
        }
    }
}
