//! Maps with free keys in objects of Kubernetes and in the configuration of its kubelet: what stands in them is a key, dots and
//! slashes and all. Those of Talos's own configuration are in the table of its fields.

/// The names of such maps.
///
/// Sources: the maps of `KubeletConfiguration` in `k8s.io/kubelet/config/v1beta1`; those of the objects of `k8s.io/api` and
/// `k8s.io/apimachinery` (core, apps, batch, node, storage) that people put into patches and manifests. A map whose name is also that
/// of a block of fields elsewhere (`selector`, `parameters`, `features`, `properties`) is not here.
const FREE: &[&str] = &[
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

/// Whether a field of this name is a map with free keys.
pub(crate) fn is_free(name: &str) -> bool {
    FREE.contains(&name)
}
