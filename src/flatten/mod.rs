//! Inheritance: operations of parents, mixins and bodies become fields with their whole history.

/// Fields.
#[derive(Debug, Default, Clone)]
pub struct Fields;
impl Fields {
    /// Same.
    pub fn same(&self, _o: &Fields) -> bool {
        true
    }
}
