//! Node fields: what may stand on a role, a cluster, a set and a machine; and the body of a patch.

use std::sync::Arc;

use super::cel::DISK_SELECTOR;
use super::{
    EXTENSION, NETWORK, PATCH, RUNTIME, block, entries, field, list, map, one_of, schema, set, text,
};
use crate::schema::{Entries, Field, Form, Keyed, Shape, SizeRule, Type};
use crate::text::Text;

/// The node fields in the order of their documentation and of the patches they become.
pub(super) fn fields() -> Vec<Field> {
    let mut fields = vec![
        field(
            "gpu",
            one_of(&["nvidia", "amd", "intel"]),
            "The kind of GPU the node has; rules about drivers and runtimes depend on it.",
        ),
        field("runtime", Type::Ref(RUNTIME), "The default container runtime of the node."),
        field(
            "runtimes",
            set(Type::Ref(RUNTIME)),
            "The runtimes that pods may ask for; `runc` and the default one are always among them.",
        ),
        field(
            "extensions",
            set(Type::Ref(EXTENSION)),
            "Talos system extensions. The list of a node is the union down cluster, set and machine.",
        ),
        field(
            "preinstalled",
            set(Type::Ref(EXTENSION)),
            "Extensions that the boot image carries: they count for requirements, and are emitted with any list that is.",
        ),
        field(
            "network",
            Type::Ref(NETWORK),
            "The network whose name servers, search domains, time servers and links the node gets; it also gets those of each network that one of its addresses is on.",
        ),
        field("hostname", text(Shape::Hostname), "The host name; emitted only where it is written."),
        field(
            "address",
            Type::Address,
            "A static address: `192.168.10.31/24 on lan`. Its link gets no DHCP unless the node says `dhcp = true` there, and the machine one default route if the network has a gateway.",
        ),
        field(
            "node-ip",
            Type::Ref(NETWORK),
            "The network from which the kubelet takes the address of the node.",
        ),
        field(
            "link",
            Type::Entries(Arc::new(link())),
            "A network interface; its name is the interface unless `mac`, `driver` or `physical` select it. One without anything is brought up and gets no address.",
        ),
        field(
            "timeservers",
            set(text(Shape::TimeServer)),
            "NTP servers, beside those of the networks of the node.",
        ),
        block(
            "install",
            "The disk that Talos is installed on.",
            vec![
                field("disk", text(Shape::Path), "A device path."),
                field("selector", text(DISK_SELECTOR), "A CEL expression over the disks of the machine."),
            ],
        ),
        kernel(),
        block(
            "kubelet",
            "Settings of the kubelet.",
            vec![
                field("args", map(text(Shape::Any), Shape::ArgName), "Extra arguments."),
                field("config", Type::Config, "Fields of the KubeletConfiguration."),
            ],
        ),
    ];
    fields.extend(node_objects());
    fields.extend(storage());
    fields.push(field(
        "labels",
        map(text(Shape::Any), Shape::LabelKey),
        "Labels of the Omni resource; those of the Kubernetes node are `node-labels`.",
    ));
    fields.push(field(
        "annotations",
        map(text(Shape::Any), Shape::LabelKey),
        "Annotations of the Omni resource.",
    ));
    fields.push(field("patches", set(Type::Ref(PATCH)), "Patches that are declared at top level."));
    fields.push(field("patch", Type::Entries(Arc::new(patch())), "A named piece of Talos configuration."));
    fields
}

fn node_objects() -> Vec<Field> {
    vec![
        field("node-labels", map(text(Shape::LabelValue), Shape::LabelKey), "Labels of the Kubernetes node."),
        field(
            "node-annotations",
            map(text(Shape::Any), Shape::LabelKey),
            "Annotations of the Kubernetes node.",
        ),
        field(
            "node-taints",
            map(text(Shape::Taint), Shape::LabelKey),
            "Taints of the Kubernetes node: `key = \"value:NoSchedule\"`.",
        ),
    ]
}

fn kernel() -> Field {
    let module = schema(
        "module",
        vec![
            field("name", Type::Name(Shape::Module), "The name of the module."),
            field("parameters", set(text(Shape::Line)), "Parameters."),
        ],
    );
    block(
        "kernel",
        "The kernel of the node.",
        vec![
            field("args", set(text(Shape::KernelArg)), "Kernel arguments."),
            field(
                "modules",
                Type::Keyed(Arc::new(Keyed { key: "name".into(), bare: true, schema: module })),
                "Modules to load.",
            ),
            field("sysctls", map(text(Shape::Any), Shape::Sysctl), "Kernel parameters."),
            field("sysfs", map(text(Shape::Any), Shape::Sysctl), "Values under `/sys`."),
        ],
    )
}

fn storage() -> Vec<Field> {
    let mount = schema(
        "mount",
        vec![
            field("destination", text(Shape::Path), "Where the kubelet sees it."),
            field("source", text(Shape::Path), "Where it is on the host; the destination unless said."),
            field("type", text(Shape::Line), "The type of the mount; `bind` unless said."),
            field("options", set(text(Shape::Line)), "Mount options; `bind, rshared, rw` unless said."),
        ],
    );
    let volume = entries(
        "volume",
        Shape::DnsLabel,
        vec![
            field("disk", text(DISK_SELECTOR), "A CEL expression that selects the disk."),
            field("min-size", Type::Size(SizeRule::default()), "The least size."),
            field("max-size", Type::Size(SizeRule::default()), "The largest size."),
            field("grow", Type::Bool, "Whether it grows when the disk does."),
            field("filesystem", one_of(&["xfs", "ext4"]), "The file system."),
        ],
    );
    let mirror = schema(
        "mirror",
        vec![
            field("endpoints", set(text(Shape::Url)), "Registries to ask instead, in order."),
            field("override-path", Type::Bool, "Use the path of the endpoint as it is."),
            field("skip-fallback", Type::Bool, "Never ask the registry itself."),
        ],
    );
    vec![
        field(
            "mounts",
            Type::Keyed(Arc::new(Keyed { key: "destination".into(), bare: true, schema: mount })),
            "Directories of the host that the kubelet may mount into pods.",
        ),
        field("volume", Type::Entries(Arc::new(volume)), "A user volume, mounted at `/var/mnt/NAME`."),
        field(
            "mirrors",
            map(Type::Block(mirror), Shape::Registry),
            "Registry mirrors by host; `*` stands for every other one.",
        ),
    ]
}

/// A link: stands on a network or any node level, merged by name.
pub(super) fn link() -> Entries {
    let vlan = entries("vlan", Shape::Any, addressing());
    let bond = schema(
        "bond",
        vec![
            field(
                "mode",
                one_of(&[
                    "balance-rr",
                    "active-backup",
                    "balance-xor",
                    "broadcast",
                    "802.3ad",
                    "balance-tlb",
                    "balance-alb",
                ]),
                "How the links are used.",
            ),
            field("links", set(Type::Name(Shape::LinkName)), "The links it is made of."),
            field("lacp-rate", one_of(&["slow", "fast"]), "How often LACP frames are sent."),
            field(
                "hash-policy",
                one_of(&["layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4"]),
                "How a link is chosen for a frame.",
            ),
            field("miimon", Type::Int(0, i64::from(u32::MAX)), "Milliseconds between link checks."),
            field(
                "updelay",
                Type::Int(0, i64::from(u32::MAX)),
                "Milliseconds before a link that came up is used; a multiple of `miimon`.",
            ),
            field(
                "downdelay",
                Type::Int(0, i64::from(u32::MAX)),
                "Milliseconds before a link that went down is no longer used; a multiple of `miimon`.",
            ),
        ],
    );
    let mut fields = vec![
        field("mac", Type::Mac, "Selects the interface by its hardware address."),
        field("driver", text(Shape::Line), "Selects the interface by its driver; `*` stands for anything."),
        field("physical", Type::Bool, "Selects physical interfaces."),
    ];
    fields.extend(addressing());
    fields.push(field("vlan", Type::Entries(Arc::new(vlan)), "A VLAN on the link, by its number."));
    fields.push(field("bridge", set(Type::Name(Shape::LinkName)), "Makes it a bridge of these links."));
    fields.push(field("bond", Type::Block(bond), "Makes it a bond."));
    entries("link", Shape::LinkName, fields)
}

fn addressing() -> Vec<Field> {
    let route = schema(
        "route",
        vec![
            field("network", Type::Cidr, "The destination; the default route unless said."),
            field("gateway", Type::Ip, "The next hop."),
            field("metric", Type::Int(0, i64::from(u32::MAX)), "The lower one wins."),
        ],
    );
    vec![
        field(
            "dhcp",
            Type::Bool,
            "Whether the interface asks for an address. Unset, a link that a network declares does as the network says, unless it has a static address; any other link, and a VLAN, does not.",
        ),
        field("mtu", Type::Int(68, 65535), "The largest packet in bytes."),
        field("vip", Type::Ip, "A virtual address shared by control planes."),
        field(
            "addresses",
            set(Type::Address),
            "Static addresses; one that says its network, `… on lan`, gives the machine a default route to its gateway if it has none.",
        ),
        field("routes", list(Type::Block(route)), "Routes through the interface."),
    ]
}

/// A patch in a body: the same fields as one at top level.
pub(super) fn patch() -> Entries {
    Entries { from_file: true, kind: Some(PATCH), ..entries("patch", Shape::Any, patch_fields()) }
}

/// The body of a patch: the v1alpha1 document by its two halves, the other documents by kind and name.
pub(super) fn patch_fields() -> Vec<Field> {
    let document = Entries { qualified: true, config: true, ..entries("document", Shape::Any, Vec::new()) };
    vec![
        field(
            "id",
            text(Shape::Line),
            "The id of the patch in Omni; made from cluster, set and name unless said.",
        ),
        field("labels", map(text(Shape::Any), Shape::LabelKey), "Labels of the patch in Omni."),
        field("annotations", map(text(Shape::Any), Shape::LabelKey), "Annotations of the patch in Omni."),
        field("machine", Type::Config, "The `machine` half of the v1alpha1 document."),
        field("cluster", Type::Config, "The `cluster` half of the v1alpha1 document."),
        field(
            "document",
            Type::Entries(Arc::new(document)),
            "Another document, by kind and name: `document UserVolumeConfig ceph { … }`.",
        ),
    ]
}

/// `flannel`, `none`, `external("who")`, `custom([…])`.
pub(super) fn cni() -> Type {
    let forms: Vec<Form> = vec![
        Form::Word(Text::new_static("flannel")),
        Form::Word(Text::new_static("none")),
        Form::Tagged(Text::new_static("external"), text(Shape::Line)),
        Form::Tagged(Text::new_static("custom"), list(text(Shape::Url))),
    ];
    Type::OneOf(forms.into())
}
