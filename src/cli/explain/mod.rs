//! `talosc explain`

mod code;
mod file;
mod history;
mod line;
mod passed;
mod resolved;
mod show;
mod subject;
mod told;
mod value;

use std::path::Path;

use clap::Args;

use super::output::Console;
use super::{Exit, Failure, Outcome};
use crate::driver::Compilation;
pub(super) use show::argument;
pub(super) use subject::Subject;
pub(super) use told::whole as declaration;

#[derive(Args)]
pub(super) struct ExplainArgs {
    /// A code or the name of an invariant; a value as `worker.extensions` (a declaration), `homelab.controlplane.extensions`,
    /// `homelab.workers.gpu.extensions` or `homelab.gpu.extensions` (a set of a cluster), `homelab.gpu.gpu-1.hostname` (a machine of
    /// a set), with the kind before it if several have the name: `cluster edge.kernel`; a field as `cluster.backup`; a file of the
    /// output or of the sources, or a line of it as `omni/machine-classes/worker.yaml:12`
    #[arg(required = true, value_name = "CODE|VALUE|FILE[:LINE]")]
    what: Vec<String>,
    /// The effective configuration of `CLUSTER.MACHINE` or `CLUSTER.SET`: all patches merged onto what Talos generates
    #[arg(long)]
    resolved: bool,
    /// With each line of the effective configuration the place that wrote it
    #[arg(long, requires = "resolved")]
    origins: bool,
}

pub(super) fn run(args: &ExplainArgs, console: &Console) -> Outcome {
    let what = args.what.join(" ");
    if args.resolved {
        let (said, vault) = resolved::find(&what, args.origins)?;
        console.answer(Some(&vault), said)?;
        return Ok(Exit::Fine);
    }
    if let Some((path, line)) = line::parse(&what) {
        return file::run(path, Some(line), console);
    }
    if let Some(said) = code::page(&what) {
        console.answer(None, said)?;
        return Ok(Exit::Fine);
    }
    let path = Path::new(&what);
    if path.is_file() || file::is_name(&what) {
        return file::run(path, None, console);
    }
    match value::find(&what)? {
        value::Answer::Known(said) => {
            console.answer(None, said)?;
            Ok(Exit::Fine)
        }
        value::Answer::Own(said, vault) => {
            console.answer(Some(&vault), said)?;
            Ok(Exit::Fine)
        }
        value::Answer::Nothing { hint } => {
            let near = code::nearest(&what).map(|near| format!("did you mean `{near}`?"));
            let hint = hint.or(near).unwrap_or_else(|| {
                "a value is written `NAME.FIELD`, `talosc doc codes` lists the codes and `talosc doc` the kinds".into()
            });
            Err(Failure::Usage(format!("nothing is called `{what}`; {hint}")))
        }
    }
}

/// The declarations of a name in all kinds.
pub(super) fn declared(compilation: &mut Compilation, name: &str) -> Vec<Subject> {
    let declarations = subject::declarations(compilation, None, name);
    declarations.into_iter().map(|id| subject::whole(compilation, id)).collect()
}
