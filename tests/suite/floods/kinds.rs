//! Floods for each kind of declaration and each of its fields: all that the table of kinds says may be written, many times.

use talosc::kinds;
use talosc::schema::{Form, Schema, Type};

use super::{Flood, numbered};
use crate::fields::{GROUNDS, HEAD, MACHINES, NAMED, schema_of, values};

pub(super) fn floods() -> Vec<Flood> {
    let mut out = Vec::new();
    for kind in kinds::all() {
        declarations(kind.name, &mut out);
    }
    let mut seen = std::collections::BTreeSet::new();
    for ground in GROUNDS {
        let program = format!("{}{NAMED}", ground.program.replace("$M", MACHINES).replace("$H", HEAD));
        if seen.insert(ground.kind) {
            body(ground.kind, &program, &mut out);
            fields(ground.kind, &schema_of(ground.kind), "", "", &program, &mut out);
        }
    }
    out
}

/// Many declarations of a kind, alone and with one another.
fn declarations(kind: &'static str, out: &mut Vec<Flood>) {
    let mut many = |name: &str, before: &'static str, piece: String| {
        let before = before.replace("KIND", kind);
        let piece = piece.replace("KIND", kind);
        out.push(Flood::new(format!("{kind}: {name}"), move |pieces| {
            format!("{before}{}", numbered(&piece, pieces))
        }));
    };
    many("many", "", "KIND a# {}\n".into());
    many("abstract", "", "abstract KIND a# {}\n".into());
    many("of one name", "", "KIND a {}\n".into());
    many("that extend the one before", "", "KIND a# extends a% {}\n".into());
    many("that extend one", "KIND b {}\n", "KIND a# extends b {}\n".into());
    many("that extend nothing", "", "KIND a# extends nothing# {}\n".into());
    many("with the two before", "", "KIND a# with a%, a%\n".into());
    many("with one", "KIND b {}\n", "KIND a# with b\n".into());
    many("with nothing", "", "KIND a# with nothing#\n".into());
    many("with parameters", "", "KIND a#(x: String, y: Int = #) { labels { a = x } }\n".into());
    many("with an argument each", "KIND b(x: String) {}\n", "KIND a# extends b(x = \"#\") {}\n".into());
    many("in one another", "", "KIND a# { KIND b# {} }\n".into());
    many("for a version", "", "KIND a# when talos >= 1.# {}\n".into());
    many("that allow much", "", "KIND a# { allow(unused, \"why #\") }\n".into());
    many("by value", "", "KIND a# = [#, \"x\", a%]\n".into());
    for (name, between, piece) in [
        ("that takes all", "with ", "b#, "),
        ("that extends all", "", "extends b# "),
        ("with all parameters", "", "(b#: Int) "),
    ] {
        let all = format!("{kind} b# {{}}\n");
        out.push(Flood::new(format!("{kind}: one {name}"), move |pieces| {
            let half = pieces.div_ceil(2);
            format!("{}{kind} a {between}{} b0 {{}}\n", numbered(&all, half), numbered(piece, half))
        }));
    }
}

/// Many of what any body may hold.
fn body(kind: &str, program: &str, out: &mut Vec<Flood>) {
    let lines = [
        "unknown# = 1\n",
        "unknown# { a = # }\n",
        "extensoins = [#]\n",
        "unset unknown#\n",
        "remove unknown#\n",
        "override unknown# = 1\n",
        "final unknown# = 1\n",
        "allow(unused, \"why\")\n",
        "allow(unknown-code-#, \"why\")\n",
        "with unknown#\n",
        "when talos >= v1.# { unknown = 1 }\n",
        "hostname = \"${unknown#}\"\n",
        "field f# { type = String }\n",
        "let a# = #\n",
        "role r# {}\n",
        "a#:\n",
        "- a#\n",
    ];
    for line in lines {
        let frame = program.to_owned();
        let of = format!("{kind}: {}", line.trim());
        out.push(Flood::new(of, move |pieces| frame.replacen('@', &numbered(line, pieces), 1)));
    }
}

/// Many of each field below a schema; `open` and `close` stand around its lines.
fn fields(kind: &str, schema: &Schema, open: &str, close: &str, program: &str, out: &mut Vec<Flood>) {
    for (name, field) in &schema.fields {
        let mut lines = |what: &str, before: String, piece: String, behind: &'static str| {
            let path = format!("{}{name}", open.replace(" { ", "."));
            let (frame, open, close) = (program.to_owned(), open.to_owned(), close.to_owned());
            out.push(Flood::new(format!("{kind}.{path}: {what}"), move |pieces| {
                let all = format!("{open}{before}{}{behind}{close}\n", numbered(&piece, pieces));
                frame.replacen('@', &all, 1)
            }));
        };
        match &field.ty {
            Type::Block(inner) => {
                lines("blocks", String::new(), format!("{name} {{}}\n"), "");
                fields(kind, inner, &format!("{open}{name} {{ "), &format!(" }}{close}"), program, out);
            }
            Type::Map(inner, _) => {
                lines("keys", format!("{name} {{ "), format!("k# {}\n", assigned(inner)), "}");
                lines("paths", String::new(), format!("{name}.k# {}\n", assigned(inner)), "");
                lines("removed", String::new(), format!("remove {name}.k#\n"), "");
                lines("misfits", format!("{name} {{ "), "\"k ä #\" = { a = nothing# }\n".into(), "}");
            }
            Type::Entries(entries) => {
                let word = if entries.qualified { "TimeSyncConfig " } else { "" };
                lines("entries", String::new(), format!("{name} {word}e# {{}}\n"), "");
                lines("one entry", String::new(), format!("{name} {word}e {{}}\n"), "");
                lines("entries of files", String::new(), format!("{name} {word}e# file \"./x#.yaml\"\n"), "");
                lines("unknown", String::new(), format!("{name} {word}e# {{ nothing# = 1 }}\n"), "");
                if !entries.placed && !entries.config {
                    let open = format!("{open}{name} {word}e {{ ");
                    fields(kind, &entries.schema, &open, &format!(" }}{close}"), program, out);
                }
            }
            ty @ (Type::Set(_) | Type::List(_) | Type::Keyed(_)) => {
                let element = element(ty);
                lines("elements", format!("{name} = ["), format!("{element},\n"), "]");
                lines("lines", String::new(), format!("{name} += [{element}]\n"), "");
                lines("taken", String::new(), format!("{name} -= [{element}]\n"), "");
                lines("names", format!("{name} = ["), "nothing#,\n".into(), "]");
            }
            ty => {
                let value = distinct(ty);
                lines("set", String::new(), format!("{name} = {value}\n"), "");
                lines("misfits", String::new(), format!("{name} = nothing#\n"), "");
                lines("lists", format!("{name} = ["), "nothing#,\n".into(), "]");
                if matches!(ty, Type::Config) {
                    lines("keys", format!("{name} {{ "), "k# = \"v\"\n".into(), "}");
                    lines("deep", format!("{name} {{ "), "a.k# = [{ b = # }, \"x\"]\n".into(), "}");
                }
            }
        }
    }
}

/// What stands behind the key of a map.
fn assigned(ty: &Type) -> String {
    match ty {
        Type::Block(_) => "{}".into(),
        ty => format!("= {}", distinct(ty)),
    }
}

/// An element of a list, with `#` where its number tells it apart.
fn element(ty: &Type) -> String {
    match ty {
        Type::Set(inner) | Type::List(inner) => distinct(inner),
        Type::Keyed(keyed) => {
            let key = keyed.schema.field(&keyed.key).map(|field| distinct(&field.ty)).unwrap_or_default();
            format!("{{ {} = {key} }}", keyed.key)
        }
        _ => "#".into(),
    }
}

/// A value of a type, with `#` where its number tells it apart from others.
fn distinct(ty: &Type) -> String {
    match ty {
        Type::Int(..) => "#".into(),
        Type::Decimal => "#.5".into(),
        Type::Size(_) => "#GiB".into(),
        Type::Duration => "#s".into(),
        Type::Version => "v1.13.#".into(),
        Type::Ip => "10.9.0.#".into(),
        Type::Cidr => "10.9.#.0/24".into(),
        Type::Address => "10.9.0.#/24".into(),
        Type::Name(_) => "module#".into(),
        Type::Ref(_) => "named".into(),
        Type::Set(_) | Type::List(_) | Type::Keyed(_) => format!("[{}]", element(ty)),
        Type::OneOf(forms) => forms
            .iter()
            .find_map(|form| match form {
                Form::Plain(inner) => Some(distinct(inner)),
                Form::Word(_) | Form::Tagged(..) => None,
            })
            .unwrap_or_else(|| "word#".into()),
        Type::Str(_) => {
            let text = values(ty).into_iter().next().unwrap_or_else(|| "\"abc\"".into());
            let (quote, last) = (text.ends_with('\''), text.len() - 1);
            if quote { text } else { format!("{}#\"", &text[..last]) }
        }
        ty => values(ty).into_iter().next().unwrap_or_else(|| "word#".into()),
    }
}
