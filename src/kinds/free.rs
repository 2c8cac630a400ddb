//! Maps with free keys in configuration that is typed elsewhere: what stands in them is a key, dots and slashes and all.

/// The names of such maps; with `parent.name`, only inside of `parent`.
///
/// Sources: the `map[string]…` fields of Talos's `pkg/machinery/config/types` (v1alpha1 and the documents of 1.9 to 1.14); the maps of
/// `KubeletConfiguration` in `k8s.io/kubelet/config/v1beta1`; those of the objects of `k8s.io/api` and `k8s.io/apimachinery` (core, apps,
/// batch, node, storage) that people put into patches and manifests. A map whose name is also that of a block of fields elsewhere
/// (`selector`, `parameters`, `features`, `properties`) is not here.
const FREE: &[&str] = &[
    // Talos, v1alpha1.
    "sysctls",
    "sysfs",
    "nodeLabels",
    "nodeAnnotations",
    "nodeTaints",
    "extraArgs",
    "env",
    "extraTags",
    "extraManifestHeaders",
    "registries.mirrors",
    "registries.config",
    // Talos, documents: SysctlConfig and SysfsConfig, KubeNodeConfig, EnvironmentConfig, KubeExternalManifestConfig.
    "params",
    "taints",
    "variables",
    "headers",
    // The configuration of the kubelet.
    "evictionHard",
    "evictionSoft",
    "evictionSoftGracePeriod",
    "evictionMinimumReclaim",
    "systemReserved",
    "kubeReserved",
    "qosReserved",
    "featureGates",
    "staticPodURLHeader",
    // Objects of Kubernetes: every object, selectors, resources, ConfigMap and Secret, storage.
    "labels",
    "annotations",
    "matchLabels",
    "nodeSelector",
    "limits",
    "requests",
    "capacity",
    "allocatable",
    "podFixed",
    "hard",
    "data",
    "binaryData",
    "stringData",
    "volumeAttributes",
];

/// Of those maps, the ones whose values are blocks: the key is not what is left of a path.
pub(crate) fn holds_blocks(name: &str) -> bool {
    matches!(name, "mirrors" | "config")
}

/// Whether the field `name` of the block `parent` is a map with free keys.
pub(crate) fn is_free(parent: &str, name: &str) -> bool {
    FREE.iter().any(|known| match known.split_once('.') {
        Some((block, map)) => map == name && block == parent,
        None => *known == name,
    })
}
