//! What a node may say, field by field: how a level says it, and which leaf of the configuration it is.
//!
//! `every_field_has_a_row` holds the table to the table of kinds, so a new field of a node is covered, or named as not covered.

use super::program::Level::{self, Cluster, Far, Picked, Role, Two, Workers};

/// A field of a node. In its texts `#` is a number that no other item of a program has, three digits that fit an address, and `~` the
/// same as two hexadecimal digits; `%` is the number of the row, the same on all levels; of `<a|b>` one is taken, and `<>` is the one that was taken.
pub(super) struct Row {
    /// Its path in the table of kinds.
    pub(super) field: &'static str,
    /// What a program needs at top level.
    pub(super) top: &'static str,
    /// How a level says it.
    pub(super) line: &'static str,
    /// How a lower level says it again; empty if it only adds.
    pub(super) again: &'static str,
    /// The leaves that it comes to, each in one of some forms, `PATH=VALUE | PATH=VALUE`; a `*` stands for anything, a `?`
    /// before them says that others may come to the same, `$i` for
    /// `machine.network.interfaces`, `$m` for `machine.registries.mirrors`.
    pub(super) got: &'static [&'static str],
}

impl Row {
    /// Whether its leaves can be told from those of other items.
    pub(super) fn is_marked(&self) -> bool {
        !self.got.iter().any(|forms| forms.starts_with('?'))
    }
}

const fn row(
    field: &'static str,
    line: &'static str,
    again: &'static str,
    got: &'static [&'static str],
) -> Row {
    Row { field, top: "", line, again, got }
}

/// A row whose values name a network.
const fn with_net(
    field: &'static str,
    line: &'static str,
    again: &'static str,
    got: &'static [&'static str],
) -> Row {
    Row { field, top: NET, line, again, got }
}

const NET: &str = "network net# { subnet = 172.31.#.0/24, gateway = 172.31.#.1, nameservers = [172.31.#.2], timeservers = [\"zq#.example.org\"] }";

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("runtime", "extensions += [crun], runtime = crun", "", &["?machine.files[/etc/cri/conf.d/20-customization.part].content=*default_runtime_name = \"crun\"*"]),
    row("runtimes", "extensions += [gvisor], runtimes += [gvisor]", "", &["?machine.nodeLabels.talosc.dev/runtime-gvisor=true"]),
    with_net("network", "network = net#", "", &["machine.network.nameservers[]=172.31.#.2 | ResolverConfig/.nameservers[].address=172.31.#.2", "machine.time.servers[]=zq#.example.org | TimeSyncConfig/.ntp.servers[]=zq#.example.org"]),
    row("hostname", "hostname = \"zq#\"", "override hostname = \"zq#\"", &["machine.network.hostname=zq# | HostnameConfig/.hostname=zq#"]),
    with_net("address", "address = 172.31.#.5/24 on net#", "", &["*.addresses[]=172.31.#.5/24 | *.addresses[].address=172.31.#.5/24", "*.routes[].gateway=172.31.#.1", "machine.network.nameservers[]=172.31.#.2 | ResolverConfig/.nameservers[].address=172.31.#.2"]),
    with_net("node-ip", "node-ip = net#", "override node-ip = net#", &["machine.kubelet.nodeIP.validSubnets[]=172.31.#.0/24"]),
    row("link", "link zq# {}", "", &["$i[zq#].interface=zq# | LinkConfig/zq#.name=zq#"]),
    row("link.mac", "link zq% { mac = 3c:ec:ef:00:01:~, dhcp = true }", "", &["$i[].deviceSelector.hardwareAddr=3c:ec:ef:00:01:~ | LinkAliasConfig/zq%.selector.match=*3c:ec:ef:00:01:~*"]),
    row("link.driver", "link zq% { driver = \"zq#\", dhcp = true }", "link zq% { override driver = \"zq#\" }", &["$i[].deviceSelector.driver=zq# | LinkAliasConfig/zq%.selector.match=link.driver == \"zq#\""]),
    row("link.physical", "link zq% { physical = true, dhcp = true }", "", &["?$i[].deviceSelector.physical=true | LinkAliasConfig/zq%.selector.match=true"]),
    row("link.dhcp", "link zq% { dhcp = true }", "link zq% { override dhcp = false }", &["$i[zq%].dhcp=true | DHCPv4Config/zq%.name=zq%"]),
    row("link.mtu", "link zq% { dhcp = true, mtu = 1# }", "link zq% { override mtu = 1# }", &["$i[zq%].mtu=1# | LinkConfig/zq%.mtu=1#"]),
    row("link.vip", "link zq% { dhcp = true, vip = 10.5.5.# }", "link zq% { override vip = 10.5.5.# }", &["$i[zq%].vip.ip=10.5.5.# | Layer2VIPConfig/10.5.5.#.link=zq%"]),
    row("link.addresses", "link zq% { addresses += [10.6.#.5/24] }", "", &["$i[zq%].addresses[]=10.6.#.5/24 | LinkConfig/zq%.addresses[].address=10.6.#.5/24"]),
    row("link.routes", "link zq% { addresses += [10.#.6.6/24], routes += [{ network = 10.#.7.0/24 }] }", "", &["$i[zq%].routes[].network=10.#.7.0/24 | LinkConfig/zq%.routes[*].destination=10.#.7.0/24"]),
    row("link.routes.network", "link zq# { addresses = [10.#.1.6/24], routes = [{ network = 10.#.8.0/24 }] }", "", &["$i[zq#].routes[].network=10.#.8.0/24 | LinkConfig/zq#.routes[*].destination=10.#.8.0/24"]),
    row("link.routes.gateway", "link zq# { addresses = [10.#.2.6/24], routes = [{ network = 10.#.9.0/24, gateway = 10.#.2.7 }] }", "", &["$i[zq#].routes[].gateway=10.#.2.7 | LinkConfig/zq#.routes[*].gateway=10.#.2.7"]),
    row("link.routes.metric", "link zq# { addresses = [10.#.3.6/24], routes = [{ network = 10.#.10.0/24, metric = 5# }] }", "", &["$i[zq#].routes[].metric=5# | LinkConfig/zq#.routes[*].metric=5#"]),
    row("link.vlan", "link zq% { vlan 1# {} }", "", &["$i[zq%].vlans[1#].vlanId=1# | VLANConfig/zq%.1#.vlanID=1#"]),
    row("link.vlan.dhcp", "link zq# { vlan 1# { dhcp = true } }", "", &["$i[zq#].vlans[1#].dhcp=true | DHCPv4Config/zq#.1#.name=zq#.1#"]),
    row("link.vlan.mtu", "link zq% { vlan 2% { mtu = 1# } }", "link zq% { vlan 2% { override mtu = 1# } }", &["$i[zq%].vlans[2%].mtu=1# | VLANConfig/zq%.2%.mtu=1#"]),
    row("link.vlan.vip", "link zq% { vlan 2% { dhcp = true, vip = 10.5.6.# } }", "link zq% { vlan 2% { override vip = 10.5.6.# } }", &["$i[zq%].vlans[2%].vip.ip=10.5.6.# | Layer2VIPConfig/10.5.6.#.link=zq%.2%"]),
    row("link.vlan.addresses", "link zq% { vlan 2% { addresses += [10.7.#.5/24] } }", "", &["$i[zq%].vlans[2%].addresses[]=10.7.#.5/24 | VLANConfig/zq%.2%.addresses[].address=10.7.#.5/24"]),
    row("link.vlan.routes", "link zq% { vlan 2% { addresses += [10.#.16.6/24], routes += [{ network = 10.#.17.0/24 }] } }", "", &["$i[zq%].vlans[2%].routes[].network=10.#.17.0/24 | VLANConfig/zq%.2%.routes[*].destination=10.#.17.0/24"]),
    row("link.vlan.routes.network", "link zq# { vlan 1# { addresses = [10.#.11.6/24], routes = [{ network = 10.#.18.0/24 }] } }", "", &["$i[zq#].vlans[1#].routes[].network=10.#.18.0/24 | VLANConfig/zq#.1#.routes[*].destination=10.#.18.0/24"]),
    row("link.vlan.routes.gateway", "link zq# { vlan 1# { addresses = [10.#.12.6/24], routes = [{ network = 10.#.19.0/24, gateway = 10.#.12.7 }] } }", "", &["$i[zq#].vlans[1#].routes[].gateway=10.#.12.7 | VLANConfig/zq#.1#.routes[*].gateway=10.#.12.7"]),
    row("link.vlan.routes.metric", "link zq# { vlan 1# { addresses = [10.#.13.6/24], routes = [{ network = 10.#.20.0/24, metric = 5# }] } }", "", &["$i[zq#].vlans[1#].routes[].metric=5# | VLANConfig/zq#.1#.routes[*].metric=5#"]),
    row("link.bridge", "link zq% { dhcp = true, bridge += [eth#] }", "", &["$i[zq%].bridge.interfaces[]=eth# | BridgeConfig/zq%.links[]=eth#"]),
    row("link.bond", "link zq# { dhcp = true, bond { mode = active-backup, links = [eth1#] } }", "", &["$i[zq#].bond.interfaces[]=eth1# | BondConfig/zq#.links[]=eth1#", "$i[zq#].dhcp=true | DHCPv4Config/zq#.name=zq#"]),
    row("link.bond.mode", "link zq% { dhcp = true, bond { mode = <balance-rr|active-backup|balance-xor|broadcast|802.3ad|balance-tlb|balance-alb>, links = [eth2%] } }", "", &["$i[zq%].bond.mode=<> | BondConfig/zq%.bondMode=<>"]),
    row("link.bond.links", "link zq% { dhcp = true, bond { mode = active-backup, links += [eth3#] } }", "", &["$i[zq%].bond.interfaces[]=eth3# | BondConfig/zq%.links[]=eth3#"]),
    row("link.bond.lacp-rate", "link zq% { dhcp = true, bond { mode = 802.3ad, links = [eth4%], lacp-rate = <slow|fast> } }", "link zq% { bond { override lacp-rate = <slow|fast> } }", &["$i[zq%].bond.lacpRate=<> | BondConfig/zq%.lacpRate=<>"]),
    row("link.bond.hash-policy", "link zq% { dhcp = true, bond { mode = balance-xor, links = [eth5%], hash-policy = <layer2|\"layer2+3\"|\"layer3+4\"|\"encap2+3\"|\"encap3+4\"> } }", "link zq% { bond { override hash-policy = <layer2|\"layer2+3\"|\"layer3+4\"|\"encap2+3\"|\"encap3+4\"> } }", &["$i[zq%].bond.xmitHashPolicy=<> | BondConfig/zq%.xmitHashPolicy=<>"]),
    row("link.bond.miimon", "link zq% { dhcp = true, bond { mode = active-backup, links = [eth6%], miimon = 1# } }", "link zq% { bond { override miimon = 1# } }", &["$i[zq%].bond.miimon=1# | BondConfig/zq%.miimon=1#"]),
    row("link.bond.updelay", "link zq% { dhcp = true, bond { mode = active-backup, links = [eth7%], miimon = 1, updelay = 2# } }", "link zq% { bond { override updelay = 2# } }", &["$i[zq%].bond.updelay=2# | BondConfig/zq%.updelay=2#"]),
    row("link.bond.downdelay", "link zq% { dhcp = true, bond { mode = active-backup, links = [eth8%], miimon = 1, downdelay = 3# } }", "link zq% { bond { override downdelay = 3# } }", &["$i[zq%].bond.downdelay=3# | BondConfig/zq%.downdelay=3#"]),
    row("timeservers", "timeservers += [\"t#.example.org\"]", "", &["machine.time.servers[]=t#.example.org | TimeSyncConfig/.ntp.servers[]=t#.example.org"]),
    row("install.disk", "install { disk = \"/dev/zq#\" }", "install { override disk = \"/dev/zq#\" }", &["machine.install.disk=/dev/zq#"]),
    row("kernel.modules", "kernel { modules += [\"zq#\"] }", "", &["machine.kernel.modules[zq#].name=zq# | KernelModuleConfig/zq#.name=zq#"]),
    row("kernel.modules.name", "kernel { modules += [{ name = \"zq#\" }] }", "", &["machine.kernel.modules[zq#].name=zq# | KernelModuleConfig/zq#.name=zq#"]),
    row("kernel.modules.parameters", "kernel { modules += [{ name = \"zq#\", parameters = [\"p=#\"] }] }", "", &["machine.kernel.modules[zq#].parameters[]=p=# | KernelModuleConfig/zq#.parameters[]=p=#"]),
    row("kernel.sysctls", "kernel { sysctls { \"net.zq%\" = \"1#\" } }", "kernel { sysctls { override \"net.zq%\" = \"1#\" } }", &["machine.sysctls.net.zq%=1#"]),
    row("kernel.sysfs", "kernel { sysfs { \"block.zq%\" = \"1#\" } }", "kernel { sysfs { override \"block.zq%\" = \"1#\" } }", &["machine.sysfs.block.zq%=1#"]),
    row("kubelet.args", "kubelet { args { zq% = \"v#\" } }", "kubelet { args { override zq% = \"v#\" } }", &["machine.kubelet.extraArgs.zq%=v#"]),
    row("kubelet.config", "kubelet { config { maxPods = 1# } }", "kubelet { config { override maxPods = 1# } }", &["machine.kubelet.extraConfig.maxPods=1#"]),
    row("kubelet.config", "kubelet { config { allowedUnsafeSysctls += [\"net.zq#\"] } }", "", &["machine.kubelet.extraConfig.allowedUnsafeSysctls[]=net.zq#"]),
    row("kubelet.config", "kubelet { config { evictionHard { \"memory.available\" = \"1#Mi\" } } }", "kubelet { config { evictionHard { override \"memory.available\" = \"1#Mi\" } } }", &["machine.kubelet.extraConfig.evictionHard.memory.available=1#Mi"]),
    row("node-labels", "node-labels { zq% = \"v#\" }", "node-labels { override zq% = \"v#\" }", &["machine.nodeLabels.zq%=v#"]),
    row("node-annotations", "node-annotations { zq% = \"v#\" }", "node-annotations { override zq% = \"v#\" }", &["machine.nodeAnnotations.zq%=v#"]),
    row("node-taints", "node-taints { zq% = \"v#:NoSchedule\" }", "node-taints { override zq% = \"v#:NoExecute\" }", &["machine.nodeTaints.zq%=v#:No*"]),
    row("mounts", "mounts += [\"/var/zq#\"]", "", &["machine.kubelet.extraMounts[/var/zq#].source=/var/zq#"]),
    row("mounts.destination", "mounts += [{ destination = \"/var/zq#\" }]", "", &["machine.kubelet.extraMounts[/var/zq#].destination=/var/zq#"]),
    row("mounts.source", "mounts += [{ destination = \"/var/zq#\", source = \"/var/s#\" }]", "", &["machine.kubelet.extraMounts[/var/zq#].source=/var/s#"]),
    row("mounts.type", "mounts += [{ destination = \"/var/zq#\", type = \"t#\" }]", "", &["machine.kubelet.extraMounts[/var/zq#].type=t#"]),
    row("mounts.options", "mounts += [{ destination = \"/var/zq#\", options = [\"o#\"] }]", "", &["machine.kubelet.extraMounts[/var/zq#].options[]=o#"]),
    row("volume", "volume zq# { disk = 'system_disk', min-size = 1GiB }", "", &["UserVolumeConfig/zq#.name=zq#"]),
    row("volume.disk", "volume zq% { disk = 'disk.model == \"zq#\"', min-size = 1GiB }", "volume zq% { override disk = 'disk.model == \"zq#\"' }", &["UserVolumeConfig/zq%.provisioning.diskSelector.match=disk.model == \"zq#\""]),
    row("volume.min-size", "volume zq% { disk = 'system_disk', min-size = 1#MiB }", "volume zq% { override min-size = 1#MiB }", &["UserVolumeConfig/zq%.provisioning.minSize=1#MiB"]),
    row("volume.max-size", "volume zq% { disk = 'system_disk', min-size = 1GiB, max-size = 1#GiB }", "volume zq% { override max-size = 1#GiB }", &["UserVolumeConfig/zq%.provisioning.maxSize=1#GiB"]),
    row("volume.grow", "volume zq% { disk = 'system_disk', min-size = 1GiB, grow = <true|false> }", "volume zq% { override grow = <true|false> }", &["UserVolumeConfig/zq%.provisioning.grow=<>"]),
    row("volume.filesystem", "volume zq% { disk = 'system_disk', min-size = 1GiB, filesystem = <xfs|ext4> }", "volume zq% { override filesystem = <xfs|ext4> }", &["UserVolumeConfig/zq%.filesystem.type=<>"]),
    row("mirrors", "mirrors { \"zq#.example.org\" { endpoints = [\"https://m.example.org\"] } }", "", &["$m.zq#.example.org.endpoints[]=https://m.example.org | RegistryMirrorConfig/zq#.example.org.endpoints[].url=https://m.example.org"]),
    row("mirrors.endpoints", "mirrors { \"zq%.example.org\" { endpoints += [\"https://m#.example.org\"] } }", "", &["$m.zq%.example.org.endpoints[]=https://m#.example.org | RegistryMirrorConfig/zq%.example.org.endpoints[].url=https://m#.example.org"]),
    row("mirrors.override-path", "mirrors { \"zq%.example.org\" { endpoints = [\"https://m.example.org\"], override-path = <true|false> } }", "mirrors { \"zq%.example.org\" { override override-path = <true|false> } }", &["$m.zq%.example.org.overridePath=<> | RegistryMirrorConfig/zq%.example.org.endpoints[].overridePath=<>"]),
    row("mirrors.skip-fallback", "mirrors { \"zq%.example.org\" { endpoints = [\"https://m.example.org\"], skip-fallback = <true|false> } }", "mirrors { \"zq%.example.org\" { override skip-fallback = <true|false> } }", &["$m.zq%.example.org.skipFallback=<> | RegistryMirrorConfig/zq%.example.org.skipFallback=<>"]),
    Row { field: "patches", top: "patch p-# { machine.env.ZQ# = \"v\" }", line: "patches += [p-#]", again: "", got: &["machine.env.ZQ#=v"] },
    row("patch", "patch zq# { machine.env.ZQ# = \"v\" }", "", &["machine.env.ZQ#=v"]),
    row("patch.machine", "patch zq# { machine.sysctls.\"net.zq%\" = \"1#\" }", "patch zq# { machine.sysctls.\"net.zq%\" = \"1#\" }", &["machine.sysctls.net.zq%=1#"]),
    row("patch.cluster", "patch zq# { cluster.apiServer.extraArgs.zq% = \"v#\" }", "patch zq# { cluster.apiServer.extraArgs.zq% = \"v#\" }", &["cluster.apiServer.extraArgs.zq%=v#"]),
    row("patch.document", "patch zq# { document KmsgLogConfig zq% { url = \"tcp://h#.example.org:1/\" } }", "patch zq# { document KmsgLogConfig zq% { url = \"tcp://h#.example.org:1/\" } }", &["KmsgLogConfig/zq%.url=tcp://h#.example.org:1/"]),
];

/// Fields that are no leaf of the configuration of a machine.
pub(super) const NOWHERE: &[(&str, &str)] = &[
    ("gpu", "rules ask for it, nothing is written"),
    ("extensions", "Omni makes the image; the list stands in the template: `tests/judges/levels.rs`"),
    ("preinstalled", "written with the extensions"),
    ("kernel.args", "Omni makes the image; the list stands in the template"),
    ("install.selector", "stands in the template, for an Omni that is newer than the client of the judge"),
    ("labels", "of the resource in Omni"),
    ("annotations", "of the resource in Omni"),
    ("patch.id", "of the patch in Omni"),
    ("patch.labels", "of the patch in Omni"),
    ("patch.annotations", "of the patch in Omni"),
];

/// What cannot be said at some levels, and why.
#[rustfmt::skip]
pub(super) const UNSAID: &[(&str, &[Level], &str)] = &[
    ("runtime", &[Far], "a machine that a class picks takes its extensions from its class"),
    ("runtimes", &[Far], "a machine that a class picks takes its extensions from its class"),
    ("hostname", SHARED, "it is the name of one machine"),
    ("address", SHARED, "it is the address of one machine"),
    ("link.addresses", SHARED, "they are those of one machine"),
    ("link.routes", SHARED, "its link has an address of one machine"),
    ("link.routes.network", SHARED, "its link has an address of one machine"),
    ("link.routes.gateway", SHARED, "its link has an address of one machine"),
    ("link.routes.metric", SHARED, "its link has an address of one machine"),
    ("link.vlan.addresses", SHARED, "they are those of one machine"),
    ("link.vlan.routes", SHARED, "its VLAN has an address of one machine"),
    ("link.vlan.routes.network", SHARED, "its VLAN has an address of one machine"),
    ("link.vlan.routes.gateway", SHARED, "its VLAN has an address of one machine"),
    ("link.vlan.routes.metric", SHARED, "its VLAN has an address of one machine"),
    ("link.vip", &[Role, Workers, Picked, Two, Far], "workers have no virtual address"),
    ("link.vlan.vip", &[Role, Workers, Picked, Two, Far], "workers have no virtual address"),
    ("install.disk", &[Far], "a machine that a class picks is installed already"),
];

/// The levels of which several machines get what they say.
const SHARED: &[Level] = &[Cluster, Role];
