//! Machines, networks, links and addresses: the emitted text, and the findings.

use talosc::diagnostics::Diagnostic;
use talosc::diagnostics::page::{self, Expect};
use talosc::driver::{self, Compilation};
use talosc::omni::Document;
use talosc::source::loader::MemoryLoader;

/// Compiles one file and looks at the result.
pub(super) fn compile<R>(source: &str, look: impl FnOnce(&Compilation) -> R) -> R {
    let files = [("cluster.talos".to_owned(), source.to_owned())].into();
    let loader = MemoryLoader { files };
    look(&driver::compile(&loader, &["cluster.talos".to_owned()]))
}

/// Code, headline and the text at the primary place of each finding.
pub(super) fn findings(source: &str) -> Vec<(String, String, String)> {
    compile(source, |compilation| {
        let sources = &compilation.flattener.types.names.sources;
        let row = |d: &Diagnostic| {
            let at = d.primary().map(|span| sources.text(span).to_owned()).unwrap_or_default();
            (d.code.name().to_owned(), d.message.clone(), at)
        };
        compilation.findings.iter().map(row).collect()
    })
}

#[track_caller]
fn one(source: &str, code: &str, message: &str, at: &str) {
    assert_eq!(findings(source), [(code.to_owned(), message.to_owned(), at.to_owned())]);
}

fn text_of(document: &Document) -> String {
    talosc::emit::render("cluster.talos", &document.nodes).0
}

/// The template; there must be no finding.
pub(super) fn template(source: &str) -> String {
    compile(source, |compilation| {
        let messages: Vec<&str> = compilation.findings.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(messages, [""; 0]);
        let document = compilation.documents.iter().find(|document| document.path.contains("template"));
        text_of(document.expect("a template"))
    })
}

/// The patches of a document: what follows `kind: KIND` and, for machines, the last digit of their UUID.
pub(super) fn patches(source: &str, kind: &str, last: &str) -> String {
    let text = template(source);
    let document = text
        .split("\n---\n")
        .find(|document| {
            let name = document.lines().find_map(|line| line.strip_prefix("name: ")).unwrap_or_default();
            document.contains(&format!("kind: {kind}\n")) && name.ends_with(last)
        })
        .unwrap_or_default();
    document.split_once("patches:\n").map(|(_, patches)| patches.trim_end().to_owned()).unwrap_or_default()
}

/// A document with its last line end gone, as it is compared.
fn text(expected: &str) -> String {
    expected.trim_matches('\n').to_owned()
}

const EXAMPLE: &str = include_str!("../../examples/static-machines/cluster.talos");
const HOMELAB: &str = include_str!("../../examples/homelab/cluster.talos");

/// A cluster of two listed machines with what is added to each.
pub(super) fn small(born: &str, network: &str, cp: &str, worker: &str, cluster: &str) -> String {
    format!(
        "network lan {{\n  subnet = 10.0.0.0/24, gateway = 10.0.0.1\n{network}\n}}\n\
         machine cp {{\n  id = 4c4c4544-0031-4210-8052-b4c04f4b3001\n{cp}\n}}\n\
         machine worker {{\n  id = 4c4c4544-0031-4210-8052-b4c04f4b3002\n{worker}\n}}\n\
         cluster c {{\n  talos = v1.13.7, created-with = {born}, kubernetes = v1.34.0\n  network = lan\n{cluster}\n  \
         controlplane {{ machines = [cp] }}\n  workers {{ machines = [worker] }}\n}}\n"
    )
}

#[test]
fn the_example_builds_without_a_finding() {
    template(EXAMPLE);
}

#[test]
fn two_machines_with_one_address() {
    let source = EXAMPLE.replace("10.40.0.12/24 on rack", "10.40.0.11/24 on rack");
    one(
        &source,
        "address-taken",
        "10.40.0.11 is given to two machines of the network `rack`",
        "address  = 10.40.0.11/24 on rack",
    );
    let help = compile(&source, |compilation| compilation.findings[0].help.clone());
    assert_eq!(help.as_deref(), Some("free addresses next to it: 10.40.0.12, .14, .15"));
}

#[test]
fn an_address_outside_of_its_subnet() {
    one(
        &EXAMPLE.replace("10.40.0.12/24", "10.40.7.12/24"),
        "address-outside",
        "10.40.7.12 is not in the network `rack` (10.40.0.0 – 10.40.0.255)",
        "address  = 10.40.7.12/24 on rack",
    );
}

#[test]
fn a_virtual_address_that_a_machine_has() {
    let message = "10.40.0.12 is the virtual address of the control planes on `rack`: no machine can have it";
    let source = EXAMPLE.replace("vip         = 10.40.0.10", "vip         = 10.40.0.12");
    one(&source, "address-reserved", message, "address  = 10.40.0.12/24 on rack");
}

#[test]
fn the_same_edits_of_the_homelab() {
    let machine = |name: &str, digit: u8, address: &str| {
        let id = format!("4c4c4544-0031-4210-8052-b4c04f4b300{digit}");
        format!("machine {name} {{ id = {id}, address = {address} on lan }}\n")
    };
    let source = |first: &str, second: &str| {
        let machines = machine("a", 1, first) + &machine("b", 2, second);
        let with_vip = HOMELAB.replace("  gateway     =", "  vip         = 192.168.10.9\n  gateway     =");
        let end = with_vip.trim_end().trim_end_matches('}').to_owned();
        machines + &end + "  workers metal { machines = [a, b] }\n}\n"
    };
    let codes = |first: &str, second: &str| -> Vec<String> {
        findings(&source(first, second)).into_iter().map(|(code, ..)| code).collect()
    };
    assert_eq!(codes("192.168.10.31/24", "192.168.10.32/24"), [""; 0]);
    assert_eq!(codes("192.168.10.31/24", "192.168.10.31/24"), ["address-taken"]);
    assert_eq!(codes("192.168.10.31/24", "192.168.11.32/24"), ["address-outside"]);
    assert_eq!(codes("192.168.10.31/24", "192.168.10.9/24"), ["address-reserved"]);
    assert_eq!(codes("192.168.10.31/24", "192.168.10.1/24"), ["address-reserved"]);
    assert_eq!(codes("192.168.10.31/24", "192.168.10.255/24"), ["address-reserved"]);
}

#[test]
fn an_address_and_a_name_in_both_forms() {
    let own = "  hostname = \"w\", address = 10.0.0.12/24 on lan";
    let cp = "  address = 10.0.0.11/24 on lan";
    let legacy = patches(&small("v1.11.0", "", cp, own, ""), "Machine", "3002");
    assert_eq!(
        legacy,
        text(
            r#"
  - name: network
    idOverride: c:4c4c4544-0031-4210-8052-b4c04f4b3002:network
    inline:
      machine:
        network:
          interfaces:
            - deviceSelector:
                physical: true
              dhcp: false
              addresses:
                - "10.0.0.12/24"
              routes:
                - network: "0.0.0.0/0"
                  gateway: "10.0.0.1"
  - name: hostname
    idOverride: c:4c4c4544-0031-4210-8052-b4c04f4b3002:hostname
    inline:
      machine:
        network:
          hostname: w
"#
        )
    );
    let document = patches(&small("v1.12.0", "", cp, own, ""), "Machine", "3002");
    assert_eq!(
        document,
        text(
            r#"
  - name: network
    idOverride: c:4c4c4544-0031-4210-8052-b4c04f4b3002:network
    inline:
      - apiVersion: v1alpha1
        kind: LinkAliasConfig
        name: net0
        selector:
          match: "true"
      - apiVersion: v1alpha1
        kind: LinkConfig
        name: net0
        addresses:
          - address: "10.0.0.12/24"
        routes:
          - gateway: "10.0.0.1"
  - name: hostname
    idOverride: c:4c4c4544-0031-4210-8052-b4c04f4b3002:hostname
    inline:
      apiVersion: v1alpha1
      kind: HostnameConfig
      auto: "off"
      hostname: w
"#
        )
    );
}

#[test]
fn patches_of_a_user_choose_the_form_of_what_is_lowered() {
    let user = "  patch old { machine.network.nameservers = [\"9.9.9.9\"] }";
    let network = "  nameservers = [1.1.1.1]";
    let text = template(&small("v1.12.0", network, "", user, ""));
    assert!(text.contains("nameservers:\n            - \"1.1.1.1\""), "{text}");
    assert!(!text.contains("ResolverConfig"), "{text}");
    let user = "  patch new { document ResolverConfig { nameservers = [{ address = \"9.9.9.9\" }] } }";
    let text = template(&small("v1.11.0", network, "", user, ""));
    assert!(
        text.contains("kind: ResolverConfig") && !text.contains("network:\n          nameservers"),
        "{text}"
    );
}

#[test]
fn a_virtual_address_goes_where_the_interface_is_known() {
    let vip = "  vip = 10.0.0.9";
    let on_set = patches(&small("v1.12.0", &format!("{vip}, link eno1"), "", "", ""), "ControlPlane", "");
    assert_eq!(
        on_set,
        text(
            r#"
  - name: network
    idOverride: c:control-planes:network
    inline:
      - apiVersion: v1alpha1
        kind: DHCPv4Config
        name: eno1
      - apiVersion: v1alpha1
        kind: Layer2VIPConfig
        name: "10.0.0.9"
        link: eno1
"#
        )
    );
    let cp =
        "  link a { mac = 3c:ec:ef:1a:2b:40 }\n  link b { dhcp = true }\n  address = 10.0.0.11/24 on lan.a";
    let source = small("v1.11.0", vip, cp, "", "");
    assert_eq!(patches(&source, "ControlPlane", ""), "");
    let machine = patches(&source, "Machine", "3001");
    assert!(machine.contains("hardwareAddr: \"3c:ec:ef:1a:2b:40\"\n              dhcp: false"), "{machine}");
    assert!(machine.contains("vip:\n                ip: \"10.0.0.9\""), "{machine}");
}

#[test]
fn a_static_address_takes_dhcp_back() {
    let network = "  link eno1 { mtu = 9000 }";
    let worker = "  address = 10.0.0.12/24 on lan";
    let document = template(&small("v1.12.0", network, "", worker, ""));
    assert!(
        document.contains("mtu: 9000\n      - apiVersion: v1alpha1\n        kind: DHCPv4Config"),
        "{document}"
    );
    assert!(
        document.contains("kind: DHCPv4Config\n        name: eno1\n        \"$patch\": delete"),
        "{document}"
    );
    let legacy = template(&small("v1.11.0", network, "", worker, ""));
    assert!(
        legacy.contains("- interface: eno1\n              dhcp: true\n              mtu: 9000"),
        "{legacy}"
    );
    assert!(
        legacy.contains("- interface: eno1\n              dhcp: false\n              addresses:"),
        "{legacy}"
    );
    // Which interface is on the network is for the machine to say: nothing above it has spoken of one.
    for born in ["v1.11.0", "v1.12.0"] {
        let machine = patches(&small(born, "  mtu = 9000", "", worker, ""), "Machine", "3002");
        assert!(machine.contains("mtu: 9000") && machine.contains("10.0.0.12/24"), "{machine}");
    }
}

#[test]
fn an_address_on_a_vlan_of_a_bond() {
    let worker = "  link bond0 { bond { mode = active-backup, links = [eno1, eno2] }, vlan 20 { mtu = 1400 } }\n  \
                  address = 10.0.0.12/24 on lan.bond0.20";
    let document = patches(&small("v1.13.0", "", "", worker, ""), "Machine", "3002");
    assert_eq!(
        document,
        text(
            r#"
  - name: network
    idOverride: c:4c4c4544-0031-4210-8052-b4c04f4b3002:network
    inline:
      - apiVersion: v1alpha1
        kind: BondConfig
        name: bond0
        links:
          - eno1
          - eno2
        bondMode: active-backup
      - apiVersion: v1alpha1
        kind: VLANConfig
        name: bond0.20
        vlanID: 20
        parent: bond0
        mtu: 1400
        addresses:
          - address: "10.0.0.12/24"
        routes:
          - gateway: "10.0.0.1"
"#
        )
    );
}

#[test]
fn what_the_generated_configuration_holds_decides() {
    let patch = "  patch name { machine.network.hostname = \"w\" }";
    one(
        &small("v1.12.0", "", "", patch, ""),
        "two-forms",
        "`machine.network.hostname` beside the `HostnameConfig` that Talos v1.12.0 generates: Talos takes one of them",
        "hostname = \"w\"",
    );
    assert_eq!(findings(&small("v1.11.0", "", "", patch, "")), []);
    let deleted =
        "  patch dhcp { delete document HostnameConfig }\n  patch name { machine.network.hostname = \"w\" }";
    assert_eq!(findings(&small("v1.12.0", "", "", deleted, "")), []);
    let document = "  patch name { document HostnameConfig { auto = off, hostname = \"w\" } }";
    let found = findings(&small("v1.11.0", "", "", document, ""));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "two-forms");
    assert_eq!(findings(&small("v1.12.0", "", "", document, "")), []);
}

#[test]
fn a_patch_of_the_cluster_is_reported_once() {
    let codes = |found: &[(String, String, String)]| -> Vec<String> {
        found.iter().map(|row| row.0.clone()).collect()
    };
    let patch = "  patch name { machine.network.hostname = \"w\" }";
    let found = findings(&small("v1.12.0", "", "", "", patch));
    assert_eq!(codes(&found), ["two-forms", "hostname-taken"]);
    let patch = "  patch gone { delete document LinkConfig eno1 }";
    let found = findings(&small("v1.12.0", "", "", "", patch));
    assert_eq!(found.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["deletes-nothing"]);
}

#[test]
fn a_set_of_one_may_have_an_address() {
    let source = |size: &str| {
        format!(
            "network lan {{ subnet = 10.0.0.0/24, gateway = 10.0.0.1, dhcp = false }}\n\
             class any {{ match = [\"a\"] }}\n\
             machine cp {{ id = 4c4c4544-0031-4210-8052-b4c04f4b3001, address = 10.0.0.11/24 on lan }}\n\
             cluster c {{\n  talos = v1.13.7, created-with = v1.12.0, kubernetes = v1.34.0, network = lan\n  \
             controlplane {{ machines = [cp] }}\n  workers {{ class = any, {size} }}\n}}\n"
        )
    };
    let text = template(&source("size = 1, address = 10.0.0.12/24 on lan"));
    assert!(text.contains("idOverride: c:workers:network"), "{text}");
    one(&source("size = 2"), "no-address", "`workers` gets no address: `lan` has no DHCP", "class = any");
}

/// There is no judge for 1.14: what is written follows its schema and what its sources generate.
#[test]
fn a_cluster_born_with_1_14_gets_documents_where_they_may_stand() {
    let cluster = "  cni = external(\"cilium\"), kube-proxy = false, schedule-on-control-planes = true\n  \
                   pod-subnets = [10.1.0.0/16], service-subnets = [10.2.0.0/16], cert-sans = [\"k.example.net\"]\n  \
                   kubelet { args { v = 4 }, config { maxPods = 150 } }\n  \
                   kernel { sysctls { vm.max_map_count = 1 }, modules = [nbd] }\n  metrics = true\n  \
                   node-labels { a = \"b\" }";
    let versions = "v1.14.0, omni = v1.12";
    let source = small("v1.14.0", "", "", "", cluster).replace("v1.13.7", versions);
    let text = compile(&source, |compilation| {
        let document = compilation.documents.first().expect("a template");
        text_of(document)
    });
    let kinds = |kind: &str| -> Vec<String> {
        let mut documents =
            text.split("\n---\n").filter(|document| document.contains(&format!("kind: {kind}\n")));
        let lines = documents.next().unwrap_or_default().lines();
        let kinds = lines.filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("kind: "));
        kinds.skip(1).map(str::to_owned).collect()
    };
    let everywhere = [
        "SysctlConfig",
        "KernelModuleConfig",
        "KubeletConfig",
        "KubeNodeConfig",
        "KubeNetworkConfig",
        "KubeNetworkConfig",
    ];
    let control = [
        "KubeFlannelCNIConfig",
        "KubeProxyConfig",
        "KubeNodeConfig",
        "KubeAPIServerConfig",
        "KubeControllerManagerConfig",
        "KubeSchedulerConfig",
    ];
    assert_eq!(
        (kinds("Cluster"), kinds("ControlPlane")),
        (everywhere.map(str::to_owned).into(), control.map(str::to_owned).into())
    );
    assert!(text.contains("config:\n        maxPods: 150"), "{text}");
    assert!(!text.contains("machine:\n"), "{text}");
}

#[test]
fn disks_to_install_on() {
    let source = |omni: &str| HOMELAB.replace("omni         = v1.10", omni);
    let text = template(&source("omni         = v1.10"));
    assert!(text.contains("install:\n          disk: /dev/sda"), "{text}");
    let found = findings(&source("omni         = v1.11"));
    assert_eq!(found.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["install-needs-machine"]);
}

#[test]
fn pages_hold_what_they_say() {
    let codes = [
        "unknown-link",
        "ambiguous-link",
        "install-needs-machine",
        "mounts-without-form",
        "two-forms",
        "deletes-nothing",
        "address-taken",
        "address-shared",
        "address-outside",
        "address-reserved",
        "other-network",
        "no-address",
        "hostname-taken",
        "vip-on-workers",
        "vip-unused",
        "link-twice",
        "member-addressed",
        "link-unnamed",
    ];
    for code in talosc::diagnostics::Code::ALL.iter().filter(|code| codes.contains(&code.name())) {
        let page =
            page::parse(code.page().unwrap_or_default()).unwrap_or_else(|e| panic!("{}: {e:?}", code.name()));
        for program in page.programs() {
            let found = findings(&program.files[&program.main]);
            let count = found.iter().filter(|row| row.0 == code.name()).count();
            let expected = usize::from(program.expect == Expect::Fails);
            assert_eq!((count, found.len()), (expected, expected), "{}: {found:?}", code.name());
        }
    }
}
