//! `talosc explain --resolved`: what a machine gets.

use serde_json::{Value, json};

use crate::command::Project;

const SOURCE: &str = r#"output { directory = ".", templates = "." }
class pick { match = ["rack = a"] }

machine m-1 {
  id       = 4c4c4544-0039-3010-804a-b7c04f4d3231
  hostname = "m-1"
  patch swap { machine.sysctls { vm.swappiness = "20" } }
}

machine m-2 { id = 4c4c4544-0039-3010-804a-b7c04f4d3232 }

machine picked {
  id    = 4c4c4544-0039-3010-804a-b7c04f4d3233
  class = pick
  patch quiet file "patches/quiet.yaml"
}

cluster home {
  talos        = v1.13.7
  created-with = v1.13.7
  kubernetes   = v1.35.0
  kernel { sysctls { vm.swappiness = 10, vm.max_map_count = 262144 } }
  secret patch token file "patches/token.yaml"
  controlplane {}
  workers { machines = [m-1, m-2] }
  workers picked { class = pick, size = 1 }
}
"#;

fn project() -> Project {
    let quiet = "machine:\n  sysctls:\n    vm.max_map_count:\n      $patch: delete\n";
    Project::new(&[("cluster.talos", SOURCE), ("patches/quiet.yaml", quiet)])
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).collect()
}

#[test]
fn each_machine_has_what_its_levels_say() {
    let project = project();
    let get = |what: &str| project.ok(&["explain", what, "--resolved"]);
    let set = get("home.workers");
    assert!(lines(&set).contains(&"vm.swappiness: \"10\""), "{set}");
    assert!(lines(&set).contains(&"clusterName: home") && !set.contains("m-1"), "{set}");
    assert!(
        set.contains("# not read, so what it says is not in here: \"patches/token.yaml\" (cluster.talos:"),
        "{set}"
    );
    assert_eq!(get("home.m-2").lines().skip(1).collect::<Vec<_>>(), set.lines().skip(1).collect::<Vec<_>>());
    let own = get("home.workers.m-1");
    assert!(
        lines(&own).contains(&"vm.swappiness: \"20\"") && lines(&own).contains(&"hostname: m-1"),
        "{own}"
    );
    assert_eq!(own, get("home.m-1"));
    let picked = get("home.picked.picked");
    assert!(
        lines(&picked).contains(&"vm.swappiness: \"10\"") && !picked.contains("max_map_count"),
        "{picked}"
    );
    let control = get("home.controlplane");
    assert!(
        lines(&control).contains(&"type: controlplane") && control.contains("kube-apiserver:v1.35.0"),
        "{control}"
    );
    assert!(
        control.contains("endpoint: \"<set by Omni>\"") && control.contains("token: \"<hidden>\""),
        "{control}"
    );
}

#[test]
fn each_line_says_who_wrote_it_if_it_is_asked() {
    let own = project().ok(&["explain", "home.m-1", "--resolved", "--origins"]);
    assert!(lines(&own).contains(&"vm.swappiness: \"20\"  # cluster.talos:7:34"), "{own}");
    assert!(lines(&own).contains(&"type: worker"), "{own}");
}

#[test]
fn programs_get_one_document() {
    let project = project();
    let get = |what: &str, more: &[&str]| -> Value {
        let arguments = [&["explain", what, "--resolved", "--format", "json"], more].concat();
        serde_json::from_str(&project.ok(&arguments)).unwrap_or_else(|why| panic!("{what}: {why}"))
    };
    let own = get("home.m-1", &["--origins"]);
    let head =
        json!([own["version"], own["cluster"], own["set"], own["machine"]["name"], own["machine"]["picked"]]);
    assert_eq!(head, json!([1, "home", "workers", "m-1", false]));
    assert_eq!(own["machine"]["id"], "4c4c4544-0039-3010-804a-b7c04f4d3231");
    assert_eq!(
        json!([own["talos"], own["created-with"], own["errors"]]),
        json!(["v1.13.7", "v1.13.7", false])
    );
    assert_eq!(own["documents"][0]["machine"]["sysctls"]["vm.swappiness"], "20");
    let unread = &own["unread"][0];
    assert_eq!((&unread["path"], &unread["file"]), (&json!("patches/token.yaml"), &json!("cluster.talos")));
    let origins: Vec<&Value> = own["origins"].as_array().into_iter().flatten().collect();
    let swap = json!(["machine", "sysctls", "vm.swappiness"]);
    let place = origins.iter().find(|place| place["document"] == 0 && place["path"] == swap);
    let place = place.map(|place| json!([place["file"], place["start"]["line"], place["start"]["column"]]));
    assert_eq!(place, Some(json!(["cluster.talos", 7, 34])));
    let set = get("home.workers", &[]);
    assert_eq!((&set["machine"], set.get("origins")), (&Value::Null, None));
    assert_eq!(get("home.picked.picked", &[])["machine"]["picked"], true);
    let control = &get("home.controlplane", &[])["documents"][0];
    assert_eq!(
        (&control["machine"]["token"], &control["cluster"]["controlPlane"]["endpoint"]),
        (&json!("<hidden>"), &json!("<set by Omni>"))
    );
}

#[test]
fn what_names_no_machine_is_answered_with_what_there_is() {
    let project = project();
    let said = |what: &str| project.fails(2, &["explain", what, "--resolved"]);
    assert!(said("home").contains("`home.SET`"));
    assert!(said("hone.m-1").contains("did you mean `home`?"));
    assert!(said("home.m-11").contains("did you mean `m-1`?"));
    assert!(project.fails(2, &["explain", "home.m-1", "--origins"]).contains("--resolved"));
}

#[test]
fn no_secret_is_shown() {
    let project = project();
    let patch = "  patch keys {\n    machine.token = \"zyxwvutsrqponmlk\"\n    document RegistryAuthConfig \"r.example.org\" { password = \"swordfish-swordfish\" }\n    cluster.inlineManifests = [{ name = \"s\", contents = \"apiVersion: v1\\nkind: Secret\\nmetadata: {name: s}\\nstringData: {a: marzipan-marzipan}\\n\" }]\n  }\n  controlplane";
    project.edit("cluster.talos", "  controlplane", patch);
    let shown = project.ok(&["explain", "home.m-1", "--resolved", "--origins"]);
    let json = project.ok(&["explain", "home.m-1", "--resolved", "--origins", "--format", "json"]);
    for secret in ["zyxw", "swordfish", "marzipan"] {
        assert!(!shown.contains(secret) && !json.contains(secret), "{secret}\n{shown}");
    }
    assert!(
        shown.contains("# the sources have errors") && shown.contains("password: \"<hidden>\""),
        "{shown}"
    );
}
