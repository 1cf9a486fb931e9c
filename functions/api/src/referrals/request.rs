//! What requests about referrals say.

use laurel_ledger::{AttributionRequest, PageRequest, ReferralFilter};
use laurel_rules::{
    Refusal,
    referral::{Qualify, ReferralReward},
};

use super::object::STATUSES;
use crate::{
    accounts::{PROGRAM, program},
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, CREATED_THEN, PAGE_FIELDS},
    programs::{QUALIFY, REFERRAL_REWARD, qualify, referral_reward},
    shape::words,
};

const REFERRER: Field = Field::new(
    "referrer",
    Kind::Id,
    "The account of the member who shares the code.",
)
.example("loy_7Qk2");
const CODE: Field = Field::new(
    "code",
    Kind::Text(""),
    "A code; letter case and dashes don't matter.",
)
.example("ANNA-7F3K");
const CUSTOMER: Field =
    Field::new("customer", Kind::Id, "Your own id of the new customer.").example("cust_new789");

/// A code that is asked for.
pub(super) struct NewCode {
    pub(super) program: Option<String>,
    pub(super) referrer: String,
    pub(super) reward: Option<Option<ReferralReward>>,
    pub(super) qualify: Option<Option<Qualify>>,
}

impl FromFields for NewCode {
    const SHAPE: Shape = Shape::of(
        "a new referral code",
        &[
            Field::new(
                "program",
                Kind::Id,
                "The program of the account, which says it where this is absent.",
            )
            .example("prog_default"),
            REFERRER.required(),
            REFERRAL_REWARD,
            QUALIFY,
        ],
    )
    .read_only(&[
        "id",
        "object",
        "code",
        "shareUrl",
        "referee",
        "customer",
        "status",
        "reason",
        "source",
        "transactions",
        "redemptions",
        "payment",
        "created",
        "attributed_at",
        "expires_at",
        "converted_at",
        "ended_at",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<NewCode, Refusal> {
        Ok(NewCode {
            program: fields.id("program")?,
            referrer: fields.required("referrer", Fields::id)?,
            reward: fields.nullable("reward", referral_reward)?,
            qualify: fields.nullable("qualify", qualify)?,
        })
    }
}

/// Somebody who comes by a code.
pub(super) struct Attribution(pub(super) AttributionRequest);

impl FromFields for Attribution {
    const SHAPE: Shape = Shape::of(
        "an attribution",
        &[
            CODE,
            Field::new(
                "click",
                Kind::Text(""),
                "What the landing page gave to the sign-up as `ref_click`; `code` goes before it.",
            ),
            CUSTOMER,
            Field::new(
                "account",
                Kind::Id,
                "The account of the new customer, where there is one already.",
            )
            .example("loy_8Rm3"),
            Field::new("email", Kind::Email, "The address of the new customer.")
                .example("ben@example.com"),
            Field::new(
                "device_fingerprint",
                Kind::Text(""),
                "What tells the device from others; kept as a keyed hash only.",
            ),
        ],
    )
    .any_of(&["code", "click"]);

    fn from_fields(fields: &mut Fields) -> Result<Attribution, Refusal> {
        let asked = AttributionRequest {
            code: fields.text("code")?,
            click: fields.text("click")?,
            customer: fields.id("customer")?,
            account: fields.id("account")?,
            email: fields.email("email")?,
            device_fingerprint: fields.text("device_fingerprint")?,
        };
        if asked.code.is_none() && asked.click.is_none() {
            return Err(Refusal::missing("code"));
        }
        let nobody = asked.customer.is_none() && asked.account.is_none() && asked.email.is_none();
        if nobody {
            return Err(Refusal::missing("customer"));
        }
        Ok(Attribution(asked))
    }
}

/// Which referrals to list.
pub(super) struct Referrals {
    pub(super) filter: ReferralFilter,
    pub(super) page: PageRequest,
}

impl FromFields for Referrals {
    const SHAPE: Shape = Shape::of(
        "the list of referrals",
        &[
            PROGRAM,
            REFERRER,
            Field::new("referee", Kind::Id, "The account of who came.").example("loy_8Rm3"),
            CUSTOMER,
            CODE,
            Field::new(
                "status",
                Kind::Choice(&words(&STATUSES)),
                "Only those that have come so far.",
            ),
            CREATED_THEN,
        ],
    )
    .and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Referrals, Refusal> {
        Ok(Referrals {
            filter: ReferralFilter {
                program: program(fields)?,
                referrer: fields.id("referrer")?,
                referee: fields.id("referee")?,
                customer: fields.id("customer")?,
                code: fields.text("code")?,
                status: fields.choice("status", &STATUSES)?,
                created: list::created(fields)?,
            },
            page: list::page(fields)?,
        })
    }
}
