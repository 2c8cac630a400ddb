//! What was meant by a value of another shape: the same content as its type wants it.

use super::literal::{self, Literal};
use crate::schema::{Form, Shape, Type};
use crate::source::SourceMap;
use crate::syntax::ast::{Atom, Block, Item, Op, Rest, Value, ValueKind};
use crate::syntax::write;
use crate::text::Text;

/// The text that should stand in place of a value, where it is certain.
pub(super) fn meant(value: &Value, ty: &Type, sources: &SourceMap) -> Option<String> {
    match (ty, &value.kind) {
        (Type::Set(_) | Type::List(_) | Type::Keyed(_), ValueKind::Block(block)) => {
            braced(block, ty, "=", sources)
        }
        // A number is no name.
        (Type::Set(inner) | Type::List(inner), ValueKind::Bare(text))
            if matches!(**inner, Type::Ref(_)) && !literal::is_name(text) =>
        {
            None
        }
        // `concat(a, b)`: there are no functions.
        (Type::Set(inner) | Type::List(inner), ValueKind::Apply(atoms))
            if !matches!(**inner, Type::Ref(_)) && atoms.iter().any(|atom| atom.args.is_some()) =>
        {
            None
        }
        // Nothing, and several arguments in one text.
        (Type::Set(inner) | Type::List(inner), ValueKind::Str(text)) => {
            let words: Vec<String> = text.split_whitespace().map(write::string).collect();
            let apart = words.is_empty() || matches!(**inner, Type::Str(Shape::KernelArg));
            Some(if apart { format!("[{}]", words.join(", ")) } else { listed(value, sources) })
        }
        (Type::Set(_) | Type::List(_) | Type::Keyed(_), _) => Some(listed(value, sources)),
        (Type::Map(..), ValueKind::List(items)) => pairs(items),
        (Type::Block(schema), ValueKind::List(items)) => {
            let flags = items.iter().map(|item| match &item.kind {
                ValueKind::Bare(name) => match schema.field(name).map(|field| &field.ty) {
                    Some(Type::Bool) => Some(format!("{name} = true")),
                    _ => None,
                },
                _ => None,
            });
            let flags: Vec<String> = flags.collect::<Option<_>>()?;
            (!flags.is_empty()).then(|| format!("{{ {} }}", flags.join(", ")))
        }
        // `backup = 12h`: one field of the block takes it.
        (Type::Block(schema), ValueKind::Bare(text) | ValueKind::Str(text))
            if !super::value_errors::is_off(text) =>
        {
            let quoted = matches!(value.kind, ValueKind::Str(_));
            let takes = |ty: &Type| match ty {
                Type::Bool | Type::Config | Type::Ref(_) | Type::Name(_) => false,
                Type::Str(shape) => quoted && *shape != Shape::Any && super::misfit(*shape, text).is_none(),
                ty => super::scalar::scalar(text, ty, quoted).is_ok(),
            };
            let mut fields = schema.fields.values().filter(|field| takes(&field.ty));
            let (one, other) = (fields.next()?, fields.next());
            other.is_none().then(|| format!("{{ {} = {} }}", one.name, sources.text(value.span)))
        }
        (_, ValueKind::List(items)) => match items.as_slice() {
            // One element where there can be only one.
            [one] if !matches!(one.kind, ValueKind::List(_) | ValueKind::Block(_)) => {
                Some(sources.text(one.span).to_string())
            }
            _ => None,
        },
        (Type::Str(shape), ValueKind::Apply(atoms)) => {
            let text = sources.text(value.span);
            let one_line = bare(atoms) && !text.contains('\n');
            (one_line && super::misfit(*shape, text).is_none()).then(|| write::string(text))
        }
        (Type::Duration, ValueKind::Apply(atoms)) if bare(atoms) => duration(atoms),
        (Type::Address, ValueKind::Apply(atoms)) => placed(atoms, sources),
        _ => None,
    }
}

/// A list between braces, or the one block of a list of blocks.
pub(super) fn braced(block: &Block, ty: &Type, sign: &str, sources: &SourceMap) -> Option<String> {
    if !block.items.is_empty() && block.items.iter().all(Item::is_word) {
        let elements: Vec<&str> = block.items.iter().map(|item| sources.text(item.words[0].span)).collect();
        return Some(format!("[{}]", elements.join(", ")));
    }
    if let Type::Set(inner) | Type::List(inner) = ty
        && matches!(**inner, Type::Str(_))
        && let Some(pairs) = block.items.iter().map(|item| pair(item, sign)).collect::<Option<Vec<_>>>()
        && !pairs.is_empty()
    {
        return Some(format!("[{}]", pairs.join(", ")));
    }
    let blocks = match ty {
        Type::Set(inner) | Type::List(inner) => matches!(**inner, Type::Block(_)),
        _ => matches!(ty, Type::Keyed(_)),
    };
    blocks.then(|| format!("[{}]", sources.text(block.span)))
}

/// `KEY = VALUE` as one text, or a lone key.
fn pair(item: &Item, sign: &str) -> Option<String> {
    let [word] = item.words.as_slice() else { return None };
    if !item.marks.is_empty() || !item.modifiers.is_empty() || item.args.is_some() {
        return None;
    }
    match &item.rest {
        Rest::Nothing => Some(write::string(&word.text)),
        Rest::Assign(Op::Set, _, Value { kind: ValueKind::Bare(value) | ValueKind::Str(value), .. }) => {
            Some(write::string(&format!("{}{sign}{value}", word.text)))
        }
        _ => None,
    }
}

fn bare(atoms: &[Atom]) -> bool {
    atoms.iter().all(|atom| word(atom).is_some() && atom.args.is_none())
}

fn word(atom: &Atom) -> Option<&str> {
    match &atom.value.kind {
        ValueKind::Bare(text) => Some(text.as_str()),
        _ => None,
    }
}

/// What was written without brackets, as a list.
fn listed(value: &Value, sources: &SourceMap) -> String {
    let whole = || format!("[{}]", sources.text(value.span));
    let ValueKind::Apply(atoms) = &value.kind else { return whole() };
    let one = atoms.iter().any(|atom| {
        atom.args.is_some()
            || matches!(atom.value.kind, ValueKind::Block(_))
            || word(atom).is_some_and(|word| matches!(word, "on" | "file"))
    });
    if one {
        return whole();
    }
    let elements: Vec<&str> = atoms.iter().map(|atom| sources.text(atom.value.span)).collect();
    format!("[{}]", elements.join(", "))
}

/// `["key=value"]` as a map.
fn pairs(items: &[Value]) -> Option<String> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        match &item.kind {
            ValueKind::Str(text) => {
                let (key, value) = text.split_once('=')?;
                out.push(format!("{} = {}", write::key(key), write::string(value)));
            }
            ValueKind::Block(block) => out.extend(entries(block)?),
            _ => return None,
        }
    }
    (!out.is_empty()).then(|| format!("{{ {} }}", out.join(", ")))
}

/// `{ key = "a", value = "b" }`, perhaps with an `effect`, and `{ a = "b" }` as entries of a map.
fn entries(block: &Block) -> Option<Vec<String>> {
    let text = |item: &Item| match (&item.rest, item.words.as_slice(), item.marks.is_empty()) {
        (
            Rest::Assign(Op::Set, _, Value { kind: ValueKind::Bare(value) | ValueKind::Str(value), .. }),
            [word],
            true,
        ) => Some((word.text.clone(), value.clone())),
        _ => None,
    };
    let all: Vec<(Text, Text)> = block.items.iter().map(text).collect::<Option<_>>()?;
    let of = |name: &str| all.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let entry = |key: &str, value: &str| format!("{} = {}", write::key(key), write::string(value));
    Some(match (of("key").or(of("name")), of("value"), of("effect")) {
        (Some(key), Some(value), None) => vec![entry(key, value)],
        (Some(key), value, Some(effect)) => {
            let value = value.map_or(effect.to_owned(), |value| format!("{value}:{effect}"));
            vec![entry(key, &value)]
        }
        _ => all.iter().map(|(key, value)| entry(key, value)).collect(),
    })
}

/// `12 hours`
fn duration(atoms: &[Atom]) -> Option<String> {
    let [number, unit] = atoms else { return None };
    let number: u64 = word(number)?.parse().ok()?;
    let (factor, unit) = match word(unit)?.to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => (1, 's'),
        "m" | "min" | "mins" | "minute" | "minutes" => (1, 'm'),
        "h" | "hour" | "hours" | "hrs" => (1, 'h'),
        "d" | "day" | "days" => (24, 'h'),
        _ => return None,
    };
    Some(format!("{}{unit}", number.checked_mul(factor)?))
}

/// `192.168.10.31/24 in lan`
fn placed(atoms: &[Atom], sources: &SourceMap) -> Option<String> {
    let [address, between, network] = atoms else { return None };
    let known = matches!(word(between)?, "in" | "at" | "@" | "via" | "from" | "of");
    let prefixed = matches!(literal::address(word(address)?), Some(Literal::Prefixed(..)));
    (known && prefixed && bare(atoms))
        .then(|| format!("{} on {}", sources.text(address.value.span), sources.text(network.value.span)))
}

/// `cilium` where a form takes a name as text: `external("cilium")`.
pub(super) fn tagged(text: &str, forms: &[Form]) -> Option<String> {
    forms.iter().find_map(|form| match form {
        Form::Tagged(word, Type::Str(_)) => Some(format!("{word}({})", write::string(text))),
        _ => None,
    })
}
