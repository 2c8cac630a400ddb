//! Kernel arguments that the installer writes for GRUB, on machines that boot a unified kernel image, which has its own.
//!
//! Source: `Config.Validate` in `pkg/machinery/config/types/v1alpha1/v1alpha1_validation.go` (since Talos 1.12), and siderolabs/talos#10339: since 1.10
//! new installations on UEFI boot such an image, and the arguments have no effect there.

use rustc_hash::FxHashSet;

use super::got::Got;
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Cluster;
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::lower::Lowering;
use crate::talos::overlay::ConfigView;
use crate::tree::{Node, Origin, Value};

const ARGS: [&str; 3] = ["machine", "install", "extraKernelArgs"];
const FROM_IMAGE: [&str; 3] = ["machine", "install", "grubUseUKICmdline"];

/// Judges what the machines of a cluster get; what several get is said once.
#[derive(Default)]
pub(super) struct Args {
    said: FxHashSet<Origin>,
}

impl Args {
    /// What some machines get.
    pub(super) fn judge(&mut self, lowering: &mut Lowering<'_, '_>, of: Resolved<'_>, got: &Got<'_>) {
        let (cluster, target) = (of.cluster, &of.cluster.target);
        let args = got.config.at(&ARGS);
        let Some((view, args)) = args.and_then(|view| Some((view, view.as_seq()?))) else { return };
        // The list has the place of the level that said it first.
        let origin = args.last().map_or(Origin::NONE, |arg| ConfigView::node(arg).origin());
        let origin = if origin == Origin::NONE { view.origin() } else { origin };
        if args.is_empty() || got.set.count() == Some(0) || self.said.contains(&origin) {
            return;
        }
        let Some(at) = got.blame(lowering, cluster, origin) else { return };
        let from_image = got.config.at(&FROM_IMAGE);
        let on = from_image.and_then(|view| view.leaf()).is_some_and(|node| node.value == Value::Bool(true));
        let by = from_image.map_or(Origin::NONE, |view| view.origin());
        let finding = if on && target.talos_at_least(1, 12) && got.config.is_whole() {
            refused(at, got.blame(lowering, cluster, by), cluster, args)
        } else if target.created_with.line() >= (1, 10) && by == Origin::NONE && !on {
            ignored(at, cluster, args)
        } else {
            return;
        };
        self.said.insert(origin);
        lowering.report(finding.in_cluster(&cluster.name));
    }
}

fn refused(at: Span, by: Option<Span>, cluster: &Cluster, args: &[Node]) -> Diagnostic {
    let spans = &cluster.target_spans;
    let born = by.is_none().then(|| spans.created_with.or(spans.talos)).flatten();
    let finding = Diagnostic::new(
        Code::InstallArgsRefused,
        "Talos refuses kernel arguments of the installer where those of its image count",
    )
    .label(at, "arguments of the installer")
    .label_if(by, "those of the image count")
    .label_if(born, "a cluster created with Talos 1.12 or later is told to use those of the image");
    instead(finding, cluster, args)
}

fn ignored(at: Span, cluster: &Cluster, args: &[Node]) -> Diagnostic {
    let spans = &cluster.target_spans;
    let finding = Diagnostic::new(
        Code::InstallArgsIgnored,
        "kernel arguments of the installer have no effect on machines that boot with UEFI",
    )
    .label(at, "written for GRUB alone")
    .label_if(
        spans.created_with.or(spans.talos),
        "machines installed with Talos 1.10 or later boot a kernel image that has its own arguments",
    );
    instead(finding, cluster, args)
}

/// How many arguments a help writes.
const SHOWN: usize = 3;

fn instead(finding: Diagnostic, cluster: &Cluster, args: &[Node]) -> Diagnostic {
    if !cluster.target.omni_at_least(1, 5) {
        return finding
            .help("give them to the installation media: this Omni has no kernel arguments of machines");
    }
    let texts = args.iter().filter_map(Node::as_str).take(SHOWN);
    let mut texts: Vec<String> = texts.map(crate::syntax::write::string).collect();
    if args.len() > SHOWN {
        texts.push("…".to_owned());
    }
    finding.help(format!(
        "write `kernel {{ args = [{}] }}`: Omni makes them part of the image",
        texts.join(", ")
    ))
}
