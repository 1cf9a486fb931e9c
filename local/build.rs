//! Puts the sample events into the program, so that it has them wherever it is installed.

use std::{
    env,
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../events");
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut paths = fs::read_dir(&directory)?
        .map(|file| file.map(|file| file.path()))
        .collect::<Result<Vec<PathBuf>, _>>()?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    paths.sort();
    let mut list = String::from("&[\n");
    for path in paths {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or("a name is not UTF-8")?;
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(
            list,
            "    ({name:?}, include_str!({:?})),",
            path.canonicalize()?
        )?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("events.rs"), list)?;
    Ok(())
}
