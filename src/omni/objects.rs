//! What Omni has by the files of the output: what a change of them leaves behind, and the calls that carry it out.
//!
//! `omnictl cluster template sync` removes what left a template of a cluster that is still there, and nothing else: a template or a
//! resource that is gone from the repository stays in Omni until someone deletes it. Classes come before the sets that take machines
//! from them, and go after them (`validations/machine_class.go`); a machine leaves its cluster before another one can have it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_yaml::Value;

use super::committed::before;

/// A file of the output and what a build makes of it.
#[derive(Clone, Debug)]
pub struct Change<'f> {
    /// As the user would write it.
    pub path: String,
    /// Its text so far, if it was there.
    pub before: Option<Cow<'f, str>>,
    /// Its text from now on, if it stays.
    pub after: Option<Cow<'f, str>>,
}

/// What one document of a file is to Omni.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Object {
    Cluster(String),
    /// The workers of a cluster, by name.
    Set(String, String),
    Class(String),
    Patch(String),
}

impl Change<'_> {
    fn differs(&self) -> bool {
        self.before != self.after
    }
}

/// What Omni still has after a change, a line each, with the call that removes it.
pub fn left_behind(changes: &[Change<'_>]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for object in gone(changes) {
        out.push(match &object {
            Object::Set(cluster, name) => {
                format!("the next sync of `{cluster}` removes the workers `{name}`; their machines leave the cluster")
            }
            Object::Cluster(name) => format!("Omni still has the cluster `{name}`: `{}` removes it", delete(&object)),
            Object::Class(name) => format!("Omni still has the class `{name}`: `{}` removes it", delete(&object)),
            Object::Patch(id) => format!("Omni still has the patch `{id}`: `{}` removes it", delete(&object)),
        });
    }
    out
}

/// The calls that carry out a change, in their order.
pub fn calls(changes: &[Change<'_>]) -> Vec<String> {
    let mut out = Vec::new();
    let gone = gone(changes);
    let is_class = |object: &Object| matches!(object, Object::Class(_));
    let is_patch = |object: &Object| matches!(object, Object::Patch(_));
    for wanted in [&is_class as &dyn Fn(&Object) -> bool, &is_patch] {
        for change in changes.iter().filter(|change| change.differs()) {
            if change.after.as_deref().is_some_and(|text| objects(text).iter().any(wanted)) {
                out.push(format!("omnictl apply -f {}", shell(&change.path)));
            }
        }
    }
    out.extend(syncs(changes));
    let (patches, classes): (Vec<&Object>, Vec<&Object>) = gone
        .iter()
        .filter(|object| is_class(object) || is_patch(object))
        .partition(|object| is_patch(object));
    out.extend(patches.into_iter().chain(classes).map(delete));
    out
}

/// The clusters that change or go, such that a machine leaves its cluster before it joins another one.
fn syncs(changes: &[Change<'_>]) -> Vec<String> {
    struct Step<'c> {
        call: String,
        leaves: BTreeSet<String>,
        joins: BTreeSet<String>,
        change: &'c Change<'c>,
    }
    let beside: Vec<&str> = changes
        .iter()
        .filter(|change| {
            change.differs() && change.after.as_deref().is_some_and(|text| objects(text).is_empty())
        })
        .filter_map(|change| change.path.rsplit(['/', '\\']).next())
        .collect();
    let refers = |text: &str| beside.iter().any(|name| text.contains(name));
    let mut steps: Vec<Step<'_>> = Vec::new();
    for change in changes {
        let name = |text: Option<&str>| text.and_then(cluster_of);
        let machines = |text: Option<&str>| -> BTreeSet<String> {
            let read = text.zip(name(text)).and_then(|(text, name)| before::read(text, &name));
            read.into_iter().flat_map(|known| known.sets).flat_map(|set| set.machines).collect()
        };
        let (old, new) = (name(change.before.as_deref()), name(change.after.as_deref()));
        let call = match (&new, &old) {
            (Some(_), _) if change.differs() || change.after.as_deref().is_some_and(refers) => {
                format!("omnictl cluster template sync -f {}", shell(&change.path))
            }
            (None, Some(old)) => delete(&Object::Cluster(old.clone())),
            _ => continue,
        };
        let (had, has) = (machines(change.before.as_deref()), machines(change.after.as_deref()));
        let leaves = had.difference(&has).cloned().collect();
        steps.push(Step { call, leaves, joins: has.difference(&had).cloned().collect(), change });
    }
    // A cluster that goes waits for those that stay, unless one of them wants its machines.
    steps.sort_by_key(|step| step.change.after.is_none());
    let mut out = Vec::new();
    while !steps.is_empty() {
        let waits = |at: usize| {
            let others = steps.iter().enumerate().filter(|(other, _)| *other != at);
            others.into_iter().any(|(_, other)| !other.leaves.is_disjoint(&steps[at].joins))
        };
        // Clusters that swap machines wait for each other: then the first begins.
        let next = (0..steps.len()).find(|at| !waits(*at)).unwrap_or(0);
        out.push(steps.remove(next).call);
    }
    out
}

/// What the files no longer say.
fn gone(changes: &[Change<'_>]) -> BTreeSet<Object> {
    let old = changes.iter().filter(|change| change.differs()).filter_map(|change| change.before.as_deref());
    let mut gone: BTreeSet<Object> = old.flat_map(objects).collect();
    if gone.is_empty() {
        return gone;
    }
    for object in changes.iter().filter_map(|change| change.after.as_deref()).flat_map(objects) {
        gone.remove(&object);
    }
    // The sets of a cluster go with it.
    let clusters: Vec<Object> =
        gone.iter().filter(|object| matches!(object, Object::Cluster(_))).cloned().collect();
    gone.retain(|object| {
        !matches!(object, Object::Set(cluster, _) if clusters.contains(&Object::Cluster(cluster.clone())))
    });
    gone
}

fn cluster_of(text: &str) -> Option<String> {
    objects(text).into_iter().find_map(|object| match object {
        Object::Cluster(name) => Some(name),
        _ => None,
    })
}

fn delete(object: &Object) -> String {
    match object {
        Object::Cluster(name) => format!("omnictl cluster delete {}", shell(name)),
        Object::Class(name) => format!("omnictl delete machineclasses {}", shell(name)),
        Object::Patch(id) => format!("omnictl delete configpatches {}", shell(id)),
        // A sync does it.
        Object::Set(cluster, _) => format!("omnictl cluster template sync for {cluster}"),
    }
}

/// What the documents of a file are. Only their heads are read: there may be ten thousand machines.
fn objects(text: &str) -> Vec<Object> {
    let mut out = Vec::new();
    let mut cluster = String::new();
    for document in text.split("\n---\n") {
        if document.starts_with("kind: Machine\n") {
            continue;
        }
        let Some(head) = head(document) else { continue };
        let said = |node: &Value, key: &str| node.get(key).and_then(Value::as_str).map(str::to_owned);
        let name = said(&head, "name");
        match (said(&head, "kind").as_deref(), name) {
            (Some("Cluster"), Some(name)) => {
                cluster.clone_from(&name);
                out.push(Object::Cluster(name));
            }
            (Some("Workers"), name) => {
                out.push(Object::Set(cluster.clone(), name.unwrap_or_else(|| "workers".to_owned())));
            }
            _ => {}
        }
        let Some(metadata) = head.get("metadata") else { continue };
        let id = said(metadata, "id");
        match (said(metadata, "type").as_deref(), id) {
            (Some("MachineClasses.omni.sidero.dev"), Some(id)) => out.push(Object::Class(id)),
            (Some("ConfigPatches.omni.sidero.dev"), Some(id)) => out.push(Object::Patch(id)),
            _ => {}
        }
    }
    out
}

/// Kind, name and metadata of a document.
fn head(document: &str) -> Option<Value> {
    let mut inside = false;
    let mut out = String::new();
    for line in document.lines() {
        let top = !line.starts_with([' ', '-', '#']);
        if top {
            inside = ["kind:", "name:", "metadata:"].iter().any(|key| line.starts_with(key));
        }
        if inside && !line.starts_with('#') {
            out.push_str(line);
            out.push('\n');
        }
    }
    serde_yaml::from_str(&out).ok().filter(Value::is_mapping)
}

/// A word of a command line.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '-' | '\\' | '%' | '+');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
