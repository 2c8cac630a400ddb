//! What is known of few rows only: columns that are written by hand, one file each in `stdlib/data/talos/`.

use super::{
    CONTROL_PLANES, EFFECTS, ENVIRONMENTS, FIELDS, GROUPS, LATE, MAPS, OWNED, Row, Thing, VOLUMES, said,
};
use crate::cel::Environment;

/// Something that Omni sets in the configuration of every machine.
#[derive(Debug)]
pub struct Owned {
    /// The field, or the document.
    pub row: Row,
    /// Of a list: the element that may not be in it, while others may.
    pub element: Option<&'static str>,
    /// The first release of Omni that refuses it.
    pub since: (u16, u16),
    /// What to do instead.
    pub instead: &'static str,
}

/// What a change does to a machine that has a configuration already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It holds at once.
    None,
    /// The machine reboots.
    Reboot,
    /// It is read by the next installation or upgrade alone.
    Image,
}

/// How a thing is said in the v1alpha1 document, and in documents of its own.
#[derive(Debug)]
pub struct TwoForms {
    /// The thing.
    pub thing: Thing,
    /// The first minor whose clusters want the document.
    pub since: u16,
    /// Talos refuses a machine that has both forms.
    pub exclusive: bool,
    /// For which machines it is written, when a cluster says it.
    pub machines: Machines,
    /// Where it stands in the v1alpha1 document.
    pub legacy: &'static [Row],
    /// Its documents.
    pub documents: &'static [Row],
}

/// For which machines a thing is written that a cluster says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machines {
    /// For all of them.
    All,
    /// For all of them in the v1alpha1 document; Talos knows the documents on control planes only.
    ControlAsDocument,
    /// For control planes: Talos refuses it on workers in both forms.
    Control,
}

/// A kind of document that provisions volumes.
#[derive(Debug, PartialEq, Eq)]
pub struct Volumes {
    /// The document.
    pub row: Row,
    /// What the label of its partition begins with.
    pub prefix: &'static str,
    /// Whether it must say a disk and a size.
    pub required: bool,
    /// How messages call one, before its name.
    pub word: &'static str,
}

/// What Omni sets, fields and documents.
pub fn owned() -> &'static [Owned] {
    OWNED
}

/// The expressions in documents of a kind, and what they may name. Only documents have any.
pub fn expressions(kind: &str) -> impl Iterator<Item = (Row, &'static Environment)> {
    ENVIRONMENTS.iter().copied().filter(move |(row, _)| row.root().name() == kind)
}

/// What Talos takes on control planes only, and whether it looks at it only where it is `true`.
pub fn control_planes_only() -> impl Iterator<Item = (Row, bool)> {
    CONTROL_PLANES.iter().copied()
}

/// Whether a field of some configuration is a map with free keys, by its name and that of what it stands in: nothing for the top of a
/// document. `Some(true)` if the values of the map are blocks.
pub fn map_named(parent: &str, name: &str) -> Option<bool> {
    let from = MAPS.partition_point(|row| row.0 < name);
    let rows = MAPS[from..].iter().take_while(|row| row.0 == name);
    rows.filter(|row| row.1.is_none_or(|known| known == parent)).map(|row| row.2).next()
}

/// Whether a field of configuration that is typed elsewhere is a map with free keys: by Talos's own fields, or by those of the
/// objects of Kubernetes that stand in it.
pub fn is_free(parent: &str, name: &str) -> bool {
    map_named(parent, name).is_some() || crate::kinds::is_free(name)
}

impl Row {
    /// It, what it stands in, and so on up to the document.
    pub fn ancestors(self) -> impl Iterator<Item = Row> {
        std::iter::successors(Some(self), |row| row.parent())
    }

    /// Why a release of Omni does not let a patch set it, whole.
    pub fn owner(self, omni: (u16, u16)) -> Option<&'static Owned> {
        let holds = |owned: &&Owned| owned.element.is_none() && owned.since <= omni;
        self.ancestors().find_map(|row| OWNED.iter().filter(holds).find(|owned| owned.row == row))
    }

    /// What a document describes that has its name: no two documents may describe one.
    pub fn group(self) -> Option<&'static str> {
        GROUPS.iter().find(|known| known.0 == self).map(|known| known.1)
    }

    /// Whether it is a text that is objects of Kubernetes.
    pub fn is_manifest(self) -> bool {
        said::INLINE_MANIFESTS.contains(&self)
    }

    /// What documents of the kind provision.
    pub fn volumes(self) -> Option<&'static Volumes> {
        VOLUMES.iter().find(|volumes| volumes.row == self)
    }

    /// Whether a release of Talos 1 has it.
    pub fn in_release(self, minor: u16, patch: u16) -> bool {
        let late = LATE.iter().find(|known| known.0 == self && known.1 == minor);
        self.in_minor(minor) && late.is_none_or(|known| patch >= known.2)
    }

    /// What a change of it does to a machine.
    pub fn effect(self) -> Effect {
        let known = |row| EFFECTS.iter().find(|known| known.0 == row).map(|known| known.1);
        self.ancestors().find_map(known).unwrap_or(Effect::None)
    }

    /// The field of talosc that says the same, as a path.
    pub fn field_here(self) -> Option<&'static str> {
        FIELDS.iter().find(|known| known.0 == self).map(|known| known.1)
    }

    /// Whether it, or something in it, must not be shown.
    pub fn holds_secret(self) -> bool {
        self.secret() || self.fields().any(Row::holds_secret)
    }

    /// What a value has at the path of the row, if that leads through no list and no map; `step` goes from a block to a field of it.
    pub fn follow<T>(self, top: T, step: &impl Fn(T, &'static str) -> Option<T>) -> Option<T> {
        match self.parent() {
            None => Some(top),
            Some(parent) => step(parent.follow(top, step)?, self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::TWO_FORMS;
    use super::super::tests::row;
    use super::*;

    #[test]
    fn omni_owns_by_release_and_with_what_is_in_it() {
        let key = row("cluster.ca.key");
        assert!(key.owner((1, 9)).is_none());
        assert_eq!(key.owner((1, 10)).map(|owned| owned.row), key.parent());
        assert!(row("KubeAPIServerCAConfig: issuingCA.key").owner((1, 10)).is_some());
        assert!(row("machine.features.kubernetesTalosAPIAccess.allowedRoles").owner((1, 10)).is_none());
    }

    #[test]
    fn patch_releases_bring_fields() {
        let late = row("OOMConfig: strictCgroupClassOrdering");
        let has =
            [(12, 8), (12, 9), (13, 3), (13, 4), (14, 0)].map(|(minor, patch)| late.in_release(minor, patch));
        assert_eq!(has, [false, true, false, true, true]);
        assert!(row("machine.sysctls").in_release(9, 0));
    }

    #[test]
    fn effects_hold_for_what_is_inside() {
        assert_eq!(row("machine.files[0].path").effect(), Effect::Reboot);
        assert_eq!(row("machine.install.image").effect(), Effect::Image);
        assert_eq!(row("machine.kubelet.extraArgs").effect(), Effect::None);
        assert_eq!(row("UserVolumeConfig: filesystem.type").effect(), Effect::None);
    }

    #[test]
    fn maps_are_known_by_name() {
        assert_eq!(map_named("machine", "sysctls"), Some(false));
        assert_eq!(map_named("registries", "mirrors"), Some(true));
        assert_eq!(map_named("registries", "config"), Some(true));
        assert_eq!(map_named("", "config"), None);
        assert_eq!(map_named("kubelet", "extraConfig"), None);
        assert!(MAPS.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }

    #[test]
    fn forms_are_in_the_order_of_things() {
        for (i, forms) in TWO_FORMS.iter().enumerate() {
            assert_eq!(forms.thing as usize, i, "{:?}", forms.thing);
            // The document is there when clusters want it.
            assert!(
                forms.documents.iter().any(|row| row.in_minor(forms.since)) || forms.documents.is_empty()
            );
        }
    }

    #[test]
    fn fields_that_say_the_same_are_there() {
        let cluster = &crate::kinds::get(crate::kinds::CLUSTER).schema;
        for (row, field) in FIELDS {
            assert!(crate::kinds::has(cluster, field), "{row}: {field}");
        }
    }

    #[test]
    fn secrets_are_told_from_what_stands_beside_them() {
        for secret in [
            "cluster.aggregatorCA.key",
            "DiscoveryIdentityConfig: clusterSecret",
            "KubeEtcdEncryptionConfig: config",
        ] {
            assert!(row(secret).secret(), "{secret}");
        }
        assert!(!row("cluster.ca.crt").secret());
        assert!(row("cluster.ca").holds_secret() && !row("cluster.acceptedCAs").holds_secret());
    }
}
