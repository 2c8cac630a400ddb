//! An effective configuration as one JSON document, for programs.
//!
//! ```json
//! {
//!   "version": 1,
//!   "cluster": "homelab",
//!   "set": "gpu-workers",
//!   "machine": {"name": "gpu-1", "id": "430d882a-51a8-48b3-ab00-d4b5b0b5b0b0", "picked": false},
//!   "talos": "v1.13.7",
//!   "created-with": "v1.13.7",
//!   "errors": false,
//!   "unread": [{
//!     "path": "secrets/join.yaml",
//!     "file": "cluster.talos",
//!     "start": {"byte": 17, "line": 2, "column": 3},
//!     "end": {"byte": 36, "line": 2, "column": 22}
//!   }],
//!   "documents": [{"version": "v1alpha1", "machine": {"type": "worker"}}],
//!   "origins": [{
//!     "document": 0,
//!     "path": ["machine", "sysctls", "vm.swappiness"],
//!     "file": "cluster.talos",
//!     "start": {"byte": 117, "line": 7, "column": 34},
//!     "end": {"byte": 137, "line": 7, "column": 54}
//!   }]
//! }
//! ```
//!
//! `machine` is null for the machines of a set that say nothing of their own; `picked` means that a class picks the machine up, and that
//! it gets this if it comes into the set. `unread` are files that are not read, so that what they say is not in `documents`; `errors`
//! says that the sources have some. `origins` is there with `--origins`: the place of every value that somebody wrote, by the index of
//! its document and its path of keys and list positions. Places are those of findings. A secret is `<hidden>`, and what only Omni's
//! server knows is `<set by Omni>`. `version` changes when a field changes its meaning or goes away.

use serde_json::{Map, Number, Value as Json, json};

use super::Effective;
use crate::diagnostics::render;
use crate::driver::Compilation;
use crate::tree::{Node, Value};

/// The version of the format.
const VERSION: u32 = 1;

/// The configuration, whose documents are ready to be shown.
pub(super) fn show(
    compilation: &Compilation,
    resolved: &Effective<'_>,
    documents: &[Node],
    origins: bool,
) -> Json {
    let names = &compilation.flattener.types.names;
    let Effective { cluster, set, machine, picked, config } = resolved;
    let machine = machine.map(|machine| {
        json!({ "name": names.decl(machine.decl).name.as_str(), "id": machine.id.as_str(), "picked": picked })
    });
    let unread = config.unread().map(|span| {
        let mut place = render::json_place(&names.sources, span);
        place["path"] = json!(names.sources.text(span).trim_matches(['"', '\'']));
        place
    });
    let mut out = json!({
        "version": VERSION,
        "cluster": cluster.name.as_str(),
        "set": set.name.as_str(),
        "machine": machine,
        "talos": cluster.target.talos.to_string(),
        "created-with": cluster.target.created_with.to_string(),
        "errors": compilation.has_errors(),
        "unread": unread.collect::<Vec<_>>(),
        "documents": documents.iter().map(value).collect::<Vec<_>>(),
    });
    if origins {
        let mut all = Vec::new();
        for (at, document) in documents.iter().enumerate() {
            places(compilation, (at, document), &mut Vec::new(), &mut all);
        }
        out["origins"] = Json::Array(all);
    }
    out
}

/// A node as JSON.
fn value(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(on) => Json::Bool(*on),
        Value::Int(number) => json!(number),
        // As it is written where it is a number to JSON too.
        Value::Decimal(text) => match text.parse::<f64>().ok().and_then(Number::from_f64) {
            Some(number) => Json::Number(number),
            None => json!(text.as_str()),
        },
        Value::Str(text) => json!(text.as_str()),
        Value::Seq(items) => items.iter().map(value).collect(),
        Value::Map(map) => {
            Json::Object(map.iter().map(|(key, node)| (key.to_string(), value(node))).collect::<Map<_, _>>())
        }
    }
}

/// Where the values of a document are written.
fn places(compilation: &Compilation, (at, node): (usize, &Node), path: &mut Vec<Json>, out: &mut Vec<Json>) {
    let mut inside = |step: Json, inner: &Node| {
        path.push(step);
        places(compilation, (at, inner), path, out);
        path.pop();
    };
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            map.iter().for_each(|(key, inner)| inside(json!(key.as_str()), inner));
        }
        Value::Seq(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(item, inner)| inside(json!(item), inner));
        }
        _ => {
            let Some(span) = compilation.origins.span(node.origin) else { return };
            let mut place = render::json_place(&compilation.flattener.types.names.sources, span);
            place["document"] = json!(at);
            place["path"] = Json::Array(path.clone());
            out.push(place);
        }
    }
}
