//! Two patches of one level: what both set must not depend on which comes first.
//!
//! The merge rules are those of `pkg/machinery/config/merge` of Talos and of the `merge` tags and `Merge` methods in
//! `types/v1alpha1`: maps merge by key, scalars are replaced, lists are added up, but for the rows below.

use rustc_hash::FxHashMap;

use super::{LevelOf, kind_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch};
use crate::text::Text;
use crate::tree::{Node, Value};

/// How Talos joins two values of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The later one replaces the earlier.
    Replace,
    /// Elements with one key are merged.
    Keyed(&'static [&'static str]),
    /// Added up, and their order means nothing.
    Free,
    /// Added up in order.
    Ordered,
}

/// Lists by kind of document (none: v1alpha1) and path; lists that are not here are ordered.
const LISTS: &[(&str, &str, Rule)] = &[
    ("", "cluster.network.podSubnets", Rule::Replace),
    ("", "cluster.network.serviceSubnets", Rule::Replace),
    ("KubeNetworkConfig", "podSubnets", Rule::Replace),
    ("KubeNetworkConfig", "serviceSubnets", Rule::Replace),
    ("NetworkRuleConfig", "ingress", Rule::Replace),
    ("NetworkRuleConfig", "portSelector.ports", Rule::Replace),
    ("", "machine.network.interfaces", Rule::Keyed(&["interface", "deviceSelector"])),
    ("", "machine.network.interfaces[].vlans", Rule::Keyed(&["vlanId"])),
    ("", "cluster.apiServer.admissionControl", Rule::Keyed(&["name"])),
    ("KubeAdmissionControlConfig", "plugins", Rule::Keyed(&["name"])),
    ("ExtensionServiceConfig", "configFiles", Rule::Keyed(&["mountPath"])),
    ("", "machine.kernel.modules", Rule::Free),
    ("", "machine.kubelet.extraMounts", Rule::Free),
    ("KubeletConfig", "extraMounts", Rule::Free),
    ("", "machine.files", Rule::Free),
    ("", "machine.disks", Rule::Free),
    ("", "machine.certSANs", Rule::Free),
    ("", "machine.pods", Rule::Free),
    ("", "machine.kubelet.nodeIP.validSubnets", Rule::Free),
    ("", "cluster.apiServer.certSANs", Rule::Free),
    ("KubeAPIServerConfig", "certSANs", Rule::Free),
    ("", "cluster.inlineManifests", Rule::Free),
    ("", "cluster.extraManifests", Rule::Free),
];

/// Where and by which patch a value was set.
struct Setter<'p> {
    patch: usize,
    node: &'p Node,
}

/// Two patches that set one path.
struct Clash {
    path: String,
    first: (usize, Option<Span>),
    second: (usize, Option<Span>),
    /// Both add to a list.
    adds: bool,
}

/// What the patches before set, by path.
#[derive(Default)]
struct Seen<'p> {
    values: FxHashMap<String, Setter<'p>>,
    clashes: Vec<Clash>,
}

/// Reports what two patches of a level disagree about.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>) {
    if level.patches.iter().all(|patch| patch.lowered) || level.patches.len() < 2 {
        return;
    }
    let mut seen = Seen::default();
    for (i, patch) in level.patches.iter().enumerate() {
        let Content::Documents(documents) = &patch.content else { continue };
        for document in documents {
            let (kind, name) = kind_of(document).unwrap_or_default();
            let mut path = format!("{kind}/{name}/");
            let base = path.len();
            seen.walk(lowering, i, kind, base, &mut path, document);
        }
    }
    for clash in seen.clashes {
        let (a, b) = (&level.patches[clash.first.0], &level.patches[clash.second.0]);
        if !(a.lowered && b.lowered) && a.span != b.span {
            report(lowering, level, &clash.path, (a, clash.first.1), (b, clash.second.1), clash.adds);
        }
    }
}

impl<'p> Seen<'p> {
    fn walk(
        &mut self,
        lowering: &Lowering<'_, '_>,
        patch: usize,
        kind: &str,
        base: usize,
        path: &mut String,
        node: &'p Node,
    ) {
        let length = path.len();
        match &node.value {
            Value::Map(map) if map.get("$patch").is_none() => {
                if let Some(setter) = self.values.get(path.as_str()).filter(|setter| setter.patch != patch) {
                    let clash = clash(lowering, path, base, setter, patch, node, false);
                    return self.clashes.push(clash);
                }
                for (key, node) in map.iter() {
                    let meta = length == base && !kind.is_empty();
                    if meta && matches!(key.as_str(), "apiVersion" | "kind" | "name") {
                        continue;
                    }
                    if length > base {
                        path.push('.');
                    }
                    path.push_str(key);
                    self.walk(lowering, patch, kind, base, path, node);
                    path.truncate(length);
                }
            }
            Value::Seq(items) => match rule(kind, &path[base..]) {
                Rule::Free => {}
                Rule::Keyed(keys) => {
                    for item in items {
                        let key = key_of(item, keys);
                        path.push_str(&format!("[{key}]"));
                        self.walk(lowering, patch, kind, base, path, item);
                        path.truncate(length);
                    }
                }
                Rule::Replace => self.set(lowering, patch, base, path, node, false),
                Rule::Ordered if items.is_empty() => {}
                Rule::Ordered => self.set(lowering, patch, base, path, node, true),
            },
            _ => self.set(lowering, patch, base, path, node, false),
        }
    }

    fn set(
        &mut self,
        lowering: &Lowering<'_, '_>,
        patch: usize,
        base: usize,
        path: &str,
        node: &'p Node,
        adds: bool,
    ) {
        match self.values.get(path) {
            Some(setter) if setter.patch != patch && (adds || !says_the_same(setter.node, node)) => {
                let clash = clash(lowering, path, base, setter, patch, node, adds);
                self.clashes.push(clash);
            }
            Some(_) => {}
            None => {
                self.values.insert(path.to_string(), Setter { patch, node });
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
    path: &str,
    base: usize,
    setter: &Setter<'_>,
    patch: usize,
    node: &Node,
    adds: bool,
) -> Clash {
    Clash {
        path: path[base..].to_string(),
        first: (setter.patch, lowering.origins.place(setter.node)),
        second: (patch, lowering.origins.place(node)),
        adds,
    }
}

fn rule(kind: &str, path: &str) -> Rule {
    let mut plain = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '[' => {
                inside = true;
                plain.push('[');
            }
            ']' => {
                inside = false;
                plain.push(']');
            }
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    LISTS.iter().find(|row| row.0 == kind && row.1 == plain).map_or(Rule::Ordered, |row| row.2)
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
    path: &str,
    (a, first): (&Patch, Option<Span>),
    (b, second): (&Patch, Option<Span>),
    adds: bool,
) {
    let Some(at) = second.or(b.span) else { return };
    let does = if adds { "both add to" } else { "differ about" };
    let finding = Diagnostic::new(
        Code::PatchesDisagree,
        format!("the patches `{}` and `{}` of {} {does} `{path}`", a.name, b.name, level.shown()),
    )
    .label(at, format!("says `{}`", b.name))
    .label_if(first.or(a.span), format!("says `{}`", a.name))
    .note("patches of one level are merged in the order of their ids: what comes out must not depend on it")
    .help(if adds {
        format!("write the whole of `{path}` in one of the two")
    } else {
        format!("keep `{path}` in one of the two, or say it in a patch of a lower level")
    });
    lowering.report(finding.in_cluster(&level.cluster.name));
}
