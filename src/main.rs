//! The command line; see the library for everything else.

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let dir = std::path::Path::new(&args[0]);
    let loader = talosc::source::disk::DiskLoader::new(dir).unwrap();
    let compilation = talosc::driver::compile(&loader, &args[1..]);
    let names = &compilation.flattener.types.names;
    for d in &compilation.documents {
        let f = talosc::omni::render(d, names.path(d.entry), "omni");
        println!("=== {}\n{}", f.path, f.text);
    }
    eprintln!(
        "{}",
        talosc::diagnostics::render::render(&compilation.findings, &names.sources, &Default::default())
    );
    eprintln!("std bytes {}", names.std_bytes);
}
