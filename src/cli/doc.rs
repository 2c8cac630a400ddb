//! `talosc doc`

use clap::Args;

use super::output::Console;
use super::{Exit, Failure, Outcome, reference};
use crate::kinds;
use crate::text::{did_you_mean, one_of};
use crate::world::stdlib;

#[derive(Args)]
pub(super) struct DocArgs {
    /// A kind (`role`), a provider of the standard library (`proxmox`), or `codes` for all findings
    name: Option<String>,
    /// The whole reference as Markdown
    #[arg(long, conflicts_with = "name")]
    markdown: bool,
}

pub(super) fn run(args: &DocArgs, console: &Console) -> Outcome {
    let text = match &args.name {
        None if args.markdown => reference::markdown(),
        None => reference::kinds(),
        Some(name) if name == "codes" => reference::codes_plain(),
        Some(name) => {
            let kind = kinds::by_name(name).map(reference::kind);
            kind.or_else(|| reference::provider(name)).ok_or_else(|| unknown(name))?
        }
    };
    console.print(&text)?;
    Ok(Exit::Fine)
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
    Failure::Usage(format!("`{name}` is neither a kind nor a provider; {hint}"))
}
