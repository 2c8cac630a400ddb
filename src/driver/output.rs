//! Where the files of each entry go, and which documents are whose.

use std::rc::Rc;

use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Fields, Flattener, Slot};
use crate::fleet::{Cluster, Fleet};
use crate::kinds;
use crate::omni::{Document, Of};
use crate::resolve::{DeclId, Names, ScopeId};
use crate::source::Span;
use crate::source::loader::join;
use crate::typing::Val;

/// The directory unless the entry says another.
const DEFAULT_DIRECTORY: &str = "omni";

/// Where an entry is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The entry.
    pub entry: ScopeId,
    /// The directory, from the project root with `/`; empty for the root itself.
    pub directory: String,
    /// The directory that is meant when the entry does not say one.
    pub default: String,
}

/// Where each entry is written; what is wrong with an `output` block is reported.
pub(super) fn outputs(flattener: &mut Flattener<'_>, entries: &[ScopeId], fleet: &Fleet) -> Vec<Output> {
    entries.iter().map(|&entry| output(flattener, entry, fleet)).collect()
}

fn output(flattener: &mut Flattener<'_>, entry: ScopeId, fleet: &Fleet) -> Output {
    let path = flattener.types.names.path(entry).to_owned();
    let default = join(&path, DEFAULT_DIRECTORY).unwrap_or_default();
    let mut out = Output { entry, directory: default.clone(), default };
    let Some(id) = block(flattener, entry) else { return out };
    let flat = flattener.flat(id, &Rc::default(), None);
    if let Some((written, span)) = text(&flat.fields, "directory") {
        match join(&path, &written) {
            Some(directory) => out.directory = directory,
            None => flattener.types.report(outside(&written, span)),
        }
    }
    if let Some((written, span)) = text(&flat.fields, "template") {
        if written.starts_with('.') || written.contains(['/', '\\', ':']) {
            flattener.types.report(not_a_file_name(&written, span));
        }
        let own: Vec<&Cluster> = fleet.clusters.iter().filter(|cluster| cluster.entry == entry).collect();
        if own.len() > 1 {
            flattener.types.report(shared(&written, span, &own));
        }
    }
    out
}

/// The `output` block of a file.
fn block(flattener: &Flattener<'_>, entry: ScopeId) -> Option<DeclId> {
    let names = &flattener.types.names;
    names.own(entry).iter().copied().find(|&id| names.decl(id).kind == kinds::OUTPUT)
}

fn text(fields: &Fields, name: &str) -> Option<(String, Span)> {
    let slot: &Slot = fields.get(name)?;
    match slot.leaf()? {
        Val::Str(text) => Some((text.to_string(), slot.span()?)),
        _ => None,
    }
}

fn outside(written: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::FileOutsideProject, format!("`{written}` is not in the project"))
        .label(span, "this leads out of the project")
        .help("name a directory in the project, relative to this file; `talosc build -o` writes to any other")
}

fn not_a_file_name(written: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::BadText, format!("`{written}` is not the name of a file"))
        .label(span, "a name without a directory is wanted")
        .help("the template stands in `cluster-template/`; write its file name only")
}

fn shared(written: &str, span: Span, clusters: &[&Cluster]) -> Diagnostic {
    let message = format!("{} clusters of this file would be written to one template", clusters.len());
    let mut finding = Diagnostic::new(Code::TemplateShared, message).label(span, "one name for all of them");
    for cluster in clusters {
        finding = finding.label(cluster.span, format!("`{}` would be written to `{written}`", cluster.name));
    }
    finding
        .help("remove `template`, and each is called like its cluster; or move the clusters to a file each")
}

/// The template of each cluster, by its index in the fleet, as a path from the project root.
pub(super) fn templates(documents: &[Document], outputs: &[Output]) -> Vec<(usize, String)> {
    let path = |document: &Document| {
        let Of::Cluster(at) = document.of else { return None };
        let output = outputs.iter().find(|output| output.entry == document.entry)?;
        Some(match output.directory.as_str() {
            "" => (at, document.path.clone()),
            directory => (at, format!("{directory}/{}", document.path)),
        })
    };
    documents.iter().filter_map(path).collect()
}

/// The documents as entries write them. A file without a cluster writes nothing by itself; a machine that it declares is
/// written by the entries that reach it.
pub(super) fn of_entries(documents: Vec<Document>, names: &Names<'_>, entries: &[ScopeId]) -> Vec<Document> {
    let mut out = Vec::with_capacity(documents.len());
    for document in documents {
        if entries.contains(&document.entry) {
            out.push(document);
        } else if matches!(document.of, Of::Machine(_)) {
            let users = entries.iter().filter(|&&entry| names.reachable(entry).contains(&document.entry));
            out.extend(users.map(|&entry| Document {
                entry,
                path: document.path.clone(),
                nodes: document.nodes.clone(),
                of: document.of.clone(),
            }));
        }
    }
    out
}
