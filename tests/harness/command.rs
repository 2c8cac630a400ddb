//! The command line on projects in temporary directories.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use tempfile::TempDir;

pub(crate) const CLASSES: &str = r#"class node {
  match = ["omni.sidero.dev/platform = metal"]
}
"#;

pub(crate) const CLUSTER: &str = r#"import "./classes.talos"

role base {
  extensions = [iscsi-tools]
}

role worker extends base {
  extensions += [util-linux-tools]
}

cluster home {
  omni         = v1.10
  talos        = v1.13.7
  created-with = v1.13.7
  kubernetes   = v1.35.0
  controlplane { role = base,   class = node, size = 3 }
  workers      { role = worker, class = node, size = 3 }
}
"#;

pub(crate) const TEMPLATE: &str = "omni/cluster-template/home.yaml";
pub(crate) const CLASS: &str = "omni/machine-classes/node.yaml";

/// A project without `.git`.
pub(crate) struct Project(pub(crate) TempDir);

/// What a command did.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    pub(crate) fn new(files: &[(&str, &str)]) -> Project {
        let project = Project(tempfile::tempdir().expect("a directory"));
        files.iter().for_each(|(path, text)| project.put(path, text));
        project
    }
    pub(crate) fn home() -> Project {
        Project::new(&[("classes.talos", CLASSES), ("cluster.talos", CLUSTER)])
    }
    pub(crate) fn built() -> Project {
        let project = Project::home();
        project.ok(&["build"]);
        project
    }
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }
    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    pub(crate) fn get(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.get(path);
        assert!(text.contains(from), "{from} stands in {path}");
        self.put(path, &text.replacen(from, to, 1));
    }
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        talosc(self.0.path(), args)
    }
    /// Runs a command that must end well.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{args:?}\n{}", ran.out);
        ran.out
    }
    /// Runs a command that must end with a code, and gives what it complains of.
    pub(crate) fn fails(&self, code: i32, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}\n{}{}", ran.out, ran.err);
        assert!(!ran.err.is_empty());
        ran.err
    }
    /// Runs a command that must end with a code, and gives what it writes for programs: nothing is complained of beside it.
    pub(crate) fn document(&self, code: i32, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}\n{}{}", ran.out, ran.err);
        assert!(!ran.err.contains("error"), "{args:?}\n{}", ran.err);
        ran.out
    }
    /// Every file with its content and the time it was written.
    pub(crate) fn state(&self) -> Vec<(PathBuf, String, SystemTime)> {
        let mut out = Vec::new();
        let mut open = vec![self.0.path().to_owned()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry")) {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let modified = entry.metadata().and_then(|data| data.modified()).expect("a time");
                    out.push((path.clone(), fs::read_to_string(&path).unwrap_or_default(), modified));
                }
            }
        }
        out.sort();
        out
    }
}

pub(crate) fn talosc(directory: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talosc"));
    command.current_dir(directory).args(args).env_remove("NO_COLOR");
    let Output { status, stdout, stderr } = command.output().expect("talosc runs");
    Ran {
        code: status.code(),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}
