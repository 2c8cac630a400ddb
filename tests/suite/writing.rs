//! What `build` and `fmt` leave behind, whatever happens to them: nothing is lost, nothing is removed that is another's, no litter
//! stays after the next run, and what is reported is true.

#![cfg(unix)]
#![allow(clippy::print_stdout, reason = "the counts are a part of what it shows")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::{Project, talosc};
use crate::random::{Random, cases};

/// A cluster with a class and a file for each of some patches.
fn cluster(name: &str, class: &str, version: usize, patches: usize) -> String {
    let patches: String = (0..patches)
        .map(|n| format!("  patch {name}-{n} {{ machine.env.A{n} = \"{version}\" }}\n"))
        .collect();
    format!(
        "output {{ patches = files }}\nclass {class} {{ match = [\"omni.sidero.dev/cores = {}\"] }}\ncluster {name} {{\n  omni = v1.11\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.{}\n{patches}  controlplane {{ class = {class}, size = 3 }}\n}}\n",
        version + 1,
        version % 4,
    )
}

/// A project that writes to two directories.
fn two_directories(version: usize) -> Project {
    let project =
        Project::new(&[(".git/HEAD", ""), ("a/notes.yaml", "mine\n"), ("a/omni/mine.yaml", "mine\n")]);
    set_version(&project, version);
    project
}

fn set_version(project: &Project, version: usize) {
    project.put("a/a.talos", &cluster("a", "one", version, 6));
    project.put("b/b.talos", &cluster("b", "two", version, 6));
}

/// Every file but sources, by its path.
fn files(project: &Project) -> BTreeMap<String, String> {
    let root = project.path("");
    let state = project.state().into_iter();
    let named = state.map(|(path, text, _)| {
        (path.strip_prefix(&root).expect("it is in the project").to_string_lossy().into_owned(), text)
    });
    named.filter(|(path, _)| !path.ends_with(".talos")).collect()
}

fn litter(project: &Project) -> Vec<String> {
    files(project).into_keys().filter(|path| path.contains(".talosc-") || path.contains(".tmp")).collect()
}

fn spawn(project: &Project, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talosc"));
    command.current_dir(project.path("")).args(args).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("talosc runs")
}

/// How long a command takes that may do its work: the shortest of a few times.
fn time(project: &Project, args: &[&str], reset: &dyn Fn(usize)) -> Duration {
    let once = |n| {
        reset(n);
        let start = Instant::now();
        assert!(spawn(project, args).wait().expect("it ends").success(), "{args:?}");
        start.elapsed()
    };
    (0..3).map(once).min().expect("there are some")
}

/// Runs a command and kills it at some moment; `true` if that was before its end.
fn killed(project: &Project, args: &[&str], whole: Duration, random: &mut Random) -> bool {
    // Files are replaced near the end, so that is where most are killed.
    let moment = if random.one_in(3) { random.below(1000) } else { 500 + random.below(500) };
    let mut child = spawn(project, args);
    std::thread::sleep(whole * moment as u32 / 1000);
    let _ = child.kill();
    child.wait().expect("it ends").code().is_none()
}

#[test]
fn a_build_that_is_killed_leaves_whole_files_and_no_litter() {
    let states = [0, 1].map(|version| {
        let project = two_directories(version);
        project.ok(&["build"]);
        files(&project)
    });
    assert_eq!(states[0].len(), 19, "{:?}", states[0].keys());
    let project = two_directories(0);
    let whole = time(&project, &["build"], &|n| set_version(&project, n % 2)) * 11 / 10;
    let (mut random, mut kills, mut between, mut littered) = (Random(12), 0, 0, 0);
    let rounds = cases("TALOSC_KILLS", 30);
    for round in 0..rounds {
        let (before, after) = (&states[round % 2], &states[1 - round % 2]);
        assert_eq!(files(&project), *before);
        set_version(&project, 1 - round % 2);
        kills += usize::from(killed(&project, &["build"], whole, &mut random));
        let now = files(&project);
        let (mut old, mut new) = (0, 0);
        for (path, text) in now.iter().filter(|(path, _)| !path.contains(".talosc-")) {
            let (was, is) = (before.get(path) == Some(text), after.get(path) == Some(text));
            assert!(was || is, "{path} is neither what it was nor what it should be");
            old += usize::from(was && !is);
            new += usize::from(is && !was);
        }
        assert!(before.keys().all(|path| now.contains_key(path)), "nothing is lost");
        between += usize::from(old > 0 && new > 0);
        littered += usize::from(!litter(&project).is_empty());
        let ran = project.run(&["build"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(files(&project), *after, "the next build mends all of it");
    }
    println!(
        "{kills} of {rounds} builds were killed, {between} between two files, {littered} left litter for the next one"
    );
    assert!(kills > rounds / 8, "{kills} of {rounds}");
}

#[test]
fn fmt_that_is_killed_leaves_whole_files_and_no_litter() {
    let project = Project::new(&[(".git/HEAD", "")]);
    let odd = |n: usize| {
        format!(
            "role r{n} {{\n   extensions=[iscsi-tools,nfsd]\n{}}}\n",
            "   node-labels { a=\"x\" }\n".repeat(20)
        )
    };
    let all: Vec<(String, String)> =
        (0..20).map(|n| (format!("{}f{n}.talos", ["", "sub/"][n % 2]), odd(n))).collect();
    let reset = || all.iter().for_each(|(path, text)| project.put(path, text));
    reset();
    project.put("entry.talos", &cluster("home", "one", 0, 0));
    let whole = time(&project, &["fmt"], &|_| reset()) * 11 / 10;
    let new: Vec<String> = all.iter().map(|(path, _)| project.get(path)).collect();
    let (mut random, mut kills, mut littered) = (Random(13), 0, 0);
    let rounds = cases("TALOSC_KILLS", 30);
    for round in 0..rounds {
        reset();
        kills += usize::from(killed(&project, &["fmt"], whole, &mut random));
        for ((path, old), new) in all.iter().zip(&new) {
            let now = project.get(path);
            assert!(now == *old || now == *new, "{path} is neither what it was nor what it should be");
        }
        littered += usize::from(!litter(&project).is_empty());
        let next: &[&str] = if round % 2 == 0 { &["fmt"] } else { &["build"] };
        project.run(next);
        assert_eq!(litter(&project), <[String; 0]>::default(), "after {next:?}");
    }
    println!("{kills} of {rounds} were killed, {littered} left litter for the next one");
    assert!(kills > rounds / 8, "{kills} of {rounds}");
}

/// An editor that saves while files are formatted, both ways that editors do it, and again and again: the last save is there.
#[test]
fn fmt_loses_no_save_of_an_editor() {
    let project = Project::new(&[(".git/HEAD", "")]);
    let odd: String = (0..40).map(|n| format!("role   r{n} {{ runtime=runc }}\n")).collect();
    project.put("a.talos", &odd);
    let whole = time(&project, &["fmt"], &|_| project.put("a.talos", &odd));
    let (mut random, mut lost, mut unformatted) = (Random(14), 0, 0);
    let rounds = cases("TALOSC_SAVES", 40);
    for round in 0..rounds {
        project.put("a.talos", &odd);
        let mut child = spawn(&project, &["fmt"]);
        std::thread::sleep(whole * random.below(1000) as u32 / 1000);
        let saves = if round % 3 == 0 { 30 } else { 1 };
        for save in 0..saves {
            let text = format!("# save {save} of {round}\nrole   b {{ }}\n");
            if round % 2 == 0 {
                project.put("a.new", &text);
                fs::rename(project.path("a.new"), project.path("a.talos")).expect("a save");
            } else {
                project.put("a.talos", &text);
            }
        }
        child.wait().expect("it ends");
        let now = project.get("a.talos");
        lost += usize::from(!now.contains(&format!("# save {} of {round}\n", saves - 1)));
        unformatted += usize::from(now.contains("role   b"));
        assert_eq!(litter(&project), <[String; 0]>::default());
    }
    println!("{lost} of {rounds} saves were lost; {unformatted} came late and were left as they are");
    assert_eq!(lost, 0);
}

/// The second directory cannot be written: nothing is changed in the first, and that is what is said.
#[test]
fn several_directories_are_replaced_together_or_not_at_all() {
    let project = two_directories(0);
    project.ok(&["build"]);
    let before = files(&project);
    set_version(&project, 1);
    let mode = |path: &str, mode: u32| {
        fs::set_permissions(project.path(path), fs::Permissions::from_mode(mode)).expect("permissions");
    };
    for (path, denied, usual) in
        [("b/omni/cluster-template/b.yaml", 0o444, 0o644), ("b/omni/cluster-template", 0o555, 0o755)]
    {
        mode(path, denied);
        let err = project.fails(3, &["build"]);
        mode(path, usual);
        assert!(err.contains(path) && err.ends_with("is read-only; nothing was changed\n"), "{err}");
        assert_eq!(files(&project), before);
    }
    // A disk that is full: no file may be longer than a block.
    project.put("b/b.talos", &cluster("b", "two", 1, 200));
    let run = "trap '' XFSZ; ulimit -f 2; exec \"$0\" build";
    let mut command = Command::new("bash");
    command.args(["-c", run, env!("CARGO_BIN_EXE_talosc")]).current_dir(project.path(""));
    let ran = command.output().expect("bash runs");
    let err = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(3), "{err}");
    assert!(err.contains("cannot write `b/omni/") && err.ends_with("; nothing was changed\n"), "{err}");
    assert_eq!(files(&project), before);
    project.ok(&["build"]);
}

/// Where a command is tried: a project of its own beside another one.
struct Two(Project);

impl Two {
    fn new() -> Two {
        let two = Two(Project::new(&[("one/.git/HEAD", ""), ("two/.git/HEAD", "")]));
        two.0.put("one/main.talos", &cluster("lab", "a", 0, 2));
        two.0.put("two/main.talos", &cluster("other", "x", 0, 2));
        two
    }
    fn run(&self, project: &str, args: &[&str]) -> (Option<i32>, String) {
        let ran = talosc(&self.0.path(project), args);
        (ran.code, ran.out + &ran.err)
    }
}

/// Two projects whose entries have one name write to one directory, in every order and on every way: neither removes or overwrites
/// what the other wrote.
#[test]
fn two_projects_in_one_directory_leave_each_other_alone() {
    let mut random = Random(15);
    let mut builds = 0;
    for round in 0..cases("TALOSC_PROJECTS", 6) {
        let two = Two::new();
        let linked = round % 2 == 0;
        if linked {
            symlink("../one/omni", two.0.path("two/omni")).expect("a link");
            fs::create_dir(two.0.path("one/omni")).expect("a directory");
        }
        // What each wrote last, by path.
        let mut wrote: [BTreeMap<String, String>; 2] = Default::default();
        for step in 0..8 {
            let who = if step < 2 { (step + round) % 2 } else { random.below(2) };
            let (name, cluster_name, class) = [("one", "lab", "a"), ("two", "other", "x")][who];
            // Patches come and go, so there is something stale nearly always.
            two.0.put(
                &format!("{name}/main.talos"),
                &cluster(cluster_name, class, random.below(3), random.below(4)),
            );
            let args: &[&str] = if who == 0 || linked { &["build"] } else { &["build", "-o", "../one/omni"] };
            let (code, said) = two.run(name, args);
            assert_eq!(code, Some(0), "{said}");
            builds += 1;
            let root = two.0.path("one/omni");
            let state = two.0.state().into_iter().filter(|(path, ..)| path.starts_with(&root));
            let now: BTreeMap<String, String> = state
                .filter(|(path, ..)| !path.starts_with(two.0.path("two")))
                .map(|(path, text, _)| (path.display().to_string(), text))
                .collect();
            for (path, text) in &wrote[1 - who] {
                assert_eq!(now.get(path), Some(text), "{args:?} by {name} touched {path}\n{said}");
            }
            let own = if who == 0 { "from main.talos." } else { "from /main.talos." };
            wrote[who] = now
                .into_iter()
                .filter(|(_, text)| text.lines().next().is_some_and(|l| l.contains(own)))
                .collect();
            assert!(!wrote[who].is_empty());
            let check: Vec<&str> = args.iter().copied().chain(["--check"]).collect();
            let (code, said) = two.run(name, &check);
            assert_eq!(code, Some(0), "what a build leaves is current: {said}");
        }
    }
    println!("{builds} builds of two projects in one directory");
}

/// A file of one name in both: the second one is refused, and not written over.
#[test]
fn a_file_of_another_project_is_not_overwritten() {
    let two = Two::new();
    two.0.put("two/main.talos", &cluster("lab", "a", 1, 2));
    assert_eq!(two.run("one", &["build"]).0, Some(0));
    let before = files(&two.0);
    let (code, said) = two.run("two", &["build", "-o", "../one/omni"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is written by another project, from `"), "{said}");
    symlink("../one/omni", two.0.path("two/omni")).expect("a link");
    assert_eq!(two.run("two", &["build"]).0, Some(1));
    assert_eq!(files(&two.0).iter().filter(|(path, _)| path.starts_with("one/")).count(), before.len() - 1);
    for (path, text) in before.iter().filter(|(path, _)| path.starts_with("one/omni")) {
        assert_eq!(two.0.get(path), *text);
    }
    // The other way round, where the guest was first.
    let two = Two::new();
    two.0.put("two/main.talos", &cluster("lab", "a", 1, 2));
    assert_eq!(two.run("two", &["build", "-o", "../one/omni"]).0, Some(0));
    let (code, said) = two.run("one", &["build"]);
    assert!(code == Some(1) && said.contains("is written by another project, from `/main.talos`"), "{said}");
    // A directory of nobody's is written again and again.
    assert_eq!(two.run("two", &["build", "-o", "../nobodys"]).0, Some(0));
    two.0.put("two/main.talos", &cluster("lab", "a", 2, 1));
    let (code, said) = two.run("two", &["build", "-o", "../nobodys"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains(
            "left ../nobodys/cluster-template/patches/lab-1.yaml: outside of the project nothing is removed"
        ),
        "{said}"
    );
    assert!(two.0.exists("nobodys/cluster-template/patches/lab-1.yaml"));
    assert_eq!(two.run("two", &["build", "-o", "../nobodys", "--check"]).0, Some(0));
}

/// Two entries of one project whose directories are one, by a link.
#[test]
fn a_link_between_two_output_directories_loses_nothing() {
    let project = two_directories(0);
    project.put("a/a.talos", &cluster("a", "one", 0, 0));
    project.put("b/b.talos", &cluster("b", "two", 0, 0));
    project.ok(&["build"]);
    fs::remove_dir_all(project.path("b/omni")).expect("a directory");
    symlink("../a/omni", project.path("b/omni")).expect("a link");
    project.ok(&["build"]);
    let both = files(&project);
    for file in ["a/omni/cluster-template/a.yaml", "a/omni/cluster-template/b.yaml", "a/omni/mine.yaml"] {
        assert!(both.contains_key(file), "{:?}", both.keys());
    }
    assert!(project.ok(&["build"]).ends_with("current\n"));
    for args in [["build", "a"], ["build", "b"]] {
        project.ok(&args);
        assert_eq!(files(&project), both, "{args:?}");
    }
    // The same name in both is one file.
    project.put("b/b.talos", &cluster("b", "one", 1, 0));
    let err = project.fails(1, &["build"]);
    assert!(err.contains("are one file: a link leads from one to the other"), "{err}");
    assert_eq!(files(&project), both);
}

/// Where git keeps its own files nothing is written, however it is spelled and whichever way leads there.
#[test]
fn nothing_is_written_where_git_keeps_its_files() {
    let project =
        Project::new(&[(".git/HEAD", ""), (".git/hooks/x", ""), ("main.talos", &cluster("lab", "a", 0, 1))]);
    let state = project.state();
    for directory in [".git", ".GIT", "x/.git/y", "./.Git/hooks", "sub/../.git", ".git./x", "git~1"] {
        let err = project.fails(2, &["build", "-o", directory]);
        assert!(err.contains("where git keeps its own files"), "{directory}: {err}");
        let block = format!("output {{ directory = \"{directory}\" }}\n");
        let text = cluster("lab", "a", 0, 1).replace("output { patches = files }\n", &block);
        project.put("main.talos", &text);
        let err = project.fails(1, &["check"]);
        assert!(
            err.contains("where git keeps its own files") && err.contains("main.talos:1:"),
            "{directory}: {err}"
        );
        project.fails(1, &["build"]);
        for field in ["templates", "classes", "machine-patches"] {
            project.put(
                "main.talos",
                &text.replace("directory", field).replace("\"./", "\"").replace("sub/../", ""),
            );
            let err = project.fails(1, &["check"]);
            assert!(err.contains("where git keeps its own files"), "{field} {directory}: {err}");
        }
    }
    project.put("main.talos", &cluster("lab", "a", 0, 1));
    symlink(".git/hooks", project.path("omni")).expect("a link");
    let err = project.fails(3, &["build"]);
    assert!(err.contains("where git keeps its own files"), "{err}");
    fs::remove_file(project.path("omni")).expect("a link");
    // A link below a directory that holds `.git`.
    symlink(".git", project.path("cluster-template")).expect("a link");
    let err = project.fails(3, &["build", "-o", "."]);
    assert!(err.contains("where git keeps its own files"), "{err}");
    fs::remove_file(project.path("cluster-template")).expect("a link");
    let paths = |state: Vec<(std::path::PathBuf, String, _)>| {
        state.into_iter().map(|file| file.0).collect::<Vec<_>>()
    };
    assert_eq!(paths(project.state()), paths(state));
}

/// A file that sources name and do not read is left alone though it looks generated: to know that, somebody would have opened it.
#[test]
fn files_of_secrets_are_not_opened() {
    let generated =
        "# Generated by talosc from main.talos. Do not edit: change the source, then `talosc build`.\na: b\n";
    let secrets = "  secret patch p file \"./omni/cluster-template/secrets/s.yaml\"\n  secret patch q file \"./omni/cluster-template/link.yaml\"\n";
    let source = cluster("lab", "a", 0, 0).replace("  controlplane", &format!("{secrets}  controlplane"));
    let project = Project::new(&[
        (".git/HEAD", ""),
        ("main.talos", &source),
        ("plain.talos", &cluster("plain", "b", 0, 0)),
        ("omni/cluster-template/secrets/s.yaml", generated),
        ("omni/cluster-template/real.yaml", generated),
        ("omni/cluster-template/stale.yaml", generated),
    ]);
    symlink("real.yaml", project.path("omni/cluster-template/link.yaml")).expect("a link");
    for args in [&["build", "--check"][..], &["build", "main.talos"], &["build", "plain.talos"], &["build"]] {
        let ran = project.run(args);
        let lines = ran.out.lines().chain(ran.err.lines()).filter(|line| !line.contains("file: "));
        let told: Vec<&str> =
            lines.filter(|line| line.contains("/s.yaml") || line.contains("real.yaml")).collect();
        assert_eq!(told, <[&str; 0]>::default(), "{args:?}");
        assert_eq!(project.get("omni/cluster-template/secrets/s.yaml"), generated);
        assert_eq!(project.get("omni/cluster-template/real.yaml"), generated);
    }
    assert!(!project.exists("omni/cluster-template/stale.yaml"));
    // One that is no file that could be read is no reason to stop.
    let denied = project.path("omni/cluster-template/secrets");
    fs::set_permissions(&denied, fs::Permissions::from_mode(0o000)).expect("permissions");
    let ran = project.run(&["build"]);
    fs::set_permissions(&denied, fs::Permissions::from_mode(0o755)).expect("permissions");
    assert!(ran.code == Some(0) || ran.err.contains("secrets"), "{}", ran.err);
}

/// A text with the mark that editors of Windows put before it, from a file and from stdin.
#[test]
fn a_byte_order_mark_is_no_part_of_a_text() {
    use std::io::Write as _;
    let project = Project::new(&[(".git/HEAD", ""), ("a.talos", "\u{feff}role   r { }\n")]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_talosc"));
    command.args(["fmt", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("talosc runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(project.get("a.talos").as_bytes()).expect("it is read");
    drop(stdin);
    let ran = child.wait_with_output().expect("it ends");
    assert_eq!((String::from_utf8_lossy(&ran.stdout), ran.status.code()), ("role r {}\n".into(), Some(0)));
    project.ok(&["fmt"]);
    assert_eq!(project.get("a.talos"), "role r {}\n");
}

/// Root that builds in somebody's directory does not take the files away from them.
#[test]
fn owner_and_mode_of_a_file_stay() {
    let project = two_directories(0);
    project.ok(&["build"]);
    project.put("odd.talos", "role   r { }\n");
    let paths = ["a/omni/cluster-template/a.yaml", "odd.talos"].map(|path| project.path(path));
    let root = fs::metadata(&paths[0]).expect("a file").uid() == 0;
    for path in &paths {
        fs::set_permissions(path, fs::Permissions::from_mode(0o640)).expect("permissions");
        if root {
            std::os::unix::fs::chown(path, Some(65_534), Some(65_533)).expect("root may do this");
        }
    }
    let of = |path: &Path| {
        fs::metadata(path).map(|found| (found.uid(), found.gid(), found.mode())).expect("a file")
    };
    let before = paths.each_ref().map(|path| of(path));
    let texts = paths.each_ref().map(|path| fs::read_to_string(path).expect("a file"));
    set_version(&project, 1);
    // That nothing uses the role is advice.
    assert_eq!(project.run(&["build"]).code, Some(0));
    project.ok(&["fmt"]);
    assert_eq!(paths.each_ref().map(|path| of(path)), before);
    for (path, text) in paths.iter().zip(texts) {
        assert_ne!(fs::read_to_string(path).expect("a file"), text, "it was written");
    }
    println!("as {}", if root { "root" } else { "a user" });
}
