//! The output writer on a real directory.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use talosc::emit::disk::{Disk, scan};
use talosc::emit::error::{Interrupted, Reason, WriteError};
use talosc::emit::plan::{Action, Build, Plan, Refusal, plan};
use talosc::emit::write::{Report, apply, git_unchanged};
use talosc::emit::{File, header};
use talosc::tree::{Node, Origin};
use tempfile::TempDir;

const ENTRY: &str = "cluster.talos";

fn file(path: &str, content: &str) -> File {
    File::new(path, ENTRY, &[Node::str(content, Origin::NONE)])
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn scan_for(root: &Path, files: &[File]) -> Result<Disk, WriteError> {
    scan(root, files.iter().map(|file| file.path.as_str()), &|_| false, &BTreeSet::new())
}

fn plan_for<'a>(disk: &'a Disk, files: &'a [File], adopt: bool) -> Result<Plan<'a>, Vec<Refusal>> {
    plan(&[Build { entry: ENTRY, files }], &disk.existing, &|_| adopt)
}

/// A whole build: scan, plan, apply.
fn build(root: &Path, files: &[File]) -> Result<Report, WriteError> {
    let disk = scan_for(root, files)?;
    let plan = plan_for(&disk, files, false).expect("nothing to refuse");
    apply(&[(&disk, &plan)]).map_err(|interrupted| interrupted.error)
}

/// Carries out a plan that must fail.
fn fails(disk: &Disk, plan: &Plan<'_>) -> Interrupted {
    apply(&[(disk, plan)]).expect_err("an error")
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).expect("a file of the output")
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs::write(path, text).expect("a file");
}

/// All files and empty directories below a directory, by name.
fn listing(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        let entries: Vec<_> =
            fs::read_dir(&directory).expect("a directory").map(|e| e.expect("an entry").path()).collect();
        let (directories, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
        if directories.is_empty() && files.is_empty() && directory != root {
            names.push(format!("{}/", directory.strip_prefix(root).expect("below the root").display()));
        }
        names.extend(
            files.iter().map(|f| f.strip_prefix(root).expect("below the root").display().to_string()),
        );
        open.extend(directories);
    }
    names.sort();
    names
}

#[test]
fn creates_updates_keeps_and_removes() {
    let temp = directory();
    let root = temp.path().join("not/yet/there");
    let first = [file("template/c.yaml", "one"), file("classes/a.yaml", "a"), file("classes/b.yaml", "b")];
    assert_eq!(build(&root, &first).expect("a build"), Report { created: 3, ..Report::default() });
    assert_eq!(read(&root, "template/c.yaml"), first[0].text);
    let time = |path| fs::metadata(root.join(path)).and_then(|m| m.modified()).expect("a file time");
    let (kept, old) = (time("classes/a.yaml"), time("template/c.yaml"));
    assert_eq!(build(&root, &first).expect("a build"), Report { same: 3, ..Report::default() });
    assert_eq!(time("template/c.yaml"), old, "a file that is current is not touched");

    let second = [file("c.yaml", "two"), file("classes/a.yaml", "a"), file("classes/b.yaml", "other")];
    let done = Report { created: 1, updated: 1, same: 1, removed: 1, leftovers: 0 };
    assert_eq!(build(&root, &second).expect("a build"), done);
    assert_eq!(time("classes/a.yaml"), kept);
    assert_eq!(
        listing(&root),
        ["c.yaml", "classes/a.yaml", "classes/b.yaml"],
        "the emptied directory is gone too"
    );
    assert_eq!(read(&root, "classes/b.yaml"), second[2].text);
}

#[test]
fn checkouts_with_other_line_ends_are_current() {
    let root = directory();
    let files = [file("a.yaml", "a\nb")];
    let checkout = files[0].text.replace('\n', "\r\n");
    put(root.path(), "a.yaml", &checkout);
    assert_eq!(build(root.path(), &files).expect("a build").same, 1);
    assert_eq!(read(root.path(), "a.yaml"), checkout);
}

#[test]
fn foreign_files_are_refused_or_adopted() {
    let root = directory();
    put(root.path(), "a.yaml", "kind: Cluster\n");
    put(root.path(), "unrelated.yaml", "kind: Cluster\n");
    let files = [file("a.yaml", "a")];
    let disk = scan_for(root.path(), &files).expect("a scan");
    let refused = plan_for(&disk, &files, false).expect_err("a refusal");
    assert_eq!(refused, [Refusal::Foreign { path: "a.yaml".to_owned() }]);
    let plan = plan_for(&disk, &files, true).expect("nothing to refuse");
    assert_eq!(apply(&[(&disk, &plan)]).expect("a build"), Report { updated: 1, ..Report::default() });
    assert_eq!(read(root.path(), "a.yaml"), files[0].text);
    assert_eq!(read(root.path(), "unrelated.yaml"), "kind: Cluster\n");
}

#[test]
fn files_of_another_entry_are_shared_or_refused() {
    let root = directory();
    let other = File::new("a.yaml", "other.talos", &[Node::str("a", Origin::NONE)]);
    put(root.path(), "a.yaml", &other.text);
    assert_eq!(build(root.path(), &[file("a.yaml", "a")]).expect("a build").same, 1);
    assert_eq!(read(root.path(), "a.yaml"), other.text);
    let files = [file("a.yaml", "b")];
    let disk = scan_for(root.path(), &files).expect("a scan");
    assert_eq!(disk.existing.owners().into_iter().collect::<Vec<_>>(), ["other.talos"]);
    let refused = plan_for(&disk, &files, false).expect_err("a refusal");
    assert_eq!(refused, [Refusal::OtherEntry { path: "a.yaml".to_owned(), entry: "other.talos".to_owned() }]);
}

#[test]
fn the_search_leaves_out_what_is_not_output() {
    let root = directory();
    let text = format!("{}\na\n", header::line(ENTRY));
    for path in
        ["x/.hidden/a.yaml", "sub/.git/HEAD", "sub/a.yaml", "notes.txt", ".out/old.yaml", "deep/er/a.yml"]
    {
        put(root.path(), path, &text);
    }
    let disk = scan_for(root.path(), &[file(".out/new.yaml", "a")]).expect("a scan");
    assert_eq!(disk.existing.files.keys().collect::<Vec<_>>(), [".out/old.yaml", "deep/er/a.yml"]);
}

#[test]
fn leftovers_of_an_interrupted_build_are_removed() {
    let root = directory();
    for path in
        [".talosc-Ab12Cd.tmp", "x/.talosc-000000.tmp", "x/.talosc-mine.tmp", ".talosc-Ab12Cd.tmp.yaml"]
    {
        put(root.path(), path, "half a fi");
    }
    let done = build(root.path(), &[file("a.yaml", "a")]).expect("a build");
    assert_eq!(done, Report { created: 1, leftovers: 2, ..Report::default() });
    assert_eq!(listing(root.path()), [".talosc-Ab12Cd.tmp.yaml", "a.yaml", "x/.talosc-mine.tmp"]);
}

#[test]
fn an_error_while_staging_changes_nothing() {
    let root = directory();
    build(root.path(), &[file("a.yaml", "old"), file("z.yaml", "stale")]).expect("a build");
    let before = read(root.path(), "a.yaml");
    let files = [file("a.yaml", "new"), file("made/for/it/b.yaml", "new"), file("x/c.yaml", "new")];
    let disk = scan_for(root.path(), &files).expect("a scan");
    let plan = plan_for(&disk, &files, false).expect("nothing to refuse");
    put(root.path(), "x", "a file where a directory was to be made");
    let Interrupted { error, done } = fails(&disk, &plan);
    assert_eq!(done, [], "nothing was changed");
    assert!(matches!(error.reason, Reason::Stage(_)), "{error}");
    assert_eq!(error.path, root.path().join("x/c.yaml"));
    assert_eq!(read(root.path(), "a.yaml"), before);
    assert_eq!(
        listing(root.path()),
        ["a.yaml", "x", "z.yaml"],
        "no staged file and no new directory is left"
    );
}

#[test]
fn an_interruption_leaves_whole_files_and_the_next_build_mends_it() {
    let root = directory();
    build(root.path(), &[file("a.yaml", "old"), file("c.yaml", "old"), file("z.yaml", "stale")])
        .expect("a build");
    let files = [file("a.yaml", "new"), file("b.yaml", "new"), file("c.yaml", "new")];
    let disk = scan_for(root.path(), &files).expect("a scan");
    let plan = plan_for(&disk, &files, false).expect("nothing to refuse");
    put(root.path(), "b.yaml", "came while the build ran\n");
    let interrupted = fails(&disk, &plan);
    assert!(matches!(interrupted.error.reason, Reason::Appeared), "{interrupted}");
    assert_eq!(interrupted.done, [(root.path().join("a.yaml"), Action::Update)]);
    assert!(
        interrupted.to_string().ends_with("; 1 file was changed before it, the next build does the rest")
    );
    assert_eq!(read(root.path(), "a.yaml"), files[0].text);
    assert_eq!(read(root.path(), "b.yaml"), "came while the build ran\n");
    assert_eq!(read(root.path(), "c.yaml"), file("c.yaml", "old").text);
    assert_eq!(listing(root.path()), ["a.yaml", "b.yaml", "c.yaml", "z.yaml"]);
    fs::remove_file(root.path().join("b.yaml")).expect("a file");
    let done = build(root.path(), &files).expect("a build");
    assert_eq!(done, Report { created: 1, updated: 1, same: 1, removed: 1, leftovers: 0 });
}

fn reason(root: &Path, path: &str) -> (String, Reason) {
    let error = build(root, &[file(path, "new")]).expect_err("an error");
    (
        error.path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/"),
        error.reason,
    )
}

#[test]
fn names_that_are_no_names_and_things_in_the_way() {
    let root = directory();
    for path in [
        "../a.yaml",
        "/a.yaml",
        "a//b.yaml",
        "a/../b.yaml",
        "./a.yaml",
        "",
        "a\\b.yaml",
        "c:a.yaml",
        "CON.yaml",
        "a./b.yaml",
        ".git/a.yaml",
    ] {
        let error = build(root.path(), &[file(path, "a")]).expect_err("an error");
        assert!(matches!(error.reason, Reason::BadName(_)), "{path}: {error}");
    }
    put(root.path(), "dir.yaml/x", "x");
    put(root.path(), "plain", "x");
    assert!(matches!(reason(root.path(), "dir.yaml"), (path, Reason::NotAFile) if path == "dir.yaml"));
    assert!(matches!(reason(root.path(), "plain/a.yaml"), (path, Reason::NotADirectory) if path == "plain"));
    let error = build(&root.path().join("plain"), &[file("a.yaml", "a")]).expect_err("an error");
    assert!(matches!(error.reason, Reason::NotADirectory), "{error}");
    assert_eq!(listing(root.path()), ["dir.yaml/x", "plain"]);
}

#[test]
fn read_only_files_are_left_alone() {
    let root = directory();
    let old = file("a.yaml", "old");
    build(root.path(), std::slice::from_ref(&old)).expect("a build");
    let set = |read_only| {
        let path = root.path().join("a.yaml");
        let mut permissions = fs::metadata(&path).expect("a file").permissions();
        permissions.set_readonly(read_only);
        fs::set_permissions(path, permissions).expect("permissions");
    };
    set(true);
    assert!(matches!(reason(root.path(), "a.yaml"), (path, Reason::ReadOnly) if path == "a.yaml"));
    assert!(
        matches!(reason(root.path(), "b.yaml"), (path, Reason::ReadOnly) if path == "a.yaml"),
        "stale, but marked"
    );
    assert_eq!(read(root.path(), "a.yaml"), old.text);
    assert_eq!(build(root.path(), &[old]).expect("nothing to write").same, 1);
    set(false);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
    }

    #[test]
    fn read_only_directories_are_left_alone() {
        let root = directory();
        put(root.path(), "d/x", "x");
        set_mode(&root.path().join("d"), 0o555);
        let found = reason(root.path(), "d/a.yaml");
        set_mode(&root.path().join("d"), 0o755);
        assert!(matches!(found, (path, Reason::ReadOnly) if path == "d"));
        assert_eq!(listing(root.path()), ["d/x"]);
    }

    /// A build that was planned, while somebody does something to its directory: what is not as it was is not touched.
    #[test]
    fn what_changes_after_the_scan_is_noticed() {
        type Meddle = fn(&Path, &Path);
        type Expected = fn(&Reason) -> bool;
        let meddles: [(&str, Meddle, Expected); 7] = [
            (
                "d becomes a link",
                |root, outside| swap_link("d", root, outside),
                |r| matches!(r, Reason::Swapped { .. }),
            ),
            (
                "new becomes a link",
                |root, outside| symlink(outside, root.join("new")).expect("a link"),
                |r| matches!(r, Reason::Swapped { .. }),
            ),
            (
                "stale becomes a link",
                |root, outside| swap_link("s", root, outside),
                |r| matches!(r, Reason::Swapped { .. }),
            ),
            (
                "what is replaced is edited",
                |root, _| put(root, "d/a.yaml", "edited"),
                |r| matches!(r, Reason::Changed),
            ),
            (
                "what is removed is edited",
                |root, _| put(root, "s/z.yaml", "edited"),
                |r| matches!(r, Reason::Changed),
            ),
            (
                "what is replaced is gone",
                |root, _| fs::remove_file(root.join("d/a.yaml")).expect("a file"),
                |r| matches!(r, Reason::Changed),
            ),
            (
                "what is made is there",
                |root, _| put(root, "new/b.yaml", "edited"),
                |r| matches!(r, Reason::Appeared),
            ),
        ];
        for (name, meddle, expected) in meddles {
            let (temp, outside) = (directory(), directory());
            let root = fs::canonicalize(temp.path()).expect("it is there");
            build(&root, &[file("d/a.yaml", "old"), file("s/z.yaml", "stale")]).expect("a build");
            for path in ["a.yaml", "b.yaml", "z.yaml"] {
                put(outside.path(), path, &file(path, "of somebody else").text);
            }
            let files = [file("d/a.yaml", "new"), file("new/b.yaml", "new")];
            let disk = scan_for(&root, &files).expect("a scan");
            let plan = plan_for(&disk, &files, false).expect("nothing to refuse");
            meddle(&root, outside.path());
            let edited = listing(&root)
                .into_iter()
                .filter(|path| fs::read_to_string(root.join(path)).is_ok_and(|text| text == "edited"));
            let edited: Vec<String> = edited.collect();
            let interrupted = fails(&disk, &plan);
            assert!(expected(&interrupted.error.reason), "{name}: {interrupted}");
            for path in ["a.yaml", "b.yaml", "z.yaml"] {
                assert_eq!(read(outside.path(), path), file(path, "of somebody else").text, "{name}");
            }
            assert_eq!(listing(outside.path()), ["a.yaml", "b.yaml", "z.yaml"], "{name}");
            for path in edited {
                assert_eq!(read(&root, &path), "edited", "{name}");
            }
            assert!(!listing(&root).iter().any(|path| path.contains(".talosc-")), "{name}");
        }
    }

    fn swap_link(name: &str, root: &Path, outside: &Path) {
        fs::rename(root.join(name), root.join("moved")).expect("it can be moved");
        symlink(outside, root.join(name)).expect("a link");
    }

    /// One that fails in the second directory has told what it did in the first.
    #[test]
    fn what_was_done_in_all_directories_is_told() {
        let (one, two) = (directory(), directory());
        for root in [&one, &two] {
            build(root.path(), &[file("a.yaml", "old"), file("z.yaml", "stale")]).expect("a build");
        }
        let files = [file("a.yaml", "new")];
        let disks = [&one, &two].map(|root| scan_for(root.path(), &files).expect("a scan"));
        let plans: Vec<_> = disks.iter().map(|disk| plan_for(disk, &files, false).expect("a plan")).collect();
        put(two.path(), "a.yaml", "edited");
        let parts: Vec<_> = disks.iter().zip(&plans).collect();
        let interrupted = apply(&parts).expect_err("it was edited");
        assert_eq!(interrupted.done, [(one.path().join("a.yaml"), Action::Update)]);
        assert_eq!(read(one.path(), "a.yaml"), files[0].text);
        assert_eq!(read(two.path(), "a.yaml"), "edited");
        assert!(one.path().join("z.yaml").exists(), "nothing is removed before all is replaced");
    }

    #[test]
    fn files_keep_their_mode_and_new_ones_have_the_usual_one() {
        let root = directory();
        let mode = |path| fs::metadata(root.path().join(path)).expect("a file").permissions().mode() & 0o777;
        put(root.path(), "usual", "x");
        build(root.path(), &[file("a.yaml", "old")]).expect("a build");
        assert_eq!(mode("a.yaml"), mode("usual"));
        set_mode(&root.path().join("a.yaml"), 0o640);
        build(root.path(), &[file("a.yaml", "new")]).expect("a build");
        assert_eq!(mode("a.yaml"), 0o640);
    }

    #[test]
    fn links_that_lead_out_are_refused() {
        let (root, outside) = (directory(), directory());
        put(outside.path(), "a.yaml", &file("a.yaml", "outside").text);
        symlink(outside.path(), root.path().join("dir")).expect("a link");
        symlink(outside.path().join("a.yaml"), root.path().join("file.yaml")).expect("a link");
        symlink("nowhere", root.path().join("dead.yaml")).expect("a link");
        assert!(
            matches!(reason(root.path(), "dir/a.yaml"), (path, Reason::LeadsOut { .. }) if path == "dir")
        );
        assert!(
            matches!(reason(root.path(), "file.yaml"), (path, Reason::LeadsOut { .. }) if path == "file.yaml")
        );
        assert!(
            matches!(reason(root.path(), "dead.yaml"), (path, Reason::LeadsNowhere) if path == "dead.yaml")
        );
        assert_eq!(read(outside.path(), "a.yaml"), file("a.yaml", "outside").text);
        assert_eq!(
            build(root.path(), &[]).expect("a build"),
            Report::default(),
            "the search follows no link"
        );
    }

    #[test]
    fn links_inside_are_followed_and_stay() {
        let root = directory();
        fs::create_dir(root.path().join("real")).expect("a directory");
        symlink("real", root.path().join("alias")).expect("a link");
        build(root.path(), &[file("alias/a.yaml", "old")]).expect("a build");
        symlink("real/a.yaml", root.path().join("link.yaml")).expect("a link");
        let files = [file("link.yaml", "new")];
        let done = build(root.path(), &files).expect("a build");
        assert_eq!(done, Report { updated: 1, ..Report::default() }, "what a link leads to is not stale");
        assert_eq!(read(root.path(), "real/a.yaml"), files[0].text);
        assert!(root.path().join("link.yaml").is_symlink() && root.path().join("alias").is_symlink());
    }
}

#[test]
fn git_says_what_may_be_adopted() {
    let root = directory();
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-C"])
            .arg(root.path())
            .args(arguments);
        assert!(command.output().expect("git runs").status.success(), "{arguments:?}");
    };
    let unchanged = |path: &str| git_unchanged(&root.path().join(path));
    for path in ["a.yaml", "sub/[b].yaml", "sub/b.yaml", "new.yaml"] {
        put(root.path(), path, "text\n");
    }
    assert!(!unchanged("a.yaml"), "no repository");
    git(&["init", "-q"]);
    git(&["add", "a.yaml", "sub"]);
    assert!(!unchanged("a.yaml"), "added, but not committed");
    git(&["commit", "-qm", "start"]);
    assert!(unchanged("a.yaml") && unchanged("sub/[b].yaml"));
    assert!(!unchanged("new.yaml") && !unchanged("absent.yaml"));
    put(root.path(), "sub/b.yaml", "other\n");
    assert!(!unchanged("sub/b.yaml") && unchanged("sub/[b].yaml"));
    git(&["update-index", "--assume-unchanged", "sub/b.yaml"]);
    assert!(!unchanged("sub/b.yaml"), "git does not look at it");
}

/// A file that templates refer to without reading it is not opened, even to see whether it was generated.
#[test]
fn what_is_closed_is_not_opened() {
    let directory = tempfile::tempdir().expect("a directory");
    let generated = format!("{}a: b\n", header::line("e.talos"));
    for name in ["open.yaml", "closed.yaml"] {
        fs::write(directory.path().join(name), &generated).expect("a file");
    }
    let real = fs::canonicalize(directory.path()).expect("it is there");
    let closed = BTreeSet::from([real.join("closed.yaml")]);
    let disk = scan(directory.path(), [], &|_| false, &closed).expect("it can be read");
    assert_eq!(disk.existing.files.keys().collect::<Vec<_>>(), ["open.yaml"]);
}
