//! The answers of the judges, field by field as they come over the wire.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What Omni says of a template.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verdict {
    pub(crate) ok: bool,
    pub(crate) errors: Vec<String>,
    pub(crate) stripped: Vec<Stripped>,
    /// What a sync would create; empty unless it was rendered.
    pub(crate) resources: Vec<Resource>,
}

/// A field that was left unjudged.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stripped {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) since: String,
}

/// A resource of Omni.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resource {
    pub(crate) namespace: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) spec: Value,
}

/// What `omnictl apply` reads from a file of resources.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Applied {
    /// Neither an error, nor anything lost.
    pub(crate) ok: bool,
    pub(crate) errors: Vec<String>,
    pub(crate) lost: Vec<Lost>,
    pub(crate) resources: Vec<Resource>,
}

/// Something that was written and that Omni does not have after reading it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lost {
    pub(crate) document: usize,
    pub(crate) id: String,
    pub(crate) line: usize,
    pub(crate) path: String,
    /// `lost`, `changed` or `repeated`.
    pub(crate) what: String,
    #[serde(default)]
    pub(crate) written: String,
    #[serde(default)]
    pub(crate) kept: String,
}

/// What the machines of a template say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Machines {
    /// No errors, neither here nor of a machine.
    pub(crate) ok: bool,
    pub(crate) errors: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) stripped: Vec<Stripped>,
    pub(crate) cluster: String,
    pub(crate) talos: String,
    pub(crate) kubernetes: String,
    pub(crate) born: String,
    pub(crate) machines: Vec<Machine>,
}

/// One machine, or with an empty id those of a class-based set that have nothing of their own.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Machine {
    pub(crate) set: String,
    pub(crate) id: String,
    pub(crate) role: String,
    #[serde(flatten)]
    pub(crate) judgement: Judgement,
    /// In the order in which Omni merges them.
    pub(crate) patches: Vec<Patch>,
}

/// A patch of a machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Patch {
    pub(crate) id: String,
    pub(crate) text: String,
    /// `cluster`, `machine-set`, `cluster-machine`, `machine`, or `omni` for what Omni itself adds.
    #[serde(default, skip_serializing)]
    pub(crate) level: String,
}

impl Patch {
    /// Makes a patch that belongs to no level.
    pub(crate) fn new(id: &str, text: &str) -> Self {
        Patch { id: id.to_owned(), text: text.to_owned(), level: String::new() }
    }
}

/// What Talos says of one machine.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Judgement {
    pub(crate) ok: bool,
    /// Where the errors arose: `load`, `apply`, `reload` or `validate`.
    pub(crate) stage: Option<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// The merged config, if it was asked for and there is one.
    pub(crate) config: Option<String>,
}

/// A generated config, with a fixed word wherever it is random.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Base {
    pub(crate) ok: bool,
    /// The kinds of its documents, in order.
    pub(crate) documents: Vec<String>,
    pub(crate) config: String,
}

/// How Go reads YAML: JSON, with what JSON cannot say tagged `$go`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Values {
    pub(crate) ok: bool,
    /// It can be read, though perhaps not be carried.
    pub(crate) read: bool,
    pub(crate) errors: Vec<String>,
    pub(crate) documents: Vec<Value>,
    /// The same once Omni has carried it to Talos as an inline patch.
    pub(crate) carried: Vec<Value>,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lost { id, line, path, what, written, kept, .. } = self;
        match what.as_str() {
            "changed" => write!(f, "{id}, line {line}: {path} changed from {written} to {kept}"),
            _ => write!(f, "{id}, line {line}: {path} {what}"),
        }
    }
}

/// The answer to `schema`.
#[derive(Debug, Deserialize)]
pub(crate) struct Schema {
    pub(crate) fields: Vec<Field>,
}

/// A field of the configuration, as one minor knows it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Field {
    pub(crate) document: String,
    pub(crate) path: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) merge: String,
    pub(crate) secret: bool,
    pub(crate) deprecated: bool,
    pub(crate) instead: Vec<String>,
}
