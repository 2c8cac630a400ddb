//! What cannot be lowered.

use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Slot;
use crate::fleet::Target;
use crate::resolve::Decl;

pub(super) fn node_ip_without_subnet(slot: &Slot, network: &Decl) -> Diagnostic {
    Diagnostic::new(Code::RequiredField, format!("the network `{}` does not say its `subnet`", network.name))
        .if_understood()
        .label_if(slot.span(), "takes the address of the node from its subnet")
        .label(network.span, "`subnet` is missing")
        .help("add `subnet = …` to the network")
}

pub(super) fn selector_needs_machine(slot: &Slot) -> Diagnostic {
    Diagnostic::new(Code::InstallNeedsMachine, "a selector of the install disk belongs to one machine")
        .label_if(slot.span(), "not on a machine")
        .note("Talos itself knows no expression here: Omni evaluates it, for a machine of the template")
        .help("move it to the machines, or name the disk: `install { disk = \"/dev/sda\" }`")
}

pub(super) fn install_needs_machine(slot: &Slot, target: &Target) -> Diagnostic {
    Diagnostic::new(
        Code::InstallNeedsMachine,
        format!("Omni {} takes the install disk from machines only", target.omni),
    )
    .label_if(slot.span(), "not on a machine")
    .note("from Omni 1.11 on a patch may not set `machine.install.disk`")
    .help("list machines and set `install` there; machines of a class are installed on the disk that Omni finds")
}
