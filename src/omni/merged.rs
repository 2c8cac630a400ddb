//! The order in which Omni merges patches, and so what each machine gets.
//!
//! Mirrors `layeredresource.Helper.Get` of Omni: the patches of the cluster, then of the machine set, then of the machine, inside of a
//! level by id; and the ids that `client/pkg/template/internal/models/{patch,machine}.go` make.

use std::borrow::Cow;

use super::ids;
use super::patches::{self, Part};
use crate::fleet::Cluster;
use crate::talos::lower::Lowering;
use crate::talos::overlay::{Content, Made, Owner};
use crate::talos::{Content as Holds, Patch};
use crate::text::{Text, format_text};
use crate::tree::{Map, Node};

/// The patches of a level in the order of their ids.
pub fn in_order<'p>(cluster: &Cluster, owner: Owner<'p>, patches: &'p [Patch]) -> Vec<Content<'p>> {
    let made = match owner {
        Owner::Machine(uuid, Some(made)) => Some((format_text!("000-cm-{uuid}-install-disk"), made)),
        _ => None,
    };
    if made.is_none() && patches::by_name(cluster, patches) {
        let mut all: Vec<&Patch> = patches.iter().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        return all.into_iter().map(|patch| content(patch, Part::Many)).collect();
    }
    let mut out: Vec<(Text, Content<'p>)> = Vec::with_capacity(patches.len());
    for patch in patches {
        for (name, id, part) in parts(cluster, owner, patch) {
            let id = id.unwrap_or_else(|| positional(cluster, owner, out.len(), &name));
            out.push((id, content(patch, part)));
        }
    }
    out.extend(made.map(|(id, made)| (id, Content::Documents(made.into()))));
    out.sort_by(|(a, _), (b, _)| a.cmp(b));
    out.into_iter().map(|(_, content)| content).collect()
}

/// The disk that a machine is installed on: `Machine.install`, which Omni applies as a patch of its own. A selector of disks is
/// resolved by Omni once it knows the disks.
pub fn installs(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> Made {
    let mut out = Made::default();
    for (s, set) in cluster.sets.iter().enumerate() {
        for (m, machine) in set.machines().iter().enumerate() {
            let disk = machine.flat.fields.block("install").and_then(|install| install.get("disk"));
            let Some(mut node) = disk.and_then(|disk| lowering.text(disk)) else { continue };
            let origin = node.origin;
            for key in ["disk", "install", "machine"] {
                node = Node::map(Map::from_iter([(Text::new_static(key), node)]), origin);
            }
            out.insert((s, m), [node]);
        }
    }
    out
}

fn parts(cluster: &Cluster, owner: Owner<'_>, patch: &Patch) -> Vec<(Text, Option<Text>, Part)> {
    match owner {
        Owner::Cluster => patches::parts(cluster, None, patch).into_vec(),
        Owner::Set(name) | Owner::Machine(name, _) => patches::parts(cluster, Some(name), patch).into_vec(),
        Owner::Loose(uuid) => {
            let id = patch.id.clone().unwrap_or_else(|| ids::patch("machine", Some(uuid), &patch.name));
            vec![(patch.name.clone(), Some(id), Part::Many)]
        }
    }
}

/// The documents of an entry.
fn content(patch: &Patch, part: Part) -> Content<'_> {
    match (&patch.content, part) {
        (Holds::Documents(documents), Part::One(at)) => {
            Content::Documents(Cow::Borrowed(&documents[at..=at]))
        }
        (Holds::Documents(documents), _) => Content::Documents(Cow::Borrowed(documents)),
        (Holds::File(file), _) => Content::Unread(file.span),
    }
}

/// The id that Omni makes of a position.
fn positional(cluster: &Cluster, owner: Owner<'_>, at: usize, name: &str) -> Text {
    let cluster = &cluster.name;
    match owner {
        Owner::Cluster => format_text!("{:03}-cluster-{cluster}-{name}", 200 + at),
        Owner::Set(set) => format_text!("{:03}-{cluster}-{set}-{name}", 400 + at),
        Owner::Machine(uuid, _) | Owner::Loose(uuid) => format_text!("{:03}-cm-{uuid}-{name}", 400 + at),
    }
}
