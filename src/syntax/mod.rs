//! Text to tree. Parsing never fails: it gives a tree of what could be read, and findings.
//!
//! The splitter cuts the text into items and the reader reads each. What it refuses is no item of the grammar: pest says where the
//! mistake is, and the item is cut again at the next level, so that one mistake costs one item. `lex` alone knows where a token ends. Only
//! `parser` and `explain` (and the judge of the reader, in its tests) can name pest's rules. This phase reads one file and looks up no
//! name.

pub mod ast;
mod climb;
mod conflict;
pub mod docs;
mod errors;
mod explain;
mod habits;
mod lex;
mod parser;
mod read;
mod split;
pub(crate) mod strings;
pub mod tokens;
pub mod write;

pub(crate) use explain::{Foreign, foreign, is_template};
pub(crate) use habits::is_dash;
pub use parser::{parse, parse_range};
pub use split::MAX_DEPTH;
pub use strings::place as place_in_string;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::source::FileId;

    fn findings(text: &str) -> Vec<String> {
        let mut out = Diagnostics::new();
        parse(FileId(0), text, &mut out);
        out.finish().iter().map(|d| d.message.clone()).collect()
    }

    #[test]
    fn one_mistake_gives_one_finding_and_the_rest_is_read() {
        assert_eq!(
            findings("role a {\n x = 3; y = 4\n z: 3\n w = 1 v = 2\n}\nrole b { z = 1 }\n"),
            [
                "`;` is not part of the language",
                "a field is set with `=`, not with `:`",
                "unexpected `=`: two fields on one line need a `,` between them",
            ]
        );
        assert_eq!(
            findings("role a {\n x = [ \n y = 3\n role b {}\nrole c {}"),
            ["this `{` is never closed"]
        );
        assert_eq!(
            findings(
                "invariant g for role r {\n when r.gpu == nvidia and not (count r.x > 3)\n require all x in r.xs: x in [a, b]\n}\n"
            ),
            [""; 0]
        );
    }
}
