//! `talosc doc`

use clap::Args;
use serde_json::{Value, json};

use super::output::{Console, Said, Shown};
use super::report::Own;
use super::{Exit, Failure, Outcome, explain, files, reference};
use crate::kinds;
use crate::secret::Vault;
use crate::text::{did_you_mean, one_of};
use crate::typing::types;
use crate::world::stdlib;

#[derive(Args)]
pub(super) struct DocArgs {
    /// A kind (`role`), a field of one (`cluster.backup`), a provider of the standard library (`proxmox`), a declaration of the sources at or below the current
    /// directory, or `codes` for all findings
    name: Option<String>,
    /// The whole reference as Markdown
    #[arg(long, conflicts_with = "name")]
    markdown: bool,
}

impl DocArgs {
    /// What goes to stdout of its own.
    pub(super) fn own(&self) -> Own {
        if self.markdown { Own::Text("`doc --markdown`") } else { Own::Json("`doc`") }
    }
}

pub(super) fn run(args: &DocArgs, console: &Console) -> Outcome {
    let known = match &args.name {
        None if args.markdown => {
            console.print(Shown::known(&reference::markdown()))?;
            return Ok(Exit::Fine);
        }
        None => Some(reference::kinds()),
        Some(name) if name == "codes" => Some(reference::codes_plain()),
        Some(name) => {
            let kind = kinds::by_name(name).map(reference::kind);
            kind.or_else(|| reference::provider(name)).or_else(|| field(name))
        }
    };
    if let Some(said) = known {
        console.answer(None, said)?;
    } else if let Some(name) = &args.name {
        let (said, vault) = own(name)?.ok_or_else(|| unknown(name))?;
        console.answer(Some(&vault), said)?;
    }
    Ok(Exit::Fine)
}

/// A field of a kind: `cluster.backup`.
fn field(name: &str) -> Option<Said> {
    let (kind, path) = name.split_once('.')?;
    let path: Vec<String> = path.split('.').map(str::to_owned).collect();
    reference::field(kinds::by_name(kind)?, &path)
}

/// What the sources declare under a name: the comment above it, its parameters, the fields that it declares or sets; and the secrets of
/// the sources. For programs `{"version": 1, "type": "answers", "answers": […]}`, where each is the declaration as `explain` has it, with
/// `"parameters": [{"name", "takes", "default"}]` and the fields that it `declares`.
fn own(name: &str) -> Result<Option<(Said, Vault)>, Failure> {
    let selection = files::select(&[])?;
    let mut compilation = selection.compile_asked(vec![name.to_owned()]);
    let (mut texts, mut answers) = (Vec::new(), Vec::new());
    for subject in explain::declared(&mut compilation, name) {
        let told = explain::declaration(&compilation, &subject);
        let (mut text, mut answer) = (told.text(&compilation), told.json(&compilation));
        let types = &compilation.flattener.types;
        let typed = types.typed(subject.decl);
        if !typed.params.is_empty() {
            text.push_str("\n  parameters\n");
        }
        let mut params = Vec::new();
        for param in &typed.params {
            let default = param.default.as_ref().map(|value| explain::argument(&compilation, value));
            let takes = types::describe(&param.ty);
            params
                .push(json!({ "name": param.name.as_str(), "takes": takes, "default": default.as_deref() }));
            let default = default.map(|text| format!("; `{text}` unless given")).unwrap_or_default();
            text.push_str(&format!("    {}: {}{default}\n", param.name, takes));
        }
        answer["parameters"] = Value::Array(params);
        answer["declares"] = json!([]);
        if let Some(schema) = &typed.declares {
            let (fields, list) = reference::declared_fields(&types.names.sources, schema);
            text.push_str(&fields);
            answer["declares"] = list;
        }
        texts.push(text);
        answers.push(answer);
    }
    if texts.is_empty() {
        return Ok(None);
    }
    let document = json!({ "version": 1, "type": "answers", "answers": answers });
    Ok(Some((Said { text: texts.join("\n"), document }, compilation.vault())))
}

fn unknown(name: &str) -> Failure {
    let module = name.strip_prefix("std/").unwrap_or(name);
    if stdlib::module(module).is_some() {
        return Failure::Usage(format!(
            "`{module}` is a module of the standard library; `talosc std show {module}` prints it"
        ));
    }
    let known: Vec<&str> =
        kinds::all().iter().map(|kind| kind.name).chain(stdlib::names("provider")).chain(["codes"]).collect();
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let holder = kinds::all().iter().find(|kind| kind.schema.field(first).is_some());
    let hint = match (holder, did_you_mean(name, &known)) {
        (Some(kind), _) => {
            let dot = if rest.is_empty() { "" } else { "." };
            format!("it is a field: `talosc doc {}.{first}{dot}{rest}`", kind.name)
        }
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => {
            let kinds: Vec<&str> = kinds::all().iter().map(|kind| kind.name).collect();
            format!("the kinds are {}", one_of(&kinds))
        }
    };
    Failure::Usage(format!("`{name}` is neither a kind nor a provider, and nothing here declares it; {hint}"))
}
