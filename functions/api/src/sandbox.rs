//! `/v1/sandbox`: what only a sandbox serves. In live mode these routes do not exist.

mod cards;
mod clock;
mod payments;

use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    clock::routes().merge(payments::routes())
}
