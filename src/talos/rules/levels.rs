//! What a level says that cannot be so because of what a name on a level above has brought.
//!
//! Fields are judged where they are placed. A network brings its servers and links, and the network of the node address its subnet:
//! each is written at the level that names it, and Talos adds up the lists of the levels, so naming another one below takes nothing
//! away.

use std::sync::Arc;

use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Fields, Flat, Slot};
use crate::fleet::{Chain, Cluster, Fleet};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::typing::Val;

/// Lists of a network that become lists of Talos.
const SERVERS: [&str; 3] = ["nameservers", "search", "timeservers"];

/// Every set and every machine that names another network than the levels above.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
    for cluster in &fleet.clusters {
        for set in &cluster.sets {
            level(lowering, cluster, Chain::of_set(cluster, set));
            for machine in set.known() {
                level(lowering, cluster, Chain::of_machine(cluster, set, machine));
            }
        }
    }
}

fn level(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, chain: Chain<'_>) {
    let Some(above) = chain.above() else { return };
    for (field, stays) in [("network", network as Stays), ("node-ip", subnet)] {
        // What is not said with `override` is an error of its own.
        let Some(own) = chain.own().get(field).filter(|own| own.replaces.is_some()) else { continue };
        let Some(before) = above.get(field) else { continue };
        let (Some(new), Some(old)) = (flat(lowering, cluster, own), flat(lowering, cluster, before)) else {
            continue;
        };
        if new.broken || old.broken || Arc::ptr_eq(&new, &old) {
            continue;
        }
        if let Some((what, at)) = stays(&old.fields, &new.fields, above) {
            let name = lowering.flattener.types.names.decl(old.decl).name.clone();
            let finding = brought_above(own, before, field, &format!("the {what} of `{name}`"), at);
            lowering.report(finding.in_cluster(&cluster.name));
        }
    }
}

/// What stays of a network that another one takes the place of, and where it is declared.
type Stays = fn(&Fields, &Fields, Chain<'_>) -> Option<(String, Option<Span>)>;

fn network(old: &Fields, new: &Fields, above: Chain<'_>) -> Option<(String, Option<Span>)> {
    for field in SERVERS {
        // What a level says itself stands in the place of what its network says.
        if above.get(field).is_some() {
            continue;
        }
        let kept = |val: &Val| new.list(field).is_some_and(|new| new.items.iter().any(|have| have.val == *val));
        let gone = old.list(field).and_then(|old| old.items.iter().find(|elem| !kept(&elem.val)));
        if let Some(gone) = gone {
            return Some((format!("`{field}`"), Some(gone.span)));
        }
    }
    let links = old.block("link").into_iter().flat_map(Fields::iter);
    let gone = |name: &str| new.at(&["link", name]).is_none();
    links.filter(|(name, _)| gone(name)).map(|(name, slot)| (format!("link `{name}`"), slot.span())).next()
}

fn subnet(old: &Fields, new: &Fields, _: Chain<'_>) -> Option<(String, Option<Span>)> {
    let slot = old.get("subnet")?;
    (new.leaf("subnet") != slot.leaf()).then(|| ("`subnet`".to_owned(), slot.span()))
}

fn flat(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, slot: &Slot) -> Option<Arc<Flat>> {
    let Some(Val::Ref(id, args)) = slot.leaf() else { return None };
    Some(lowering.flattener.flat(*id, args, Some(&cluster.target.talos)))
}

fn brought_above(own: &Slot, before: &Slot, field: &str, what: &str, at: Option<Span>) -> Diagnostic {
    Diagnostic::new(
        Code::EmittedAbove,
        format!("{what} would stay: a higher level has written it, and `override {field}` cannot take it back"),
    )
    .label_if(own.span(), "names another network")
    .label_if(before.span(), "named for all below it")
    .label_if(at, "brought by it")
    .note("Talos adds up the lists of the levels, so what a higher level writes stays")
    .help(format!("say `{field}` only on the sets or machines that want it, for example in a role"))
}
