//! Placeholder until the standard library is indexed.
fn main() {
    println!("cargo::rerun-if-changed=stdlib/build.rs");
}
