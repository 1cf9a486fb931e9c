//! What can be asked of the program.

pub(crate) mod liability;
pub(crate) mod replay;
pub(crate) mod serve;
