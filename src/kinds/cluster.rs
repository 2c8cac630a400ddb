//! Clusters, their sets, and machines.

use std::sync::Arc;

use super::{
    CLASS, MACHINE, ROLE, block, default, entries, field, list, map, node, one_of, required, set, text,
};
use crate::schema::{Entries, Field, Form, Shape, Type};
use crate::text::Text;

/// The fields of a cluster: versions first, then features, then sets, then node fields.
pub(super) fn cluster() -> Vec<Field> {
    let mut fields = vec![
        field(
            "omni",
            Type::Version,
            "The release of Omni that reads the template; v1.10, the newest that talosc knows, unless said.",
        ),
        required(field("talos", Type::Version, "The Talos version of the cluster.")),
        field(
            "created-with",
            Type::Version,
            "The Talos version the cluster was created with: it decides what the generated configuration already holds.",
        ),
        required(field("kubernetes", Type::Version, "The Kubernetes version of the cluster.")),
        block(
            "features",
            "Features of the cluster in Omni.",
            vec![
                field("workload-proxy", Type::Bool, "Expose services of the cluster through Omni."),
                field("embedded-discovery", Type::Bool, "Use the discovery service inside Omni."),
                field(
                    "public-discovery",
                    Type::Bool,
                    "Whether the public discovery service may be used too.",
                ),
                field("disk-encryption", Type::Bool, "Encrypt the disks with keys that Omni holds."),
                field("node-audit-skip", Type::Bool, "Leave out the audit of nodes."),
            ],
        ),
        block(
            "backup",
            "Backups of etcd.",
            vec![field("interval", Type::Duration, "The time between two backups.")],
        ),
    ];
    fields.extend(kubernetes());
    fields.extend(vec![
        field(
            "patch-ids",
            one_of(&["stable", "positional"]),
            "Who makes the ids of patches: talosc (stable) or Omni (from their position).",
        ),
        field("manifest", Type::Entries(Arc::new(manifest())), "Kubernetes manifests that Omni applies."),
        field(
            "healthcheck",
            Type::Entries(Arc::new(healthcheck())),
            "A job that tells whether the cluster is healthy.",
        ),
        field(
            "controlplane",
            Type::Entries(Arc::new(Entries {
                default_name: Some(Text::new_static("control-planes")),
                single: true,
                placed: true,
                ..entries("control plane", Shape::SetName, set_fields(true))
            })),
            "The control planes.",
        ),
        field(
            "workers",
            Type::Entries(Arc::new(Entries {
                default_name: Some(Text::new_static("workers")),
                placed: true,
                ..entries("set of workers", Shape::SetName, set_fields(false))
            })),
            "A set of workers; `workers` without a name is called `workers`.",
        ),
    ]);
    fields.extend(node::fields());
    fields
}

fn kubernetes() -> Vec<Field> {
    let level = || one_of(&["privileged", "baseline", "restricted"]);
    vec![
        field("cni", node::cni(), "Who brings the network of pods."),
        default(field("kube-proxy", Type::Bool, "Whether kube-proxy runs."), "true"),
        default(
            field("schedule-on-control-planes", Type::Bool, "Whether pods may run on control planes."),
            "false",
        ),
        field("pod-subnets", set(Type::Cidr), "The networks of pods."),
        field("service-subnets", set(Type::Cidr), "The networks of services."),
        field("cert-sans", set(text(Shape::CertName)), "More names in the certificate of the API server."),
        field(
            "extra-manifests",
            set(text(Shape::Url)),
            "Manifests that Talos fetches when the cluster is bootstrapped.",
        ),
        block(
            "pod-security",
            "Defaults of the Pod Security admission.",
            vec![
                field("enforce", level(), "What is refused."),
                field("audit", level(), "What is written to the audit log."),
                field("warn", level(), "What the user is warned of."),
                field(
                    "exempt",
                    set(text(Shape::DnsLabel)),
                    "Name spaces that are not judged; `kube-system` never is.",
                ),
            ],
        ),
        field(
            "metrics",
            Type::Bool,
            "Open the metrics of etcd, controller manager and scheduler to the network of the nodes.",
        ),
        field(
            "runtime-class",
            map(
                Type::OneOf(vec![Form::Tagged(Text::new_static("external"), text(Shape::Line))].into()),
                Shape::Any,
            ),
            "Who else owns the RuntimeClass of a runtime: `runtime-class nvidia = external(\"gpu-operator\")`.",
        ),
        field(
            "runtime-node-selector",
            map(map(text(Shape::LabelValue), Shape::LabelKey), Shape::Any),
            "The labels that a node must have for the pods of a runtime, instead of the label `talosc.dev/runtime-NAME` that talosc puts on \
             nodes which offer it: `runtime-node-selector nvidia { feature.node.kubernetes.io/pci-0300_10de.present = \"true\" }`.",
        ),
    ]
}

fn set_fields(control: bool) -> Vec<Field> {
    let strategy = || {
        let forms = vec![
            Form::Word(Text::new_static("unset")),
            Form::Word(Text::new_static("rolling")),
            Form::Tagged(Text::new_static("rolling"), Type::Int(1, i64::from(u32::MAX))),
        ];
        Type::OneOf(forms.into())
    };
    let size = Type::OneOf(
        vec![Form::Plain(Type::Int(0, i64::from(u32::MAX))), Form::Word(Text::new_static("unlimited"))]
            .into(),
    );
    let mut fields = vec![
        field("role", Type::Ref(ROLE), "What the nodes of the set run."),
        field("machines", set(Type::Ref(MACHINE)), "The machines of the set."),
        field("class", Type::Ref(CLASS), "The class that machines are taken from."),
        field("size", size, "How many machines of the class: a number or `unlimited`."),
        field("upgrade-strategy", strategy(), "How many machines are upgraded at once."),
    ];
    if control {
        fields.push(block(
            "bootstrap",
            "Restore from a backup of etcd.",
            vec![
                required(field("cluster-uuid", Type::Uuid, "The UUID of the cluster that was backed up.")),
                required(field("snapshot", text(Shape::Line), "The name of the snapshot.")),
            ],
        ));
    } else {
        fields.push(field(
            "update-strategy",
            strategy(),
            "How many machines get a new configuration at once.",
        ));
        fields.push(field("delete-strategy", strategy(), "How many machines are removed at once."));
    }
    fields.extend(node::fields());
    fields
}

fn manifest() -> Entries {
    let fields = vec![
        required(field(
            "mode",
            one_of(&["full", "one-time"]),
            "Whether Omni keeps the objects as they are written, or only creates them.",
        )),
        field("text", text(Shape::Any), "The manifests as YAML text; or `manifest NAME file \"…\"`."),
        field("objects", list(Type::Config), "The manifests as blocks, each an object."),
        field("labels", map(text(Shape::Any), Shape::LabelKey), "Labels in Omni."),
        field("annotations", map(text(Shape::Any), Shape::LabelKey), "Annotations in Omni."),
    ];
    Entries { from_file: true, ..entries("manifest", Shape::Any, fields) }
}

fn healthcheck() -> Entries {
    let fields = vec![
        field("interval", Type::Duration, "The time between two runs."),
        field("job", text(Shape::Any), "The Job as YAML text; or `healthcheck NAME file \"…\"`."),
        field("id", text(Shape::DnsSubdomain), "The id in Omni; made from the name unless said."),
        field("labels", map(text(Shape::Any), Shape::LabelKey), "Labels in Omni."),
        field("annotations", map(text(Shape::Any), Shape::LabelKey), "Annotations in Omni."),
    ];
    Entries { from_file: true, ..entries("healthcheck", Shape::Any, fields) }
}

/// The fields of a machine.
pub(super) fn machine() -> Vec<Field> {
    let mut fields = vec![
        required(field("id", Type::Uuid, "The UUID of the machine.")),
        field(
            "class",
            Type::Ref(CLASS),
            "The class that picks the machine up; it is then not listed in a set.",
        ),
        field("locked", Type::Bool, "Whether Omni leaves the machine alone."),
    ];
    fields.extend(node::fields());
    fields
}
