//! `/v1/loyalty/programs`

use std::collections::BTreeMap;

use axum::{Json, http::Uri};
use jiff::{Timestamp, tz::TimeZone};
use laurel_ledger::{PageRequest, TimeRange};
use laurel_rules::{
    Code, Program, Refusal,
    archive::ARCHIVE_DAYS_MAX,
    budget::Budget,
    exact::Rounding,
    id::ID_LEN_MAX,
    landing::LandingSettings,
    program::{self, Expiry, ExpiryAfter, NegativeBalance, REMINDER_DAYS_MAX, RedeemRate},
    referral::{Blocked, Qualify, ReferralReward, Velocity},
    tier::{Downgrade, TierBasis, TierPeriod},
};
use serde::Serialize;

use crate::{
    AppState,
    accounts::CREATED,
    body::Body,
    budgets::{BUDGET, BudgetForm, BudgetObject, budget, set_budget},
    caller::{Caller, State},
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, CREATED_THEN, List, PAGE_FIELDS},
    metadata::{METADATA, MetadataChange},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Created, Routes},
    settings::{self, ARCHIVE_DAYS, EXPIRES, PENDING_DAYS, REMINDER_DAYS, set},
    shape::words,
    store_credit,
};

mod landing;
mod redeeming;
mod referrals;
mod tier_evaluation;
mod tiers;

pub(crate) use redeeming::REDEEM_RATE;
use redeeming::redeem_rate;
use referrals::ReferralChange;
pub(crate) use referrals::{
    QUALIFY, REWARD as REFERRAL_REWARD, qualify, reward as referral_reward,
};
use tiers::TierPolicyChange;

const BASE: &str = "/v1/loyalty/programs";
const PREFIX: &str = "prog_";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(
        "Programs",
        "The settings that all members of a loyalty program share. A fresh deployment has one, \
         `prog_default`.",
    )
    .get(BASE, list, "programs.list", "List programs")
    .post(BASE, create, "programs.create", "Create a program")
    .refuses(&[Code::ProgramAlreadyExists])
    .get(one, retrieve, "programs.retrieve", "Retrieve a program")
    .post(one, update, "programs.update", "Update a program")
    .about(
        "What is absent stays; an object replaces the one before wholly, but `metadata` merges. A \
         change is in force with the next event.",
    )
    .patch(one, update, "programs.patch", "Update a program, by PATCH")
    .get(
        &format!("{one}/budget"),
        budget_use,
        "programs.budget",
        "Retrieve what is used of a program's budget",
    )
    .about("In the current window, exact at some moment while this is answered.")
    .post(
        &format!("{one}/tier_evaluation"),
        tier_evaluation::start,
        "programs.evaluate_tiers",
        "Evaluate the tiers of all members",
    )
    .about(
        "After a change of tiers members are evaluated with their next event; this evaluates all of \
         them, in the background. One that is under way starts over.",
    )
    .get(
        &format!("{one}/tier_evaluation"),
        tier_evaluation::progress,
        "programs.tier_evaluation",
        "Retrieve the progress of an evaluation",
    )
}

const SETTINGS: [Field; 26] = [
    Field::new(
        "name",
        Kind::Text(""),
        "What you call it; its id where absent.",
    )
    .example("Perks"),
    Field::new("currency", Kind::Text(""), "What points are called.").example("points"),
    Field::new(
        "timezone",
        Kind::Text("iana-time-zone"),
        "The IANA time zone of calendar windows and expiry.",
    )
    .example("Europe/Berlin"),
    Field::new(
        "rounding",
        Kind::Choice(&words(&ROUNDINGS)),
        "How exact awards become whole points.",
    ),
    Field::new(
        "auto_enroll",
        Kind::Boolean,
        "Whether an event of an unknown customer enrols that customer.",
    ),
    Field::new(
        "negative_balance",
        Kind::Choice(&words(&NEGATIVE_BALANCES)),
        "What a clawback does when the points are spent already: `allow` lets the balance go \
         below zero, `clamp` writes the rest off.",
    ),
    PENDING_DAYS,
    EXPIRES,
    store_credit::EXPIRES,
    BUDGET,
    tiers::TIER_BASIS,
    tiers::TIER_PERIOD,
    tiers::DOWNGRADE,
    tiers::GRACE_DAYS,
    REMINDER_DAYS,
    ARCHIVE_DAYS,
    REFERRAL_REWARD,
    QUALIFY,
    referrals::VELOCITY,
    referrals::CODE_PREFIX,
    referrals::SIGNUP_URL,
    referrals::BLOCKED,
    landing::LANDING,
    REDEEM_RATE,
    redeeming::CANCEL_ON_REFUND,
    METADATA,
];

const PROGRAM: Shape = Shape::answer(
    "Program",
    &[
        Field::new("id", Kind::Id, "`prog_…`").example("prog_default"),
        Field::new("object", Kind::Constant("program"), "What this is."),
        CREATED,
    ],
)
.and(&SETTINGS);

impl Answer for ProgramObject {
    const KIND: Kind = Kind::Object(&PROGRAM);
}

/// A program as clients see it: without its salt.
#[derive(Debug, Serialize)]
pub(crate) struct ProgramObject {
    id: String,
    object: &'static str,
    name: String,
    currency: String,
    timezone: String,
    rounding: Rounding,
    auto_enroll: bool,
    negative_balance: NegativeBalance,
    pending_days: u16,
    expires: Option<Expiry>,
    store_credit_expires: Option<ExpiryAfter>,
    budget: Option<BudgetForm>,
    tier_basis: TierBasis,
    tier_period: TierPeriod,
    downgrade: Option<Downgrade>,
    grace_days: u16,
    reminder_days: u16,
    archive_days: u16,
    reward: Option<ReferralReward>,
    qualify: Option<Qualify>,
    velocity: Velocity,
    code_prefix: Option<String>,
    signup_url: Option<String>,
    blocked: Option<Blocked>,
    landing: Option<LandingSettings>,
    redeem_rate: Option<RedeemRate>,
    cancel_redemptions_on_refund: bool,
    metadata: BTreeMap<String, String>,
    created: Timestamp,
}

impl From<Program> for ProgramObject {
    fn from(program: Program) -> ProgramObject {
        ProgramObject {
            object: "program",
            timezone: program.timezone_name().to_owned(),
            id: program.id,
            name: program.name,
            currency: program.currency,
            rounding: program.rounding,
            auto_enroll: program.auto_enroll,
            negative_balance: program.negative_balance,
            pending_days: program.pending_days,
            expires: program.expires,
            store_credit_expires: program.store_credit_expires,
            budget: program.budget.map(BudgetForm::from),
            tier_basis: program.tiers.basis,
            tier_period: program.tiers.period,
            downgrade: program.tiers.downgrade,
            grace_days: program.tiers.grace_days,
            reminder_days: program.reminder_days,
            archive_days: program.archive_days,
            reward: program.referrals.reward,
            qualify: program.referrals.qualify,
            // What holds, also where nothing is said of it.
            velocity: program.referrals.velocity.unwrap_or_default(),
            code_prefix: program.referrals.code_prefix,
            signup_url: program.referrals.signup_url,
            blocked: program.referrals.blocked,
            landing: program.landing,
            redeem_rate: program.redeem_rate,
            cancel_redemptions_on_refund: program.cancel_redemptions_on_refund,
            metadata: program.metadata,
            created: program.created,
        }
    }
}

/// How exact awards may be rounded.
pub(crate) const ROUNDINGS: [(&str, Rounding); 4] = [
    ("floor", Rounding::Floor),
    ("half_up", Rounding::HalfUp),
    ("half_even", Rounding::HalfEven),
    ("ceil", Rounding::Ceil),
];

const NEGATIVE_BALANCES: [(&str, NegativeBalance); 2] = [
    ("allow", NegativeBalance::Allow),
    ("clamp", NegativeBalance::Clamp),
];

/// What an update may say; absent fields stay.
#[derive(Debug, Default)]
struct ProgramChange {
    name: Option<String>,
    currency: Option<String>,
    timezone: Option<TimeZone>,
    rounding: Option<Rounding>,
    auto_enroll: Option<bool>,
    negative_balance: Option<NegativeBalance>,
    pending_days: Option<u16>,
    expires: Option<Option<Expiry>>,
    store_credit_expires: Option<Option<ExpiryAfter>>,
    budget: Option<Option<Budget>>,
    tiers: TierPolicyChange,
    reminder_days: Option<u16>,
    archive_days: Option<u16>,
    referrals: ReferralChange,
    landing: Option<Option<LandingSettings>>,
    redeem_rate: Option<Option<RedeemRate>>,
    cancel_redemptions_on_refund: Option<bool>,
    metadata: MetadataChange,
}

impl FromFields for ProgramChange {
    const SHAPE: Shape = Shape::of("an update of a program", &SETTINGS)
        .read_only(&["id", "object", "created", "salt"]);

    fn from_fields(fields: &mut Fields) -> Result<ProgramChange, Refusal> {
        Ok(ProgramChange {
            name: fields.text("name")?,
            currency: fields.text("currency")?,
            timezone: fields
                .text("timezone")?
                .map(|name| program::timezone(&name))
                .transpose()?,
            rounding: fields.choice("rounding", &ROUNDINGS)?,
            auto_enroll: fields.boolean("auto_enroll")?,
            negative_balance: fields.choice("negative_balance", &NEGATIVE_BALANCES)?,
            pending_days: settings::pending_days(fields, "pending_days")?,
            expires: fields.nullable("expires", settings::expiry)?,
            store_credit_expires: fields
                .nullable("store_credit_expires", settings::expiry_after)?,
            budget: fields.nullable("budget", budget)?,
            tiers: TierPolicyChange::read(fields)?,
            reminder_days: settings::days(fields, "reminder_days", REMINDER_DAYS_MAX)?,
            archive_days: settings::days(fields, "archive_days", ARCHIVE_DAYS_MAX)?,
            referrals: ReferralChange::read(fields)?,
            landing: fields.nullable("landing", landing::landing)?,
            redeem_rate: fields.nullable("redeem_rate", redeem_rate)?,
            cancel_redemptions_on_refund: fields.boolean("cancel_redemptions_on_refund")?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

impl ProgramChange {
    fn apply(&self, program: &mut Program) -> Result<(), Refusal> {
        set(&mut program.name, self.name.as_ref());
        set(&mut program.currency, self.currency.as_ref());
        set(&mut program.timezone, self.timezone.as_ref());
        set(&mut program.rounding, self.rounding.as_ref());
        set(&mut program.auto_enroll, self.auto_enroll.as_ref());
        set(
            &mut program.negative_balance,
            self.negative_balance.as_ref(),
        );
        set(&mut program.pending_days, self.pending_days.as_ref());
        set(&mut program.expires, self.expires.as_ref());
        set(
            &mut program.store_credit_expires,
            self.store_credit_expires.as_ref(),
        );
        set_budget(&mut program.budget, self.budget);
        self.tiers.apply(&mut program.tiers);
        set(&mut program.reminder_days, self.reminder_days.as_ref());
        set(&mut program.archive_days, self.archive_days.as_ref());
        self.referrals.apply(&mut program.referrals);
        set(&mut program.landing, self.landing.as_ref());
        set(&mut program.redeem_rate, self.redeem_rate.as_ref());
        set(
            &mut program.cancel_redemptions_on_refund,
            self.cancel_redemptions_on_refund.as_ref(),
        );
        self.metadata.apply(&mut program.metadata)
    }
}

/// What a creation may say: an update of the defaults, and an id.
#[derive(Debug)]
struct ProgramCreation {
    id: Option<String>,
    settings: ProgramChange,
}

impl FromFields for ProgramCreation {
    const SHAPE: Shape = Shape::of(
        "a new program",
        &[Field::new(
            "id",
            Kind::Prefixed(PREFIX, ID_LEN_MAX),
            "An id of your own choice, which starts with `prog_`.",
        )
        .example("prog_perks")],
    )
    .and(&SETTINGS)
    .read_only(&["object", "created", "salt"]);

    fn from_fields(fields: &mut Fields) -> Result<ProgramCreation, Refusal> {
        Ok(ProgramCreation {
            id: settings::new_id(fields, PREFIX)?,
            settings: ProgramChange::from_fields(fields)?,
        })
    }
}

struct Programs {
    created: TimeRange,
    page: PageRequest,
}

impl FromFields for Programs {
    const SHAPE: Shape = Shape::of("the list of programs", &[CREATED_THEN]).and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Programs, Refusal> {
        Ok(Programs {
            created: list::created(fields)?,
            page: list::page(fields)?,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<ProgramCreation>,
) -> Result<Created<ProgramObject>, ApiError> {
    // It could not see what it makes, and would learn which ids are taken.
    caller.of_all_programs()?;
    let id = creation.id.unwrap_or_else(|| seed.id(PREFIX));
    let mut program = state.ledger.new_program(Some(id));
    creation.settings.apply(&mut program)?;
    let program = state
        .ledger
        .create_program(program, &seed.to_text())
        .await?;
    Ok(Created(program.into()))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(programs): Query<Programs>,
) -> Result<Json<List<ProgramObject>>, ApiError> {
    let page = state
        .ledger
        .programs(programs.created, &programs.page)
        .await?;
    Ok(List::of(page, &uri, ProgramObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<ProgramObject>, ApiError> {
    Ok(Json(state.ledger.program(&id).await?.into()))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(change): Body<ProgramChange>,
) -> Result<Json<ProgramObject>, ApiError> {
    let program = state
        .ledger
        .update_program(&id, |program| change.apply(program))
        .await?;
    Ok(Json(program.into()))
}

async fn budget_use(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<BudgetObject>, ApiError> {
    let found = state.ledger.program_budget(&id).await?;
    Ok(Json(BudgetObject::of(found)?))
}
