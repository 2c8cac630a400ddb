//! What becomes of fields in templates, classes and resources of Omni, and what is refused before `omnictl` sees it.

use std::collections::BTreeMap;

use talosc::diagnostics::{Code, Severity};
use talosc::driver::compile;
use talosc::emit::File;
use talosc::source::loader::MemoryLoader;

/// What one compilation of `cluster.talos` gave.
struct Run {
    /// Text by path.
    files: BTreeMap<String, String>,
    /// Code, source text at the primary label, and headline of each finding.
    findings: Vec<(String, String, String)>,
    errors: usize,
}

fn run_files(files: &[(&str, &str)]) -> Run {
    let files = files.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    let loader = MemoryLoader { files };
    let compilation = compile(&loader, &["cluster.talos".to_string()]);
    let names = &compilation.flattener.types.names;
    // The projects here declare more than each of them uses.
    let found = compilation.findings.iter().filter(|finding| finding.code != Code::UnusedDeclaration);
    let findings = found.map(|finding| {
        let at = finding.primary().map(|span| names.sources.text(span).to_string()).unwrap_or_default();
        (finding.code.name().to_string(), at, finding.message.clone())
    });
    let files = compilation.documents.iter().map(|document| {
        let file = File::new(format!("omni/{}", document.path), names.path(document.entry), &document.nodes);
        (file.path, file.text)
    });
    Run {
        findings: findings.collect(),
        files: files.collect(),
        errors: compilation.findings.iter().filter(|finding| finding.severity == Severity::Error).count(),
    }
}

fn run(text: &str) -> Run {
    run_files(&[("cluster.talos", text)])
}

/// A cluster with a body, on machines that nothing is said of.
fn cluster(body: &str) -> String {
    with("v1.10", body)
}

fn with(omni: &str, body: &str) -> String {
    format!(
        "import \"std/proxmox\"\n\
         extern class pool\n\
         class made via proxmox {{ cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = 'name == \"a\"' }}\n\
         machine one {{ id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0 }}\n\
         machine two {{ id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b1 }}\n\
         cluster home {{\n  omni = {omni}\n  talos = v1.13.7\n  kubernetes = v1.35.0\n{body}\n}}\n"
    )
}

const EMPTY: &str = "controlplane { }";

#[track_caller]
fn template(run: &Run) -> &str {
    assert_eq!(run.errors, 0, "{:#?}", run.findings);
    &run.files["omni/cluster-template/home.yaml"]
}

#[track_caller]
fn holds(run: &Run, wanted: &str) {
    let text = template(run);
    assert!(text.contains(wanted), "expected\n{wanted}\nin\n{text}");
}

/// Exactly one error, of a code, at a text.
#[track_caller]
fn refused(run: &Run, code: &str, at: &str) {
    let errors: Vec<_> = run.findings.iter().collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!((errors[0].0.as_str(), errors[0].1.as_str()), (code, at), "{errors:#?}");
}

#[test]
fn fields_wait_for_their_omni() {
    for (since, before, field) in [
        ("v1.5", "v1.4", "kernel { args = [\"quiet\"] }\n controlplane { machines = [one] }"),
        ("v1.6", "v1.5", "controlplane { upgrade-strategy = rolling(2) }"),
        (
            "v1.7",
            "v1.6",
            "manifest m { mode = full, text = \"{apiVersion: v1, kind: A, metadata: {name: a}}\" }\n controlplane { }",
        ),
        ("v1.9", "v1.8", "healthcheck h { job = \"{apiVersion: batch/v1, kind: Job}\" }\n controlplane { }"),
        ("v1.10", "v1.9", "features { node-audit-skip = true }\n controlplane { }"),
        ("v1.9", "v1.8", "extensions = []\n controlplane { }"),
    ] {
        assert_eq!(run(&with(since, field)).errors, 0, "{field}: {:#?}", run(&with(since, field)).findings);
        // Omni 1.4 takes no newer Talos.
        let old = run(&with(before, field).replace("v1.13.7", "v1.12.7"));
        assert_eq!(old.findings.len(), 1, "{field}: {:#?}", old.findings);
        assert_eq!(old.findings[0].0, "not-in-this-omni");
        assert!(old.findings[0].2.contains(since), "{:?}", old.findings);
    }
}

#[test]
fn features_and_strategies() {
    let run = run(&cluster(
        "labels { team = \"a\" }\n annotations { note = \"b\" }\n\
         features { workload-proxy = true, embedded-discovery = true, disk-encryption = true, node-audit-skip = true }\n\
         backup { interval = 90m }\n\
         controlplane { machines = [one], upgrade-strategy = rolling, bootstrap { cluster-uuid = 430d882a-51a8-48b3-ab00-d4b5b0b5b0c0, snapshot = \"s.snapshot\" } }\n\
         workers { machines = [two], update-strategy = rolling(2), delete-strategy = unset }",
    ));
    holds(
        &run,
        "features:\n  diskEncryption: true\n  enableWorkloadProxy: true\n  useEmbeddedDiscoveryService: true\n  enableNodeAuditSkip: true\n  backupConfiguration:\n    interval: 1h30m\n",
    );
    holds(
        &run,
        "bootstrapSpec:\n  clusterUUID: 430d882a-51a8-48b3-ab00-d4b5b0b5b0c0\n  snapshot: s.snapshot\n",
    );
    holds(&run, "updateStrategy:\n  type: Rolling\n  rolling:\n    maxParallelism: 2\n");
    holds(&run, "deleteStrategy:\n  type: Unset\n");
    holds(&run, "labels:\n  team: a\nannotations:\n  note: b\n");
}

#[test]
fn extensions_have_three_states() {
    let none = run(&cluster("controlplane { }"));
    assert!(!template(&none).contains("systemExtensions"));
    holds(&run(&cluster("extensions = []\n controlplane { }")), "systemExtensions: []\n");
    let list = run(&cluster(
        "extensions = [iscsi-tools]\n preinstalled = [qemu-guest-agent]\n controlplane { }\n workers { extensions += [nfsd] }",
    ));
    holds(
        &list,
        "systemExtensions:\n  - siderolabs/qemu-guest-agent\n  - siderolabs/iscsi-tools\n  - siderolabs/nfsd\n",
    );
    let unset = run(&cluster("extensions = [iscsi-tools]\n controlplane { }\n workers { unset extensions }"));
    let text = template(&unset);
    assert_eq!(text.matches("systemExtensions").count(), 1, "{text}");
    assert!(text.contains("kind: ControlPlane\nsystemExtensions:"), "{text}");
    let machine = cluster("extensions = [iscsi-tools]\n controlplane { machines = [three] }")
        + "machine three { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b4\n unset extensions }";
    refused(&run(&machine), "emitted-above", "extensions");
}

#[test]
fn kernel_args_go_where_they_may() {
    let listed = run(&cluster("kernel { args = [\"quiet\"] }\n controlplane { machines = [one] }"));
    holds(&listed, "kernelArgs:\n  - quiet\n---\nkind: ControlPlane\n");
    let made = run(&cluster(
        "kernel { args = [\"quiet\"] }\n controlplane { machines = [one] }\n workers { class = made, size = 2 }",
    ));
    let text = template(&made);
    assert_eq!(text.matches("kernelArgs:\n  - quiet\n").count(), 1, "{text}");
    assert!(made.files["omni/machine-classes/made.yaml"].contains("    kernelargs:\n      - quiet\n"));

    let differ = cluster(
        "controlplane { }\n install { disk = \"/dev/sda\" }\n workers a { class = made, size = 2, kernel { args = [\"a\"] } }\n workers b { class = made, size = 1 }",
    );
    refused(&run(&differ), "kernel-args-of-class", "args = [\"a\"]");
    let elsewhere =
        cluster("controlplane { }\n workers { class = pool, size = 2, kernel { args = [\"a\"] } }");
    refused(&run(&elsewhere), "kernel-args-of-class", "args = [\"a\"]");
    let owned = cluster("kernel { args = [\"talos.config=x\"] }\n controlplane { machines = [one] }");
    refused(&run(&owned), "omni-kernel-arg", "\"talos.config=x\"");
}

#[test]
fn manifests_in_every_form() {
    let file = "# kept\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n";
    let body = "manifest a file \"a.yaml\" { mode = full }\n\
                manifest b { mode = one-time, objects = [{ apiVersion = \"v1\", kind = \"Namespace\", metadata { name = \"c\" } }] }\n\
                external manifest c file \"omni/cluster-template/c.yaml\" { mode = full }\n controlplane { }";
    let new = run_files(&[("cluster.talos", &cluster(body)), ("a.yaml", file)]);
    holds(&new, "      mode: full\n      inline: |\n        # kept\n        apiVersion: v1\n");
    holds(&new, "      mode: one-time\n      inline:\n        - apiVersion: v1\n          kind: Namespace\n");
    holds(&new, "    - name: c\n      mode: full\n      file: c.yaml\n");
    let old = run_files(&[("cluster.talos", &with("v1.7", body)), ("a.yaml", file)]);
    holds(
        &old,
        "      inline:\n        - apiVersion: v1\n          kind: Namespace\n          metadata:\n            name: a\n",
    );
    holds(&old, "      file: omni/cluster-template/c.yaml\n");
}

#[test]
fn manifests_are_judged() {
    let one = |entry: &str| run(&cluster(&format!("{entry}\n controlplane {{ }}")));
    refused(&one("manifest a { mode = full }"), "two-contents", "manifest a");
    let object = "text = \"{apiVersion: v1, kind: A, metadata: {name: a}}\"";
    refused(&one(&format!("manifest a {{ {object} }}")), "required-field", "manifest a");
    assert_eq!(one("manifest a { mode = full, text = \"a: [\" }").findings[0].0, "bad-yaml");
    refused(&one("healthcheck a { job = \"kind: Pod\" }"), "bad-job", "job = \"kind: Pod\"");
    let job = "job = \"{apiVersion: batch/v1, kind: Job}\"";
    refused(&one(&format!("healthcheck a {{ {job}, interval = 1s }}")), "out-of-bounds", "interval = 1s");
    refused(&one(&format!("healthcheck A {{ {job} }}")), "bad-name", "healthcheck A");
    refused(&one("backup { interval = 25h }"), "out-of-bounds", "interval = 25h");
    refused(&one("backup { interval = 0s }"), "out-of-bounds", "interval = 0s");
    refused(&one("features { public-discovery = false }"), "public-discovery", "public-discovery = false");
}

#[test]
fn patches_from_files() {
    let yaml =
        "machine:\n  env:\n    A: b # why\n---\napiVersion: v1alpha1\nkind: HostnameConfig\n$patch: delete\n";
    let text = cluster("controlplane { }\n patch mine file \"p/mine.yaml\"");
    let new = run_files(&[("cluster.talos", &text), ("p/mine.yaml", yaml)]);
    holds(
        &new,
        "  - name: mine\n    idOverride: home:mine\n    inline:\n      - machine:\n          env:\n            A: b\n      - apiVersion: v1alpha1\n        kind: HostnameConfig\n        \"$patch\": delete\n",
    );
    let old = with("v1.7", "controlplane { }\n patch mine file \"p/mine.yaml\"");
    let old = run_files(&[("cluster.talos", &old), ("p/mine.yaml", yaml)]);
    holds(&old, "  - name: mine\n    idOverride: home:mine\n    inline:\n      machine:\n");
    holds(&old, "  - name: mine-HostnameConfig\n    idOverride: home:mine-HostnameConfig\n    inline:\n");

    let top =
        "patch mine file \"p/mine.yaml\"\n".to_string() + &cluster("controlplane { }\n patches += [mine]");
    holds(
        &run_files(&[("cluster.talos", &top), ("p/mine.yaml", yaml)]),
        "  - name: mine\n    idOverride: home:mine\n",
    );
    let secret = cluster("controlplane { }\n secret patch mine file \"omni/cluster-template/mine.yaml\"");
    holds(&run(&secret), "  - name: mine\n    idOverride: home:mine\n    file: mine.yaml\n");
    let outside = cluster("controlplane { }\n secret patch mine file \"mine.yaml\"");
    refused(&run(&outside), "file-outside-template", "\"mine.yaml\"");
}

#[test]
fn patches_can_be_files() {
    let body = "controlplane { patch same { machine.env.A = \"b\" }\n kernel { sysctls { a.b = 1 } } }\n\
                workers { patch same { machine.env.A = \"b\" }\n kernel { sysctls { a.b = 2 } } }";
    let text = cluster(body).replace("cluster home", "cluster house");
    let run = run(&format!("output {{ patches = files }}\n{text}"));
    assert_eq!(run.errors, 0, "{:#?}", run.findings);
    let text = &run.files["omni/cluster-template/house.yaml"];
    for (name, path) in [("same", "same"), ("kernel", "house/workers/kernel")] {
        let entry = format!(
            "  - name: {name}\n    idOverride: house:workers:{name}\n    file: patches/{path}.yaml\n"
        );
        assert!(text.contains(&entry), "{text}");
    }
    let files: Vec<&str> =
        run.files.keys().map(|path| path.strip_prefix("omni/cluster-template/").unwrap_or(path)).collect();
    assert_eq!(
        files,
        [
            "house.yaml",
            "patches/house/control-planes/kernel.yaml",
            "patches/house/workers/kernel.yaml",
            "patches/same.yaml",
            "omni/machine-classes/made.yaml"
        ]
    );
    assert!(
        run.files["omni/cluster-template/patches/same.yaml"].ends_with(".\nmachine:\n  env:\n    A: b\n")
    );
}

#[test]
fn findings_point_into_patch_files() {
    let text = cluster("controlplane { }\n patch mine file \"mine.yaml\"");
    let ask = |yaml: &str| run_files(&[("cluster.talos", &text), ("mine.yaml", yaml)]);
    refused(&ask("machine:\n  type: worker\n"), "omni-owned", "type: worker");
    refused(&ask("machine:\n  env: {A: yes}\n"), "bad-yaml", "yes");
    refused(&ask("- op: add\n  path: /a\n"), "json-patch", "- op: add");
    refused(&ask("# nothing\n"), "empty-patch", "patch mine file \"mine.yaml\"");
    refused(
        &ask("machine: {env: {A: b}}\n---\ncluster: {proxy: {disabled: true}}\n"),
        "document-twice",
        "cluster: {proxy: {disabled: true}}",
    );
    let uplink = "apiVersion: v1alpha1\nkind: DHCPv4Config\nname: b\n---\n";
    let two = "apiVersion: v1alpha1\nkind: DummyLinkConfig\nname: a\n---\napiVersion: v1alpha1\nkind: LinkConfig\nname: a\n";
    let two = &format!("{uplink}{two}");
    refused(&ask(two), "document-twice", "kind: LinkConfig");
    refused(&ask("machine:\n  env:\n    A: b\n    A: c\n"), "bad-yaml", "A");
    assert_eq!(ask("machine: [\n").findings[0].0, "bad-yaml");
}

#[test]
fn omni_owns_what_it_sets() {
    for field in
        ["machine.type = \"worker\"", "cluster.clusterName = \"a\"", "machine.install.extensions = []"]
    {
        let run = run(&cluster(&format!("controlplane {{ }}\n patch a {{ {field} }}")));
        assert_eq!(run.findings.len(), 1, "{field}: {:#?}", run.findings);
        assert_eq!(run.findings[0].0, "omni-owned");
    }
    let token = run(&cluster("controlplane { }\n patch a { machine.token = \"abcdefgh\" }"));
    refused(&token, "omni-owned-secret", "abcdefgh");
    let ca = "controlplane { }\n patch a { cluster { ca { crt = \"x\" } } }";
    assert_eq!(run(&cluster(ca)).findings[0].0, "omni-owned-secret");
    assert_eq!(run(&with("v1.9", ca)).errors, 0);
    let document = "controlplane { }\n patch a { document UnattendedInstallConfig { x = 1 } }";
    assert_eq!(run(&cluster(document)).findings[0].0, "omni-owned");
    let admin = "controlplane { }\n patch a { machine.features.kubernetesTalosAPIAccess { enabled = true, allowedRoles = [\"os:admin\"] } }";
    refused(&run(&cluster(admin)), "omni-owned", "\"os:admin\"");
}

#[test]
fn patches_of_one_level_agree() {
    let two = |a: &str, b: &str| {
        run(&cluster(&format!("controlplane {{ }}\n patch a {{ {a} }}\n patch b {{ {b} }}")))
    };
    refused(&two("machine.env.A = \"1\"", "machine.env.A = \"2\""), "patches-disagree", "A = \"2\"");
    assert_eq!(two("machine.env.A = \"1\"", "machine.env.A = \"1\"").errors, 0);
    assert_eq!(two("machine.sysctls.A = \"1\"", "machine.sysctls.A = 1").errors, 0);
    assert_eq!(two("machine.env.A = \"1\"", "machine.env.B = \"2\"").errors, 0);
    let servers = "machine.network.nameservers = [\"1.1.1.1\"]";
    refused(&two(servers, servers), "patches-disagree", "nameservers = [\"1.1.1.1\"]");
    let subnets = "cluster.network.podSubnets = [\"10.0.0.0/12\"]";
    assert_eq!(two(subnets, subnets).errors, 0);
    let interface = |name: &str, mtu: u32| {
        format!("machine.network.interfaces = [{{ interface = \"{name}\", mtu = {mtu} }}]")
    };
    assert_eq!(two(&interface("eth0", 1500), &interface("eth1", 9000)).errors, 0);
    assert_eq!(two(&interface("eth0", 1500), &interface("eth0", 9000)).findings[0].0, "patches-disagree");
    let lowered = run(&cluster(
        "controlplane { }\n kernel { sysctls { a.b = 1 } }\n patch a { machine.sysctls.\"a.b\" = \"2\" }",
    ));
    assert_eq!(lowered.findings[0].0, "patches-disagree", "{:#?}", lowered.findings);
}

#[test]
fn ids_are_unique() {
    let patch = "controlplane { }\n patch kernel { machine.env.A = \"b\" }\n";
    let reserved = run(&cluster(&format!("{patch} kernel {{ sysctls {{ a.b = 1 }} }}")));
    refused(&reserved, "reserved-patch-name", "patch kernel");
    // The name is free where nothing says the field, or where it becomes no patch.
    assert!(run(&cluster(patch)).findings.is_empty());
    let elsewhere = patch.replace("{ }", "{ kernel { sysctls { a.b = 1 } } }");
    assert!(run(&cluster(&elsewhere)).findings.is_empty());
    let both = run(&cluster(
        "controlplane { patch b { id = \"home:a\", machine.env.B = \"b\" } }\n patch a { machine.env.A = \"b\" }",
    ));
    assert_eq!(both.findings[0].0, "id-twice", "{:#?}", both.findings);
    let clash = cluster("controlplane { }\n workers x-y { }")
        + &cluster("controlplane { }\n workers y { }")
            .split_once("cluster home")
            .map(|(_, rest)| format!("cluster home-x{rest}"))
            .unwrap_or_default();
    assert_eq!(run(&clash).findings.iter().filter(|finding| finding.0 == "id-twice").count(), 1);
    let positional =
        run(&cluster("patch-ids = positional\n controlplane { }\n patch a { machine.env.A = \"b\" }"));
    assert!(!template(&positional).contains("idOverride"));
}

#[test]
fn sets_and_machines() {
    refused(
        &run(&cluster("controlplane { }\n workers control-planes { }")),
        "bad-name",
        "workers control-planes",
    );
    let twice = run(&cluster("controlplane { machines = [one] }\n workers { machines = [one] }"));
    refused(&twice, "machine-in-two-sets", "one");
    let locked = cluster("controlplane { machines = [three] }")
        + "machine three { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b4, locked = true }";
    refused(&run(&locked), "locked-control-plane", "locked = true");
    let unlimited = run(&cluster(
        "controlplane { }\n workers { class = made, size = unlimited, install { disk = \"/dev/sda\" } }",
    ));
    refused(&unlimited, "unlimited-provision", "size = unlimited");
    let label = run(&cluster("controlplane { labels { \"omni.sidero.dev/a\" = \"b\" } }"));
    refused(&label, "reserved-label", "\"omni.sidero.dev/a\" = \"b\"");
    let control = run(&cluster("controlplane { annotations { a = \"b\\nc\" } }"));
    refused(&control, "omni-limit", "a = \"b\\nc\"");
}

#[test]
fn versions_fit_together() {
    let ask = |from: &str, to: &str| run(&cluster(EMPTY).replace(from, to));
    refused(&ask("v1.35.0", "v1.37.0"), "kubernetes-not-on-talos", "kubernetes = v1.37.0");
    refused(&ask("v1.13.7", "v1.13.1"), "talos-not-on-omni", "talos = v1.13.1");
    refused(&ask("v1.13.7", "v1.8.4"), "talos-too-old", "talos = v1.8.4");
    refused(&ask("v1.35.0", "v1.35"), "inexact-version", "kubernetes = v1.35");
    refused(&ask("v1.13.7", "v1.13.7\n created-with = v1.14.0"), "born-later", "talos = v1.13.7");
    let newer = ask("v1.13.7", "v1.15.0");
    assert_eq!(
        (newer.errors, newer.findings[0].0.as_str()),
        (1, "talos-not-on-omni"),
        "{:#?}",
        newer.findings
    );
    let newer = run(&with("v1.12", EMPTY).replace("v1.13.7", "v1.15.0"));
    assert_eq!((newer.errors, newer.findings[0].0.as_str()), (0, "unknown-release"), "{:#?}", newer.findings);
}

#[test]
fn classes_are_judged() {
    let class = |text: &str| run(&(text.to_string() + "\n" + &cluster(EMPTY)));
    refused(&class("class a { }"), "class-source", "a");
    refused(&class("import \"std/bare-metal\"\nclass a via bare-metal"), "static-provider", "bare-metal");
    refused(&class("class a { match = [\"a b\"] }"), "bad-selector", "\"a b\"");
    refused(&class("class a { match = [\"a =\"] }"), "pointless-selector", "\"a =\"");
    refused(&class("class a { match = [] }"), "class-source", "match = []");
    refused(
        &class("class a via proxmox { cores = 4, memory = 8GiB, disk_size = 40GiB }"),
        "required-field",
        "a",
    );
    let meta = cluster(EMPTY).replace("cores = 4", "cores = 4, meta-values { network = \"v\" }");
    refused(&run(&meta), "bad-name", "network = \"v\"");
    let fine = class("class a { match = [\"omni.sidero.dev/arch = amd64\"] }");
    assert_eq!(fine.errors, 0);
    assert!(
        fine.files["omni/machine-classes/a.yaml"]
            .ends_with("spec:\n  matchlabels:\n    - omni.sidero.dev/arch = amd64\n")
    );
    assert!(!fine.files.contains_key("omni/machine-classes/pool.yaml"));
    let more = cluster(EMPTY).replace(
        "cores = 4",
        "cores = 4, meta-values { 0xa = \"v\" }, grpc-tunnel = true, kernel-args = [\"a\"]",
    );
    let more = run(&more);
    assert!(
        more.files["omni/machine-classes/made.yaml"]
            .contains("    metavalues:\n      - key: 10\n        value: v\n")
    );
    assert!(more.files["omni/machine-classes/made.yaml"].contains("    grpctunnel: 1\n"));
}

#[test]
fn machines_of_a_class_get_resources() {
    let loose = |body: &str| {
        format!("machine far {{ id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0c1, class = pool\n{body} }}\n")
            + &cluster("controlplane { }\n workers { class = pool, size = unlimited }")
    };
    let fine = run(&loose("patch mine { machine.env.A = \"b\" }\n node-labels { a = \"b\" }"));
    assert_eq!(fine.errors, 0, "{:#?}", fine.findings);
    let text = &fine.files["omni/machine-patches/far.yaml"];
    assert!(
        text.contains(
            "  labels:\n    omni.sidero.dev/machine: 430d882a-51a8-48b3-ab00-d4b5b0b5b0c1\n  annotations:\n"
        ),
        "{text}"
    );
    assert!(text.contains("  data: |\n    machine:\n      env:\n        A: b\n"), "{text}");
    assert_eq!(text.matches("kind:").count() + text.matches("metadata:").count(), 2, "{text}");
    refused(&run(&loose("extensions = [nfsd]")), "not-on-class-machine", "extensions = [nfsd]");
    let unused = run(&loose("").replace("class = pool, size = unlimited", "machines = []"));
    assert_eq!(unused.findings[0].0, "machine-without-set", "{:#?}", unused.findings);
}

#[test]
fn runtimes_bring_their_class() {
    let body = "controlplane { }\n workers { runtimes += [gvisor], extensions += [gvisor]\n kernel { sysctls { user.max_user_namespaces = 11255 } } }";
    let new = run(&cluster(body));
    holds(
        &new,
        "    - name: runtime-class-gvisor\n      mode: one-time\n      inline:\n        - apiVersion: node.k8s.io/v1\n          kind: RuntimeClass\n          metadata:\n            name: gvisor\n          handler: runsc\n          scheduling:\n            nodeSelector:\n              talosc.dev/runtime-gvisor: \"true\"\n",
    );
    holds(&new, "        nodeLabels:\n          talosc.dev/runtime-gvisor: \"true\"\n");
    let external = run(&cluster(&format!("runtime-class gvisor = external(\"gitops\")\n{body}")));
    assert!(!template(&external).contains("RuntimeClass") && !template(&external).contains("talosc.dev"));
    let old = run(&with("v1.6", body));
    assert_eq!(
        old.findings.iter().filter(|finding| finding.0 == "runtime-class-left-out").count(),
        1,
        "{:#?}",
        old.findings
    );
    let wrong = run(&cluster(&format!("runtime-class gviser = external(\"gitops\")\n{body}")));
    refused(&wrong, "unknown-name", "gviser = external(\"gitops\")");
}

#[test]
fn secrets_do_not_reach_the_output() {
    let key = format!("tskey-{}", "auth-k123456789012");
    let field = run(&cluster(&format!("controlplane {{ }}\n patch a {{ machine.env.KEY = \"{key}\" }}")));
    assert_eq!(field.findings[0].0, "secret-in-output");
    assert!(!field.findings[0].2.contains("k123"), "{:?}", field.findings);
    let password = run(&cluster(
        "controlplane { }\n patch a { machine.registries { config { \"r.io\" { auth { password = \"hunter22\" } } } } }",
    ));
    refused(&password, "secret-in-output", "hunter22");
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: hunter22}\n";
    let manifest = cluster("controlplane { }\n manifest a file \"a.yaml\" { mode = full }");
    let manifest = run_files(&[("cluster.talos", &manifest), ("a.yaml", secret)]);
    refused(&manifest, "secret-in-output", "hunter22");
    let inline = cluster(
        "controlplane { }\n patch a { cluster.inlineManifests = [{ name = \"a\", contents = file \"a.yaml\" }] }",
    );
    let inline = run_files(&[("cluster.talos", &inline), ("a.yaml", secret)]);
    assert_eq!(inline.findings.len(), 1, "{:#?}", inline.findings);
    assert_eq!(inline.findings[0].0, "secret-in-output");
}
