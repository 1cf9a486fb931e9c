//! What can be asked of the program.

use std::path::Path;

use anyhow::bail;
use laurel::{embedded::Embedded, stack};

pub(crate) mod audit;
pub(crate) mod liability;
pub(crate) mod replay;
pub(crate) mod serve;

/// The store that a stack, which is stopped by now, keeps in this directory.
fn kept_store(data: &Path) -> anyhow::Result<Embedded> {
    let file = data.join(stack::DATABASE);
    if !file.is_file() {
        bail!("there is no ledger in {}", data.display());
    }
    Ok(Embedded::open(&file)?)
}
