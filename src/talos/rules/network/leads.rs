//! Machines must get an address, and a way out: what each ends up with must ask for one or have one.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::said::{PLACES, Said, configures, is_of_links};
use super::{OwnedLevel, errors};
use crate::flatten::{Elem, Fields, Flat, Flattener, Slot};
use crate::fleet::{Chain, Fleet, Source};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::forms::{Form, Thing};
use crate::talos::lower::Lowering;
use crate::talos::lower::network::nets::{Net, vlans};
use crate::talos::lower::network::plan::{By, Given, Link, Plan, Say};
use crate::talos::overlay::Config;
use crate::talos::rules::got::{Asked, Got};
use crate::talos::{Content, Resolved};
use crate::text::Text;
use crate::tree::Origin;
use crate::typing::Val;

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
        let mut whole = FxHashSet::default();
        for (class, machines, taken) in fleet.picking() {
            let known = machines.filter(|loose| has_address(&loose.machine.flat.fields)).count();
            if known > 0 && taken.is_some_and(|taken| known >= taken as usize) {
                whole.insert(class);
            }
        }
        Declared(whole)
    }
}

/// Machines that lack something, by the place that decides it.
#[derive(Default)]
pub(in crate::talos::rules) struct Leads {
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
    /// What was asked of the sets of the cluster that is judged.
    asked: Asked,
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
        let lack = lack(at, plan);
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

    /// A machine whose fields give it the links of its set.
    pub(super) fn same_as_set(&mut self, lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>) {
        if self.of_set.is_some() && at.poison.is_clean() {
            let lack = self.of_set.clone();
            self.record(lowering, at, lack);
        }
    }

    fn record(&mut self, lowering: &Lowering<'_, '_>, at: OwnedLevel<'_>, lack: Option<Lack>) {
        let (Some(lack), Some(set)) = (lack, at.set) else { return };
        if is_mended(at, &lack) {
            return;
        }
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

    /// Begins with the configurations of a cluster.
    pub(in crate::talos::rules) fn begin(&mut self) {
        self.asked = Asked::default();
    }

    /// What some machines get where patches alone say something of links.
    pub(in crate::talos::rules) fn judge(
        &mut self,
        lowering: &mut Lowering<'_, '_>,
        declared: &Declared,
        of: Resolved<'_>,
        got: &Got<'_>,
    ) {
        let chain = match got.machine {
            Some(machine) => Chain::of_machine(of.cluster, got.set, machine),
            None => Chain::of_set(of.cluster, got.set),
        };
        let poison = got.machine.map_or(got.set.poison, |machine| got.set.poison | machine.flat.poison);
        // Whoever gives a machine its `address` has decided what it is on.
        if !poison.is_clean() || chain.get("address").is_some() || has_argument(chain) || is_planned(of, got)
        {
            return;
        }
        if let (Source::Class { class, .. }, None) = (&got.set.source, got.machine)
            && (declared.0.contains(class) || got.set.count() == Some(0))
        {
            return;
        }
        if PLACES.iter().filter(|path| self.asked.is_new(got, path)).count() == 0 {
            return;
        }
        let said = Said::of(got.config);
        let Some((link, origin)) = said.document.filter(|(_, origin)| *origin != Origin::NONE) else {
            return;
        };
        if said.asks || said.routed || got.config.unread().next().is_some() {
            return;
        }
        let Some(at) = got.blame(lowering, of.cluster, origin) else { return };
        let owner = match got.machine {
            Some(machine) => lowering.flattener.types.names.decl(machine.decl).name.clone(),
            None => got.set.name.clone(),
        };
        self.shut.entry(at).or_insert_with(|| (Vec::new(), link)).0.push(owner);
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
fn lack(at: OwnedLevel<'_>, plan: &Plan<'_>) -> Option<Lack> {
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
    Some(lack)
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

/// Whether what machines of a level lack is there after all: a patch says it, or may, or the kernel is told an address.
fn is_mended(at: OwnedLevel<'_>, lack: &Lack) -> bool {
    let mends = |config: Config<'_>| {
        let said = Said::of(config);
        let there = match lack {
            Lack::Address(_) => said.addressed,
            Lack::Route(..) | Lack::Out(..) => said.routed,
        };
        config.unread().next().is_some() || said.asks || there
    };
    has_argument(at.level.chain) || at.ask(mends).unwrap_or_default()
}

/// Whether the kernel is told an address.
fn has_argument(chain: Chain<'_>) -> bool {
    chain.levels().iter().any(|fields| {
        let args = fields.at(&["kernel", "args"]).and_then(Slot::list);
        let is = |arg: &Elem| matches!(&arg.val, Val::Str(text) if configures(text));
        args.is_some_and(|list| list.items.iter().any(is))
    })
}

/// Whether fields say a link of some machines: then what they come to is judged by their plan.
fn is_planned(of: Resolved<'_>, got: &Got<'_>) -> bool {
    let levels = [&of.lowered.common, &of.lowered.sets[got.at].own, got.own];
    let lowered = levels.into_iter().flatten().filter(|patch| patch.lowered);
    lowered.into_iter().any(|patch| match &patch.content {
        Content::Documents(documents) => {
            documents.iter().any(|document| document.row().is_some_and(is_of_links))
        }
        Content::File(_) => false,
    })
}
