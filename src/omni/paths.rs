//! Where the files of the output lie: the layout that an entry asks for, and how templates refer to files beside them.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::flatten::{Fields, Slot};
use crate::fleet::Cluster;
use crate::kinds;
use crate::resolve::{DeclId, Names, ScopeId};
use crate::source::Span;
use crate::source::loader::{below, inside, join};
use crate::talos::lower::show;
use crate::text::Text;
use crate::typing::FileRef;

/// The directory of everything that an entry writes, unless its `output` says another.
pub const DIRECTORY: &str = "omni";

/// Where an entry wants its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The entry.
    pub entry: ScopeId,
    /// The directory of everything, from the project root with `/`; empty for the root itself.
    pub directory: String,
    /// The directory that is meant when the entry does not say one.
    pub default: String,
    /// Where its `output` block says `template`.
    pub named: Option<Span>,
    /// The directory of templates in it; empty for itself. So are the next two.
    templates: String,
    classes: ResourceFiles,
    machines: ResourceFiles,
    /// The file name of the template, if it is not that of its cluster.
    template: Option<Text>,
    /// The files of classes that are not called like them, from the output directory.
    class: Vec<(Text, String)>,
    /// Whether patches are files of their own.
    pub patch_files: bool,
    /// Whether manifests are.
    pub manifest_files: bool,
}

/// The layouts of entries, in their order: made once, before anything asks where a file lies.
#[derive(Debug, Default)]
pub struct Layouts(IndexMap<ScopeId, Layout, FxBuildHasher>);

impl Layouts {
    /// Those of every file with a cluster.
    pub fn new(layouts: impl Iterator<Item = Layout>) -> Layouts {
        Layouts(layouts.map(|layout| (layout.entry, layout)).collect())
    }

    /// The layout of an entry; a file without a cluster has none.
    pub fn get(&self, entry: ScopeId) -> Option<&Layout> {
        self.0.get(&entry)
    }

    /// The layout for a cluster.
    pub fn of(&self, cluster: &Cluster) -> &Layout {
        // INVARIANT: the entries are the files with a cluster, and each has a layout before clusters are placed.
        self.get(cluster.entry).expect("the file of a cluster is an entry")
    }

    /// All of them, in the order of the entries.
    pub fn iter(&self) -> impl Iterator<Item = &Layout> {
        self.0.values()
    }
}

/// Where resources of one kind are written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ResourceFiles {
    /// Each to a file of its own in a directory.
    Each(String),
    /// All to one file.
    One(String),
}

/// Whether a path names a YAML file.
pub fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// Whether a text can be the file of a class: a path of a YAML file that does not lead out of its directory.
pub fn is_class_file(written: &str) -> bool {
    is_yaml(written) && !written.contains(':') && join("", written).is_some()
}

/// The directory that a path names, or that its file lies in.
fn directory_of(path: &str) -> &str {
    if is_yaml(path) { path.rsplit_once('/').map_or("", |(directory, _)| directory) } else { path }
}

/// The `output` block of an entry.
pub fn block(names: &Names, entry: ScopeId) -> Option<DeclId> {
    names.own_nameless(entry, kinds::OUTPUT)
}

impl Layout {
    /// The layout of an entry, by the fields of its `output` block. What is wrong with them is reported by the driver; here it
    /// counts as not said.
    pub fn new(names: &Names, entry: ScopeId, block: Option<&Fields>) -> Layout {
        let said = |field| block.and_then(|fields| fields.leaf(field)).and_then(show);
        let inside = |said: Option<Text>, default: &str| {
            said.and_then(|written| join("", &written)).unwrap_or_else(|| default.to_owned())
        };
        let place =
            |path: String| if is_yaml(&path) { ResourceFiles::One(path) } else { ResourceFiles::Each(path) };
        let path = names.path(entry);
        let default = join(path, DIRECTORY).unwrap_or_default();
        let directory = said("directory").and_then(|written| join(path, &written));
        let of_classes = inside(said("classes"), "machine-classes");
        let named = block.and_then(|fields| fields.block("class")).into_iter().flat_map(Fields::iter);
        let class = named.filter_map(|(name, slot)| {
            let written = slot.leaf().and_then(show).filter(|written| is_class_file(written))?;
            Some((name.clone(), below(directory_of(&of_classes), &join("", &written)?)))
        });
        Layout {
            entry,
            directory: directory.unwrap_or_else(|| default.clone()),
            default,
            named: block.and_then(|fields| fields.get("template")).and_then(Slot::span),
            templates: inside(said("templates"), "cluster-template"),
            classes: place(inside(said("classes"), "machine-classes")),
            machines: place(inside(said("machine-patches"), "machine-patches")),
            template: said("template"),
            class: class.collect(),
            patch_files: said("patches").is_some_and(|word| word == "files"),
            manifest_files: said("manifests").is_some_and(|word| word == "files"),
        }
    }

    /// The template of a cluster. This and the paths below are relative to the output directory.
    pub fn template(&self, cluster: &str) -> String {
        let name = self.template.as_deref().unwrap_or(cluster);
        below(&self.templates, &if is_yaml(name) { name.to_owned() } else { format!("{name}.yaml") })
    }

    /// The template of a cluster from the project root, where an earlier build has written it.
    pub fn committed(&self, cluster: &str) -> String {
        below(&self.directory, &self.template(cluster))
    }

    /// The file of a class.
    pub fn class(&self, name: &str) -> String {
        let named = self.class.iter().find(|(known, _)| known == name);
        named.map_or_else(|| self.classes.path(name), |(_, path)| path.clone())
    }

    /// The file of the patches of a machine that a class picks up.
    pub fn machine(&self, name: &str) -> String {
        self.machines.path(name)
    }

    /// Whether a name in a path is one that the `output` block says.
    pub fn says(&self, name: &str) -> bool {
        let (ResourceFiles::Each(classes) | ResourceFiles::One(classes)) = &self.classes;
        let (ResourceFiles::Each(machines) | ResourceFiles::One(machines)) = &self.machines;
        let said =
            [&self.templates, classes, machines].into_iter().chain(self.class.iter().map(|(_, path)| path));
        let template = self.template.iter().any(|said| name.strip_prefix(said.as_str()).is_some());
        template || said.flat_map(|path| path.split('/')).any(|said| said == name)
    }

    /// A file beside the templates.
    pub fn beside(&self, path: &str) -> String {
        below(&self.templates, path)
    }

    /// The directory of the templates, from the project root.
    pub fn template_directory(&self) -> String {
        below(&self.directory, &self.templates)
    }

    /// How the template of a cluster refers to a file of the project: from its own directory, as Omni reads it since 1.8; before,
    /// from where `omnictl` is run, taken to be the project root. `None` if the file does not lie under the directory of the
    /// template.
    pub fn reference(&self, cluster: &Cluster, path: &str) -> Option<Text> {
        let inside = inside(&self.template_directory(), path)?;
        Some(Text::new(if cluster.target.omni_at_least(1, 8) { inside } else { path }))
    }

    /// As [`Layout::reference`], for a file that is not read.
    pub fn reference_to(&self, cluster: &Cluster, file: &FileRef) -> Option<Text> {
        self.reference(cluster, file.path.as_ref()?)
    }
}

impl ResourceFiles {
    fn path(&self, name: &str) -> String {
        match self {
            ResourceFiles::Each(directory) => below(directory, &format!("{}.yaml", file_name(name))),
            ResourceFiles::One(file) => file.clone(),
        }
    }
}

/// A name as the name of a file: what could lead elsewhere, or that a file system takes for something else, is written `%XX`.
pub(super) fn file_name(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.chars().enumerate() {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' || (c == '.' && at > 0) {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn no_name_leads_elsewhere() {
        for (name, file) in [
            ("gpu-worker_1.2", "gpu-worker_1.2"),
            ("a/../b", "a%2F..%2Fb"),
            ("..", "%2E."),
            ("c:d ü", "c%3Ad%20%C3%BC"),
        ] {
            assert_eq!(file_name(name), file);
        }
    }
}
