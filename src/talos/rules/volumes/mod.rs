//! Volumes of a machine: sizes, what is missing, and volumes for which others leave no room.

mod errors;
mod room;

use super::got::{Asked, Got, Path};
use crate::diagnostics::Diagnostic;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::overlay::{ConfigView, Document};
use crate::talos::{Content, LoweredCluster, Resolved};
use crate::text::did_you_mean;
use crate::tree::{Node, Value};
use crate::typing::literal::{self, Literal};
use crate::world::config::{self, Row, said};

/// A volume as machines get it.
struct Volume<'n> {
    word: &'static str,
    /// What the label of its partition begins with.
    prefix: &'static str,
    required: bool,
    name: &'n str,
    /// What stands in its document.
    view: ConfigView<'n>,
    /// The documents that say it, from the cluster to the machine.
    documents: Vec<&'n Node>,
    selector: Option<&'n Node>,
    min: Option<&'n Node>,
    max: Option<&'n Node>,
    grow: bool,
    form: VolumeForm,
}

impl Volume<'_> {
    /// One that Talos makes unasked: no label tells it from others.
    fn is_system(&self) -> bool {
        self.prefix.is_empty()
    }
}

/// What becomes of the disk: `volumeType`.
#[derive(Clone, Copy, PartialEq)]
enum VolumeForm {
    Partition,
    Disk,
    /// A directory, or something that is newer than this.
    Other,
}

/// Judges the volumes that machines of a cluster get.
pub(super) struct Volumes {
    /// The documents that say one.
    kinds: Vec<Path>,
    asked: Asked,
}

impl Volumes {
    /// Every kind of volume.
    pub(super) fn new() -> Volumes {
        let kinds = config::documents().filter(|row| row.volumes().is_some()).map(Path::of);
        Volumes { kinds: kinds.collect(), asked: Asked::default() }
    }

    /// What some machines get.
    pub(super) fn judge(&mut self, lowering: &mut Lowering<'_, '_>, of: Resolved<'_>, got: &Got<'_>) {
        // All kinds are asked for: each is to be known as seen.
        let new = self.kinds.iter().filter(|kind| self.asked.is_new(got, kind)).count() > 0;
        if !new {
            return;
        }
        let volumes = volumes(&self.kinds, of.lowered, got);
        if volumes.is_empty() {
            return;
        }
        let mut findings: Vec<Diagnostic> = Vec::new();
        let unread = got.config.unread().next().is_some();
        for volume in &volumes {
            findings.extend(sizes(lowering, volume));
            if !unread && volume.required {
                // What is missing may be in what was not understood.
                let missing = missing(lowering, volume);
                findings
                    .extend(missing.map(|finding| finding.if_blocks_understood(blocks(lowering, volume))));
            }
        }
        if !unread {
            findings.extend(room::check(lowering, &volumes));
        }
        for finding in findings {
            lowering.report(finding.in_cluster(&of.cluster.name));
        }
    }
}

/// The volumes that some machines get, in the order in which they were first said.
fn volumes<'g>(kinds: &[Path], lowered: &'g LoweredCluster, got: &Got<'g>) -> Vec<Volume<'g>> {
    let mut out = Vec::new();
    for kind in kinds {
        let Some(config::Volumes { word, required, prefix, .. }) = kind.row.volumes() else { continue };
        for Document { name, view, .. } in
            got.config.of_kind(kind.kind).filter(|found| !found.name.is_empty())
        {
            let said = |rows: &[Row]| {
                let row = rows.iter().find(|row| row.root() == kind.row)?;
                let node = row.follow(view, &|view: ConfigView<'g>, name| view.get(name))?.leaf()?;
                (node.value != Value::Null).then_some(node)
            };
            let form = match said(said::VOLUME_TYPE).and_then(Node::as_str) {
                None | Some("partition") => VolumeForm::Partition,
                Some("disk") => VolumeForm::Disk,
                Some(_) => VolumeForm::Other,
            };
            out.push(Volume {
                word,
                prefix,
                required: *required,
                name,
                view,
                documents: documents(lowered, got, (kind.kind, name)),
                selector: said(said::VOLUME_SELECTOR),
                min: said(said::VOLUME_MIN),
                max: said(said::VOLUME_MAX),
                grow: said(said::VOLUME_GROW).is_some_and(|grow| grow.value == Value::Bool(true)),
                form,
            });
        }
    }
    out
}

/// The documents that say a volume: to blame, what they come to is known already.
fn documents<'g>(lowered: &'g LoweredCluster, got: &Got<'g>, (kind, name): (&str, &str)) -> Vec<&'g Node> {
    let mut out = Vec::new();
    for patch in lowered.common.iter().chain(&lowered.sets[got.at].own).chain(got.own) {
        let Content::Documents(documents) = &patch.content else { continue };
        let is = |node: &Node, key: &str, text: &str| node.at(&[key]).and_then(Node::as_str) == Some(text);
        for document in documents.iter().filter(|node| is(node, "kind", kind) && is(node, "name", name)) {
            match is(document, "$patch", "delete") {
                true => out.clear(),
                false => out.push(document),
            }
        }
    }
    out
}

/// The place of a volume: its last document.
fn place(lowering: &Lowering<'_, '_>, volume: &Volume<'_>) -> Option<Span> {
    let spans = volume.documents.iter().rev().flat_map(|document| {
        let kind = document.at(&["kind"]).and_then(|kind| lowering.origins.span(kind.origin));
        lowering.origins.span(document.origin).or(kind)
    });
    spans.map(|span| lowering.head(span)).next()
}

/// The blocks that say a volume.
fn blocks(lowering: &Lowering<'_, '_>, volume: &Volume<'_>) -> Vec<Span> {
    let steps = volume.documents.iter().flat_map(|document| {
        let kind = document.at(&["kind"]).map(|kind| lowering.origins.steps(kind.origin));
        lowering.origins.steps(document.origin).into_iter().chain(kind.into_iter().flatten())
    });
    steps.map(|step| step.span).collect()
}

/// Bytes of a size, if it is a plain one: no share of a disk (`80%`) and nothing to leave over (`-1GiB`).
fn bytes(node: &Node) -> Option<u64> {
    match &node.value {
        Value::Int(n) => u64::try_from(*n).ok(),
        Value::Str(text) => match literal::classify(text) {
            Literal::Size(size) => Some(size.bytes),
            Literal::Int(n) => u64::try_from(n).ok(),
            _ => None,
        },
        _ => None,
    }
}

/// Talos refuses a least size above the largest: `ProvisioningSpec.Validate` of `pkg/machinery/config/types/block`.
fn sizes(lowering: &Lowering<'_, '_>, volume: &Volume<'_>) -> Option<Diagnostic> {
    let (min, max) = (volume.min?, volume.max?);
    let (least, most) = (bytes(min)?, bytes(max)?);
    // Zero is the same as nothing.
    if least <= most || most == 0 {
        return None;
    }
    let at = |node: &Node| lowering.origins.span(node.origin);
    Some(errors::sizes(volume, (min, at(min)), (max, at(max)), place(lowering, volume)))
}

/// A field near one that leads to the disk selector: its place, itself and what was meant.
fn misspelt<'n>(
    lowering: &Lowering<'_, '_>,
    volume: &Volume<'n>,
    at: Span,
) -> Option<(Span, &'n str, &'static str)> {
    const WAY: &[&str] = &["provisioning", "diskSelector", "match"];
    let mut view = volume.view;
    for meant in WAY {
        if let Some(inner) = view.get(meant) {
            view = inner;
            continue;
        }
        let (word, value) = view.entries().find(|(key, _)| did_you_mean(key, &[*meant]).is_some())?;
        // The word stands before the first thing in it that has a place.
        let inner = lowering.origins.span(value.origin())?;
        let sources = &lowering.flattener.types.names.sources;
        let text = sources.file(inner.file).text();
        let before = text.get(at.start as usize..inner.end as usize).filter(|_| at.file == inner.file)?;
        let start = at.start + before.rfind(word.as_str())? as u32;
        return Some((Span { start, end: start + word.len() as u32, ..inner }, word, meant));
    }
    None
}

/// Talos refuses a volume without a disk selector, a partition without a size, and sizes of a whole disk: the same function.
fn missing(lowering: &Lowering<'_, '_>, volume: &Volume<'_>) -> Option<Diagnostic> {
    let at = place(lowering, volume)?;
    let sized = |size: Option<&Node>| size.is_some_and(|node| bytes(node) != Some(0));
    match volume.form {
        VolumeForm::Other => None,
        _ if volume.selector.is_none_or(|node| node.as_str() == Some("")) => {
            Some(match misspelt(lowering, volume, at) {
                Some((at, word, meant)) => errors::no_such_field(volume, at, word, meant),
                None => errors::no_disk(volume, at),
            })
        }
        VolumeForm::Partition if !sized(volume.min) && !sized(volume.max) => {
            Some(errors::no_size(volume, at))
        }
        _ => None,
    }
}
