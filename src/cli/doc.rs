//! `talosc doc`

use clap::Args;

use super::output::{Console, Shown};
use super::report::Own;
use super::{Exit, Failure, Outcome, explain, files, reference};
use crate::kinds;
use crate::secret::Vault;
use crate::talos::lower::show;
use crate::text::{did_you_mean, one_of};
use crate::typing::types;
use crate::world::stdlib;

#[derive(Args)]
pub(super) struct DocArgs {
    /// A kind (`role`), a provider of the standard library (`proxmox`), a declaration of the sources at or below the current
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
        None if args.markdown => Some(reference::markdown()),
        None => Some(reference::kinds()),
        Some(name) if name == "codes" => Some(reference::codes_plain()),
        Some(name) => {
            let kind = kinds::by_name(name).map(reference::kind);
            kind.or_else(|| reference::provider(name))
        }
    };
    if let Some(text) = known {
        console.print(Shown::known(&text))?;
    } else if let Some(name) = &args.name {
        let (text, vault) = own(name)?.ok_or_else(|| unknown(name))?;
        console.print(Shown::without(&vault, &text))?;
    }
    Ok(Exit::Fine)
}

/// What the sources declare under a name: the comment above it, its parameters, the fields that it declares or sets; and the secrets of
/// the sources.
fn own(name: &str) -> Result<Option<(String, Vault)>, Failure> {
    let selection = files::select(&[])?;
    let mut compilation = selection.compile_asked(vec![name.to_owned()]);
    let mut texts = Vec::new();
    for subject in explain::declared(&mut compilation, name) {
        let mut text = explain::declaration(&compilation, &subject);
        let types = &compilation.flattener.types;
        let typed = types.typed(subject.decl);
        if !typed.params.is_empty() {
            text.push_str("\n  parameters\n");
        }
        for param in &typed.params {
            let default = param.default.as_ref().and_then(show);
            let default = default.map(|text| format!("; `{text}` unless given")).unwrap_or_default();
            text.push_str(&format!("    {}: {}{default}\n", param.name, types::describe(&param.ty)));
        }
        if let Some(schema) = &typed.declares {
            text.push_str(&reference::declared_fields(&types.names.sources, schema));
        }
        texts.push(text);
    }
    let vault = compilation.vault();
    Ok(Some((texts.join("\n"), vault)).filter(|(text, _)| !text.is_empty()))
}

fn unknown(name: &str) -> Failure {
    let known: Vec<&str> =
        kinds::all().iter().map(|kind| kind.name).chain(stdlib::names("provider")).chain(["codes"]).collect();
    let hint = match did_you_mean(name, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let kinds: Vec<&str> = kinds::all().iter().map(|kind| kind.name).collect();
            format!("the kinds are {}", one_of(&kinds))
        }
    };
    Failure::Usage(format!("`{name}` is neither a kind nor a provider, and nothing here declares it; {hint}"))
}
