//! Rules on networks, addresses and machines that look at more than one level: each with what it must not speak of.

use super::metal::{compile, findings, patches, small, template};

/// Codes of the findings.
fn codes(source: &str) -> Vec<String> {
    findings(source).into_iter().map(|(code, ..)| code).collect()
}

#[test]
fn an_address_that_says_no_network_is_compared() {
    // The control planes name the network, the workers name none.
    let pair = |worker: &str| {
        let source = small("v1.12.0", "  vip = 10.0.0.9", "  address = 10.0.0.5/24 on lan", worker, "");
        source
            .replace("kubernetes = v1.34.0\n  network = lan\n", "kubernetes = v1.34.0\n")
            .replace("controlplane { machines", "controlplane { network = lan, machines")
    };
    assert_eq!(codes(&pair("  address = 10.0.0.6/24")), [""; 0]);
    assert_eq!(codes(&pair("  address = 10.0.0.5/24")), ["address-taken"]);
    // What the network keeps is kept from it too.
    for kept in ["10.0.0.1", "10.0.0.9", "10.0.0.255"] {
        assert_eq!(codes(&pair(&format!("  address = {kept}/24"))), ["address-reserved"], "{kept}");
    }
    // So is the virtual address of a link, which is of no network.
    let source = pair("  address = 10.7.0.9/24").replace(
        "controlplane { network = lan, machines",
        "controlplane { network = lan, link eth0 { vip = 10.7.0.9 }, machines",
    );
    assert!(codes(&source).contains(&"address-reserved".to_owned()), "{:?}", codes(&source));
    // Two links may each have the address on a network of its own.
    let apart = pair("  link eth9 { dhcp = true, addresses = [10.9.0.1/24] }");
    assert_eq!(codes(&apart), [""; 0]);
}

#[test]
fn several_machines_may_have_an_address_of_a_loopback_or_of_one_link() {
    let pair = |link: &str, address: &str| {
        let link = format!("  link {link} {{ addresses = [{address}] }}");
        let source = small(
            "v1.12.0",
            "  link eth0",
            &format!("  address = 10.0.0.5/24 on lan.eth0\n{link}"),
            &link,
            "",
        );
        codes(&source)
    };
    for (link, address) in [
        ("lo", "10.99.0.1/32"),
        ("dummy0", "10.99.0.1/32"),
        ("usb0", "169.254.1.1/30"),
        ("usb0", "fe80::1/64"),
    ] {
        assert_eq!(pair(link, address), [""; 0], "{link} {address}");
    }
    assert_eq!(pair("eth1", "10.99.0.1/32"), ["address-taken"]);
    // One that the network has is one of the network.
    assert_eq!(pair("lo", "10.0.0.7/32"), ["address-taken"]);
}

#[test]
fn volumes_that_are_not_understood_or_too_many_are_not_judged() {
    let volumes = |text: &str| {
        findings(&format!(
            "class any {{ match = [\"site = home\"] }}\ncluster home {{\n  talos = v1.13.7, kubernetes = v1.35.0\n  \
             volume late {{ disk = \"system_disk\", min-size = 10GiB }}\n{text}\n  \
             controlplane {{ class = any, size = 3 }}\n}}\n"
        ))
        .into_iter()
        .map(|(code, ..)| code)
        .collect::<Vec<_>>()
    };
    let ephemeral = |said: &str| {
        volumes(&format!(
            "  patch disk {{ document VolumeConfig EPHEMERAL {{ provisioning {{ {said} }} }} }}"
        ))
    };
    assert_eq!(volumes(""), ["volumes-overlap"]);
    assert_eq!(ephemeral("maxSize = \"50GiB\""), [""; 0]);
    // What is wrong with its selector is one finding.
    assert_eq!(ephemeral("maxSize = \"50GiB\", diskSelector.match = \"disk.size >\""), ["cel-syntax"]);
    // What limits it may be any of the volumes.
    let many: String = (0..70)
        .map(|n| format!("  volume v{n} {{ disk = \"disk.serial == '{n}'\", min-size = 1GiB }}\n"))
        .collect();
    let limit = "  patch disk { document VolumeConfig EPHEMERAL { provisioning.maxSize = \"50GiB\" } }";
    assert_eq!(volumes(&(many + limit)), [""; 0]);
}

#[test]
fn volumes_of_a_machine_that_a_class_picks_up_are_judged() {
    let source = |said: &str| {
        format!(
            "class any {{ match = [\"site = home\"] }}\n\
             machine m {{\n  id = 4c4c4544-0031-4210-8052-b4c04f4b3001\n  class = any\n  \
             patch data {{ document UserVolumeConfig data {{ provisioning {{ {said} }} }} }}\n}}\n\
             cluster home {{\n  talos = v1.13.7, kubernetes = v1.35.0\n  controlplane {{ class = any, size = 3 }}\n}}\n"
        )
    };
    assert_eq!(codes(&source("diskSelector.match = \"disk.rotational\", minSize = \"10GiB\"")), [""; 0]);
    assert_eq!(codes(&source("diskSelector.match = \"disk.rotational\"")), ["volume-incomplete"]);
}

#[test]
fn addresses_without_a_network_in_two_clusters() {
    let cluster = |name: &str, digit: u8, address: &str| {
        format!(
            "machine {name} {{ id = 4c4c4544-0031-4210-8052-b4c04f4b300{digit}, address = {address} }}\n\
             cluster c{digit} {{\n  talos = v1.13.7, created-with = v1.13.0, kubernetes = v1.34.0\n  \
             controlplane {{ machines = [{name}] }}\n}}\n"
        )
    };
    let lan = "network lan { subnet = 10.0.0.0/24, gateway = 10.0.0.1 }\nnetwork far { subnet = 10.0.0.0/24, gateway = 10.0.0.1 }\n";
    let both = |first: &str, second: &str| {
        codes(&(lan.to_owned() + &cluster("a", 1, first) + &cluster("b", 2, second)))
    };
    assert_eq!(both("10.0.0.5/24", "10.0.0.6/24"), ["unused-declaration"; 2]);
    let shared = both("10.0.0.5/24", "10.0.0.5/24");
    assert_eq!(shared.iter().filter(|code| *code == "address-shared").count(), 1, "{shared:?}");
    // One of them says its network.
    for (first, second) in [("10.0.0.5/24 on lan", "10.0.0.5/24"), ("10.0.0.5/24", "10.0.0.5/24 on lan")] {
        let shared = both(first, second);
        assert_eq!(shared.iter().filter(|code| *code == "address-shared").count(), 1, "{shared:?}");
    }
    // Two networks that are said may have the same addresses, unless they are one by their range and router.
    assert_eq!(both("10.0.0.5/24 on lan", "10.0.0.5/24 on far"), ["address-shared"]);
    let apart = lan.replacen("10.0.0.1 }\nnetwork far", "10.0.0.2 }\nnetwork far", 1);
    let apart = apart + &cluster("a", 1, "10.0.0.5/24 on lan") + &cluster("b", 2, "10.0.0.5/24 on far");
    assert_eq!(codes(&apart), [""; 0]);
}

#[test]
fn virtual_addresses_of_two_clusters() {
    let cluster = |name: &str, network: &str| {
        format!(
            "class {name} {{ match = [\"a = {name}\"] }}\ncluster c{name} {{\n  talos = v1.13.7, kubernetes = v1.34.0, network = {network}\n  \
             controlplane {{ class = {name}, size = 1 }}\n}}\n"
        )
    };
    let network = |name: &str, gateway: &str, vip: &str| {
        format!("network {name} {{ subnet = 10.0.0.0/24, gateway = {gateway}, vip = {vip} }}\n")
    };
    let both = |first: &str, second: &str| {
        codes(&(first.to_owned() + second + &cluster("a", "one") + &cluster("b", "two")))
    };
    let one = network("one", "10.0.0.1", "10.0.0.9");
    assert_eq!(both(&one, &network("two", "10.0.0.1", "10.0.0.9")), ["address-shared"]);
    assert_eq!(both(&one, &network("two", "10.0.0.1", "10.0.0.8")), [""; 0]);
    assert_eq!(both(&one, &network("two", "10.0.0.2", "10.0.0.9")), [""; 0]);
    let same = one + &cluster("a", "one") + &cluster("b", "one");
    assert_eq!(codes(&same), ["address-shared"]);
}

#[test]
fn what_two_levels_say_is_written_once() {
    for born in ["v1.11.0", "v1.13.0"] {
        let network = "  nameservers = [10.0.0.2], timeservers = [\"t.example.net\"]";
        let own = "  link eth0 { addresses += [10.0.0.6/24 on lan] }";
        let role = "role r {\n  network = lan\n  link eth0 { addresses = [10.0.1.6/24], mtu = 1400 }\n}\n";
        let source =
            small(born, network, "", own, "").replace("workers { machines", "workers { role = r, machines");
        let text = template(&(role.to_owned() + &source));
        let all = [
            "\"10.0.0.2\"",
            "t.example.net",
            "10.0.0.6/24",
            "10.0.1.6/24",
            "mtu: 1400",
            "gateway: \"10.0.0.1\"",
        ];
        for once in all {
            assert_eq!(text.matches(once).count(), 1, "{born} {once}: {text}");
        }
    }
}

#[test]
fn links_that_rely_on_the_dhcp_of_their_network_keep_it() {
    let (network, own) =
        ("  link eth0", "  link store { mac = 3c:ec:ef:1a:2b:31, addresses = [10.9.0.6/24] }");
    let written = |born: &str| patches(&small(born, network, "", own, ""), "Machine", "3002");
    // In the v1alpha1 document Talos asks on each interface that has no entry.
    assert!(!written("v1.11.0").contains("eth0"), "{}", written("v1.11.0"));
    assert!(written("v1.12.0").contains("kind: DHCPv4Config\n        name: eth0"), "{}", written("v1.12.0"));
    // What the node says itself holds beside its address.
    let both = "  address = 10.0.0.6/24 on lan\n  link eth0 { dhcp = true }";
    let written = patches(&small("v1.12.0", "", "", both, ""), "Machine", "3002");
    assert!(written.contains("10.0.0.6/24") && written.contains("DHCPv4Config"), "{written}");
    // `false` selects nothing.
    let named = "  link eth0 { physical = false, dhcp = true }";
    let written = patches(&small("v1.12.0", "", "", named, ""), "Machine", "3002");
    assert!(!written.contains("LinkAliasConfig"), "{written}");
}

#[test]
fn lengths_of_prefixes() {
    let source = |cp: &str, worker: &str| {
        let [cp, worker] = [cp, worker].map(|address| format!("  address = {address} on lan"));
        small("v1.12.0", "", &cp, &worker, "")
    };
    assert_eq!(codes(&source("10.0.0.5/24", "10.0.0.6/24")), [""; 0]);
    assert_eq!(codes(&source("10.0.0.5/32", "10.0.0.6/24")), [""; 0]);
    // The same mistake twice is one finding, with both places.
    let both = source("10.0.0.5/16", "10.0.0.6/16");
    assert_eq!(codes(&both), ["other-prefix"]);
    assert_eq!(compile(&both, |compilation| compilation.findings[0].labels.len()), 3);
    assert_eq!(codes(&source("10.0.0.5/16", "10.0.0.6/25")), ["other-prefix", "other-prefix"]);
    // A duplicate is said first.
    assert_eq!(codes(&source("10.0.0.5/24", "10.0.0.5/16")), ["address-taken"]);
}

#[test]
fn machines_without_a_default_route() {
    let source = |network: &str, cp: &str| {
        let worker = "  address = 10.0.0.6/24 on lan\n  link eth0 { routes = [{ gateway = 10.0.0.1 }] }";
        small("v1.13.0", network, cp, worker, "").replace(", gateway = 10.0.0.1\n", "\n")
    };
    let address = "  address = 10.0.0.5/24 on lan";
    let off = "  dhcp = false";
    assert_eq!(codes(&source(off, address)), ["no-default-route"]);
    // A server may give one.
    assert_eq!(codes(&source("", address)), [""; 0]);
    // A gateway, a route, another link that asks, a patch.
    assert_eq!(codes(&source("  gateway = 10.0.0.1, dhcp = false", address)), [""; 0]);
    for own in [
        "  link eth0 { routes = [{ gateway = 10.0.0.1 }] }",
        "  link eth0 {}\n  link eth1 { dhcp = true }",
        "  link eth0 { vlan 7 { dhcp = true } }",
        "  patch p { document DHCPv4Config eth1 {} }",
    ] {
        let on = if own.contains("eth1 {") { " on lan.eth0" } else { " on lan" };
        let cp = format!("  address = 10.0.0.5/24{on}\n{own}");
        let found = codes(&source(off, &cp));
        assert!(!found.contains(&"no-default-route".to_owned()), "{own}: {found:?}");
    }
    // A route to one network is not the default one.
    let one = "  address = 10.0.0.5/24 on lan\n  link eth0 { routes = [{ network = 10.9.0.0/16, gateway = 10.0.0.2 }] }";
    assert_eq!(codes(&source(off, one)), ["no-default-route"]);
    // Only an `address` takes the gateway of the network.
    let link = "  link eth0 { addresses = [10.0.0.5/24] }";
    assert_eq!(codes(&source("  gateway = 10.0.0.1, dhcp = false", link)), ["no-default-route"]);
}

/// A cluster on Proxmox whose class has what is given, with fields of the cluster and of its only set.
fn made(class: &str, cluster: &str, set: &str) -> String {
    format!(
        "import \"std/proxmox\"\nnetwork lan {{ subnet = 10.0.0.0/24, gateway = 10.0.0.1 }}\n\
         class vm via proxmox {{\n  cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = 'true'\n{class}\n}}\n\
         cluster c {{\n  talos = v1.13.7, kubernetes = v1.34.0, network = lan, extensions = [qemu-guest-agent]\n{cluster}\n  \
         controlplane {{ class = vm, size = 1\n{set}\n  }}\n}}\n"
    )
}

const DISK: &str = "  install { disk = \"/dev/sda\" }";

#[test]
fn several_network_cards_and_one_address() {
    let address = "    address = 10.0.0.5/24 on lan";
    let cards = "  additional_nics = [{ bridge = \"vmbr1\" }]";
    assert_eq!(codes(&made("", DISK, address)), [""; 0]);
    assert_eq!(codes(&made(cards, DISK, "")), [""; 0]);
    assert_eq!(codes(&made(cards, DISK, address)), ["ambiguous-link"]);
    assert_eq!(codes(&made(cards, DISK, &format!("{address}\n    link ens18 {{}}"))), [""; 0]);
    // A virtual address has to go somewhere too.
    let vip = |source: String| source.replace("gateway = 10.0.0.1 }", "gateway = 10.0.0.1, vip = 10.0.0.9 }");
    assert_eq!(codes(&vip(made(cards, DISK, ""))), ["ambiguous-link"]);
    assert_eq!(codes(&vip(made("", DISK, ""))), [""; 0]);
    // A provider says itself which of its fields lists cards.
    let own = |said: &str, listed: &str| {
        let provider = format!(
            "provider mine {{\n{said}\n  field nics {{\n    type = list\n    field name {{ type = String }}\n  }}\n}}"
        );
        let source = made(&format!("  nics = [{listed}]"), DISK, address);
        source
            .replace("import \"std/proxmox\"", &provider)
            .replace("via proxmox", "via mine")
            .replace("  cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = 'true'\n", "")
            .replace(", extensions = [qemu-guest-agent]", "")
    };
    let (one, two) = ("{ name = \"a\" }", "{ name = \"a\" }, { name = \"b\" }");
    assert_eq!(codes(&own("  cards-field = \"nics\"", one)), [""; 0]);
    assert_eq!(codes(&own("  cards-field = \"nics\"", two)), ["ambiguous-link"]);
    assert_eq!(codes(&own("  cards-field = \"nics\"\n  first-card = true", one)), ["ambiguous-link"]);
    assert_eq!(codes(&own("", two)), [""; 0]);
}

#[test]
fn where_provisioned_machines_install() {
    assert_eq!(codes(&made("", "", "")), ["install-disk-missing"]);
    assert_eq!(codes(&made("", DISK, "")), [""; 0]);
    assert_eq!(codes(&made("", "", DISK)), [""; 0]);
    assert_eq!(codes(&made("", "", "    patch p { machine.install.disk = \"/dev/sda\" }")), [""; 0]);
    assert_eq!(codes(&made("", "", "").replace("v1.13.7", "v1.12.7")), [""; 0]);
    assert_eq!(codes(&made("", "  allow(install-disk-missing, \"tried\")", "")), [""; 0]);
    // Other providers start machines from an image.
    let kubevirt = made("", "", "")
        .replace("proxmox", "kubevirt")
        .replace(", storage_selector = 'true'", ", architecture = amd64");
    let found = codes(&kubevirt);
    assert!(!found.contains(&"install-disk-missing".to_owned()), "{found:?}");
}

#[test]
fn networks_of_pods_and_services_are_apart() {
    let source = |subnet: &str, cluster: &str| {
        format!(
            "network lan {{ subnet = {subnet} }}\ncluster c {{\n  talos = v1.13.7, kubernetes = v1.34.0, network = lan\n{cluster}\n  controlplane {{}}\n}}\n"
        )
    };
    assert_eq!(codes(&source("10.0.0.0/24", "")), [""; 0]);
    // Inside of what Talos takes by itself.
    assert_eq!(codes(&source("10.244.3.0/24", "")), ["subnets-overlap"]);
    assert_eq!(codes(&source("10.100.0.0/16", "")), ["subnets-overlap"]);
    // A wide network around it may leave it free; one that is written is to be apart.
    assert_eq!(codes(&source("10.0.0.0/8", "")), [""; 0]);
    assert_eq!(codes(&source("10.0.0.0/8", "  pod-subnets = [10.42.0.0/16]")), ["subnets-overlap"]);
    assert_eq!(codes(&source("192.168.0.0/24", "  pod-subnets = [10.96.0.0/16]")), ["subnets-overlap"]);
    let both = "  pod-subnets = [10.42.0.0/16], service-subnets = [10.42.128.0/20]";
    assert_eq!(codes(&source("192.168.0.0/24", both)), ["subnets-overlap"]);
    let apart =
        "  pod-subnets = [10.42.0.0/16, fd00:42::/48], service-subnets = [10.43.0.0/16, fd00:43::/112]";
    assert_eq!(codes(&source("192.168.0.0/24", apart)), [""; 0]);
    // A patch may say something else.
    let patched = "  patch p { cluster.network.podSubnets = [\"10.42.0.0/16\"] }";
    assert_eq!(codes(&source("10.244.3.0/24", patched)), [""; 0]);
    // The help is free of all that is known.
    let help =
        |text: &str| compile(text, |compilation| compilation.findings[0].help.clone().unwrap_or_default());
    assert!(help(&source("10.244.3.0/24", "")).contains("pod-subnets = [172.20.0.0/16]"));
}

#[test]
fn services_and_their_extensions() {
    let patch = "patch t { document ExtensionServiceConfig tailscale { environment = [\"A=b\"] } }";
    let source = |cluster: &str, set: &str, more: &str| {
        format!(
            "class any {{ match = [\"a = b\"] }}\ncluster c {{\n  talos = v1.13.7, kubernetes = v1.34.0\n{cluster}\n  \
             controlplane {{ class = any, size = 1\n{set}\n  }}\n  workers {{ class = any, size = 1\n{more}\n  }}\n}}\n"
        )
    };
    let with = "    extensions = [tailscale]";
    assert_eq!(codes(&source("", &format!("{with}\n    {patch}"), "")), [""; 0]);
    assert_eq!(codes(&source("", &format!("    preinstalled = [tailscale]\n    {patch}"), "")), [""; 0]);
    assert_eq!(codes(&source("", &format!("    {patch}"), "")), ["service-without-extension"]);
    // A patch of the cluster serves all nodes: one that has the extension is enough.
    assert_eq!(codes(&source(patch, "", with)), [""; 0]);
    assert_eq!(codes(&source(patch, "", "")), ["service-without-extension"]);
    // The service of an extension may have a name of its own.
    let other = patch.replace("tailscale", "multipathd");
    assert_eq!(codes(&source(&other, "", "")), [""; 0]);
}

#[test]
fn extensions_for_other_processors() {
    let source = |class: &str, extension: &str| {
        format!(
            "import \"std/kubevirt\"\nclass k {class}\ncluster c {{\n  talos = v1.13.7, kubernetes = v1.34.0\n  \
             controlplane {{ class = k, size = 1, extensions = [{extension}] }}\n}}\n"
        )
    };
    let vm = |arch: &str| {
        format!("via kubevirt {{ cores = 4, memory = 8GiB, disk_size = 40GiB, architecture = {arch} }}")
    };
    let found = |class: &str, extension: &str| {
        codes(&source(class, extension)).contains(&"extension-arch".to_owned())
    };
    assert!(found(&vm("arm64"), "i915") && !found(&vm("amd64"), "i915"));
    assert!(found(&vm("amd64"), "vc4") && !found(&vm("arm64"), "vc4") && !found(&vm("arm64"), "iscsi-tools"));
    let labels = |list: &str| format!("{{ match = [{list}] }}");
    assert!(found(&labels("\"omni.sidero.dev/arch = arm64\""), "i915"));
    // Alternatives that do not agree, or do not say it.
    for list in [
        "\"omni.sidero.dev/arch = arm64\", \"omni.sidero.dev/arch = amd64\"",
        "\"omni.sidero.dev/arch = arm64\", \"a = b\"",
    ] {
        assert!(!found(&labels(list), "i915"), "{list}");
    }
}
