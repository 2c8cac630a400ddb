//! What can be wrong with extensions, runtimes and modules.

use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Blame;
use crate::source::Span;
use crate::text::{Text, all_of, did_you_mean, one_of};
use crate::typing::Cond;
use crate::version::Version;

impl Blame {
    fn label(self, finding: Diagnostic, text: &str, brings: &str) -> Diagnostic {
        match self.through {
            None => finding.label(self.span, text),
            Some(std) => finding.label(self.span, format!("brings {brings}")).label(std, text),
        }
    }
    /// Whether the place is the element itself, so that an edit of it is an edit of the element.
    fn is_element(self) -> bool {
        self.through.is_none()
    }
}

pub(super) struct Unavailable<'u> {
    pub(super) name: &'u str,
    pub(super) at: Blame,
    pub(super) talos: &'u Version,
    /// Where the version is written.
    pub(super) target: Option<Span>,
    /// The name that took its place in this version.
    pub(super) became: Option<&'u str>,
    /// That name is in the list too.
    pub(super) listed: bool,
    /// The versions that have it.
    pub(super) cond: Option<&'u Cond>,
    /// The catalogue of this version.
    pub(super) known: &'u [Text],
}

pub(super) fn unavailable(what: &Unavailable<'_>) -> Diagnostic {
    let Unavailable { name, at, talos, .. } = *what;
    let minor = format!("v{}.{}", talos.major, talos.minor);
    let finding =
        Diagnostic::new(Code::ExtensionUnavailable, format!("Talos {talos} has no extension `{name}`"));
    let finding = at
        .label(finding, &format!("not in the {minor} catalogue"), &format!("`{name}`"))
        .label_if(what.target, "the catalogue is chosen by this version");
    if let Some(new) = what.became {
        if what.listed {
            return finding.help(format!("remove it: `{new}` took its place and is in the list"));
        }
        let finding = finding.help(format!("it is now called `{new}`"));
        return if at.is_element() { finding.mend(at.span, new) } else { finding };
    }
    match what.cond {
        Some(Cond { since: Some(since), .. }) if !talos.at_least(since) => finding
            .help(format!("it is in the catalogue from {since} on: take it out, or set `talos` to that")),
        Some(Cond { until: Some(until), .. }) if !talos.at_most(until) => {
            finding.help(format!("the last version that had it is {until}: take it out"))
        }
        _ => match did_you_mean(name, what.known) {
            Some(near) if at.is_element() => finding.suggest(at.span, Some(near)),
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("take it out; `talosc std show extensions` lists those that exist"),
        },
    }
}

pub(super) fn note(at: Blame, name: &str, note: &str) -> Diagnostic {
    let finding = Diagnostic::new(Code::ExtensionNote, format!("`{name}`: {note}"));
    at.label(finding, "listed here", &format!("`{name}`")).help("take it out of the list")
}

pub(super) fn conflict(first: (&str, Blame), second: (&str, Blame), shared: &str) -> Diagnostic {
    let ((one, one_at), (two, two_at)) = (first, second);
    let finding =
        Diagnostic::new(Code::ExtensionConflicts, format!("`{two}` and `{one}` cannot be on one node"));
    let finding = two_at.label(finding, &format!("`{two}` is added here"), &format!("`{two}`"));
    let finding = one_at.label(finding, &format!("`{one}` is added here"), &format!("`{one}`"));
    finding
        .note(format!("both have the capability `{shared}`, which a node can have once"))
        .help(format!("keep one of the two; `extensions -= [{one}]` takes away one that is inherited"))
}

pub(super) fn requires(
    at: Blame,
    name: &str,
    missing: &[Text],
    brings: &[Text],
    others: &[Text],
) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::ExtensionRequires,
        format!("`{name}` needs {}, which no extension of its nodes provides", all_of(missing)),
    )
    .if_understood();
    let finding = at.label(finding, &format!("needs {}", all_of(missing)), &format!("`{name}`"));
    match (others, brings) {
        ([other], _) => {
            let finding = finding.help(format!("take `{other}`: what it needs is there"));
            if at.is_element() { finding.offer(at.span, other.as_str()) } else { finding }
        }
        (_, [one]) if missing.len() == 1 => {
            let finding = finding.help(format!("add it: `extensions += [{one}]`"));
            if at.is_element() { finding.offer(at.span.at_end(), format!(", {one}")) } else { finding }
        }
        (_, []) => finding.help(format!("take `{name}` out")),
        (_, some) => finding.help(format!("add {} to `extensions`", one_of(some))),
    }
}

pub(super) fn runtime(at: Blame, name: &str, handler: &str, brings: &[Text], talos: &Version) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::RuntimeUnavailable,
        format!("no extension brings the runtime `{name}` to nodes that offer it"),
    )
    .if_understood();
    let wants = format!("needs the handler `{handler}`");
    let finding = at.label(finding, &wants, &format!("the runtime `{name}`"));
    match brings {
        [] => finding.help(format!("Talos {talos} has no extension with it: take the runtime out")),
        [one] => finding.help(format!("add it: `extensions += [{one}]`")),
        some => finding.help(format!("add {} to `extensions`", one_of(some))),
    }
}

pub(super) fn module_missing(at: Blame, names: &[Text], brings: &[Text], talos: &Version) -> Diagnostic {
    let (noun, is) = if names.len() == 1 { ("module", "is") } else { ("modules", "are") };
    let finding = Diagnostic::new(
        Code::KernelModuleMissing,
        format!(
            "the kernel {noun} {} {is} neither in Talos v{}.{} nor brought by an extension",
            all_of(names),
            talos.major,
            talos.minor
        ),
    );
    let finding = at.label(finding, "loaded here", &format!("the {noun} {}", all_of(names)));
    match brings {
        [] => match (names, crate::world::modules::names().collect::<Vec<_>>()) {
            ([name], known) => match did_you_mean(name, known) {
                Some(near) if at.is_element() => finding.suggest(at.span, Some(near)),
                _ => finding.help("take it out, or add the extension that brings it"),
            },
            _ => finding.help("take them out, or add the extension that brings them"),
        },
        [one] => finding.help(format!("add the extension: `extensions += [{one}]`")),
        some => finding.help(format!("add the extension {}", one_of(some))),
    }
}

pub(super) fn not_loaded(at: Blame, name: &str, missing: &[Text], driver: bool) -> Diagnostic {
    let code = if driver { Code::DriverNotLoaded } else { Code::ModuleNotLoaded };
    let noun = if missing.len() == 1 { "its kernel module" } else { "its kernel modules" };
    let list: Vec<&str> = missing.iter().map(Text::as_str).collect();
    let finding = Diagnostic::new(
        code,
        format!("`{name}` does nothing until {noun} {} {} loaded", all_of(missing), are(missing)),
    );
    let them = if missing.len() == 1 { "it" } else { "them" };
    at.label(finding.if_understood(), &format!("does not load {them} by itself"), &format!("`{name}`"))
        .help(format!("write `kernel {{ modules += [{}] }}`", list.join(", ")))
}

fn are(names: &[Text]) -> &'static str {
    if names.len() == 1 { "is" } else { "are" }
}

pub(super) fn unconfigured(at: Blame, name: &str) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::ServiceUnconfigured,
        format!("the service of `{name}` waits for a configuration that no patch brings"),
    )
    .if_understood();
    at.label(finding, "its service never starts", &format!("`{name}`"))
        .note("Talos starts it when an `ExtensionServiceConfig` of its name is there")
        .help(format!("write `patch {name} {{ document ExtensionServiceConfig {name} {{ … }} }}`, as a `secret` file if it holds a key"))
}

pub(super) fn no_extension(at: Span, name: &str, whose: &str) -> Diagnostic {
    Diagnostic::new(
        Code::ServiceWithoutExtension,
        format!("`{name}` is configured for {whose}, and no extension there brings it"),
    )
    .label(at, "nothing reads it")
    .help(format!(
        "add the extension: `extensions += [{name}]`; if the boot image has it, say so: `preinstalled += [{name}]`"
    ))
}

pub(super) fn arch(at: Blame, name: &str, only: &[&str], (is, said): (&str, Span)) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::ExtensionArch,
        format!("`{name}` is made for {} and holds nothing for {is}", one_of(only)),
    );
    let finding = at.label(finding, "empty on these nodes", &format!("`{name}`"));
    finding.label(said, format!("the nodes are {is}")).help(format!("take `{name}` out"))
}
