//! Volumes of a machine: sizes, what is missing, and volumes for which others leave no room.

mod errors;
mod room;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::diagnostics::Diagnostic;
use crate::fleet::Cluster;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch, Resolved};
use crate::text::did_you_mean;
use crate::tree::{Node, Value};
use crate::typing::literal::{self, Literal};
use crate::world::config::{self, Row, said};

/// A volume as the documents of all levels together say it.
struct Volume<'n> {
    word: &'static str,
    /// What the label of its partition begins with.
    prefix: &'static str,
    required: bool,
    name: &'n str,
    /// The documents, from the cluster to the machine.
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

/// The volume documents of one level.
#[derive(Default)]
struct LevelVolumes<'n> {
    documents: Vec<&'n Node>,
    /// A patch is not read: it may say more of a volume.
    unread: bool,
}

impl LevelVolumes<'_> {
    fn says_something(&self) -> bool {
        self.unread || !self.documents.is_empty()
    }
}

type Volumes<'n> = IndexMap<(&'n str, &'n str), Volume<'n>, FxBuildHasher>;

/// The volumes of every set, and of every machine that says more of them.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, of: Resolved<'_>) {
    let Resolved { cluster, lowered, .. } = of;
    let common = found(&lowered.common);
    for (set, lowered) in of.sets() {
        let own = found(&lowered.own);
        let mut plain = set.machines().is_empty();
        for machine in lowered.machines.iter().chain(&lowered.picked) {
            let more = found(machine);
            match more.says_something() {
                true => judge(lowering, cluster, &[&common, &own, &more]),
                false => plain = true,
            }
        }
        if plain {
            judge(lowering, cluster, &[&common, &own]);
        }
    }
}

fn found(patches: &[Patch]) -> LevelVolumes<'_> {
    let mut found = LevelVolumes::default();
    for patch in patches {
        match &patch.content {
            Content::Documents(documents) => found.documents.extend(
                documents
                    .iter()
                    .filter(|document| kind_of(document).is_some_and(|kind| provisioning(kind).is_some())),
            ),
            Content::File(_) => found.unread = true,
        }
    }
    found
}

fn kind_of(document: &Node) -> Option<&str> {
    document.at(&["kind"]).and_then(Node::as_str)
}

fn provisioning(kind: &str) -> Option<&'static config::Volumes> {
    config::document(Some(kind)).and_then(Row::volumes)
}

fn judge(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, levels: &[&LevelVolumes<'_>]) {
    let mut volumes = Volumes::default();
    for document in levels.iter().flat_map(|level| &level.documents) {
        add(&mut volumes, document);
    }
    if volumes.is_empty() {
        return;
    }
    let mut findings: Vec<Diagnostic> = Vec::new();
    let unread = levels.iter().any(|level| level.unread);
    for volume in volumes.values() {
        findings.extend(sizes(lowering, volume));
        if !unread && volume.required {
            // What is missing may be in what was not understood.
            let missing = missing(lowering, volume);
            findings.extend(missing.map(|finding| finding.if_blocks_understood(blocks(lowering, volume))));
        }
    }
    if !unread {
        findings.extend(room::check(lowering, volumes.values()));
    }
    for finding in findings {
        lowering.report(finding.in_cluster(&cluster.name));
    }
}

/// Adds what a document says to the volume of its name.
fn add<'n>(volumes: &mut Volumes<'n>, document: &'n Node) {
    let (Some(kind), Some(name)) = (kind_of(document), document.at(&["name"]).and_then(Node::as_str)) else {
        return;
    };
    let Some(config::Volumes { word, required, prefix, .. }) = provisioning(kind) else { return };
    if document.at(&["$patch"]).and_then(Node::as_str) == Some("delete") {
        volumes.shift_remove(&(kind, name));
        return;
    }
    let volume = volumes.entry((kind, name)).or_insert_with(|| Volume {
        word,
        prefix,
        required: *required,
        name,
        documents: Vec::new(),
        selector: None,
        min: None,
        max: None,
        grow: false,
        form: VolumeForm::Partition,
    });
    volume.documents.push(document);
    match document.said(said::VOLUME_TYPE).first().and_then(|node| node.as_str()) {
        None => {}
        Some("partition") => volume.form = VolumeForm::Partition,
        Some("disk") => volume.form = VolumeForm::Disk,
        Some(_) => volume.form = VolumeForm::Other,
    }
    let said = |places: &[Row]| document.said(places).into_iter().find(|node| node.value != Value::Null);
    // Of two documents Talos keeps these of the last, even where it does not have them.
    volume.selector = said(said::VOLUME_SELECTOR);
    volume.min = said(said::VOLUME_MIN);
    volume.max = said(said::VOLUME_MAX);
    if let Some(grow) = said(said::VOLUME_GROW) {
        volume.grow = grow.value == Value::Bool(true);
    }
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
    let mut node = *volume.documents.last()?;
    for meant in WAY {
        if let Some(inner) = node.at(&[meant]) {
            node = inner;
            continue;
        }
        let (word, value) = node.as_map()?.iter().find(|(key, _)| did_you_mean(key, &[*meant]).is_some())?;
        // The word stands before the first thing in it that has a place.
        let inner = first_place(lowering, value)?;
        let sources = &lowering.flattener.types.names.sources;
        let text = sources.file(inner.file).text();
        let before = text.get(at.start as usize..inner.end as usize).filter(|_| at.file == inner.file)?;
        let start = at.start + before.rfind(word.as_str())? as u32;
        return Some((Span { start, end: start + word.len() as u32, ..inner }, word, meant));
    }
    None
}

fn first_place(lowering: &Lowering<'_, '_>, node: &Node) -> Option<Span> {
    lowering
        .origins
        .span(node.origin)
        .or_else(|| node.as_map()?.iter().find_map(|(_, inner)| first_place(lowering, inner)))
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
