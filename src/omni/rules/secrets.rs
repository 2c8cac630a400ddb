//! Secrets that would be written to git.
//!
//! Three kinds: fields that the table of Talos's fields marks as secret, Kubernetes Secrets inside of manifests, and texts with the
//! shape of a well-known key, by the published prefixes of the tokens below.

use super::{LevelOf, kind_of, owned};
use crate::diagnostics::{Code, Diagnostic, mask};
use crate::flatten::{Fields, Slot, Slotted};
use crate::fleet::Fleet;
use crate::source::{FileId, Span};
use crate::talos::lower::{Lowering, Stands};
use crate::talos::{Content, Patch};
use crate::tree::{Node, Value};
use crate::typing::Val;
use crate::world::config::{self, Document, Place, Row, Spot, Step};

/// Tokens: what they begin with, how many characters of them follow at least, and what they are.
const TOKENS: &[(&str, usize, &str)] = &[
    ("tskey-", 12, "a Tailscale key"),
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("github_pat_", 30, "a GitHub token"),
    ("glpat-", 16, "a GitLab token"),
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("AGE-SECRET-KEY-1", 40, "an age secret key"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("sk_live_", 16, "a Stripe key"),
    ("hvs.", 20, "a Vault token"),
    ("dckr_pat_", 20, "a Docker token"),
];

/// The length of the shortest token: a prefix with the least that follows it.
const SHORTEST: usize = 18;

/// The secrets of a patch.
pub(super) fn patch(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>, patch: &Patch) {
    let Content::Documents(documents) = &patch.content else { return };
    for document in documents {
        let kind = kind_of(document).map(|(kind, _)| kind);
        let of = Of { level, kind, at: patch.span };
        let spot = Spot::document(kind);
        walk(lowering, &of, &mut Vec::new(), Visit { node: document, spot, secret: false });
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
                path.push(Way::Name(key));
                walk(
                    lowering,
                    of,
                    path,
                    Visit { node, spot: at.spot.and_then(|spot| spot.child(key)), ..at },
                );
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

fn leaf(lowering: &mut Lowering<'_, '_>, of: &Of<'_>, path: &[Way<'_>], at: Visit<'_>, text: &str) {
    let manifest = at.spot.is_some_and(|spot| spot.row().is_manifest());
    let token = token(text);
    if !(manifest || at.secret || token.is_some()) {
        return;
    }
    let Some(place) = lowering.origins.place(at.node).or(of.at) else { return };
    if at.secret {
        let what = format!("the secret field `{}`", shown(of.kind, path));
        lowering.report(found(value_place(lowering, place, Some(text)), &what, text));
    } else if let Some((what, secret)) = token {
        lowering.report(found(value_place(lowering, place, Some(secret)), what, secret));
    } else {
        inline_manifest(lowering, text, place);
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

/// The part of what sets a value that is the value: the rest, such as the name of the field, may be shown.
pub(super) fn value_place(lowering: &Lowering<'_, '_>, at: Span, value: Option<&str>) -> Span {
    let written = lowering.flattener.types.names.sources.text(at);
    let found =
        value.filter(|value| !value.is_empty()).and_then(|value| Some((written.rfind(value)?, value.len())));
    let (start, length) = found.unwrap_or_else(|| {
        // Written otherwise (escapes, a parameter), or a block: what follows the name.
        let after = |(at, c): (usize, char)| if c == '=' { at + 1 } else { at };
        let rest = written.char_indices().find(|(_, c)| matches!(c, '=' | '{')).map_or(0, after);
        let start = rest + written[rest..].len() - written[rest..].trim_start().len();
        (start, written.len() - start)
    });
    Span { start: at.start + start as u32, end: at.start + (start + length) as u32, ..at }
}

/// Whether a text of a configuration must not be shown: a field that is secret, or the shape of a well-known key.
pub fn is_secret(spot: Option<Spot>, text: &str) -> bool {
    spot.is_some_and(|spot| spot.row().secret()) || token(text).is_some()
}

/// The manifests in a patch are text in a text: its own places are unknown.
fn inline_manifest(lowering: &mut Lowering<'_, '_>, text: &str, at: Span) {
    let stream = crate::yaml::read(text, FileId(0), &mut |_| crate::tree::Origin::NONE);
    for document in &stream.documents {
        object(lowering, document, Some(at));
    }
}

/// A Kubernetes object: a Secret that holds something. `whole` is the place if the object has none of its own.
pub(super) fn object(lowering: &mut Lowering<'_, '_>, node: &Node, whole: Option<Span>) {
    if let Some(items) = node.at(&["items"]).and_then(Node::as_seq) {
        items.iter().for_each(|item| object(lowering, item, whole));
    }
    if node.at(&["kind"]).and_then(Node::as_str) != Some("Secret") {
        return;
    }
    let name = node.at(&["metadata", "name"]).and_then(Node::as_str).unwrap_or_default().to_string();
    for field in ["data", "stringData"] {
        for (_, value) in
            node.at(&[field]).and_then(Node::as_map).into_iter().flat_map(crate::tree::Map::iter)
        {
            let Some(text) = value.as_str().filter(|text| !text.is_empty()) else { continue };
            let at = whole.or_else(|| lowering.origins.span(value.origin));
            if let Some(at) = at {
                lowering.report(found(at, &format!("a value of the Kubernetes Secret `{name}`"), text));
            }
        }
    }
}

/// The keys in a text that is written as it stands.
pub(super) fn text(lowering: &mut Lowering<'_, '_>, text: &str, stands: Stands) {
    let Some((what, secret)) = token(text) else { return };
    let start = secret.as_ptr() as usize - text.as_ptr() as usize;
    let at = match stands {
        Stands::Value(whole) => whole,
        Stands::File(file) => Span { file, start: start as u32, end: (start + secret.len()) as u32 },
    };
    lowering.report(found(at, what, secret));
}

/// Secrets in what a level says to Omni itself.
pub(super) fn level(lowering: &mut Lowering<'_, '_>, all: &Fields) {
    for slot in ["labels", "annotations"].iter().filter_map(|field| all.block(field)) {
        fields(lowering, slot);
    }
    if let Some(slot) = all.at(&["kernel", "args"]) {
        list(lowering, slot);
    }
}

/// Secrets in what else is written: classes.
pub(super) fn rest(lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
    for class in &fleet.classes {
        fields(lowering, &class.flat.fields);
    }
}

fn fields(lowering: &mut Lowering<'_, '_>, all: &Fields) {
    for (_, slot) in all.iter() {
        match &slot.value {
            Slotted::Leaf(val) => value(lowering, val, slot),
            Slotted::List(_) => list(lowering, slot),
            Slotted::Map(inner) => fields(lowering, inner),
            Slotted::Unset | Slotted::Removed | Slotted::Deleted => {}
        }
    }
}

fn list(lowering: &mut Lowering<'_, '_>, slot: &Slot) {
    for elem in slot.list().into_iter().flat_map(|list| &list.items) {
        if let Val::Str(text) = &elem.val
            && let Some((what, secret)) = token(text)
        {
            lowering.report(found(elem.span, what, secret));
        }
    }
}

fn value(lowering: &mut Lowering<'_, '_>, val: &Val, slot: &Slot) {
    if let Val::Str(text) = val
        && let Some((what, secret)) = token(text)
        && let Some(at) = slot.span()
    {
        lowering.report(found(at, what, secret));
    }
}

/// The first well-known key in a text.
fn token(text: &str) -> Option<(&'static str, &str)> {
    // Nearly every value of a configuration is shorter than the shortest key.
    if text.len() < SHORTEST {
        return None;
    }
    if let Some(start) = text.find("-----BEGIN ") {
        let rest = &text[start..];
        let line = rest.lines().next().unwrap_or(rest);
        if line.contains("PRIVATE KEY-----") {
            let end = rest
                .find("-----END ")
                .map_or(rest.len(), |at| at + rest[at..].find('\n').unwrap_or(rest.len() - at));
            return Some(("a private key", &rest[..end]));
        }
    }
    for (prefix, least, what) in TOKENS {
        for (start, _) in text.match_indices(prefix) {
            let before = text[..start].chars().next_back();
            let rest = &text[start + prefix.len()..];
            let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let length = rest.find(|c: char| !inside(c)).unwrap_or(rest.len());
            if length >= *least && !before.is_some_and(|c| c.is_ascii_alphanumeric()) {
                return Some((what, &text[start..start + prefix.len() + length]));
            }
        }
    }
    None
}

fn found(at: Span, what: &str, secret: &str) -> Diagnostic {
    Diagnostic::new(Code::SecretInOutput, format!("{what} would be written to git: `{}`", mask(secret)))
        .label(at, "secret")
        .note("this cannot be silenced; if the value was committed before, it must be replaced")
        .help("keep it in a file that is not in git, and refer to it: `secret patch NAME file \"…\"`, or `secret manifest …`")
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn no_key_is_shorter_than_the_shortest() {
        let least = super::TOKENS.iter().map(|(prefix, least, _)| prefix.len() + least).min();
        assert_eq!(least, Some(super::SHORTEST));
    }

    #[test]
    fn keys_are_known_by_their_shape() {
        let tailscale = format!("TS_AUTHKEY=tskey-{}", "auth-k0123456789ab");
        assert_eq!(token(&tailscale).map(|found| found.0), Some("a Tailscale key"));
        let key = format!("-----BEGIN {}PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nx", "RSA ");
        assert_eq!(token(&key).map(|found| found.1.lines().count()), Some(3));
        for fine in ["tskey-${KEY}", "-----BEGIN CERTIFICATE-----", "ghp_", "MAKIAVELLIANISMISFINE1"] {
            assert_eq!(token(fine), None, "{fine}");
        }
    }
}
