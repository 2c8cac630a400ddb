//! Two patches of one level: what both set must not depend on which comes first.
//!
//! How Talos merges a field, and whether the order of a list means something, stands in the table of its fields.

use rustc_hash::FxHashMap;

use super::{LevelOf, kind_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch};
use crate::text::Text;
use crate::tree::{Node, Value};
use crate::world::config::{Document, Merge, Place, Spot, Step};

/// Where and by which patch a value was set.
struct Setter<'p> {
    patch: usize,
    node: &'p Node,
}

/// Two patches that set one path.
struct Clash {
    place: Place,
    first: (usize, Option<Span>),
    second: (usize, Option<Span>),
    /// Both add to a list.
    adds: bool,
}

/// What the patches before set, by place.
#[derive(Default)]
struct Seen<'p> {
    values: FxHashMap<Place, Setter<'p>>,
    clashes: Vec<Clash>,
}

/// Reports what two patches of a level disagree about.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>) {
    if level.patches.iter().all(|patch| patch.lowered) || level.patches.len() < 2 {
        return;
    }
    let mut seen = Seen::default();
    let minor = level.cluster.target.talos.minor;
    for (i, patch) in level.patches.iter().enumerate() {
        let Content::Documents(documents) = &patch.content else { continue };
        for document in documents {
            let key = kind_of(document);
            let of_kind = |(kind, name): (&str, &str)| {
                let name = Some(name).filter(|name| !name.is_empty()).map(Text::new);
                Document { kind: kind.into(), name }
            };
            let mut place = Place { document: key.map(of_kind), path: Vec::new() };
            let spot = Spot::document(key.map(|key| key.0));
            seen.walk(lowering, &mut place, Visit { patch: i, node: document, spot, minor });
        }
    }
    for clash in seen.clashes {
        let (a, b) = (&level.patches[clash.first.0], &level.patches[clash.second.0]);
        if !(a.lowered && b.lowered) && a.span != b.span {
            report(lowering, level, &clash.place, (a, clash.first.1), (b, clash.second.1), clash.adds);
        }
    }
}

/// A node of a patch, and where it stands.
#[derive(Clone, Copy)]
struct Visit<'p> {
    /// The number of the patch.
    patch: usize,
    node: &'p Node,
    /// What the table knows of the place; nothing below what is free-form.
    spot: Option<Spot>,
    minor: u16,
}

impl<'p> Seen<'p> {
    /// Walks through a node; lists of which nothing is known are ordered.
    fn walk(&mut self, lowering: &Lowering<'_, '_>, place: &mut Place, at: Visit<'p>) {
        let merge =
            at.spot.filter(|spot| spot.is_whole()).map_or(Merge::Default, |spot| spot.row().merge(at.minor));
        match (&at.node.value, merge) {
            (_, Merge::Replace) => self.set(lowering, at, place, false),
            (Value::Map(map), _) if map.get("$patch").is_none() => {
                let other = self.values.get(place).filter(|setter| setter.patch != at.patch);
                if let Some(setter) = other {
                    let clash = clash(lowering, place, setter, at, false);
                    return self.clashes.push(clash);
                }
                for (key, node) in map.iter() {
                    self.field(lowering, place, Visit { node, ..at }, key, merge == Merge::Entries);
                }
            }
            (Value::Seq(items), Merge::Keyed(keys)) => self.elements(lowering, place, at, items, keys, false),
            (Value::Seq(items), Merge::KeyedReplace(key)) => {
                self.elements(lowering, place, at, items, &[key], true);
            }
            (Value::Seq(items), _) => {
                let ordered = at.spot.is_none_or(|spot| !spot.is_whole() || spot.row().ordered());
                if ordered && !items.is_empty() {
                    self.set(lowering, at, place, true);
                }
            }
            _ => self.set(lowering, at, place, false),
        }
    }

    /// Walks into a field of a block or the value of a key; `whole` if such values are replaced.
    fn field(
        &mut self,
        lowering: &Lowering<'_, '_>,
        place: &mut Place,
        at: Visit<'p>,
        key: &str,
        whole: bool,
    ) {
        let top = place.path.is_empty() && place.document.is_some();
        if top && matches!(key, "apiVersion" | "kind" | "name") {
            return;
        }
        place.path.push(Step::Name(key.into()));
        let at = Visit { spot: at.spot.and_then(|spot| spot.child(key)), ..at };
        match whole {
            true => self.set(lowering, at, place, false),
            false => self.walk(lowering, place, at),
        }
        place.path.pop();
    }

    /// Walks into the elements of a list, by their keys.
    fn elements(
        &mut self,
        lowering: &Lowering<'_, '_>,
        place: &mut Place,
        at: Visit<'p>,
        items: &'p [Node],
        keys: &[&str],
        whole: bool,
    ) {
        let spot = at.spot.and_then(Spot::item);
        for node in items {
            place.path.push(Step::Keyed(key_of(node, keys)));
            let at = Visit { node, spot, ..at };
            match whole {
                true => self.set(lowering, at, place, false),
                false => self.walk(lowering, place, at),
            }
            place.path.pop();
        }
    }

    fn set(&mut self, lowering: &Lowering<'_, '_>, at: Visit<'p>, place: &Place, adds: bool) {
        match self.values.get(place) {
            Some(setter) if setter.patch != at.patch && (adds || !says_the_same(setter.node, at.node)) => {
                let clash = clash(lowering, place, setter, at, adds);
                self.clashes.push(clash);
            }
            Some(_) => {}
            None => {
                self.values.insert(place.clone(), Setter { patch: at.patch, node: at.node });
            }
        }
    }
}

/// Whether Talos reads the same from two nodes: where it wants text, `1` is `"1"`.
fn says_the_same(a: &Node, b: &Node) -> bool {
    a == b || matches!((scalar_text(a), scalar_text(b)), (Some(a), Some(b)) if a == b)
}

fn scalar_text(node: &Node) -> Option<Text> {
    match &node.value {
        Value::Bool(value) => Some(value.to_string().into()),
        Value::Int(value) => Some(value.to_string().into()),
        Value::Decimal(text) | Value::Str(text) => Some(text.clone()),
        Value::Null | Value::Seq(_) | Value::Map(_) => None,
    }
}

fn clash(
    lowering: &Lowering<'_, '_>,
    place: &Place,
    setter: &Setter<'_>,
    at: Visit<'_>,
    adds: bool,
) -> Clash {
    Clash {
        place: place.clone(),
        first: (setter.patch, lowering.origins.place(setter.node)),
        second: (at.patch, lowering.origins.place(at.node)),
        adds,
    }
}

/// The key of an element: the first of the fields that it has.
fn key_of(item: &Node, keys: &[&str]) -> Text {
    let map = item.as_map();
    let value = keys.iter().find_map(|key| map.and_then(|map| map.get(key)));
    match value.map(|node| &node.value) {
        Some(Value::Str(text)) => text.clone(),
        Some(value) => format!("{value:?}").into(),
        None => Text::default(),
    }
}

fn report(
    lowering: &mut Lowering<'_, '_>,
    level: &LevelOf<'_>,
    place: &Place,
    (a, first): (&Patch, Option<Span>),
    (b, second): (&Patch, Option<Span>),
    adds: bool,
) {
    let Some(at) = second.or(b.span) else { return };
    let does = if adds { "both add to" } else { "differ about" };
    let finding = Diagnostic::new(
        Code::PatchesDisagree,
        format!("the patches `{}` and `{}` of {} {does} `{place}`", a.name, b.name, level.shown()),
    )
    .label(at, format!("says `{}`", b.name))
    .label_if(first.or(a.span), format!("says `{}`", a.name))
    .note("patches of one level are merged in the order of their ids: what comes out must not depend on it")
    .help(if adds {
        format!("write the whole of `{place}` in one of the two")
    } else {
        format!("keep `{place}` in one of the two, or say it in a patch of a lower level")
    });
    lowering.report(finding.in_cluster(&level.cluster.name));
}
