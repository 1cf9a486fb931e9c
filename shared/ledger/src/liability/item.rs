//! How counted accounts and totals are spelt.
//!
//! All of it lies in partitions that begin with `F#`: whoever counts need not be allowed to
//! write anything else.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use jiff::Timestamp;
use laurel_rules::liability::{Figure, Figures, Flow, Month, Unit};

use crate::{
    Error,
    commit::invalid,
    item::{Item, Reader, Writer, number},
    store::key_item,
    table::{Key, TOTALS_EDGE_SHARDS},
};

/// What has been counted of one account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Counted {
    /// Grows with each write; 0 where nothing was counted yet.
    pub(super) version: u64,
    /// The number of the last entry of its log that was counted.
    pub(super) seq: u64,
    /// What it stood at when it was last counted.
    pub(super) standing: Figures,
    /// When time changes that, at the earliest.
    pub(super) changes_at: Option<Timestamp>,
}

pub(super) fn counted_item(account: &str, program: &str, counted: &Counted) -> Item {
    let standing = counted.standing.iter().flat_map(|(unit, figure, amount)| {
        let name = figure_name(figure);
        let name = match unit {
            Unit::Points => name,
            Unit::Credit(currency) => format!("{name} {currency}"),
        };
        [AttributeValue::S(name), number(amount)]
    });
    let writer = Writer::keyed(Key::counted(account))
        .text("p", program)
        .number("v", counted.version)
        .number("q", counted.seq)
        .list("st", standing.collect());
    let Some(changes_at) = counted.changes_at else {
        return writer.done();
    };
    writer
        .text("gk", edge_partition(program, edge_shard(account)))
        .text("gs", edge(changes_at, account))
        .done()
}

pub(super) fn counted(item: &Item) -> Result<Counted, Error> {
    let reader = Reader::new(item);
    let mut standing = Figures::default();
    for pair in reader.list("st").chunks(2) {
        let [name, amount] = pair else {
            return Err(reader.corrupt("a figure is cut off"));
        };
        let name = reader.word("st", Some(name))?;
        let (name, unit) = match name.split_once(' ') {
            None => (name, Unit::Points),
            Some((name, currency)) => (name, Unit::Credit(currency.to_owned())),
        };
        let figure = figure_of(name).ok_or_else(|| reader.corrupt("an unknown figure"))?;
        standing.add(&unit, figure, reader.parse("st", amount)?);
    }
    let edge = reader.maybe_text("gs").map(|_| edge_of(item));
    Ok(Counted {
        version: reader.number("v")?,
        seq: reader.number("q")?,
        standing,
        changes_at: edge.transpose()?,
    })
}

/// The account of a counted item, from its key.
pub(super) fn counted_account(item: &Item) -> Result<String, Error> {
    Ok(Reader::new(item).after("pk", "F#")?.to_owned())
}

/// The part of the index that lists the accounts of a program which time changes, by when.
pub(super) fn edge_partition(program: &str, shard: u8) -> String {
    format!("F#{program}#{shard}")
}

/// The same in every process.
pub(super) fn edge_shard(account: &str) -> u8 {
    let sum = account
        .bytes()
        .fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    sum % TOTALS_EDGE_SHARDS
}

/// The place of an account in that part.
pub(super) fn edge(at: Timestamp, account: &str) -> String {
    format!("{:014}#{account}", at.as_millisecond().max(0))
}

fn figure_name(figure: Figure) -> String {
    match figure {
        Figure::Outstanding(None) => "o".to_owned(),
        Figure::Outstanding(Some(month)) => format!("o{month}"),
        Figure::Pending => "p".to_owned(),
        Figure::Deficit => "d".to_owned(),
        // Accounts stand at none.
        Figure::Booked(month, flow) => format!("{}{month}", code(flow)),
    }
}

fn figure_of(name: &str) -> Option<Figure> {
    match name {
        "o" => Some(Figure::Outstanding(None)),
        "p" => Some(Figure::Pending),
        "d" => Some(Figure::Deficit),
        name => Some(Figure::Outstanding(Some(Month::parse(
            name.strip_prefix('o')?,
        )?))),
    }
}

/// The sums of one year, or of what belongs to none: an item each, so that whoever adds for one
/// payment touches two small items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    unit: Unit,
    year: Option<i16>,
}

impl Place {
    fn of(unit: &Unit, figure: Figure) -> Place {
        let year = match figure {
            Figure::Outstanding(month) => month.map(|month| month.year),
            Figure::Booked(month, _) => Some(month.year),
            Figure::Pending | Figure::Deficit => None,
        };
        Place {
            unit: unit.clone(),
            year,
        }
    }
}

/// The attribute that holds a sum in the item of its year.
fn attribute(figure: Figure) -> String {
    match figure {
        Figure::Outstanding(None) => "o".to_owned(),
        Figure::Outstanding(Some(month)) => format!("o{:02}", month.month),
        Figure::Pending => "p".to_owned(),
        Figure::Deficit => "d".to_owned(),
        Figure::Booked(month, flow) => format!("{}{:02}", code(flow), month.month),
    }
}

/// A year of sums stays below a kilobyte.
fn code(flow: Flow) -> &'static str {
    match flow {
        Flow::Issued => "is",
        Flow::Redeemed => "rd",
        Flow::Returned => "rt",
        Flow::Expired => "ex",
        Flow::Reversed => "rv",
        Flow::Adjusted => "aj",
    }
}

fn figure_in(attribute: &str, year: Option<i16>) -> Option<Figure> {
    let Some(year) = year else {
        return figure_of(attribute);
    };
    let (name, month) = attribute.split_at_checked(attribute.len().checked_sub(2)?)?;
    let month = Month {
        year,
        month: month.parse().ok()?,
    };
    match name {
        "o" => Some(Figure::Outstanding(Some(month))),
        name => {
            let flow = Flow::ALL.into_iter().find(|flow| code(*flow) == name)?;
            Some(Figure::Booked(month, flow))
        }
    }
}

/// The figures by the items that they are added to.
pub(super) fn by_place(figures: &Figures) -> BTreeMap<Place, Vec<(Figure, i128)>> {
    let mut places: BTreeMap<Place, Vec<(Figure, i128)>> = BTreeMap::new();
    for (unit, figure, amount) in figures.iter() {
        let place = places.entry(Place::of(unit, figure)).or_default();
        place.push((figure, amount));
    }
    places
}

/// Adds figures to the sums of a program.
pub(super) fn additions(
    table: &str,
    program: &str,
    shard: u8,
    figures: &Figures,
) -> Result<Vec<TransactWriteItem>, Error> {
    let addition = |(place, figures): (Place, Vec<(Figure, i128)>)| {
        let year = place.year.map(|year| format!("{year:04}"));
        let key = Key::totals(program, place.unit.as_str(), year.as_deref(), shard);
        let mut sums = Vec::with_capacity(figures.len());
        let mut names = HashMap::with_capacity(figures.len());
        let mut values = HashMap::with_capacity(figures.len());
        for (at, (figure, amount)) in figures.into_iter().enumerate() {
            sums.push(format!("#n{at} :v{at}"));
            names.insert(format!("#n{at}"), attribute(figure));
            values.insert(format!(":v{at}"), number(amount));
        }
        let update = Update::builder()
            .table_name(table)
            .set_key(Some(key_item(&key)))
            .update_expression(format!("ADD {}", sums.join(", ")))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        let update = update.build().map_err(invalid)?;
        Ok(TransactWriteItem::builder().update(update).build())
    };
    by_place(figures).into_iter().map(addition).collect()
}

/// The figures that an item of sums holds.
pub(super) fn totals(item: &Item) -> Result<Figures, Error> {
    let reader = Reader::new(item);
    let mut parts = reader.text("sk")?.split('#');
    let (Some(unit), Some(year)) = (parts.next(), parts.next()) else {
        return Err(reader.corrupt("sums of no unit"));
    };
    let unit = Unit::parse(unit);
    let year = match year {
        "-" => None,
        year => Some(
            year.parse()
                .map_err(|_| reader.corrupt("sums of no year"))?,
        ),
    };
    let mut figures = Figures::default();
    for (name, value) in item {
        if name == "pk" || name == "sk" {
            continue;
        }
        let figure = figure_in(name, year);
        let figure = figure.ok_or_else(|| reader.corrupt(format!("an unknown sum, {name}")))?;
        figures.add(&unit, figure, reader.parse(name, value)?);
    }
    Ok(figures)
}

/// When time changes the account that a row of the index is about.
pub(super) fn edge_of(row: &Item) -> Result<Timestamp, Error> {
    let reader = Reader::new(row);
    let ms = reader.text("gs")?.split('#').next();
    let ms = ms.and_then(|ms| ms.parse().ok());
    ms.and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .ok_or_else(|| reader.corrupt("a row of the index has no time"))
}
