//! Placement: fields of a lower level on those of a higher one.
