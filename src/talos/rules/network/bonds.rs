//! Bonds and bridges: what Talos and the kernel want of them.
//!
//! Source: `BondConfig.Validate` in `pkg/machinery/config/types/network/bond.go` and `checkBond` in
//! `pkg/machinery/config/types/v1alpha1/v1alpha1_validation.go`.

use super::{OwnedLevel, link_errors as errors};
use crate::flatten::Slot;
use crate::fleet::{Member, Set};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::lower::network::plan::{BOND_FIELDS, Bond, Link, Plan};
use crate::typing::Val;

/// Judges what is whole: a machine, or a set with machines that say nothing of links.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>) {
    let silent = |machine: &Member| machine.flat.fields.get("link").is_none();
    let of_set = |set: &Set| set.machines().is_empty() || set.machines().iter().any(silent);
    let whole = at.machine.is_some() || at.set.is_some_and(of_set);
    for link in &plan.links {
        contradicts(lowering, link);
        if let Some(bond) = link.bond.as_ref().filter(|_| whole && at.poison.is_clean()) {
            judge(lowering, link, bond);
        }
    }
}

/// A link is a device, a bond or a bridge.
fn contradicts(lowering: &mut Lowering<'_, '_>, link: &Link<'_>) {
    let Some(slot) = link.makes() else { return };
    let bridge = link.bridge.as_ref().map(|bridge| bridge.slot);
    let device = || ["mac", "driver"].iter().find_map(|field| link.field(field));
    if let (Some(bond), Some(bridge)) = (&link.bond, bridge) {
        let at = place(lowering, bond);
        lowering.report(errors::bond_and_bridge(bridge, at, &link.name));
    } else if let Some(device) = device().or_else(|| link.field("physical").filter(|_| link.device.is_some()))
    {
        let made = slot.span().map(|span| lowering.head(span));
        lowering.report(errors::made_and_selected(device, made, &link.name));
    }
}

/// Where a bond is declared. A block has no place of its own: it is looked for before the first thing in it.
fn place(lowering: &Lowering<'_, '_>, bond: &Bond<'_>) -> Option<Span> {
    let Some(first) = bond.block.iter().find_map(|(_, slot)| slot.steps.first()) else {
        return bond.link.span().map(|span| lowering.head(span));
    };
    let before = Span { start: 0, end: first.span.start, ..first.span };
    let text = lowering.flattener.types.names.sources.text(before).trim_end();
    let head = text.strip_suffix('{').map(str::trim_end).and_then(|text| text.strip_suffix("bond"));
    Some(match head {
        Some(head) => Span { start: head.len() as u32, end: text.len() as u32, ..first.span },
        None => first.span,
    })
}

fn judge(lowering: &mut Lowering<'_, '_>, link: &Link<'_>, bond: &Bond<'_>) {
    let at = place(lowering, bond);
    if bond.links.is_empty() {
        lowering.report(errors::bond_incomplete(at, &link.name, "links"));
        return;
    }
    let [mode, rate, _, interval, up, down] = bond.settings;
    if mode.is_none() {
        lowering.report(errors::bond_incomplete(at, &link.name, "mode"));
        return;
    }
    let lacp =
        matches!(mode.and_then(Slot::leaf), Some(Val::Word(mode) | Val::Str(mode)) if mode == "802.3ad");
    if let Some(rate) = rate.filter(|_| !lacp) {
        lowering.report(errors::bond_rate(rate, mode));
    }
    let number = |slot: Option<&Slot>| match slot.and_then(Slot::leaf) {
        Some(Val::Int(number)) => *number,
        _ => 0,
    };
    let every = number(interval);
    for ((field, ..), slot) in BOND_FIELDS[4..].iter().zip([up, down]) {
        let delay = number(slot);
        if let Some(slot) = slot.filter(|_| delay != 0 && (every == 0 || delay % every != 0)) {
            lowering.report(errors::bond_delay(slot, field, delay, interval.zip(Some(every))));
        }
    }
}
