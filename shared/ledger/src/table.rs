//! The one table: its keys, and how to create it where CloudFormation does not.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    },
};
use jiff::Timestamp;
use laurel_rules::{
    archive::Archived, decide::ClaimKind, pool::PoolId, record::EventKey, redemption::RedemptionId,
    referral::ReferralId,
};
use sha2::{Digest, Sha256};

use crate::Error;

/// The index that lists a program's accounts.
pub const INDEX: &str = "gsi1";
/// The index of what time will do something to.
pub const DUE_INDEX: &str = "gsi2";
/// Over how many partitions of that index what is due is spread: each takes 1,000 writes a second.
pub const DUE_SHARDS: u8 = 16;

/// The key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Key {
        Key { pk, sk: sk.into() }
    }

    /// An account.
    #[must_use]
    pub fn account(id: &str) -> Key {
        Key::new(format!("A#{id}"), "A")
    }

    /// An entry of an account's log.
    #[must_use]
    pub fn entry(account: &str, seq: u64) -> Key {
        Key::new(format!("A#{account}"), format!("{ENTRY_PREFIX}{seq:010}"))
    }

    /// The record of an event.
    #[must_use]
    pub fn record(key: &EventKey) -> Key {
        let EventKey {
            program,
            trigger,
            source_id,
        } = key;
        Key::new(format!("E#{program}#{trigger}#{source_id}"), "E")
    }

    /// A unique name.
    #[must_use]
    pub fn claim(program: &str, kind: ClaimKind, value: &str) -> Key {
        let letter = match kind {
            ClaimKind::Customer => 'C',
            ClaimKind::Email => 'M',
        };
        Key::new(format!("{letter}#{program}#{value}"), "C")
    }

    /// A program; its version is the version of its catalog.
    #[must_use]
    pub fn program(id: &str) -> Key {
        Key::new(format!("P#{id}"), "P")
    }

    /// An object of a program's configuration, in its program's partition, after the program.
    #[must_use]
    pub fn configured(program: &str, letter: char, name: &str) -> Key {
        Key::new(format!("P#{program}"), format!("{letter}#{name}"))
    }

    /// Where an object of the configuration is, by its id.
    #[must_use]
    pub fn configured_pointer(letter: char, id: &str) -> Key {
        Key::new(format!("N#{id}"), letter)
    }

    /// The head of a pool.
    #[must_use]
    pub fn pool(id: &PoolId) -> Key {
        Key::new(pool_partition(id), "B")
    }

    /// A share of a pool, in a partition of its own.
    #[must_use]
    pub fn pool_share(id: &PoolId, number: u8) -> Key {
        Key::new(format!("{}#{number}", pool_partition(id)), "S")
    }

    /// A share of the figures of an experiment.
    #[must_use]
    pub fn experiment(program: &str, key: &str, share: u8) -> Key {
        Key::new(format!("Z#{program}#{key}#{share}"), "Z")
    }

    /// A redemption, beside the account that redeemed.
    #[must_use]
    pub fn redemption(id: &RedemptionId) -> Key {
        let RedemptionId { account, place } = id;
        Key::new(
            format!("A#{account}"),
            format!("{REDEMPTION_PLACE_PREFIX}{place}"),
        )
    }

    /// A referral, or the code that it came by, beside the account that shares the code.
    #[must_use]
    pub fn referral(id: &ReferralId) -> Key {
        let ReferralId { account, place } = id;
        Key::new(
            format!("A#{account}"),
            format!("{REFERRAL_PLACE_PREFIX}{place}"),
        )
    }

    /// Whose a referral code is, as [`laurel_rules::referral::code_form`] spells it.
    #[must_use]
    pub fn referral_code(code: &str) -> Key {
        Key::new(format!("K#{code}"), "K")
    }

    /// When a referrer's referrals converted.
    #[must_use]
    pub fn conversions(account: &str) -> Key {
        Key::new(format!("A#{account}"), "K")
    }

    /// Which referee of a program has a card or device, as a keyed hash.
    #[must_use]
    pub fn instrument(program: &str, hash: &str) -> Key {
        Key::new(format!("H#{program}#{hash}"), "H")
    }

    /// What is taken of a reward.
    #[must_use]
    pub fn stock(reward: &str) -> Key {
        Key::new(format!("G#{reward}"), "G")
    }

    /// An imported code of a reward, by its number.
    #[must_use]
    pub fn imported_code(reward: &str, number: i64) -> Key {
        Key::new(format!("G#{reward}"), format!("C#{number:010}"))
    }

    /// Which redemption has a code, as [`laurel_rules::redemption::lookup_form`] spells it.
    #[must_use]
    pub fn code(program: &str, code: &str) -> Key {
        Key::new(format!("V#{program}#{code}"), "V")
    }

    /// A payment of the sandbox.
    #[must_use]
    pub fn sandbox_payment(id: &str) -> Key {
        Key::new(format!("{SANDBOX_PAYMENT_PREFIX}{id}"), "S")
    }

    /// An API key, in the list of all.
    #[must_use]
    pub fn api_key(id: &str) -> Key {
        Key::new(API_KEYS.to_owned(), id)
    }

    /// A request that is to be carried out once: `key` is the hash of what its sender named it.
    #[must_use]
    pub fn request(owner: &str, key: &str) -> Key {
        Key::new(format!("I#{owner}#{key}"), "I")
    }

    /// What a key's owner has used up in one window of time.
    #[must_use]
    pub fn used(owner: &str, window: i64) -> Key {
        Key::new(format!("L#{owner}#{window}"), "L")
    }

    /// An event that was announced, in the list of its program.
    #[must_use]
    pub fn emitted(program: &str, shard: u8, sk: String) -> Key {
        Key::new(format!("O#{program}#{shard}"), sk)
    }

    /// A webhook endpoint.
    #[must_use]
    pub fn endpoint(id: &str) -> Key {
        Key::new(format!("W#{id}"), "W")
    }

    /// Whether a webhook endpoint answers of late.
    #[must_use]
    pub fn endpoint_health(id: &str) -> Key {
        Key::new(format!("W#{id}"), "H")
    }

    /// A webhook endpoint's place in the list of all.
    #[must_use]
    pub fn listed_endpoint(id: &str) -> Key {
        Key::new(ENDPOINTS.to_owned(), id)
    }

    /// The version of all webhook endpoints, and how many there are. It sorts before them.
    #[must_use]
    pub fn endpoints() -> Key {
        Key::new(ENDPOINTS.to_owned(), "#")
    }

    /// A delivery to a webhook endpoint.
    #[must_use]
    pub fn delivery(endpoint: &str, id: &str) -> Key {
        Key::new(format!("W#{endpoint}"), format!("{DELIVERY_PREFIX}{id}"))
    }

    /// An event that is kept for simulations.
    #[must_use]
    pub fn archived(archived: &Archived) -> Key {
        let Archived {
            program,
            account,
            at,
            trigger,
            source_id,
            ..
        } = archived;
        let at_ms = at.as_millisecond();
        Key::new(
            archive_partition(program, archive_day(*at), archive_shard(account)),
            format!("{account}#{at_ms:014}#{trigger}#{source_id}"),
        )
    }

    /// A what-if simulation.
    #[must_use]
    pub fn simulation(id: &str) -> Key {
        Key::new(format!("U#{id}"), "U")
    }

    /// The mark that a simulation is not finished.
    #[must_use]
    pub fn unfinished_simulation(id: &str) -> Key {
        Key::new(SIMULATIONS.to_owned(), id)
    }

    /// How far the evaluation of a program's members is.
    #[must_use]
    pub fn tier_evaluation(program: &str) -> Key {
        Key::new(TIER_EVALUATIONS.to_owned(), program)
    }

    /// A part of how far the audit is, by its number.
    #[must_use]
    pub fn audit(part: usize) -> Key {
        Key::new(AUDIT.to_owned(), format!("{part:03}"))
    }

    /// What has been counted of an account, for what its program owes.
    #[must_use]
    pub fn counted(account: &str) -> Key {
        Key::new(format!("F#{account}"), "F")
    }

    /// A part of what a program owes: sums of a unit and a year, or of what belongs to no year.
    #[must_use]
    pub fn totals(program: &str, unit: &str, year: Option<&str>, shard: u8) -> Key {
        let year = year.unwrap_or("-");
        Key::new(format!("F#{program}"), format!("{unit}#{year}#{shard}"))
    }

    /// A program's place in the list of all.
    #[must_use]
    pub fn listed_program(id: &str) -> Key {
        Key::new(PROGRAMS.to_owned(), id)
    }
}

fn pool_partition(id: &PoolId) -> String {
    let PoolId {
        program,
        campaign,
        window,
    } = id;
    let campaign = campaign.as_deref().unwrap_or_default();
    format!("B#{program}#{campaign}#{window}")
}

/// What the sort keys of entries begin with.
pub const ENTRY_PREFIX: &str = "T#";
/// What the sort keys of redemptions begin with.
pub const REDEMPTION_PLACE_PREFIX: &str = "X#";
/// What the sort keys of referrals begin with.
pub const REFERRAL_PLACE_PREFIX: &str = "J#";
/// What the partition keys of the sandbox's payments begin with.
pub const SANDBOX_PAYMENT_PREFIX: &str = "S#";
/// The partition that holds all API keys.
pub const API_KEYS: &str = "KEYS";
/// What the sort keys of deliveries begin with.
pub const DELIVERY_PREFIX: &str = "D#";
/// The partition that lists all webhook endpoints.
pub const ENDPOINTS: &str = "WEBHOOKS";
/// The partition that holds the evaluations of programs' members.
pub const TIER_EVALUATIONS: &str = "TIER_EVALUATIONS";
/// The partition that says how far the audit is.
pub const AUDIT: &str = "AUDIT";
/// The partition that marks simulations that are not finished.
pub const SIMULATIONS: &str = "SIMULATIONS";
/// What the partition keys of the archive begin with.
pub const ARCHIVE_PREFIX: &str = "Z#";
/// Over how many partitions the events of a day are spread: each takes 500 events a second.
pub const ARCHIVE_SHARDS: u8 = 16;
/// Into how many items each sum of what a program owes is split: counters at work at the same
/// time seldom meet.
pub const TOTALS_SHARDS: u8 = 8;
/// Into how many parts the index of counted accounts that time changes is split, per program.
pub const TOTALS_EDGE_SHARDS: u8 = 8;
/// The partition that lists all programs.
pub const PROGRAMS: &str = "PROGRAMS";

/// The first and the last sort key of a kind of configuration in a program's partition.
#[must_use]
pub fn configured_range(letter: char) -> (String, String) {
    // `$` follows on `#`, which ends the letter.
    (format!("{letter}#"), format!("{letter}$"))
}

/// The last sort key of the configuration in a program's partition; the first is the program's.
pub const CONFIGURED_LAST: &str = "Z~";

/// The day of an instant, counted from 1970 in UTC, as the archive's partitions are.
#[must_use]
pub fn archive_day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(24 * 60 * 60)
}

/// The shard of the archive that has an account's events.
#[must_use]
pub fn archive_shard(account: &str) -> u8 {
    let hash: [u8; 32] = Sha256::digest(account).into();
    hash[0] % ARCHIVE_SHARDS
}

/// The partition of the archive that has the events of a program's day and shard.
#[must_use]
pub fn archive_partition(program: &str, day: i64, shard: u8) -> String {
    format!("{ARCHIVE_PREFIX}{program}#{day}#{shard}")
}

/// The place of an account in the list of its program's, by the time of its creation.
#[must_use]
pub fn listed_account(created: Timestamp, id: &str) -> String {
    let created_ms = created.as_millisecond();
    format!("{created_ms:014}#{id}")
}

/// The first and the last place of the accounts that were created from `first` to `last`.
#[must_use]
pub fn listed_accounts(first: Timestamp, last: Timestamp) -> (String, String) {
    let ms = |at: Timestamp| at.as_millisecond().clamp(0, 99_999_999_999_999);
    // `$` follows on `#`, which ends the time.
    (format!("{:014}", ms(first)), format!("{:014}$", ms(last)))
}

/// The partition of what is due in this shard.
#[must_use]
pub fn due_shard(shard: u8) -> String {
    format!("D#{shard}")
}

/// The partition of what is due that the item with this id belongs to, the same for everybody.
#[must_use]
pub fn due_shard_of(id: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(id).into();
    due_shard(hash[0] % DUE_SHARDS)
}

/// The place of an item that is due at this instant among all that are.
#[must_use]
pub fn due_place(at: Timestamp, id: &str) -> String {
    let at_ms = at.as_millisecond().max(0);
    format!("{at_ms:014}#{id}")
}

/// Creates the table as `template.yaml` does, for the local stack and for tests.
///
/// # Errors
/// `Rejected` where the table exists already or the store refuses the definition.
pub async fn create_table(client: &Client, table: &str, stream: bool) -> Result<(), Error> {
    let mut create = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest);
    for name in ["pk", "sk", "gk", "gs", "dk", "ds"] {
        create = create.attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
                .map_err(rejected)?,
        );
    }
    for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        create = create.key_schema(key_element(name, kind)?);
    }
    for (index, partition, sort) in [(INDEX, "gk", "gs"), (DUE_INDEX, "dk", "ds")] {
        let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly);
        let index = GlobalSecondaryIndex::builder()
            .index_name(index)
            .projection(keys_only.build())
            .key_schema(key_element(partition, KeyType::Hash)?)
            .key_schema(key_element(sort, KeyType::Range)?);
        create = create.global_secondary_indexes(index.build().map_err(rejected)?);
    }
    if stream {
        create = create.stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewImage)
                .build()
                .map_err(rejected)?,
        );
    }
    create.send().await.map_err(rejected)?;
    Ok(())
}

fn key_element(name: &str, kind: KeyType) -> Result<KeySchemaElement, Error> {
    KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(kind)
        .build()
        .map_err(rejected)
}

fn rejected(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Rejected {
        source: Box::new(source),
    }
}
