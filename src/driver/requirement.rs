//! `talosc = ">= 0.4"`: whether this compiler is one that a file was written for.

use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::resolve::Names;
use crate::version::Version;

/// The version of this compiler.
const OWN: &str = env!("CARGO_PKG_VERSION");

/// Reports requirements that are not met or not understood. `false` if one is not met: then all other findings are dropped,
/// because they may only say that this compiler does not know the language of the file.
pub(super) fn check(names: &Names, findings: &mut Diagnostics) -> bool {
    let mut unmet = Diagnostics::new();
    for scope in names.project_files() {
        let Some((text, span)) = names.requirement(scope).cloned() else { continue };
        match Version::parse(OWN).and_then(|own| fits(&text, &own)) {
            Some(true) => {}
            Some(false) => unmet.push(
                Diagnostic::new(
                    Code::TaloscVersion,
                    format!("this file asks for talosc {text}, and this is talosc {OWN}"),
                )
                .label(span, "not met")
                .help("use a talosc that fits, or change the line if the file no longer needs it"),
            ),
            None => findings.push(
                Diagnostic::new(Code::BadText, format!("`{text}` is no requirement of a version"))
                    .label(span, "not understood")
                    .help("write `>= 0.4`; `>`, `<`, `<=` and `=` are known too, and commas join several"),
            ),
        }
    }
    if unmet.is_empty() {
        return true;
    }
    *findings = unmet;
    false
}

/// Whether a version meets all of `>= 0.4, < 2.0`; `None` if the text is not of that form.
fn fits(requirement: &str, version: &Version) -> Option<bool> {
    let mut all = true;
    for part in requirement.split(',') {
        let part = part.trim();
        let at = part.find(|c: char| !matches!(c, '<' | '>' | '='))?;
        let (operator, written) = part.split_at(at);
        let bound = Version::parse(written.trim())?;
        all &= match operator {
            ">=" => version.at_least(&bound),
            ">" => !version.at_most(&bound),
            "<=" => version.at_most(&bound),
            "<" => !version.at_least(&bound),
            "=" => version.at_least(&bound) && version.at_most(&bound),
            _ => return None,
        };
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements() {
        let own = Version::parse("0.4.2").expect("a version");
        let ask = |text| fits(text, &own);
        for met in [">= 0.4", ">=0.4.2", "< 0.5", "<= 0.4", "= 0.4", ">= 0.3, < 1.0", "> 0.3"] {
            assert_eq!(ask(met), Some(true), "{met}");
        }
        for unmet in [">= 0.5", "> 0.4", "< 0.4", "= 0.4.1", ">= 0.4, < 0.4.2"] {
            assert_eq!(ask(unmet), Some(false), "{unmet}");
        }
        for bad in ["", "0.4", ">= 1", "~ 0.4", ">= 0.4,", "=> 0.4", ">="] {
            assert_eq!(ask(bad), None, "{bad}");
        }
    }
}
