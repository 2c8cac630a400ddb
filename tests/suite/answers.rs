//! What `explain`, `doc` and `std` answer, for people and for programs; and what `fmt` asks the compiler for.

#![allow(clippy::print_stdout, reason = "the counts are a part of what it shows")]

use std::fs;

use serde_json::Value;

use crate::command::{CLASS, Project, TEMPLATE};
use crate::golden::repository;

/// A project with parameters, patches of every form and machines in a set.
const MAIN: &str = r#"import "./classes.talos"

network lan { subnet = 192.168.10.0/24, gateway = 192.168.10.1 }

role base(pods: Int = 110, zone: String = "a") {
  patch pods { machine.kubelet.extraConfig.maxPods = pods }
  node-labels { zone = "${zone}" }
}

role site(where: String) extends base(zone = where, pods = 7) {
  node-annotations { "${where}" = "yes" }
}

role control extends base {}

role worker extends site(where = "yard") {
  patch forms {
    machine.files = [{ path = "/var/a", permissions = 0o600, op = "create", content = "one\n\ttwo ${where}" }]
    machine.registries.mirrors { "docker.io" { endpoints = ["https://mirror.example"] } }
    machine.kubelet.extraArgs { v = "4", feature-gates = "A=true" }
    delete document HostnameConfig
    document ResolverConfig { nameservers = [{ address = "1.1.1.1" }] }
    document UserVolumeConfig data { provisioning { diskSelector.match = '!system_disk', minSize = "10GiB" } }
  }
  patch raw file "raw.yaml"
  unchecked("newer than the table") patch odd { machine.env.SOME = 'a "quoted" $word' }
}

machine w-1 {
  id       = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0
  hostname = "w-1"
  address  = 192.168.10.31/24 on lan
  install  { disk = "/dev/sda" }
}

cluster metal {
  omni         = v1.10
  talos        = v1.13.7
  created-with = v1.13.7
  kubernetes   = v1.35.0
  network      = lan
  controlplane { role = control(zone = "hall"), class = node, size = 3 }
  workers      { role = worker, machines = [w-1] }
}
"#;

fn metal() -> Project {
    let main = MAIN
        .replace("role control extends base {}", "role control(zone: String) extends base(zone = zone) {}")
        .replace(" ${where}\"", "\"");
    let raw = "machine:\n  sysctls:\n    vm.swappiness: \"20\"\n";
    Project::new(&[("main.talos", &main), ("classes.talos", crate::command::CLASSES), ("raw.yaml", raw)])
}

fn json(project: &Project, args: &[&str]) -> Value {
    let text = project.ok(&[args, &["--format", "json"]].concat());
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{args:?}: {why}\n{text}"));
    assert_eq!(document["version"], 1, "{args:?}");
    document
}

/// Every form of a question is one text or one document, on stdout alone.
#[test]
fn every_question_has_both_forms() {
    let project = Project::built();
    project.put("lone.talos", "let kept = 4\n");
    let line = format!("{TEMPLATE}:6");
    let table: &[(&[&str], &str)] = &[
        (&["explain", "unknown-name"], "code"),
        (&["explain", "gpu-needs-runtime"], "code"),
        (&["explain", "worker.extensions"], "answers"),
        (&["explain", "worker"], "answers"),
        (&["explain", "worker.hostname"], "answers"),
        (&["explain", "home.workers.extensions"], "answers"),
        (&["explain", "role"], "kind"),
        (&["explain", "cluster.backup"], "field"),
        (&["explain", "cluster.talos"], "source"),
        (&["explain", "lone.talos"], "source"),
        (&["explain", "cluster.talos:8"], "answers"),
        (&["explain", "cluster.talos:11"], "answers"),
        (&["explain", TEMPLATE], "output"),
        (&["explain", CLASS], "output"),
        (&["explain", &line], "line"),
        (&["doc"], "kinds"),
        (&["doc", "codes"], "codes"),
        (&["doc", "cluster"], "kind"),
        (&["doc", "cluster.backup"], "field"),
        (&["doc", "proxmox"], "provider"),
        (&["doc", "worker"], "answers"),
        (&["doc", "iscsi-tools"], "answers"),
        (&["doc", "nvidia.production"], "answers"),
        (&["std"], "modules"),
        (&["std", "list"], "modules"),
        (&["std", "show", "nvidia"], "module"),
    ];
    for (args, what) in table {
        let text = project.ok(args);
        assert!(!text.is_empty() && serde_json::from_str::<Value>(&text).is_err(), "{args:?}\n{text}");
        assert_eq!(project.ok(&[args, &["--format", "short"][..]].concat()), text, "{args:?}");
        assert_eq!(json(&project, args)["type"], *what, "{args:?}");
        for format in ["sarif", "github"] {
            let ran = project.run(&[args, &["--format", format][..]].concat());
            assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args:?} {format}\n{}", ran.err);
            let with = project.ok(&[args, &["--format", format, "--report", "report.out"][..]].concat());
            assert_eq!(with, text, "{args:?} {format}");
        }
    }
    // Without a project too.
    let nowhere = Project::new(&[]);
    for (args, what) in
        table.iter().filter(|(args, _)| args[0] != "explain" && args.last() != Some(&"worker"))
    {
        assert_eq!(json(&nowhere, args)["type"], *what, "{args:?}");
    }
    // A question without an answer is wrong use, and a file that is not there a failure that a document tells of.
    for args in [&["explain", "wroker"][..], &["doc", "rol"], &["std", "show", "nvidai"]] {
        let ran = project.run(&[args, &["--format", "json"]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args:?}");
    }
    let gone = project.run(&["explain", "omni/gone.yaml", "--format", "json"]);
    let document: Value = serde_json::from_str(&gone.out).expect("a document");
    assert_eq!((gone.code, &document["failure"]["kind"]), (Some(3), &"io".into()));
    // What errors keep from being answered has the findings.
    project.edit("cluster.talos", "[iscsi-tools]", "[iscsi-tool]");
    for format in ["json", "sarif"] {
        let ran = project.run(&["explain", TEMPLATE, "--format", format, "--report", "report.out"]);
        let report: Value = serde_json::from_str(&project.get("report.out")).expect("a document");
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{report}");
    }
    let ran = project.run(&["explain", TEMPLATE, "--format", "json"]);
    let document: Value = serde_json::from_str(&ran.out).expect("a document");
    assert_eq!((ran.code, &document["errors"]), (Some(1), &1.into()), "{}", ran.out);
    println!("{} questions in five formats", table.len());
}

/// What the documents hold: the same as the texts.
#[test]
fn answers_for_programs_say_what_people_read() {
    let project = Project::built();
    let worker = &json(&project, &["explain", "worker.extensions"])["answers"][0];
    assert_eq!((&worker["of"], &worker["type"]), (&"role `worker`".into(), &"field".into()));
    assert_eq!(worker["value"], "extensions = [iscsi-tools, util-linux-tools]");
    let steps = worker["history"].as_array().expect("a list");
    let step = |at: usize| {
        (steps[at]["verb"].clone(), steps[at]["by"]["name"].clone(), steps[at]["start"]["line"].clone())
    };
    assert_eq!(step(0), ("set".into(), "base".into(), 4.into()));
    assert_eq!(step(1), ("added to".into(), "worker".into(), 8.into()));
    assert_eq!(steps[1]["then"], serde_json::json!(["iscsi-tools", "util-linux-tools"]));
    let page = json(&project, &["explain", "unknown-name"]);
    assert_eq!(
        (&page["level"], page["page"].as_str()),
        (&"refusal".into(), Some(&*project.ok(&["explain", "unknown-name"])))
    );
    let output = json(&project, &["explain", TEMPLATE]);
    assert_eq!((&output["source"], &output["current"]), (&"cluster.talos".into(), &true.into()));
    assert_eq!(output["documents"].as_array().map(Vec::len), Some(3));
    let unset = &json(&project, &["explain", "worker.hostname"])["answers"][0];
    assert_eq!((&unset["type"], &unset["path"]), (&"not-set".into(), &serde_json::json!(["hostname"])));
    let cores = json(&project, &["doc", "proxmox"]);
    let cores = cores["fields"].as_array().expect("a list").iter().find(|one| one["path"] == "cores");
    assert_eq!(cores.map(|one| &one["required"]), Some(&true.into()));
    let std = project.ok(&["std", "show", "nvidia"]);
    assert_eq!(json(&project, &["std", "show", "nvidia"])["text"].as_str(), Some(&*std));
    let codes = json(&project, &["doc", "codes"]);
    let all = talosc::diagnostics::Code::ALL.len();
    assert!(codes["codes"].as_array().is_some_and(|codes| codes.len() > all));
}

/// A machine is found without the set between, in text, in documents, by name and by UUID.
#[test]
fn a_machine_is_found_without_its_set() {
    let project = metal();
    let whole = project.ok(&["explain", "metal.workers.w-1.hostname"]);
    assert!(
        whole.starts_with("machine `w-1` in the workers `workers` of cluster `metal`\nhostname = \"w-1\"\n"),
        "{whole}"
    );
    assert_eq!(project.ok(&["explain", "metal.w-1.hostname"]), whole);
    let by_id = project.ok(&["explain", "metal.430d882a-51a8-48b3-ab00-d4b5b0b5b0b0.hostname"]);
    assert!(by_id.contains("hostname = \"w-1\""), "{by_id}");
    let address = project.ok(&["explain", "metal.w-1.address"]);
    assert!(address.contains("\naddress = 192.168.10.31/24 on lan\n"), "{address}");
    assert!(project.ok(&["explain", "metal.w-1"]).contains("\n  hostname = \"w-1\"\n"));
    // What comes from above the machine is known there too.
    assert!(project.ok(&["explain", "metal.w-1.node-labels"]).contains("zone = \"yard\""));
    assert!(project.fails(2, &["explain", "metal.w-1.hostnam"]).contains("did you mean `hostname`?"));
}

#[test]
fn a_value_from_a_parameter_says_where_it_was_passed() {
    let project = metal();
    let place = |text: &str, what: &str| {
        let main = project.get("main.talos");
        let at = main.find(text).expect("it is there") + text.find(what).expect("it is in it");
        let line = main[..at].matches('\n').count() + 1;
        format!("main.talos:{line}:{}", at - main[..at].rfind('\n').map_or(0, |end| end + 1) + 1)
    };
    let labels = project.ok(&["explain", "worker.node-labels.zone"]);
    let hops = format!(
        "    zone = \"${{zone}}\"\n    `zone` is where, passed at {}\n    `where` is \"yard\", passed at {}\n",
        place("extends base(zone = where", "base"),
        place("extends site(where", "site"),
    );
    assert!(labels.ends_with(&hops), "{labels}\n{hops}");
    // In a set, what the set passes counts; where nothing is passed, the default is the place.
    let hall = project.ok(&["explain", "metal.controlplane.node-labels.zone"]);
    assert!(
        hall.contains(&format!(
            "`zone` is \"hall\", passed at {}",
            place("role = control(zone = \"hall", "role")
        )),
        "{hall}"
    );
    let pods = project.ok(&["explain", "metal.controlplane.patch.pods"]);
    assert!(
        pods.contains(&format!("`pods` is 110, its default at {}", place("base(pods", "pods"))),
        "{pods}"
    );
    assert!(
        pods.contains("\npatch pods { machine { kubelet { extraConfig { maxPods = 110 } } } }\n"),
        "{pods}"
    );
    let own = project.ok(&["explain", "base.node-labels.zone"]);
    assert!(own.contains("`zone` is \"a\", its default at "), "{own}");
    // A key that is made of one, too.
    let key = project.ok(&["explain", "worker.node-annotations.yard"]);
    assert!(key.contains("`where` is \"yard\", passed at "), "{key}");
    let given = &json(&project, &["explain", "worker.node-labels.zone"])["answers"][0]["history"][0]["given"];
    assert_eq!((&given[0]["name"], &given[1]["value"]), (&"zone".into(), &"\"yard\"".into()));
}

/// A patch is shown as it may be written: written again, it gives the same output.
#[test]
fn patches_print_as_the_language_writes_them() {
    let project = metal();
    let before = project.run(&["build", "--stdout"]);
    assert_eq!(before.code, Some(0), "{}", before.err);
    let shown =
        json(&project, &["explain", "worker.patch"])["answers"][0]["value"].as_str().map(str::to_owned);
    let shown = shown.expect("a text");
    for piece in [
        "patch pods { machine {",
        "permissions = 0o600",
        "document ResolverConfig {",
        "document UserVolumeConfig data {",
        "delete document HostnameConfig",
        "patch raw file \"raw.yaml\"",
        "unchecked(\"newer than the table\") patch odd {",
    ] {
        assert!(shown.contains(piece), "{piece}\n{shown}");
    }
    let main = project.get("main.talos");
    let (start, rest) = main.split_once("role worker extends site").expect("it is there");
    let end = rest.split_once("machine w-1").expect("it is there").1;
    let again = format!(
        "{start}role worker {{\n  node-labels {{ zone = \"yard\" }}\n  node-annotations {{ yard = \"yes\" }}\n  {shown}\n}}\n\nmachine w-1{end}"
    );
    project.put("main.talos", &again);
    let after = project.run(&["build", "--stdout"]);
    assert_eq!((after.code, after.out), (Some(0), before.out), "{shown}\n{}", after.err);
}

#[test]
fn needless_quotes_go_and_text_keeps_its_own() {
    let project = Project::new(&[(
        "main.talos",
        r#"import "std/proxmox"

network lan { subnet = "10.0.0.0/24", gateway = "10.0.0.1", nameservers = ["1.1.1.1", 1.0.0.1], timeservers = ["1.2.3.4"] }

class d via proxmox { cores = "4", memory = "8GiB", disk_size = 40GiB, storage_selector = 'name == "x"' }

cluster c {
  talos        = "v1.13.7"
  created-with = v1.13.7
  kubernetes   = "v1.35.0"
  omni         = "v1.10"
  network      = lan
  install { disk = "/dev/sda" }
  backup { interval = "60m" }
  node-labels { a = "4", b = "true" }
  kernel { sysctls { vm.x = "5" } }
  kube-proxy = "false"
  cni = external("gitops")
  patch p { machine.files = [{ path = "/var/a", permissions = 0o600, op = "create", content = "4" }] }
  controlplane { class = d, size = "3" }
}
"#,
    )]);
    let before = project.run(&["build", "--stdout"]);
    assert_eq!(before.code, Some(0), "{}", before.err);
    assert!(project.run(&["fmt", "--check"]).out.contains("kube-proxy = false"));
    project.run(&["fmt"]);
    let text = project.get("main.talos");
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    for bare in [
        "subnet = 10.0.0.0/24",
        "gateway = 10.0.0.1",
        "[1.1.1.1, 1.0.0.1]",
        "cores = 4",
        "memory = 8GiB",
        "talos = v1.13.7",
        "kubernetes = v1.35.0",
        "omni = v1.10",
        "interval = 60m",
        "kube-proxy = false",
        "size = 3",
    ] {
        assert!(text.contains(bare), "{bare}\n{text}");
    }
    for kept in [
        "[\"1.2.3.4\"]",
        "disk = \"/dev/sda\"",
        "a = \"4\", b = \"true\"",
        "vm.x = \"5\"",
        "content = \"4\"",
        "external(\"gitops\")",
    ] {
        assert!(text.contains(kept), "{kept}\n{text}");
    }
    assert_eq!(project.run(&["build", "--stdout"]).out, before.out);
    assert_eq!(project.run(&["fmt", "--check"]).code, Some(0), "it is formatted now");
    // Of a project with an error nothing is known.
    project.put(
        "main.talos",
        "cluster c { talos = \"v1.13.7\", kubernetes = v1.35.0, controlplane { size = \"x\" } }\n",
    );
    project.run(&["fmt"]);
    assert!(project.get("main.talos").contains("talos = \"v1.13.7\""));
}

/// Every literal of a project between quotes that may stand so: formatting takes the needless ones away and changes no output.
#[test]
fn formatting_changes_no_meaning() {
    let (mut tried, mut bared) = (0, 0);
    let mut fixtures: Vec<_> = fs::read_dir(repository("tests/build")).expect("fixtures").flatten().collect();
    fixtures.sort_by_key(fs::DirEntry::file_name);
    for fixture in fixtures.iter().step_by(3) {
        let project = Project::new(&[]);
        copy(&fixture.path(), &project.path(""));
        let Ok(main) = fs::read_to_string(project.path("main.talos")) else { continue };
        let plain = project.run(&["build", "--stdout"]);
        if plain.code != Some(0) {
            continue;
        }
        project.put("main.talos", &quoted(&main));
        let before = project.run(&["build", "--stdout"]);
        if before.code != Some(0) {
            project.put("main.talos", &main);
        }
        let before = project.run(&["build", "--stdout"]);
        let quotes = project.get("main.talos").matches('"').count();
        project.run(&["fmt"]);
        let after = project.run(&["build", "--stdout"]);
        assert_eq!((after.code, &after.out), (before.code, &before.out), "{}", fixture.path().display());
        assert_eq!(after.out, plain.out, "{}", fixture.path().display());
        bared += (quotes - project.get("main.talos").matches('"').count()) / 2;
        tried += 1;
    }
    println!("{tried} projects, {bared} literals without their quotes");
    assert!(tried > 5 && bared > 20, "{tried} {bared}");
}

/// A source with quotes around numbers, sizes, versions and addresses behind a `=`.
fn quoted(text: &str) -> String {
    let line = |line: &str| -> String {
        let Some((head, value)) = line.split_once(" = ") else { return line.to_owned() };
        let literal = value.trim_end();
        let bare = literal.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'));
        let number = literal.strip_prefix('v').unwrap_or(literal).starts_with(|c: char| c.is_ascii_digit());
        let word = matches!(literal, "true" | "false");
        if line.contains('#') || !bare || !(number || word) {
            line.to_owned()
        } else {
            format!("{head} = \"{literal}\"")
        }
    };
    text.lines().map(|one| line(one) + "\n").collect()
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
