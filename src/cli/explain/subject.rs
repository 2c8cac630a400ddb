//! What a name on the command line means: declarations, sets and machines with their fields.

use std::sync::Arc;

use crate::driver::Compilation;
use crate::flatten::{Fields, Slot, Slotted};
use crate::fleet::{Chain, Cluster, Set};
use crate::kinds;
use crate::resolve::{DeclId, Found};
use crate::schema::Schema;
use crate::version::Version;

/// Something that has fields.
pub(in crate::cli) struct Subject {
    /// How it is called: ``role `gpu-worker` ``.
    pub(in crate::cli) title: String,
    /// The declaration.
    pub(in crate::cli) decl: DeclId,
    /// Its fields.
    pub(in crate::cli) fields: Fields,
    /// What fields it may have.
    pub(in crate::cli) schema: Arc<Schema>,
}

/// Every meaning of a path, with the part of it that is left for a field. Longer names come first.
pub(super) fn of<'p>(
    compilation: &mut Compilation,
    kind: Option<&str>,
    path: &'p [String],
) -> Vec<(Subject, &'p [String])> {
    let mut out = Vec::new();
    for end in (1..=path.len()).rev() {
        let name = path[..end].join(".");
        for id in declarations(compilation, kind, &name) {
            let rest = &path[end..];
            let parts = parts(compilation, id, rest);
            // What a set or a machine comes to says more than what the cluster writes of it.
            let whole = (whole(compilation, id), rest);
            let told =
                parts.iter().any(|(subject, rest)| rest.is_empty() || field(&subject.fields, rest).is_some());
            out.extend(parts);
            if !told {
                out.push(whole);
            }
        }
    }
    out
}

/// The declarations of a name in all kinds: those of the project's files, and those that their imports bring.
pub(super) fn declarations(compilation: &Compilation, only: Option<&str>, name: &str) -> Vec<DeclId> {
    let names = &compilation.flattener.types.names;
    let mut out = Vec::new();
    for kind in kinds::all().iter().filter(|kind| only.is_none_or(|only| only == kind.name)) {
        for scope in names.project_files() {
            if let Found::Decl(id) = names.lookup(scope, kind.id, name)
                && !out.contains(&id)
            {
                out.push(id);
            }
        }
    }
    out
}

/// A declaration with all of its fields.
pub(super) fn whole(compilation: &mut Compilation, id: DeclId) -> Subject {
    let decl = compilation.flattener.types.names.decl(id).clone();
    // Conditions on the version are decided for the first cluster.
    let clusters = &compilation.clusters;
    let own = clusters.iter().find(|cluster| cluster.decl == id).or(clusters.first());
    let talos = own.map_or(Version::minor(1, 13), |cluster| cluster.target.talos.clone());
    let flat = compilation.flattener.flat(id, &Arc::default(), Some(&talos));
    Subject {
        title: format!("{} `{}`", kinds::get(decl.kind).name, decl.shown()),
        decl: id,
        fields: flat.fields.clone(),
        schema: flat.schema.clone(),
    }
}

/// The sets and machines of a cluster that the rest of a path may name: a set by its name, or as the source has it,
/// `controlplane` and `workers NAME`.
fn parts<'p>(compilation: &Compilation, id: DeclId, rest: &'p [String]) -> Vec<(Subject, &'p [String])> {
    let Some(cluster) = compilation.clusters.iter().find(|cluster| cluster.decl == id) else {
        return Vec::new();
    };
    let named = |set: &Set| match rest {
        [word, rest @ ..] if set.control && word == "controlplane" => Some(rest),
        [word, name, rest @ ..] if !set.control && word == "workers" && set.name == *name => Some(rest),
        [name, rest @ ..] if set.name == *name => Some(rest),
        _ => None,
    };
    let mut out = Vec::new();
    for (set, rest) in cluster.sets.iter().filter_map(|set| Some((set, named(set)?))) {
        if let Some((second, rest)) = rest.split_first() {
            let names = &compilation.flattener.types.names;
            let named = |member: &&crate::fleet::Member| {
                names.decl(member.decl).name == *second || member.id == *second
            };
            if let Some(member) = set.known().find(named) {
                let fields = Chain::of_machine(cluster, set, member).fields();
                let title = format!("machine `{second}` in {} of cluster `{}`", set.shown(), cluster.name);
                let schema = member.flat.schema.clone();
                out.push((Subject { title, decl: member.decl, fields, schema }, rest));
            }
        }
        let title = format!("{} of cluster `{}`", set.shown(), cluster.name);
        let schema = schema_of(cluster, set.control);
        let fields = Chain::of_set(cluster, set).fields();
        out.push((Subject { title, decl: id, fields, schema }, rest));
    }
    out
}

/// What a set may hold.
fn schema_of(cluster: &Cluster, control: bool) -> Arc<Schema> {
    let name = if control { "controlplane" } else { "workers" };
    match cluster.flat.schema.field(name).map(|field| &field.ty) {
        Some(crate::schema::Type::Entries(entries)) => entries.schema.clone(),
        _ => cluster.flat.schema.clone(),
    }
}

/// A field at a path; keys of a map may hold dots.
pub(super) fn field<'f>(fields: &'f Fields, path: &[String]) -> Option<&'f Slot> {
    for end in 1..=path.len() {
        let Some(slot) = fields.raw(&path[..end].join(".")) else { continue };
        if end == path.len() {
            return Some(slot);
        }
        if let Slotted::Map(inner) = &slot.value
            && let Some(found) = field(inner, &path[end..])
        {
            return Some(found);
        }
    }
    None
}
