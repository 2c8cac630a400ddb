//! `allow(name, "why")`: what it silences, and what is wrong with one that silences nothing.
//!
//! An `allow` holds for the item in whose body it stands: for findings that point into that item, and for those about a
//! declaration that inherits it or a set that uses it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::errors;
use crate::diagnostics::{Code, CodeLevel, Diagnostic};
use crate::flatten::Flattener;
use crate::kinds;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::text::Text;
use crate::typing::{Action, Allow, BaseTarget, Body, Val};
use crate::world::stdlib;

/// An `allow` of the project.
struct Known {
    code: Text,
    span: Span,
    /// The item in whose body it stands.
    region: Span,
    used: bool,
}

/// The findings that no `allow` silences, and those about the `allow`s themselves.
pub(super) fn settle(flattener: &Flattener, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut known = collect(flattener);
    let mut kept = join(silence(flattener, &mut known, findings));
    let own = if known.is_empty() { Vec::new() } else { invariants(flattener) };
    kept.extend(known.iter().filter_map(|allow| judge(flattener, allow, &own)));
    kept
}

// ---- which there are ------------------------------------------------------------------------------------------------------

fn collect(flattener: &Flattener) -> Vec<Known> {
    let mut out = Vec::new();
    let mut seen = FxHashSet::default();
    let names = &flattener.types.names;
    // Of two declarations of one name the second counts for nothing.
    let counts = |id: &&DeclId| {
        let decl = names.decl(**id);
        names.in_project(decl.span) && names.own(decl.scope).contains(id)
    };
    for &id in flattener.types.silencing().iter().filter(counts) {
        let typed = flattener.types.typed(id);
        let region = flattener.types.names.decl(id).item.span;
        body(&typed.body, region, &mut seen, &mut out);
        for base in typed.mixins.iter().chain(&typed.body.mixins) {
            if let BaseTarget::Block(binding, inner) = &base.target {
                let region = flattener.types.names.decl(*binding).item.span;
                body(inner, region, &mut seen, &mut out);
            }
        }
    }
    out
}

fn body(of: &Body, region: Span, seen: &mut FxHashSet<Span>, out: &mut Vec<Known>) {
    for Allow { code, span, .. } in &of.allows {
        if seen.insert(*span) {
            out.push(Known { code: code.clone(), span: *span, region, used: false });
        }
    }
    for op in &of.ops {
        match &op.action {
            Action::Merge(inner, span) => body(inner, *span, seen, out),
            Action::Entry(entry) => body(&entry.body, entry.span, seen, out),
            Action::Set(Val::Body(inner), span) => body(inner, op.span.to(*span), seen, out),
            _ => {}
        }
    }
}

// ---- what they silence ----------------------------------------------------------------------------------------------------

fn silence(flattener: &Flattener, known: &mut [Known], findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut by_code: FxHashMap<Text, Vec<usize>> = FxHashMap::default();
    for (at, allow) in known.iter().enumerate() {
        by_code.entry(allow.code.clone()).or_default().push(at);
    }
    let mut kept = Vec::with_capacity(findings.len());
    for mut finding in findings {
        let here = by_code.get(finding.code.name()).map(Vec::as_slice).unwrap_or_default();
        if here.is_empty() || !finding.code.level().can_allow() {
            kept.push(finding);
            continue;
        }
        let mut silenced = false;
        let inherited = inherited(flattener, &finding);
        for &at in here {
            let points = finding.labels.iter().any(|label| known[at].region.contains(label.span));
            if points || inherited.contains(&known[at].span) {
                known[at].used = true;
                silenced = true;
            }
        }
        let about = finding.concerns.len();
        finding.concerns.retain(|concern| {
            let mut allowed = false;
            for &at in here {
                if concern.allows.contains(&known[at].span) {
                    known[at].used = true;
                    allowed = true;
                }
            }
            !allowed
        });
        if !silenced && (about == 0 || !finding.concerns.is_empty()) {
            kept.push(finding);
        }
    }
    kept
}

/// The `allow`s that the declaration around the first label inherits.
fn inherited(flattener: &Flattener, finding: &Diagnostic) -> Vec<Span> {
    let Some(primary) = finding.primary() else { return Vec::new() };
    let mut out = Vec::new();
    let mut todo: Vec<DeclId> = flattener.types.names.declaration_at(primary).into_iter().collect();
    let mut seen = FxHashSet::default();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        let typed = flattener.types.typed(id);
        out.extend(typed.body.allows.iter().map(|allow| allow.span));
        for base in typed.parent.iter().chain(&typed.mixins).chain(&typed.body.mixins) {
            if let BaseTarget::Decl(base) = base.target {
                todo.push(base);
            }
        }
    }
    out
}

// ---- one cause, one message -----------------------------------------------------------------------------------------------

/// Joins findings of one rule at one place, and says whom they concern.
fn join(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> = Vec::with_capacity(findings.len());
    let mut first: FxHashMap<(Code, Span, String), usize> = FxHashMap::default();
    let mut causes: FxHashMap<(Code, Span), Vec<usize>> = FxHashMap::default();
    for finding in findings {
        let Some(primary) = finding.primary().filter(|_| !finding.concerns.is_empty()) else {
            out.push(finding);
            continue;
        };
        // A rule names what it judges, so that its message differs from set to set.
        let rule = matches!(finding.code, Code::Invariant(..));
        let message = if rule { String::new() } else { finding.message.clone() };
        let key = (finding.code.clone(), primary, message);
        if let Some(&at) = first.get(&key) {
            add(&mut out[at], finding);
            continue;
        }
        if let Some(cause) = finding.cause {
            let known = causes.entry((finding.code.clone(), cause)).or_default();
            let same = |at: &&usize| out[**at].help == finding.help && out[**at].edits == finding.edits;
            if let Some(&at) = known.iter().find(same) {
                add_place(&mut out[at], &finding);
                add(&mut out[at], finding);
                continue;
            }
            known.push(out.len());
        }
        first.insert(key, out.len());
        out.push(finding);
    }
    for finding in &mut out {
        let mut shown: Vec<&str> = finding.concerns.iter().map(|concern| concern.shown.as_str()).collect();
        shown.retain(|shown| !shown.is_empty());
        if let Some(note) = affects(&shown) {
            finding.notes.push(note);
        }
    }
    out
}

/// How many labels a finding with several places has.
const LABELS: usize = 5;

/// Another place of one cause: what is not true of both is no longer said.
fn add_place(to: &mut Diagnostic, finding: &Diagnostic) {
    to.notes.retain(|note| finding.notes.contains(note));
    if let Some(place) = finding.labels.first().filter(|_| to.labels.len() < LABELS) {
        to.labels.push(place.clone());
    }
}

fn add(to: &mut Diagnostic, finding: Diagnostic) {
    for cluster in finding.clusters {
        if !to.clusters.contains(&cluster) {
            to.clusters.push(cluster);
        }
    }
    for concern in finding.concerns {
        if to.concerns.iter().all(|known| known.shown != concern.shown) {
            to.concerns.push(concern);
        }
    }
}

/// How many sets and machines a note names.
const NAMED: usize = 5;

fn affects(shown: &[&str]) -> Option<String> {
    let (last, rest) = shown.split_last()?;
    Some(match rest {
        [] => format!("affects {last}"),
        rest if rest.len() < NAMED => format!("affects {} and {last}", rest.join(", ")),
        rest => format!("affects {} and {} more", rest[..NAMED].join(", "), shown.len() - NAMED),
    })
}

// ---- the `allow`s themselves ----------------------------------------------------------------------------------------------

fn judge(flattener: &Flattener, allow: &Known, own: &[Text]) -> Option<Diagnostic> {
    let names = &flattener.types.names;
    let text = names.sources.text(allow.span);
    let start = allow.span.start + text.find(allow.code.as_str()).unwrap_or(0) as u32;
    let code_at = Span { start, end: start + allow.code.len() as u32, ..allow.span };
    let builtin = Code::ALL.iter().find(|code| code.name() == allow.code);
    Some(match builtin {
        Some(code) if !code.level().can_allow() => {
            errors::allow_refusal(code_at, &allow.code, code.level() == CodeLevel::Secret)
        }
        None if !own.contains(&allow.code) && stdlib::named("invariant", &allow.code).is_empty() => {
            let mut all = own.to_vec();
            all.extend(Code::ALL.iter().filter(|code| code.level().can_allow()).map(|c| Text::new(c.name())));
            all.extend(stdlib::names("invariant").map(Text::new_static));
            errors::allow_unknown(code_at, &allow.code, &all)
        }
        _ if allow.used => return None,
        _ => errors::allow_unused(allow.span, &allow.code),
    })
}

/// The names of the project's own rules.
fn invariants(flattener: &Flattener) -> Vec<Text> {
    let names = &flattener.types.names;
    let ids = names.project_decls().into_iter().map(|id| names.decl(id));
    ids.filter(|decl| decl.kind == kinds::INVARIANT).map(|decl| decl.name.clone()).collect()
}
