//! An experiment as clients see it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_ledger::ExperimentView;
use laurel_rules::{
    POINTS_MAX,
    experiment::{VARIANTS_MAX, VARIANTS_MIN, Variant, standing::Figures},
};
use serde::Serialize;

use super::statistics::{self, Interval};
use crate::{
    accounts::{CREATED, PROGRAM},
    earning_rules::fields::VARIANT_KIND,
    fields::{Field, Kind, Shape},
    routes::Answer,
    shape::NUMBER,
};

/// An experiment, with its results where one is asked for.
#[derive(Debug, Serialize)]
pub(super) struct ExperimentObject {
    id: String,
    object: &'static str,
    key: String,
    program: String,
    rule: String,
    status: &'static str,
    currency: Option<String>,
    variants: Vec<Variant>,
    created: Timestamp,
    stopped_at: Option<Timestamp>,
    winner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<Vec<ResultObject>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_members: Option<i64>,
}

impl From<ExperimentView> for ExperimentObject {
    fn from(view: ExperimentView) -> ExperimentObject {
        ExperimentObject {
            id: view.experiment.key.clone(),
            object: "experiment",
            key: view.experiment.key,
            program: view.program,
            rule: view.rule,
            status: match view.stopped_at {
                None => "running",
                Some(_) => "stopped",
            },
            currency: view.experiment.currency,
            variants: view.experiment.variants,
            created: view.experiment.started_at,
            stopped_at: view.stopped_at,
            winner: view.winner,
            results: None,
            excluded_members: None,
        }
    }
}

impl ExperimentObject {
    /// The experiment with what was counted of each variant.
    pub(super) fn with_results(
        view: ExperimentView,
        figures: &BTreeMap<String, Figures>,
    ) -> ExperimentObject {
        let mut object = ExperimentObject::from(view);
        let of = |variant: &Variant| figures.get(&variant.key).copied().unwrap_or_default();
        let control = object.variants.first().map(of);
        let results = object.variants.iter().enumerate().map(|(place, variant)| {
            let control = control.as_ref().filter(|_| place > 0);
            ResultObject::new(variant, &of(variant), control)
        });
        object.results = Some(results.collect());
        let excluded = figures.values().map(|figures| figures.excluded_members);
        object.excluded_members = Some(whole(excluded.sum()));
        object
    }
}

/// What was counted of a variant.
#[derive(Debug, Serialize)]
struct ResultObject {
    variant: String,
    members: i64,
    awarded_members: i64,
    awards: i64,
    points: i64,
    reversed_points: i64,
    spend: i64,
    awarded_share: Option<f64>,
    mean_spend: Option<f64>,
    awarded_share_difference: Option<IntervalObject>,
    mean_spend_difference: Option<IntervalObject>,
}

impl ResultObject {
    fn new(variant: &Variant, figures: &Figures, control: Option<&Figures>) -> ResultObject {
        let by_share = control.and_then(|it| statistics::share_difference(figures, it));
        let by_spend = control.and_then(|it| statistics::spend_difference(figures, it));
        ResultObject {
            variant: variant.key.clone(),
            members: whole(figures.members),
            awarded_members: whole(figures.awarded_members),
            awards: whole(figures.awards),
            points: whole(figures.points),
            reversed_points: whole(figures.reversed_points),
            spend: whole(figures.spend),
            awarded_share: statistics::awarded_share(figures),
            mean_spend: statistics::mean_spend(figures),
            awarded_share_difference: by_share.map(IntervalObject::from),
            mean_spend_difference: by_spend.map(IntervalObject::from),
        }
    }
}

/// A difference with its confidence interval.
#[derive(Debug, Serialize)]
struct IntervalObject {
    difference: f64,
    low: f64,
    high: f64,
}

impl From<Interval> for IntervalObject {
    fn from(interval: Interval) -> IntervalObject {
        let Interval {
            difference,
            low,
            high,
        } = interval;
        IntervalObject {
            difference,
            low,
            high,
        }
    }
}

/// A sum as JSON carries it; one beyond that shows as the largest.
fn whole(sum: i128) -> i64 {
    i64::try_from(sum).map_or(POINTS_MAX, |sum| sum.min(POINTS_MAX))
}

const INTERVAL: Shape = Shape::answer(
    "ExperimentDifference",
    &[
        Field::new(
            "difference",
            Kind::Real,
            "By how much it is more than the first variant's.",
        ),
        Field::new(
            "low",
            Kind::Real,
            "The lower bound, with a confidence of 95 %.",
        ),
        Field::new("high", Kind::Real, "The upper bound."),
    ],
);

const RESULT: Shape = Shape::answer(
    "ExperimentResult",
    &[
        Field::new("variant", Kind::AnyText, "The variant's key."),
        Field::new(
            "members",
            NUMBER,
            "Members who were given it, awarded or not.",
        ),
        Field::new("awarded_members", NUMBER, "Those who got an award."),
        Field::new("awards", NUMBER, "Awards of its rule."),
        Field::new("points", NUMBER, "What they came to."),
        Field::new(
            "reversed_points",
            NUMBER,
            "What refunds of payments took back of that.",
        ),
        Field::new(
            "spend",
            NUMBER,
            "What these members spent since they were given it, less refunds, in minor units: the \
             amounts of all events that the rule listens to.",
        ),
        Field::new("awarded_share", Kind::Real, "Awarded members ÷ members.").nullable(),
        Field::new("mean_spend", Kind::Real, "Spend ÷ members.").nullable(),
        Field::new(
            "awarded_share_difference",
            Kind::Object(&INTERVAL),
            "By Newcombe's method from Wilson scores; null for the first variant, and without \
             members.",
        )
        .nullable(),
        Field::new(
            "mean_spend_difference",
            Kind::Object(&INTERVAL),
            "By Welch's t-test; null for the first variant, and with fewer than two members.",
        )
        .nullable(),
    ],
);

const EXPERIMENT: Shape = Shape::answer(
    "Experiment",
    &[
        Field::new("id", Kind::AnyText, "Its key.").example("welcome-2026"),
        Field::new("object", Kind::Constant("experiment"), "What this is."),
        Field::new("key", Kind::AnyText, "What it is called.").example("welcome-2026"),
        PROGRAM,
        Field::new("rule", Kind::Id, "The earning rule that it is on."),
        Field::new(
            "status",
            Kind::Choice(&["running", "stopped"]),
            "Whether it runs.",
        ),
        Field::new(
            "currency",
            Kind::AnyText,
            "Only amounts in this currency count as spend.",
        )
        .nullable(),
        Field::new(
            "variants",
            Kind::List(&VARIANT_KIND, VARIANTS_MIN, VARIANTS_MAX),
            "What members get.",
        ),
        CREATED,
        Field::new("stopped_at", Kind::Instant, "When it was stopped.").nullable(),
        Field::new(
            "winner",
            Kind::AnyText,
            "The variant that the rule went on as.",
        )
        .nullable(),
        Field::new(
            "results",
            Kind::List(&Kind::Object(&RESULT), VARIANTS_MIN, VARIANTS_MAX),
            "What was counted, in the order of the variants; not in lists.",
        )
        .optional(),
        Field::new(
            "excluded_members",
            NUMBER,
            "Members who had two variants, since they were merged of two; they count for none. \
             Not in lists.",
        )
        .optional(),
    ],
);

impl Answer for ExperimentObject {
    const KIND: Kind = Kind::Object(&EXPERIMENT);
}
