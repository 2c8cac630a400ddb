//! Lists that Omni replaces whole from level to level: what a node gets is resolved here.

use crate::flatten::{Elem, Fields};
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::tree::{Node, Origin};
use crate::typing::Val;

/// The extensions of a level, if it must say them: its own view whole, with those of the boot image, since Omni drops those as
/// soon as it gets a list. `None` if the level changes nothing.
pub(super) fn extensions(lowering: &mut Lowering<'_, '_>, own: &Fields, view: &[&Fields]) -> Option<Node> {
    let slot = own.get("extensions")?;
    let origin = lowering.origins.of(slot);
    let mut seen: Vec<Text> = Vec::new();
    let mut items = Vec::new();
    for field in ["preinstalled", "extensions"] {
        for fields in view {
            for elem in fields.list(field).into_iter().flat_map(|list| &list.items) {
                if let Some(image) = image(lowering, elem)
                    && !seen.contains(&image)
                {
                    seen.push(image.clone());
                    let origin = lowering.origins.at(elem.span, elem.owner);
                    items.push(Node::str(image, origin));
                }
            }
        }
    }
    Some(Node::seq(items, origin))
}

/// The name of an extension in Omni: `siderolabs/NAME` unless it says another image.
fn image(lowering: &mut Lowering<'_, '_>, elem: &Elem) -> Option<Text> {
    let Val::Ref(id, args) = &elem.val else { return None };
    let flat = lowering.flattener.flat(*id, args, None);
    match flat.fields.leaf("image") {
        Some(Val::Str(image)) => Some(image.clone()),
        _ => Some(format!("siderolabs/{}", lowering.flattener.types.names.decl(*id).name).into()),
    }
}

/// Kernel arguments of a level, whole.
pub(super) fn kernel_args(lowering: &mut Lowering<'_, '_>, own: &Fields, view: &Fields) -> Option<Node> {
    let slot = own.at(&["kernel", "args"])?;
    let origin = lowering.origins.of(slot);
    let list = view.at(&["kernel", "args"])?.list()?;
    Some(Node::seq(lowering.texts(list), origin))
}

/// A number as text origin-free, for keys that the compiler writes itself.
pub(super) fn fixed(text: &'static str) -> Node {
    Node::str(Text::new_static(text), Origin::NONE)
}
