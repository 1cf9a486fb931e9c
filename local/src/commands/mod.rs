//! What can be asked of the program.

pub(crate) mod replay;
pub(crate) mod serve;
