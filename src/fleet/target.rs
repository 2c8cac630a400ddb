//! The versions of a cluster: what is legal, and in what form it is emitted, depends on them.

use crate::source::Span;
use crate::version::Version;

/// The versions that a cluster is compiled for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The Talos version of the cluster.
    pub talos: Version,
    /// The Talos version it was created with: what its generated configuration already holds.
    pub created_with: Version,
    /// The Kubernetes version.
    pub kubernetes: Version,
    /// The release of Omni that reads the template.
    pub omni: Version,
}

impl Target {
    /// The Omni release that is meant when a cluster does not say: the newest that this talosc knows.
    /// Mirrors the release list in `facts` of Omni's `client/pkg/constants`.
    pub const NEWEST_OMNI: Version = Version::minor(1, 10);

    /// Whether Omni is at least `major.minor`.
    pub fn omni_at_least(&self, major: u16, minor: u16) -> bool {
        self.omni.line() >= (major, minor)
    }
    /// Whether the nodes run at least Kubernetes `major.minor`.
    pub fn kubernetes_at_least(&self, major: u16, minor: u16) -> bool {
        self.kubernetes.line() >= (major, minor)
    }
    /// Whether the cluster was created with at least `major.minor`.
    pub fn born_at_least(&self, major: u16, minor: u16) -> bool {
        self.created_with.line() >= (major, minor)
    }
    /// Whether the Talos of the cluster is at least `major.minor`.
    pub fn talos_at_least(&self, major: u16, minor: u16) -> bool {
        self.talos.line() >= (major, minor)
    }
}

/// Where the versions are written, for labels.
#[derive(Clone, Copy, Debug, Default)]
pub struct TargetSpans {
    /// `talos = …`
    pub talos: Option<Span>,
    /// `created-with = …`
    pub created_with: Option<Span>,
    /// `kubernetes = …`
    pub kubernetes: Option<Span>,
    /// `omni = …`
    pub omni: Option<Span>,
}

#[cfg(test)]
mod tests {
    use super::Target;
    use crate::kinds;
    use crate::world::versions;

    /// What is assumed is the newest row of the table, and the reference says which that is.
    #[test]
    fn the_assumed_omni_is_the_newest_and_is_named() {
        assert_eq!(Target::NEWEST_OMNI.line(), versions::omni_newest().line);
        let field = kinds::get(kinds::CLUSTER).schema.field("omni").expect("a field of a cluster");
        assert!(field.doc.contains(&format!("; {}, ", Target::NEWEST_OMNI)), "{}", field.doc);
    }
}
