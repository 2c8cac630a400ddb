//! Every invariant of the standard library: what breaks it, and a repair.

use super::all;

/// An invariant, what breaks it, and what is replaced by what to mend it. `@` stands for the versions of a cluster.
type Row = (&'static str, &'static str, &'static str, &'static str);

const LISTED: &str = "machine a { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b001 }
machine b { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b002 }
";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("gpu-needs-runtime", "import \"std/nvidia\"\nrole g with nvidia.production {}\ncluster x { @ controlplane {}, workers { role = g } }", "production {}", "production { runtime = nvidia }"),
    ("gpu-needs-driver", "cluster x { @ controlplane {}, workers { gpu = nvidia, runtimes += [nvidia], preinstalled = [nvidia-container-toolkit-production], allow(extension-requires, \"from elsewhere\") } }", "gpu = nvidia, runtimes += [nvidia], preinstalled = [nvidia-container-toolkit-production], allow(extension-requires, \"from elsewhere\")", ""),
    ("gpu-on-control-plane", "import \"std/nvidia\"\nrole g with nvidia.production { runtime = nvidia }\ncluster x { @ controlplane { role = g } }", "controlplane", "schedule-on-control-planes = true\n controlplane"),
    ("intel-gpu-needs-driver", "cluster x { @ extensions = [iscsi-tools], controlplane {}, workers { gpu = intel } }", "gpu = intel", "gpu = intel, extensions += [i915]"),
    ("amd-gpu-needs-driver", "cluster x { @ extensions = [iscsi-tools], controlplane {}, workers { gpu = amd } }", "gpu = amd", "gpu = amd, extensions += [amdgpu]"),
    ("gpu-driver-unsaid", "cluster x { @ controlplane {}, workers { gpu = intel } }", "gpu = intel", "gpu = intel, preinstalled = [xe]"),
    ("longhorn-beside-its-volume", "import \"std/longhorn\"\nrole w with longhorn.v1 { volume longhorn { disk = '!system_disk', min-size = 10GiB } }\ncluster x { @ controlplane {}, workers { role = w } }", "longhorn.v1", "longhorn.v1(source = \"/var/mnt/longhorn\")"),
    ("zfs-hangs-at-shutdown", "import \"std/zfs\"\nrole s with zfs.zfs {}\ncluster x { talos = v1.13.3, created-with = v1.13.3, kubernetes = v1.35.0\n controlplane {}, workers { role = s } }", "v1.13.3", "v1.13.4"),
    ("multipath-needs-path-selector", "cluster x { @ controlplane {}, workers { extensions = [multipath-tools], kernel { modules = [dm_multipath] } } }", "[dm_multipath]", "[dm_multipath, dm_round_robin]"),
    ("nfs-utils-with-nvidia", "import \"std/nvidia\"\nrole g with nvidia.production { runtime = nvidia, extensions += [nfs-utils] }\ncluster x { omni = v1.10, talos = v1.12.1, created-with = v1.12.1, kubernetes = v1.34.0\n controlplane {}, workers { role = g } }", "v1.12.1", "v1.12.7"),
    ("gvisor-needs-user-namespaces", "cluster x { @ controlplane {}, workers { extensions = [gvisor], runtimes += [gvisor] } }", "workers {", "workers { kernel { sysctls { user.max_user_namespaces = 11255 } }, "),
    ("longhorn-needs-extensions", "cluster x { @ controlplane {}, workers { mounts = [\"/var/lib/longhorn\"], extensions = [iscsi-tools] } }", "[iscsi-tools]", "[iscsi-tools, util-linux-tools]"),
    ("longhorn-extensions-unsaid", "cluster x { @ controlplane {}, workers { mounts = [\"/var/lib/longhorn\"] } }", "workers {", "workers { preinstalled = [iscsi-tools, util-linux-tools], "),
    ("cpu-below-x86-64-v2", "import \"std/proxmox\"\nclass c via proxmox { cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = \"true\", cpu_type = qemu64 }\ncluster x { @ install { disk = \"/dev/sda\" }, controlplane { class = c, size = 1 } }", "qemu64", "x86-64-v2-AES"),
    ("guest-agent-missing", "import \"std/proxmox\"\nclass c via proxmox { cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = \"true\" }\ncluster x { @ install { disk = \"/dev/sda\" }, controlplane { class = c, size = 1, extensions = [nfsd] } }", "[nfsd]", "[nfsd, qemu-guest-agent]"),
    ("even-control-planes", "class c { match = [\"a\"] }\ncluster x { @ controlplane { class = c, size = 2 } }", "size = 2", "size = 3"),
    ("unlimited-control-planes", "class c { match = [\"a\"] }\ncluster x { @ controlplane { class = c, size = unlimited } }", "unlimited", "3"),
    ("unlimited-workers-share-class", "class c { match = [\"a\"] }\nclass d { match = [\"b\"] }\ncluster x { @ controlplane { class = c, size = 3 }, workers { class = c, size = unlimited } }", "workers { class = c", "workers { class = d"),
    ("identity-needs-one-machine", "class c { match = [\"a\"] }\ncluster x { @ controlplane { class = c, size = 3, hostname = \"n\" } }", "size = 3", "size = 1"),
    ("gateway-in-subnet", "network lan { subnet = 10.0.0.0/24, gateway = 10.0.1.1 }\ncluster x { @ network = lan, controlplane {} }", "10.0.1.1", "10.0.0.1"),
    ("vip-in-subnet", "network lan { subnet = 10.0.0.0/24, vip = 10.0.1.9, link eth0 {} }\ncluster x { @ network = lan, controlplane {} }", "10.0.1.9", "10.0.0.9"),
    ("vip-is-not-gateway", "network lan { subnet = 10.0.0.0/24, gateway = 10.0.0.1, vip = 10.0.0.1, link eth0 {} }\ncluster x { @ network = lan, controlplane {} }", "vip = 10.0.0.1", "vip = 10.0.0.9"),
    ("cni-unexplained", "cluster x { @ cni = none, controlplane {} }", "none", "external(\"cilium by Flux\")"),
    ("nvidia-driver-without-toolkit", "import \"std/nvidia\"\nrole g with nvidia.production { unset gpu, extensions -= [nvidia-container-toolkit-production] }\ncluster x { @ controlplane {}, workers { role = g } }", "unset gpu, extensions -= [nvidia-container-toolkit-production]", "runtime = nvidia"),
    ("gpu-class-passes-device", "import \"std/nvidia\"\nimport \"std/proxmox\"\nrole g with nvidia.production { runtime = nvidia, extensions += [qemu-guest-agent] }\nclass c via proxmox { cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = \"true\", balloon = false, machine_type = q35 }\ncluster x { @ install { disk = \"/dev/sda\" }, controlplane {}, workers { role = g, class = c, size = 1 } }", "machine_type", "pci_devices = [{ mapping = \"m\", pcie = true }], machine_type"),
    ("gpu-class-balloons", "import \"std/nvidia\"\nimport \"std/proxmox\"\nrole g with nvidia.production { runtime = nvidia, extensions += [qemu-guest-agent] }\nclass c via proxmox { cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = \"true\", machine_type = q35, pci_devices = [{ mapping = \"m\", pcie = true }] }\ncluster x { @ install { disk = \"/dev/sda\" }, controlplane {}, workers { role = g, class = c, size = 1 } }", "machine_type", "balloon = false, machine_type"),
    ("gpu-class-machine-type", "import \"std/nvidia\"\nimport \"std/proxmox\"\nrole g with nvidia.production { runtime = nvidia, extensions += [qemu-guest-agent] }\nclass c via proxmox { cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = \"true\", balloon = false, machine_type = i440fx, pci_devices = [{ mapping = \"m\", pcie = true }] }\ncluster x { @ install { disk = \"/dev/sda\" }, controlplane {}, workers { role = g, class = c, size = 1 } }", "i440fx", "q35"),
    ("hugepages-balloon", "import \"std/proxmox\"\nclass c via proxmox { cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = \"true\", hugepages = 2MB }\ncluster x { @ install { disk = \"/dev/sda\" }, controlplane { class = c, size = 1 } }", "hugepages", "balloon = false, hugepages"),
    ("hetzner-private-network", "import \"std/hetzner\"\nclass c via hetzner { server_type = \"cx22\", network_mode = private }\ncluster x { @ controlplane { class = c, size = 1 } }", "network_mode", "network_name = \"lan\", network_mode"),
    ("oxide-needs-network", "import \"std/oxide\"\nclass c via oxide { project = \"p\", cpus = 2, memory = 4GiB, boot_disk_size = 20GiB, network_interfaces = [], auto_restart_policy = never, cpu_platform = amd_milan, disks = [] }\ncluster x { @ controlplane { class = c, size = 1 } }", "network_interfaces = []", "network_interfaces = [{ ip_config = v4, subnet_name = \"s\", vpc_name = \"v\" }]"),
    ("scaleway-needs-image", "import \"std/scaleway\"\nclass c via scaleway { commercial_type = \"DEV1-S\" }\ncluster x { @ controlplane { class = c, size = 1 } }", "commercial_type", "image_name = \"talos\", commercial_type"),
    ("truenas-memory-floor", "import \"std/truenas\"\nclass c via truenas { pool = \"tank\", cpus = 4, memory = 8GiB, min_memory = 9GiB, disk_size = 40GiB, network_interface = \"br0\", boot_method = UEFI, architecture = amd64 }\ncluster x { @ install { disk = \"/dev/sda\" }, controlplane { class = c, size = 1 } }", "9GiB", "4GiB"),
    ("vergeos-guest-agent", "import \"std/vergeos\"\nclass c via vergeos { cluster_id = 1, vnet_id = 1, cores = 2, memory = 4GiB, architecture = amd64, disk_size = 40GiB, guest_agent = true }\ncluster x { @ install { disk = \"/dev/sda\" }, controlplane { class = c, size = 1 } }", "size = 1", "size = 1, extensions = [qemu-guest-agent]"),
];

fn names(text: &str) -> Vec<String> {
    let text =
        text.replace('@', "omni = v1.10, talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0\n");
    all(&text)
        .into_iter()
        .map(|seen| format!("{}: {}", seen.code.rsplit(' ').next().unwrap_or_default(), seen.message))
        .collect()
}

#[test]
fn every_invariant_is_broken_and_mended() {
    let mut wrong = Vec::new();
    for (name, text, from, to) in ROWS {
        let of =
            |found: &[String]| found.iter().filter(|seen| seen.starts_with(&format!("{name}: "))).count();
        let broken = names(text);
        let others = broken.iter().filter(|seen| !seen.starts_with("unused-")).count();
        if of(&broken) != 1 || others != 1 {
            wrong.push(format!("{name}: {broken:?}"));
        }
        let mended = text.replacen(from, to, 1);
        assert_ne!(&mended, text, "{name}");
        let left = names(&mended);
        if left.iter().any(|seen| !seen.starts_with("unused-")) {
            wrong.push(format!("{name}, mended: {left:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_invariant_of_the_standard_library_has_a_row() {
    let missing: Vec<&str> = talosc::world::stdlib::names("invariant")
        .filter(|name| !ROWS.iter().any(|row| row.0 == *name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(
        names(&format!("{LISTED}cluster x {{ @ controlplane {{ machines = [a, b] }} }}"))[0]
            .starts_with("even-")
    );
}
