//! What requests say of accounts.

use laurel_rules::{
    Refusal,
    decide::NewAccount,
    id::{ACCOUNT_PREFIX, DEFAULT_PROGRAM},
};

use crate::{
    fields::{Field, Fields, FromFields, Kind, Shape},
    metadata::{METADATA, MetadataChange},
};

pub(super) const CUSTOMER: Field = Field::new(
    "customer",
    Kind::Id,
    "Your own id of the customer; events name it.",
)
.example("cust_abc123")
.nullable();
pub(super) const EMAIL: Field = Field::new(
    "email",
    Kind::Email,
    "For events that identify people by it; unique in a program.",
)
.example("anna@example.com")
.nullable();
/// The program that a thing belongs to, or that a list is of.
pub(crate) const PROGRAM: Field = Field::new(
    "program",
    Kind::Id,
    "The program; `prog_default` where a request does not say.",
)
.example("prog_default");
/// When a thing was created.
pub(crate) const CREATED: Field =
    Field::new("created", Kind::Instant, "When it was created.").example("2026-11-20T12:00:00Z");

pub(super) struct Creation(pub(super) NewAccount);

impl FromFields for Creation {
    const SHAPE: Shape = Shape::of("a new account", &[ID, PROGRAM, CUSTOMER, EMAIL, METADATA])
        .read_only(&[
            "object",
            "status",
            "balance",
            "pending",
            "lifetime_points",
            "tier",
            "tier_since",
            "tier_until",
            "next_tier",
            "store_credit",
            "referral_code",
            "referred_by",
            "merged_into",
            "created",
        ]);

    fn from_fields(fields: &mut Fields) -> Result<Creation, Refusal> {
        Ok(Creation(NewAccount {
            id: account_id(fields)?,
            program: program(fields)?,
            customer: fields.nullable("customer", Fields::id)?.flatten(),
            email: fields.nullable("email", Fields::email)?.flatten(),
            metadata: MetadataChange::read(fields)?.into_new(),
            // The ledger tells this request from others.
            ..NewAccount::default()
        }))
    }
}

/// The most characters after the prefix.
const OWN_LEN_MAX: usize = 64;

const ID: Field = Field::new(
    "id",
    Kind::Prefixed(ACCOUNT_PREFIX, ACCOUNT_PREFIX.len() + OWN_LEN_MAX),
    "The id to have, as for an import: `loy_` and 1 to 64 characters. One is made up where absent.",
)
.example("loy_imported_7");

/// The id that a new account is to have, as one that is imported.
fn account_id(fields: &mut Fields) -> Result<Option<String>, Refusal> {
    let id = fields.id("id")?;
    let fits = |id: &String| {
        let own = id.strip_prefix(ACCOUNT_PREFIX);
        own.is_some_and(|own| (1..=OWN_LEN_MAX).contains(&own.len()))
    };
    if id.as_ref().is_some_and(|id| !fits(id)) {
        let message = format!(
            "`id` must be {ACCOUNT_PREFIX} and 1 to {OWN_LEN_MAX} characters; leave it out to get \
             one."
        );
        return Err(Refusal::invalid("id", message));
    }
    Ok(id)
}

/// The program that a request is about; most deployments have one only.
pub(crate) fn program(fields: &mut Fields) -> Result<String, Refusal> {
    Ok(fields
        .id("program")?
        .unwrap_or_else(|| DEFAULT_PROGRAM.to_owned()))
}

pub(super) struct Change {
    pub(super) customer: Option<Option<String>>,
    pub(super) email: Option<Option<String>>,
    pub(super) metadata: MetadataChange,
}

impl FromFields for Change {
    const SHAPE: Shape = Shape::of("an update of an account", &[CUSTOMER, EMAIL, METADATA])
        .read_only(&[
            "id",
            "object",
            "program",
            "status",
            "balance",
            "pending",
            "lifetime_points",
            "tier",
            "tier_since",
            "tier_until",
            "next_tier",
            "store_credit",
            "referral_code",
            "referred_by",
            "merged_into",
            "created",
        ]);

    fn from_fields(fields: &mut Fields) -> Result<Change, Refusal> {
        Ok(Change {
            customer: fields.nullable("customer", Fields::id)?,
            email: fields.nullable("email", Fields::email)?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}
