//! Files that a template refers to.
//!
//! Mirrors `--allowed-dir` of `omnictl cluster template`: since 1.8 a file is looked for from the directory of the template,
//! and must lie in it.

use super::{LevelOf, LevelOwner, loose};
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Cluster;
use crate::omni::paths::Layout;
use crate::syntax::write;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch};
use crate::typing::FileRef;

/// A referenced file must lie under the directory of the template.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, layout: &Layout, level: &LevelOf<'_>, patch: &Patch) {
    if let Content::File(file) = &patch.content {
        if level.at == LevelOwner::Loose {
            return loose::unread(lowering, level, file);
        }
        referenced(lowering, layout, level.cluster, file);
    }
}

/// A file of a patch, a manifest or a healthcheck that is not read.
pub(super) fn referenced(
    lowering: &mut Lowering<'_, '_>,
    layout: &Layout,
    cluster: &Cluster,
    file: &FileRef,
) {
    if layout.reference_to(cluster, file).is_some() {
        return;
    }
    let directory = layout.template_directory();
    let name = file.written.rsplit('/').next().unwrap_or(&file.written);
    let here = lowering.flattener.types.names.path(file.scope);
    let better = if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
    let better = crate::source::loader::relative(here, &better);
    let finding = Diagnostic::new(
        Code::FileOutsideTemplate,
        format!("`{}` does not lie beside the template that refers to it", file.written),
    )
    .label(file.span, format!("not under `{}`", if directory.is_empty() { "." } else { &directory }))
    .note("omnictl opens only files in the directory of the template")
    .help(format!("put the file there and write `file {}`", write::string(&better)))
    .offer(file.span, write::string(&better));
    lowering.report(finding.in_cluster(&cluster.name));
}
