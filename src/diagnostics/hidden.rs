//! Findings without the secrets of their run: what every format is made from.

use std::borrow::Cow;

use super::{CodeLevel, Diagnostic};
use crate::secret::Vault;
use crate::source::{Provenance, SourceMap};

/// The secrets of a run: those in its sources, by shape, name and place, and those that its findings speak of.
///
/// It reads all sources, so it is made only if there is something to print.
pub fn vault(findings: &[Diagnostic], sources: &SourceMap) -> Vault {
    let mut vault = Vault::default();
    let own = sources.iter().filter(|(_, file)| file.provenance == Provenance::Project);
    let texts: Vec<&str> = own.map(|(_, file)| file.text()).collect();
    vault.learn(&texts);
    for secret in findings.iter().flat_map(|finding| &finding.hides) {
        vault.add(secret);
    }
    vault
}

/// Findings as they may be shown.
pub(super) fn shown<'d>(findings: &'d [Diagnostic], vault: &Vault) -> Cow<'d, [Diagnostic]> {
    let mut out = Cow::Borrowed(findings);
    for (at, finding) in findings.iter().enumerate() {
        if let Some(masked) = masked(finding, vault) {
            out.to_mut()[at] = masked;
        }
    }
    out
}

/// A finding without its secrets; `None` if it shows none.
fn masked(finding: &Diagnostic, vault: &Vault) -> Option<Diagnostic> {
    // What a rule found is masked by the rule itself, in words that say what it is.
    let texts = [&finding.message].into_iter().chain(&finding.notes).chain(&finding.help);
    let texts = texts.chain(finding.labels.iter().map(|label| &label.text));
    let texts = texts.chain(finding.edits.iter().map(|edit| &edit.text)).map(String::as_str);
    let mut texts = texts.chain(finding.clusters.iter().map(|name| name.as_str()));
    if texts.all(|text| matches!(vault.mask(text), Cow::Borrowed(_))) {
        return None;
    }
    let mut out = finding.clone();
    let mask = |text: &mut String| {
        if let Cow::Owned(masked) = vault.mask(text) {
            *text = masked;
        }
    };
    mask(&mut out.message);
    out.notes.iter_mut().chain(&mut out.help).for_each(mask);
    out.labels.iter_mut().for_each(|label| mask(&mut label.text));
    out.clusters.iter_mut().for_each(|name| *name = vault.mask(name).into_owned().into());
    // An edit without its secret would destroy it: `check --fix` makes it, and nothing shows it.
    if out.edits.iter().any(|edit| matches!(vault.mask(&edit.text), Cow::Owned(_))) {
        out.edits.clear();
    }
    Some(out)
}

/// Whether a finding is about a secret.
pub(super) fn is_of_secret(finding: &Diagnostic) -> bool {
    finding.code.level() == CodeLevel::Secret
}
