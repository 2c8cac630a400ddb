//! `talosc std`

use clap::{Args, Subcommand};

use super::output::Console;
use super::{Exit, Failure, Outcome, reference};
use crate::text::did_you_mean;
use crate::world::stdlib;

#[derive(Args)]
pub(super) struct StdArgs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// The modules and what they declare
    List,
    /// The source of a module
    Show {
        /// The module, as in `import "std/MODULE"`
        module: String,
    },
}

pub(super) fn run(args: &StdArgs, console: &Console) -> Outcome {
    match &args.action {
        None | Some(Action::List) => console.answer(None, reference::modules())?,
        Some(Action::Show { module }) => {
            let name = module.strip_prefix("std/").unwrap_or(module);
            console.answer(None, reference::module(name).ok_or_else(|| unknown(name))?)?;
        }
    }
    Ok(Exit::Fine)
}

fn unknown(name: &str) -> Failure {
    let near = did_you_mean(name, stdlib::modules().iter().map(|module| module.name));
    let hint = near.map_or("`talosc std` lists them".into(), |near| format!("did you mean `{near}`?"));
    Failure::Usage(format!("the standard library has no module `{name}`; {hint}"))
}
