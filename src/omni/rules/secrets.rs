//! Secrets that would be written to git.
//!
//! What is secret is decided by [`crate::secret`], by the table of Talos's fields, and by what Kubernetes calls a Secret. It is looked
//! for where it was read, so that a finding can point at it: the content of patches here, that of manifests and health checks in
//! [`objects`]. All else that is written, whatever says it, is looked through once it stands in its document ([`written`]), so that
//! no field is left out.

mod objects;
mod written;

pub use written::documents;

pub(super) use objects::{object, text};

use super::{LevelOf, kind_of, owned};
use crate::diagnostics::{Code, Diagnostic};
use crate::secret::{self, mask};
use crate::source::{FileId, Span};
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch};
use crate::tree::{Map, Node, Value};
use crate::world::config::{self, Document, Place, Row, Spot, Step, Type};

/// The secrets of a patch.
pub(super) fn patch(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>, patch: &Patch) {
    let Content::Documents(documents) = &patch.content else { return };
    for document in documents {
        let kind = kind_of(document).map(|(kind, _)| kind);
        let of = Of { level, kind, at: patch.span };
        let spot = Spot::document(kind);
        walk(lowering, &of, &mut Vec::new(), Visit { node: document, spot, secret: false, name: None });
    }
}

/// The document that is looked through.
struct Of<'d> {
    level: &'d LevelOf<'d>,
    kind: Option<&'d str>,
    /// Where its patch is declared.
    at: Option<Span>,
}

/// A node, and what is known of where it stands.
#[derive(Clone, Copy)]
struct Visit<'n> {
    node: &'n Node,
    spot: Option<Spot>,
    /// It stands in a secret field.
    secret: bool,
    /// What it is called, where names are free.
    name: Option<&'n str>,
}

/// One step on the way to a node.
#[derive(Clone, Copy)]
enum Way<'n> {
    Name(&'n str),
    Index(usize),
}

fn walk<'n>(lowering: &mut Lowering<'_, '_>, of: &Of<'_>, path: &mut Vec<Way<'n>>, at: Visit<'n>) {
    let row = at.spot.map(Spot::row);
    let secret = at.secret || row.is_some_and(Row::secret);
    // What Omni owns has a finding already.
    if secret && row.is_some_and(|row| owned::is_owned(row, of.level)) {
        return;
    }
    let at = Visit { secret, ..at };
    match &at.node.value {
        Value::Map(map) => {
            for (key, node) in map.iter() {
                let inner = of_key(at, map, key, node);
                // What Talos calls its fields is no secret.
                if inner.name.is_some() {
                    shape_of(lowering, key, node, of.at);
                }
                path.push(Way::Name(key));
                walk(lowering, of, path, inner);
                path.pop();
            }
        }
        Value::Seq(items) => {
            for (i, node) in items.iter().enumerate() {
                path.push(Way::Index(i));
                walk(lowering, of, path, Visit { node, spot: at.spot.and_then(Spot::item), ..at });
                path.pop();
            }
        }
        Value::Str(text) if !text.is_empty() => leaf(lowering, of, path, at, text),
        Value::Int(number) if secret => leaf(lowering, of, path, at, &number.to_string()),
        Value::Decimal(text) if secret => leaf(lowering, of, path, at, text),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Str(_) => {}
    }
}

/// The value of a key.
fn of_key<'n>(at: Visit<'n>, map: &'n Map, key: &'n str, node: &'n Node) -> Visit<'n> {
    let is_map = at.spot.is_some_and(|spot| matches!(spot.ty(), Type::Map(_)));
    // Of headers some are secret, and others the same everywhere.
    if at.secret && is_map && secret::is_harmless_header(key) {
        return Visit { node, spot: None, secret: false, name: None };
    }
    let spot = at.spot.and_then(|spot| spot.child(key));
    // Fields of Talos have names of their own, and Talos says which are secret.
    let name = (spot.is_none() || is_map).then(|| name_of(map, key));
    Visit { node, spot, name, ..at }
}

/// The name that says what a value of a map is: its key, or in pairs of `name` and `value` that name.
fn name_of<'n>(map: &'n Map, key: &'n str) -> &'n str {
    match key {
        "value" => map.get("name").and_then(Node::as_str).unwrap_or(key),
        key => key,
    }
}

fn leaf(lowering: &mut Lowering<'_, '_>, of: &Of<'_>, path: &[Way<'_>], at: Visit<'_>, text: &str) {
    let place = |lowering: &Lowering<'_, '_>| lowering.origins.place(at.node).or(of.at);
    if at.secret {
        if let Some(place) = place(lowering).filter(|_| !secret::stands_in(text)) {
            let what = format!("the secret field `{}`", shown(of.kind, path));
            lowering.report(found(value_place(lowering, place, Some(text)), &what, text));
        }
        return;
    }
    if at.spot.is_some_and(|spot| spot.row().is_manifest())
        && let Some(place) = place(lowering)
        && objects::inside(lowering, text, place)
    {
        return;
    }
    if let Some((what, secret)) = of_text(at.name, text)
        && let Some(place) = place(lowering)
    {
        lowering.report(found(value_place(lowering, place, Some(secret)), what, secret));
    }
}

/// The secret in a text, by its shape or by a name: one in it, or the one before it.
fn of_text<'t>(name: Option<&str>, text: &'t str) -> Option<(&'static str, &'t str)> {
    if let Some(found) = secret::found(text) {
        return Some((found.what, &text[found.range]));
    }
    Some((secret::named(name?, text)?, text))
}

/// A key of a map that is itself a secret.
fn shape_of(lowering: &mut Lowering<'_, '_>, key: &str, value: &Node, around: Option<Span>) {
    if let Some((what, secret)) = of_text(None, key)
        && let Some(at) = lowering.origins.place(value).or(around)
    {
        lowering.report(found(value_place(lowering, at, Some(secret)), what, secret));
    }
}

/// The place of a leaf.
fn shown(kind: Option<&str>, path: &[Way<'_>]) -> Place {
    let steps = path.iter().map(|way| match way {
        Way::Name(name) => Step::Name((*name).into()),
        Way::Index(index) => Step::Index(*index),
    });
    Place { document: kind.map(|kind| Document { kind: kind.into(), name: None }), path: steps.collect() }
}

/// From the first secret in a field or document to the last, so that all of them are masked.
pub(super) fn place_in(lowering: &Lowering<'_, '_>, document: &Node, row: Row) -> Option<Span> {
    let inside = |secret: &Row| secret.secret() && secret.ancestors().any(|above| above == row);
    let nodes = config::rows().filter(inside).flat_map(|secret| document.fields(secret));
    nodes.filter_map(|node| whole_place(lowering, node)).fold(None, join)
}

/// From the first value in a node to the last, so that all of them are masked.
fn whole_place(lowering: &Lowering<'_, '_>, node: &Node) -> Option<Span> {
    match &node.value {
        Value::Map(map) => map.iter().filter_map(|(_, node)| whole_place(lowering, node)).fold(None, join),
        Value::Seq(items) => items.iter().filter_map(|node| whole_place(lowering, node)).fold(None, join),
        _ => Some(value_place(lowering, lowering.origins.span(node.origin)?, node.as_str())),
    }
}

fn join(all: Option<Span>, at: Span) -> Option<Span> {
    match all {
        Some(all) if all.file == at.file => {
            Some(Span { start: all.start.min(at.start), end: all.end.max(at.end), ..all })
        }
        all => all.or(Some(at)),
    }
}

/// How far behind a declaration a value is looked for that it says.
const NEAR: usize = 16 * 1024;

/// The part of what sets a value that is the value: the rest, such as the name of the field, may be shown. If only the declaration is
/// known, the value may stand further on in it.
pub(super) fn value_place(lowering: &Lowering<'_, '_>, at: Span, value: Option<&str>) -> Span {
    let sources = &lowering.flattener.types.names.sources;
    let (written, whole) = (sources.text(at), sources.file(at.file).text());
    let value = value.filter(|value| !value.is_empty());
    if let Some(start) = value.and_then(|value| written.rfind(value)) {
        return part(at, start, value.map_or(0, str::len));
    }
    let Some(rest) = written.find(['=', '{']) else {
        let behind = at.end as usize..whole.len().min(at.end as usize + NEAR);
        let near = value.filter(|value| value.len() >= 8).and_then(|value| whole.get(behind)?.find(value));
        let start = near.map(|near| written.len() + near);
        return start.map_or(at, |start| part(at, start, value.map_or(0, str::len)));
    };
    // Written otherwise (escapes, a parameter), or a block: what follows the name.
    let rest = rest + usize::from(written[rest..].starts_with('='));
    let start = rest + written[rest..].len() - written[rest..].trim_start().len();
    part(at, start, written.len() - start)
}

/// A part of a place.
fn part(at: Span, start: usize, length: usize) -> Span {
    Span { start: at.start + start as u32, end: at.start + (start + length) as u32, ..at }
}

/// Whether a text of a configuration must not be shown: a field that is secret, or a text that says so itself.
pub fn is_secret(spot: Option<Spot>, text: &str) -> bool {
    spot.is_some_and(|spot| spot.row().secret()) || secret::found(text).is_some()
}

/// Everything that is secret in a field or document is hidden in what else is printed.
pub(super) fn hide(finding: Diagnostic, document: &Node, row: Row) -> Diagnostic {
    let inside = |secret: &Row| secret.secret() && secret.ancestors().any(|above| above == row);
    let nodes = config::rows().filter(inside).flat_map(|secret| document.fields(secret));
    nodes.fold(finding, hide_all)
}

fn hide_all(finding: Diagnostic, node: &Node) -> Diagnostic {
    match &node.value {
        Value::Map(map) => map.iter().fold(finding, |finding, (_, node)| hide_all(finding, node)),
        Value::Seq(items) => items.iter().fold(finding, hide_all),
        Value::Str(text) | Value::Decimal(text) if !secret::stands_in(text) => finding.hide(text),
        Value::Int(number) => finding.hide(&number.to_string()),
        Value::Null | Value::Bool(_) | Value::Decimal(_) | Value::Str(_) => finding,
    }
}

fn found(at: Span, what: &str, secret: &str) -> Diagnostic {
    Diagnostic::new(Code::SecretInOutput, format!("{what} would be written to git: `{}`", mask(secret)))
        .label(at, "secret")
        .hide(secret)
        .note("this cannot be silenced; if the value was committed before, it must be replaced")
        .help("keep it in a file that is not in git, and refer to it: `secret patch NAME file \"…\"`, or `secret manifest …`")
}
