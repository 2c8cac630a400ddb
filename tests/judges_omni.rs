//! What talosc writes for Omni, before the real Omni client and the real Talos.
//!
//! Each source is compiled, and every document of it judged: templates by `validate`, by `render` and by all their machines,
//! classes and patches of machines as `omnictl apply` reads them.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use talosc::driver::compile;
use talosc::emit::File;
use talosc::omni::Of;
use talosc::source::disk::DiskLoader;
use talosc::source::loader::{Loader, MemoryLoader};

#[path = "harness/judge.rs"]
mod judge;
#[path = "judges/levels.rs"]
mod levels;

use judge::{Judges, Question, Source};

type Outcome = std::result::Result<(), Failed>;
type Test = fn(&mut Judges) -> Outcome;

const TESTS: [(&str, Test); 8] = [
    ("examples_are_accepted", examples_are_accepted),
    ("fields_are_accepted_by_old_and_new_omni", fields_are_accepted_by_old_and_new_omni),
    ("patch_files_are_accepted", patch_files_are_accepted),
    ("machine_patches_reach_their_machine", machine_patches_reach_their_machine),
    ("what_is_refused_here_is_refused_there", what_is_refused_here_is_refused_there),
    ("runtime_labels_reach_the_node", runtime_labels_reach_the_node),
    ("every_list_has_a_sample", levels::every_list_has_a_sample),
    ("each_element_is_there_once", levels::each_element_is_there_once),
];

fn main() -> ExitCode {
    let ignored = judge::ignored();
    let trial = |(name, test): (&str, Test)| {
        Trial::test(name, move || test(&mut *judge::shared()?)).with_ignored_flag(ignored)
    };
    libtest_mimic::run(&Arguments::from_args(), TESTS.map(trial).into()).exit_code()
}

/// The files of a compilation without errors.
struct Output {
    templates: Vec<(String, String)>,
    classes: Vec<String>,
    patches: Vec<String>,
}

fn output(loader: &dyn Loader, entries: &[&str]) -> Output {
    let entries: Vec<String> = entries.iter().map(|entry| entry.to_string()).collect();
    let compilation = compile(loader, &entries);
    let errors =
        || compilation.findings.iter().filter(|one| one.severity == talosc::diagnostics::Severity::Error);
    assert!(!compilation.has_errors(), "{:#?}", errors().collect::<Vec<_>>());
    let mut out = Output { templates: Vec::new(), classes: Vec::new(), patches: Vec::new() };
    for document in &compilation.documents {
        let names = &compilation.flattener.types.names;
        let text = File::new(&document.path, names.path(document.entry), &document.nodes).text;
        match document.of {
            Of::Cluster(at) => {
                let born = compilation.clusters[at].target.created_with.bare();
                out.templates.push((text, born));
            }
            Of::Classes(_) => out.classes.push(text),
            Of::Machines(_) => out.patches.push(text),
            Of::Patch | Of::Manifest => {}
        }
    }
    out
}

fn of(text: &str, files: &[(&str, &str)]) -> Output {
    let mut all = vec![("cluster.talos", text)];
    all.extend(files);
    let files = all.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    output(&MemoryLoader { files }, &["cluster.talos"])
}

/// Everything of an output is accepted, with files that are not in git beside the templates.
fn accept(judges: &mut Judges, output: &Output, beside: &[(&str, &str)]) -> Outcome {
    for (template, born) in &output.templates {
        let mut source = Source::from(template.as_str()).stripped();
        for (path, text) in beside {
            source = source.beside(path, text);
        }
        let verdict = judges.validate(source.clone())?;
        assert!(verdict.ok, "{verdict:#?}\n{template}");
        let verdict = judges.render(source.clone())?;
        assert!(verdict.ok, "{verdict:#?}\n{template}");
        let machines = judges.machines(&Question::new(source).born(born))?;
        assert!(machines.ok, "{machines:#?}\n{template}");
    }
    for text in output.classes.iter().chain(&output.patches) {
        let applied = judges.resources(text.as_str())?;
        assert!(
            applied.ok && applied.resources.iter().all(|one| one.namespace == "default"),
            "{applied:#?}\n{text}"
        );
    }
    Ok(())
}

fn examples_are_accepted(judges: &mut Judges) -> Outcome {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let registry = "apiVersion: v1alpha1\nkind: RegistryAuthConfig\nname: registry.example.org\nusername: pull\npassword: x\n";
    for (directory, entries) in
        [("homelab", &["cluster.talos"][..]), ("fleet", &["prod.talos", "staging.talos"])]
    {
        let loader = DiskLoader::new(std::path::Path::new(&format!("{root}/{directory}")))?;
        let output = output(&loader, entries);
        accept(judges, &output, &[("secrets/registry.yaml", registry)])?;
    }
    Ok(())
}

const HEAD: &str = "import \"std/proxmox\"\n\
    class made via proxmox { cores = 4, memory = 8GiB, disk_size = 40GiB, storage_selector = 'name == \"a\"', \
    meta-values { 0xa = \"v\" }, grpc-tunnel = true, kernel-args = [\"a=b\"] }\n\
    class picked { match = [\"omni.sidero.dev/arch = amd64, zone in (a, b)\", \"!gpu\"] }\n\
    machine one { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0, labels { rack = \"a\" } }\n\
    machine two { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b1, locked = true, extensions += [nfsd] }\n";

/// All fields that a release has.
fn everything(omni: &str, talos: &str, kubernetes: &str) -> String {
    let minor: u16 = omni.rsplit('.').next().and_then(|minor| minor.parse().ok()).unwrap_or_default();
    let since = |first: u16, text: &'static str| if minor >= first { text } else { "" };
    [
        HEAD,
        "cluster home {\n omni = ", omni, "\n talos = ", talos, "\n kubernetes = ", kubernetes, "\n",
        "labels { team = \"a\" }\n annotations { note = \"b c\" }\n",
        "features { workload-proxy = true, embedded-discovery = true, disk-encryption = true }\n backup { interval = 90m }\n",
        since(10, "features { node-audit-skip = true }\n"),
        since(9, "healthcheck h { interval = 10s, job = \"{apiVersion: batch/v1, kind: Job, metadata: {name: h}}\" }\n"),
        since(7, "manifest a { mode = full, text = \"{apiVersion: v1, kind: Namespace, metadata: {name: a}}\" }\n"),
        since(7, "manifest b { mode = one-time, objects = [{ apiVersion = \"v1\", kind = \"Namespace\", metadata { name = \"b\" } }] }\n"),
        "extensions = [iscsi-tools]\n",
        "patch both { machine.env.A = \"b\", document KmsgLogConfig remote { url = \"tcp://10.0.0.1:5000/\" } }\n",
        "controlplane { machines = [one]\n bootstrap { cluster-uuid = 430d882a-51a8-48b3-ab00-d4b5b0b5b0c0, snapshot = \"s.snapshot\" }\n",
        since(6, "upgrade-strategy = rolling(2)\n"),
        since(5, "kernel { args = [\"quiet\"] }\n"),
        "}\n workers { machines = [two], update-strategy = rolling(2), delete-strategy = unset }\n",
        "workers made { class = made, size = 2, extensions += [nfsd]\n",
        since(5, "kernel { args = [\"console=ttyS0\"] }\n"),
        "}\n workers picked { class = picked, size = unlimited }\n workers none { }\n}\n",
    ]
    .concat()
}

fn fields_are_accepted_by_old_and_new_omni(judges: &mut Judges) -> Outcome {
    for (omni, talos, kubernetes) in [
        ("v1.4", "v1.11.6", "v1.33.1"),
        ("v1.5", "v1.12.7", "v1.34.1"),
        ("v1.6", "v1.12.7", "v1.34.1"),
        ("v1.7", "v1.12.7", "v1.34.1"),
        ("v1.8", "v1.13.7", "v1.35.2"),
        ("v1.9", "v1.13.7", "v1.35.2"),
        ("v1.10", "v1.13.7", "v1.36.2"),
    ] {
        let output = of(&everything(omni, talos, kubernetes), &[]);
        accept(judges, &output, &[])?;
    }
    Ok(())
}

fn cluster(body: &str) -> String {
    format!("{HEAD}cluster home {{\n omni = v1.8\n talos = v1.13.7\n kubernetes = v1.35.2\n{body}\n}}\n")
}

fn patch_files_are_accepted(judges: &mut Judges) -> Outcome {
    let yaml = "# why\nmachine: &m\n  env: {A: '0x1F', B: \"on\", C: '2026-11-21'}\n  files:\n    - {path: /etc/a, permissions: 0644, content: \"a\\n\", op: create}\n---\n---\napiVersion: v1alpha1\nkind: HostnameConfig\n$patch: delete\n";
    for omni in ["v1.7", "v1.8", "v1.10"] {
        let text = cluster(
            "controlplane { machines = [one]\n patch mine file \"mine.yaml\"\n secret patch far file \"omni/cluster-template/s/far.yaml\" }",
        );
        let talos = if omni == "v1.7" { "v1.12.7" } else { "v1.13.7" };
        let text = text.replace("omni = v1.8", &format!("omni = {omni}")).replace("v1.13.7", talos);
        let output = of(&text, &[("mine.yaml", yaml)]);
        let far = "machine: {env: {D: e}}";
        accept(judges, &output, &[("s/far.yaml", far), ("omni/cluster-template/s/far.yaml", far)])?;
    }
    Ok(())
}

fn machine_patches_reach_their_machine(judges: &mut Judges) -> Outcome {
    let far = "machine far { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0c1, class = picked\n\
               node-labels { own = \"yes\" }\n patch env { machine.env.OWN = \"yes\" } }\n";
    let text = far.to_string()
        + &cluster("controlplane { machines = [one] }\n workers { class = picked, size = unlimited }");
    let output = of(&text, &[]);
    accept(judges, &output, &[])?;
    let mut question = Question::new(output.templates[0].0.as_str()).born("1.13.7").printed();
    for patches in &output.patches {
        question = question.with(patches.as_str());
    }
    let machines =
        judges.machines(&question.member("home-workers", "430d882a-51a8-48b3-ab00-d4b5b0b5b0c1"))?;
    assert!(machines.ok, "{machines:#?}");
    for machine in &machines.machines {
        let config = machine.judgement.config.as_deref().unwrap_or_default();
        let own = config.contains("OWN: \"yes\"") && config.contains("own: \"yes\"");
        assert_eq!(own, machine.id.ends_with("c1"), "{}: {config}", machine.id);
    }
    Ok(())
}

fn runtime_labels_reach_the_node(judges: &mut Judges) -> Outcome {
    let text = cluster(
        "controlplane { machines = [one] }\n workers { machines = [two], runtimes += [gvisor], extensions += [gvisor], node-labels { a = \"b\" } }",
    );
    let output = of(&text, &[]);
    accept(judges, &output, &[])?;
    let machines =
        judges.machines(&Question::new(output.templates[0].0.as_str()).born("1.13.7").printed())?;
    for machine in &machines.machines {
        let config = machine.judgement.config.as_deref().unwrap_or_default();
        assert_eq!(
            config.contains("talosc.dev/runtime-gvisor: \"true\""),
            machine.role == "worker",
            "{config}"
        );
    }
    Ok(())
}

/// Templates that talosc refuses to write, as they would have been written.
fn what_is_refused_here_is_refused_there(judges: &mut Judges) -> Outcome {
    let text = cluster(
        "controlplane { machines = [one]\n patch a { machine.env.A = \"b\" } }\n workers { machines = [two] }",
    );
    let template = of(&text, &[]).templates[0].0.clone();
    let two = "apiVersion: v1alpha1\n          kind: DummyLinkConfig\n          name: a\n        - apiVersion: v1alpha1\n          kind: LinkConfig\n          name: a\n";
    for (from, to, why) in [
        ("          A: b", "          A: b\n        token: x", "machine.token"),
        ("          A: b", "          A: b\n        type: worker", "machine.type"),
        ("      machine:\n        env:\n          A: b", "      {}", "config not found"),
        (
            "      machine:\n        env:\n          A: b\n",
            &format!(
                "      - {}",
                two.replace("\n          ", "\n        ").replace("\n        - ", "\n      - ")
            ),
            "conflict",
        ),
        ("kind: Workers\nname: workers", "kind: Workers\nname: control-planes", "control-planes"),
        ("d4b5b0b5b0b1\n", "d4b5b0b5b0b0\n", ""),
        ("kind: Workers\n", "kind: Workers\nlabels: {omni.sidero.dev/a: b}\n", "omni.sidero.dev/"),
        ("name: home\n", "name: ho me\n", ""),
        (
            "kind: ControlPlane\n",
            "kind: ControlPlane\nkernelArgs: [a]\nmachineClass: {name: a, size: 1}\n",
            "",
        ),
    ] {
        let changed = template.replacen(from, to, 1);
        assert_ne!(changed, template, "{from}");
        let verdict = judges.validate(Source::from(changed.as_str()).stripped())?;
        assert!(
            !verdict.ok && verdict.errors.iter().any(|error| error.contains(why)),
            "{why}: {verdict:#?}\n{changed}"
        );
    }
    Ok(())
}
