//! Secrets in what is written, wherever they stand in it: names and ids, labels and annotations, snapshots, classes and what they
//! hand to a provider.

use super::{Lowering, Node, Span, Value, found, name_of, of_text, shape_of, value_place};
use crate::omni::{Document, Of};
use crate::origin::Lines;

/// Looks through documents, but for what was looked through where it was read: the content of patches, manifests and health checks.
pub fn documents<'d>(lowering: &mut Lowering<'_, '_>, all: impl IntoIterator<Item = &'d Document>) {
    for document in all {
        if matches!(document.of, Of::Patch | Of::Manifest) {
            continue;
        }
        for node in &document.nodes {
            let is_patch = matches!(document.of, Of::Machines(_));
            Written { lowering: &mut *lowering, is_patch }.node(node, None, None);
        }
    }
}

struct Written<'w, 'f, 'a> {
    lowering: &'w mut Lowering<'f, 'a>,
    /// It is a patch of a machine that a class picks up.
    is_patch: bool,
}

impl Written<'_, '_, '_> {
    /// A node, the place of what it stands in, and its name.
    fn node(&mut self, node: &Node, around: Option<Span>, name: Option<&str>) {
        let own = self.lowering.origins.span(node.origin).or(around);
        match &node.value {
            Value::Map(map) => {
                for (key, inner) in map.iter() {
                    // What was read as the content of something was looked through then.
                    if is_content(name, key) || self.is_patch && name == Some("spec") && key == "data" {
                        continue;
                    }
                    shape_of(self.lowering, key, inner, own);
                    self.node(inner, own, Some(name_of(map, key)));
                }
            }
            Value::Seq(items) => items.iter().for_each(|item| self.node(item, own, name)),
            Value::Str(text) => {
                if let Some((what, secret)) = of_text(name, text)
                    && let Some(at) = self.place(node, text, secret).or(own)
                {
                    let at = value_place(self.lowering, at, Some(secret));
                    self.lowering.report(found(at, what, secret));
                }
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => {}
        }
    }

    /// Where a secret in a text was written whose lines have places of their own.
    fn place(&self, node: &Node, text: &str, secret: &str) -> Option<Span> {
        let Some(Lines::Each(lines)) = self.lowering.origins.lines(node.origin) else { return None };
        let start = secret.as_ptr() as usize - text.as_ptr() as usize;
        let line = text[..start].bytes().filter(|byte| *byte == b'\n').count();
        self.lowering.origins.span(*lines.get(line)?)
    }
}

/// Whether a key of an element of some list holds patches or objects.
fn is_content(list: Option<&str>, key: &str) -> bool {
    matches!((list, key), (Some("patches" | "manifests"), "inline") | (Some("healthchecks"), "job"))
}
