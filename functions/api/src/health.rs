//! `/healthz`: whether the process answers. It asks nothing of the table, so that a load
//! balancer's curiosity costs nothing and an outage of the table does not restart the servers.

use axum::Json;
use serde::Serialize;

use crate::{
    fields::{Field, Kind, Shape},
    routes::{Answer, Routes},
};

pub(crate) fn routes() -> Routes {
    Routes::tagged("Service", "The service itself; these ask for no key.")
        .get(
            "/healthz",
            health,
            "health.retrieve",
            "Whether the service answers",
        )
        .open()
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

const HEALTH: Shape = Shape::answer(
    "Health",
    &[Field::new("status", Kind::Constant("ok"), "It does.")],
);

impl Answer for Health {
    const KIND: Kind = Kind::Object(&HEALTH);
}

async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}
