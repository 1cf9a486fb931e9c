//! `/v1/loyalty/simulations`: what other rules would have given.

use axum::{Json, http::Uri};
use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{Listing, SIMULATED_EVENTS_MAX, StoredSimulation};
use laurel_rules::{
    Code, Refusal, Rule,
    archive::ARCHIVE_DAYS_MAX,
    event::{REFERRAL_ATTRIBUTED, REFERRAL_CONVERTED},
    rule::Recipient,
};

use crate::{
    AppState,
    accounts::{PROGRAM, program},
    body::Body,
    caller::State,
    deleted::Deleted,
    earning_rules::change::RuleCandidate,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::List,
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Accepted, Routes},
};

mod object;

use object::{FROM, NAME, REPLACE, SimulationObject, TO};

const BASE: &str = "/v1/loyalty/simulations";
const PREFIX: &str = "sim_";
/// The most candidate rules.
const RULES_MAX: usize = 100;

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(
        "Simulations",
        "What if: events of the past run once more under other rules, compared with what happened. \
         Nothing is written to the ledger.",
    )
    .get(BASE, list, "simulations.list", "List simulations")
    .refuses(&[Code::ResourceMissing])
    .post(BASE, create, "simulations.create", "Run a simulation")
    .about(
        "It is begun within a minute and takes seconds to minutes; read it until its `status` is \
         `finished` or `failed`. What is exact and what is not says docs/simulations.md. \
         Simulations are kept for 30 days.",
    )
    .refuses(&[Code::ResourceMissing])
    .get(
        one,
        retrieve,
        "simulations.retrieve",
        "Retrieve a simulation",
    )
    .delete(one, remove, "simulations.delete", "Delete a simulation")
    .about("One that is being run stops.")
}

const CANDIDATE: Kind = Kind::Object(&RuleCandidate::SHAPE);

/// A simulation as it is asked for.
struct Creation {
    program: String,
    name: Option<String>,
    from: Timestamp,
    to: Option<Timestamp>,
    replace: bool,
    rules: Vec<RuleCandidate>,
}

impl FromFields for Creation {
    const SHAPE: Shape = Shape::of(
        "a new simulation",
        &[
            PROGRAM,
            NAME.nullable(),
            FROM.required(),
            Field {
                about: "The end of the range, exclusive; now where absent. At most 400 days on.",
                ..TO
            }
            .nullable(),
            REPLACE,
            Field::new(
                "rules",
                Kind::List(&CANDIDATE, 0, RULES_MAX),
                "The candidate rules, as `POST /v1/loyalty/earning_rules` takes them, or those of \
                 the program by their `id` with what is to be otherwise.",
            )
            .example(
                "[{\"trigger\": \"payment.completed\", \"award\": {\"type\": \"per_amount\", \
                 \"per\": 100, \"points\": 2}}]",
            )
            .required(),
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Creation, Refusal> {
        Ok(Creation {
            program: program(fields)?,
            name: fields.nullable("name", Fields::text)?.flatten(),
            from: fields.required("from", Fields::instant)?,
            to: fields.nullable("to", Fields::instant)?.flatten(),
            replace: fields.boolean("replace")?.unwrap_or(true),
            rules: candidates(fields)?,
        })
    }
}

fn candidates(fields: &mut Fields) -> Result<Vec<RuleCandidate>, Refusal> {
    let mut rules = fields.required("rules", |fields, name| {
        fields.objects(name, &RuleCandidate::SHAPE)
    })?;
    if rules.len() > RULES_MAX {
        let problem = format!("must be a list of at most {RULES_MAX} objects");
        return Err(fields.invalid("rules", &problem));
    }
    rules.iter_mut().map(RuleCandidate::read).collect()
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<Creation>,
) -> Result<Accepted<SimulationObject>, ApiError> {
    let catalog = state.ledger.catalog(&creation.program).await?;
    let now = state.ledger.time_of(&creation.program).await?;
    let to = creation.to.unwrap_or(now);
    check_range(creation.from, to, now)?;
    let known = catalog.all_rules().into_iter();
    let known: Vec<Rule> = known.map(|compiled| (*compiled.rule).clone()).collect();
    let mut rules: Vec<Rule> = Vec::with_capacity(creation.rules.len());
    for (place, candidate) in creation.rules.into_iter().enumerate() {
        let at = format!("rules[{place}]");
        // Rules of one instant are tried in the order of their ids.
        let id = format!("candidate_{:03}", place + 1);
        let rule = candidate.into_rule(&known, id, &creation.program, now);
        let rule = rule.and_then(check_recipient);
        let rule = rule.map_err(|refusal| refusal.within(&at))?;
        if rules.iter().any(|other| other.id == rule.id) {
            let message = format!("`{at}.id` is that of another candidate.");
            return Err(Refusal::invalid(format!("{at}.id"), message).into());
        }
        rules.push(rule);
    }
    let range = (creation.from, to);
    let id = seed.id(PREFIX);
    let mut simulation = StoredSimulation::new(id, creation.program, range, rules, now);
    simulation.name = creation.name;
    simulation.replace = creation.replace;
    let kept = state
        .ledger
        .create_simulation(simulation, &seed.to_text())
        .await?;
    Ok(Accepted(kept.into()))
}

fn check_range(from: Timestamp, to: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if to > now {
        let message = format!("`to` must not be after the program's time, which is {now}.");
        return Err(Refusal::invalid("to", message));
    }
    if from >= to {
        let message = "`from` must be before `to`.";
        return Err(Refusal::invalid("from", message));
    }
    let longest = SignedDuration::from_hours(24 * i64::from(ARCHIVE_DAYS_MAX));
    if to.duration_since(from) > longest {
        let message = format!("`from` must be at most {ARCHIVE_DAYS_MAX} days before `to`.");
        return Err(Refusal::invalid("from", message));
    }
    Ok(())
}

/// What referrals gave happens again as it did.
fn check_recipient(rule: Rule) -> Result<Rule, Refusal> {
    let param = match (&rule.recipient, rule.trigger.as_str()) {
        (Recipient::Referrer | Recipient::Referee, _) => "recipient",
        (_, REFERRAL_ATTRIBUTED | REFERRAL_CONVERTED) => "trigger",
        _ => return Ok(rule),
    };
    let message = "A simulation takes what referrals gave as it was; leave out rules for them.";
    Err(Refusal::invalid(param, message))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(listing): Query<Listing>,
) -> Result<Json<List<SimulationObject>>, ApiError> {
    let Listing {
        program,
        created,
        page,
    } = listing;
    state.ledger.program(&program).await?;
    let page = state.ledger.simulations(&program, created, &page);
    Ok(List::of(page.await?, &uri, SimulationObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<SimulationObject>, ApiError> {
    Ok(Json(state.ledger.simulation(&id).await?.into()))
}

async fn remove(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<Deleted>, ApiError> {
    let gone = state.ledger.delete_simulation(&id).await?;
    Ok(Json(Deleted::of("simulation", gone.id)))
}

const _: () = assert!(
    SIMULATED_EVENTS_MAX == 300_000,
    "docs/simulations.md says so"
);
