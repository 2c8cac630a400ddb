//! Machines must get an address, and a way out: what each ends up with must ask for one or have one.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::{OwnedLevel, errors};
use crate::flatten::{Elem, Fields, Flat, Flattener, Slot};
use crate::fleet::{Fleet, Source};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::Level;
use crate::talos::forms::{Form, Thing};
use crate::talos::lower::Lowering;
use crate::talos::lower::network::nets::{Net, vlans};
use crate::talos::lower::network::plan::{By, Given, Link, Plan, Say};
use crate::text::Text;
use crate::typing::Val;
use crate::world::config::{self, TWO_FORMS};

/// What a machine lacks.
#[derive(Clone)]
enum Lack {
    /// An address, on a network without DHCP.
    Address(DeclId),
    /// A default route: static addresses alone, and no gateway that one of them takes.
    Route(DeclId, Span),
    /// A way out: the documents of its links are all that Talos configures, and none of them asks for an address or has a route.
    Out(Span, Text),
}

/// The classes whose machines are all declared, each with an address: nothing is made for their sets alone.
#[derive(Debug)]
pub(in crate::talos::rules) struct Declared(FxHashSet<DeclId>);

impl Declared {
    /// Of a fleet.
    pub(in crate::talos::rules) fn of(fleet: &Fleet) -> Declared {
        let mut wanted: FxHashMap<DeclId, Option<u32>> = FxHashMap::default();
        for set in fleet.clusters.iter().flat_map(|cluster| &cluster.sets) {
            if let Source::Class { class, .. } = &set.source {
                let sum = wanted.entry(*class).or_insert(Some(0));
                *sum = sum.zip(set.count()).map(|(sum, count)| sum + count);
            }
        }
        let mut known: FxHashMap<DeclId, u32> = FxHashMap::default();
        for loose in fleet.loose.iter().filter(|loose| has_address(&loose.machine.flat.fields)) {
            *known.entry(loose.class).or_default() += 1;
        }
        let all = |(class, wanted): (DeclId, Option<u32>)| {
            let whole = wanted.is_some_and(|wanted| known.get(&class).is_some_and(|known| *known >= wanted));
            whole.then_some(class)
        };
        Declared(wanted.into_iter().filter_map(all).collect())
    }
}

/// Machines that lack something, by the place that decides it.
#[derive(Default)]
pub(super) struct Leads {
    /// What the set lacks that was looked at last.
    of_set: Option<Lack>,
    /// No address, by the place that takes the machine, with the network.
    lonely: IndexMap<Span, (Vec<Text>, DeclId), FxBuildHasher>,
    /// No route, by the network.
    routeless: IndexMap<DeclId, Vec<(Text, Span)>, FxBuildHasher>,
    /// No way out, by the link.
    shut: IndexMap<Span, (Vec<Text>, Text), FxBuildHasher>,
    /// The fields of the networks that give no route.
    nets: IndexMap<DeclId, Arc<Flat>, FxBuildHasher>,
}

impl Leads {
    /// A level with what its machines end up with.
    pub(super) fn add(
        &mut self,
        lowering: &mut Lowering<'_, '_>,
        declared: &Declared,
        at: OwnedLevel<'_>,
        plan: &Plan<'_>,
    ) {
        let Some(set) = at.set else { return };
        let lack = lack(lowering, at, plan);
        if let Some(Lack::Route(id, _)) = &lack
            && let Some(net) = plan.nets.get(*id)
        {
            self.nets.entry(*id).or_insert_with(|| net.flat.clone());
        }
        match at.machine {
            Some(_) => self.record(lowering, at, lack),
            None => {
                self.of_set.clone_from(&lack);
                let alone = match &set.source {
                    Source::Machines(machines) => machines.is_empty(),
                    Source::Class { class, .. } => !declared.0.contains(class),
                    Source::Empty => true,
                };
                if alone {
                    self.record(lowering, at, lack);
                }
            }
        }
    }

    /// A machine that has the links of its set.
    pub(super) fn same_as_set(&mut self, lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>) {
        if self.of_set.is_some() && at.poison.is_clean() && !configured_by_patch(lowering, at.level) {
            let lack = self.of_set.clone();
            self.record(lowering, at, lack);
        }
    }

    fn record(&mut self, lowering: &Lowering<'_, '_>, at: OwnedLevel<'_>, lack: Option<Lack>) {
        let (Some(lack), Some(set)) = (lack, at.set) else { return };
        let owner = at.shown(lowering);
        match lack {
            Lack::Address(id) => {
                let span = match (&set.source, at.machine) {
                    (Source::Class { span, .. }, None) if set.count() != Some(0) => *span,
                    (Source::Machines(_), Some(machine)) => machine.span,
                    _ => return,
                };
                self.lonely.entry(span).or_insert_with(|| (Vec::new(), id)).0.push(owner);
            }
            Lack::Route(id, span) => {
                if at.machine.is_some() || set.count() == Some(1) {
                    self.routeless.entry(id).or_default().push((owner, span));
                }
            }
            Lack::Out(span, link) => {
                self.shut.entry(span).or_insert_with(|| (Vec::new(), link)).0.push(owner);
            }
        }
    }

    /// What is said once for each cluster.
    pub(super) fn report_cluster(&mut self, lowering: &mut Lowering<'_, '_>) {
        for (span, (owners, id)) in std::mem::take(&mut self.lonely) {
            let network = lowering.flattener.types.names.decl(id).name.clone();
            lowering.report(errors::no_address(span, &owners, &network));
        }
        self.of_set = None;
    }

    /// Adds what is known of later clusters.
    pub(super) fn append(&mut self, later: Leads) {
        for (id, machines) in later.routeless {
            self.routeless.entry(id).or_default().extend(machines);
        }
        for (span, (owners, link)) in later.shut {
            self.shut.entry(span).or_insert_with(|| (Vec::new(), link)).0.extend(owners);
        }
        for (id, flat) in later.nets {
            self.nets.entry(id).or_insert(flat);
        }
    }

    /// What is said once for all.
    pub(super) fn finish(self, flattener: &mut Flattener) {
        for (id, machines) in &self.routeless {
            let name = flattener.types.names.decl(*id).name.clone();
            if let Some(flat) = self.nets.get(id) {
                flattener.report(errors::no_route(&flat.fields, &name, machines));
            }
        }
        for (span, (owners, link)) in &self.shut {
            let at = flattener.types.names.sources.head(*span);
            flattener.report(errors::no_uplink(at, link, owners));
        }
    }
}

/// Whether a machine says an address, of itself or of one of its links.
fn has_address(fields: &Fields) -> bool {
    let links = fields.block("link").into_iter().flat_map(Fields::iter).filter_map(|(_, slot)| slot.map());
    let mut all = links.flat_map(|link| std::iter::once(link).chain(vlans(link)));
    fields.get("address").is_some() || all.any(|fields| fields.get("addresses").is_some())
}

/// What machines of a level lack; of several things the first cause.
fn lack(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>) -> Option<Lack> {
    let unsure = !at.poison.is_clean()
        || plan.nets.iter().any(|net| !net.flat.poison.is_clean())
        || !plan.strays.is_empty()
        || plan.unfinished();
    if unsure || plan.says().any(Say::asks) {
        return None;
    }
    let given: Vec<&Given<'_>> = plan.says().flat_map(|say| &say.addresses).collect();
    let still = plan.named().filter(|named| !named.dhcp());
    let routed = plan.says().any(Say::leads_out);
    // Whoever gives a machine its `address` has decided what it is on.
    let decided = given.iter().any(|given| matches!(given.by, By::Field(_)));
    let lack = match still {
        Some(named) if given.is_empty() => Lack::Address(named.id),
        Some(named) if !routed && !plan.nets.iter().any(Net::dhcp) => {
            Lack::Route(named.id, main_span(&given)?)
        }
        _ if !routed && !decided && at.level.forms.of(Thing::Links) == Form::Document => {
            let link = plan.links.iter().find(|link| link.has_document())?;
            Lack::Out(span_of(link, &given)?, link.name.clone())
        }
        _ => return None,
    };
    (!configured_by_patch(lowering, at.level)).then_some(lack)
}

/// Where `address` stands, or the first address of a link.
fn main_span(given: &[&Given<'_>]) -> Option<Span> {
    let main = given.iter().find(|given| matches!(given.by, By::Field(_)));
    main.or(given.first()).and_then(|given| given.by.span())
}

/// Where a link is declared; the one that nobody declares stands for an address or the network.
fn span_of(link: &Link<'_>, given: &[&Given<'_>]) -> Option<Span> {
    let said = link.say.vips.first().copied().or(link.say.mtu);
    link.span().or_else(|| main_span(given)).or_else(|| said?.span())
}

/// Whether a patch says something of interfaces, or is a file whose content is not known, or the kernel is told an address: then
/// nothing is known.
fn configured_by_patch(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> bool {
    std::iter::once(level.own).chain(level.above()).any(|fields| {
        if fields
            .at(&["kernel", "args"])
            .and_then(Slot::list)
            .is_some_and(|list| list.items.iter().any(is_address))
        {
            return true;
        }
        let own = fields.block("patch").into_iter().flat_map(Fields::iter);
        own.into_iter().any(|(_, slot)| slot.is_file() || slot.map().is_some_and(says_links))
            || taken_in(lowering, fields, level)
    })
}

/// `ip=…`, which Talos reads as the configuration of an interface.
fn is_address(arg: &Elem) -> bool {
    matches!(&arg.val, Val::Str(text) if text.starts_with("ip="))
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

/// Whether a patch says something of links, in either form.
fn says_links(patch: &Fields) -> bool {
    let forms = &TWO_FORMS[Thing::Links as usize];
    let of_links = |key: &str| {
        let document = config::document(key.split('/').next());
        document.is_some_and(|row| forms.documents.contains(&row) || row.group() == Some("interface"))
    };
    let mut documents = patch.block("document").into_iter().flat_map(Fields::iter);
    forms.legacy.iter().any(|row| patch.said_of(*row).is_some()) || documents.any(|(key, _)| of_links(key))
}
