//! What the expressions of disks, volumes, links and storages may name.
//!
//! Source: `pkg/machinery/cel/celenv` and the messages of `api/resource/definitions` of Talos 1.9 to 1.14; for storages
//! `internal/pkg/provider/provision.go` of the Proxmox provider.

use crate::cel::{Environment, Is, Object, Overload, Plain, Variable};
use crate::schema::Shape;

/// The shape of an expression over disks.
pub const DISK_SELECTOR: Shape = Shape::Cel(DISKS.name);
/// The shape of an expression over storages.
pub const STORAGE_SELECTOR: Shape = Shape::Cel(STORAGES.name);

/// The environment of a shape.
pub fn environment(shape: Shape) -> Option<&'static Environment> {
    let Shape::Cel(name) = shape else { return None };
    [&DISKS, &STORAGES].into_iter().find(|environment| environment.name == name)
}

/// Over the disks of a machine.
pub static DISKS: Environment = Environment {
    name: "a disk selector",
    variables: &[&[Variable::new("disk", Is::Object(&DISK)), Variable::new("system_disk", Is::Bool)], UNITS],
    functions: &[GLOB],
    plain: Some(Plain {
        shown: "the path of a disk",
        variable: "disk.dev_path",
        fits: |text| text.starts_with("/dev/") && !text.contains(['"', ' ', '=']),
    }),
};

/// Over what Talos finds on disks.
pub static VOLUMES: Environment = Environment {
    name: "a volume selector",
    variables: &[
        &[Variable::new("volume", Is::Object(&VOLUME)), Variable::since("disk", Is::Object(&DISK), 1, 11)],
        UNITS,
    ],
    functions: &[],
    plain: None,
};

/// Over the network links of a machine.
pub static LINKS: Environment = Environment {
    name: "a link selector",
    variables: &[&[Variable::new("link", Is::Object(&LINK))]],
    functions: &[GLOB, Overload { name: "mac", member: false, takes: &[Is::Bytes], gives: Is::Str }],
    plain: None,
};

/// Over the storages of a Proxmox node.
pub static STORAGES: Environment = Environment {
    name: "a storage selector",
    variables: &[&[
        Variable::new("name", Is::Str),
        Variable::new("node", Is::Str),
        Variable::new("storageType", Is::Str),
        Variable::new("availableSpace", Is::Uint),
    ]],
    functions: &[],
    plain: Some(Plain { shown: "the name of a storage", variable: "name", fits: is_storage }),
};

/// Whether a text looks like the name of a storage and like no expression.
fn is_storage(text: &str) -> bool {
    let known = STORAGES.variables.iter().copied().flatten().any(|variable| variable.name == text);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && !known
        && !matches!(text, "true" | "false" | "null")
}

const GLOB: Overload = Overload { name: "glob", member: false, takes: &[Is::Str, Is::Str], gives: Is::Bool };

const UNITS: &[Variable] = &[
    Variable::constant("KiB", 1 << 10),
    Variable::constant("MiB", 1 << 20),
    Variable::constant("GiB", 1 << 30),
    Variable::constant("TiB", 1 << 40),
    Variable::constant("PiB", 1 << 50),
    Variable::constant("EiB", 1 << 60),
    Variable::constant("kB", 1000),
    Variable::constant("MB", 1_000_000),
    Variable::constant("GB", 1_000_000_000),
    Variable::constant("TB", 1_000_000_000_000),
    Variable::constant("PB", 1_000_000_000_000_000),
    Variable::constant("EB", 1_000_000_000_000_000_000),
];

static DISK: Object = Object {
    name: "disk",
    shown: "a disk",
    fields: &[
        Variable::new("size", Is::Uint),
        Variable::new("io_size", Is::Uint),
        Variable::new("sector_size", Is::Uint),
        Variable::new("readonly", Is::Bool),
        Variable::new("model", Is::Str),
        Variable::new("serial", Is::Str),
        Variable::new("modalias", Is::Str),
        Variable::new("wwid", Is::Str),
        Variable::new("bus_path", Is::Str),
        Variable::new("sub_system", Is::Str),
        Variable::new("transport", Is::Str),
        Variable::new("rotational", Is::Bool),
        Variable::new("cdrom", Is::Bool),
        Variable::new("dev_path", Is::Str),
        Variable::new("pretty_size", Is::Str),
        Variable::new("secondary_disks", Is::Strs),
        Variable::new("uuid", Is::Str),
        Variable::since("symlinks", Is::Strs, 1, 10),
        Variable::since("firmware_version", Is::Str, 1, 14),
    ],
};

static VOLUME: Object = Object {
    name: "volume",
    shown: "a volume",
    fields: &[
        Variable::new("size", Is::Uint),
        Variable::new("sector_size", Is::Uint),
        Variable::new("io_size", Is::Uint),
        Variable::new("name", Is::Str),
        Variable::new("uuid", Is::Str),
        Variable::new("label", Is::Str),
        Variable::new("block_size", Is::Uint),
        Variable::new("filesystem_block_size", Is::Uint),
        Variable::new("probed_size", Is::Uint),
        Variable::new("partition_uuid", Is::Str),
        Variable::new("partition_type", Is::Str),
        Variable::new("partition_label", Is::Str),
        Variable::new("partition_index", Is::Uint),
        Variable::new("type", Is::Str),
        Variable::new("device_path", Is::Str),
        Variable::new("parent", Is::Str),
        Variable::new("dev_path", Is::Str),
        Variable::new("parent_dev_path", Is::Str),
        Variable::new("pretty_size", Is::Str),
        Variable::since("offset", Is::Uint, 1, 12),
    ],
};

/// Enumerations are ints; of what a link is a master of, the fields are not listed here.
static LINK: Object = Object {
    name: "link",
    shown: "a link",
    fields: &[
        Variable::new("index", Is::Uint),
        Variable::new("type", Is::Int),
        Variable::new("link_index", Is::Uint),
        Variable::new("flags", Is::Uint),
        Variable::new("hardware_addr", Is::Bytes),
        Variable::new("broadcast_addr", Is::Bytes),
        Variable::new("mtu", Is::Uint),
        Variable::new("queue_disc", Is::Str),
        Variable::new("master_index", Is::Uint),
        Variable::new("operational_state", Is::Int),
        Variable::new("kind", Is::Str),
        Variable::new("slave_kind", Is::Str),
        Variable::new("bus_path", Is::Str),
        Variable::new("pciid", Is::Str),
        Variable::new("driver", Is::Str),
        Variable::new("driver_version", Is::Str),
        Variable::new("firmware_version", Is::Str),
        Variable::new("product_id", Is::Str),
        Variable::new("vendor_id", Is::Str),
        Variable::new("product", Is::Str),
        Variable::new("vendor", Is::Str),
        Variable::new("link_state", Is::Bool),
        Variable::new("speed_megabits", Is::Int),
        Variable::new("port", Is::Int),
        Variable::new("duplex", Is::Int),
        Variable::new("vlan", Is::Any),
        Variable::new("bridge_master", Is::Any),
        Variable::new("bond_master", Is::Any),
        Variable::new("wireguard", Is::Any),
        Variable::new("permanent_addr", Is::Bytes),
        Variable::new("alias", Is::Str),
        Variable::new("alt_names", Is::Strs),
        Variable::since("vrf_master", Is::Any, 1, 13),
        Variable::since("veth", Is::Any, 1, 14),
    ],
};
