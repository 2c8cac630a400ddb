//! Whether the judges can be asked from here, and judge.

#[path = "judges/columns.rs"]
mod columns;
#[path = "judges/examples.rs"]
mod examples;
#[path = "harness/judge.rs"]
mod judge;
#[path = "judges/links.rs"]
mod links;
#[path = "harness/nasty.rs"]
mod nasty;
#[path = "harness/project.rs"]
mod project;
#[path = "harness/random.rs"]
mod random;
#[path = "judges/said.rs"]
mod said;
#[path = "judges/selectors.rs"]
mod selectors;
#[path = "judges/table.rs"]
mod table;
#[path = "judges/texts.rs"]
mod texts;
#[path = "judges/yaml_files.rs"]
mod yaml_files;

use std::path::Path;
use std::process::ExitCode;

use judge::{Birth, Judges, MINORS, PREVIEW, Patch, Question, Source};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::json;
use talosc::emit;
use talosc::tree::{Map, Node, Origin};
use talosc::yaml::carry::{GoWriter, uncarried};

const MACHINE: &str = "4c4c4544-0039-3010-804a-b7c04f4d3233";
const MEMBER: &str = "4c4c4544-0039-3010-804a-b7c04f4d3234";

const TEMPLATE: &str = "\
kind: Cluster
name: home
kubernetes:
  version: v1.32.0
talos:
  version: v1.11.0
---
kind: ControlPlane
machines:
  - 4c4c4544-0039-3010-804a-b7c04f4d3233
---
kind: Workers
machineClass:
  name: worker
  size: 2
---
kind: Machine
name: 4c4c4544-0039-3010-804a-b7c04f4d3233
";

const CLASS: &str = "\
metadata:
  namespace: default
  type: MachineClasses.omni.sidero.dev
  id: worker
spec:
  autoprovision:
    providerid: proxmox
    providerdata: |
      cores: 2
";

const BOND: &str =
    "apiVersion: v1alpha1\nkind: BondConfig\nname: bond0\nlinks: [eth0]\nbondMode: active-backup\n";

type Test = fn(&mut Judges) -> std::result::Result<(), Failed>;

const TESTS: [(&str, Test); 26] = [
    ("yaml_files_are_read_as_go_reads_them", yaml_files::are_read_as_go_reads_them),
    ("nasty_strings_are_the_same_for_go", nasty_strings_are_the_same_for_go),
    ("texts_are_carried_as_the_table_says", texts::are_carried_as_the_table_says),
    ("texts_that_are_accepted_arrive", texts::that_are_accepted_arrive),
    ("base_configs_are_those_that_talos_generates", base_configs_are_those_that_talos_generates),
    ("fields_are_those_that_talos_reads", table::regenerate),
    ("columns_are_what_omni_owns", columns::owned),
    ("columns_are_what_workers_refuse", columns::machines),
    ("columns_are_which_documents_conflict", columns::groups),
    ("templates_are_validated", templates_are_validated),
    ("files_are_found_beside_a_template", files_are_found_beside_a_template),
    ("newer_fields_are_stripped", newer_fields_are_stripped),
    ("templates_are_rendered", templates_are_rendered),
    ("lost_keys_are_reported", lost_keys_are_reported),
    ("machines_are_merged_by_level", machines_are_merged_by_level),
    ("each_minor_judges_by_itself", each_minor_judges_by_itself),
    ("workers_refuse_what_is_for_control_planes", workers_refuse_what_is_for_control_planes),
    ("yaml_is_read_as_go_reads_it", yaml_is_read_as_go_reads_it),
    ("selectors_with_other_bytes", selectors::mutants),
    ("said_is_got_by_examples", said::of_examples),
    ("said_is_got_by_fixtures", said::of_fixtures),
    ("said_is_got_by_programs_of_chance", said::of_random),
    ("every_field_of_a_node_has_a_row", said::every_field_has_a_row),
    ("said_is_got_by_every_field", said::of_fields),
    ("said_is_got_by_a_corpus", said::of_corpus),
    ("said_is_got_by_cases", said::of_cases),
];

fn main() -> ExitCode {
    let ignored = judge::ignored();
    let trial = |(name, test): (&str, Test)| {
        Trial::test(name, move || test(&mut *judge::shared()?)).with_ignored_flag(ignored)
    };
    let mut trials: Vec<Trial> = TESTS.map(trial).into();
    for (directory, dropped) in examples::ALL {
        for minor in MINORS {
            let name = format!("example_{directory}_on_{minor}");
            let test = move || examples::judge(&mut *judge::shared()?, directory, dropped, minor);
            trials.push(Trial::test(name, test).with_ignored_flag(ignored));
        }
        let test = move || examples::judge_as_it_is(&mut *judge::shared()?, directory);
        trials.push(Trial::test(format!("example_{directory}"), test).with_ignored_flag(ignored));
    }
    for minor in MINORS {
        let test = move || examples::judge_shapes(&mut *judge::shared()?, minor);
        trials.push(Trial::test(format!("shapes_of_links_on_{minor}"), test).with_ignored_flag(ignored));
        let test = move || links::table(&mut *judge::shared()?, minor);
        trials.push(Trial::test(format!("links_of_all_levels_on_{minor}"), test).with_ignored_flag(ignored));
        let test = move || selectors::table(&mut *judge::shared()?, minor);
        trials.push(Trial::test(format!("selectors_on_{minor}"), test).with_ignored_flag(ignored));
        let test = move || texts::reach_machines_of(&mut *judge::shared()?, minor);
        trials.push(Trial::test(format!("texts_reach_machines_of_{minor}"), test).with_ignored_flag(ignored));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

#[track_caller]
fn contains(all: &[String], wanted: &str) {
    assert!(all.iter().any(|text| text.contains(wanted)), "expected {wanted:?} in {all:?}");
}

fn templates_are_validated(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let fine = judges.validate(TEMPLATE)?;
    assert!(fine.ok && fine.errors.is_empty() && fine.resources.is_empty(), "{fine:?}");

    let broken = judges.validate(TEMPLATE.replace("name: home", "nmae: home").as_str())?;
    assert!(!broken.ok);
    contains(&broken.errors, "field nmae not found");

    let absent = judges.validate(Path::new("no/such/template.yaml"));
    assert!(absent.is_err_and(|error| error.contains("no/such/template.yaml")));
    Ok(())
}

fn files_are_found_beside_a_template(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let text = TEMPLATE.replace("kind: Machine\n", "kind: Machine\npatches:\n  - file: ../patches/a.yaml\n");
    let source = Source::from(text.as_str())
        .named("clusters/home.yaml")
        .beside("patches/a.yaml", "machine: {env: {A: b}}");

    let outside = judges.validate(source.clone())?;
    assert!(!outside.ok);
    contains(&outside.errors, "../patches/a.yaml");

    let allowed = judges.validate(source.allowing(".."))?;
    assert!(allowed.ok, "{allowed:?}");
    Ok(())
}

fn newer_fields_are_stripped(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let text = TEMPLATE.replace("talos:\n", "features: {enableNodeAuditSkip: true}\ntalos:\n");
    assert!(!judges.validate(text.as_str())?.ok);

    let verdict = judges.validate(Source::from(text.as_str()).stripped())?;
    assert!(verdict.ok, "{verdict:?}");
    let [field] = verdict.stripped.as_slice() else {
        panic!("expected one field, got {:?}", verdict.stripped)
    };
    assert_eq!((field.kind.as_str(), field.name.as_str()), ("Cluster", "home"));
    assert_eq!((field.path.as_str(), field.since.as_str()), ("features.enableNodeAuditSkip", "1.10.0"));
    assert!(judge::golden_only()?.contains(&[&field.kind, &field.path, &field.since].map(String::clone)));
    Ok(())
}

fn templates_are_rendered(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let verdict = judges.render(TEMPLATE)?;
    assert!(verdict.ok, "{verdict:?}");
    let workers =
        verdict.resources.iter().find(|resource| resource.id == "home-workers").ok_or("no workers")?;
    assert_eq!(
        (workers.namespace.as_str(), workers.kind.as_str()),
        ("default", "MachineSets.omni.sidero.dev")
    );
    assert_eq!(workers.labels.get("omni.sidero.dev/cluster").map(String::as_str), Some("home"));
    assert_eq!(workers.spec["machineallocation"]["machinecount"], json!(2));
    Ok(())
}

fn lost_keys_are_reported(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let fine = judges.resources(CLASS)?;
    assert!(fine.ok && fine.resources.len() == 1, "{fine:?}");

    let misspelt = judges.resources(CLASS.replace("providerid", "providerID").as_str())?;
    assert!(!misspelt.ok && misspelt.errors.is_empty());
    let lost: Vec<_> = misspelt.lost.iter().map(ToString::to_string).collect();
    assert_eq!(lost, ["worker, line 7: spec.autoprovision.providerID lost"]);

    let mapping = judges.resources(CLASS.replace("providerdata: |", "providerdata:").as_str())?;
    contains(&mapping.errors, "into string");
    Ok(())
}

fn machines_are_merged_by_level(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let patch = |id: &str, value: &str| {
        format!("patches:\n  - {{idOverride: {id}, inline: {{machine: {{env: {{LEVEL: {value}}}}}}}}}\n")
    };
    let text = TEMPLATE
        .replace("kind: Cluster\n", &format!("kind: Cluster\n{}", patch("z", "cluster")))
        .replace("kind: Workers\n", &format!("kind: Workers\n{}", patch("y", "set")));
    let beside = format!(
        "metadata:\n  namespace: default\n  type: ConfigPatches.omni.sidero.dev\n  id: a\n  labels: {{omni.sidero.dev/machine: {MEMBER}}}\n\
         spec:\n  data: |\n    machine: {{env: {{LEVEL: machine}}}}\n"
    );
    let question = Question::new(text.as_str()).born("1.10.0").printed();

    let own = judges.machines(&question.clone().with(beside.as_str()).member("home-workers", MEMBER))?;
    assert!(own.ok && own.born == "1.10.0" && own.talos == "1.11.0", "{own:?}");
    for (id, level) in [(MACHINE, "cluster"), (MEMBER, "machine")] {
        let machine = own.machines.iter().find(|machine| machine.id == id).ok_or("no machine")?;
        let config = machine.judgement.config.as_deref().unwrap_or_default();
        assert!(config.contains(&format!("LEVEL: {level}\n")), "expected {level} in {config}");
    }

    let set = judges.machines(&question)?;
    let workers = set.machines.iter().find(|machine| machine.id.is_empty()).ok_or("no machine")?;
    assert!(workers.judgement.config.as_deref().is_some_and(|config| config.contains("LEVEL: set\n")));

    for minor in &MINORS[1..] {
        for machine in judges.machines_on(minor, &own)? {
            assert!(machine.judgement.ok, "{minor}: {machine:?}");
        }
    }
    assert!(judges.machines_on("1.9", &own).is_err_and(|error| error.contains("cannot be judged")));
    Ok(())
}

/// What `src/talos/rules/workers.rs` refuses: every minor takes it on control planes and refuses it on workers.
fn workers_refuse_what_is_for_control_planes(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let api = "machine: {features: {kubernetesTalosAPIAccess: {enabled: true, allowedRoles: [\"os:reader\"], allowedKubernetesNamespaces: [a]}}}";
    let vip = "machine: {network: {interfaces: [{interface: eth0, dhcp: true, vip: {ip: 10.0.0.9}}]}}";
    let vlan = "machine: {network: {interfaces: [{interface: eth0, dhcp: true, vlans: [{vlanId: 3, dhcp: true, vip: {ip: 10.0.0.9}}]}]}}";
    let etcd = "cluster: {etcd: {extraArgs: {quota-backend-bytes: \"1\"}}}";
    for minor in MINORS {
        for (patch, why) in
            [(etcd, "etcd config"), (api, "Kubernetes Talos API Access"), (vip, "virtual"), (vlan, "virtual")]
        {
            for (role, takes) in [("controlplane", true), ("worker", false)] {
                let birth = Birth { role, born: "1.9.0", kubernetes: "1.32.0" };
                let judgement = judges.minor(minor, birth, &[Patch::new("patch", patch)])?;
                assert_eq!(judgement.ok, takes, "{minor} {role} {patch}: {judgement:?}");
                if !takes {
                    contains(&judgement.errors, why);
                }
            }
        }
    }
    Ok(())
}

fn each_minor_judges_by_itself(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let birth = Birth { role: "worker", born: "1.9.0", kubernetes: "1.32.0" };
    for (minor, knows) in MINORS.into_iter().zip([false, false, false, true, true]) {
        let judgement = judges.minor(minor, birth, &[Patch::new("bond", BOND)])?;
        assert_eq!(judgement.ok, knows, "{minor}: {judgement:?}");
        if !knows {
            assert_eq!(judgement.stage.as_deref(), Some("load"));
            contains(&judgement.errors, "not registered");
        }
    }

    for (born, documents) in [("1.11.0", vec!["v1alpha1"]), ("1.12.0", vec!["v1alpha1", "HostnameConfig"])] {
        let base = judges.base("1.13", Birth { born, ..birth })?;
        assert!(base.ok && base.documents == documents && base.config.contains("REDACTED"), "{base:?}");
    }
    Ok(())
}

/// Every nasty string as value, key, item and nested, read by Go and, unless the table says otherwise, after Omni has carried it to
/// Talos as an inline patch.
fn nasty_strings_are_the_same_for_go(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let string = |text: &str| Node::str(text, Origin::NONE);
    for text in nasty::NASTY {
        let keyed = Map::from_iter([((*text).into(), string(text))]);
        let list = vec![
            string(text),
            Node::map(keyed.clone(), Origin::NONE),
            Node::seq(vec![string(text)], Origin::NONE),
        ];
        let map = Map::from_iter([
            ("value".into(), string(text)),
            ("list".into(), Node::seq(list, Origin::NONE)),
            ("keyed".into(), Node::map(keyed, Origin::NONE)),
        ]);
        let document = Node::map(map, Origin::NONE);
        let values = judges.yaml(&emit::yaml::body(std::slice::from_ref(&document)).0)?;
        if !uncarried(&document, &[GoWriter::V4Rc4]).is_empty() {
            continue;
        }
        let keyed = json!({ *text: text });
        let expected = json!({ "value": text, "list": [text, keyed, [text]], "keyed": keyed });
        assert!(values.ok, "{text:?}: {:?}", values.errors);
        assert_eq!(values.documents, std::slice::from_ref(&expected), "{text:?}");
        assert_eq!(values.carried, std::slice::from_ref(&expected), "{text:?}, carried");
    }
    Ok(())
}

fn yaml_is_read_as_go_reads_it(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let values = judges.yaml("a: on\nb: 2024-01-02\nc: 0x10\n")?;
    let expected = json!({ "a": "on", "b": { "$go": "time.Time", "text": "2024-01-02T00:00:00Z" }, "c": 16 });
    assert_eq!(values.documents, std::slice::from_ref(&expected));
    assert_eq!(values.carried, std::slice::from_ref(&expected));
    assert!(values.ok && values.errors.is_empty());

    assert!(!judges.yaml("a: [")?.ok);
    Ok(())
}

/// A generated configuration with the named holes of `src/talos/base.rs`, each of which stands in it.
fn with_holes(config: &str, birth: Birth<'_>) -> String {
    let mut config = config.to_owned();
    for (text, hole) in [
        ("clusterName: cluster\n".to_owned(), "clusterName: ${cluster}\n".to_owned()),
        (format!(":v{}\n", birth.kubernetes), ":v${kubernetes}\n".to_owned()),
        (format!("installer:v{}\n", birth.born), "${installer}\n".to_owned()),
        ("https://127.0.0.1:6443\n".to_owned(), "${endpoint}\n".to_owned()),
        ("/dev/vda\n".to_owned(), "${disk}\n".to_owned()),
    ] {
        assert!(config.contains(&text), "no {text:?} in {config}");
        config = config.replace(&text, &hole);
    }
    config
}

/// What patches are merged onto, as committed: `BLESS=1` writes it anew.
fn base_configs_are_those_that_talos_generates(judges: &mut Judges) -> std::result::Result<(), Failed> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib/data/base");
    for minor in MINORS.into_iter().chain([PREVIEW]) {
        for role in ["controlplane", "worker"] {
            let born = format!("{minor}.0");
            let birth = Birth { role, born: &born, kubernetes: examples::kubernetes(minor) };
            let config = with_holes(&judges.base(minor, birth)?.config, birth);
            let path = directory.join(format!("v{minor}-{role}.yaml"));
            if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
                std::fs::write(&path, &config)?;
            }
            assert_eq!(std::fs::read_to_string(&path)?, config, "{}", path.display());
        }
    }
    Ok(())
}
