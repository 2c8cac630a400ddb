//! What can be wrong with volumes.

use super::{Volume, VolumeForm, bytes};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::tree::{Node, Value};

/// A size as it is written.
fn shown(node: &Node) -> String {
    match &node.value {
        Value::Str(text) => text.to_string(),
        _ => format!("{}B", bytes(node).unwrap_or_default()),
    }
}

pub(super) fn sizes(
    volume: &Volume<'_>,
    (min, min_at): (&Node, Option<Span>),
    (max, max_at): (&Node, Option<Span>),
    volume_at: Option<Span>,
) -> Diagnostic {
    let (least, most) = (shown(min), shown(max));
    let message =
        format!("the {} `{}` is to have at least {least} and at most {most}", volume.word, volume.name);
    Diagnostic::new(Code::VolumeSizes, message)
        .label_if(max_at.or(volume_at), "less than the least size")
        .label_if(min_at, "the least size")
        .help(format!("say a largest size of {least} or more"))
}

/// What is lost where several documents are about one volume.
fn of_last(finding: Diagnostic, volume: &Volume<'_>) -> Diagnostic {
    if volume.documents.len() < 2 {
        return finding;
    }
    finding.note("several documents are about it: Talos keeps the disk and the sizes of the last one alone")
}

pub(super) fn no_disk(volume: &Volume<'_>, at: Span) -> Diagnostic {
    let message = format!("the {} `{}` selects no disk", volume.word, volume.name);
    of_last(Diagnostic::new(Code::VolumeIncomplete, message), volume)
        .if_understood()
        .label(at, "on which disk?")
        .help("say one, such as `disk = \"!system_disk\"`; in a patch `provisioning.diskSelector.match`")
}

/// The disk selector, or what it stands in, under another name.
pub(super) fn no_such_field(volume: &Volume<'_>, at: Span, word: &str, meant: &str) -> Diagnostic {
    let message =
        format!("the {} `{}` selects no disk: there is no field `{word}`", volume.word, volume.name);
    of_last(Diagnostic::new(Code::VolumeIncomplete, message), volume)
        .label(at, "unknown field")
        .suggest(at, Some(meant))
}

pub(super) fn no_size(volume: &Volume<'_>, at: Span) -> Diagnostic {
    let message =
        format!("the {} `{}` says neither its least nor its largest size", volume.word, volume.name);
    of_last(Diagnostic::new(Code::VolumeIncomplete, message), volume)
        .if_understood()
        .label(at, "how large?")
        .help("say one, such as `min-size = 10GiB`; in a patch `provisioning.minSize`")
}

pub(super) fn no_room(
    volume: &Volume<'_>,
    at: Span,
    first: Option<&Volume<'_>>,
    name: &str,
    other: Option<Span>,
) -> Diagnostic {
    let word = first.map_or("system volume", |first| first.word);
    let message = format!(
        "the {} `{}` finds no room on a disk that the {word} `{name}` takes before it",
        volume.word, volume.name
    );
    let finding = Diagnostic::new(Code::VolumesOverlap, message)
        .label(at, if other == Some(at) { "the disk of both" } else { "comes second" })
        .label_if(other.filter(|other| *other != at), "comes first, and leaves nothing");
    if volume.form == VolumeForm::Disk {
        return finding
            .note("a volume of the type `disk` takes the only disk that it selects, and only while that is empty")
            .help("let the two select different disks");
    }
    let finding = match first {
        Some(_) => finding.note(
            "Talos provisions those that do not grow first, then the smaller ones by their largest size",
        ),
        None => finding.note(format!("`{name}` takes all of the system disk unless something limits it")),
    };
    match (first, first.is_some_and(|first| !first.is_system())) {
        (Some(first), true) => finding.help(format!(
            "give `{}` a largest size (`max-size`), or let the two select different disks",
            first.name
        )),
        _ => finding.help(format!(
            "limit it: `patch {} {{ document VolumeConfig {name} {{ provisioning.maxSize = \"50GiB\" }} }}`",
            name.to_lowercase()
        )),
    }
}
