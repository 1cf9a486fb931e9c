//! The fields of a reward, for requests and answers.

use laurel_rules::{
    POINTS_MAX,
    reward::{CODE_LEN_MAX, CODE_LEN_MIN},
};

use crate::{
    accounts::{CREATED, PROGRAM},
    conditions::MEMBER_WHEN,
    earning_rules::fields::WINDOWS,
    fields::{Field, Kind, Shape},
    metadata::METADATA,
    shape::{NUMBER, words},
};

/// What a reward may be; the words stand for themselves.
pub(crate) const TYPES: [(&str, &str); 5] = [
    ("discount_amount", "discount_amount"),
    ("discount_percent", "discount_percent"),
    ("free_product", "free_product"),
    ("store_credit", "store_credit"),
    ("custom", "custom"),
];

pub(super) const TYPE: Field = Field::new(
    "type",
    Kind::Choice(&words(&TYPES)),
    "What it is: `discount_amount` has `amount` and `currency`, `discount_percent` has `percent`, \
     `free_product` has `product`, `store_credit` has `amount` and `currency`.",
);
pub(super) const NAME: Field =
    Field::new("name", Kind::Text(""), "What you call it.").example("€5 off");
pub(super) const COST: Field =
    Field::new("cost", Kind::Whole(0, POINTS_MAX), "Points.").example("500");
pub(super) const ACTIVE: Field = Field::new("active", Kind::Boolean, "Whether it can be redeemed.");
const WHOLE: Kind = Kind::Whole(1, POINTS_MAX);

// What a reward is worth, by its type.
pub(super) const AMOUNT: Field = Field::new("amount", WHOLE, "Minor units.")
    .example("500")
    .nullable();
pub(super) const CURRENCY: Field = Field::new("currency", Kind::Text(""), "ISO 4217.")
    .example("EUR")
    .nullable();
pub(super) const PERCENT: Field = Field::new("percent", Kind::Factor, "Of a hundred.")
    .example("10")
    .nullable();
pub(super) const MAX_AMOUNT: Field =
    Field::new("max_amount", WHOLE, "At most so many minor units off.").nullable();
pub(super) const PRODUCT: Field =
    Field::new("product", Kind::Id, "The product that is free.").nullable();

pub(super) const LIMIT: Shape = Shape::of(
    "`limit`",
    &[
        Field::new("redemptions", Kind::Whole(1, u32::MAX as i64), "So many.").required(),
        Field::new("window", Kind::Choice(&words(&WINDOWS)), "In this period.").required(),
        Field::new(
            "rolling",
            Kind::Boolean,
            "Over the trailing 24 hours, 7 days or 30 days instead of the calendar's.",
        ),
    ],
);

pub(super) const CODE: Shape = Shape::of(
    "`code`",
    &[
        Field::new(
            "prefix",
            Kind::Pattern("^[0-9A-Za-z]{1,16}$"),
            "What codes begin with.",
        )
        .example("SUMMER")
        .nullable()
        .optional(),
        Field::new(
            "length",
            Kind::Whole(CODE_LEN_MIN as i64, CODE_LEN_MAX as i64),
            "How many characters come after it.",
        ),
    ],
);

/// What a creation and an update have in common, and an answer has as well.
pub(super) const REWARD_FIELDS: [Field; 12] = [
    Field::new(
        "stock",
        Kind::Whole(0, POINTS_MAX),
        "How many can be redeemed in all; unlimited where null. Redemptions that were made while \
         it was unlimited don't count.",
    )
    .nullable(),
    Field::new(
        "limit",
        Kind::Object(&LIMIT),
        "How many one member can redeem.",
    )
    .nullable(),
    Field::new(
        "min_tier",
        Kind::Id,
        "The key of the lowest tier that can redeem it.",
    )
    .nullable(),
    Field::new("starts_at", Kind::Instant, "From when it can be redeemed.").nullable(),
    Field::new("ends_at", Kind::Instant, "Until when, exclusive.").nullable(),
    MEMBER_WHEN,
    ACTIVE,
    Field::new(
        "code_pool",
        Kind::Boolean,
        "Whether its codes are imported ones, at `/codes`; else they are made.",
    ),
    Field::new(
        "code",
        Kind::Object(&CODE),
        "What codes that are made look like: 12 characters where nothing is said.",
    )
    .nullable(),
    Field::new(
        "valid_for",
        Kind::Text("duration"),
        "How long a code is good for once it is issued, in ISO 8601; for ever where null.",
    )
    .example("P30D")
    .nullable(),
    Field::new(
        "min_order_amount",
        Kind::Whole(0, POINTS_MAX),
        "The least that an order must come to for it to count, in minor units.",
    )
    .nullable(),
    METADATA,
];

/// A reward as it is answered.
pub(super) const REWARD: Shape = Shape::answer(
    "Reward",
    &[
        Field::new("id", Kind::Id, "`rwd_…`").example("rwd_7Qk2"),
        Field::new("object", Kind::Constant("reward"), "What this is."),
        PROGRAM,
        TYPE,
        NAME,
        AMOUNT,
        CURRENCY,
        PERCENT,
        MAX_AMOUNT,
        PRODUCT,
        COST,
        Field::new("stock_left", NUMBER, "What is left of `stock`.").nullable(),
        Field::new(
            "codes_left",
            NUMBER,
            "Imported codes that are not issued or kept.",
        )
        .nullable(),
        Field::new("version", NUMBER, "Grows with each update."),
        CREATED,
    ],
)
.and(&REWARD_FIELDS);

pub(super) const IMPORTED: Shape = Shape::answer(
    "CodeImport",
    &[
        Field::new("object", Kind::Constant("code_import"), "What this is."),
        Field::new("reward", Kind::Id, "The reward."),
        Field::new("imported", NUMBER, "How many are new."),
        Field::new(
            "duplicates",
            Kind::List(&Kind::AnyText, 0, 1000),
            "Those that the program has already.",
        ),
        Field::new("codes_left", NUMBER, "How many there are then."),
    ],
);
