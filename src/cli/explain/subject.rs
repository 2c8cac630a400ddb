//! What a name on the command line means: declarations, sets and machines with their fields.

use std::sync::Arc;

use crate::driver::Compilation;
use crate::flatten::{Args, Fields, Slot, Slotted};
use crate::fleet::{Chain, Cluster, Member, Set};
use crate::kinds;
use crate::resolve::{DeclId, Found};
use crate::schema::Schema;
use crate::source::Span;
use crate::typing::{Base, BaseTarget};
use crate::world::versions::newest_talos;

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
    /// What its fields come from besides the declaration, with the arguments that are passed.
    pub(super) uses: Vec<Base>,
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

/// The declarations of a name in all kinds: those of the project's files, and those that their imports bring;
/// without any, what an import could bring.
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
    if out.is_empty() {
        let is = |id: &DeclId| only.is_none_or(|only| only == kinds::get(names.decl(*id).kind).name);
        out.extend(names.importable(name).into_iter().filter(is));
    }
    out
}

/// A declaration with all of its fields.
pub(super) fn whole(compilation: &mut Compilation, id: DeclId) -> Subject {
    let decl = compilation.flattener.types.names.decl(id).clone();
    // Conditions on the version are decided for the first cluster.
    let clusters = &compilation.clusters;
    let own = clusters.iter().find(|cluster| cluster.decl == id).or(clusters.first());
    let talos = own.map_or_else(newest_talos, |cluster| cluster.target.talos.clone());
    let flat = compilation.flattener.flat(id, &Arc::default(), Some(&talos));
    Subject {
        title: format!("{} `{}`", kinds::get(decl.kind).name, decl.shown()),
        decl: id,
        fields: flat.fields.clone(),
        schema: flat.schema.clone(),
        uses: Vec::new(),
    }
}

/// The sets and machines of a cluster that the rest of a path may name: a set by its name, or as the source has it,
/// `controlplane` and `workers NAME`; a machine behind its set, or alone if no field of the cluster is called so.
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
        out.extend(machine(compilation, cluster, set, rest));
        let title = format!("{} of cluster `{}`", set.shown(), cluster.name);
        let schema = schema_of(cluster, set.control);
        let fields = Chain::of_set(cluster, set).fields();
        let uses = uses(compilation, cluster, set, None);
        out.push((Subject { title, decl: id, fields, schema, uses }, rest));
    }
    if let Some(first) = rest.first()
        && out.is_empty()
        && !cluster.flat.schema.fields.contains_key(first.as_str())
    {
        out.extend(cluster.sets.iter().filter_map(|set| machine(compilation, cluster, set, rest)));
    }
    out
}

/// The machine of a set that a path begins with, by its name or UUID.
fn machine<'p>(
    compilation: &Compilation,
    cluster: &Cluster,
    set: &Set,
    path: &'p [String],
) -> Option<(Subject, &'p [String])> {
    let (name, rest) = path.split_first()?;
    let names = &compilation.flattener.types.names;
    let member = set.known().find(|member| names.decl(member.decl).name == *name || member.id == *name)?;
    let title = format!("machine `{name}` in {} of cluster `{}`", set.shown(), cluster.name);
    let subject = Subject {
        title,
        decl: member.decl,
        fields: Chain::of_machine(cluster, set, member).fields(),
        schema: member.flat.schema.clone(),
        uses: uses(compilation, cluster, set, Some(member)),
    };
    Some((subject, rest))
}

/// What the fields of a set, or of a machine of it, come from.
fn uses(compilation: &Compilation, cluster: &Cluster, set: &Set, machine: Option<&Member>) -> Vec<Base> {
    let of = |decl: DeclId, args: &Args, span: Span| Base {
        target: BaseTarget::Decl(decl),
        span,
        args: args.clone(),
        cond: None,
    };
    let none = Args::default();
    let mut out: Vec<Base> = machine.iter().map(|member| of(member.decl, &none, member.span)).collect();
    out.extend(set.role.iter().map(|(role, args, span)| of(*role, args, *span)));
    let names = &compilation.flattener.types.names;
    let field = if set.control { "controlplane" } else { "workers" };
    let entry = cluster.flat.fields.block(field).and_then(|sets| sets.get(&set.name)?.entry().cloned());
    out.extend(entry.iter().flat_map(|entry| entry.body.mixins.iter().cloned()));
    out.push(of(cluster.decl, &none, names.decl(cluster.decl).span));
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
