//! What Omni sets in the configuration of every machine, so that no patch may.
//!
//! Mirrors `forbiddenFields`, `forbiddenDocuments`, `documentForbiddenFields` and `forbiddenSliceElements` in
//! `client/pkg/omni/resources/omni/config_patch.go` of each release. Up to 1.9 only the first document of a patch was looked
//! at; here all are, as the machine would still refuse the rest.

use super::{LevelOf, kind_of, secrets};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch};
use crate::tree::Node;

/// A field that Omni owns.
struct Row {
    /// The kind of its document; none for the v1alpha1 one.
    kind: Option<&'static str>,
    path: &'static [&'static str],
    /// The first release that refuses it.
    since: (u16, u16),
    /// Its value must not be shown.
    secret: bool,
    /// Where it belongs.
    instead: &'static str,
}

const fn row(path: &'static [&'static str], since: (u16, u16), secret: bool, instead: &'static str) -> Row {
    Row { kind: None, path, since, secret, instead }
}

const ALWAYS: (u16, u16) = (0, 0);
const MAKES: &str = "remove it: Omni makes it when the cluster is created, and keeps it";
const NAME: &str = "remove it: the cluster has the name of its declaration";
const CAS: &str = "remove it: Omni rotates and accepts authorities itself (`omnictl` can ask for it)";

const FIELDS: &[Row] = &[
    row(&["cluster", "clusterName"], ALWAYS, false, NAME),
    row(&["cluster", "id"], ALWAYS, false, MAKES),
    row(&["cluster", "controlPlane", "endpoint"], ALWAYS, false, "remove it: Omni's proxy is the endpoint"),
    row(&["cluster", "token"], ALWAYS, true, MAKES),
    row(&["cluster", "secret"], ALWAYS, true, MAKES),
    row(&["cluster", "aescbcEncryptionSecret"], ALWAYS, true, MAKES),
    row(&["cluster", "secretboxEncryptionSecret"], ALWAYS, true, MAKES),
    row(&["cluster", "ca"], (1, 10), true, MAKES),
    row(&["cluster", "acceptedCAs"], ALWAYS, false, CAS),
    row(&["cluster", "serviceAccount"], (1, 10), true, MAKES),
    row(&["machine", "token"], ALWAYS, true, MAKES),
    row(&["machine", "ca"], ALWAYS, true, MAKES),
    row(
        &["machine", "type"],
        ALWAYS,
        false,
        "remove it: list the machine in `controlplane` or `workers`, or give that set a class",
    ),
    row(
        &["machine", "install", "disk"],
        (1, 11),
        false,
        "say it on the machine: `machine NAME { install { disk = \"/dev/sda\" } }`",
    ),
    row(
        &["machine", "install", "extensions"],
        ALWAYS,
        false,
        "list extensions in the field of the role or set: `extensions = [iscsi-tools]`",
    ),
    row(&["machine", "acceptedCAs"], ALWAYS, false, CAS),
    Row {
        kind: Some("KubeServiceAccountConfig"),
        path: &["issuer", "privateKey"],
        since: (1, 10),
        secret: true,
        instead: MAKES,
    },
];

/// Documents that Omni writes itself, since 1.10.
const DOCUMENTS: &[(&str, &str)] = &[
    ("UnattendedInstallConfig", "remove it: Omni installs machines itself"),
    ("DiscoveryIdentityConfig", MAKES),
    ("KubeClusterConfig", NAME),
    ("KubeEtcdEncryptionConfig", MAKES),
    ("KubeAPIServerCAConfig", MAKES),
    ("KubeAggregatorCAConfig", MAKES),
];
const DOCUMENTS_SINCE: (u16, u16) = (1, 10);

/// Roles that pods may not get through the Talos API.
const ADMIN: &str = "os:admin";

/// Every rule on what a patch may set.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>, patch: &Patch) {
    let Content::Documents(documents) = &patch.content else { return };
    // What is lowered from fields is nothing that Omni owns in the release that it is lowered for.
    if patch.lowered {
        return;
    }
    let omni = &level.cluster.target.omni;
    for document in documents {
        let kind = kind_of(document).map(|(kind, _)| kind);
        if let Some((kind, instead)) = DOCUMENTS.iter().find(|(known, _)| kind == Some(known))
            && omni.line() >= DOCUMENTS_SINCE
        {
            let at = lowering.origins.place(document).or(patch.span);
            report(lowering, level, at, &format!("the document `{kind}`"), instead, false);
            continue;
        }
        for row in FIELDS.iter().filter(|row| row.kind == kind && omni.line() >= row.since) {
            if let Some(node) = document.at(row.path) {
                let secret = if row.secret { secrets::whole_place(lowering, node) } else { None };
                let at = secret.or_else(|| lowering.origins.place(node)).or(patch.span);
                report(lowering, level, at, &format!("`{}`", row.path.join(".")), row.instead, row.secret);
            }
        }
        admin(lowering, level, patch, document, kind);
    }
}

/// Whether a rule of this module speaks of a value, so that no other need to.
pub(super) fn is_owned_secret(kind: Option<&str>, path: &[&str]) -> bool {
    FIELDS
        .iter()
        .any(|row| row.secret && row.since == ALWAYS && row.kind == kind && path.starts_with(row.path))
}

fn report(
    lowering: &mut Lowering<'_, '_>,
    level: &LevelOf<'_>,
    at: Option<Span>,
    what: &str,
    instead: &str,
    secret: bool,
) {
    let Some(at) = at else { return };
    let code = if secret { Code::OmniOwnedSecret } else { Code::OmniOwned };
    let finding = Diagnostic::new(code, format!("Omni owns {what}: a patch may not set it"))
        .label(at, "refused by Omni when the template is synced")
        .help(instead);
    lowering.report(finding.in_cluster(&level.cluster.name));
}

fn admin(
    lowering: &mut Lowering<'_, '_>,
    level: &LevelOf<'_>,
    patch: &Patch,
    document: &Node,
    kind: Option<&str>,
) {
    let path: &[&str] = match kind {
        None => &["machine", "features", "kubernetesTalosAPIAccess", "allowedRoles"],
        Some("KubeTalosAPIAccessConfig") if level.cluster.target.omni.line() >= DOCUMENTS_SINCE => {
            &["allowedRoles"]
        }
        Some(_) => return,
    };
    let Some(roles) = document.at(path).and_then(Node::as_seq) else { return };
    for role in roles.iter().filter(|role| role.as_str() == Some(ADMIN)) {
        let Some(at) = lowering.origins.place(role).or(patch.span) else { continue };
        let finding =
            Diagnostic::new(Code::OmniOwned, format!("pods may not get the role `{ADMIN}` under Omni"))
                .label(at, "refused by Omni when the template is synced")
                .help("`os:reader` or `os:operator` are allowed; or leave it out");
        lowering.report(finding.in_cluster(&level.cluster.name));
    }
}
