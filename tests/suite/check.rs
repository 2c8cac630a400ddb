//! Invariants, `allow`, what is unused, and the rules about extensions: small projects, and edits of the homelab.

use talosc::diagnostics::{Diagnostic, Severity, edit};
use talosc::driver::{Compilation, compile};
use talosc::source::SourceMap;
use talosc::source::loader::MemoryLoader;

const HOMELAB: &str = include_str!("../../examples/homelab/cluster.talos");

/// The smallest cluster that has nothing wrong with it; `more` stands before it, `workers` in its body.
fn project(more: &str, workers: &str) -> String {
    format!(
        "{more}\nclass cp {{ match = [\"a = b\"] }}\nclass w {{ match = [\"c = d\"] }}\ncluster test {{\n  \
         talos = v1.13.7\n  kubernetes = v1.35.0\n  controlplane {{ class = cp, size = 3 }}\n  {workers}\n}}\n"
    )
}

/// A finding as a test reads it: severity and code, message, the text under the first label.
#[derive(Debug, PartialEq)]
struct Seen {
    code: String,
    message: String,
    primary: String,
    help: String,
}

fn with<T>(text: &str, look: impl FnOnce(&Compilation<'_>, &SourceMap) -> T) -> T {
    let loader = MemoryLoader { files: [("main.talos".to_owned(), text.to_owned())].into() };
    let compilation = compile(&loader, &["main.talos".to_owned()]);
    look(&compilation, &compilation.flattener.types.names.sources)
}

fn seen(finding: &Diagnostic, sources: &SourceMap) -> Seen {
    let mark = if finding.severity == Severity::Error { "E" } else { "W" };
    Seen {
        code: format!("{mark} {}", finding.code.name()),
        message: finding.message.clone(),
        primary: finding.primary().map(|span| sources.text(span).to_owned()).unwrap_or_default(),
        help: finding.help.clone().unwrap_or_default(),
    }
}

fn all(text: &str) -> Vec<Seen> {
    with(text, |compilation, sources| {
        for finding in &compilation.findings {
            let file = finding.primary().map(|span| sources.file(span.file).name.as_str());
            assert_eq!(file, Some("main.talos"), "a place in std is never the first: {}", finding.message);
            assert!(finding.labels.len() <= 5, "{}", finding.message);
        }
        compilation.findings.iter().map(|finding| seen(finding, sources)).collect()
    })
}

#[track_caller]
fn codes(text: &str, expected: &[&str]) {
    let found = all(text);
    let codes: Vec<&str> = found.iter().map(|seen| seen.code.as_str()).collect();
    assert_eq!(codes, expected, "{found:#?}");
}

/// The one finding of a project.
#[track_caller]
fn one(text: &str) -> Seen {
    let mut found = all(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[track_caller]
fn replaced(from: &str, to: &str) -> String {
    assert_eq!(HOMELAB.matches(from).count(), 1, "{from}");
    HOMELAB.replace(from, to)
}

/// The text after the edits of its findings.
#[track_caller]
fn mended(text: &str) -> String {
    with(text, |compilation, _| {
        let edits: Vec<_> = compilation.findings.iter().flat_map(|finding| finding.edits.clone()).collect();
        assert!(!edits.is_empty(), "nothing offers an edit");
        edit::apply(text, &edits).expect("edits fit the text")
    })
}

// ---- the homelab ----------------------------------------------------------------------------------------------------------

#[test]
fn the_homelab_is_clean() {
    codes(HOMELAB, &[]);
    let bytes = with(HOMELAB, |compilation, _| compilation.flattener.types.names.std_bytes);
    assert!(bytes < 14_000, "{bytes} bytes of the standard library were parsed");
}

#[test]
fn a_gpu_role_without_the_runtime() {
    let text = replaced("  override runtime = nvidia\n", "");
    let found = one(&text);
    assert_eq!(found.code, "E gpu-needs-runtime");
    assert_eq!(found.primary, "nvidia.production");
    assert!(
        found.help.starts_with("write `override runtime = nvidia` in the role `gpu-worker`"),
        "{}",
        found.help
    );
    let mended = mended(&text);
    assert!(mended.contains("gpu-worker = \"true\" }\n  override runtime = nvidia\n}"), "{mended}");
    codes(&mended, &[]);
    let other = replaced("  override runtime = nvidia\n", "  runtimes += [nvidia]\n");
    codes(&other, &[]);
}

#[test]
fn a_gpu_role_shows_every_place() {
    let text = replaced("  override runtime = nvidia\n", "");
    with(&text, |compilation, sources| {
        let finding = &compilation.findings[0];
        let labels: Vec<(&str, &str, &str)> = finding
            .labels
            .iter()
            .map(|label| {
                let file = sources.file(label.span.file).name.as_str();
                (file, sources.text(label.span), label.text.as_str())
            })
            .collect();
        assert_eq!(
            labels,
            [
                ("main.talos", "nvidia.production", "`gpu` is `nvidia` through this"),
                ("main.talos", "runtime    = runc", "`runtimes` is `[runc]`"),
                ("<std>/rules.talos", "nvidia in r.runtimes", "required here, by `gpu-needs-runtime`"),
            ]
        );
        assert_eq!(
            finding.notes,
            ["values: `gpu` is `nvidia`, `runtimes` is `[runc]`", "affects the workers `gpu-workers`"]
        );
        assert_eq!(finding.clusters, ["homelab"]);
    });
}

#[test]
fn the_toolkit_of_the_other_branch() {
    let line = "  override runtime = nvidia\n";
    let swapped = replaced(
        line,
        "  override runtime = nvidia\n  extensions -= [nvidia-container-toolkit-production]\n  \
         extensions += [nvidia-container-toolkit-lts]\n",
    );
    let found = one(&swapped);
    assert_eq!(found.code, "E extension-requires");
    assert_eq!(found.primary, "nvidia-container-toolkit-lts");
    assert_eq!(found.help, "take `nvidia-container-toolkit-production`: what it needs is there");
    codes(&mended(&swapped), &[]);

    let both =
        replaced(line, "  override runtime = nvidia\n  extensions += [nvidia-container-toolkit-lts]\n");
    let found = one(&both);
    assert_eq!(found.code, "E extension-conflicts");
    assert_eq!(found.primary, "nvidia-container-toolkit-lts");
}

#[test]
fn a_misspelt_extension_is_found_once() {
    let text = replaced("gasket-driver, iscsi-tools, nfsd", "gasket-driver, iscsi-tool, nfsd");
    let found = one(&text);
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E unknown-name", "iscsi-tool"));
    assert_eq!(mended(&text), HOMELAB);
}

#[test]
fn longhorn_without_its_extensions() {
    let text = replaced(
        "role worker extends base with longhorn.v1\n",
        "role worker extends base with longhorn.v1 {\n  extensions -= [iscsi-tools]\n}\n",
    );
    let found = one(&text);
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E longhorn-needs-extensions", "longhorn.v1"));
    with(&text, |compilation, _| {
        let notes = compilation.findings[0].notes.join("\n");
        assert!(notes.contains("affects the workers `workers` and the workers `gpu-workers`"), "{notes}");
    });
}

#[test]
fn an_older_talos_lacks_an_extension() {
    let text = HOMELAB.replace("v1.13.7", "v1.9.6").replace("v1.35.0", "v1.32.4");
    let found = one(&text);
    assert_eq!(found.code, "E extension-unavailable");
    assert_eq!(found.message, "Talos v1.9.6 has no extension `nfsd`");
    assert_eq!(found.primary, "nfsd");
    codes(&text.replace(" nfsd,", ""), &[]);
}

#[test]
fn the_guest_agent_is_listed_again() {
    let text = replaced("nfsd, qemu-guest-agent, util-linux-tools", "nfsd, util-linux-tools");
    let found = all(&text);
    assert!(found.iter().all(|seen| seen.code == "W guest-agent-missing"), "{found:#?}");
    assert!(!found.is_empty());
}

#[test]
fn gpu_classes_fit_their_provider() {
    codes(&replaced("  balloon     = false\n", ""), &["W gpu-class-balloons"]);
    codes(&replaced("  machine_type     = q35\n", ""), &["W gpu-class-machine-type"]);
    let gone = replaced("  pci_devices = [{ mapping = \"nvidia-gpu-1\", pcie = true }]\n", "");
    codes(&gone, &["W gpu-class-passes-device"]);
    // A provider that extends proxmox is one.
    let fork = gone.replace(
        "abstract class vm via proxmox {",
        "provider proxmox-hp extends proxmox {}\nabstract class vm via proxmox-hp {",
    );
    codes(&fork, &["W gpu-class-passes-device"]);
}

// ---- invariants of the project --------------------------------------------------------------------------------------------

#[test]
fn a_rule_of_the_project() {
    let rule = "invariant named-zone for role r {\n  when    r.node-labels\n  require \"zone\" in r.node-labels\n  \
                message \"`${r.name}` has labels but no zone\"\n  level = warning\n}\n\
                role a { node-labels { x = \"1\" } }\nrole b { node-labels { zone = \"1\" } }\n";
    let text = project(
        rule,
        "workers { role = a, class = w, size = 1 }\n  workers two { role = b, class = w, size = 1 }",
    );
    let found = one(&text);
    assert_eq!(found.code, "W named-zone");
    assert_eq!(found.message, "`a` has labels but no zone");
    assert_eq!(found.primary, "x = \"1\"");
}

/// The body of a rule about sets, and whether the set of the project keeps it.
#[track_caller]
fn keeps(require: &str, expected: bool) {
    let rule = format!("invariant i for set s {{\n  require {require}\n  message \"m\"\n}}\n");
    let network = "network lan { subnet = 10.0.0.0/24, gateway = 10.0.0.1, vip = 10.0.1.9 }\n";
    let set = "workers w1 {\n    class = w, size = 2, hostname = \"n\", runtime = crun, extensions = [crun, zfs]\n    \
               kernel { modules = [zfs], sysctls { a.b = 1 } }\n    network = lan, install { disk = \"/dev/sda\" }\n  }";
    let text = project(&format!("{rule}{network}"), set);
    let found = all(&text);
    let broken: Vec<&Seen> = found.iter().filter(|seen| seen.code == "E i").collect();
    let others: Vec<&Seen> =
        found.iter().filter(|seen| seen.code.starts_with('E') && seen.code != "E i").collect();
    let known = ["E identity-needs-one-machine", "E vip-in-subnet"];
    assert!(others.iter().all(|seen| known.contains(&seen.code.as_str())), "{others:#?}");
    let broken = broken.iter().any(|seen| !seen.primary.is_empty());
    // The control planes set nothing: rules are written so that they hold there.
    assert_eq!(!broken, expected, "{require}: {found:#?}");
}

#[test]
fn what_expressions_mean() {
    let here = |condition: &str| format!("s.name == \"w1\" implies ({condition})");
    for (condition, expected) in [
        // A lone path: set and not false.
        ("s.hostname", true),
        ("s.address", false),
        ("not s.address", true),
        // Something unset is neither equal nor unequal, and has no elements.
        ("s.address == 10.0.0.1/24", false),
        ("s.gpu != nvidia", false),
        ("count s.machines == 0", true),
        ("all m in s.machines: m.locked", true),
        ("any m in s.machines: m.locked", false),
        // Lists, maps, runtimes.
        ("crun in s.extensions and zfs in s.extensions", true),
        ("nvidia in s.runtimes", false),
        ("crun in s.runtimes and runc in s.runtimes", true),
        ("count s.extensions == 2", true),
        ("unique s.extensions", true),
        ("\"a.b\" in s.kernel.sysctls", true),
        ("zfs in s.kernel.modules", true),
        ("all x in s.extensions: x in [crun, zfs, nfsd]", true),
        ("any x in [nfsd, zfs]: x in s.extensions", true),
        // Numbers, words and versions.
        ("s.size == 2 and s.size < 3 and s.size >= 2", true),
        ("s.size == unlimited", false),
        ("s.cluster.talos >= v1.12", true),
        ("s.cluster.talos == v1.13", true),
        ("s.cluster.talos > v1.13.7", false),
        ("s.cluster.talos < v1.13.9", true),
        // Through references.
        ("s.network.gateway within s.network.subnet", true),
        ("s.network.vip within s.network.subnet", false),
        ("s.class.name == \"w\"", true),
        ("s.class == w", true),
        ("s.class == s.cluster.controlplane.class", false),
        ("count s.cluster.workers == 1", true),
        // Binding strength.
        ("s.hostname or s.address and s.gpu", true),
        ("not s.gpu and s.hostname", true),
        ("s.gpu implies s.address", true),
    ] {
        keeps(&here(condition), expected);
    }
}

#[test]
fn what_a_rule_may_not_say() {
    let rule = |clauses: &str| {
        project(&format!("invariant i for role r {{\n  {clauses}\n  message \"m\"\n}}\n"), "")
    };
    for (clauses, code, primary, help) in [
        ("require r.gpus == nvidia", "E unknown-field", "gpus", "did you mean `gpu`?"),
        ("require r.kernel.sysctl", "E unknown-field", "sysctl", "did you mean `sysctls`?"),
        ("require s.gpu == nvidia", "E unknown-name", "s", "did you mean `r`?"),
        ("require r.gpu == nvida", "E wrong-type", "nvida", "did you mean `nvidia`?"),
        ("require nvida in r.runtimes", "E unknown-name", "nvida", "did you mean `nvidia`?"),
        ("require r.gpu < nvidia", "E wrong-type", "<", ""),
        ("require nvidia in r.gpu", "E wrong-type", "r.gpu", ""),
        ("require r.extensions == zfs", "E wrong-type", "zfs", ""),
        ("require r.hostname == r.extensions", "E wrong-type", "==", ""),
        ("require count r.extensions", "E wrong-type", "count r.extensions", ""),
        ("require r.node-labels.zone", "E path-through-map", "zone", ""),
        ("require r.hostname.x", "E unknown-field", "x", ""),
        ("require r.hostname within r.network.subnet", "E wrong-type", "r.hostname", ""),
        ("when r.gpu", "E bad-invariant", "i", ""),
    ] {
        let found = all(&rule(clauses));
        assert_eq!(found.len(), 1, "{clauses}: {found:#?}");
        let found = &found[0];
        assert_eq!((found.code.as_str(), found.primary.as_str()), (code, primary), "{clauses}: {found:#?}");
        assert!(help.is_empty() || found.help == help, "{clauses}: {}", found.help);
    }
    let of = |text: &str| all(&project(text, ""));
    let found = of("invariant i { require x\n message \"m\" }");
    assert_eq!(found[0].code, "E bad-invariant", "{found:#?}");
    let found = of("invariant i for rolle r {\n  require r.gpu\n  message \"m\"\n}");
    assert_eq!((found.len(), found[0].help.as_str()), (1, "did you mean `role`?"), "{found:#?}");
    let found = of("invariant i for role r {\n  require r.gpu\n  message \"${r.nam}\"\n}");
    assert_eq!((found.len(), found[0].primary.as_str()), (1, "nam"), "{found:#?}");
    let found = of("invariant i for class c {\n  require c.balloon == false\n  message \"m\"\n}");
    assert_eq!((found.len(), found[0].primary.as_str()), (1, "balloon"), "{found:#?}");
}

#[test]
fn a_machine_that_says_something_is_judged() {
    let machine = "machine m1 { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0\n gpu = nvidia }\n\
                   machine m2 { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b1 }\n";
    let text = project(machine, "workers { machines = [m1, m2] }");
    let found = one(&text.replace("class w { match = [\"c = d\"] }\n", ""));
    assert_eq!(found.code, "E gpu-needs-runtime");
    assert_eq!(found.primary, "gpu = nvidia");
    assert!(found.message.starts_with("`m1` has"), "{}", found.message);
}

#[test]
fn one_rule_of_two_clusters_is_one_message() {
    let text = "role gpu { gpu = nvidia, extensions = [nonfree-kmod-nvidia-lts]\n kernel { modules = [nvidia, nvidia_uvm, nvidia_drm, nvidia_modeset] } }\n\
        class c { match = [\"a = b\"] }\n\
        abstract cluster base { talos = v1.13.7, kubernetes = v1.35.0\n controlplane { class = c, size = 1 }\n workers { role = gpu, class = c, size = 1 } }\n\
        cluster one extends base\ncluster two extends base\n";
    let found = one(text);
    assert_eq!(found.code, "E gpu-needs-runtime");
    with(text, |compilation, _| assert_eq!(compilation.findings[0].clusters, ["one", "two"]));
}

// ---- allow ----------------------------------------------------------------------------------------------------------------

#[test]
fn allow_silences_where_it_stands() {
    let even =
        project("", "").replace("size = 3", "size = 2").replace("class w { match = [\"c = d\"] }\n", "");
    codes(&even, &["W even-control-planes"]);
    let allow = "allow(even-control-planes, \"two sites only\")";
    codes(&even.replace("talos = v1.13.7", &format!("{allow}\n  talos = v1.13.7")), &[]);
    let in_set = even.replace("size = 2 }", &format!("size = 2\n    {allow}\n  }}"));
    codes(&in_set, &[]);
    // In another block it is of no use, and says so.
    let elsewhere = even.replace("class cp {", &format!("class cp {{\n  {allow}\n "));
    codes(&elsewhere, &["W allow-unused", "W even-control-planes"]);
}

#[test]
fn allow_is_inherited() {
    let gpu = "abstract role base { allow(gpu-needs-runtime, \"the operator brings it\") }\n\
               role gpu extends base { gpu = nvidia, extensions = [nonfree-kmod-nvidia-lts]\n \
               kernel { modules = [nvidia, nvidia_uvm, nvidia_drm, nvidia_modeset] } }\n";
    codes(&project(gpu, "workers { role = gpu, class = w, size = 1 }"), &[]);
    // Of two roles only one says it.
    let two = format!(
        "{gpu}role bare {{ gpu = nvidia, extensions = [nonfree-kmod-nvidia-lts]\n \
         kernel {{ modules = [nvidia, nvidia_uvm, nvidia_drm, nvidia_modeset] }} }}\n"
    );
    let sets =
        "workers { role = gpu, class = w, size = 1 }\n  workers b { role = bare, class = w, size = 1 }";
    let found = one(&project(&two, sets));
    assert!(found.message.starts_with("`bare` has"), "{}", found.message);
}

#[test]
fn what_cannot_be_allowed() {
    let text = |code: &str| project("", "").replace("talos =", &format!("allow({code}, \"why\")\n  talos ="));
    let text = |code: &str| text(code).replace("class w { match = [\"c = d\"] }\n", "");
    let found = one(&text("host-bits"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E bad-allow", "host-bits"));
    let found = one(&text("even-control-plane"));
    assert_eq!(
        (found.code.as_str(), found.help.as_str()),
        ("E bad-allow", "did you mean `even-control-planes`?")
    );
    codes(&text("even-control-planes"), &["W allow-unused"]);
}

// ---- unused ---------------------------------------------------------------------------------------------------------------

#[test]
fn what_nothing_uses() {
    let more = "network lan { subnet = 10.0.0.0/24 }\nabstract role base {}\nrole lonely {}\n\
                machine m { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0 }\npatch p { machine.network.hostname = \"x\" }\n\
                let x = 3\nextern class elsewhere\nclass spare { match = [\"e = f\"] }\n";
    let text = project(more, "workers { class = w, size = 1 }");
    let found = all(&text);
    let unused: Vec<(&str, &str)> =
        found.iter().map(|seen| (seen.code.as_str(), seen.primary.as_str())).collect();
    let expected = ["lan", "lonely", "m", "p", "x", "spare"].map(|name| ("W unused-declaration", name));
    assert_eq!(unused, expected, "{found:#?}");
    // Where something is wrong, a name may have been lost.
    let broken = project(more, "workers { role = lonly, class = w, size = 1 }");
    codes(&broken, &["E unknown-name"]);
    let allowed = project(
        "role lonely { allow(unused-declaration, \"for the other repository\") }\n",
        "workers { class = w, size = 1 }",
    );
    codes(&allowed, &[]);
}

// ---- extensions -----------------------------------------------------------------------------------------------------------

/// The findings of a set with a body.
fn workers(body: &str) -> String {
    project(
        "import \"std/nvidia\"\nimport \"std/gvisor\"\n",
        &format!("workers {{\n    class = w, size = 1\n    {body}\n  }}"),
    )
    .replace("import \"std/gvisor\"\n", if body.contains("gvisor.") { "import \"std/gvisor\"\n" } else { "" })
    .replace("import \"std/nvidia\"\n", if body.contains("nvidia.") { "import \"std/nvidia\"\n" } else { "" })
}

#[test]
fn names_that_the_catalogue_does_not_have() {
    let found = one(&workers("extensions = [i915-ucode]"));
    assert_eq!(
        (found.code.as_str(), found.help.as_str()),
        ("E extension-unavailable", "it is now called `i915`")
    );
    assert!(mended(&workers("extensions = [i915-ucode]")).contains("[i915]"));
    let found = one(&workers("extensions = [gasket]"));
    assert_eq!(found.help, "it is now called `gasket-driver`");
    let found = one(&workers("extensions = [i915-ucode, i915]"));
    assert_eq!(found.help, "remove it: `i915` took its place and is in the list");
    let found = one(&workers("extensions = [hyperv-guest-agent]"));
    assert_eq!(found.help, "it is in the catalogue from v1.14 on: take it out, or set `talos` to that");
    // A runtime of an old name is not missing besides.
    let found = one(&workers(
        "extensions = [nonfree-kmod-nvidia-lts, nvidia-container-toolkit]\n    runtime = nvidia\n    kernel { modules = [nvidia, nvidia_uvm, nvidia_drm, nvidia_modeset] }",
    ));
    assert_eq!(found.code, "E extension-unavailable");
}

#[test]
fn two_mixins_of_two_branches_are_one_conflict() {
    let found = one(&workers("with nvidia.production, nvidia.lts\n    runtime = nvidia"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E extension-conflicts", "nvidia.lts"));
}

#[test]
fn what_an_extension_requires() {
    let found = one(&workers("extensions = [gvisor-debug]"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E extension-requires", "gvisor-debug"));
    assert!(mended(&workers("extensions = [gvisor-debug]")).contains("[gvisor-debug, gvisor]"));
    codes(&workers("extensions = [gvisor-debug], preinstalled = [gvisor]"), &[]);
}

#[test]
fn runtimes_and_their_extensions() {
    let found = one(&workers("runtimes = [crun]"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E runtime-unavailable", "crun"));
    assert_eq!(found.help, "add it: `extensions += [crun]`");
    codes(&workers("runtimes = [crun], extensions = [crun]"), &[]);
    codes(&workers("runtimes = [crun], preinstalled = [crun]"), &[]);
    codes(&workers("with gvisor.runsc"), &[]);
    let found = one(&workers(
        "with nvidia.lts\n    runtime = nvidia\n    extensions -= [nvidia-container-toolkit-lts]",
    ));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E runtime-unavailable", "runtime = nvidia"));
    assert_eq!(found.help, "add it: `extensions += [nvidia-container-toolkit-lts]`");
}

#[test]
fn modules_that_are_not_there_or_not_loaded() {
    let found = one(&workers("kernel { modules = [zfs] }"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("W kernel-module-missing", "zfs"));
    assert_eq!(found.help, "add the extension: `extensions += [zfs]`");
    codes(&workers("extensions = [zfs]"), &["W module-not-loaded"]);
    codes(&workers("extensions = [zfs]\n    kernel { modules = [zfs, br_netfilter] }"), &[]);
    let driver = "runtime = nvidia, extensions = [nonfree-kmod-nvidia-lts, nvidia-container-toolkit-lts]";
    codes(&workers(driver), &["E driver-not-loaded"]);
}

#[test]
fn services_that_wait() {
    codes(&workers("extensions = [tailscale]"), &["W service-unconfigured"]);
    let patch = "patch ts { document ExtensionServiceConfig tailscale { environment = [\"A=b\"] } }";
    codes(&workers(&format!("extensions = [tailscale]\n    {patch}")), &[]);
    codes(&workers("extensions = [tailscale]\n    secret patch ts file \"ts.yaml\""), &[]);
}

#[test]
fn machines_mend_what_their_set_lacks() {
    let machines = |one: &str, two: &str| {
        let text = format!(
            "machine a {{ id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0\n {one} }}\n\
             machine b {{ id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b1\n {two} }}\n"
        );
        project(&text, "workers { machines = [a, b], extensions = [gvisor-debug] }")
            .replace("class w { match = [\"c = d\"] }\n", "")
    };
    codes(&machines("extensions += [gvisor]", "extensions += [gvisor]"), &[]);
    codes(&machines("extensions += [gvisor]", ""), &["E extension-requires"]);
    codes(&machines("", ""), &["E extension-requires"]);
    // What only a machine says is found there.
    let found = one(&machines("extensions += [gvisor]\n runtimes += [crun]", "extensions += [gvisor]"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E runtime-unavailable", "crun"));
}
