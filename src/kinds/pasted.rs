//! Documents of Omni, Talos and Kubernetes that were put into a source as they are: how each is written here.

use crate::syntax::write;

/// What is known of a document from its lines.
#[derive(Default)]
struct Document<'a> {
    kind: Option<&'a str>,
    version: Option<&'a str>,
    name: Option<&'a str>,
    /// Of a resource of Omni.
    resource: Option<&'a str>,
    class: Option<&'a str>,
    size: Option<&'a str>,
    /// It is the configuration of a machine.
    config: bool,
}

/// How the configuration of a machine is written here.
const CONFIG: &str = "configuration of Talos stands in a patch: `patch NAME { machine { … } }`, or in a file of its own, \
    `patch NAME file \"./NAME.yaml\"`";

/// Fields of the configuration of a machine, and of a cluster, that no declaration here has.
const MACHINE: &[&str] = &[
    "type",
    "token",
    "ca",
    "certSANs",
    "controlPlane",
    "kubelet",
    "pods",
    "install",
    "files",
    "env",
    "time",
    "sysctls",
    "sysfs",
    "registries",
    "systemDiskEncryption",
    "features",
    "udev",
    "logging",
    "kernel",
    "seccompProfiles",
    "nodeLabels",
    "nodeTaints",
    "network",
];
const CLUSTER: &[&str] = &[
    "id",
    "secret",
    "controlPlane",
    "clusterName",
    "apiServer",
    "controllerManager",
    "proxy",
    "scheduler",
    "discovery",
    "etcd",
    "coreDNS",
    "externalCloudProvider",
    "extraManifests",
    "inlineManifests",
    "adminKubeconfig",
    "allowSchedulingOnControlPlanes",
];

/// How a block of YAML at top level is written here, if it is configuration: `word` opens it, and `inner` follows.
pub(crate) fn block(word: &str, inner: &str) -> Option<String> {
    let theirs = match word {
        "machine" => MACHINE,
        "cluster" => CLUSTER,
        _ => return None,
    };
    let first = inner.lines().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))?;
    let (key, _) = first.trim().split_once(':')?;
    theirs.contains(&key).then(|| CONFIG.into())
}

/// How many lines of a document are looked at.
const LINES: usize = 200;

fn read(text: &str) -> Document<'_> {
    let mut out = Document::default();
    let mut above = "";
    let lines = text.lines().skip_while(|line| line.starts_with("---") || line.trim().is_empty());
    for line in lines.take(LINES).take_while(|line| !line.starts_with("---")) {
        let Some((key, value)) = line.split_once(':') else { continue };
        let inside = key.starts_with(' ');
        let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
        let value = Some(value).filter(|value| !value.is_empty());
        match (inside, above, key.trim()) {
            (false, _, key) => {
                above = key;
                match key {
                    "kind" => out.kind = value,
                    "version" if value == Some("v1alpha1") => out.config = true,
                    "apiVersion" => out.version = value,
                    "name" => out.name = value,
                    "machineClass" => out.class = value,
                    _ => {}
                }
            }
            (true, "metadata", "type") => out.resource = value,
            (true, "metadata", "name" | "id") => out.name = out.name.or(value),
            (true, "machineClass", "name") => out.class = value,
            (true, "machineClass", "size") => out.size = value,
            _ => {}
        }
    }
    out
}

/// How the first document of a text is written here, if it is one that is known.
pub(crate) fn document(text: &str) -> Option<String> {
    let document = read(text);
    let name = document.name.map_or("NAME".into(), write::name);
    let source = match (document.class, document.size) {
        (Some(class), size) => format!("class = {}, size = {}", write::name(class), size.unwrap_or("…")),
        (None, _) => "machines = […]".to_owned(),
    };
    if let Some(resource) = document.resource {
        return Some(match resource.split('.').next()? {
            "MachineClasses" => format!("write `class {name} {{ … }}` at top level"),
            "ConfigPatches" => format!("write `patch {name} {{ … }}` where it holds"),
            _ => return None,
        });
    }
    if document.config {
        return Some(CONFIG.into());
    }
    let kind = document.kind?;
    Some(match (document.version, kind) {
        (None, "Cluster") => {
            format!(
                "write `cluster {name} {{ … }}`, with `talos = v…`, `kubernetes = v…` and its sets in the body"
            )
        }
        (None, "ControlPlane") => format!("write `controlplane {{ {source} }}` in the body of the cluster"),
        (None, "Workers") => {
            let name = document.name.map_or(String::new(), |name| format!("{} ", write::name(name)));
            format!("write `workers {name}{{ {source} }}` in the body of the cluster")
        }
        (None, "Machine") => format!(
            "write `machine NAME {{ id = {} }}` at top level, and `machines = [NAME]` in its set",
            document.name.unwrap_or("…")
        ),
        (None, _) => return None,
        (Some("v1alpha1"), kind) => {
            let own = document.name.map_or(String::new(), |name| format!(" {}", write::name(name)));
            format!(
                "write `patch NAME {{ document {kind}{own} {{ … }} }}`, or keep it in a file: `patch NAME file \"./NAME.yaml\"`"
            )
        }
        (Some(_), _) => {
            format!("keep it in a file, and write `manifest {name} file \"./{name}.yaml\"` in the cluster")
        }
    })
}

/// How the elements of a list of YAML are written whose field is a block with a name here: `list` is the field, `elements` what follows.
pub(crate) fn list(list: &str, elements: &str) -> Option<String> {
    let word = match list {
        "patches" | "configPatches" => "patch",
        "manifests" => "manifest",
        "workers" | "machineSets" => "workers",
        "links" | "link" => "link",
        "patch" | "manifest" | "healthcheck" => list,
        "healthchecks" | "healthChecks" => "healthcheck",
        _ => return None,
    };
    let value = |keys: &[&str]| {
        elements.lines().take(LINES).find_map(|line| {
            let (key, value) = line.trim_start_matches([' ', '-']).split_once(": ")?;
            keys.contains(&key).then(|| value.trim().trim_matches(['"', '\'']))
        })
    };
    let first = elements.lines().next()?.trim_start_matches([' ', '-']);
    let file = Some(first).filter(|_| first.starts_with("file:")).and_then(|_| value(&["file"]));
    if let Some(file) = file {
        let stem = file.rsplit('/').next().unwrap_or(file);
        let stem = stem.split('.').next().unwrap_or(stem);
        let path = if file.starts_with('.') { file.to_owned() } else { format!("./{file}") };
        return Some(format!(
            "write each as a block: `{word} {} file {}`",
            write::name(stem),
            write::string(&path)
        ));
    }
    let name = value(&["name", "idOverride"]).map_or("NAME".into(), write::name);
    Some(format!("write each as a block with a name: `{word} {name} {{ … }}`, without `inline`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_known_by_its_kind() {
        let workers = "---\nkind: Workers\nname: gpu\nmachineClass:\n  name: big\n  size: 3\n";
        assert_eq!(
            document(workers).as_deref(),
            Some("write `workers gpu { class = big, size = 3 }` in the body of the cluster")
        );
        let class = "metadata:\n  namespace: default\n  type: MachineClasses.omni.sidero.dev\n  id: big\n";
        assert_eq!(document(class).as_deref(), Some("write `class big { … }` at top level"));
        assert_eq!(document("kind: Chart\nname: x\n"), None);
    }
}
