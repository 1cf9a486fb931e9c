//! What requests say of webhook endpoints.

use laurel_events::catalog;
use laurel_ledger::PageRequest;
use laurel_rules::Refusal;
use laurel_webhooks::{Endpoint, EndpointStatus, check_events, check_header};

use crate::{
    AppState,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, PAGE_FIELDS},
    metadata::{METADATA, MetadataChange},
    settings::set,
    shape::words,
};

pub(super) const URL: Field = Field::new(
    "url",
    Kind::Text("uri"),
    "Where events are sent: `https`, to a public host. In a sandbox also this machine, and there \
     by plain `http` as well.",
)
.example("https://example.com/webhooks");
pub(super) const DESCRIPTION: Field =
    Field::new("description", Kind::Text(""), "What it is for, for people.").nullable();
const EVENT_TYPES: &str = r"^(\*|[a-z][a-z0-9_.]{0,62}[a-z0-9_](\.\*)?|[a-z](\.\*)?)$";
pub(super) const ENABLED_EVENTS: Field = Field::new(
    "enabled_events",
    Kind::List(&Kind::Pattern(EVENT_TYPES), 1, 50),
    "Event types, beginnings of some as `loyalty.points.*`, or `*`, which is the default.",
)
.example("[\"loyalty.points.*\"]");
pub(super) const ONLY_PROGRAM: Field = Field::new(
    "program",
    Kind::Id,
    "The program whose events are sent; those of all where null.",
)
.nullable();
pub(super) const STATUS: Field = Field::new(
    "status",
    Kind::Choice(&words(&STATUSES)),
    "Whether anything is sent.",
);
pub(super) const SIGNATURE_HEADER: Field = Field::new(
    "signature_header",
    Kind::Pattern("^[A-Za-z][A-Za-z0-9-]{0,63}$"),
    "The header of the signature, beside those of Standard Webhooks.",
)
.example("x-vinr-signature");

const STATUSES: [(&str, EndpointStatus); 2] = [
    ("enabled", EndpointStatus::Enabled),
    ("disabled", EndpointStatus::Disabled),
];

/// What an update may say; absent fields stay.
#[derive(Debug)]
pub(super) struct EndpointChange {
    url: Option<String>,
    description: Option<Option<String>>,
    enabled_events: Option<Vec<String>>,
    program: Option<Option<String>>,
    status: Option<EndpointStatus>,
    signature_header: Option<String>,
    metadata: MetadataChange,
}

/// What a creation must say: a URL, and what an update may.
pub(super) struct EndpointCreation {
    pub(super) url: String,
    pub(super) settings: EndpointChange,
}

const READ_ONLY: [&str; 5] = ["id", "object", "created", "secret", "disabled_reason"];
const SETTINGS: [Field; 6] = [
    DESCRIPTION,
    ENABLED_EVENTS,
    ONLY_PROGRAM,
    STATUS,
    SIGNATURE_HEADER,
    METADATA,
];

impl FromFields for EndpointCreation {
    const SHAPE: Shape = Shape::of("a new webhook endpoint", &[URL.required()])
        .and(&SETTINGS)
        .read_only(&READ_ONLY);

    fn from_fields(fields: &mut Fields) -> Result<EndpointCreation, Refusal> {
        let settings = EndpointChange::from_fields(fields)?;
        let url = settings
            .url
            .clone()
            .ok_or_else(|| Refusal::missing("url"))?;
        Ok(EndpointCreation { url, settings })
    }
}

impl FromFields for EndpointChange {
    const SHAPE: Shape = Shape::of("an update of a webhook endpoint", &[URL])
        .and(&SETTINGS)
        .read_only(&READ_ONLY);

    fn from_fields(fields: &mut Fields) -> Result<EndpointChange, Refusal> {
        let enabled_events = fields.names("enabled_events")?;
        if let Some(patterns) = &enabled_events {
            check_events("enabled_events", patterns)?;
        }
        let signature_header = fields.text("signature_header")?;
        Ok(EndpointChange {
            url: fields.long_text("url")?,
            description: fields.nullable("description", Fields::text)?,
            enabled_events,
            program: fields.nullable("program", Fields::id)?,
            status: fields.choice("status", &STATUSES)?,
            signature_header: signature_header
                .map(|name| check_header("signature_header", &name))
                .transpose()?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

impl EndpointChange {
    /// Refuses a URL that nothing may be sent to.
    pub(super) fn check_url(&self, state: &AppState) -> Result<(), Refusal> {
        let Some(url) = &self.url else { return Ok(()) };
        let checked = state.webhook_policy.target(url);
        checked
            .map(|_| ())
            .map_err(|problem| Refusal::invalid("url", format!("`url` {problem}.")))
    }

    pub(super) fn apply(&self, endpoint: &mut Endpoint) -> Result<(), Refusal> {
        set(&mut endpoint.url, self.url.as_ref());
        set(&mut endpoint.description, self.description.as_ref());
        set(&mut endpoint.enabled_events, self.enabled_events.as_ref());
        set(&mut endpoint.program, self.program.as_ref());
        set(
            &mut endpoint.signature_header,
            self.signature_header.as_ref(),
        );
        if let Some(status) = self.status {
            endpoint.status = status;
            endpoint.disabled_reason = None;
        }
        self.metadata.apply(&mut endpoint.metadata)
    }
}

pub(super) struct Listing {
    pub(super) page: PageRequest,
}

impl FromFields for Listing {
    const SHAPE: Shape = Shape::of("the list of webhook endpoints", &[]).and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Listing, Refusal> {
        Ok(Listing {
            page: list::page(fields)?,
        })
    }
}

pub(super) struct Rotation {
    pub(super) expires_in_minutes: i64,
}

/// For how long a replaced secret signs unless said otherwise: a day. At most a week.
const OVERLAP_MINUTES: i64 = 24 * 60;

impl FromFields for Rotation {
    const SHAPE: Shape = Shape::of(
        "a rotation",
        &[Field::new(
            "expires_in_minutes",
            Kind::Whole(0, 7 * OVERLAP_MINUTES),
            "For how long the old secret signs beside the new one; a day where absent.",
        )],
    );

    fn from_fields(fields: &mut Fields) -> Result<Rotation, Refusal> {
        let minutes = fields.whole("expires_in_minutes", 0..=7 * OVERLAP_MINUTES)?;
        Ok(Rotation {
            expires_in_minutes: minutes.unwrap_or(OVERLAP_MINUTES),
        })
    }
}

const SAMPLES: [&str; catalog::NAMES.len()] = catalog::NAMES;

pub(super) struct Trial {
    pub(super) event_type: String,
}

impl FromFields for Trial {
    const SHAPE: Shape = Shape::of(
        "a test",
        &[Field::new(
            "type",
            Kind::Choice(&SAMPLES),
            "The event type; `loyalty.points.earned` where absent.",
        )],
    );

    fn from_fields(fields: &mut Fields) -> Result<Trial, Refusal> {
        let samples = SAMPLES.map(|name| (name, name));
        let event_type = fields.choice("type", &samples)?;
        let event_type = event_type.unwrap_or("loyalty.points.earned").to_owned();
        Ok(Trial { event_type })
    }
}
