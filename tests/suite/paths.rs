//! Paths: where they end in maps with free keys, and what a help says of a field at the end of one.

use talosc::diagnostics::{Diagnostic, Severity, edit};

use crate::edits::compile;

const HEAD: &str = "talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0";

fn errors(text: &str) -> Vec<Diagnostic> {
    compile(text, &[]).0.into_iter().filter(|finding| finding.severity == Severity::Error).collect()
}

/// What is between the backticks behind the last colon of a help, with a value in place of the dots.
fn code(finding: &Diagnostic, value: &str) -> String {
    let help = finding.help.as_deref().expect("a help");
    let (_, code) = help.split_once(": `").unwrap_or_else(|| panic!("no code in `{help}`"));
    code.trim_end_matches('`').replace('…', value)
}

/// Bodies that set one field, with the same body for another value, and that value.
const KINDS: &[(&str, &str, &str)] = &[
    ("kernel.sysctls { vm.swappiness = 1 }", "kernel.sysctls { vm.swappiness = 2 }", "3"),
    ("node-labels { example.org/tier = \"a\" }", "node-labels { example.org/tier = \"b\" }", "\"c\""),
    ("node-labels { tier = \"a\" }", "node-labels { tier = \"b\" }", "\"c\""),
    ("kubelet.config { maxPods = 1 }", "kubelet.config { maxPods = 2 }", "3"),
    (
        "kubelet.config.evictionHard { memory.available = \"1%\" }",
        "kubelet.config.evictionHard { memory.available = \"2%\" }",
        "\"3%\"",
    ),
    ("install { disk = \"/dev/sda\" }", "install { disk = \"/dev/sdb\" }", "\"/dev/sdc\""),
    (
        "mirrors { docker.io { skip-fallback = true } }",
        "mirrors { docker.io { skip-fallback = false } }",
        "true",
    ),
    (
        "volume a { disk = \"!system_disk\", min-size = 1GiB, max-size = 2GiB }",
        "volume a { disk = \"!system_disk\", min-size = 1GiB, max-size = 3GiB }",
        "4GiB",
    ),
    (
        "link bond0.41 { mac = 3c:ec:ef:1a:2b:30, dhcp = true, mtu = 1400 }",
        "link bond0.41 { mac = 3c:ec:ef:1a:2b:30, dhcp = true, mtu = 1500 }",
        "1600",
    ),
    (
        "link e { dhcp = true, vlan 7 { mtu = 1400 } }",
        "link e { dhcp = true, vlan 7 { mtu = 1500 } }",
        "1600",
    ),
    (
        "patch a { machine.sysctls { vm.swappiness = \"1\" } }",
        "patch a { machine.sysctls { vm.swappiness = \"2\" } }",
        "\"3\"",
    ),
    (
        "patch a { machine.registries.config { ghcr.io { auth.username = \"a\" } } }",
        "patch a { machine.registries.config { ghcr.io { auth.username = \"b\" } } }",
        "\"c\"",
    ),
    (
        "patch \"a b\" { machine.time.disabled = true }",
        "patch \"a b\" { machine.time.disabled = false }",
        "true",
    ),
    (
        "patch a { document VolumeConfig EPHEMERAL { provisioning.maxSize = \"1GiB\" } }",
        "patch a { document VolumeConfig EPHEMERAL { provisioning.maxSize = \"2GiB\" } }",
        "\"3GiB\"",
    ),
    (
        "patch a { document WatchdogTimerConfig { device = \"/dev/watchdog0\" } }",
        "patch a { document WatchdogTimerConfig { device = \"/dev/watchdog1\" } }",
        "\"/dev/watchdog2\"",
    ),
];

/// Whatever path two sides disagree on, the line that the help shows decides it.
#[test]
fn what_decides_a_disagreement_compiles() {
    for (one, two, value) in KINDS {
        let program = |body: &str| {
            format!(
                "role a {{ {one} }}\nrole b {{ {two} }}\nrole c with a, b {{ {body} }}\ncluster lab {{\n  {HEAD}\n  controlplane {{}}\n  workers {{ role = c }}\n}}\n"
            )
        };
        let found = errors(&program(""));
        let [finding] = found.as_slice() else { panic!("{one}: {found:?}") };
        assert_eq!(finding.code.name(), "mixins-disagree", "{one}: {finding:?}");
        let line = code(finding, value);
        let left = errors(&program(&line));
        assert!(left.is_empty(), "{one}: `{line}`: {left:?}");
    }
    let mut levels = 0;
    for (one, two, value) in KINDS {
        let program = |body: &str| {
            format!(
                "role a {{ {one} }}\ncluster lab {{\n  {HEAD}\n  {two}\n  controlplane {{}}\n  workers {{ role = a\n {body} }}\n}}\n"
            )
        };
        let found = errors(&program(""));
        let [finding] = found.as_slice() else { continue };
        if finding.code.name() != "levels-disagree" {
            continue;
        }
        levels += 1;
        let line = code(finding, value);
        let left = errors(&program(&line));
        assert!(left.is_empty(), "{one}: `{line}`: {left:?}");
    }
    assert!(levels > 10, "{levels} of {} kinds of paths", KINDS.len());
}

/// A path does not lead into a block with a name: the block that is offered means what was written.
#[test]
fn a_path_into_a_named_block_becomes_the_block() {
    for (line, meant) in [
        ("controlplane.size = 3", "controlplane { size = 3 }"),
        ("workers.size = 3", "workers { size = 3 }"),
        ("workers.gpu.node-labels { a = \"b\" }", "workers gpu { node-labels { a = \"b\" } }"),
        ("final patch.a.machine.type = \"x\"", "patch a { final machine.type = \"x\" }"),
        ("controlplane {}\n  controlplane.size = 3", "controlplane { size = 3}\n"),
        (
            "workers gpu {\n    size = 1\n  }\n  workers.gpu.class   = x",
            "workers gpu { class = x\n    size = 1\n  }\n",
        ),
        ("workers.gpu { size = 3 }", "workers gpu { size = 3 }"),
        ("remove patch.a", "remove patch a"),
        ("remove patch.a.machine.type", "patch a { remove machine.type }"),
        ("patch.a.document.VolumeConfig.x = 1", "patch a { document.VolumeConfig.x = 1 }"),
    ] {
        let text = format!("cluster lab {{\n  {HEAD}\n  {line}\n}}\n");
        let found = errors(&text);
        let finding = found.iter().find(|finding| finding.message.contains("opens a block of its own"));
        let finding = finding.unwrap_or_else(|| panic!("{line}: {found:?}"));
        let mended = edit::apply(&text, &finding.edits).expect("edits that can be made");
        let without_blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(without_blanks(&mended), without_blanks(&text.replace(line, meant)));
    }
}

/// Keys of maps are whole in blocks and in values, and a path goes through one only behind quotes.
#[test]
fn keys_of_maps_are_whole() {
    let program = |patch: &str| {
        format!("patch a {{ {patch} }}\ncluster lab {{\n  {HEAD}\n  patches = [a]\n  controlplane {{}}\n}}\n")
    };
    for patch in [
        "machine.registries.config { ghcr.io { auth.username = \"a\" } }",
        "machine { registries { config { ghcr.io { auth.username = \"a\" } } } }",
        "machine { registries { config = { ghcr.io = { auth.username = \"a\" } } } }",
        "machine.registries.config.\"ghcr.io\".auth.username = \"a\"",
        "machine.registries { config.\"ghcr.io\" { auth { username = \"a\" } } }",
    ] {
        let (loader, text) = (talosc::source::loader::MemoryLoader::default(), program(patch));
        let mut loader = loader;
        loader.files.insert("main.talos".into(), text);
        let compilation = talosc::driver::compile(&loader, &["main.talos".into()]);
        assert!(!compilation.has_errors(), "{patch}: {:?}", compilation.findings);
        let written = format!("{:?}", compilation.documents);
        assert!(written.contains("\"ghcr.io\"") && !written.contains("\"ghcr\""), "{patch}");
    }
    for patch in [
        "machine.registries.config.ghcr.io.auth.username = \"a\"",
        "machine.sysctls.vm.swappiness = \"1\"",
        "machine.x { a.b/c = 1 }",
        "machine.x.a.b/c = 1",
    ] {
        let codes: Vec<String> = errors(&program(patch)).iter().map(|d| d.code.name().to_owned()).collect();
        assert_eq!(codes, ["path-through-map"], "{patch}");
    }
}
