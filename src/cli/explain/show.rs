//! Values as they would be written in a source.

use super::history;
use crate::driver::Compilation;
use crate::flatten::{Fields, Slot, Slotted};
use crate::resolve::Names;
use crate::syntax::write;
use crate::talos::lower;
use crate::typing::Val;

/// A field on one line.
pub(super) fn slotted(names: &Names, value: &Slotted) -> String {
    match value {
        Slotted::Leaf(value) => val(names, value),
        Slotted::List(list) => {
            let items: Vec<String> = list.items.iter().map(|elem| val(names, &elem.val)).collect();
            format!("[{}]", items.join(", "))
        }
        Slotted::Map(inner) => fields(names, inner),
        Slotted::Unset => "not set: `unset`".into(),
        Slotted::Removed => "not there: `remove`".into(),
        Slotted::Deleted => "deleted from the generated configuration".into(),
    }
}

/// The content of a field: `= value`, or the block, without what a finding calls a secret.
pub(super) fn content(compilation: &Compilation, slot: &Slot) -> String {
    let names = &compilation.flattener.types.names;
    match &slot.value {
        Slotted::Map(inner) => {
            block(inner.iter().map(|(name, slot)| (name.as_str(), content(compilation, slot))))
        }
        Slotted::Unset | Slotted::Removed | Slotted::Deleted => {
            format!("is {}", slotted(names, &slot.value))
        }
        Slotted::Leaf(_) | Slotted::List(_)
            if slot.steps.iter().any(|step| history::is_secret(&compilation.findings, step.span)) =>
        {
            "= …".into()
        }
        Slotted::Leaf(_) | Slotted::List(_) => format!("= {}", slotted(names, &slot.value)),
    }
}

fn fields(names: &Names, fields: &Fields) -> String {
    block(fields.iter().map(|(name, slot)| {
        let content = match &slot.value {
            Slotted::Leaf(_) | Slotted::List(_) => format!("= {}", slotted(names, &slot.value)),
            value => slotted(names, value),
        };
        (name.as_str(), content)
    }))
}

fn block<'n>(fields: impl Iterator<Item = (&'n str, String)>) -> String {
    let inner: Vec<String> =
        fields.map(|(name, content)| format!("{} {content}", write::key(name))).collect();
    if inner.is_empty() { "{}".into() } else { format!("{{ {} }}", inner.join(", ")) }
}

fn val(names: &Names, value: &Val) -> String {
    match value {
        Val::Str(text) => write::string(text),
        Val::Ref(id, args) if args.is_empty() => names.decl(*id).shown(),
        Val::Ref(id, args) => {
            let args: Vec<String> =
                args.iter().map(|(name, arg)| format!("{name} = {}", val(names, arg))).collect();
            format!("{}({})", names.decl(*id).shown(), args.join(", "))
        }
        Val::Tagged(word, inner) => format!("{word}({})", val(names, inner)),
        Val::List(items, _) => {
            let items: Vec<String> = items.iter().map(|item| val(names, &item.val)).collect();
            format!("[{}]", items.join(", "))
        }
        Val::Fields(inner) => fields(names, inner),
        Val::Param(name) => format!("${{{name}}}"),
        Val::Error => "?".into(),
        other => lower::show(other).map_or_else(|| "…".into(), |text| text.to_string()),
    }
}
