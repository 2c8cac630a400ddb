//! Manifests, health checks and intervals of a cluster.
//!
//! Mirrors `models/kubernetes_manifest.go`, `kubernetes_healthcheck.go`, `validations/kubernetes_healthchecks.go` and
//! `cluster.go` of Omni.

use super::names::field_place;
use super::{files, kubernetes, place_of, secrets};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Fields, Slot};
use crate::fleet::Cluster;
use crate::omni::manifests::{self, Objects, contents, parse_placed};
use crate::omni::paths::Layout;
use crate::schema::Shape;
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::lower::{Lowering, Stands};
use crate::talos::rules::texts;
use crate::text::Text;
use crate::tree::{Map, Node, Origin};
use crate::typing::literal::show_duration;
use crate::typing::{Val, misfit};
use crate::yaml::carry::uncarried;

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;
/// `etcdBackup.minInterval` and `maxInterval` of Omni's configuration, unless its administrator changed them.
const BACKUP: (i64, i64) = (HOUR, 24 * HOUR);
const HEALTHCHECK: i64 = 5 * SECOND;
/// What the server puts before the id of a health check to name its job.
const RUNNER: &str = "omni-healthcheck-";

/// Every rule on what a cluster says of Kubernetes objects, and on its features.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, layout: &Layout, of: Resolved<'_>) {
    let cluster = of.cluster;
    backup(lowering, cluster);
    discovery(lowering, cluster);
    for (name, slot) in cluster.flat.fields.block("manifest").into_iter().flat_map(Fields::iter) {
        if slot.map().is_some_and(|fields| fields.get("mode").is_none()) {
            let at = lowering.head(place_of(slot).unwrap_or(cluster.span));
            lowering.report(no_mode(at, name).in_cluster(&cluster.name));
        }
        if let Some((nodes, at)) = objects(lowering, layout, cluster, ("manifest", name), slot) {
            kubernetes::objects(lowering, of, name, &nodes, at);
        }
    }
    for (name, slot) in cluster.flat.fields.block("healthcheck").into_iter().flat_map(Fields::iter) {
        healthcheck(lowering, layout, cluster, name, slot);
    }
}

fn backup(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
    let Some(Val::Duration(interval)) = cluster.flat.fields.at(&["backup", "interval"]).and_then(Slot::leaf)
    else {
        return;
    };
    let (min, max) = BACKUP;
    if (min..=max).contains(interval) {
        return;
    }
    let at = field_place(cluster, &["backup", "interval"]);
    let finding = Diagnostic::new(
        Code::OutOfBounds,
        format!("etcd cannot be backed up every {}", show_duration(*interval)),
    )
    .label(at, "outside of what Omni takes")
    .note("Omni takes 1h to 24h; it reads 0 or less as \"no backups\"")
    .help("write an interval from `1h` to `24h`, or remove `backup`");
    lowering.report(finding.in_cluster(&cluster.name));
}

fn discovery(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
    let features = cluster.flat.fields.block("features");
    let is =
        |name: &str, on: bool| matches!(features.and_then(|f| f.leaf(name)), Some(Val::Bool(b)) if *b == on);
    if !is("public-discovery", false)
        || (is("embedded-discovery", true) && cluster.target.born_at_least(1, 14))
    {
        return;
    }
    let at = field_place(cluster, &["features", "public-discovery"]);
    let finding = Diagnostic::new(
        Code::PublicDiscovery,
        "the public discovery service cannot be turned off here",
    )
    .if_understood()
    .label(at, "turned off")
    .label_if(
        cluster.target_spans.created_with.filter(|_| !cluster.target.born_at_least(1, 14)),
        "created with a Talos before v1.14",
    )
    .note(
        "Omni takes it only with `embedded-discovery = true`, for clusters created with Talos v1.14 or later",
    )
    .help("remove `public-discovery`");
    lowering.report(finding.in_cluster(&cluster.name));
}

fn no_mode(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::RequiredField, format!("the manifest `{name}` does not say its `mode`")).if_understood()
        .label(at, "`mode` is missing")
        .help("add `mode = full` (Omni keeps the objects as they are written) or `mode = one-time` (it only creates them)")
}

/// The objects of an entry, parsed, if there are some; what is wrong with them is reported.
fn objects(
    lowering: &mut Lowering<'_, '_>,
    layout: &Layout,
    cluster: &Cluster,
    (what, name): (&str, &Text),
    slot: &Slot,
) -> Option<(Vec<Node>, Span)> {
    let field = if what == "manifest" { "text" } else { "job" };
    let at = lowering.head(place_of(slot).unwrap_or(cluster.span));
    let mut found = contents(lowering, slot, field);
    let named = slot.is_file();
    if found.len() != 1 {
        // A file that could not be read is reported already.
        if !found.is_empty() || !named {
            let finding = wrong_number(at, what, name, field, found.get(1).and_then(|second| second.1));
            lowering.report(finding.in_cluster(&cluster.name));
        }
        return None;
    }
    let (objects, span) = found.pop()?;
    let at = span.unwrap_or(at);
    match objects {
        Objects::Nodes(nodes) => {
            for node in &nodes {
                secrets::object(lowering, node, None);
            }
            carried(lowering, cluster, &nodes);
            Some((nodes, at))
        }
        Objects::File(file) => {
            files::referenced(lowering, layout, cluster, &file);
            None
        }
        Objects::Text(text, file) => {
            let stands = file.map_or(Stands::Value(at), Stands::File);
            let handed_on = cluster.target.omni_at_least(1, 8);
            // Objects in a file of their own are written again, unless the file that says them stays where it is.
            let names = &lowering.flattener.types.names;
            let stays = |file| manifests::stays(names, layout, cluster, file).is_some();
            let again = what == "manifest" && layout.manifest_files && !file.is_some_and(stays);
            let nodes = parse_placed(lowering, &text, stands, again || !handed_on)?;
            let mut secret = false;
            for node in &nodes {
                secret |= secrets::object(lowering, node, file.is_none().then_some(at));
            }
            if !secret {
                secrets::text(lowering, &text, stands);
            }
            if handed_on {
                text_carried(lowering, cluster, &text, &format!("the {what} `{name}`"), at);
            } else {
                carried(lowering, cluster, &nodes);
            }
            Some((nodes, at))
        }
    }
}

/// Objects that the client writes again: each text in them must survive it.
fn carried(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, objects: &[Node]) {
    for text in objects.iter().flat_map(|object| uncarried(object, texts::of_omni(&cluster.target))) {
        if let Some(at) = lowering.origins.place(text.node) {
            lowering.report(
                texts::broken(at, &format!("`{}`", text.path), text.beginning).in_cluster(&cluster.name),
            );
        }
    }
}

/// A text that is handed on as it stands. Its resource holds it in a field, and whoever reads that resource as YAML
/// (`omnictl cluster template render`, `get`, `edit`) reads what Go's library wrote.
fn text_carried(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, text: &Text, which: &str, at: Span) {
    let data = Map::from_iter([(Text::new_static("data"), Node::str(text.clone(), Origin::NONE))]);
    let resource = Node::map(data, Origin::NONE);
    if let Some(text) = uncarried(&resource, texts::of_omni(&cluster.target)).first() {
        lowering.report(texts::broken(at, which, text.beginning).in_cluster(&cluster.name));
    }
}

fn wrong_number(at: Span, what: &str, name: &str, field: &str, second: Option<Span>) -> Diagnostic {
    let ways = match what {
        "manifest" => "`text`, `objects` or a file",
        _ => "`job` or a file",
    };
    match second {
        Some(second) => {
            Diagnostic::new(Code::TwoContents, format!("the {what} `{name}` has more than one content"))
                .if_understood()
                .label(second, "one too many")
                .label(at, format!("takes one of {ways}"))
                .help("keep one of them")
        }
        None => Diagnostic::new(Code::TwoContents, format!("the {what} `{name}` says nothing"))
            .if_understood()
            .label(at, format!("has none of {ways}"))
            .help(format!("write `{what} {name} file \"…\" {{ … }}`, or `{field} = \"\"\" … \"\"\"`")),
    }
}

fn healthcheck(
    lowering: &mut Lowering<'_, '_>,
    layout: &Layout,
    cluster: &Cluster,
    name: &Text,
    slot: &Slot,
) {
    let Some(fields) = slot.map() else { return };
    let at = lowering.head(place_of(slot).unwrap_or(cluster.span));
    if let Some(Val::Duration(interval)) = fields.leaf("interval")
        && *interval < HEALTHCHECK
    {
        let at = fields.get("interval").and_then(place_of).unwrap_or(at);
        let finding = Diagnostic::new(
            Code::OutOfBounds,
            format!("a health cannot be checked every {}", show_duration(*interval)),
        )
        .label(at, "shorter than 5s")
        .note("Omni refuses less, and reads 0 or less as \"not set\", which is 30s")
        .help("write `5s` or more");
        lowering.report(finding.in_cluster(&cluster.name));
    }
    let said = match fields.leaf("id") {
        Some(Val::Str(id)) => id.to_string(),
        _ => format!("cluster-{}-{name}", cluster.name),
    };
    if let Some(why) = misfit(Shape::DnsSubdomain, &format!("{RUNNER}{said}")) {
        lowering.report(bad_id(at, name, &said, &why).in_cluster(&cluster.name));
    }
    let Some((nodes, at)) = objects(lowering, layout, cluster, ("healthcheck", name), slot) else { return };
    let text = |path: &[&str]| nodes.first().and_then(|node| node.at(path)).and_then(Node::as_str);
    if nodes.len() != 1 || text(&["kind"]) != Some("Job") || text(&["apiVersion"]) != Some("batch/v1") {
        let finding =
            Diagnostic::new(Code::BadJob, format!("the health check `{name}` is not a Kubernetes Job"))
                .label(at, "must be one object of `apiVersion: batch/v1` and `kind: Job`")
                .note("Omni runs it as a job of its own and looks at how it ends")
                .help("write one Job");
        lowering.report(finding.in_cluster(&cluster.name));
    }
}

fn bad_id(at: Span, name: &str, id: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        Code::BadName,
        format!("the health check `{name}` would be called `{id}`, which Kubernetes does not take"),
    )
    .label(at, why.to_string())
    .help("choose a name in lower case, or say an id: `id = \"home-health\"`")
}
