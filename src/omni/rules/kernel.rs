//! Kernel arguments and extensions: where they may stand, which are Omni's own, and how many there may be.
//!
//! Mirrors `models/kernelargs.go`, `validations/kernel_args.go` and `internal/backend/kernelargs` of Omni.

use super::place_of;
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Slot, Slotted};
use crate::fleet::{ARGS, Chain, Cluster, Fleet};
use crate::omni::lists::{self, UseOfClass};
use crate::source::Span;
use crate::talos::lower::{Lowering, show};

const MAX_ARGS: usize = 64;
const MAX_ARG: usize = 256;
const MAX_EXTENSIONS: usize = 256;

/// What Omni puts on the command line of every machine.
const OWNED: &[&str] = &[
    "siderolink.api",
    "talos.events.sink",
    "talos.logging.kernel",
    "talos.config",
    "talos.config.early",
    "talos.config.inline",
];

/// Kernel arguments and the number of extensions of a cluster.
pub(super) fn cluster(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
    let mut found = list(cluster.flat.fields.at(ARGS));
    for set in &cluster.sets {
        let chain = Chain::of_set(cluster, set);
        found.extend(list(set.own.at(ARGS)));
        found.extend(count(chain.at(ARGS), MAX_ARGS, "kernel arguments"));
        found.extend(count(chain.get("extensions"), MAX_EXTENSIONS, "extensions"));
        for machine in set.machines() {
            let own = &machine.flat.fields;
            found.extend(list(own.at(ARGS)));
            for (block, path) in [(Some(own), &["extensions"][..]), (own.block("kernel"), ARGS)] {
                let field = path[path.len() - 1];
                let unset = block.and_then(|fields| fields.raw(field)).filter(|slot| !slot.is_set());
                let unset = unset.filter(|_| chain.at(path).is_some()).and_then(place_of);
                found.extend(unset.map(|at| unset_on_machine(at, field)));
            }
            if own.at(ARGS).is_some() {
                let chain = Chain::of_machine(cluster, set, machine);
                found.extend(count(chain.at(ARGS), MAX_ARGS, "kernel arguments"));
            }
        }
    }
    for finding in found {
        lowering.report(finding.in_cluster(&cluster.name));
    }
}

/// Kernel arguments of classes, and those that sets ask of a class.
pub(super) fn classes(lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
    for class in &fleet.classes {
        let mut found = list(class.flat.fields.get("kernel-args"));
        found.extend(count(class.flat.fields.get("kernel-args"), MAX_ARGS, "kernel arguments"));
        for finding in found {
            lowering.report(finding);
        }
    }
    for (class, uses) in lists::class_uses(fleet) {
        let provider = fleet.classes.iter().find(|known| known.decl == class).map(|class| class.flat.via);
        let name = lowering.flattener.types.names.decl(class).name.clone();
        match provider {
            Some(Some(_)) => disagreement(lowering, &name, &uses),
            Some(None) => refused(lowering, &name, "picks machines that exist already", &uses),
            None => refused(lowering, &name, "is declared elsewhere", &uses),
        }
    }
}

fn list(slot: Option<&Slot>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for elem in slot.and_then(Slot::list).into_iter().flat_map(|list| &list.items) {
        let Some(text) = show(&elem.val) else { continue };
        let name = text.split('=').next().unwrap_or(&text);
        if OWNED.contains(&name) {
            out.push(owned(elem.span, name));
        } else if text.len() > MAX_ARG {
            let what = format!("a kernel argument has {} bytes", text.len());
            out.push(limit(elem.span, what, &format!("Omni takes {MAX_ARG}")));
        }
    }
    out
}

fn count(slot: Option<&Slot>, max: usize, what: &str) -> Option<Diagnostic> {
    let elems = &slot?.list()?.items;
    let at = elems.get(max).map(|elem| elem.span).or_else(|| place_of(slot?))?;
    (elems.len() > max).then(|| limit(at, format!("{} {what}", elems.len()), &format!("Omni takes {max}")))
}

fn limit(at: Span, what: String, takes: &str) -> Diagnostic {
    Diagnostic::new(Code::OmniLimit, what).label(at, takes).help("leave some out")
}

fn owned(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::OmniKernelArg, format!("Omni sets the kernel argument `{name}` itself"))
        .label(at, "would be dropped or would cut the machine off")
        .help("remove it")
}

fn unset_on_machine(at: Span, field: &str) -> Diagnostic {
    Diagnostic::new(Code::EmittedAbove, format!("a machine cannot go back to having no `{field}` of its own"))
        .label(at, "the list of its set still holds for it")
        .note("Omni takes the nearest list, and has no word for \"none of these\"")
        .help("write the list that it should have, or list the machine in a set of its own")
}

/// All sets of a class that makes machines must want the same arguments, since those stand in the class.
fn disagreement(lowering: &mut Lowering<'_, '_>, name: &str, uses: &[UseOfClass<'_>]) {
    let texts = |one: &UseOfClass<'_>| -> Vec<_> {
        let items = one.args.and_then(Slot::list).map(|list| list.items.as_slice()).unwrap_or_default();
        items.iter().filter_map(|elem| show(&elem.val)).collect()
    };
    let Some(one) = uses.iter().find(|one| one.args.is_some()) else { return };
    let Some(other) = uses.iter().find(|other| texts(other) != texts(one)) else { return };
    let at = one.args.and_then(place_of).unwrap_or(one.set.span);
    let other_at = other.args.and_then(place_of).unwrap_or(other.set.span);
    let finding = Diagnostic::new(
        Code::KernelArgsOfClass,
        format!("sets with the class `{name}` want different kernel arguments"),
    )
    .if_understood()
    .label(at, format!("wanted by {} of `{}`", one.set.shown(), one.cluster.name))
    .label(other_at, format!("not the same for {} of `{}`", other.set.shown(), other.cluster.name))
    .note("Omni has no kernel arguments for a set that takes machines from a class: they stand in the class")
    .help(format!("give one of the sets a class of its own: `class {name}-2 extends {name}`"));
    lowering.report(finding);
}

fn refused(lowering: &mut Lowering<'_, '_>, name: &str, why: &str, uses: &[UseOfClass<'_>]) {
    for one in uses {
        let Some(slot) =
            one.args.filter(|slot| !matches!(&slot.value, Slotted::List(list) if list.items.is_empty()))
        else {
            continue;
        };
        let at = place_of(slot).unwrap_or(one.set.span);
        let finding = Diagnostic::new(
            Code::KernelArgsOfClass,
            format!("{} of `{}` cannot be given kernel arguments", one.set.shown(), one.cluster.name),
        )
        .if_understood()
        .label(at, "wanted here")
        .label(one.span, format!("the class `{name}` {why}"))
        .note("Omni has kernel arguments for machines that are listed, and for those that a provider makes")
        .help("list the machines, or boot them with the arguments and remove them here");
        lowering.report(finding.in_cluster(&one.cluster.name));
    }
}
