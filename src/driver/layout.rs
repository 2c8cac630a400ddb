//! Where each entry wants its files, and what is wrong with an `output` block.

use std::sync::Arc;

use crate::diagnostics::{Code, Diagnostic};
use crate::emit::names::{self, Wrong};
use crate::flatten::{Fields, Flattener, Slot};
use crate::fleet::{Fleet, Head};
use crate::omni::paths::{self, Layout, Layouts};
use crate::resolve::ScopeId;
use crate::source::Span;
use crate::source::loader::{below, join};
use crate::syntax::write;
use crate::text::{all_of, did_you_mean};
use crate::typing::Val;

/// The layout of each entry; what is wrong with an `output` block is reported.
pub(super) fn of(flattener: &mut Flattener, entries: &[ScopeId], fleet: &Fleet) -> Layouts {
    Layouts::new(entries.iter().map(|&entry| layout(flattener, entry, fleet)))
}

fn layout(flattener: &mut Flattener, entry: ScopeId, fleet: &Fleet) -> Layout {
    let Some(id) = paths::block(&flattener.types.names, entry) else {
        return Layout::new(&flattener.types.names, entry, None);
    };
    let flat = flattener.flat(id, &Arc::default(), None);
    let layout = Layout::new(&flattener.types.names, entry, Some(&flat.fields));
    let path = flattener.types.names.path(entry).to_owned();
    if let Some((written, span)) = text(&flat.fields, "directory")
        && join(&path, &written).is_none()
    {
        flattener.report(outside(&written, span));
    }
    for field in ["directory", "templates", "classes", "machine-patches", "template"] {
        let said = text(&flat.fields, field);
        said.and_then(|(written, span)| misnamed(&written, span))
            .into_iter()
            .for_each(|f| flattener.report(f));
    }
    for field in ["templates", "classes", "machine-patches"] {
        let Some((written, span)) = text(&flat.fields, field) else { continue };
        let inside = !written.contains(':') && !written.is_empty() && join("", &written).is_some();
        if !inside || (field == "templates" && paths::is_yaml(&written)) {
            let way_out = way_out(&path, &layout.directory, &flat.fields);
            flattener.report(not_in_the_directory(field, &written, span, way_out));
        }
    }
    for finding in classes(flattener, entry, fleet, &flat.fields) {
        flattener.report(finding);
    }
    if let Some((written, span)) = text(&flat.fields, "template") {
        if written.starts_with('.') || written.is_empty() || written.contains(['/', '\\', ':']) {
            flattener.report(not_a_file_name(&written, span));
        }
        let own: Vec<&Head> = fleet.clusters.iter().filter(|cluster| cluster.entry == entry).collect();
        if own.len() > 1 {
            flattener.report(shared(&written, span, &own));
        }
    }
    layout
}

/// The files that are chosen for classes: of classes that the entry writes, and in their directory.
fn classes(flattener: &Flattener, entry: ScopeId, fleet: &Fleet, fields: &Fields) -> Vec<Diagnostic> {
    let named = fields.block("class").into_iter().flat_map(Fields::iter);
    let reached = fleet.classes.iter().filter(|class| class.entries.contains(&entry));
    let known: Vec<&str> =
        reached.map(|class| flattener.types.names.decl(class.decl).name.as_str()).collect();
    let mut out = Vec::new();
    for (name, slot) in named {
        let (Some(span), Some(Val::Str(written))) = (slot.span(), slot.leaf()) else { continue };
        if !known.contains(&name.as_str()) {
            out.push(no_such_class(name, span, &known));
        } else if !paths::is_class_file(written) {
            out.push(not_a_class_file(written, span));
        } else {
            out.extend(misnamed(written, span));
        }
    }
    out
}

fn no_such_class(name: &str, span: Span, known: &[&str]) -> Diagnostic {
    let finding = Diagnostic::new(Code::UnknownName, format!("this file writes no class `{name}`"))
        .if_all_understood()
        .label(span, "names the file of a class");
    match did_you_mean(name, known) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => finding.help("remove it: no class is written"),
        None => finding.help(format!("it writes {}", all_of(known))),
    }
}

fn not_a_class_file(written: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::BadText, format!("`{written}` is no YAML file in the directory of classes"))
        .label(span, "a name such as `node.yaml` is wanted")
        .help("write a path relative to that directory; `classes = \"…\"` says which it is")
}

/// A path with a name in it that not every system takes, or that is git's; what is no path at all is reported as that.
fn misnamed(written: &str, span: Span) -> Option<Diagnostic> {
    let names = written.split('/').filter(|name| !matches!(*name, "" | "." | ".."));
    let (name, wrong) = names.into_iter().find_map(|name| Some((name, names::wrong(name)?)))?;
    if matches!(wrong, Wrong::Character(':' | '\\')) {
        return None;
    }
    let help = match wrong {
        Wrong::OfGit => "name another directory, such as `omni`",
        _ => "give it another name",
    };
    Some(
        Diagnostic::new(Code::BadFileName, format!("`{name}` {wrong}"))
            .label(span, "files of the output cannot be written there on every system")
            .help(help),
    )
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
        .help("write its file name only; `templates = \"…\"` says in which directory it stands")
}

/// Directories of the output and what each is called unless it is said.
const PLACES: [(&str, Option<&str>); 3] = [
    ("templates", Some("cluster-template")),
    ("classes", Some("machine-classes")),
    ("machine-patches", None),
];

/// The same places from a directory that holds all of them; `None` if one of them is not in the project.
fn way_out(entry: &str, directory: &str, fields: &Fields) -> Option<String> {
    let from_here = below(directory, "x");
    let said = |name: &str| text(fields, name).map(|(written, _)| written);
    let mut places = Vec::new();
    for (name, default) in PLACES {
        let Some(written) = said(name).or_else(|| default.map(str::to_owned)) else { continue };
        // A file is no directory of templates; that is said of `templates` itself.
        if name == "templates" && paths::is_yaml(&written) {
            return None;
        }
        places.push((name, join(&from_here, &written)?));
    }
    let mut common: Vec<&str> = parts(directory).collect();
    for (_, place) in &places {
        let inside =
            if paths::is_yaml(place) { place.rsplit_once('/').map_or("", |(up, _)| up) } else { place };
        common.truncate(common.iter().zip(parts(inside)).take_while(|(a, b)| **a == *b).count());
    }
    let here: Vec<&str> = parts(entry).collect();
    let here = &here[..here.len().saturating_sub(1)];
    let shared = here.iter().zip(&common).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", here.len() - shared).chain(common[shared..].iter().copied());
    let or_here = |path: String| write::string(if path.is_empty() { "." } else { &path });
    let mut out = format!("`directory = {}`", or_here(up.collect::<Vec<_>>().join("/")));
    for (name, place) in &places {
        let rest: Vec<&str> = parts(place).skip(common.len()).collect();
        out.push_str(&format!(", `{name} = {}`", or_here(rest.join("/"))));
    }
    Some(out)
}

/// The names in a path.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

fn not_in_the_directory(field: &str, written: &str, span: Span, way_out: Option<String>) -> Diagnostic {
    let (message, label, help) = if field == "templates" && paths::is_yaml(written) {
        (
            format!("`{written}` is the name of a file, and `templates` is a directory"),
            "a directory is wanted",
            "write `template = \"…\"` for the file, and `templates = \".\"` if it stands in the output directory itself".into(),
        )
    } else {
        (
            format!("`{written}` is not a path in the output directory"),
            "this leads out of it",
            match way_out.filter(|_| written.contains("..")) {
                Some(all) => format!("make the output directory one that holds all of it: {all}"),
                None => "write a path relative to the output directory; `.` is the directory itself".into(),
            },
        )
    };
    Diagnostic::new(Code::BadText, message).label(span, label).help(help)
}

fn shared(written: &str, span: Span, clusters: &[&Head]) -> Diagnostic {
    let message = format!("{} clusters of this file would be written to one template", clusters.len());
    let mut finding = Diagnostic::new(Code::TemplateShared, message).label(span, "one name for all of them");
    for cluster in clusters {
        finding = finding.label(cluster.span, format!("`{}` would be written to `{written}`", cluster.name));
    }
    finding
        .help("remove `template`, and each is called like its cluster; or move the clusters to a file each")
}
