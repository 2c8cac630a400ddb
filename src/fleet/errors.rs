//! What can be wrong with clusters and sets as such.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::text::all_of;

/// A declaration without fields that it cannot do without.
pub(super) fn required(at: Span, kind: &str, name: &str, fields: &[&str]) -> Diagnostic {
    let example = |field: &&str| match *field {
        "talos" => "`talos = v1.13.7`",
        "kubernetes" => "`kubernetes = v1.35.0`",
        _ => "`id = …`, the UUID that `omnictl get machines` shows",
    };
    let examples: Vec<&str> = fields.iter().map(example).collect();
    let named = all_of(fields);
    Diagnostic::new(Code::RequiredField, format!("the {kind} `{name}` does not say its {named}"))
        .if_understood()
        .label(at, format!("{named} {} missing", if fields.len() == 1 { "is" } else { "are" }))
        .help(format!("add {}", examples.join(" and ")))
}

pub(super) fn no_control_plane(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::NoControlPlane, format!("the cluster `{name}` has no control planes"))
        .if_understood()
        .label(at, "no `controlplane` in it")
        .note("Omni refuses a template without exactly one ControlPlane document")
        .help("add `controlplane {}`, with a class or machines in it as soon as there are some")
}

pub(super) fn class_and_machines(class: Span, machines: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::ClassAndMachines, format!("the set `{name}` names a class and machines"))
        .if_understood()
        .label(class, "takes machines from a class")
        .label(machines, "lists machines")
        .help("keep one of the two")
}

pub(super) fn size_missing(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::SizeMissing,
        format!("the set `{name}` does not say how many machines of its class it takes"),
    )
    .if_understood()
    .label(at, "a class without a size")
    .note("Omni reads an absent size as 0")
    .help("add `size = 3`, or `size = unlimited`")
    .offer(at.at_end(), ", size = 1")
}

pub(super) fn size_without_class(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::SizeMissing, format!("the set `{name}` has a size but no class"))
        .if_understood()
        .label(at, "a size without a class")
        .help("add `class = …`, or remove the size: listed machines are counted by themselves")
}

pub(super) fn listed_with_class(listed: Span, class: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::ClassAndMachines,
        format!("the machine `{name}` is listed in a set and has a class"),
    )
    .if_understood()
    .label(listed, "listed here")
    .label(class, "picked up by a class")
    .help("remove one of the two")
}
