//! Machine classes.
//!
//! Mirrors `validations/machine_class.go` of Omni; what a provider needs is in its declaration.

use super::{labels, place_of, selectors};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Fields, Slot, Slotted};
use crate::fleet::{Class, Fleet};
use crate::omni::class::meta_tag;
use crate::resolve::{Decl, DeclId};
use crate::schema::{Field, Schema, Type};
use crate::source::Span;
use crate::talos::lower::{Lowering, show};
use crate::text::{Text, all_of};
use crate::typing::{BaseTarget, Val, types};

/// Fields that only provisioned machines have.
const PROVISIONED: &[&str] = &["kernel-args", "meta-values", "grpc-tunnel"];

/// Every rule on the classes of a fleet.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
    for class in &fleet.classes {
        if !class.flat.poison.is_clean() {
            continue;
        }
        let decl = lowering.flattener.types.names.decl(class.decl).clone();
        let matches = class.flat.fields.get("match");
        for labels in
            ["labels", "annotations"].iter().filter_map(|kind| labels::of_field(&class.flat.fields, kind))
        {
            labels::limits(&labels, decl.span).into_iter().for_each(|finding| lowering.report(finding));
        }
        match (matches, class.flat.via) {
            (None, None) => lowering.report(no_source(&decl)),
            (Some(slot), Some((_, via))) => {
                let matches = place_of(slot).unwrap_or(decl.span);
                let holder = both_in(lowering, matches, via).unwrap_or(decl);
                lowering.report(two_sources(&holder, matches, via));
            }
            (Some(slot), None) => matching(lowering, class, &decl, slot),
            (None, Some(via)) => provisioned(lowering, fleet, class, &decl, via),
        }
    }
}

fn matching(lowering: &mut Lowering<'_, '_>, class: &Class, decl: &Decl, slot: &Slot) {
    for field in PROVISIONED {
        if let Some(slot) = class.flat.fields.get(field) {
            let at = place_of(slot).unwrap_or(decl.span);
            lowering.report(not_made(decl, at, field));
        }
    }
    let Some(list) = slot.list() else { return };
    if list.items.is_empty() {
        let at = place_of(slot).unwrap_or(decl.span);
        lowering.report(no_selectors(decl, at));
    }
    for elem in &list.items {
        if let Some(text) = show(&elem.val)
            && let Some(finding) = selectors::check(&text, elem.span)
        {
            lowering.report(finding);
        }
    }
}

fn provisioned(
    lowering: &mut Lowering<'_, '_>,
    fleet: &Fleet,
    class: &Class,
    decl: &Decl,
    (provider, via): (crate::resolve::DeclId, Span),
) {
    let flat = lowering.flattener.flat(provider, &std::sync::Arc::default(), None);
    let named = lowering.flattener.types.names.decl(provider).clone();
    if let Some(slot) = flat.fields.get("static")
        && matches!(slot.leaf(), Some(Val::Bool(true)))
    {
        return lowering.report(static_provider(decl, via, &named));
    }
    for (key, slot) in class.flat.fields.block("meta-values").into_iter().flat_map(Fields::iter) {
        if meta_tag(key).is_none() {
            lowering.report(bad_tag(place_of(slot).unwrap_or(decl.span), key));
        }
    }
    let declared = lowering.flattener.types.typed(provider).declares.clone();
    if let Some(schema) = declared {
        let absent = |class: &Class| {
            let lacks = |field: &&Field| field.required && class.flat.fields.get(&field.name).is_none();
            schema.fields.values().filter(lacks).map(|field| field.name.clone()).collect::<Vec<_>>()
        };
        let missing = absent(class);
        let base =
            if missing.is_empty() { None } else { base_without(lowering, fleet, class, &missing, &absent) };
        let decl = base.as_ref().unwrap_or(decl);
        required(lowering, decl, &schema, &class.flat.fields, decl.span, "");
    }
}

/// The abstract class that lacks fields for all that extend it, if there are several: it is where they belong.
fn base_without(
    lowering: &mut Lowering<'_, '_>,
    fleet: &Fleet,
    class: &Class,
    missing: &[Text],
    absent: &dyn Fn(&Class) -> Vec<Text>,
) -> Option<Decl> {
    let types = &lowering.flattener.types;
    let above = |id: DeclId| {
        std::iter::successors(Some(id), |&id| match types.typed(id).parent.as_ref()?.target {
            BaseTarget::Decl(parent) => Some(parent),
            BaseTarget::Block(..) => None,
        })
    };
    let lacks = |other: &&Class| absent(other) == missing;
    let heirs =
        |base: DeclId| fleet.classes.iter().filter(move |other| above(other.decl).any(|id| id == base));
    let whole = |base: &DeclId| {
        types.names.decl(*base).is_abstract
            && heirs(*base).take(2).count() > 1
            && heirs(*base).all(|other| lacks(&other))
    };
    above(class.decl).filter(whole).last().map(|base| types.names.decl(base).clone())
}

/// Fields that a schema needs and a block does not set, also in the blocks inside of it.
fn required(
    lowering: &mut Lowering<'_, '_>,
    decl: &Decl,
    schema: &Schema,
    fields: &Fields,
    at: Span,
    path: &str,
) {
    let absent: Vec<&Field> =
        schema.fields.values().filter(|field| field.required && fields.get(&field.name).is_none()).collect();
    if !absent.is_empty() {
        lowering.report(fields_missing(decl, &absent, at, path));
    }
    for field in schema.fields.values() {
        let name = format!("{path}{}", field.name);
        let Some(slot) = fields.get(&field.name) else { continue };
        let at = place_of(slot).unwrap_or(at);
        match (&field.ty, &slot.value) {
            (Type::Block(inner), Slotted::Map(fields)) => {
                required(lowering, decl, inner, fields, at, &format!("{name}."));
            }
            (Type::List(inner) | Type::Set(inner), Slotted::List(list)) => {
                let Type::Block(inner) = &**inner else { continue };
                for elem in &list.items {
                    if let Val::Fields(fields) = &elem.val {
                        required(lowering, decl, inner, fields, elem.span, &format!("{name}[]."));
                    }
                }
            }
            _ => {}
        }
    }
}

/// The declaration that holds two places: what descends from it has the same mistake, and no other.
fn both_in(lowering: &Lowering<'_, '_>, one: Span, other: Span) -> Option<Decl> {
    let names = &lowering.flattener.types.names;
    let holds = |decl: &&Decl| {
        let whole = decl.item.span;
        [one, other].iter().all(|at| at.file == whole.file && whole.start <= at.start && at.end <= whole.end)
    };
    names.project_decls().into_iter().map(|id| names.decl(id)).find(holds).cloned()
}

/// Fields that the provider needs, all in one: they are written in one place.
fn fields_missing(decl: &Decl, absent: &[&Field], at: Span, path: &str) -> Diagnostic {
    let names: Vec<String> = absent.iter().map(|field| format!("{path}{}", field.name)).collect();
    let named = all_of(&names);
    let finding =
        Diagnostic::new(Code::RequiredField, format!("the class `{}` does not say its {named}", decl.name))
            .if_understood()
            .label(at, format!("{named} {} missing", if names.len() == 1 { "is" } else { "are" }));
    let finding = absent
        .iter()
        .fold(finding, |finding, field| finding.label_if(field.declared, "needed by the provider"));
    let each = absent.iter().map(|field| format!("`{} = …` ({})", field.name, types::describe(&field.ty)));
    let help = format!("add {}", each.collect::<Vec<_>>().join(", "));
    match absent {
        [one] => finding.help(format!("{help}: {}", first_line(&one.doc))),
        _ => finding.help(help),
    }
}

fn bad_tag(at: Span, key: &str) -> Diagnostic {
    Diagnostic::new(Code::BadName, format!("`{key}` is not the number of a META value"))
        .label(at, "values in the META partition are known by numbers from 0 to 255")
        .help("write the number, such as `0xa` for the network configuration of the platform")
}

fn first_line(doc: &str) -> String {
    let line = doc.lines().next().unwrap_or_default().trim_end_matches('.');
    let mut chars = line.chars();
    // `CEL` and `MTU` stay as they are.
    if line.chars().nth(1).is_some_and(char::is_uppercase) {
        return line.to_owned();
    }
    match chars.next() {
        Some(first) => first.to_lowercase().to_string() + chars.as_str(),
        None => "the provider needs it".into(),
    }
}

fn no_source(decl: &Decl) -> Diagnostic {
    Diagnostic::new(
        Code::ClassSource,
        format!("the class `{}` does not say where its machines come from", decl.name),
    ).if_understood()
    .label(decl.span, "neither `via PROVIDER` nor `match`")
    .note("Omni refuses a class without one of the two")
    .help(format!(
        "write `class {0} via proxmox {{ … }}`, or `match = [\"omni.sidero.dev/arch = amd64\"]`; a class that is not \
         managed here is `extern class {0}`",
        decl.name
    ))
}

fn two_sources(decl: &Decl, matches: Span, via: Span) -> Diagnostic {
    Diagnostic::new(Code::ClassSource, format!("the class `{}` has two sources of machines", decl.name))
        .if_understood()
        .label(matches, "picks machines that exist")
        .label(via, "has machines made")
        .note("Omni refuses a class with both")
        .help("keep one of the two")
}

fn not_made(decl: &Decl, at: Span, field: &str) -> Diagnostic {
    Diagnostic::new(
        Code::ClassSource,
        format!("the class `{}` picks machines that exist: it has no `{field}` to give them", decl.name),
    )
    .if_understood()
    .label(at, "only for machines that a provider makes")
    .help(format!("remove `{field}`"))
}

fn no_selectors(decl: &Decl, at: Span) -> Diagnostic {
    Diagnostic::new(Code::ClassSource, format!("the class `{}` has no selector", decl.name))
        .if_understood()
        .label(at, "an empty list")
        .note("Omni refuses a class that matches by nothing")
        .help("write at least one: `match = [\"omni.sidero.dev/arch = amd64\"]`")
}

fn static_provider(decl: &Decl, via: Span, provider: &Decl) -> Diagnostic {
    Diagnostic::new(
        Code::StaticProvider,
        format!("`{}` makes no machines: the class `{}` cannot ask it for some", provider.name, decl.name),
    )
    .label(via, "a static provider: its machines exist already")
    .label(provider.span, "declared here")
    .note("Omni: \"cannot use static provider in the auto-provisioned machine class\"")
    .help(format!(
        "pick its machines by label: `match = [\"omni.sidero.dev/infra-provider-id = {}\"]`",
        provider.name
    ))
}
