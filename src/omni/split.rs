//! `output { patches = files, manifests = files }`: patches and manifests of templates as files beside them.
//!
//! It is decided before there is a template. A patch that is the same wherever it stands under its name is one file; others have
//! a file each, by cluster and owner. The ids are those of inline patches, so that the form changes nothing in Omni. A patch
//! that is just what a file of the project says is not copied if the template may refer to that file.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::manifests::{self, Manifest};
use super::patches::{Inline, Levels};
use super::paths::{Layout, file_name};
use super::{Document, Of};
use crate::fleet::Cluster;
use crate::source::loader::below;
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::tree::Node;

/// A cluster of an entry: its index in the fleet, itself, and what its patches become.
pub(super) type Patched<'f> = (usize, &'f Cluster, Levels);

/// The manifests of a cluster of an entry, with its index in the fleet.
pub(super) type Brought<'f> = (usize, &'f Cluster, Vec<Manifest>);

/// Lets the patches of the clusters of one entry refer to files where it wants that, and gives the files that are to be written.
pub(super) fn files(
    lowering: &Lowering<'_, '_>,
    layout: &Layout,
    clusters: &mut [Patched<'_>],
) -> Vec<Document> {
    let mut groups = Groups::default();
    for (at, cluster, levels) in clusters.iter_mut().filter(|_| layout.patch_files) {
        for mut inline in levels.inline(cluster) {
            if !beside(lowering, layout, cluster, &mut inline) {
                groups.add(inline.entry.name.clone(), *at, cluster, inline);
            }
        }
    }
    groups.files(layout)
}

/// The same for manifests.
pub(super) fn manifests(
    lowering: &Lowering<'_, '_>,
    layout: &Layout,
    clusters: &mut [Brought<'_>],
) -> Vec<Document> {
    let names = &lowering.flattener.types.names;
    let mut groups = Groups::default();
    for (at, cluster, manifests) in clusters.iter_mut().filter(|_| layout.manifest_files) {
        for manifest in manifests {
            let stays = manifest.whole.and_then(|file| manifests::stays(names, layout, cluster, file));
            let objects = manifest.objects();
            match stays {
                Some(path) => manifest.refer(path),
                None if objects.is_empty() => {}
                None => groups.add(manifest.name.clone(), *at, cluster, Objects { manifest, objects }),
            }
        }
    }
    groups.files(layout)
}

/// What becomes a file.
trait Held {
    /// The directory of its kind, beside the template.
    const DIRECTORY: &'static str;

    /// What the file is.
    fn of() -> Of;

    /// What stands in the file.
    fn nodes(&self) -> &[Node];

    /// The path of the file that holds it alone, below the directory of its kind.
    fn alone(&self, cluster: &Cluster) -> String;

    /// Puts a reference to the file in its place, and gives what stands there.
    fn refer(self, path: Text) -> Vec<Node>;
}

/// What has one name in the clusters of an entry, each with its cluster and that cluster's index in the fleet.
struct Groups<'e, H>(IndexMap<Text, Vec<(usize, &'e Cluster, H)>, FxBuildHasher>);

impl<H> Default for Groups<'_, H> {
    fn default() -> Self {
        Groups(IndexMap::default())
    }
}

impl<'e, H: Held> Groups<'e, H> {
    fn add(&mut self, name: Text, at: usize, cluster: &'e Cluster, held: H) {
        self.0.entry(name).or_default().push((at, cluster, held));
    }

    /// The files: one for all of a name if that is the same everywhere, else one for each.
    fn files(self, layout: &Layout) -> Vec<Document> {
        let mut files: Vec<Document> = Vec::new();
        let mut known: FxHashMap<String, usize> = FxHashMap::default();
        for (name, found) in self.0 {
            let alike = found.windows(2).all(|two| two[0].2.nodes() == two[1].2.nodes());
            for (at, cluster, held) in found {
                let own = if alike { file_name(&name) } else { held.alone(cluster) };
                let inside = format!("{}/{own}.yaml", H::DIRECTORY);
                let path = layout.beside(&inside);
                let reference = layout.reference(cluster, &below(&layout.directory, &path));
                let nodes = held.refer(reference.unwrap_or_else(|| inside.into()));
                let file = *known.entry(path.clone()).or_insert(files.len());
                match files.get_mut(file) {
                    Some(file) if file.clusters.last() == Some(&at) => {}
                    Some(file) => file.clusters.push(at),
                    None => {
                        let (entry, of, clusters) = (layout.entry, H::of(), vec![at]);
                        files.push(Document {
                            entry,
                            source: entry,
                            path,
                            nodes,
                            written: None,
                            of,
                            clusters,
                        });
                    }
                }
            }
        }
        files
    }
}

/// Refers to the file of the project that says just what a patch says. `false` if there is none that the template may name.
fn beside(lowering: &Lowering<'_, '_>, layout: &Layout, cluster: &Cluster, inline: &mut Inline<'_>) -> bool {
    let names = &lowering.flattener.types.names;
    let path = inline.entry.whole.and_then(|file| manifests::stays(names, layout, cluster, file));
    path.map(|path| inline.entry.refer(path)).is_some()
}

impl Held for Inline<'_> {
    const DIRECTORY: &'static str = "patches";

    fn of() -> Of {
        Of::Patch
    }

    fn nodes(&self) -> &[Node] {
        self.entry.holds.documents()
    }

    /// By cluster, owner and name.
    fn alone(&self, cluster: &Cluster) -> String {
        let owner = self.owner.map(|owner| format!("/{}", file_name(owner))).unwrap_or_default();
        format!("{}{owner}/{}", file_name(&cluster.name), file_name(&self.entry.name))
    }

    fn refer(self, path: Text) -> Vec<Node> {
        self.entry.refer(path)
    }
}

/// A manifest that becomes a file, and its objects.
struct Objects<'e> {
    manifest: &'e mut Manifest,
    objects: Vec<Node>,
}

impl Held for Objects<'_> {
    const DIRECTORY: &'static str = "manifests";

    fn of() -> Of {
        Of::Manifest
    }

    fn nodes(&self) -> &[Node] {
        &self.objects
    }

    /// By cluster and name.
    fn alone(&self, cluster: &Cluster) -> String {
        format!("{}/{}", file_name(&cluster.name), file_name(&self.manifest.name))
    }

    fn refer(self, path: Text) -> Vec<Node> {
        self.manifest.refer(path);
        self.objects
    }
}
