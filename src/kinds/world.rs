//! What exists outside of clusters: extensions, runtimes, networks, providers, classes; rules and outputs.

use std::sync::Arc;

use super::{EXTENSION, block, default, field, map, node, one_of, required, set, text};
use crate::schema::{Field, Shape, Type};

/// The fields of an extension (the catalogue in `stdlib/extensions.talos`).
pub(super) fn extension() -> Vec<Field> {
    let names = || set(Type::Name(Shape::Any));
    vec![
        field(
            "image",
            text(Shape::ExtensionImage),
            "What the Image Factory of the Omni calls it; `siderolabs/NAME` unless said. Omni takes no image of a registry.",
        ),
        block(
            "provides",
            "What a node with the extension can do.",
            vec![
                field("handlers", names(), "Container runtime handlers."),
                field("modules", names(), "Kernel modules."),
                field("capabilities", names(), "Names that other extensions require or conflict with."),
            ],
        ),
        field(
            "requires",
            names(),
            "Capabilities that the node must have; every extension has its own name as one.",
        ),
        field("conflicts", names(), "Capabilities that no other extension of the node may have."),
        field("load", names(), "Modules that must be listed in `kernel.modules` to be loaded."),
        field("service", Type::Bool, "Its service waits for an `ExtensionServiceConfig` of its name."),
        field(
            "arch",
            set(one_of(&["amd64", "arm64"])),
            "The architectures it has content for; both unless said.",
        ),
        field("became", Type::Name(Shape::Any), "The name that took its place."),
        field("never", Type::Bool, "No catalogue ever had this name: it is a common mistake."),
        field("note", text(Shape::Line), "Why it should not be listed; said of every use."),
    ]
}

/// The fields of a runtime.
pub(super) fn runtime() -> Vec<Field> {
    vec![
        required(field(
            "handler",
            Type::Name(Shape::Any),
            "The containerd handler; an extension that provides it makes it available.",
        )),
        field(
            "class-name",
            text(Shape::DnsSubdomain),
            "The name of its RuntimeClass; its own name unless said.",
        ),
    ]
}

/// The fields of a network.
pub(super) fn network() -> Vec<Field> {
    vec![
        field("subnet", Type::Cidr, "The addresses of the network."),
        field(
            "gateway",
            Type::Ip,
            "The router: the default route of machines with a static address on the network.",
        ),
        field("nameservers", set(Type::Ip), "Name servers."),
        field("search", set(text(Shape::Hostname)), "Search domains."),
        field("timeservers", set(text(Shape::TimeServer)), "NTP servers."),
        field(
            "mtu",
            Type::Int(68, 65535),
            "The largest packet in bytes, on the links that the network declares or that have an address on it.",
        ),
        default(
            field(
                "dhcp",
                Type::Bool,
                "Whether a DHCP server gives addresses; a link of the network that says no `dhcp` does the same.",
            ),
            "true",
        ),
        field(
            "vip",
            Type::Ip,
            "The virtual address of the control planes, on the link or VLAN that has an address on the network, else on its only link.",
        ),
        field("link", Type::Entries(Arc::new(node::link())), "An interface on the network."),
    ]
}

/// The fields of a provider, beside those it declares.
pub(super) fn provider() -> Vec<Field> {
    vec![
        field(
            "id",
            text(Shape::Line),
            "The id it was started with, as `omnictl get infraproviders` shows it; its name unless said.",
        ),
        field("static", Type::Bool, "Its machines exist already and are matched by labels."),
        field(
            "installs",
            Type::Bool,
            "Its machines boot from an ISO and install Talos: from 1.13 on they want to know the disk.",
        ),
        field(
            "arch-field",
            text(Shape::Line),
            "The field of its classes that says the architecture of their machines.",
        ),
        field("cards-field", text(Shape::Line), "The field of its classes that lists network cards."),
        field("first-card", Type::Bool, "Its machines have one network card more than that lists."),
        field("guest-agent", Type::Ref(EXTENSION), "The extension its virtual machines want."),
        field("adds", set(Type::Ref(EXTENSION)), "Extensions that it puts into the boot image itself."),
    ]
}

/// The fields of a class, beside those of its provider.
pub(super) fn class() -> Vec<Field> {
    vec![
        field(
            "match",
            set(text(Shape::Line)),
            "Label selectors: the machine matches one of them, and all terms of it.",
        ),
        field("kernel-args", set(text(Shape::KernelArg)), "Kernel arguments of provisioned machines."),
        field(
            "meta-values",
            map(text(Shape::Any), Shape::Any),
            "Values in the META partition, by number: `0xa = \"…\"`.",
        ),
        field("grpc-tunnel", Type::Bool, "Whether the connection to Omni goes through a gRPC tunnel."),
        field("labels", map(text(Shape::Any), Shape::LabelKey), "Labels of the class in Omni."),
        field("annotations", map(text(Shape::Any), Shape::LabelKey), "Annotations of the class in Omni."),
    ]
}

/// The fields of an invariant, beside `when` and `require`.
pub(super) fn invariant() -> Vec<Field> {
    vec![
        default(field("level", one_of(&["error", "warning"]), "How bad it is."), "error"),
        required(field("message", text(Shape::Any), "The headline.")),
        field(
            "fix",
            text(Shape::Line),
            "A field to set in the judged declaration, `runtime = nvidia`; `override` is put before it where it is inherited.",
        ),
        field("help", text(Shape::Any), "What to do."),
    ]
}

/// The fields of an output block.
pub(super) fn output() -> Vec<Field> {
    vec![
        field(
            "directory",
            text(Shape::Line),
            "The directory of everything that is written, relative to the entry; `omni` unless said.",
        ),
        field(
            "templates",
            text(Shape::Line),
            "The directory of templates in it; `cluster-template` unless said, `.` for the directory itself.",
        ),
        field(
            "template",
            text(Shape::Line),
            "The file name of the template; that of its cluster unless said.",
        ),
        field(
            "classes",
            text(Shape::Line),
            "The directory of machine classes; `machine-classes` unless said. A name with `.yaml` is one file with all of them.",
        ),
        field(
            "class",
            map(text(Shape::Line), Shape::Any),
            "The file of one class, in the directory of classes: `class worker = \"node.yaml\"`. Classes of one file stand in it together.",
        ),
        field(
            "machine-patches",
            text(Shape::Line),
            "The same for the patches of machines that classes pick up; `machine-patches` unless said.",
        ),
        default(
            field(
                "patches",
                one_of(&["inline", "files"]),
                "Whether patches stand in the template or in files beside it.",
            ),
            "inline",
        ),
        default(
            field("manifests", one_of(&["inline", "files"]), "The same of manifests of Kubernetes objects."),
            "inline",
        ),
    ]
}
