//! What a template that stands on disk says of its cluster.

use serde::Deserialize as _;
use serde_yaml::Value;

use crate::version::Version;

/// The versions of a cluster in a template; absent where the template has none that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// Of Talos.
    pub talos: Option<Version>,
    /// Of Kubernetes.
    pub kubernetes: Option<Version>,
}

/// The versions that a template says for a cluster; `None` if it has no such cluster, or is no YAML up to it.
pub fn versions(template: &str, cluster: &str) -> Option<Versions> {
    for document in serde_yaml::Deserializer::from_str(template) {
        let document = Value::deserialize(document).ok()?;
        let text = |key: &str| document.get(key).and_then(Value::as_str);
        if text("kind") == Some("Cluster") && text("name") == Some(cluster) {
            let version = |key: &str| Version::parse(document.get(key)?.get("version")?.as_str()?);
            return Some(Versions { talos: version("talos"), kubernetes: version("kubernetes") });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_a_template() {
        let template =
            "# head\nkind: Workers\n---\nkind: Cluster\nname: a\ntalos:\n  version: v1.12.3\n---\n{";
        let talos = Version::parse("1.12.3");
        assert_eq!(versions(template, "a"), Some(Versions { talos, kubernetes: None }));
        assert_eq!(versions(template, "b"), None);
        assert_eq!(versions("{", "a"), None);
    }
}
