//! Words that people bring along from YAML, Omni, Talos, Kubernetes and Terraform, and what they are called here.
//!
//! Most of it follows from the table of kinds: another spelling of a field, a field that stands one block deeper, or on another
//! kind. What is left are true synonyms; their sources are Omni's cluster template and machine class, and the words of the Kubernetes API.

use super::{CLASS, CLUSTER, NETWORK, PROVIDER, ROLE, all, get};
use crate::schema::{Schema, Type};
use crate::text::{Text, a, did_you_mean, one_of};

/// What a word that is no field was meant to be.
#[derive(Debug, PartialEq)]
pub(crate) enum Meant {
    /// A field, as a path from the body, instead of so many segments of what is written.
    Field(String, usize),
    /// Something that only a sentence can say.
    Say(String),
    /// Nothing: the word says what is known already.
    Drop(String),
}

/// Other names of fields: the first target that the body has is meant.
const SYNONYMS: &[(&[&str], &[&str])] = &[
    (&["replicas", "count", "machinecount", "instances", "nodecount"], &["size"]),
    (&["machineclass", "machineclassname"], &["class"]),
    (&["systemextensions", "officialextensions", "sysexts", "systemextension"], &["extensions"]),
    (&["extrakernelargs", "kernelarguments", "cmdline", "bootargs"], &["kernel.args", "kernel-args"]),
    (&["sysctl"], &["kernel.sysctls"]),
    (&["taints", "taint"], &["node-taints"]),
    (&["talosversion"], &["talos"]),
    (&["kubernetesversion", "k8s", "k8sversion"], &["kubernetes"]),
    (&["omniversion"], &["omni"]),
    (&["ip", "ips", "ipaddress", "ipv4", "staticip", "addresses"], &["address", "addresses"]),
    (&["uuid", "machineid", "systemuuid", "systemid"], &["id"]),
    (&["dns", "dnsservers", "resolvers", "dnsserver"], &["nameservers"]),
    (&["ntp", "ntpservers", "ntpserver"], &["timeservers"]),
    (&["cidr", "prefix", "range"], &["subnet", "network"]),
    (&["router", "gw", "defaultgateway"], &["gateway"]),
    (&["searchdomains", "searchdomain", "domains", "domain"], &["search"]),
    (&["virtualip", "sharedip", "vips"], &["vip"]),
    (&["certsan", "apiservercertsans", "additionalapiservercertsans"], &["cert-sans"]),
    (&["podcidr", "podcidrs", "clustercidr"], &["pod-subnets"]),
    (&["servicecidr", "servicecidrs"], &["service-subnets"]),
    (&["allowschedulingoncontrolplanes", "allowschedulingonmasters"], &["schedule-on-control-planes"]),
    (&["enableworkloadproxy"], &["features.workload-proxy"]),
    (&["useembeddeddiscoveryservice"], &["features.embedded-discovery"]),
    (&["backupconfiguration", "backups"], &["backup"]),
    (&["bootstrapspec"], &["bootstrap"]),
    (&["masters", "master", "controlplanes"], &["controlplane"]),
    (&["registries", "registrymirrors"], &["mirrors"]),
    (&["extramounts"], &["mounts"]),
    (&["matchlabels", "selector", "labelselector"], &["match"]),
    (&["defaultruntime", "containerruntime"], &["runtime"]),
    (&["mem", "ram"], &["memory"]),
    (&["cpu", "cpus", "vcpus"], &["cores"]),
    (&["fs", "fstype", "filesystemtype"], &["filesystem"]),
    (&["size"], &["min-size"]),
    (&["target", "mountpoint", "containerpath"], &["destination"]),
];

/// What the path of a field that a body does not have was meant to be.
pub(crate) fn meant(schema: &Schema, path: &[Text]) -> Option<Meant> {
    let word = path.first()?;
    if matches!(word.as_str(), "machine" | "cluster") && schema.fields.contains_key("patch") {
        return Some(Meant::Say(format!(
            "configuration of Talos stands in a patch: `patch NAME {{ {} … }}`",
            path.join(".")
        )));
    }
    respelt(schema, word)
        .or_else(|| synonym(schema, word))
        .map(|name| Meant::Field(name, 1))
        .or_else(|| saying(schema, word))
        .or_else(|| near(schema, word, 1))
        .or_else(|| path_of(schema, word))
        .or_else(|| part(schema, word))
        .or_else(|| deeper(schema, word))
        .or_else(|| elsewhere(schema, word))
        .or_else(|| near(schema, word, usize::MAX))
}

/// The argument of `talosc doc` that shows the fields of a body.
pub(crate) enum Page<'s> {
    /// A kind.
    Kind(&'static str),
    /// The provider of a class; only those of the standard library have a page.
    Provider(&'s str),
}

/// Where the fields of a body are listed.
pub(crate) fn page(schema: &Schema) -> Page<'_> {
    if let Some((_, provider)) = schema.name.split_once(" via ") {
        return Page::Provider(provider.rsplit('.').next().unwrap_or(provider));
    }
    let named = all().iter().find(|row| row.name == schema.name);
    let holder = || all().iter().find(|row| row.schema.fields.values().any(|field| holds(&field.ty, schema)));
    Page::Kind(named.or_else(holder).map_or("", |row| row.name))
}

/// Whether a block with the fields of `schema` stands somewhere in a type.
fn holds(ty: &Type, schema: &Schema) -> bool {
    let within = |inner: &Schema| {
        inner.name == schema.name || inner.fields.values().any(|field| holds(&field.ty, schema))
    };
    match ty {
        Type::Block(inner) => within(inner),
        Type::Keyed(keyed) => within(&keyed.schema),
        Type::Entries(entries) => within(&entries.schema),
        Type::List(inner) | Type::Set(inner) | Type::Map(inner, _) => holds(inner, schema),
        _ => false,
    }
}

/// What a body is called: the kinds of declarations, named blocks and elements of lists by their word, a block by its name in it.
pub(crate) fn called(schema: &Schema) -> String {
    let name = schema.name.as_str();
    let one = name.contains(' ')
        || all().iter().any(|kind| {
            kind.name == name || kind.schema.fields.values().any(|field| within(&field.ty, name))
        });
    if one { a(name) } else { format!("`{name}`") }
}

/// Whether a schema of this name, or a part of it, is one of several.
fn counts(schema: &Schema, name: &str) -> bool {
    schema.name == name || schema.fields.values().any(|field| within(&field.ty, name))
}

fn within(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Entries(entries) => counts(&entries.schema, name),
        Type::Keyed(keyed) => counts(&keyed.schema, name),
        Type::Block(inner) => inner.fields.values().any(|field| within(&field.ty, name)),
        Type::List(inner) | Type::Set(inner) | Type::Map(inner, _) => match &**inner {
            Type::Block(inner) => counts(inner, name),
            inner => within(inner, name),
        },
        _ => false,
    }
}

/// The field of a list whose name is the plural of a word: `machines` for `machine`.
pub(crate) fn plural<'s>(schema: &'s Schema, word: &str) -> Option<&'s str> {
    let field = schema.field(&format!("{word}s"))?;
    matches!(field.ty, Type::Set(_) | Type::List(_) | Type::Keyed(_)).then_some(field.name.as_str())
}

/// Letters and digits in lower case: what `nodeLabels`, `node_labels` and `node-labels` share.
fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn respelt(schema: &Schema, word: &str) -> Option<String> {
    let word = plain(word);
    if word.is_empty() {
        return None;
    }
    schema.fields.keys().find(|name| plain(name) == word).map(ToString::to_string)
}

/// Whether a body has a field, or a block in it has.
pub(crate) fn has(schema: &Schema, path: &str) -> bool {
    match path.split_once('.') {
        None => schema.fields.contains_key(path),
        Some((block, field)) => match schema.field(block).map(|field| &field.ty) {
            Some(Type::Block(inner)) => inner.fields.contains_key(field),
            _ => false,
        },
    }
}

fn synonym(schema: &Schema, word: &str) -> Option<String> {
    let word = plain(word);
    let row = SYNONYMS.iter().find(|(theirs, ours)| {
        theirs.contains(&word.as_str()) && ours.iter().any(|path| has(schema, path))
    })?;
    row.1.iter().find(|path| has(schema, path)).map(ToString::to_string)
}

/// The fields of blocks in a body, by their paths.
fn paths(schema: &Schema) -> impl Iterator<Item = (&str, String)> {
    schema.fields.values().flat_map(|field| {
        let inner = match &field.ty {
            Type::Block(inner) => Some(inner),
            _ => None,
        };
        let names = inner.into_iter().flat_map(|inner| inner.fields.keys());
        names.map(|name| (name.as_str(), format!("{}.{name}", field.name)))
    })
}

/// `kernelArgs`: a path without its dot.
fn path_of(schema: &Schema, word: &str) -> Option<Meant> {
    let word = plain(word);
    let (_, path) = paths(schema).find(|(_, path)| plain(path) == word)?;
    Some(Meant::Field(path, 1))
}

/// `disk`: a field of a block in the body.
fn deeper(schema: &Schema, word: &str) -> Option<Meant> {
    let word = plain(word);
    let paths: Vec<String> =
        paths(schema).filter(|(name, _)| plain(name) == word).map(|(_, path)| path).collect();
    match paths.as_slice() {
        [] => None,
        [one] => Some(Meant::Field(one.clone(), 1)),
        several => Some(Meant::Say(format!("write {}", one_of(several)))),
    }
}

/// `disk` for `disk_size`: a field of the body itself that says more than the word, or less.
fn part(schema: &Schema, word: &str) -> Option<Meant> {
    let parts = |word: &str| -> Vec<String> {
        word.split(['-', '_', '.']).filter(|part| !part.is_empty()).map(str::to_lowercase).collect()
    };
    let wanted = parts(word);
    let (mut more, mut less) = (Vec::new(), Vec::new());
    for name in schema.fields.keys() {
        let own = parts(name);
        let within = |inner: &[String], outer: &[String]| {
            !inner.is_empty() && outer.windows(inner.len()).any(|window| window == inner)
        };
        if within(&wanted, &own) {
            more.push(name.as_str());
        } else if within(&own, &wanted) {
            less.push(name.as_str());
        }
    }
    // Of several the one that must be there: nothing else of the name makes sense without it.
    let needed = |name: &&&str| schema.field(name).is_some_and(|field| field.required);
    let mut needs = more.iter().filter(needed);
    if let (Some(one), None) = (needs.next(), needs.next()) {
        more = vec![one];
    }
    match (more.as_slice(), less.as_slice()) {
        ([one], _) | ([], [one]) => Some(Meant::Field((*one).to_owned(), 1)),
        (several @ [_, _, ..], _) if several.len() <= 4 => {
            Some(Meant::Say(format!("write {}", one_of(several))))
        }
        _ => None,
    }
}

fn near(schema: &Schema, word: &str, most: usize) -> Option<Meant> {
    let known: Vec<&str> = schema.fields.keys().map(Text::as_str).collect();
    let near = did_you_mean(word, &known)?;
    (strsim::damerau_levenshtein(word, near) <= most).then(|| Meant::Field(near.to_string(), 1))
}

/// A field that stands on other kinds.
fn elsewhere(schema: &Schema, word: &str) -> Option<Meant> {
    // A provider declares its fields itself.
    let owners = owners(word).filter(|_| schema.name != get(PROVIDER).name)?;
    Some(Meant::Say(format!("`{word}` is a field of {owners}")))
}

/// The kinds and sets that have a field, if that says something.
pub(crate) fn owners(word: &str) -> Option<String> {
    let owners: Vec<String> = if get(ROLE).schema.fields.contains_key(word) {
        ["a role", "a cluster", "a set", "a machine"].map(String::from).to_vec()
    } else {
        let kinds = all().iter().filter(|kind| kind.schema.fields.contains_key(word));
        let sets = get(CLUSTER).schema.fields.values().filter(
            |field| matches!(&field.ty, Type::Entries(entries) if entries.schema.fields.contains_key(word)),
        );
        kinds.map(|kind| a(kind.name)).chain(sets.map(|field| format!("`{}`", field.name))).collect()
    };
    let (last, most) = owners.split_last().filter(|(_, most)| most.len() < 4)?;
    Some(if most.is_empty() { last.clone() } else { format!("{} or {last}", most.join(", ")) })
}

/// Other words for kinds.
const KINDS: &[(&[&str], &str)] = &[
    (&["mixin", "bundle", "profile", "template", "nodetype", "noderole", "group"], "role"),
    (&["machineclass", "instancetype", "flavor"], "class"),
    (&["node", "host", "server"], "machine"),
    (&["vlan", "subnet", "vpc"], "network"),
    (&["var", "variable", "const", "local", "locals", "set", "define"], "let"),
    (&["rule", "assert", "check", "constraint", "policy", "validation"], "invariant"),
    (&["include", "use", "source"], "import"),
    (&["configpatch"], "patch"),
    (&["infraprovider", "infrastructureprovider"], "provider"),
    (&["outputs"], "output"),
];

/// The kind that a word means elsewhere.
pub(crate) fn kind_meant(word: &str) -> Option<&'static str> {
    let plain = plain(word);
    let same = all().iter().find(|kind| kind.name == plain).map(|kind| kind.name);
    same.or_else(|| KINDS.iter().find(|(theirs, _)| theirs.contains(&plain.as_str())).map(|(_, ours)| *ours))
}

/// What stands between a key and its value where a field takes both in one text: Omni's selectors of labels are read with blanks.
pub(crate) fn joins(field: &str) -> &'static str {
    if field == "match" { " = " } else { "=" }
}

/// What stands in place of conditions and loops.
pub(crate) const CONTROL: &str = "there are no conditions, loops and functions: each declaration is written out, and what they share goes into a \
    role, or a mixin with parameters; `since v1.13` behind a head holds from a version of the target on";

/// Whether a word begins a condition or a loop in other languages.
pub(crate) fn is_control(word: &str) -> bool {
    matches!(
        word,
        "if" | "for"
            | "foreach"
            | "else"
            | "elif"
            | "while"
            | "dynamic"
            | "switch"
            | "unless"
            | "function"
            | "func"
            | "fn"
            | "def"
            | "return"
    )
}

/// The field of a role that takes a list of declarations of a kind.
pub(crate) fn field_of(kind: &str) -> Option<&'static str> {
    let mut fields = get(ROLE).schema.fields.values();
    let takes = |ty: &Type| match ty {
        Type::Set(inner) | Type::List(inner) => matches!(**inner, Type::Ref(id) if get(id).name == kind),
        _ => false,
    };
    fields.find(|field| takes(&field.ty)).map(|field| field.name.as_str())
}

/// Words whose meaning is no field: it has another place, or needs no word at all.
fn saying(schema: &Schema, word: &str) -> Option<Meant> {
    let kind = super::by_name(&schema.name);
    let head = kind.map_or(schema.name.as_str(), |kind| kind.name);
    let inherits = kind.is_some_and(|kind| kind.inherits) || schema.fields.contains_key("role");
    let class = schema.name.split(' ').next() == Some(get(CLASS).name);
    let entry = get(CLUSTER).schema.fields.values().find(
        |field| matches!(&field.ty, Type::Entries(entries) if entries.schema.name == schema.name && !entries.single),
    );
    let say = |text: String| Some(Meant::Say(text));
    match plain(word).as_str() {
        "apiversion" | "kind" if kind.is_some() || class || entry.is_some() => {
            Some(Meant::Drop("remove it: the word in front of the body says what it is".into()))
        }
        "metadata" | "spec" if kind.is_some() || class => {
            say(format!("write what is in it directly into the body: there is no `{word}`"))
        }
        "name" | "clustername" if kind.is_some() || class || entry.is_some() => {
            let head = entry.map_or(if class { "class" } else { head }, |field| field.name.as_str());
            say(format!("the name stands in front of the body: `{head} NAME {{ … }}`"))
        }
        "extends" | "inherits" | "parent" | "base" | "inherit" if inherits || class => {
            say("a parent stands in front of the body: `NAME extends PARENT { … }`".into())
        }
        "mixins" | "mixin" | "include" | "includes" | "uses" if inherits || class => {
            say("mixins stand in front of the body: `NAME with MIXIN { … }`".into())
        }
        "via" | "provider" | "providerid" | "autoprovision" if class => {
            say("the provider stands in front of the body: `class NAME via PROVIDER { … }`".into())
        }
        "providerdata" | "config" if class => {
            say(format!("fields of the provider stand directly in the class: there is no `{word}`"))
        }
        "configpatches" | "configpatch" | "machinepatches" if schema.fields.contains_key("patch") => {
            say("write each as `patch NAME { … }`".into())
        }
        "manifests" if schema.fields.contains_key("manifest") => {
            say("write each as `manifest NAME file \"./NAME.yaml\" { mode = full }`".into())
        }
        "healthchecks" if schema.fields.contains_key("healthcheck") => {
            say("write each as `healthcheck NAME { … }`".into())
        }
        "interfaces" | "interface" | "nics" | "nic" | "links" if schema.fields.contains_key("link") => {
            say("write each interface as `link NAME { … }`".into())
        }
        "volumes" | "uservolumes" | "disks" if schema.fields.contains_key("volume") => {
            say("write each as `volume NAME { … }`".into())
        }
        "version" if schema.fields.contains_key("kubernetes") => {
            say("write `talos = v…` and `kubernetes = v…`".into())
        }
        "machinesets" | "machineset" | "nodes" | "nodepools" | "nodegroups" | "pools" | "sets"
            if schema.fields.contains_key("workers") =>
        {
            say("write each set as `controlplane { … }` or `workers NAME { … }`".into())
        }
        "schematic" | "schematicid" if schema.fields.contains_key("extensions") => {
            say("Omni makes the schematic from `extensions` and `kernel.args`: write those".into())
        }
        "cores" | "cpu" | "cpus" | "vcpus" | "memory" | "ram" | "disksize" | "sockets"
            if schema.fields.contains_key("class") || schema.fields.contains_key("workers") =>
        {
            say("a machine gets it from its class: `class NAME via PROVIDER { … }`, and `class = NAME` in the set".into())
        }
        "if" | "for" | "foreach" | "else" | "dynamic" | "when" | "unless" => say(CONTROL.into()),
        "dhcp4" | "dhcp6" if schema.name == get(NETWORK).name => {
            say("write `dhcp = true` or `dhcp = false`".into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_synonym_leads_to_a_field_of_some_body() {
        let sets = get(CLUSTER).schema.fields.values().filter_map(|field| match &field.ty {
            Type::Entries(entries) => Some(&*entries.schema),
            _ => None,
        });
        let mut bodies: Vec<&Schema> = all().iter().map(|kind| &*kind.schema).chain(sets).collect();
        let link = match &get(ROLE).schema.field("link").expect("a role has links").ty {
            Type::Entries(entries) => entries.schema.clone(),
            _ => panic!("links are named blocks"),
        };
        bodies.push(&link);
        // Fields of providers stand in `stdlib/`, others in blocks of a role.
        let declared = ["memory", "cores"];
        let inner = ["filesystem", "min-size", "destination"];
        for (theirs, ours) in SYNONYMS {
            for path in *ours {
                let known = bodies.iter().any(|schema| has(schema, path));
                assert!(known || declared.contains(path) || inner.contains(path), "{path}");
            }
            for word in *theirs {
                assert_eq!(plain(word), *word);
                assert!(
                    bodies.iter().all(|schema| !schema.fields.contains_key(*word) || !has(schema, ours[0])),
                    "`{word}` is a field itself"
                );
            }
        }
    }
}
