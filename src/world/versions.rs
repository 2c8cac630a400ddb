//! Which versions fit together: Talos with Kubernetes, Omni with Talos, and the upgrades between them.

use crate::version::Version;

/// How far a Talos minor is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Support {
    /// Known, but no longer accepted by current Omni: an error.
    Past,
    /// Accepted by current Omni; a judge stands behind it.
    Current,
    /// Not released as stable: a table, no judge.
    Preview,
}

/// A minor of Talos 1. Source: `pkg/machinery/compatibility/talos1NN` and the tags of siderolabs/talos.
#[derive(Debug, PartialEq, Eq)]
pub struct Talos {
    /// The minor: 13 for Talos 1.13.
    pub minor: u16,
    /// How far it is supported here.
    pub support: Support,
    /// Oldest minor of Kubernetes 1 that it runs.
    pub kubernetes_min: u16,
    /// Newest minor of Kubernetes 1 that it runs, with every patch.
    pub kubernetes_max: u16,
    /// Machines of this minor and later can be upgraded to it (`MinimumHostUpgradeVersion`).
    pub upgrade_from: u16,
    /// Machines of minors below this one can be downgraded to it (`MaximumHostDowngradeVersion`).
    pub downgrade_below: u16,
    /// The newest patch release known here, or the pre-release.
    pub latest: &'static str,
}

const fn talos_row(
    minor: u16,
    support: Support,
    kubernetes: (u16, u16),
    hosts: (u16, u16),
    latest: &'static str,
) -> Talos {
    let (kubernetes_min, kubernetes_max) = kubernetes;
    let (upgrade_from, downgrade_below) = hosts;
    Talos { minor, support, kubernetes_min, kubernetes_max, upgrade_from, downgrade_below, latest }
}

/// Every known minor of Talos, oldest first.
pub static TALOS: [Talos; 8] = [
    talos_row(7, Support::Past, (25, 30), (4, 9), "1.7.7"),
    talos_row(8, Support::Past, (26, 31), (5, 10), "1.8.4"),
    talos_row(9, Support::Current, (27, 32), (8, 11), "1.9.6"),
    talos_row(10, Support::Current, (28, 33), (8, 12), "1.10.9"),
    talos_row(11, Support::Current, (29, 34), (9, 13), "1.11.6"),
    talos_row(12, Support::Current, (30, 35), (10, 14), "1.12.11"),
    talos_row(13, Support::Current, (31, 36), (11, 15), "1.13.9"),
    talos_row(14, Support::Preview, (32, 37), (12, 16), "1.14.0-rc.1"),
];

impl Talos {
    /// Whether it runs a version of Kubernetes.
    pub fn runs(&self, kubernetes: &Version) -> bool {
        kubernetes.major == 1 && (self.kubernetes_min..=self.kubernetes_max).contains(&kubernetes.minor)
    }

    /// Whether a machine with another minor of Talos 1 can be moved to this one.
    pub fn reached_from(&self, minor: u16) -> bool {
        (self.upgrade_from..self.downgrade_below).contains(&minor)
    }
}

/// The row of a Talos version, if its minor is known.
pub fn talos(version: &Version) -> Option<&'static Talos> {
    TALOS.iter().find(|row| (1, row.minor) == version.line())
}

/// The minors whose machines talosc writes, oldest first: current ones and previews.
pub fn talos_supported() -> impl Iterator<Item = &'static Talos> {
    TALOS.iter().filter(|row| row.support != Support::Past)
}

/// The newest minor that is not a preview: what no cluster uses is judged for it.
pub fn newest_talos() -> Version {
    let newest = TALOS.iter().rev().find(|row| row.support == Support::Current);
    Version::minor(1, newest.map_or(0, |row| row.minor))
}

/// A line of Omni releases. Source: `client/pkg/constants/constants.go`, `internal/pkg/constants/versions.go` and
/// `client/go.mod` of siderolabs/omni at the tag.
#[derive(Debug, PartialEq, Eq)]
pub struct Omni {
    /// Major and minor.
    pub line: (u16, u16),
    /// The oldest Talos minor for new clusters and upgrades.
    pub talos_min: u16,
    /// The newest Talos minor that it takes: one that it names, or before Omni 1.9 the newest one that the compatibility tables of its
    /// machinery module know.
    pub talos_max: u16,
    /// Pre-releases of the next minor are taken with `features.enableTalosPreReleaseVersions`.
    pub previews: bool,
    /// The Talos minor of the configuration loader that it is linked with: documents of newer minors are unknown to it.
    pub machinery: u16,
    /// Talos versions that it refuses.
    pub denied: &'static [&'static str],
    /// The Talos version of new clusters if none is said.
    pub default_talos: &'static str,
    /// The Kubernetes version of new clusters if none is said.
    pub default_kubernetes: &'static str,
}

const EARLY: &[&str] = &["1.4.2", "1.4.3"];
/// 1.13.1: modules that are shipped as extensions are broken.
const LATE: &[&str] = &["1.13.1"];

const fn omni_row(
    line: (u16, u16),
    talos: (u16, u16),
    machinery: u16,
    defaults: (&'static str, &'static str),
) -> Omni {
    let recent = line.0 == 1 && line.1 >= 8;
    Omni {
        line,
        talos_min: talos.0,
        talos_max: talos.1,
        previews: line.0 == 1 && line.1 >= 10,
        machinery,
        denied: if recent { LATE } else { EARLY },
        default_talos: defaults.0,
        default_kubernetes: defaults.1,
    }
}

/// Known lines of Omni, oldest first.
pub static OMNI: [Omni; 13] = [
    omni_row((0, 50), (5, 11), 10, ("1.10.1", "1.32.3")),
    omni_row((0, 52), (5, 11), 10, ("1.10.1", "1.32.3")),
    omni_row((1, 0), (5, 11), 10, ("1.10.5", "1.33.2")),
    omni_row((1, 1), (5, 12), 11, ("1.10.6", "1.33.3")),
    omni_row((1, 2), (6, 12), 11, ("1.11.1", "1.34.1")),
    omni_row((1, 3), (6, 12), 12, ("1.11.3", "1.34.1")),
    omni_row((1, 4), (6, 12), 12, ("1.11.5", "1.34.2")),
    omni_row((1, 5), (7, 13), 13, ("1.12.1", "1.35.0")),
    omni_row((1, 6), (8, 13), 13, ("1.12.5", "1.35.2")),
    omni_row((1, 7), (8, 13), 13, ("1.12.6", "1.35.3")),
    omni_row((1, 8), (9, 13), 13, ("1.13.2", "1.36.0")),
    omni_row((1, 9), (9, 13), 14, ("1.13.5", "1.36.2")),
    omni_row((1, 10), (9, 13), 14, ("1.13.8", "1.36.3")),
];

/// Why an Omni does not take a Talos version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Below the oldest minor.
    TooOld,
    /// Above the newest minor.
    TooNew,
    /// This very release is refused.
    Denied,
}

impl Omni {
    /// Why this Omni refuses a Talos version, if it does.
    pub fn refuses(&self, talos: &Version) -> Option<Refusal> {
        let (major, minor) = talos.line();
        let preview = self.previews && !talos.pre.is_empty();
        if self.denied.iter().any(|denied| Version::parse(denied).as_ref() == Some(talos)) {
            Some(Refusal::Denied)
        } else if major == 0 || (major == 1 && minor < self.talos_min) {
            Some(Refusal::TooOld)
        } else if talos.line() > (1, self.talos_max + u16::from(preview)) {
            Some(Refusal::TooNew)
        } else {
            None
        }
    }
}

/// The line that a version of Omni belongs to: its own, else the nearest older one, as releases change by their minors.
/// `None` for releases before 0.50.
pub fn omni(version: &Version) -> Option<&'static Omni> {
    OMNI.iter().rev().find(|row| row.line <= version.line())
}

/// A release of Talos that machines get stuck on under an older Omni.
#[derive(Debug)]
pub struct Stuck {
    /// From this release of a minor on.
    pub talos: (u16, u16, u16),
    /// The first release of Omni that copes with it.
    pub omni: (u16, u16, u16),
    /// What happens before.
    pub what: &'static str,
    /// Where it was reported.
    pub source: &'static str,
}

/// Such releases.
pub static STUCK: [Stuck; 1] = [Stuck {
    talos: (1, 13, 10),
    omni: (1, 10, 6),
    what: "the machines stay in `Reconfiguring`",
    source: "https://github.com/siderolabs/omni/issues/3360",
}];

impl Stuck {
    /// Whether it concerns a cluster. Of an Omni without its last number the newest release is meant.
    pub fn concerns(&self, talos: &Version, omni: &Version) -> bool {
        let released = (talos.major, talos.minor, talos.patch.unwrap_or_default());
        let (major, minor, patch) = self.omni;
        talos.line() == (self.talos.0, self.talos.1)
            && released >= self.talos
            && (omni.line() < (major, minor)
                || omni.line() == (major, minor) && omni.patch.is_some_and(|own| own < patch))
    }
}

/// How many releases behind the newest known one are taken for such that came since: a line has some fifteen, so what is far behind is
/// a typing mistake.
const RELEASES_TO_COME: u16 = 20;

/// The newest release of a line of Kubernetes 1 that is plausible: none has had as many.
const LAST_KUBERNETES_PATCH: u16 = 40;

/// Whether a release of a known line of Talos is far behind all that are known: then the newest one that is.
pub fn talos_out_of_reach(version: &Version) -> Option<&'static str> {
    let row = talos(version)?;
    let known = Version::parse(row.latest)?.patch?;
    (version.patch? > known + RELEASES_TO_COME).then_some(row.latest)
}

/// Whether no line of Kubernetes will ever have such a release.
pub fn kubernetes_out_of_reach(version: &Version) -> bool {
    version.patch.is_some_and(|patch| patch > LAST_KUBERNETES_PATCH)
}

/// The newest line of Omni known here.
pub fn omni_newest() -> &'static Omni {
    &OMNI[OMNI.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|| panic!("{text} is a version"))
    }

    fn runs(talos_version: &str, kubernetes: &str) -> Option<bool> {
        talos(&v(talos_version)).map(|row| row.runs(&v(kubernetes)))
    }

    #[test]
    fn kubernetes_windows() {
        assert_eq!(runs("1.13.7", "1.35.0"), Some(true));
        assert_eq!(runs("1.13.7", "1.37.0"), Some(false));
        assert_eq!(runs("1.13.7", "1.30.99"), Some(false));
        assert_eq!(runs("1.9.6", "1.32.4"), Some(true));
        assert_eq!(runs("1.15.0", "1.35.0"), None);
        for pair in TALOS.windows(2) {
            assert_eq!(pair[0].minor + 1, pair[1].minor);
            assert_eq!(pair[0].kubernetes_max + 1, pair[1].kubernetes_max);
        }
        for row in &TALOS {
            assert_eq!(v(row.latest).line(), (1, row.minor));
            assert_eq!(!v(row.latest).pre.is_empty(), row.support == Support::Preview);
        }
    }

    #[test]
    fn upgrade_windows() {
        let to = talos(&v("1.13.9")).map(|row| [10, 11, 12, 13, 14, 15].map(|from| row.reached_from(from)));
        assert_eq!(to, Some([false, true, true, true, true, false]));
    }

    #[test]
    fn omni_takes_and_refuses() {
        let ask = |omni_version: &str, talos: &str| omni(&v(omni_version)).map(|row| row.refuses(&v(talos)));
        assert_eq!(ask("1.10.4", "1.13.7"), Some(None));
        assert_eq!(ask("1.10.4", "1.13.1"), Some(Some(Refusal::Denied)));
        assert_eq!(ask("1.7.0", "1.13.1"), Some(None));
        assert_eq!(ask("1.2", "1.13.7"), Some(Some(Refusal::TooNew)));
        assert_eq!(ask("1.4", "1.12.0"), Some(None));
        assert_eq!(ask("1.10", "1.8.4"), Some(Some(Refusal::TooOld)));
        assert_eq!(ask("1.10", "1.14.0"), Some(Some(Refusal::TooNew)));
        assert_eq!(ask("1.10", "1.14.0-rc.1"), Some(None));
        assert_eq!(ask("1.9", "1.14.0-rc.1"), Some(Some(Refusal::TooNew)));
        assert_eq!(ask("0.49.0", "1.9.0"), None);
        assert_eq!(omni(&v("1.11.0")).map(|row| row.line), Some(omni_newest().line));
        assert!(OMNI.windows(2).all(|pair| pair[0].line < pair[1].line));
        assert!(OMNI.windows(2).all(|pair| pair[0].talos_max <= pair[1].talos_max));
    }
}
