//! `output { patches = files, manifests = files }`: patches and manifests of templates as files beside them.
//!
//! It is decided before there is a template. A patch that is the same wherever it stands under its name is one file; others have
//! a file each, by cluster and owner. The ids are those of inline patches, so that the form changes nothing in Omni. A patch
//! that is just what a file of the project says is not copied if the template may refer to that file.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::manifests::{self, Manifest};
use super::patches::{Inline, Levels};
use super::paths::{Layout, file_name, is_yaml};
use super::{Document, Of};
use crate::fleet::Cluster;
use crate::source::loader::below;
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::tree::Node;

/// A cluster of an entry: its index in the fleet, itself, and what its patches become.
pub(super) type Patched<'f> = (usize, &'f Cluster, Levels);

/// A patch of a cluster that becomes a file.
struct FilePatch<'e> {
    at: usize,
    cluster: &'e Cluster,
    inline: Inline<'e>,
}

/// Lets the patches of the clusters of one entry refer to files where it wants that, and gives the files that are to be written.
pub(super) fn files(
    lowering: &Lowering<'_, '_>,
    layout: &Layout,
    clusters: &mut [Patched<'_>],
) -> Vec<Document> {
    if !layout.patch_files {
        return Vec::new();
    }
    let mut groups: IndexMap<Text, Vec<FilePatch<'_>>, FxBuildHasher> = IndexMap::default();
    for (at, cluster, levels) in clusters {
        for mut inline in levels.inline(cluster) {
            if !beside(lowering, layout, cluster, &mut inline) {
                let found = FilePatch { at: *at, cluster, inline };
                groups.entry(found.inline.entry.name.clone()).or_default().push(found);
            }
        }
    }
    let mut files: Vec<Document> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for (name, found) in groups {
        let first = found[0].inline.entry.holds.documents();
        let alike = found[1..].iter().all(|one| one.inline.entry.holds.documents() == first);
        for FilePatch { at, cluster, inline } in found {
            let own = if alike { file_name(&name) } else { inline.alone(cluster) };
            let inside = format!("patches/{own}.yaml");
            let path = layout.beside(&inside);
            let reference = layout.reference(cluster, &below(&layout.directory, &path));
            let nodes = inline.entry.refer(reference.unwrap_or_else(|| inside.into()));
            let file = *known.entry(path.clone()).or_insert(files.len());
            match files.get_mut(file) {
                Some(file) if file.clusters.last() == Some(&at) => {}
                Some(file) => file.clusters.push(at),
                None => {
                    let (entry, of, clusters) = (layout.entry, Of::Patch, vec![at]);
                    files.push(Document { entry, source: entry, path, nodes, written: None, of, clusters });
                }
            }
        }
    }
    files
}

/// The manifests of a cluster of an entry, with its index in the fleet.
pub(super) type Brought<'f> = (usize, &'f Cluster, Vec<Manifest>);

/// A manifest that becomes a file.
struct Held<'e> {
    at: usize,
    cluster: &'e Cluster,
    manifest: &'e mut Manifest,
    objects: Vec<Node>,
}

/// The same for manifests: those of one name that hold the same objects are one file.
pub(super) fn manifests(
    lowering: &Lowering<'_, '_>,
    layout: &Layout,
    clusters: &mut [Brought<'_>],
) -> Vec<Document> {
    if !layout.manifest_files {
        return Vec::new();
    }
    let names = &lowering.flattener.types.names;
    let mut groups: IndexMap<Text, Vec<Held<'_>>, FxBuildHasher> = IndexMap::default();
    for (at, cluster, manifests) in clusters {
        for manifest in manifests {
            let stays = manifest.whole.and_then(|file| manifests::stays(names, layout, cluster, file));
            let objects = manifest.objects();
            match stays {
                Some(path) => manifest.refer(path),
                None if objects.is_empty() => {}
                None => {
                    let found = groups.entry(manifest.name.clone()).or_default();
                    found.push(Held { at: *at, cluster, manifest, objects });
                }
            }
        }
    }
    let mut files: Vec<Document> = Vec::new();
    for (name, found) in groups {
        let alike = found[1..].iter().all(|one| one.objects == found[0].objects);
        let mut shared: Option<usize> = None;
        for Held { at, cluster, manifest, objects: nodes } in found {
            let owner = if alike { String::new() } else { format!("{}/", file_name(&cluster.name)) };
            let inside = format!("manifests/{owner}{}.yaml", file_name(&name));
            let path = layout.beside(&inside);
            let reference = layout.reference(cluster, &below(&layout.directory, &path));
            manifest.refer(reference.unwrap_or_else(|| inside.into()));
            match shared {
                Some(file) => files[file].clusters.push(at),
                None => {
                    shared = alike.then_some(files.len());
                    let (entry, of, clusters) = (layout.entry, Of::Manifest, vec![at]);
                    files.push(Document { entry, source: entry, path, nodes, written: None, of, clusters });
                }
            }
        }
    }
    files
}

/// Refers to the file of the project that says just what a patch says. `false` if there is none that the template may name.
fn beside(lowering: &Lowering<'_, '_>, layout: &Layout, cluster: &Cluster, inline: &mut Inline<'_>) -> bool {
    let names = &lowering.flattener.types.names;
    // What is written elsewhere stands alone.
    let Some(file) = inline.entry.whole.filter(|_| !names.elsewhere).map(|file| names.sources.file(file))
    else {
        return false;
    };
    let Some(path) = Some(&file.name).filter(|name| is_yaml(name)) else { return false };
    let Some(reference) = layout.reference(cluster, path) else { return false };
    inline.entry.refer(reference);
    true
}

impl Inline<'_> {
    /// The path of the file that holds this patch alone: by cluster, owner and name.
    fn alone(&self, cluster: &Cluster) -> String {
        let owner = self.owner.map(|owner| format!("/{}", file_name(owner))).unwrap_or_default();
        format!("{}{owner}/{}", file_name(&cluster.name), file_name(&self.entry.name))
    }
}
