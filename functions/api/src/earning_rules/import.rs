//! `/v1/loyalty/earning_rules/import`: the events of a Resonance configuration as rules (spec
//! section 6).

use axum::{Json, http::Uri};
use laurel_ledger::{Configured, Wanted};
use laurel_rules::{
    POINTS_MAX, Refusal, Rule,
    event::REFERRAL_CONVERTED,
    exact::Factor,
    id,
    rule::{Award, Cap, Recipient, Window},
};

use super::{change::RuleCreation, object::RuleObject};
use crate::{
    AppState,
    accounts::{PROGRAM, program},
    body::Body,
    caller::State,
    conditions::WHEN,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::List,
    naming::Naming,
    query::{Nothing, Query},
};

/// How many events one import may have.
const EVENTS_MAX: usize = 100;
/// Minor units of a dollar.
const CENTS: i128 = 100;

/// One event of a configuration.
#[derive(Debug)]
struct Earning {
    event: String,
    award: Award,
    /// What `conditions` says, where it says anything.
    terms: Option<Terms>,
}

/// What must be so for an event to earn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Terms {
    when: Option<String>,
    is_first_time: bool,
    /// Whether it is the conversion of a referral that earns, for the referrer.
    by_referral: bool,
}

/// What keeps a rule from firing a second time.
const ONCE: Cap = Cap {
    points: None,
    awards: Some(1),
    rolling: false,
};

/// The words of Resonance's portal, each with what it means here.
const FIRST_TIME: &str = "First-time only";
const VERIFIED: &str = "Verified purchase";
const REFERRED: &str = "Referred user purchases";

/// The event says whether the purchase was verified; where it does not, the member must have
/// bought something.
const IS_VERIFIED: &str = "has(event.metadata.verified_purchase) \
                           ? event.metadata.verified_purchase == true \
                           : member.stats.purchase.count > 0 \
                           || member.stats.payment.completed.count > 0";

impl Terms {
    fn of(text: String) -> Terms {
        let says = |words: &str| text.trim().eq_ignore_ascii_case(words);
        if says(FIRST_TIME) {
            return Terms {
                is_first_time: true,
                ..Terms::default()
            };
        }
        if says(REFERRED) {
            return Terms {
                by_referral: true,
                ..Terms::default()
            };
        }
        let when = if says(VERIFIED) {
            IS_VERIFIED.to_owned()
        } else {
            text
        };
        Terms {
            when: Some(when),
            ..Terms::default()
        }
    }
}

const EARNING: Shape = Shape::of(
    "an event of a configuration",
    &[
        Field::new(
            "rsncPerDollar",
            Kind::Factor,
            "Points for each major unit of the event's amount, of two decimal places.",
        )
        .example("10"),
        Field::new(
            "rsncFlat",
            Kind::Whole(1, POINTS_MAX),
            "Points for each event.",
        )
        .example("100"),
        Field::new(
            "conditions",
            WHEN.kind,
            "A condition in CEL, or `First-time only`, `Verified purchase` or `Referred user \
             purchases`; what an earlier import said stays where absent, and null takes it away.",
        )
        .example("First-time only")
        .nullable(),
    ],
)
.any_of(&["rsncPerDollar", "rsncFlat"]);

const EARNING_KIND: Kind = Kind::Object(&EARNING);

const EVENTS: Shape = Shape::of("`events`", &[]).others(&EARNING_KIND);

/// A configuration, to be read.
#[derive(Debug)]
pub(super) struct Import {
    program: String,
    earnings: Vec<Earning>,
}

impl FromFields for Import {
    const SHAPE: Shape = Shape::of(
        "an import of rules",
        &[
            PROGRAM,
            Field::new(
                "events",
                Kind::Object(&EVENTS),
                "What each event type earns, by its name; at most 100.",
            )
            .example("{\"purchase\": {\"rsncPerDollar\": 10}, \"signup\": {\"rsncFlat\": 100}}")
            .required(),
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Import, Refusal> {
        let program = program(fields)?;
        let events = fields.required("events", |fields, name| {
            fields.objects_by_name(name, &EARNING)
        })?;
        if !(1..=EVENTS_MAX).contains(&events.len()) {
            let message = format!("`events` must have 1 to {EVENTS_MAX} events.");
            return Err(Refusal::invalid("events", message));
        }
        let earnings = events
            .into_iter()
            .map(|(event, mut fields)| earning(event, &mut fields))
            .collect::<Result<_, _>>()?;
        Ok(Import { program, earnings })
    }
}

fn earning(event: String, fields: &mut Fields) -> Result<Earning, Refusal> {
    id::check_event_type(&format!("events.{event}"), &event)?;
    let per_dollar = fields.factor("rsncPerDollar")?;
    let flat = fields.whole("rsncFlat", 1..=POINTS_MAX)?;
    let conditions = fields.nullable("conditions", Fields::source)?;
    let award = match (per_dollar, flat) {
        (Some(points), None) => per_dollar_award(points)
            .ok_or_else(|| fields.invalid("rsncPerDollar", "must be more than nothing"))?,
        (None, Some(points)) => Award::Fixed { points },
        _ => {
            let message = format!("`events.{event}` must have either rsncPerDollar or rsncFlat.");
            return Err(Refusal::invalid(format!("events.{event}"), message));
        }
    };
    let terms = conditions.map(|text| text.map(Terms::of).unwrap_or_default());
    Ok(Earning {
        event,
        award,
        terms,
    })
}

/// So many points for each dollar, exactly: 2.5 are 5 points for each 200 cents.
fn per_dollar_award(points: Factor) -> Option<Award> {
    let (points, dollars) = points.ratio().parts();
    let per = i64::try_from(dollars.checked_mul(CENTS)?).ok()?;
    let points = i64::try_from(points).ok().filter(|points| *points > 0)?;
    Some(Award::PerAmount { per, points })
}

impl Earning {
    /// What the rule listens to, and what it then never does.
    fn triggers(&self) -> (String, String) {
        let by_referral = self.terms.as_ref().is_some_and(|terms| terms.by_referral);
        let own = (self.event.clone(), REFERRAL_CONVERTED.to_owned());
        if by_referral { (own.1, own.0) } else { own }
    }

    fn set(&self, rule: &mut Rule) {
        rule.award = self.award.clone();
        rule.active = true;
        let Some(terms) = &self.terms else { return };
        rule.when.clone_from(&terms.when);
        if terms.is_first_time {
            (rule.cap, rule.window) = (Some(ONCE), Window::Lifetime);
        } else if rule.cap == Some(ONCE) && rule.window == Window::Lifetime {
            rule.cap = None;
        }
        if terms.by_referral {
            rule.recipient = Recipient::Referrer;
        }
    }
}

/// Makes the rules of a configuration, or changes them to what it says.
pub(super) async fn import(
    State(state): State<AppState>,
    uri: Uri,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(import): Body<Import>,
) -> Result<Json<List<RuleObject>>, ApiError> {
    let now = state.ledger.time_of(&import.program).await?;
    let sets: Vec<_> = import
        .earnings
        .iter()
        .map(|earning| move |rule: &mut Rule| earning.set(rule))
        .collect();
    let mut wanted = Vec::with_capacity(sets.len());
    for (earning, set) in import.earnings.iter().zip(&sets) {
        let (trigger, other) = earning.triggers();
        let made = RuleCreation::of(&import.program, trigger, earning.award.clone());
        let mut rule = made.into_rule(String::from("rule_imported"), now)?;
        rule.name = Some(earning.event.clone());
        set(&mut rule);
        // All are checked before the first is written.
        let checked = <Rule as Configured>::check(&rule);
        checked.map_err(|refusal| its_words(refusal, &earning.event))?;
        let set: &(dyn Fn(&mut Rule) + Send + Sync) = set;
        let not = (other != rule.trigger).then_some(other);
        let not = not.into_iter().collect();
        wanted.push((earning.event.clone(), Wanted { rule, set, not }));
    }
    let imported = state.ledger.import_rules(&import.program, wanted, seed);
    let rules = imported.await?.into_iter().map(RuleObject::from);
    Ok(List::whole(rules.collect(), &uri))
}

/// The refusal of a rule by the names of the configuration.
fn its_words(refusal: Refusal, event: &str) -> Refusal {
    let param = match refusal.param.as_deref() {
        Some("when") => format!("events.{event}.conditions"),
        _ => format!("events.{event}"),
    };
    Refusal {
        message: refusal.message.replace("`when`", &format!("`{param}`")),
        ..refusal
    }
    .at(param)
}
