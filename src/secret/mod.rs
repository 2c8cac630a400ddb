//! What is secret, and how it is kept from being shown: one place for both.
//!
//! A value is secret for one of three reasons, and [`found`] is the only function that says so of a text: it has the *shape* of a
//! well-known key (`shapes`), the *name* before it says that it is one (`names`), or it stands at a *place* that is known to be
//! secret, which is asked of the table of places where values are typed, and of [`names::at_place`] where there is only text. What
//! stands in for a secret (`REPLACE-ME`, `${TOKEN}`, `ENC[…]`) is none (`harmless`).
//!
//! [`Vault`] remembers the secrets of a run and masks them in all that is printed: no eight characters of a secret that stand beside
//! one another leave it, however a message cuts the value. It is filled only when there is something to print.

mod harmless;
mod mask;
mod names;
mod shapes;
mod text;
mod vault;

use std::ops::Range;

pub use harmless::stands_in;
pub use mask::mask;
pub(crate) use mask::visible;
pub use names::{at_place, is_harmless_header, named};
pub use text::{is_harmless_key, scan};
pub use vault::Vault;

use crate::text::is_uuid;

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub range: Range<usize>,
    /// How messages call it: "a private key".
    pub what: &'static str,
}

/// The first secret in the text of one value, by its shape or by a name before it in the text.
///
/// Comments in it count for nothing unless the shape is that of a key.
pub fn found(text: &str) -> Option<Found> {
    // Nearly every value of a configuration is shorter than any key, or a UUID, and names nothing.
    let keyed = text.len() >= shapes::SHORTEST && !is_uuid(text);
    if let Some(found) = keyed.then(|| shapes::first(text)).flatten() {
        return Some(found);
    }
    if !text.bytes().any(|byte| matches!(byte, b'=' | b':')) {
        return None;
    }
    let mut first = None;
    text::values(text, text::Comments::Skip, &mut |range, what| {
        first.get_or_insert(Found { range, what });
    });
    first
}
