//! Invariants of the project: what expressions mean, and what they may not say.

use super::*;

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
        ("require s.gpu == nvidia", "E unknown-name", "s", "known here: `r`"),
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

/// Advice on patches reads the v1alpha1 document and the documents that took its place.
#[test]
fn advice_knows_both_forms() {
    for talos in ["v1.13.7", "v1.14.0-rc.1"] {
        let cluster = |fields: &str| {
            format!(
                "cluster x {{\n omni = v1.11, talos = {talos}, created-with = {talos}, kubernetes = v1.35.0\n controlplane {{}}\n {fields}\n}}\n"
            )
        };
        let url = "extra-manifests = [\"https://raw.githubusercontent.com/a/b/main/x.yaml\"]";
        codes(&cluster(url), &["W unpinned-manifest"]);
        codes(
            &cluster("workers { node-labels { node-role.kubernetes.io/worker = \"\" } }"),
            &["W restricted-node-label"],
        );
        let rotation = ["args { rotate-server-certificates = true }", "config { serverTLSBootstrap = true }"];
        for rotation in rotation {
            codes(&cluster(&format!("kubelet {{ {rotation} }}")), &["W no-certificate-approver"]);
        }
        codes(&cluster("kubelet { config { serverTLSBootstrap = false } }"), &[]);
    }
}

#[test]
fn a_field_that_is_not_there_is_of_something_that_is_called_so() {
    for (path, message) in
        [("r.kernel.foo", "`kernel` has no field `foo`"), ("r.foo", "a role has no field `foo`")]
    {
        let rule = format!("invariant i for role r {{\n  require {path}\n  message \"m\"\n}}\n");
        assert_eq!(one(&project(&rule, "")).message, message);
    }
}
