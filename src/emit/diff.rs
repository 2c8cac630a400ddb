//! A plan as unified diffs: what a build would change, for `--check`. Pure.

use similar::TextDiff;

use super::plan::{Action, Existing, Plan, with_unix_line_ends};

/// What would change in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// The path in the output directory.
    pub path: String,
    /// Why it is not current: missing (`Create`), outdated (`Update`) or no longer written (`Stale`).
    pub action: Action,
    /// The difference as a unified diff, from what stands there to what should.
    pub text: String,
}

/// The difference of each file that is not current, in order of the paths; `directory` stands before them in the headers.
pub fn diffs(plan: &Plan<'_>, existing: &Existing, directory: &str) -> Vec<FileDiff> {
    let steps = plan.steps().iter().filter(|step| step.action != Action::Same);
    steps
        .map(|step| {
            // Line ends of a checkout do not count, so they must not fill the diff either.
            let old = existing.files.get(step.path).map(|bytes| with_unix_line_ends(bytes));
            let old = old.as_ref().map(|bytes| String::from_utf8_lossy(bytes));
            let new = step.file.map(|file| file.text.as_str());
            let shown = if directory.is_empty() {
                step.path.to_owned()
            } else {
                format!("{directory}/{}", step.path)
            };
            let text = unified(&shown, old.as_deref(), new);
            FileDiff { path: step.path.to_owned(), action: step.action, text }
        })
        .collect()
}

fn unified(path: &str, old: Option<&str>, new: Option<&str>) -> String {
    let before = old.map_or("/dev/null".to_owned(), |_| format!("a/{path}"));
    let after = new.map_or("/dev/null".to_owned(), |_| format!("b/{path}"));
    let diff = TextDiff::from_lines(old.unwrap_or(""), new.unwrap_or(""));
    diff.unified_diff().context_radius(3).header(&before, &after).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::plan::{Build, plan};
    use crate::emit::{File, header};
    use crate::tree::{Node, Origin};

    #[test]
    fn missing_outdated_and_no_longer_written() {
        let list = |items: &[&str]| {
            [Node::seq(items.iter().map(|item| Node::str(*item, Origin::NONE)).collect(), Origin::NONE)]
        };
        let files = [
            File::new("new.yaml", "e.talos", &list(&["a"])),
            File::new("old.yaml", "e.talos", &list(&["a", "b", "c", "d", "e"])),
            File::new("same.yaml", "e.talos", &list(&["a"])),
        ];
        let mut existing = Existing::default();
        let old = files[1].text.replace("- e", "- x").replace('\n', "\r\n");
        existing.files.insert("old.yaml".to_owned(), old.into_bytes());
        existing.files.insert("same.yaml".to_owned(), files[2].text.clone().into_bytes());
        existing.files.insert("stale.yaml".to_owned(), files[2].text.trim_end().as_bytes().to_vec());
        let builds = [Build { entry: "e.talos", files: &files }];
        let plan = plan(&builds, &existing, &|_| false).expect("nothing to refuse");
        let diffs = diffs(&plan, &existing, "");
        let head = header::line("e.talos");
        let expected = [
            (
                "new.yaml",
                Action::Create,
                format!("--- /dev/null\n+++ b/new.yaml\n@@ -0,0 +1,2 @@\n+{head}\n+- a\n"),
            ),
            (
                "old.yaml",
                Action::Update,
                "--- a/old.yaml\n+++ b/old.yaml\n@@ -3,4 +3,4 @@\n - b\n - c\n - d\n-- x\n+- e\n".to_owned(),
            ),
            (
                "stale.yaml",
                Action::Stale,
                format!(
                    "--- a/stale.yaml\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-{head}\n-- a\n\\ No newline at end of file\n"
                ),
            ),
        ];
        let found: Vec<_> = diffs.iter().map(|d| (d.path.as_str(), d.action, d.text.clone())).collect();
        assert_eq!(found, expected);
    }
}
