//! What a program may say of its referrals, and of paying with points (spec section 4, and the
//! appendix "Objects"). Fields that the documents write in camel case are taken in snake case
//! too, and answered in camel case. An object that is given replaces the one before wholly.

use axum::http::Uri;
use laurel_rules::{
    POINTS_MAX, Refusal,
    referral::{Blocked, Qualify, ReferralReward, ReferralSettings, Side, Velocity},
    store_credit::Money,
};

use crate::{
    fields::{Field, Fields, Kind, NAMES_MAX, Shape},
    settings::set,
};

pub(super) const WHOLE: Kind = Kind::Whole(1, POINTS_MAX);
pub(super) const CURRENCY: Field = Field::new("currency", Kind::Text("iso-4217"), "ISO 4217.")
    .example("EUR")
    .required();

/// What both sides of a referral get.
pub(crate) const REWARD: Field = Field::new(
    "reward",
    Kind::Object(&SIDES),
    "What both sides of a referral get.",
)
.example("{\"referrer\": {\"points\": 500}, \"referee\": {\"points\": 250}}")
.nullable();
const SIDES: Shape = Shape::of(
    "`reward`",
    &[
        Field::new(
            "referrer",
            SIDE_KIND,
            "What the member gets who shared the code.",
        )
        .nullable(),
        Field::new("referee", SIDE_KIND, "What the new customer gets.").nullable(),
    ],
);
const SIDE_KIND: Kind = Kind::OneOf(&[&POINTS_SIDE, &REWARD_SIDE, &CREDIT_SIDE]);
const POINTS: Field = Field::new("points", WHOLE, "Points.");
const REWARD_ID: Field = Field::new("reward", Kind::Id, "A reward of the catalog.");
const STORE_CREDIT: Field = Field::new("store_credit", Kind::Object(&CREDIT), "Store credit.");
const POINTS_SIDE: Shape = Shape::of("Points", &[POINTS.required()]);
const REWARD_SIDE: Shape = Shape::of("A reward", &[REWARD_ID.required()]);
const CREDIT_SIDE: Shape = Shape::of("Store credit", &[STORE_CREDIT.required()]);
/// What is read of a side, which is one of the three.
const SIDE: Shape = Shape::of("a side of `reward`", &[POINTS, REWARD_ID, STORE_CREDIT]);
const CREDIT: Shape = Shape::of(
    "`store_credit`",
    &[
        Field::new("amount", WHOLE, "Minor units.").required(),
        CURRENCY,
    ],
);

/// What a referee must do.
pub(crate) const QUALIFY: Field = Field::new(
    "qualify",
    Kind::Object(&CONDITION),
    "What the new customer must do before both sides are rewarded.",
)
.example("{\"firstPaymentMinimum\": 2000, \"windowDays\": 30}")
.nullable();
const CONDITION: Shape = Shape::of(
    "`qualify`",
    &[
        Field::new(
            "firstPaymentMinimum",
            Kind::Whole(0, POINTS_MAX),
            "The least that the first payment must be, in minor units.",
        )
        .nullable(),
        Field::new(
            "windowDays",
            Kind::Whole(1, WINDOW_DAYS_MAX),
            "Within so many days of the attribution.",
        )
        .nullable(),
        Field::new(
            "trigger",
            Kind::EventType,
            "Another event type that counts instead of a payment.",
        )
        .nullable(),
    ],
)
.aliases(&[
    ("first_payment_minimum", "firstPaymentMinimum"),
    WINDOW_DAYS_ALIAS,
]);
const WINDOW_DAYS_ALIAS: (&str, &str) = ("window_days", "windowDays");

/// How many conversions one referrer may have.
pub(super) const VELOCITY: Field = Field::new(
    "velocity",
    Kind::Object(&LIMIT),
    "How many conversions one referrer may have in a rolling window; 10 in 30 days where null.",
)
.nullable();
const LIMIT: Shape = Shape::of(
    "`velocity`",
    &[
        Field::new(
            "maxConversionsPerWindow",
            Kind::Whole(0, CONVERSIONS_MAX),
            "So many.",
        ),
        Field::new(
            "windowDays",
            Kind::Whole(1, WINDOW_DAYS_MAX),
            "In so many days.",
        )
        .nullable(),
    ],
)
.aliases(&[
    ("max_conversions_per_window", "maxConversionsPerWindow"),
    WINDOW_DAYS_ALIAS,
]);

/// What codes begin with.
pub(super) const CODE_PREFIX: Field = Field::new(
    "code_prefix",
    Kind::Pattern("^[A-Z0-9]{1,12}$"),
    "What referral codes begin with where the member has no name.",
)
.example("PERKS")
.nullable();

/// Where the landing page forwards to.
pub(super) const SIGNUP_URL: Field = Field::new(
    "signup_url",
    Kind::Text("uri"),
    "Where the landing page forwards to: an https address of at most 200 characters, without a \
     user name or a fragment; plain http only on this machine.",
)
.example("https://shop.example.com/signup")
.nullable();

const DOMAINS: Kind = Kind::List(&DOMAIN, 1, NAMES_MAX);
const DOMAIN: Kind = Kind::Pattern(r"^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,2}$");

/// Who is never rewarded.
pub(super) const BLOCKED: Field = Field::new(
    "blocked",
    Kind::Object(&LISTS),
    "Who is never rewarded for a referral.",
)
.nullable();
const LISTS: Shape = Shape::of(
    "`blocked`",
    &[
        Field::new(
            "customers",
            Kind::List(&Kind::Id, 1, NAMES_MAX),
            "These customers.",
        )
        .nullable(),
        Field::new(
            "emails",
            Kind::List(&Kind::Email, 1, NAMES_MAX),
            "These email addresses.",
        )
        .nullable(),
        Field::new("domains", DOMAINS, "Email addresses of these domains.").nullable(),
        Field::new(
            "disposable",
            DOMAINS,
            "The same, for domains that give addresses to anybody for a while.",
        )
        .nullable(),
    ],
);

const WINDOW_DAYS_MAX: i64 = 3650;
/// Conversions are kept one by one for a window and the month before it.
const CONVERSIONS_MAX: i64 = 1000;
const CODE_PREFIX_LEN_MAX: usize = 12;

/// What an update may say; absent fields stay, null ones go.
#[derive(Debug, Default)]
pub(super) struct ReferralChange {
    reward: Option<Option<ReferralReward>>,
    qualify: Option<Option<Qualify>>,
    velocity: Option<Option<Velocity>>,
    code_prefix: Option<Option<String>>,
    signup_url: Option<Option<String>>,
    blocked: Option<Option<Blocked>>,
}

impl ReferralChange {
    /// Reads the fields.
    ///
    /// # Errors
    /// `parameter_missing`, `parameter_invalid`, `parameter_unknown`.
    pub(super) fn read(fields: &mut Fields) -> Result<ReferralChange, Refusal> {
        Ok(ReferralChange {
            reward: fields.nullable("reward", reward)?,
            qualify: fields.nullable("qualify", qualify)?,
            velocity: fields.nullable("velocity", velocity)?,
            code_prefix: fields.nullable("code_prefix", code_prefix)?,
            signup_url: fields.nullable("signup_url", signup_url)?,
            blocked: fields.nullable("blocked", blocked)?,
        })
    }

    pub(super) fn apply(&self, settings: &mut ReferralSettings) {
        set(&mut settings.reward, self.reward.as_ref());
        set(&mut settings.qualify, self.qualify.as_ref());
        set(&mut settings.velocity, self.velocity.as_ref());
        set(&mut settings.code_prefix, self.code_prefix.as_ref());
        set(&mut settings.signup_url, self.signup_url.as_ref());
        set(&mut settings.blocked, self.blocked.as_ref());
    }
}

/// Reads what both sides get.
///
/// # Errors
/// `parameter_missing`, `parameter_invalid`, `parameter_unknown`.
pub(crate) fn reward(fields: &mut Fields, name: &str) -> Result<Option<ReferralReward>, Refusal> {
    let Some(mut reward) = fields.object(name, &SIDES)? else {
        return Ok(None);
    };
    Ok(Some(ReferralReward {
        referrer: reward.nullable("referrer", side)?.flatten(),
        referee: reward.nullable("referee", side)?.flatten(),
    }))
}

fn side(fields: &mut Fields, name: &str) -> Result<Option<Side>, Refusal> {
    let wrong = fields.invalid(name, "must have one of points, reward and store_credit");
    let Some(mut side) = fields.object(name, &SIDE)? else {
        return Ok(None);
    };
    let points = side.whole("points", 1..=POINTS_MAX)?.map(Side::Points);
    let reward = side.id("reward")?.map(Side::Reward);
    let credit = match side.object("store_credit", &CREDIT)? {
        None => None,
        Some(mut credit) => Some(Side::StoreCredit(Money {
            amount: credit.required("amount", |fields, name| fields.whole(name, 1..=POINTS_MAX))?,
            currency: credit.required("currency", Fields::currency)?,
        })),
    };
    let mut given = [points, reward, credit].into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(side), None) => Ok(Some(side)),
        _ => Err(wrong),
    }
}

fn days(fields: &mut Fields) -> Result<Option<u16>, Refusal> {
    let days = fields.nullable("windowDays", |fields, name| {
        fields.whole(name, 1..=WINDOW_DAYS_MAX)
    })?;
    Ok(days.flatten().and_then(|days| u16::try_from(days).ok()))
}

/// Reads what the referee must do.
///
/// # Errors
/// As [`reward`].
pub(crate) fn qualify(fields: &mut Fields, name: &str) -> Result<Option<Qualify>, Refusal> {
    let Some(mut qualify) = fields.object(name, &CONDITION)? else {
        return Ok(None);
    };
    let first_payment_minimum = qualify.nullable("firstPaymentMinimum", |fields, name| {
        fields.whole(name, 0..=POINTS_MAX)
    })?;
    Ok(Some(Qualify {
        first_payment_minimum: first_payment_minimum.flatten(),
        window_days: days(&mut qualify)?,
        trigger: qualify.nullable("trigger", Fields::event_type)?.flatten(),
    }))
}

fn velocity(fields: &mut Fields, name: &str) -> Result<Option<Velocity>, Refusal> {
    let Some(mut velocity) = fields.object(name, &LIMIT)? else {
        return Ok(None);
    };
    let default = Velocity::default();
    let most = velocity
        .whole("maxConversionsPerWindow", 0..=CONVERSIONS_MAX)?
        .and_then(|most| u32::try_from(most).ok());
    Ok(Some(Velocity {
        max_conversions_per_window: most.unwrap_or(default.max_conversions_per_window),
        window_days: days(&mut velocity)?.unwrap_or(default.window_days),
    }))
}

fn code_prefix(fields: &mut Fields, name: &str) -> Result<Option<String>, Refusal> {
    let problem = format!("must be 1 to {CODE_PREFIX_LEN_MAX} of the characters A-Z and 0-9");
    let wrong = fields.invalid(name, &problem);
    let Some(prefix) = fields.any_text(name)? else {
        return Ok(None);
    };
    let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    if !(1..=CODE_PREFIX_LEN_MAX).contains(&prefix.len()) || !prefix.bytes().all(fits) {
        return Err(wrong);
    }
    Ok(Some(prefix))
}

/// The landing page sends people there, so that it must be a plain address on the web. Without
/// encryption it may only lead to this machine, for trying out.
fn signup_url(fields: &mut Fields, name: &str) -> Result<Option<String>, Refusal> {
    let wrong = fields.invalid(
        name,
        "must be an https address without a user name, as \"https://shop.example.com/signup\"",
    );
    let Some(text) = fields.text(name)? else {
        return Ok(None);
    };
    let Ok(url) = text.parse::<Uri>() else {
        return Err(wrong);
    };
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let host = url.host().unwrap_or_default();
    let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let fits = match url.scheme_str() {
        Some("https") => true,
        Some("http") => is_here,
        _ => false,
    };
    if !fits || host.is_empty() || authority.contains('@') || text.contains('#') {
        return Err(wrong);
    }
    Ok(Some(text))
}

fn blocked(fields: &mut Fields, name: &str) -> Result<Option<Blocked>, Refusal> {
    let Some(mut blocked) = fields.object(name, &LISTS)? else {
        return Ok(None);
    };
    let customer =
        |param: &str, text: &str| laurel_rules::id::check(param, text).map(str::to_owned);
    Ok(Some(Blocked {
        customers: list(&mut blocked, name, "customers", customer)?,
        emails: list(&mut blocked, name, "emails", |param, text| {
            laurel_events::email(param, text)
        })?,
        domains: list(&mut blocked, name, "domains", domain)?,
        disposable: list(&mut blocked, name, "disposable", domain)?,
    }))
}

fn list(
    fields: &mut Fields,
    within: &str,
    name: &str,
    read: impl Fn(&str, &str) -> Result<String, Refusal>,
) -> Result<Vec<String>, Refusal> {
    let texts = fields.nullable(name, Fields::texts)?.flatten();
    let texts = texts.into_iter().flatten().enumerate();
    texts
        .map(|(place, text)| read(&format!("{within}.{name}[{place}]"), &text))
        .collect()
}

fn domain(param: &str, text: &str) -> Result<String, Refusal> {
    let name = text.to_ascii_lowercase();
    let fits = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if name.contains('.') && name.split('.').all(fits) {
        return Ok(name);
    }
    let message = format!("`{param}` must be a domain, as \"example.com\".");
    Err(Refusal::invalid(param, message))
}
