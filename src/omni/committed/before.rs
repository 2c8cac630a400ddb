//! What a template that an earlier build wrote says of its cluster, as far as it decides what may come after it.

use rustc_hash::FxHashSet;
use serde::Deserialize as _;
use serde_yaml::Value;

use crate::version::Version;

/// A cluster as its committed template has it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Before {
    /// The version of Talos, if one can be read.
    pub(super) talos: Option<Version>,
    /// The version of Kubernetes.
    pub(super) kubernetes: Option<Version>,
    /// Whether Omni encrypts the disks.
    pub(super) encrypted: bool,
    /// The sets, the control planes among them.
    pub(super) sets: Vec<SetBefore>,
    /// The UUIDs of machines that are locked.
    pub(super) locked: FxHashSet<String>,
}

/// A set as its committed template has it.
#[derive(Debug, PartialEq)]
pub(super) struct SetBefore {
    /// Its name; none of the control planes.
    pub(super) name: Option<String>,
    /// The UUIDs of its machines, if it lists them.
    pub(super) machines: Vec<String>,
    /// The class that it takes machines from, and how many.
    pub(super) class: Option<(String, String)>,
    /// The backup that the control planes were made from: UUID of its cluster, and name.
    pub(super) bootstrap: Option<(String, String)>,
}

/// What a template says for a cluster; `None` if it has no such cluster, or is no YAML up to it.
///
/// The cluster is mostly the first of very many documents, and the reader looks far ahead of the one that is asked for: so each
/// is cut out before it is read. No document goes on behind such a line, even in a text of several lines.
pub(super) fn read(template: &str, cluster: &str) -> Option<Before> {
    let mut found: Option<Before> = None;
    for text in template.split("\n---\n") {
        // There may be ten thousand machines, of which only the locked ones matter.
        if text.starts_with("kind: Machine\n") && !text.contains("\nlocked: true") {
            continue;
        }
        for document in serde_yaml::Deserializer::from_str(text) {
            let Ok(document) = Value::deserialize(document) else { return found };
            let kind = document.get("kind").and_then(Value::as_str).unwrap_or_default();
            match (kind, &mut found) {
                ("Cluster", None) if text_of(&document, "name").as_deref() == Some(cluster) => {
                    found = Some(Before::of(&document));
                }
                // Another cluster begins.
                ("Cluster", Some(_)) => return found,
                ("ControlPlane" | "Workers", Some(before)) => before.sets.push(SetBefore::of(&document)),
                ("Machine", Some(before)) if document.get("locked") == Some(&Value::Bool(true)) => {
                    before.locked.extend(text_of(&document, "name"));
                }
                _ => {}
            }
        }
    }
    found
}

impl Before {
    fn of(document: &Value) -> Before {
        let version = |key: &str| Version::parse(document.get(key)?.get("version")?.as_str()?);
        let encrypted = document.get("features").and_then(|features| features.get("diskEncryption"));
        Before {
            talos: version("talos"),
            kubernetes: version("kubernetes"),
            encrypted: encrypted == Some(&Value::Bool(true)),
            ..Before::default()
        }
    }
}

impl SetBefore {
    fn of(document: &Value) -> SetBefore {
        let control = document.get("kind").and_then(Value::as_str) == Some("ControlPlane");
        // `client/pkg/template/internal/models/workers.go`: workers without a name are called so.
        let name = text_of(document, "name").unwrap_or_else(|| "workers".to_owned());
        let machines = document.get("machines").and_then(Value::as_sequence).into_iter().flatten();
        // An absent size is 0 (`machineset.go`).
        let class = document.get("machineClass").and_then(|class| {
            Some((text_of(class, "name")?, text_of(class, "size").unwrap_or_else(|| "0".to_owned())))
        });
        let bootstrap = document.get("bootstrapSpec").map(|spec| {
            let text = |key: &str| text_of(spec, key).unwrap_or_default();
            (text("clusterUUID"), text("snapshot"))
        });
        SetBefore {
            name: (!control).then_some(name),
            machines: machines.filter_map(Value::as_str).map(str::to_owned).collect(),
            class,
            bootstrap,
        }
    }

    /// How messages call it.
    pub(super) fn shown(&self) -> String {
        match &self.name {
            Some(name) => format!("the workers `{name}`"),
            None => "the control planes".to_owned(),
        }
    }
}

/// A text or number of a map as text.
fn text_of(node: &Value, key: &str) -> Option<String> {
    match node.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read_as_far_as_it_counts() {
        let template = "# head\nkind: Workers\n---\nkind: Cluster\nname: a\ntalos:\n  version: v1.12.3\nfeatures:\n  \
                        diskEncryption: true\n---\nkind: Workers\nmachineClass:\n  name: c\n  size: 2\n---\nkind: Machine\n\
                        name: m\n---\nkind: Machine\nname: n\nlocked: true\n---\nkind: Cluster\nname: b\n---\n{";
        let before = read(template, "a").expect("it is there");
        assert_eq!(
            (before.talos, before.kubernetes, before.encrypted),
            (Version::parse("1.12.3"), None, true)
        );
        let [set] = before.sets.as_slice() else { panic!("{:?}", before.sets) };
        assert_eq!(set.class, Some(("c".to_owned(), "2".to_owned())));
        assert_eq!(set.shown(), "the workers `workers`");
        assert_eq!(before.locked, FxHashSet::from_iter(["n".to_owned()]));
        assert_eq!(read(template, "b"), Some(Before::default()));
        assert_eq!(read(template, "c"), None);
        assert_eq!(read("{", "a"), None);
    }
}
