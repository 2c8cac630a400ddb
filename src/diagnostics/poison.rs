//! What is not known of a thing because something upstream is wrong.
//!
//! One mistake gives one finding: who meets a mistake reports it and marks what it was met in, and who asks something of a marked
//! thing stays silent about what the mark leaves open. The mark goes along with what is made of the thing:
//!
//! | thing | marked by | with |
//! |---|---|---|
//! | parameter, typed declaration | `typing` | what was wrong in it, and which bases and providers were not found |
//! | flat declaration | `flatten` | that, and whether anything that it inherits is marked |
//! | cluster | `fleet` | that of its declaration, and whether it lacks its control planes |
//! | set | `fleet` | whether its cluster or its role is marked |
//!
//! Two other things have marks of their own. An item of a tree is `broken` where its text could not be read; typing marks the
//! declaration for it. A file is incomplete where a name that is not found in it may be lost: that is asked of names, not of things.

use std::ops::{BitOr, BitOrAssign};

/// What is not known of a thing: nothing, or several of its constants. What is known of two things together is not known of
/// either, so marks are joined with `|`, in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Poison(u8);

impl Poison {
    /// All is known.
    pub const NONE: Poison = Poison(0);
    /// Something in the thing itself was wrong: any part of it may not be what was meant.
    pub const WRONG: Poison = Poison(1);
    /// Something in what it inherits or is placed under is marked: any of what comes from there may not be what was meant.
    pub const INHERITED: Poison = Poison(1 << 1);
    /// A base or mixin was not found: what it would have set is not known.
    pub const BASE_LOST: Poison = Poison(1 << 2);
    /// A parent or provider was not found: the fields that it would have declared are not known, and what it would have set is not.
    pub const SCHEMA_LOST: Poison = Poison(1 << 3 | Self::BASE_LOST.0);

    /// Whether the whole of it can be judged. Rules ask this before they say that something is missing, or does not fit together.
    pub fn is_clean(self) -> bool {
        self == Poison::NONE
    }

    /// Whether something may be set that is not seen: flattening asks this before it says that there is nothing to change or remove.
    pub fn may_miss_values(self) -> bool {
        self.has(Poison::BASE_LOST) || self.has(Poison::INHERITED)
    }

    /// Whether it may have fields that are not seen: typing asks this before it says that there is no such field.
    pub fn may_miss_fields(self) -> bool {
        self.has(Poison::SCHEMA_LOST)
    }

    /// The mark of what inherits from the thing, or is placed under it.
    #[must_use]
    pub fn inherited(self) -> Poison {
        if self.is_clean() { Poison::NONE } else { Poison::INHERITED }
    }

    /// A mark if a condition holds.
    #[must_use]
    pub fn when(self, holds: bool) -> Poison {
        if holds { self } else { Poison::NONE }
    }

    fn has(self, part: Poison) -> bool {
        self.0 & part.0 == part.0
    }
}

impl BitOr for Poison {
    type Output = Poison;

    fn bitor(self, other: Poison) -> Poison {
        Poison(self.0 | other.0)
    }
}

impl BitOrAssign for Poison {
    fn bitor_assign(&mut self, other: Poison) {
        *self = *self | other;
    }
}

#[cfg(test)]
mod tests {
    use super::Poison;

    #[test]
    fn each_mark_answers_its_questions() {
        let answers =
            |poison: Poison| (poison.is_clean(), poison.may_miss_values(), poison.may_miss_fields());
        assert_eq!(answers(Poison::NONE), (true, false, false));
        assert_eq!(answers(Poison::WRONG), (false, false, false));
        assert_eq!(answers(Poison::INHERITED), (false, true, false));
        assert_eq!(answers(Poison::BASE_LOST), (false, true, false));
        assert_eq!(answers(Poison::SCHEMA_LOST), (false, true, true));
        assert_eq!(answers(Poison::WRONG | Poison::SCHEMA_LOST), (false, true, true));
    }

    #[test]
    fn what_is_marked_marks_its_heirs() {
        assert_eq!(Poison::NONE.inherited(), Poison::NONE);
        assert_eq!(Poison::SCHEMA_LOST.inherited(), Poison::INHERITED);
    }
}
