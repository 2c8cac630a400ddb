//! What people meet who bring a repository that is there already: its layout, its patch files, its names.

use crate::command::{CLUSTER, Project, talosc};

const ENV: &str = "# Owned by the platform team.\nmachine:\n  env:\n    GRPC_GO_LOG_SEVERITY_LEVEL: info\n";

/// A template at the top of the repository, with its patches beside it.
fn beside(patch: &str) -> Project {
    let text = format!(
        "output {{\n  directory = \".\"\n  templates = \".\"\n  patches   = files\n}}\n\
         cluster lab {{\n  talos = v1.13.7\n  kubernetes = v1.35.0\n  {patch}\n  controlplane {{}}\n}}\n"
    );
    Project::new(&[(".git/HEAD", ""), ("cluster.talos", &text), ("patches/env.yaml", ENV)])
}

#[test]
fn a_patch_file_beside_the_template_stays_as_it_is() {
    let project = beside("patch env file \"patches/env.yaml\"");
    assert_eq!(project.ok(&["build"]), "created lab.yaml\n1 file changed\n");
    assert!(project.get("lab.yaml").contains("    file: patches/env.yaml\n"), "{}", project.get("lab.yaml"));
    assert_eq!(project.get("patches/env.yaml"), ENV);
    assert_eq!(project.ok(&["build", "--check"]), "1 file is current\n");
    // Elsewhere it does not stand beside the template, so there it is written.
    let out = project.ok(&["build", "-o", "out"]);
    assert_eq!(out, "created out/lab.yaml\ncreated out/patches/env.yaml\n2 files changed\n");
    // Even if an earlier build wrote it: whoever refers to it wants to keep it.
    let generated = format!("{}\n{ENV}", talosc::emit::header::line("./cluster.talos"));
    project.put("patches/env.yaml", &generated);
    assert_eq!(project.ok(&["build"]), "1 file is current\n");
    project.edit("cluster.talos", "patches   = files", "patches   = inline");
    assert_eq!(project.ok(&["build"]), "updated lab.yaml\n1 file changed\n");
    assert_eq!(project.get("patches/env.yaml"), generated);
}

#[test]
fn no_output_replaces_its_source() {
    let project = beside(
        "patch env { machine.env.A = \"b\" }\n  manifest all file \"patches/env.yaml\" { mode = full }",
    );
    project.put("patches/env.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: env\n");
    let before = project.state();
    for args in [&["check"][..], &["build"], &["build", "--adopt"], &["build", "--check"]] {
        let err = project.fails(1, args);
        assert!(
            err.contains(
                "error[output-over-source]: a patch of `lab` would be written over `patches/env.yaml`"
            ),
            "{err}"
        );
        assert!(err.contains("`output { directory = \"omni\" }`") && err.ends_with("1 error\n"), "{err}");
    }
    assert_eq!(project.state(), before, "nothing is touched");
    // Its advice works, and a directory on the command line is judged too.
    project.edit("cluster.talos", "directory = \".\"", "directory = \"omni\"");
    project.ok(&["build"]);
    let err = project.fails(1, &["build", "--adopt", "-o", "."]);
    assert!(err.contains("output-over-source") && err.contains("another directory with `-o`"), "{err}");
}

/// Neither is one that is reached through a link.
#[cfg(unix)]
#[test]
fn a_link_does_not_lead_to_a_source() {
    let project = beside("patch env { machine.env.A = \"b\" }\n  patch other file \"sources/env.yaml\"");
    project.edit("cluster.talos", "  templates = \".\"\n", "");
    project.put("sources/env.yaml", ENV);
    project.put("cluster-template/here", "");
    std::os::unix::fs::symlink("../sources", project.path("cluster-template/patches")).expect("a link");
    let err = project.fails(1, &["build", "--adopt"]);
    assert!(
        err.contains("error[output-over-source]: `cluster-template/patches/env.yaml` would be written over")
    );
    assert_eq!(project.get("sources/env.yaml"), ENV);
}

/// A file with a cluster in a directory of its own, classes for all of them at the top.
#[test]
fn a_layout_that_leads_out_is_answered_with_one_that_works() {
    let entry = CLUSTER.replace("./classes", "../../classes");
    let output = "output {\n  directory = \".\"\n  templates = \".\"\n}\n";
    let project = Project::new(&[
        (".git/HEAD", ""),
        ("classes.talos", crate::command::CLASSES),
        ("_clusters/one/cluster.talos", &entry.replace("role base", &format!("{output}role base"))),
    ]);
    let own = "_clusters/one/machine-classes/node.yaml";
    project.ok(&["build"]);
    assert!(project.exists(own));
    let file = "_clusters/one/cluster.talos";
    project.edit(file, "templates = \".\"\n", "templates = \".\"\n  classes = \"../../machine-classes\"\n");
    let err = project.fails(1, &["check"]);
    let way =
        ["`directory = \"../..\"`", "`templates = \"_clusters/one\"`", "`classes = \"machine-classes\"`"];
    let flat = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(&way.join(", ")), "{err}");
    project.edit(file, "directory = \".\"", "directory = \"../..\"");
    project.edit(file, "templates = \".\"", "templates = \"_clusters/one\"");
    project.edit(file, "classes = \"../../machine-classes\"", "classes = \"machine-classes\"");
    // The template stays where it is, and what nothing writes any more is told.
    let out = project.ok(&["build"]);
    assert!(out.contains("created machine-classes/node.yaml\n"), "{out}");
    assert!(out.contains(&format!("left {own}: classes.talos writes elsewhere now\n")), "{out}");
    assert!(project.exists(own), "it is told, not removed");
    assert_eq!(project.ok(&["build"]), "2 files are current\n");
}

#[test]
fn a_directory_without_sources_stands_for_its_project() {
    let project = Project::built();
    project.put(".git/HEAD", "");
    let below = |args: &[&str]| talosc(&project.path("omni/machine-classes"), args);
    assert_eq!(below(&["build"]).out, "2 files are current\n");
    assert_eq!(below(&["check"]).out, "checked 2 files, 1 cluster\n");
    // What is named is meant.
    assert!(below(&["check", "."]).err.contains("there is no `.talos` file here"));
}

#[test]
fn several_clusters_may_be_asked_for() {
    let more: String = ["lab", "yard"]
        .map(|name| {
            let from = CLUSTER.find("cluster home").expect("a cluster");
            CLUSTER[from..].replace("cluster home", &format!("cluster {name}"))
        })
        .concat();
    let project = Project::home();
    project.put("cluster.talos", &format!("{CLUSTER}{more}"));
    let out = project.ok(&["build", "--only", "home", "--only", "yard"]);
    assert!(out.ends_with("3 files changed\n") && !project.exists("omni/cluster-template/lab.yaml"), "{out}");
    assert!(
        project.fails(2, &["build", "--only", "home", "--only", "yart"]).contains("did you mean `yard`?")
    );
}

#[test]
fn one_minor_at_a_time() {
    let project = Project::home();
    project.edit("cluster.talos", "v1.35.0", "v1.34.0");
    project.ok(&["build"]);
    project.edit("cluster.talos", "v1.34.0", "v1.35.0");
    project.ok(&["build"]);
    // Omni takes Kubernetes up and never down, whatever lies between.
    for older in ["v1.34.0", "v1.33.0"] {
        project.edit("cluster.talos", "v1.35.0", older);
        let down = project.fails(1, &["check"]);
        assert!(down.contains(&format!("goes from Kubernetes v1.35.0 back to {older}")), "{down}");
        assert!(down.contains("omni/cluster-template/home.yaml") && down.ends_with("1 error\n"), "{down}");
        project.edit("cluster.talos", older, "v1.35.0");
    }
    project.ok(&["check"]);
    // Talos: a host is taken down one minor and not two.
    project.edit("cluster.talos", "created-with = v1.13.7", "created-with = v1.11.6");
    project.edit("cluster.talos", "v1.13.7", "v1.11.6");
    project.edit("cluster.talos", "v1.35.0", "v1.34.0");
    let down = project.run(&["check"]).err;
    assert!(down.contains("goes from Talos v1.13.7 to v1.11.6, past v1.12"), "{down}");
    assert!(down.contains("Talos refuses this downgrade"), "{down}");
}

const FLEET: &str = r#"import "std/proxmox"

## Nodes at the edge.
role edge(zone: String) { node-labels { zone = "${zone}" } }

class vm via proxmox {
  cores            = 4
  memory           = 8GiB
  disk_size        = 40GiB
  storage_selector = 'name == "a"'
}

cluster edge {
  talos        = v1.13.7
  created-with = v1.13.7
  kubernetes   = v1.35.0
  manifest space file "space.yaml" { mode = full }
  controlplane { class = vm, size = 3 }
  workers gpu  { class = vm, size = 2, role = edge(zone = "a"), extensions = [iscsi-tools] }
}
"#;

fn fleet() -> Project {
    let space = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: space\n";
    let project = Project::new(&[("cluster.talos", FLEET), ("space.yaml", space)]);
    let ran = project.run(&["build"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    project
}

/// The lines of a text in the output that is YAML itself.
#[test]
fn a_line_inside_of_a_text_is_explained() {
    let project = fleet();
    let explain = |file: &str, line: &str| {
        let at = project.get(file).lines().position(|text| text.trim() == line).expect(line) + 1;
        project.ok(&["explain", &format!("{file}:{at}")])
    };
    let class = "omni/machine-classes/vm.yaml";
    assert!(explain(class, "providerdata: |").contains("cluster.talos:6:"));
    assert!(explain(class, "memory: 8192").contains("cluster.talos:8:3\n    memory = 8GiB\n"));
    assert!(explain(class, "sockets: 1").contains("written by talosc itself: no source says it"));
    let template = "omni/cluster-template/edge.yaml";
    assert!(explain(template, "name: space").contains("space.yaml:4:1\n    name: space\n"));
}

#[test]
fn sets_are_named_as_the_source_has_them() {
    let project = fleet();
    let explain = |what: &[&str]| project.ok(&[&["explain"], what].concat());
    let title = "the workers `gpu` of cluster `edge`\n";
    for name in ["edge.gpu.extensions", "edge.workers.gpu.extensions", "cluster edge.workers.gpu.extensions"]
    {
        let text = explain(&[name]);
        assert!(text.starts_with(&format!("{title}extensions = [iscsi-tools]\n")), "{text}");
        assert_eq!(text.matches(title).count(), 1, "{text}");
    }
    let planes = "the control planes of cluster `edge`\n";
    assert!(explain(&["edge.controlplane.size"]).starts_with(&format!("{planes}size = 3\n")));
    assert!(explain(&["edge.controlplane.kernel"]).starts_with(&format!("{planes}kernel is not set")));
    let both = explain(&["edge"]);
    assert!(both.contains("role `edge`") && both.contains("cluster `edge`"), "{both}");
    assert!(
        both.ends_with(
            "several are called so, a role and a cluster: `talosc explain role edge` asks for one\n"
        )
    );
    let wrong = project.fails(2, &["explain", "edge.workers.cpu.extensions"]);
    assert!(
        wrong.contains("cluster `edge` has a field `workers`, and nothing called `cpu` in it"),
        "{wrong}"
    );
}

#[test]
fn the_reference_tells_of_own_declarations() {
    let project = fleet();
    let text = project.ok(&["doc", "edge"]);
    assert!(text.starts_with("role `edge`  cluster.talos:4:6\n  Nodes at the edge.\n"), "{text}");
    assert!(text.contains("  parameters\n    zone: text in quotes\n"), "{text}");
    project.put(
        "cloud.talos",
        "provider cloud {\n  ## How big.\n  field flavor { type = Int(1..), required = true }\n}\n",
    );
    let text = project.ok(&["doc", "cloud"]);
    assert!(text.contains("  flavor: a whole number, 1 or more; required\n    How big.\n"), "{text}");
    assert!(project.fails(2, &["doc", "clout"]).contains("nothing here declares it"));
}

/// What several clusters of a file share stands in one file, and each of them needs it; so do they a machine that another file
/// declares for a class of theirs.
#[test]
fn what_a_cluster_shares_is_written_for_it_alone_too() {
    let patch = "patch log { machine.logging.destinations = [] }\noutput { patches = files }\n";
    let shared = CLUSTER.replace("role base {", &format!("{patch}role base {{\n  patches = [log]"));
    let from = shared.find("cluster home").expect("a cluster");
    let yard = shared[from..].replace("cluster home", "cluster yard");
    let machine =
        "machine one { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0c1, class = node, hostname = \"one\" }\n";
    let empty =
        "cluster other { talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0, controlplane {} }\n";
    let other = format!("import \"./classes.talos\"\n{machine}{empty}");
    let project = Project::home();
    project.put("cluster.talos", &format!("{shared}{yard}"));
    project.put("other.talos", &other);
    let out = project.ok(&["build", "--only", "yard"]);
    for path in
        ["cluster-template/patches/log.yaml", "cluster-template/yard.yaml", "machine-patches/one.yaml"]
    {
        assert!(out.contains(&format!("created omni/{path}\n")), "{out}");
    }
    assert!(!project.exists("omni/cluster-template/home.yaml"), "{out}");
}
