//! Fields and declarations as they are told, to people and to programs.
//!
//! For programs each is an object with a `type`:
//!
//! ```json
//! {
//!   "type": "field",
//!   "of": "role `worker`",
//!   "path": ["extensions"],
//!   "value": "extensions = [iscsi-tools, util-linux-tools]",
//!   "history": [{
//!     "verb": "set",
//!     "by": {"kind": "role", "name": "base"},
//!     "file": "roles.talos",
//!     "start": {"byte": 17, "line": 2, "column": 3},
//!     "end": {"byte": 43, "line": 2, "column": 29},
//!     "text": "extensions = [iscsi-tools]",
//!     "then": null,
//!     "given": [{"name": "zone", "value": "\"b\"", "default": false, "file": "…", "start": {}, "end": {}}]
//!   }],
//!   "final": null,
//!   "inner": [{"path": ["kernel", "modules"], "value": "…", "history": []}]
//! }
//! ```
//!
//! `then` is the list that an `+=` or `-=` came to; `given` are the parameters of a step, each with the place that passes it, or with that
//! of its default. `final` is the place that made the field final. A declaration is
//! `{"type": "declaration", "of": …, "kind": …, "name": …, "doc": [lines], "file": …, "start": …, "end": …, "fields": [{"name", "value",
//! "place"}]}`, and a field that nothing sets `{"type": "not-set", "of": …, "path": …, "default": …, "doc": …}`. Values are written as the
//! language writes them. Secrets are masked.

use serde_json::{Value, json};

use super::subject::Subject;
use super::{history, show};
use crate::cli::reference;
use crate::diagnostics::render;
use crate::driver::Compilation;
use crate::flatten::{Slot, Slotted};
use crate::kinds;
use crate::source::Span;

/// What is told.
pub(in crate::cli) enum Told {
    /// A field with its history.
    Field(Field),
    /// A declaration, a set or a machine with its fields.
    Whole(Whole),
    /// A field that exists and that nothing sets.
    NotSet(NotSet),
}

/// A field with its history, and that of what is in it.
pub(in crate::cli) struct Field {
    of: String,
    line: Line,
    sealed: Option<Span>,
    inner: Vec<Line>,
}

/// A field at a path.
struct Line {
    path: Vec<String>,
    /// As it would be written.
    value: String,
    history: Vec<history::Told>,
}

/// All fields of something, each with the place that was the last to change it.
pub(in crate::cli) struct Whole {
    of: String,
    decl: (&'static str, String),
    at: Span,
    doc: Vec<String>,
    fields: Vec<(String, String, Option<Span>)>,
}

/// A field that nothing sets.
pub(in crate::cli) struct NotSet {
    pub(super) of: String,
    pub(super) path: Vec<String>,
    /// What that means.
    pub(super) default: Option<String>,
    pub(super) doc: String,
}

/// A value with its history.
pub(super) fn field(compilation: &Compilation, subject: &Subject, path: &[String], slot: &Slot) -> Told {
    let mut inner = Vec::new();
    let line = line(compilation, subject, path, slot);
    lines(compilation, subject, path, slot, &mut inner);
    Told::Field(Field { of: subject.title.clone(), line, sealed: slot.sealed(), inner })
}

fn line(compilation: &Compilation, subject: &Subject, path: &[String], slot: &Slot) -> Line {
    Line {
        path: path.to_vec(),
        value: show::at(compilation, &subject.schema, path, slot),
        history: history::told(compilation, &slot.steps, Some(subject)),
    }
}

/// The histories of what is in a block.
fn lines(compilation: &Compilation, subject: &Subject, path: &[String], slot: &Slot, out: &mut Vec<Line>) {
    let Slotted::Map(fields) = &slot.value else { return };
    for (name, slot) in fields.iter_raw() {
        let path = [path, &[name.to_string()]].concat();
        if !slot.steps.is_empty() {
            out.push(line(compilation, subject, &path, slot));
        }
        lines(compilation, subject, &path, slot, out);
    }
}

/// All fields of a declaration.
pub(in crate::cli) fn whole(compilation: &Compilation, subject: &Subject) -> Told {
    let names = &compilation.flattener.types.names;
    let decl = names.decl(subject.decl);
    let source = names.sources.file(decl.span.file).text();
    let doc = reference::doc_above(source, decl.item.span.start as usize);
    let fields = subject.fields.iter_raw().map(|(name, slot)| {
        (name.to_string(), show::field(compilation, &subject.schema, name, slot), slot.span())
    });
    Told::Whole(Whole {
        of: subject.title.clone(),
        decl: (kinds::get(decl.kind).name, decl.shown()),
        at: decl.span,
        doc: doc.into_iter().map(str::to_owned).collect(),
        fields: fields.collect(),
    })
}

impl Told {
    /// For people.
    pub(in crate::cli) fn text(&self, compilation: &Compilation) -> String {
        let sources = &compilation.flattener.types.names.sources;
        match self {
            Told::Field(field) => {
                let steps = history::text(compilation, &field.line.history);
                let mut out = format!("{}\n{}\n\n{steps}", field.of, field.line.value);
                if let Some(span) = field.sealed {
                    out.push_str(&format!("  made final at {}\n", sources.place(span)));
                }
                for line in &field.inner {
                    let blank = if out.ends_with("\n\n") { "" } else { "\n" };
                    out.push_str(&format!("{blank}{}\n\n", line.value));
                    out.push_str(&history::text(compilation, &line.history));
                }
                out
            }
            Told::Whole(whole) => {
                let mut out = format!("{}  {}\n", whole.of, sources.place(whole.at));
                whole.doc.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
                for (_, value, place) in &whole.fields {
                    out.push_str(&format!("\n  {value}\n"));
                    if let Some(span) = place {
                        out.push_str(&format!("    {}\n", sources.place(*span)));
                    }
                }
                out
            }
            Told::NotSet(NotSet { of, path, default, doc }) => {
                let means = default.as_ref().map(|text| format!(", which means `{text}`"));
                format!("{of}\n{} is not set{}\n\n  {doc}\n", path.join("."), means.unwrap_or_default())
            }
        }
    }

    /// For programs.
    pub(in crate::cli) fn json(&self, compilation: &Compilation) -> Value {
        let place = |span| render::json_place(&compilation.flattener.types.names.sources, span);
        let line = |line: &Line| {
            json!({
                "path": line.path,
                "value": line.value,
                "history": history::json(compilation, &line.history),
            })
        };
        match self {
            Told::Field(field) => {
                let mut out = line(&field.line);
                out["type"] = json!("field");
                out["of"] = json!(field.of);
                out["final"] = json!(field.sealed.map(place));
                out["inner"] = field.inner.iter().map(line).collect();
                out
            }
            Told::Whole(whole) => {
                let mut out = place(whole.at);
                out["type"] = json!("declaration");
                out["of"] = json!(whole.of);
                (out["kind"], out["name"]) = (json!(whole.decl.0), json!(whole.decl.1));
                out["doc"] = json!(whole.doc);
                let field = |(name, value, at): &(String, String, Option<Span>)| json!({ "name": name, "value": value, "place": at.map(place) });
                out["fields"] = whole.fields.iter().map(field).collect();
                out
            }
            Told::NotSet(NotSet { of, path, default, doc }) => {
                json!({ "type": "not-set", "of": of, "path": path, "default": default, "doc": doc })
            }
        }
    }
}
