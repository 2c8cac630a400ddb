//! One mistake, one finding: what rests on a premise waits until that holds.
//!
//! A finding says itself what must have been understood for it to hold ([`Premise`]): that something is *absent* says little while
//! an error stands in the declaration that it blames, or in what that inherits. A misspelt `size` is not also a set without a
//! size. Only an error that holds whatever else is wrong tells that something was not understood; of those that rest on a premise
//! themselves, none keeps another back.

use rustc_hash::FxHashSet;

use crate::diagnostics::{Diagnostic, Premise, Severity};
use crate::flatten::Flattener;
use crate::fleet::Fleet;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::typing::BaseTarget;

/// The findings whose premises hold.
pub(super) fn settle(flattener: &Flattener, fleet: &Fleet, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let clean = !findings.iter().any(|d| is_error(d) && d.premise != Premise::Clean);
    let blocks: Vec<bool> = findings.iter().map(|d| blocks_understood(d, &findings)).collect();
    let errors: Vec<Span> = (findings.iter().zip(&blocks))
        .filter(|(d, holds)| {
            is_error(d) && **holds && matches!(d.premise, Premise::None | Premise::Blocks(_))
        })
        .filter_map(|(d, _)| d.primary())
        .collect();
    let tainted = if errors.is_empty() { FxHashSet::default() } else { tainted(flattener, fleet, &errors) };
    let names = &flattener.types.names;
    let holds = |d: &Diagnostic, blocks: bool| match d.premise {
        Premise::None => true,
        Premise::Blocks(_) => blocks,
        Premise::Declarations => {
            let around = d.labels.iter().filter_map(|label| names.declaration_at(label.span));
            !around.into_iter().any(|id| tainted.contains(&id))
        }
        Premise::Run => errors.is_empty(),
        Premise::Clean => clean,
    };
    let kept = findings.into_iter().zip(blocks).filter(|(d, blocks)| holds(d, *blocks));
    kept.map(|(d, _)| d).collect()
}

fn is_error(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Error
}

/// Whether no other error points into the blocks that a finding rests on.
fn blocks_understood(finding: &Diagnostic, all: &[Diagnostic]) -> bool {
    let Premise::Blocks(blocks) = &finding.premise else { return true };
    let points_in =
        |d: &Diagnostic| d.labels.iter().any(|label| blocks.iter().any(|block| block.contains(label.span)));
    let others = all.iter().filter(|d| is_error(d) && !matches!(d.premise, Premise::Blocks(_)));
    !others.into_iter().any(points_in)
}

/// The declarations that hold an error, or inherit from one that does, or are made of such.
fn tainted(flattener: &Flattener, fleet: &Fleet, errors: &[Span]) -> FxHashSet<DeclId> {
    let decls = flattener.types.names.project_decls();
    let names = &flattener.types.names;
    let mut tainted: FxHashSet<DeclId> = errors.iter().filter_map(|&at| names.declaration_at(at)).collect();
    // Chains are short: each round carries an error one step down.
    loop {
        let before = tainted.len();
        for &id in &decls {
            let typed = flattener.types.typed(id);
            let bases = typed.parent.iter().chain(&typed.mixins).chain(&typed.body.mixins);
            let inherits = bases.into_iter().any(|base| match &base.target {
                BaseTarget::Decl(base) | BaseTarget::Block(base, _) => tainted.contains(base),
            });
            if inherits {
                tainted.insert(id);
            }
        }
        if tainted.len() == before {
            break;
        }
    }
    // A cluster is made of its roles, machines and classes.
    for (_, cluster, outline) in fleet.placed() {
        if outline.parts.iter().any(|part| tainted.contains(part)) {
            tainted.insert(cluster.decl);
        }
    }
    tainted
}
