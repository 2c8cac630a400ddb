//! How Talos joins a value with the one below it, where that is not what the kinds of the two say.
//!
//! Mirrors `pkg/machinery/config/merge/merge.go` of Talos, the `merge` tags of `config/types`, the `Merge` methods of
//! `v1alpha1.{Args,NetworkDeviceList,VlanList,AdmissionPluginConfigList}`, `extensions.ConfigFileList`,
//! `security.ImageVerificationRules`, `block.ByteSize` and `cel.Expression`, and the Go types of fields whose zero value counts.

use smallvec::SmallVec;

/// How a value is joined with the one below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// As its kind says: maps by key, lists one behind the other, what is empty or zero not at all.
    Plain,
    /// Whole.
    Replace,
    /// A map whose values are replaced whole, whatever they are.
    Arguments,
    /// A list whose elements with one key are merged.
    Keyed(&'static [&'static str]),
    /// A list whose elements with one key are replaced.
    Swapped(&'static str),
    /// A map without a type: values of two kinds are refused.
    Free,
    /// A map of texts, where a number is text.
    Texts,
    /// A number that is set or not: zero counts since Talos 1.12.
    Optional,
    /// A span of time, where `0s` is nothing.
    Duration,
    /// Part by part.
    Url,
    /// Taken away by any later patch of the document that does not say it.
    Forgotten,
    /// Refused where both say it.
    Refused,
}

/// A rule and where it holds.
pub(super) struct Row {
    kind: &'static str,
    /// Keys; `*` is any key, `[]` the elements of a list.
    path: &'static [&'static str],
    rule: Rule,
    /// Minors of Talos 1, both included.
    minors: (u16, u16),
}

const EVER: (u16, u16) = (0, u16::MAX);

const fn row(kind: &'static str, path: &'static [&'static str], rule: Rule) -> Row {
    Row { kind, path, rule, minors: EVER }
}

const fn since(minor: u16, row: Row) -> Row {
    Row { minors: (minor, u16::MAX), ..row }
}

const fn until(minor: u16, row: Row) -> Row {
    Row { minors: (0, minor), ..row }
}

macro_rules! rows {
    ($($kind:literal { $($($key:literal).+ => $rule:expr $(, $bound:ident $minor:literal)?;)* })*) => {
        &[$($(rows!(@ $($bound $minor)?, row($kind, &[$($key),+], $rule)),)*)*]
    };
    (@ , $row:expr) => { $row };
    (@ $bound:ident $minor:literal, $row:expr) => { $bound($minor, $row) };
}

const ROWS: &[Row] = rows! {
    "" {
        "machine"."network"."interfaces" => Rule::Keyed(&["interface", "deviceSelector"]);
        "machine"."network"."interfaces"."[]"."vlans" => Rule::Keyed(&["vlanId"]);
        "machine"."network"."kubespan"."mtu" => Rule::Optional;
        "machine"."kubelet"."extraArgs" => Rule::Texts, until 12;
        "machine"."kubelet"."extraArgs" => Rule::Arguments, since 13;
        "machine"."kubelet"."extraConfig" => Rule::Free;
        "machine"."kubelet"."credentialProviderConfig" => Rule::Free;
        "machine"."baseRuntimeSpecOverrides" => Rule::Free;
        "machine"."install"."diskSelector"."size" => Rule::Refused;
        "machine"."sysctls" => Rule::Texts;
        "machine"."sysfs" => Rule::Texts;
        "machine"."env" => Rule::Texts;
        "machine"."nodeLabels" => Rule::Texts;
        "machine"."nodeAnnotations" => Rule::Texts;
        "machine"."nodeTaints" => Rule::Texts;
        "machine"."time"."bootTimeout" => Rule::Duration;
        "cluster"."adminKubeconfig"."certLifetime" => Rule::Duration;
        "cluster"."controlPlane"."endpoint" => Rule::Url;
        "cluster"."extraManifestHeaders" => Rule::Texts;
        "cluster"."network"."podSubnets" => Rule::Replace;
        "cluster"."network"."serviceSubnets" => Rule::Replace;
        "cluster"."apiServer"."admissionControl" => Rule::Keyed(&["name"]);
        "cluster"."apiServer"."admissionControl"."[]"."configuration" => Rule::Free;
        "cluster"."apiServer"."auditPolicy" => Rule::Replace;
        "cluster"."apiServer"."env" => Rule::Texts;
        "cluster"."apiServer"."extraArgs" => Rule::Texts, until 12;
        "cluster"."apiServer"."extraArgs" => Rule::Arguments, since 13;
        "cluster"."apiServer"."resources"."requests" => Rule::Free;
        "cluster"."apiServer"."resources"."limits" => Rule::Free;
        "cluster"."controllerManager"."env" => Rule::Texts;
        "cluster"."controllerManager"."extraArgs" => Rule::Texts, until 12;
        "cluster"."controllerManager"."extraArgs" => Rule::Arguments, since 13;
        "cluster"."controllerManager"."resources"."requests" => Rule::Free;
        "cluster"."controllerManager"."resources"."limits" => Rule::Free;
        "cluster"."scheduler"."env" => Rule::Texts;
        "cluster"."scheduler"."extraArgs" => Rule::Texts, until 12;
        "cluster"."scheduler"."extraArgs" => Rule::Arguments, since 13;
        "cluster"."scheduler"."config" => Rule::Free;
        "cluster"."scheduler"."resources"."requests" => Rule::Free;
        "cluster"."scheduler"."resources"."limits" => Rule::Free;
        "cluster"."proxy"."extraArgs" => Rule::Texts, until 12;
        "cluster"."proxy"."extraArgs" => Rule::Arguments, since 13;
        "cluster"."etcd"."extraArgs" => Rule::Texts, until 12;
        "cluster"."etcd"."extraArgs" => Rule::Arguments, since 13;
    }
    "KubeNetworkConfig" {
        "podSubnets" => Rule::Replace;
        "serviceSubnets" => Rule::Replace;
    }
    "KubeAdmissionControlConfig" {
        "plugins" => Rule::Keyed(&["name"]);
        "configuration" => Rule::Free;
    }
    "KubeAuditPolicyConfig" { "configuration" => Rule::Replace; }
    "KubeAuthenticationConfig" { "configuration" => Rule::Replace; }
    "KubeAuthorizerConfig" { "webhook" => Rule::Free; }
    "KubeAPIServerConfig" {
        "extraArgs" => Rule::Arguments;
        "env" => Rule::Texts;
        "resources"."requests" => Rule::Free;
        "resources"."limits" => Rule::Free;
    }
    "KubeControllerManagerConfig" {
        "extraArgs" => Rule::Arguments;
        "env" => Rule::Texts;
        "resources"."requests" => Rule::Free;
        "resources"."limits" => Rule::Free;
    }
    "KubeSchedulerConfig" {
        "extraArgs" => Rule::Arguments;
        "env" => Rule::Texts;
        "config" => Rule::Free;
        "resources"."requests" => Rule::Free;
        "resources"."limits" => Rule::Free;
    }
    "KubeProxyConfig" {
        "extraArgs" => Rule::Arguments;
        "config" => Rule::Free;
        "resources"."requests" => Rule::Free;
        "resources"."limits" => Rule::Free;
    }
    "KubeFlannelCNIConfig" {
        "backendExtraConfig" => Rule::Free;
        "resources"."requests" => Rule::Free;
        "resources"."limits" => Rule::Free;
    }
    "KubeletConfig" {
        "extraArgs" => Rule::Arguments;
        "config" => Rule::Free;
    }
    "EnvironmentConfig" { "variables" => Rule::Texts; }
    "SysctlConfig" { "params" => Rule::Texts; }
    "SysfsConfig" { "params" => Rule::Texts; }
    "NetworkRuleConfig" {
        "ingress" => Rule::Replace;
        "portSelector"."ports" => Rule::Replace;
    }
    "ExtensionServiceConfig" { "configFiles" => Rule::Keyed(&["mountPath"]); }
    "ImageVerificationConfig" { "rules" => Rule::Swapped("image"); }
    "KmsgLogConfig" { "url" => Rule::Url; }
    "SideroLinkConfig" { "apiUrl" => Rule::Url; }
    "DiscoveryServiceConfig" { "endpoint" => Rule::Url; }
    "HTTPProbeConfig" {
        "url" => Rule::Url;
        "interval" => Rule::Duration;
        "timeout" => Rule::Duration;
    }
    "TCPProbeConfig" {
        "interval" => Rule::Duration;
        "timeout" => Rule::Duration;
    }
    "TimeSyncConfig" { "bootTimeout" => Rule::Duration; }
    "WatchdogTimerConfig" { "timeout" => Rule::Duration; }
    "FilesystemTrimConfig" { "interval" => Rule::Duration; }
    "OOMConfig" {
        "sampleInterval" => Rule::Duration;
        "triggerExpression" => Rule::Forgotten;
        "cgroupRankingExpression" => Rule::Forgotten;
    }
    "LinkAliasConfig" { "selector"."match" => Rule::Forgotten; }
    "ExistingVolumeConfig" {
        "discovery"."volumeSelector"."match" => Rule::Forgotten;
        "trim"."interval" => Rule::Duration;
    }
    "VolumeConfig" {
        "provisioning"."diskSelector"."match" => Rule::Forgotten;
        "provisioning"."minSize" => Rule::Forgotten;
        "provisioning"."maxSize" => Rule::Forgotten, until 11;
        "trim"."interval" => Rule::Duration;
    }
    "UserVolumeConfig" {
        "provisioning"."diskSelector"."match" => Rule::Forgotten;
        "provisioning"."minSize" => Rule::Forgotten;
        "provisioning"."maxSize" => Rule::Forgotten, until 11;
        "trim"."interval" => Rule::Duration;
    }
    "RawVolumeConfig" {
        "provisioning"."diskSelector"."match" => Rule::Forgotten;
        "provisioning"."minSize" => Rule::Forgotten;
        "provisioning"."maxSize" => Rule::Forgotten, until 11;
    }
    "SwapVolumeConfig" {
        "provisioning"."diskSelector"."match" => Rule::Forgotten;
        "provisioning"."minSize" => Rule::Forgotten;
        "provisioning"."maxSize" => Rule::Forgotten, until 11;
    }
    "LVMVolumeGroupConfig" { "provisioning"."volumeSelector"."match" => Rule::Forgotten; }
    "LVMLogicalVolumeConfig" {
        "provisioning"."minSize" => Rule::Forgotten;
        "mirrors" => Rule::Optional;
        "stripes" => Rule::Optional;
    }
    "BondConfig" {
        "mtu" => Rule::Plain;
        "*" => Rule::Optional;
    }
    "EthernetConfig" {
        "rings"."*" => Rule::Optional;
        "channels"."*" => Rule::Optional;
    }
    "KubeSpanConfig" { "mtu" => Rule::Optional; }
    "ZswapConfig" { "maxPoolPercent" => Rule::Optional; }
};

/// Documents that Talos cannot merge at all: they hold an address as Go keeps it, which its merging cannot set.
const WHOLE: &[&str] = &["RoutingRuleConfig"];

/// The rules that hold at a place of a document, and below it.
#[derive(Debug, Clone)]
pub(super) struct At {
    rows: SmallVec<[&'static Row; 2]>,
    depth: usize,
    minor: u16,
    /// The rule of the place itself.
    pub(super) rule: Rule,
    /// Below a map without a type.
    pub(super) free: bool,
    /// A value of a map of texts.
    pub(super) text: bool,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.path.join("."))
    }
}

impl At {
    /// The root of a document of a kind; the v1alpha1 document has none.
    pub(super) fn document(kind: &str, minor: u16) -> At {
        let holds = |row: &&Row| row.kind == kind && (row.minors.0..=row.minors.1).contains(&minor);
        let rows = ROWS.iter().filter(holds).collect();
        let rule = if WHOLE.contains(&kind) { Rule::Refused } else { Rule::Plain };
        At { rows, depth: 0, minor, rule, free: false, text: false }
    }

    /// The place of a key, or with `[]` that of an element.
    pub(super) fn child(&self, key: &str) -> At {
        let depth = self.depth + 1;
        let leads = |row: &&&Row| row.path.get(self.depth).is_some_and(|part| *part == key || *part == "*");
        let rows: SmallVec<[&'static Row; 2]> = self.rows.iter().filter(leads).copied().collect();
        let rule = rows.iter().find(|row| row.path.len() == depth).map_or(Rule::Plain, |row| row.rule);
        let (free, text) = (self.free || self.rule == Rule::Free, self.rule == Rule::Texts);
        At { rows, depth, minor: self.minor, rule, free, text }
    }

    /// The places below that a patch takes away by not saying them.
    pub(super) fn forgotten(&self) -> impl Iterator<Item = &'static [&'static str]> {
        self.rows.iter().filter(|row| row.rule == Rule::Forgotten).map(|row| row.path)
    }

    /// Whether zero counts as a value here.
    pub(super) fn zero_counts(&self) -> bool {
        self.rule == Rule::Optional && self.minor >= 12
    }
}
