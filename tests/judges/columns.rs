//! Columns of the table of Talos's fields that are written by hand, against those who know: the Omni client and Talos itself.

use std::collections::BTreeSet;

use libtest_mimic::Failed;
use serde_json::{Map, Value, json};
use talosc::world::config::{self, Row, Type};

use crate::judge::{Birth, Judges, PREVIEW, Patch};

type Result<T> = std::result::Result<T, Failed>;

/// The Omni client that judges.
const OMNI: (u16, u16) = (1, 8);

/// A value that Talos reads into a field.
fn sample(row: Row, ty: &Type) -> Value {
    match ty {
        Type::Block => {
            row.fields().next().map_or(json!({}), |first| within(first, sample(first, first.ty())))
        }
        Type::Bool => json!(true),
        Type::Int { .. } | Type::Float => json!(1),
        Type::String | Type::StringOrStrings | Type::Any => json!("a"),
        Type::Duration => json!("1h"),
        Type::Size | Type::SizeOrPercent => json!("1GiB"),
        Type::Url => json!("https://a.example.org"),
        Type::Address => json!("192.0.2.1"),
        Type::Prefix => json!("192.0.2.0/24"),
        Type::AddressAndPort => json!("192.0.2.1:80"),
        Type::Mac => json!("02:00:00:00:00:01"),
        Type::Cel => json!("true"),
        Type::Mode => json!(0o600),
        Type::Ports => json!("80"),
        Type::Bytes => json!("LS0t"),
        Type::Enum(words) | Type::Word(words) => json!(words.first()),
        Type::List(inner) => json!([sample(row, inner)]),
        Type::Map(inner) => json!({ "a": sample(row, inner) }),
    }
}

/// A block with one field.
fn within(row: Row, value: Value) -> Value {
    Value::Object(Map::from_iter([(row.name().to_owned(), value)]))
}

/// A patch that says one field of the v1alpha1 document.
fn patch(row: Row) -> Value {
    let mut value = sample(row, row.ty());
    let mut below = row;
    for above in row.ancestors().skip(1) {
        value = within(below, value);
        let mut ty = above.ty();
        let mut lists = Vec::new();
        while let Type::List(inner) | Type::Map(inner) = ty {
            lists.push(matches!(ty, Type::List(_)));
            ty = inner;
        }
        for list in lists.into_iter().rev() {
            value = if list { json!([value]) } else { json!({ "a": value }) };
        }
        below = above;
    }
    value
}

/// The fields of the v1alpha1 document that hold no other ones, in a minor.
fn leaves(minor: u16) -> impl Iterator<Item = Row> {
    let legacy = config::document(None);
    let leaf =
        move |row: &Row| Some(row.root()) == legacy && row.fields().next().is_none() && row.in_minor(minor);
    config::rows().filter(leaf).filter(|row| row.parent().is_some())
}

/// Omni refuses what it owns, and nothing else.
pub(crate) fn owned(judges: &mut Judges) -> Result<()> {
    let mut counts = [0, 0];
    for row in leaves(13) {
        let template = format!(
            "kind: Cluster\nname: home\nkubernetes: {{version: v1.35.0}}\ntalos: {{version: v1.13.7}}\n\
             patches: [{{name: a, inline: {}}}]\n---\nkind: ControlPlane\n",
            patch(row)
        );
        let verdict = judges.validate(template.as_str())?;
        let refused = verdict.errors.iter().any(|error| error.contains("is not allowed in the config patch"));
        assert_eq!(refused, row.owner(OMNI).is_some(), "{row}: {:?}", verdict.errors);
        counts[usize::from(refused)] += 1;
    }
    assert!(counts[0] > 250 && counts[1] > 12, "{counts:?}");
    Ok(())
}

/// Talos takes these on control planes only, and everything else on workers too.
pub(crate) fn machines(judges: &mut Judges) -> Result<()> {
    let listed: Vec<Row> = config::control_planes_only().map(|(row, _)| row).collect();
    let mut refused = BTreeSet::new();
    for row in leaves(13) {
        let text = patch(row).to_string();
        let patches = [Patch { id: "a".into(), text, level: String::new() }];
        let mut says = |role| -> Result<BTreeSet<String>> {
            let birth = Birth { role, born: "1.13.0", kubernetes: "1.35.0" };
            Ok(judges.minor("1.13", birth, &patches)?.errors.into_iter().collect())
        };
        let worker = says("worker")?;
        // What a worker takes needs no second question.
        let control = if worker.is_empty() { BTreeSet::new() } else { says("controlplane")? };
        let only: Vec<&String> = worker.difference(&control).collect();
        let known = row.ancestors().find(|above| listed.contains(above));
        // The keys of a control plane and the type of a machine are Omni's to say.
        let omni = row.owner((u16::MAX, 0)).is_some();
        assert!(only.is_empty() || known.is_some() || omni, "{row} is not in machines.csv: {only:?}");
        refused.extend(known.filter(|_| !only.is_empty()));
    }
    let legacy = |row: &&Row| row.root().name().is_empty();
    let all: BTreeSet<Row> = listed.iter().filter(legacy).copied().collect();
    assert_eq!(refused, all);
    Ok(())
}

/// Documents of one group may not share a name, and all others may.
pub(crate) fn groups(judges: &mut Judges) -> Result<()> {
    let mut conflicts = 0;
    for (name, minor, born) in [("1.13", 13, "1.13.0"), (PREVIEW, 14, "1.14.0-alpha.2")] {
        // The judge of the preview knows part of it.
        let linked = judges.schema(name)?;
        let kinds: Vec<Row> = config::documents()
            .filter(|row| row.field("name").is_some_and(|name| name.in_minor(minor)))
            .filter(|row| linked.iter().any(|field| field.document == row.name()))
            .collect();
        for (i, one) in kinds.iter().enumerate() {
            for other in kinds[i + 1..].iter().filter(|other| one.group().or(other.group()).is_some()) {
                let document =
                    |row: &Row| format!("apiVersion: v1alpha1\nkind: {}\nname: \"7\"\n", row.name());
                let text = format!("{}---\n{}", document(one), document(other));
                let birth = Birth { role: "controlplane", born, kubernetes: "1.35.0" };
                let patches = [Patch { id: "a".into(), text, level: String::new() }];
                let judgement = judges.minor(name, birth, &patches)?;
                let conflict = judgement.errors.iter().any(|error| error.contains("conflicting"));
                let expected = one.group().is_some() && one.group() == other.group();
                assert_eq!(conflict, expected, "{one} {other} on {name}: {:?}", judgement.errors);
                conflicts += usize::from(conflict);
            }
        }
    }
    assert!(conflicts > 40, "{conflicts}");
    Ok(())
}
