//! The form of each lowered thing: the v1alpha1 document, or a document of its own.
//!
//! A row says from which version a cluster must have been *created with* for the document to be the right form: what Talos
//! generated then decides which of the two it accepts. Source: Talos `pkg/machinery/config/generate` (what a contract holds) and
//! the `Deprecated` notes of `pkg/machinery/config/types/v1alpha1`.

use crate::fleet::Target;

/// A thing that has two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Thing {
    /// `machine.network.hostname` / `HostnameConfig`
    Hostname,
    /// `machine.network.nameservers`, `searchDomains` / `ResolverConfig`
    Resolver,
    /// `machine.time` / `TimeSyncConfig`
    TimeSync,
    /// `machine.network.interfaces` / `LinkConfig` and its like
    Links,
    /// `machine.registries.mirrors` / `RegistryMirrorConfig`
    Mirrors,
    /// `machine.sysctls` / `SysctlConfig`
    Sysctls,
    /// `machine.sysfs` / `SysfsConfig`
    Sysfs,
    /// `machine.kernel.modules` / `KernelModuleConfig`
    Modules,
    /// `machine.kubelet` / `KubeletConfig`
    Kubelet,
    /// `machine.nodeLabels`, `nodeAnnotations`, `nodeTaints` / `KubeNodeConfig`
    Node,
    /// `cluster.network` / `KubeNetworkConfig`
    ClusterNetwork,
    /// `cluster.proxy` / `KubeProxyConfig`
    Proxy,
    /// `machine.files` with a containerd part / `CRICustomizationConfig`
    Cri,
}

/// Which form is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the v1alpha1 document.
    Legacy,
    /// A document of its own.
    Document,
}

/// The first version whose clusters want the document.
const ROWS: &[(Thing, (u16, u16))] = &[
    (Thing::Hostname, (1, 12)),
    (Thing::Resolver, (1, 12)),
    (Thing::TimeSync, (1, 12)),
    (Thing::Links, (1, 12)),
    (Thing::Mirrors, (1, 12)),
    (Thing::Sysctls, (1, 14)),
    (Thing::Sysfs, (1, 14)),
    (Thing::Modules, (1, 14)),
    (Thing::Kubelet, (1, 14)),
    (Thing::Node, (1, 14)),
    (Thing::ClusterNetwork, (1, 14)),
    (Thing::Proxy, (1, 14)),
    (Thing::Cri, (1, 14)),
];

/// The form of a thing for a target: the document if the cluster was created with a version that generates it and runs one that
/// knows it.
pub fn form(thing: Thing, target: &Target) -> Form {
    let first = ROWS.iter().find(|row| row.0 == thing).map(|row| row.1);
    match first {
        Some((major, minor)) if target.born_at_least(major, minor) && target.talos_at_least(major, minor) => {
            Form::Document
        }
        _ => Form::Legacy,
    }
}
