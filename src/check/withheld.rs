//! One mistake, one finding: what is missing may have been lost with what could not be understood.
//!
//! A finding that something is *absent* (a field, a requirement, a use) says little while an error stands in the declaration
//! that it blames, or in what that inherits: a misspelt `size` is not also a set without a size. Such findings wait until the
//! other is mended. Everything else is judged and shown as it is.

use rustc_hash::FxHashSet;

use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::flatten::Flattener;
use crate::fleet::{Fleet, Set, Source};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::typing::BaseTarget;

/// Where an error keeps a finding back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    /// In the declaration that it blames, or in what that inherits.
    Declaration,
    /// Anywhere: it is about what nothing in the run does.
    Run,
    /// Anywhere, and of every kind: what is missing may be what it would be used for.
    Any,
}

fn absence(code: &Code) -> Option<Absence> {
    match code {
        Code::RequiredField
        | Code::SizeMissing
        | Code::NoControlPlane
        | Code::TwoContents
        | Code::ClassSource
        | Code::EmptyPatch
        | Code::NoAddress
        | Code::LinkUnnamed
        | Code::UnknownLink
        | Code::AmbiguousLink
        | Code::ClassAndMachines
        | Code::KernelArgsOfClass
        | Code::ExtensionRequires
        | Code::DriverNotLoaded
        | Code::ModuleNotLoaded
        | Code::ServiceUnconfigured
        | Code::RuntimeUnavailable
        | Code::PublicDiscovery
        | Code::Invariant(..) => Some(Absence::Declaration),
        Code::UnusedImport => Some(Absence::Any),
        Code::MachineWithoutSet | Code::UnusedParameter | Code::VipUnused => Some(Absence::Run),
        _ => None,
    }
}

/// Takes away the findings of absence that another error explains.
pub(super) fn withhold(flattener: &mut Flattener, fleet: &Fleet) {
    if flattener.findings.has_errors() {
        flattener.findings.retain(|d| absence(&d.code) != Some(Absence::Any));
    }
    let errors: Vec<Span> = flattener
        .findings
        .iter()
        .filter(|d| d.severity == Severity::Error && absence(&d.code).is_none())
        .filter_map(Diagnostic::primary)
        .collect();
    if errors.is_empty() {
        return;
    }
    let broken = broken_declarations(flattener, fleet, &errors);
    let names = &flattener.types.names;
    let keep = |d: &Diagnostic| match absence(&d.code) {
        None => true,
        Some(Absence::Run | Absence::Any) => false,
        Some(Absence::Declaration) => !d
            .labels
            .iter()
            .filter_map(|label| names.declaration_at(label.span))
            .any(|id| broken.contains(&id)),
    };
    let kept: Vec<bool> = flattener.findings.iter().map(keep).collect();
    let mut kept = kept.into_iter();
    flattener.findings.retain(|_| kept.next().unwrap_or(true));
}

/// The declarations that hold an error, or inherit from one that does, or are made of such.
fn broken_declarations(flattener: &mut Flattener, fleet: &Fleet, errors: &[Span]) -> FxHashSet<DeclId> {
    let decls = flattener.types.names.project_decls();
    let names = &flattener.types.names;
    let mut broken: FxHashSet<DeclId> = errors.iter().filter_map(|&at| names.declaration_at(at)).collect();
    // Chains are short: each round carries an error one step down.
    loop {
        let before = broken.len();
        for &id in &decls {
            let typed = flattener.types.typed(id);
            let bases = typed.parent.iter().chain(&typed.mixins).chain(&typed.body.mixins);
            let inherits = bases.into_iter().any(|base| match &base.target {
                BaseTarget::Decl(base) | BaseTarget::Block(base, _) => broken.contains(base),
            });
            if inherits {
                broken.insert(id);
            }
        }
        if broken.len() == before {
            break;
        }
    }
    // A cluster is made of its roles, machines and classes.
    for cluster in &fleet.clusters {
        let mut parts = cluster.sets.iter().flat_map(parts_of);
        if parts.any(|part| broken.contains(&part)) {
            broken.insert(cluster.decl);
        }
    }
    broken
}

fn parts_of(set: &Set) -> Vec<DeclId> {
    let class = match &set.source {
        Source::Class { class, .. } => Some(*class),
        Source::Machines(_) | Source::Empty => None,
    };
    let machines = set.machines().iter().map(|machine| machine.decl);
    machines.chain(set.role.iter().map(|role| role.0)).chain(class).collect()
}
