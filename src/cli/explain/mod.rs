//! `talosc explain`

mod code;
mod history;
mod line;
mod show;
mod subject;
mod value;

use clap::Args;

use super::output::Console;
use super::{Exit, Failure, Outcome};

#[derive(Args)]
pub(super) struct ExplainArgs {
    /// A code or the name of an invariant; a value as `gpu-worker.extensions` or `homelab.workers.runtime`, with the kind before
    /// it if several have the name; or a line of the output as `omni/machine-classes/worker.yaml:12`
    #[arg(required = true, value_name = "CODE|VALUE|FILE:LINE")]
    what: Vec<String>,
}

pub(super) fn run(args: &ExplainArgs, console: &Console) -> Outcome {
    let what = args.what.join(" ");
    if let Some((file, line)) = line::parse(&what) {
        return line::run(file, line, console);
    }
    if let Some(text) = code::page(&what) {
        console.print(&text)?;
        return Ok(Exit::Fine);
    }
    match value::find(&what)? {
        value::Answer::Text(text) => {
            console.print(&text)?;
            Ok(Exit::Fine)
        }
        value::Answer::Nothing { hint } => {
            let near = code::nearest(&what).map(|near| format!("did you mean `{near}`?"));
            let hint = near.or(hint).unwrap_or_else(|| {
                "codes are in `talosc doc --markdown`, values are written as `role.field`".into()
            });
            Err(Failure::Usage(format!("nothing is called `{what}`; {hint}")))
        }
    }
}
