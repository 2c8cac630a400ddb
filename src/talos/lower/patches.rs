//! Patches that the user wrote: in blocks and in files.

use std::sync::Arc;

use super::super::{Content, Level, Metadata, Patch, ReadFile};
use super::Lowering;
use super::value::PatchFile;
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Fields, Slot, Slotted, same_value};
use crate::kinds;
use crate::resolve::DeclId;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast::MarkKind;
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::cel::place as place_in_value;
use crate::typing::{FileRef, Val};
use crate::yaml::{self, Also, Doubtful};

/// Adds the patches of a level in order of first appearance: those declared in it, then those taken in by name.
pub(super) fn user(lowering: &mut Lowering<'_, '_>, level: Level<'_>, out: &mut Vec<Patch>) {
    for (name, slot) in level.own.block("patch").into_iter().flat_map(Fields::iter) {
        let Some(fields) = slot.map() else { continue };
        if level.before(&["patch", name]).is_some_and(|before| is_same(slot, before)) {
            continue;
        }
        let entry = slot.entry().map(|entry| &**entry);
        let head = Head {
            name,
            file: entry.and_then(|entry| entry.file.clone()),
            marks: entry.map(|entry| entry.marks.iter().map(|mark| mark.0).collect()).unwrap_or_default(),
            span: entry.map(|entry| lowering.head(entry.span)).or(slot.span()),
            owner: slot.last().map_or(DeclId(0), |step| step.owner),
        };
        out.extend(declared(lowering, &head, fields));
    }
    for elem in level.fresh(&["patches"]) {
        let Val::Ref(id, args) = &elem.val else { continue };
        let decl = lowering.flattener.types.names.decl(*id).clone();
        if decl.kind != kinds::PATCH || !lowering.flattener.holds(*id, &level.target.talos) {
            continue;
        }
        let flat = lowering.flattener.flat(*id, args, Some(&level.target.talos));
        let head = Head {
            name: &decl.name,
            file: lowering.flattener.file_of(&flat),
            marks: decl.item.marks.iter().map(|mark| mark.kind).collect(),
            span: Some(decl.span),
            owner: *id,
        };
        out.extend(declared(lowering, &head, &flat.fields));
    }
}

/// Whether a higher level has a patch whole: a role may stand on both. Written again, its lists would be there twice.
fn is_same(slot: &Slot, before: &Slot) -> bool {
    let file = |slot: &Slot| slot.entry().and_then(|entry| Some(entry.file.as_ref()?.path.clone()));
    same_value(&slot.value, &before.value) && file(slot) == file(before)
}

/// What stands before the body of a patch.
struct Head<'h> {
    name: &'h Text,
    file: Option<FileRef>,
    marks: Vec<MarkKind>,
    span: Option<Span>,
    owner: DeclId,
}

/// A patch with its content. `None` if a file of it cannot be read, which is reported.
fn declared(lowering: &mut Lowering<'_, '_>, head: &Head<'_>, fields: &Fields) -> Option<Patch> {
    let outside = head.marks.iter().any(|mark| matches!(mark, MarkKind::Secret | MarkKind::External));
    let inline = documents(lowering, fields);
    let (content, read) = match &head.file {
        Some(file) if outside => (Content::File(file.clone()), None),
        Some(file) => {
            let (read, documents) = &*patch_file(lowering, file, head.owner)?;
            if let Some(span) = head.span.filter(|_| !inline.is_empty()) {
                lowering.report(both(span, file.span, head.name));
            }
            (Content::Documents(documents.clone()), Some(*read))
        }
        None => {
            if let Some(span) = head.span.filter(|_| outside) {
                lowering.report(no_file(span, head.name));
            }
            (Content::Documents(inline), None)
        }
    };
    let mut node = |field: &str| fields.get(field).and_then(|slot| lowering.node(slot));
    let (labels, annotations) = (node("labels"), node("annotations"));
    let said = labels.is_some() || annotations.is_some();
    let metadata = said.then(|| Box::new(Metadata { labels, annotations }));
    let id = match fields.leaf("id") {
        Some(Val::Str(id)) => Some(id.clone()),
        _ => None,
    };
    let unchecked = head.marks.contains(&MarkKind::Unchecked);
    let (name, span) = (head.name.clone(), head.span);
    Some(Patch { name, id, metadata, content, span, lowered: false, unchecked, read })
}

fn both(at: Span, file: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::TwoContents, format!("the patch `{name}` has a file and fields"))
        .if_understood()
        .label(file, "its content is read from this file")
        .label(at, "and written here")
        .help("keep one of the two; two patches may have one each")
}

fn no_file(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::TwoContents,
        format!("the patch `{name}` is said to be elsewhere, but names no file"),
    )
    .if_understood()
    .label(at, "no `file \"…\"` behind its name")
    .help(format!("write `secret patch {name} file \"…\"`"))
}

/// A patch file with its documents, read once for all patches; what is wrong with it is reported.
fn patch_file(lowering: &mut Lowering<'_, '_>, file: &FileRef, owner: DeclId) -> Option<Arc<PatchFile>> {
    let path = file.path.clone().unwrap_or_else(|| file.written.clone());
    if let Some(known) = lowering.files.get(&path) {
        return known.clone();
    }
    let read = read_patch(lowering, file, owner).map(Arc::new);
    lowering.files.insert(path, read.clone());
    read
}

fn read_patch(lowering: &mut Lowering<'_, '_>, file: &FileRef, owner: DeclId) -> Option<PatchFile> {
    let (id, text) = lowering.flattener.types.names.text(file.scope, &file.written)?;
    let stream = document_stream(lowering, &text, Stands::File(id), owner)?;
    let mut read = ReadFile { file: id, whole: true };
    let mut sound = stream.doubtful.is_empty();
    report_doubtful(lowering, &stream.doubtful, &text, Stands::File(id));
    let whole = Span { file: id, start: 0, end: 0 };
    let mut out = Vec::new();
    for node in stream.documents {
        let at = lowering.origins.span(node.origin).unwrap_or(whole);
        match &node.value {
            Value::Null => read.whole = false,
            Value::Map(map) if map.is_empty() => read.whole = false,
            Value::Map(_) => out.push(node),
            Value::Seq(_) => {
                lowering.report(json_patch(at));
                sound = false;
            }
            Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Str(_) => {
                lowering.report(no_map(at));
                sound = false;
            }
        }
    }
    sound.then_some((read, out))
}

/// Where a text of YAML stands.
#[derive(Debug, Clone, Copy)]
pub enum Stands {
    /// It is a file.
    File(FileId),
    /// It is a value, written at a place of the sources.
    Value(Span),
}

impl Stands {
    /// The place of a piece of the text in the sources.
    fn place(self, sources: &SourceMap, text: &str, piece: Span) -> Span {
        let Stands::Value(whole) = self else { return piece };
        match place_in_value(sources.text(whole), text, piece.start as usize..piece.end as usize) {
            Some(at) => {
                let start = whole.start + at.start as u32;
                Span { start, end: start + at.len() as u32, ..whole }
            }
            None => whole,
        }
    }
}

/// What a YAML text holds; what is wrong with it is reported. The documents of a value all have its place.
pub fn document_stream(
    lowering: &mut Lowering<'_, '_>,
    text: &str,
    stands: Stands,
    owner: DeclId,
) -> Option<yaml::Stream> {
    let origins = &mut *lowering.origins;
    let stream = match stands {
        Stands::File(file) => yaml::read(text, file, &mut |span| origins.at(span, owner)),
        Stands::Value(whole) => yaml::read(text, whole.file, &mut |_| origins.at(whole, owner)),
    };
    let program = lowering.flattener.types.clone();
    let place = |piece: Span| stands.place(&program.names.sources, text, piece);
    for fault in &stream.faults {
        let mut finding =
            Diagnostic::new(Code::BadYaml, format!("this YAML cannot be read: {}", fault.message))
                .label(place(fault.at), "here");
        if let Some((at, what)) = fault.other {
            finding = finding.label(place(at), what);
        }
        let finding = finding.note(
            "Omni and Talos read YAML with Go's library; what it refuses, or reads otherwise than others, is refused",
        );
        lowering.report(finding.help("write it in a way that every reader understands"));
    }
    stream.faults.is_empty().then_some(stream)
}

/// Reports words that mean several things, where their values are written again.
pub fn report_doubtful(lowering: &mut Lowering<'_, '_>, doubtful: &[Doubtful], text: &str, stands: Stands) {
    let program = lowering.flattener.types.clone();
    for word in doubtful {
        let at = stands.place(&program.names.sources, text, word.at);
        let (finding, instead) = several_meanings(word, at);
        // Inside of a value, quotes would have to be those of YAML within those of the language.
        let file = matches!(stands, Stands::File(_));
        lowering.report(if file { finding.offer(at, instead) } else { finding });
    }
}

/// The finding, and what to write instead.
fn several_meanings(word: &Doubtful, at: Span) -> (Diagnostic, String) {
    let text = &word.text;
    let finding = |headline: String| Diagnostic::new(Code::BadYaml, headline).label(at, "means two things");
    let quoted = format!("\"{text}\"");
    match word.also {
        Also::Boolean => {
            let on = ["yes", "on"].iter().any(|on| on.eq_ignore_ascii_case(text));
            let fixed = if on { "true" } else { "false" };
            let headline = format!("`{text}` is a boolean to some readers of YAML and text to others");
            (
                finding(headline).help(format!("write `{fixed}`, or `{quoted}` if it is text")),
                fixed.to_owned(),
            )
        }
        Also::Date => {
            let headline = format!("`{text}` is a date to some readers of YAML and text to others");
            let note = "omnictl carries it as a point in time, and what arrives is another text";
            (finding(headline).note(note).help(format!("write `{quoted}`")), quoted)
        }
        Also::Key => {
            let headline = format!("the key `{text}` is no text to some readers of YAML");
            (finding(headline).help(format!("write `{quoted}`")), quoted)
        }
    }
}

fn json_patch(at: Span) -> Diagnostic {
    Diagnostic::new(Code::JsonPatch, "a patch is a piece of configuration, not a list of operations")
        .label(at, "a list, as of a JSON patch (RFC 6902)")
        .note("Omni refuses JSON patches, and Talos takes none for a configuration of several documents")
        .help("write the fields as they should be; `$patch: delete` takes one away")
}

fn no_map(at: Span) -> Diagnostic {
    Diagnostic::new(Code::BadYaml, "a patch is a map of configuration")
        .label(at, "not a map")
        .help("begin with `machine:`, `cluster:`, or the `apiVersion:` and `kind:` of another document")
}

/// The documents of a patch in a block: v1alpha1 first.
fn documents(lowering: &mut Lowering<'_, '_>, fields: &Fields) -> Vec<Node> {
    let mut v1alpha1 = Map::new();
    for half in ["machine", "cluster"] {
        if let Some(node) = fields.get(half).and_then(|slot| lowering.node(slot)) {
            v1alpha1.insert(half, node);
        }
    }
    let mut out = Vec::new();
    if !v1alpha1.is_empty() {
        out.push(Node::map(v1alpha1, Origin::NONE));
    }
    for (key, slot) in fields.block("document").into_iter().flat_map(Fields::iter) {
        let (kind, name) = key.split_once('/').unwrap_or((key, ""));
        out.push(document(lowering, kind, name, slot));
    }
    out
}

fn document(lowering: &mut Lowering<'_, '_>, kind: &str, name: &str, slot: &Slot) -> Node {
    let origin = lowering.origins.of(slot);
    let mut map = Map::new();
    map.insert("apiVersion", Node::str("v1alpha1", Origin::NONE));
    map.insert("kind", Node::str(kind, origin));
    if !name.is_empty() {
        map.insert("name", Node::str(name, origin));
    }
    match &slot.value {
        Slotted::Deleted => {
            map.insert("$patch", Node::str("delete", origin));
        }
        Slotted::Map(fields) => {
            for (key, node) in lowering.fields(fields) {
                map.insert(key, node);
            }
        }
        Slotted::Leaf(_) | Slotted::List(_) | Slotted::Unset | Slotted::Removed => {}
    }
    Node::map(map, origin)
}
