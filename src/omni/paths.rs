//! Where the files of the output lie, for templates that refer to files beside them.

use crate::fleet::Cluster;
use crate::resolve::ScopeId;
use crate::source::loader::join;
use crate::talos::lower::{Lowering, show};
use crate::text::Text;
use crate::typing::FileRef;

/// The directory of everything that an entry writes, unless its `output` says another.
pub const DIRECTORY: &str = "omni";

/// A field of the `output` block of an entry.
pub fn output(lowering: &mut Lowering<'_, '_>, entry: ScopeId, field: &str) -> Option<Text> {
    let names = &lowering.flattener.types.names;
    let own = names.own(entry).iter().copied();
    let block = own.into_iter().find(|&id| names.decl(id).kind == crate::kinds::OUTPUT)?;
    lowering.flattener.peek(block, field).as_ref().and_then(show)
}

/// The directory of a cluster's template, from the project root.
pub fn template_directory(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> String {
    let directory = output(lowering, cluster.entry, "directory");
    let directory = directory.as_deref().unwrap_or(DIRECTORY);
    let entry = lowering.flattener.types.names.path(cluster.entry);
    let path = join(entry, &format!("{directory}/cluster-template"));
    path.unwrap_or_else(|| format!("{directory}/cluster-template"))
}

/// How a template refers to a file that is not read: from its own directory, as Omni reads it since 1.8; before, from where
/// `omnictl` is run, taken to be the project root. `None` if the file does not lie under the directory of the template.
pub fn reference(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, file: &FileRef) -> Option<Text> {
    let path = file.path.as_ref()?;
    let directory = template_directory(lowering, cluster);
    let inside = path.strip_prefix(directory.as_str())?.strip_prefix('/')?;
    Some(if cluster.target.omni_at_least(1, 8) { inside.into() } else { path.clone() })
}
