//! The routes that begin and end an account's active life.

use axum::Json;
use laurel_rules::{Code, Refusal};

use super::{BASE, TAG, object::AccountObject};
use crate::{
    AppState,
    body::{Body, NoFields},
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::Routes,
};

pub(super) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(TAG.0, TAG.1)
        .post(
            &format!("{BASE}/merge"),
            merge,
            "accounts.merge",
            "Merge an account into another",
        )
        .about(
            "`source` ends with nothing and points at `target`, which takes over its points, each \
             with its expiry, its lifetime points, its uses of caps and its transactions. Its \
             customer and email lead to `target` from then on. Answers `target`.",
        )
        .refuses(&[
            Code::MergeWithItself,
            Code::ProgramMismatch,
            Code::ResourceMissing,
            Code::AccountMerged,
            Code::AccountNotActive,
        ])
        .post(
            &format!("{one}/close"),
            close,
            "accounts.close",
            "Close an account",
        )
        .about(
            "It earns nothing from then on and keeps its points, which expire as they would. \
             Another account may take its customer and its email. Closing it again changes \
             nothing.",
        )
        .refuses(&[Code::AccountMerged])
        .post(
            &format!("{one}/reopen"),
            reopen,
            "accounts.reopen",
            "Reopen a closed account",
        )
        .about("Answers 409 where another active account has its customer or its email by now.")
        .refuses(&[Code::AccountMerged, Code::AccountAlreadyExists])
        .delete(
            &format!("{one}/personal_data"),
            erase,
            "accounts.erase_personal_data",
            "Erase personal data",
        )
        .about(
            "Erases customer, email and metadata, of accounts that were merged into it as well, \
             and closes it. Its transactions stay. Should a call die on the way, the same call \
             finishes it.",
        )
        .refuses(&[Code::AccountMerged])
}

struct Merge {
    source: String,
    target: String,
}

impl FromFields for Merge {
    const SHAPE: Shape = Shape::of(
        "a merge of accounts",
        &[
            Field::new("source", Kind::Id, "The account that ends.")
                .example("loy_guest")
                .required(),
            Field::new("target", Kind::Id, "The account that survives.")
                .example("loy_7Qk2")
                .required(),
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Merge, Refusal> {
        Ok(Merge {
            source: fields.required("source", Fields::id)?,
            target: fields.required("target", Fields::id)?,
        })
    }
}

async fn close(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(NoFields): Body<NoFields>,
) -> Result<Json<AccountObject>, ApiError> {
    Ok(Json(state.ledger.close_account(&id).await?.into()))
}

async fn reopen(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(NoFields): Body<NoFields>,
) -> Result<Json<AccountObject>, ApiError> {
    Ok(Json(state.ledger.reopen_account(&id).await?.into()))
}

async fn merge(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(Merge { source, target }): Body<Merge>,
) -> Result<Json<AccountObject>, ApiError> {
    let survivor = state.ledger.merge_accounts(&source, &target, seed).await?;
    Ok(Json(survivor.into()))
}

async fn erase(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<AccountObject>, ApiError> {
    Ok(Json(state.ledger.erase_personal_data(&id).await?.into()))
}
