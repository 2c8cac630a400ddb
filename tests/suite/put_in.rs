//! `${name}` is put in wherever a text may stand, and where it is not, between `'`, that is said.

use talosc::diagnostics::edit::apply;

use crate::project::{Files, compile};

/// Items of the body of a role in which `@` is a text: the quotes belong to it.
const OF_ROLE: &[&str] = &[
    "node-labels { zone = @ }",
    "node-labels { @ = \"a\" }",
    "node-annotations { note = @ }",
    "kubelet.args { node-labels = @ }",
    "kubelet.config { clusterDomain = @ }",
    "kubelet.config { systemReserved { @ = 1 } }",
    "kernel { sysctls { kernel.core_pattern = @ } }",
    "mirrors { @ { endpoints = [\"https://a.example\"] } }",
    "mirrors { docker.io { endpoints = [\"https://a.example/${made}\"] } }",
    "volume @ { disk = \"!system_disk\", min-size = 10GiB }",
    "patch @ { machine.kubelet.x = 1 }",
    "patch p { machine.kubelet.x = @ }",
    "patch p { machine.certSANs = [\"a\", @] }",
    "patch p { machine.certSANs += [@] }",
    "patch p { machine.nodeLabels { @ = \"a\" } }",
    "patch p { machine.files = [{ path = \"/var/a\", content = @ }] }",
    "patch p { document UserVolumeConfig @ { provisioning { minSize = \"10GiB\", diskSelector.match = \"!system_disk\" } } }",
    "patch p { document NetworkRuleConfig n { ingress = [{ subnet = @ }] } }",
    "patch p { id = @, machine.kubelet.x = 1 }",
    "patch p { labels { a = @ }, machine.kubelet.x = 1 }",
    "patch p file @",
    "patch p { machine.kubelet.x = file @ }",
    "node-annotations { note = file @ }",
    "patches += [top(name = @)]",
    "patches += [filed(file = @)]",
];

/// The same in the body of a cluster.
const OF_CLUSTER: &[&str] = &[
    "manifest @ { mode = full, objects = [{ apiVersion = \"v1\", kind = \"Namespace\", metadata.name = \"a\" }] }",
    "manifest m { mode = full, objects = [{ apiVersion = \"v1\", kind = \"Namespace\", metadata.name = @ }] }",
    "manifest m { mode = full, text = @ }",
    "manifest m file @ { mode = full }",
    "manifest m { mode = full, text = file @ }",
    "manifest m { mode = full, labels { a = @ }, objects = [{ apiVersion = \"v1\", kind = \"Namespace\", metadata.name = \"a\" }] }",
    "healthcheck h file @ { interval = 1m }",
    "labels { a = @ }",
    "annotations { a = @ }",
    "cert-sans = [@]",
];

/// What the text is: of a file it leads to one, and what stands in that is looked for.
fn text(place: &str) -> &'static str {
    if place.contains("file @") || place.contains("file = @") {
        "./parts/${made}.yaml"
    } else if place.contains("text = @") {
        "{apiVersion: v1, kind: Namespace, metadata: {name: a-${made}}}"
    } else {
        "a-${made}"
    }
}

/// A project in which `made` comes from a parameter or from a `let`.
fn project(place: &str, quote: &str, of_role: bool, parameter: bool) -> Files {
    let item = place.replace('@', &format!("{quote}{}{quote}", text(place)));
    let (item_of_role, item_of_cluster) = if of_role { (item.as_str(), "") } else { ("", item.as_str()) };
    let (params, args, binding) = match parameter {
        true => ("(made: String)", "(made = \"zzz\")", ""),
        false => ("", "", "let made = \"zzz\"\n"),
    };
    let main = format!(
        "{binding}patch top(name: String) {{ machine.kubelet.x = \"${{name}}\" }}\npatch filed(file: String) file \"${{file}}\"\n\
         role r{} {{\n{item_of_role}\n}}\n\
         abstract cluster base{} {{\ntalos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0\n{item_of_cluster}\n}}\n\
         cluster x extends base{} {{\ninstall {{ disk = \"/dev/sda\" }}\ncontrolplane {{}}\nworkers {{ role = r{} }}\n}}\n",
        if of_role { params } else { "" },
        if of_role { "" } else { params },
        if of_role { "" } else { args },
        if of_role { args } else { "" },
    );
    let part = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: zzz, namespace: zzz}\nmachine: {kubelet: {x: zzz}}\n";
    let patch = "machine:\n  kubelet:\n    x: zzz\n";
    let of_patch = place.starts_with("patch p file") || place.contains("filed");
    Files::from([
        ("main.talos".to_owned(), main),
        ("parts/zzz.yaml".to_owned(), if of_patch { patch } else { part }.to_owned()),
    ])
}

fn every_place() -> impl Iterator<Item = (&'static str, bool)> {
    let of_role = OF_ROLE.iter().map(|place| (*place, true));
    of_role.chain(OF_CLUSTER.iter().map(|place| (*place, false)))
}

#[test]
fn a_name_is_put_in_wherever_a_text_may_stand() {
    for (place, of_role) in every_place() {
        for parameter in [false, true] {
            let outcome = compile(&project(place, "\"", of_role, parameter), &["main.talos"]);
            assert!(outcome.errors().is_empty(), "{place}: {}", outcome.text);
            let written = outcome.output.values().any(|text| text.contains("zzz"));
            let left = outcome.output.values().any(|text| text.contains("${"));
            assert!(written && !left, "{place}: {:#?}", outcome.output);
        }
    }
}

#[test]
fn a_name_that_is_not_put_in_is_one_finding_and_its_edit_puts_it_in() {
    for (place, of_role) in every_place().filter(|(place, _)| may_stay(place)) {
        for parameter in [false, true] {
            let files = project(place, "'", of_role, parameter);
            let mut findings = compile(&files, &["main.talos"]).findings;
            findings.retain(|finding| finding.code != "unused-declaration");
            let [finding] = findings.as_slice() else { panic!("{place}: {findings:#?}") };
            assert!(matches!(finding.code.as_str(), "not-put-in" | "bad-text"), "{place}: {finding:#?}");
            let main = apply(&files["main.talos"], &finding.edits["main.talos"]).expect("the edit fits");
            assert_eq!(main, project(place, "\"", of_role, parameter)["main.talos"], "{place}");
        }
    }
}

/// Whether a text that stays as it is says nothing wrong by itself: it is no YAML, and leads to no file that is elsewhere.
fn may_stay(place: &str) -> bool {
    place.contains('@') && !place.contains("filed") && !place.contains("text = @")
}

#[test]
fn three_quotes_and_signs_are_kept() {
    let written = "let made = \"zzz\"\ncluster x {\n  talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0\n  \
                   controlplane {}\n  kubelet.args { a = '\\d \"q\" ${other} ${made}' }\n  \
                   patch p {\n    machine.kubelet.x = '''\n      \\n \"${made}\"\n        ${x\n      '''\n  }\n}\n";
    let files = Files::from([("main.talos".to_owned(), written.to_owned())]);
    let before = compile(&files, &["main.talos"]);
    let edits: Vec<_> = before
        .findings
        .iter()
        .flat_map(|finding| finding.edits.get("main.talos").cloned())
        .flatten()
        .collect();
    assert_eq!(edits.len(), 2, "{}", before.text);
    let main = apply(written, &edits).expect("the edits fit");
    let after = compile(&Files::from([("main.talos".to_owned(), main)]), &["main.talos"]);
    assert!(after.findings.is_empty(), "{}", after.text);
    for (before, after) in before.output.values().zip(after.output.values()) {
        assert_eq!(&before.replace("${made}", "zzz"), after);
    }
}
