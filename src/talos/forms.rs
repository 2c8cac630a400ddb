//! The form of each lowered thing: in the v1alpha1 document, or a document of its own.
//!
//! A row says from which version a cluster must have been *created with* for the document to be the right form, because what
//! Talos generated then decides which of the two it accepts. Code that lowers a field builds what is to be said, and hands it
//! over with one writer for each form: it never asks which form it is.
//! Source: Talos `pkg/machinery/config/generate` (what a contract holds), the `Deprecated` notes of
//! `pkg/machinery/config/types/v1alpha1`, and the `V1Alpha1ConflictValidate` functions of the documents.

use super::base::Base;
use super::lower::Draft;
use crate::fleet::Target;
use crate::source::Span;

/// A thing that has two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Thing {
    /// The host name.
    Hostname,
    /// Name servers and search domains.
    Resolver,
    /// Time servers.
    TimeSync,
    /// Network interfaces.
    Links,
    /// Registry mirrors.
    Mirrors,
    /// Kernel parameters.
    Sysctls,
    /// Values under `/sys`.
    Sysfs,
    /// Kernel modules.
    Modules,
    /// Arguments and configuration of the kubelet.
    Kubelet,
    /// Labels, annotations, taints and addresses of the Kubernetes node.
    Node,
    /// Networks of pods and services.
    ClusterNetwork,
    /// Who brings the network of pods.
    Cni,
    /// kube-proxy.
    Proxy,
    /// Whether pods may run on control planes.
    Scheduling,
    /// The API server.
    ApiServer,
    /// Admission plug-ins.
    Admission,
    /// Controller manager and scheduler.
    ControlPlaneParts,
    /// Manifests that are fetched at bootstrap.
    ExtraManifests,
    /// The configuration of containerd.
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

/// How one thing is written in each form; `M` is what is to be said.
#[derive(Clone, Copy)]
pub struct Writers<M> {
    /// Into the v1alpha1 document.
    pub legacy: fn(M, &mut Draft),
    /// As documents.
    pub document: fn(M, &mut Draft),
}

/// A row: a thing, and what its two forms look like.
#[derive(Debug)]
pub struct Row {
    /// The thing.
    pub thing: Thing,
    /// The first version whose clusters want the document.
    pub since: (u16, u16),
    /// Where it stands in the v1alpha1 document.
    pub paths: &'static [&'static [&'static str]],
    /// The kinds of its documents.
    pub kinds: &'static [&'static str],
    /// Talos refuses a machine that has both forms.
    pub exclusive: bool,
    /// For which machines it is written, when a cluster says it.
    pub machines: Machines,
}

/// For which machines a thing is written that a cluster says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machines {
    /// For all of them.
    All,
    /// For all of them in the v1alpha1 document; Talos knows the documents on control planes only.
    ControlAsDocument,
    /// For control planes: Talos refuses it on workers in both forms.
    Control,
}

impl Row {
    /// Whether a generated configuration says the thing, in either form.
    pub fn in_base(&self, base: &Base) -> bool {
        self.kinds.iter().any(|kind| base.has_document(kind, ""))
            || self.paths.iter().any(|path| base.has_path(path))
    }
}

const fn row(
    thing: Thing,
    minor: u16,
    paths: &'static [&'static [&'static str]],
    kinds: &'static [&'static str],
    exclusive: bool,
) -> Row {
    Row { thing, since: (1, minor), paths, kinds, exclusive, machines: Machines::All }
}

const fn control(row: Row) -> Row {
    Row { machines: Machines::ControlAsDocument, ..row }
}

/// Every thing with two forms, in the order of [`Thing`].
pub const ROWS: &[Row] = &[
    row(
        Thing::Hostname,
        12,
        &[&["machine", "network", "hostname"], &["machine", "features", "stableHostname"]],
        &["HostnameConfig"],
        true,
    ),
    row(
        Thing::Resolver,
        12,
        &[
            &["machine", "network", "nameservers"],
            &["machine", "network", "searchDomains"],
            &["machine", "network", "disableSearchDomain"],
        ],
        &["ResolverConfig"],
        true,
    ),
    row(Thing::TimeSync, 12, &[&["machine", "time"]], &["TimeSyncConfig"], true),
    row(
        Thing::Links,
        12,
        &[&["machine", "network", "interfaces"]],
        &[
            "LinkConfig",
            "LinkAliasConfig",
            "BondConfig",
            "BridgeConfig",
            "VLANConfig",
            "DHCPv4Config",
            "DHCPv6Config",
            "Layer2VIPConfig",
            "HCloudVIPConfig",
        ],
        false,
    ),
    row(Thing::Mirrors, 12, &[&["machine", "registries", "mirrors"]], &["RegistryMirrorConfig"], false),
    row(Thing::Sysctls, 14, &[&["machine", "sysctls"]], &["SysctlConfig"], false),
    row(Thing::Sysfs, 14, &[&["machine", "sysfs"]], &["SysfsConfig"], false),
    row(Thing::Modules, 14, &[&["machine", "kernel", "modules"]], &["KernelModuleConfig"], false),
    row(
        Thing::Kubelet,
        14,
        &[
            &["machine", "kubelet", "extraArgs"],
            &["machine", "kubelet", "extraConfig"],
            &["machine", "kubelet", "extraMounts"],
        ],
        &["KubeletConfig"],
        true,
    ),
    row(
        Thing::Node,
        14,
        &[
            &["machine", "nodeLabels"],
            &["machine", "nodeAnnotations"],
            &["machine", "nodeTaints"],
            &["machine", "kubelet", "nodeIP"],
        ],
        &["KubeNodeConfig"],
        true,
    ),
    row(
        Thing::ClusterNetwork,
        14,
        &[&["cluster", "network", "podSubnets"], &["cluster", "network", "serviceSubnets"]],
        &["KubeNetworkConfig"],
        true,
    ),
    control(row(Thing::Cni, 14, &[&["cluster", "network", "cni"]], &["KubeFlannelCNIConfig"], true)),
    control(row(Thing::Proxy, 14, &[&["cluster", "proxy"]], &["KubeProxyConfig"], true)),
    control(row(Thing::Scheduling, 14, &[&["cluster", "allowSchedulingOnControlPlanes"]], &[], true)),
    control(row(Thing::ApiServer, 14, &[&["cluster", "apiServer"]], &["KubeAPIServerConfig"], true)),
    control(row(
        Thing::Admission,
        14,
        &[&["cluster", "apiServer", "admissionControl"]],
        &["KubeAdmissionControlConfig"],
        true,
    )),
    Row {
        machines: Machines::Control,
        ..row(
            Thing::ControlPlaneParts,
            14,
            &[&["cluster", "controllerManager"], &["cluster", "scheduler"]],
            &["KubeControllerManagerConfig", "KubeSchedulerConfig"],
            true,
        )
    },
    control(row(
        Thing::ExtraManifests,
        14,
        &[&["cluster", "extraManifests"]],
        &["KubeExternalManifestConfig"],
        false,
    )),
    row(Thing::Cri, 14, &[&["machine", "files"]], &["CRICustomizationConfig"], false),
];

/// The forms of a cluster.
#[derive(Debug, Clone)]
pub struct Forms {
    forms: [Form; ROWS.len()],
}

/// Where the patches of a user use a form of a thing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// In the v1alpha1 document.
    pub legacy: Option<Span>,
    /// As a document.
    pub document: Option<Span>,
}

impl Forms {
    /// The forms for a target: the document if the cluster was created with a version that generates it and runs one that knows it.
    /// Where the user's patches use one form only, that form is used: Talos takes what a machine has in both for a conflict.
    pub fn new(target: &Target, used: &[Used; ROWS.len()]) -> Forms {
        let mut forms = [Form::Legacy; ROWS.len()];
        for ((form, row), used) in forms.iter_mut().zip(ROWS).zip(used) {
            let (major, minor) = row.since;
            let knows = target.talos_at_least(major, minor);
            *form = match (used.legacy, used.document) {
                (Some(_), None) => Form::Legacy,
                (None, Some(_)) if knows => Form::Document,
                _ if knows && target.born_at_least(major, minor) => Form::Document,
                _ => Form::Legacy,
            };
        }
        Forms { forms }
    }

    /// The form of a thing.
    pub fn of(&self, thing: Thing) -> Form {
        self.forms[thing as usize]
    }

    /// Whether a thing that a cluster says is written for its control planes instead.
    pub fn on_control_planes(&self, thing: Thing) -> bool {
        match ROWS[thing as usize].machines {
            Machines::All => false,
            Machines::ControlAsDocument => self.of(thing) == Form::Document,
            Machines::Control => true,
        }
    }

    /// Writes what is to be said of a thing in its form.
    pub fn write<M>(&self, thing: Thing, said: M, writers: Writers<M>, draft: &mut Draft) {
        match self.of(thing) {
            Form::Legacy => (writers.legacy)(said, draft),
            Form::Document => (writers.document)(said, draft),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::Version;

    #[test]
    fn rows_are_in_the_order_of_things() {
        for (i, row) in ROWS.iter().enumerate() {
            assert_eq!(row.thing as usize, i, "{:?}", row.thing);
        }
    }

    #[test]
    fn birth_and_target_choose_the_form() {
        let form = |born: (u16, u16), talos: (u16, u16)| {
            let target = Target {
                talos: Version::minor(talos.0, talos.1),
                created_with: Version::minor(born.0, born.1),
                kubernetes: Version::minor(1, 34),
                omni: Target::NEWEST_OMNI,
            };
            Forms::new(&target, &Default::default()).of(Thing::Hostname)
        };
        assert_eq!(form((1, 11), (1, 13)), Form::Legacy);
        assert_eq!(form((1, 12), (1, 12)), Form::Document);
        assert_eq!(form((1, 9), (1, 9)), Form::Legacy);
    }
}
