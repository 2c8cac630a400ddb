//! `talosc completions`

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::output::{Console, Shown};
use super::{Cli, Exit, Outcome};

#[derive(Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, console: &Console) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "talosc", &mut script);
    console.print(Shown::exact(&String::from_utf8_lossy(&script)))?;
    Ok(Exit::Fine)
}
