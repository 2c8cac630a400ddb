//! `talosc build`

mod calls;
mod errors;
mod group;
mod left;
mod parallel;
mod places;
mod standing;

use std::collections::BTreeSet;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use clap::Args;

use super::files::{self, Locks, Selection};
use super::output::{Console, Shown};
use super::report::Own;
use super::{Exit, Failure, Outcome};
use crate::diagnostics::{Code, Diagnostic};
use crate::driver::output::Home;
use crate::driver::{Compilation, Writing};
use crate::emit::diff::{self, FileDiff};
use crate::emit::disk::{self, Disk};
use crate::emit::lock::Want;
use crate::emit::plan::{Action, Plan};
use crate::emit::write;
use crate::secret::Vault;
use crate::text::{count, did_you_mean};
use group::Group;
use standing::{NewText, OnDisk};

#[derive(Args)]
pub(super) struct BuildArgs {
    /// Files with clusters, or directories with all sources below them; the current directory unless said
    files: Vec<PathBuf>,
    /// Write nothing; print a diff and exit with 1 if the output is not current
    #[arg(long)]
    check: bool,
    /// Write nothing; print the `omnictl` calls that carry out the change, in their order
    #[arg(long, conflicts_with_all = ["check", "stdout"])]
    plan: bool,
    /// Write everything to stdout
    #[arg(long, conflicts_with_all = ["check", "output", "adopt"])]
    stdout: bool,
    /// Write to DIR instead of `omni` beside each entry
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Take over files that were not generated, if git has them unchanged
    #[arg(long)]
    adopt: bool,
    /// Write only what CLUSTER needs: its template, the classes that its sets use, and patches of their machines; remove nothing.
    /// May be given several times
    #[arg(long, value_name = "CLUSTER")]
    only: Vec<String>,
}

impl BuildArgs {
    /// What goes to stdout of its own.
    pub(super) fn own(&self) -> Own {
        match (self.stdout, self.plan) {
            (true, _) => Own::Text("`build --stdout`"),
            (_, true) => Own::Text("`build --plan`"),
            _ => Own::Nothing,
        }
    }
}

pub(super) fn run(args: &BuildArgs, console: &Console) -> Outcome {
    let selection = files::select(&args.files)?;
    let home = home(&selection, args.output.as_deref());
    let want = if args.check || args.plan { Want::Read } else { Want::Write };
    let _locks = match args.stdout {
        true => Vec::new(),
        false => begin(&selection, args.output.as_deref(), want)?,
    };
    let on_disk = OnDisk::new(selection.root(), args.output.as_deref());
    let elsewhere = args.output.is_some();
    let compilation = match args.stdout {
        true => selection.compile_for(elsewhere),
        false => selection.compile_to(elsewhere, &Writing { home: home.clone(), standing: Some(&on_disk) }),
    };
    // The process ends with this command: giving every piece of memory back takes longer than the system needs for all of it.
    let mut compilation = ManuallyDrop::new(compilation);
    let texts =
        compilation.documents.iter_mut().map(|document| document.written.as_mut()?.text.take()).collect();
    let names = &compilation.flattener.types.names;
    let sources = &names.sources;
    let mut findings = selection.findings.clone();
    findings.extend(compilation.findings.iter().cloned());
    if compilation.has_errors() || !selection.findings.is_empty() {
        return Ok(console.findings(&findings, sources));
    }
    if let Home::One { .. } = &home {
        let clashes = compilation.clashes_in(&home);
        if !clashes.is_empty() {
            findings.extend(clashes);
            return Ok(console.findings(&findings, sources));
        }
    }
    let only =
        args.only.iter().map(|name| only(&compilation, name)).collect::<Result<Vec<usize>, Failure>>()?;
    let output = compilation.output(&home, &only);
    if output.directories.is_empty() {
        return Err(Failure::Usage(nothing_to_build(&selection)));
    }
    let mut groups = group::of(&compilation, texts, &selection, output, args.output.as_deref());
    if args.stdout {
        console.print(Shown::exact(&group::stream(&groups)))?;
        return Ok(console.findings(&findings, sources));
    }
    let linked = groups.iter().filter(|_| args.output.is_none()).map(|group| group.directory.clone());
    let _outside = places::lock_outside(&selection, linked, want)?;
    let (disks, kept) = scan(&mut groups, &selection, &compilation, !only.is_empty())?;
    let shown = |group: &Group<'_>| match console.is_for_people() {
        true => group.directory.clone(),
        false => PathBuf::from(&group.place.name),
    };
    if args.adopt {
        let needed = compilation.flattener.types.names.needed_files();
        findings.extend(groups.iter().flat_map(|group| group.over_links(&needed, selection.root())));
        if findings.iter().any(|finding| finding.code == Code::OutputOverSource) {
            return Ok(console.findings(&findings, sources));
        }
    }
    let plans = match plan(&groups, &disks, args.adopt, &shown) {
        Ok(plans) => plans,
        Err(refusals) => {
            findings.extend(refusals);
            return Ok(console.findings(&findings, sources));
        }
    };
    if args.plan {
        let exit = console.findings(&findings, sources);
        console.print(Shown::told(&calls::in_order(&groups, &disks, &plans)))?;
        return Ok(exit);
    }
    let mut left = match (&args.output, only.as_slice()) {
        (None, []) => left::told(&compilation, &selection, &groups, &plans)?,
        _ => String::new(),
    };
    left.push_str(&kept);
    left.push_str(&calls::left_behind(&groups, &disks, &plans));
    if args.check {
        console.tell(Shown::told(&left))?;
        return check(&groups, &disks, &plans, &shown, findings, console, &compilation);
    }
    on_disk.wrong().map_or(Ok(()), |wrong| Err(Failure::Bug(wrong)))?;
    verify(&groups, &disks, &plans)?;
    let exit = console.findings(&findings, sources);
    apply(&groups, &disks, &plans, left, console)?;
    Ok(exit)
}

fn nothing_to_build(selection: &Selection) -> String {
    match selection.files.as_slice() {
        [] => "there is no `.talos` file here".into(),
        [one] => format!("`{one}` declares no cluster, so there is nothing to write"),
        _ => "no file here declares a cluster, so there is nothing to write".into(),
    }
}

/// Where the command line wants everything.
fn home(selection: &Selection, output: Option<&Path>) -> Home {
    let one = |directory: &Path| Home::One {
        shown: directory.display().to_string(),
        inside: files::name_in(selection.root(), directory),
    };
    output.map_or(Home::OfEntries, one)
}

/// What `--only` names, by its index in the fleet.
fn only(compilation: &Compilation, name: &str) -> Result<usize, Failure> {
    let clusters = &compilation.fleet.clusters;
    if let Some(at) = clusters.iter().position(|cluster| cluster.name == name) {
        return Ok(at);
    }
    let near = did_you_mean(name, clusters.iter().map(|cluster| cluster.name.as_str()));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(Failure::Usage(format!("there is no cluster `{name}`{hint}")))
}

/// Waits until no other build writes where this one looks or writes: in the project, and in a directory outside of it.
fn begin(selection: &Selection, output: Option<&Path>, want: Want) -> Result<Locks, Failure> {
    if let Some(directory) = output {
        let real = disk::real(directory).map_err(|error| Failure::Io(error.to_string()))?;
        if places::is_of_git(&real, selection.root()) {
            let shown = files::said(directory);
            return Err(Failure::Usage(format!(
                "`{shown}` is where git keeps its own files; name another directory"
            )));
        }
    }
    let mut locks = match want {
        Want::Write => selection.begin_writing()?,
        Want::Read => files::lock(&BTreeSet::from([selection.root().to_owned()]), want)?,
    };
    locks.extend(places::lock_outside(selection, output.into_iter().map(Path::to_owned), want)?);
    Ok(locks)
}

/// Looks at every output directory before anything is decided. Gives what stands in them, and a line for each file that stays although
/// nothing writes it any more.
fn scan(
    groups: &mut [Group<'_>],
    selection: &Selection,
    compilation: &Compilation,
    only: bool,
) -> Result<(Vec<Disk>, String), Failure> {
    let names = &compilation.flattener.types.names;
    let sources: Vec<&str> = names.project_files().into_iter().map(|scope| names.path(scope)).collect();
    let needed = names.needed_files();
    let (root, closed, mut left) = (selection.root(), selection.needed(&needed), String::new());
    let scan = |group: &mut Group<'_>| {
        let mut disk = group.scan(&closed)?;
        places::not_of_git(group, &disk, root)?;
        if !places::is_own(group, &disk, root) {
            left.push_str(&places::leave_what_others_wrote(group, &mut disk, root));
        } else if only {
            disk.existing.files.retain(|path, _| group.writes(path));
        } else {
            group.leave_what_is_needed(&mut disk.existing, &needed);
            group.leave_inner_directories(&mut disk.existing, root);
            group.find_gone(&mut disk.existing, root);
        }
        match selection.is_whole() {
            true => group.claim(&disk.existing, &sources),
            false => group.keep_what_others_write(&mut disk.existing),
        }
        Ok(disk)
    };
    let disks = groups.iter_mut().map(scan).collect::<Result<Vec<Disk>, Failure>>()?;
    Ok((disks, left))
}

/// Plans every directory; all refusals of all of them are findings.
fn plan<'a>(
    groups: &'a [Group<'_>],
    disks: &'a [Disk],
    adopt: bool,
    shown: &dyn Fn(&Group<'_>) -> PathBuf,
) -> Result<Vec<Plan<'a>>, Vec<Diagnostic>> {
    let one_file = places::one_file(groups, disks);
    let mut refused: Vec<Diagnostic> =
        one_file.iter().map(|refusal| errors::refused(refusal, Path::new("."), adopt)).collect();
    let mut plans = Vec::new();
    for (group, disk) in groups.iter().zip(disks) {
        match group.plan(disk, adopt) {
            Ok(plan) => plans.push(plan),
            Err(refusals) => {
                refused.extend(refusals.iter().map(|refusal| errors::refused(refusal, &shown(group), adopt)));
            }
        }
    }
    if refused.is_empty() { Ok(plans) } else { Err(refused) }
}

fn check(
    groups: &[Group<'_>],
    disks: &[Disk],
    plans: &[Plan<'_>],
    shown: &dyn Fn(&Group<'_>) -> PathBuf,
    mut findings: Vec<Diagnostic>,
    console: &Console,
    compilation: &Compilation,
) -> Outcome {
    let mut total = 0;
    for ((group, disk), plan) in groups.iter().zip(disks).zip(plans) {
        total += plan.steps().len();
        let diffs: Vec<FileDiff> = diff::diffs(plan, &disk.existing, &group.place.name);
        let vault = secrets(&diffs, disk, compilation);
        for file in &diffs {
            console.tell(Shown::without(&vault, &file.text))?;
            findings.push(errors::outdated(&files::below(&shown(group), &file.path), file.action));
        }
    }
    let exit = console.findings(&findings, &compilation.flattener.types.names.sources);
    if exit == Exit::Fine {
        console.tell(Shown::told(&format!("{} current\n", are(total))))?;
    }
    Ok(exit)
}

/// The secrets of the sources, and of the files that differ from what they say: the old ones may have some.
fn secrets(diffs: &[FileDiff], disk: &Disk, compilation: &Compilation) -> Vault {
    if diffs.is_empty() {
        return Vault::default();
    }
    let mut vault = compilation.vault();
    let old = diffs.iter().filter_map(|file| disk.existing.files.get(&file.path));
    old.for_each(|bytes| vault.learn(&[&*String::from_utf8_lossy(bytes)]));
    vault
}

/// Reads back what is about to be written; a difference is a bug of ours.
fn verify(groups: &[Group<'_>], disks: &[Disk], plans: &[Plan<'_>]) -> Result<(), Failure> {
    let changed = groups.iter().zip(disks).zip(plans).flat_map(|((group, disk), plan)| {
        plan.changed().filter_map(|file| {
            let (nodes, before) = (group.nodes(&file.path)?, disk.existing.files.get(&file.path));
            let before = before.map(|bytes| &bytes[..]);
            Some(NewText { path: &file.path, text: &file.text, nodes, before })
        })
    });
    standing::wrong(changed).map_or(Ok(()), |message| Err(Failure::Bug(message)))
}

fn apply(
    groups: &[Group<'_>],
    disks: &[Disk],
    plans: &[Plan<'_>],
    left: String,
    console: &Console,
) -> Result<(), Failure> {
    let parts: Vec<write::Part<'_>> = disks.iter().zip(plans).collect();
    if let Err(interrupted) = write::apply(&parts) {
        let done = interrupted.done.iter().map(|(path, action)| done(*action, path));
        console.tell(Shown::told(&done.collect::<String>()))?;
        return Err(Failure::Io(interrupted.to_string()));
    }
    let (mut total, mut report) = (0, String::new());
    for (group, plan) in groups.iter().zip(plans) {
        total += plan.steps().len();
        for step in plan.steps() {
            report.push_str(&done(step.action, &files::below(&group.directory, step.path)));
        }
    }
    let changed = report.lines().count();
    report.push_str(&left);
    report.push_str(&match (changed, total - changed) {
        (0, same) => format!("{} current\n", are(same)),
        (changed, 0) => format!("{} changed\n", count(changed, "file")),
        (changed, same) => format!("{} changed, {same} current\n", count(changed, "file")),
    });
    console.tell(Shown::told(&report))
}

/// What was done to a file: a line, or nothing.
fn done(action: Action, path: &Path) -> String {
    let done = match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Stale => "removed",
        Action::Same => return String::new(),
    };
    format!("{done} {}\n", files::said(path))
}

/// `1 file is`, `2 files are`
fn are(files: usize) -> String {
    format!("{} {}", count(files, "file"), if files == 1 { "is" } else { "are" })
}
