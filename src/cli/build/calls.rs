//! What a build means for Omni: what stays there, and what to call in which order.

use std::borrow::Cow;

use super::group::Group;
use crate::cli::files;
use crate::emit::disk::Disk;
use crate::emit::plan::Plan;
use crate::omni::objects::{self, Change};

/// Every file of a build as it is and as it will be.
fn changes<'p>(groups: &[Group<'_>], disks: &'p [Disk], plans: &'p [Plan<'p>]) -> Vec<Change<'p>> {
    let mut out = Vec::new();
    if plans.iter().all(Plan::is_current) {
        return out;
    }
    for ((group, disk), plan) in groups.iter().zip(disks).zip(plans) {
        for step in plan.steps() {
            let path = files::below(&group.directory, step.path).to_string_lossy().into_owned();
            let (before, after) = match step.file {
                Some(file) if file.standing => {
                    let text = disk.read(step.path).map(Cow::Owned);
                    (text.clone(), text)
                }
                file => {
                    let before = disk.existing.files.get(step.path);
                    let before = before.and_then(|bytes| std::str::from_utf8(bytes).ok());
                    (before.map(Cow::Borrowed), file.map(|file| Cow::Borrowed(file.text.as_str())))
                }
            };
            out.push(Change { path, before, after });
        }
    }
    out
}

/// A line for each thing that Omni keeps although the output no longer has it.
pub(super) fn left_behind(groups: &[Group<'_>], disks: &[Disk], plans: &[Plan<'_>]) -> String {
    lines(objects::left_behind(&changes(groups, disks, plans)))
}

/// The calls of a change in their order.
pub(super) fn in_order(groups: &[Group<'_>], disks: &[Disk], plans: &[Plan<'_>]) -> String {
    lines(objects::calls(&changes(groups, disks, plans)))
}

fn lines(all: Vec<String>) -> String {
    all.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}
