//! What an account says of experiments, and what a payment counted for: a line of text for each.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use laurel_rules::experiment::standing::{Counted, Experiments, Standing};

use super::Reader;
use crate::Error;

/// The value of an account's attribute.
pub(super) fn standing_values(experiments: &Experiments) -> Vec<AttributeValue> {
    let lines = experiments.standings.iter().map(|standing| {
        format!(
            "{} {} {} {} {} {} {} {}",
            standing.experiment,
            standing.variant,
            standing.since.as_millisecond(),
            standing.awards,
            standing.points,
            standing.reversed,
            standing.spend,
            u8::from(standing.is_excluded),
        )
    });
    lines.map(AttributeValue::S).collect()
}

/// Reads what [`standing_values`] wrote.
pub(super) fn experiments(reader: &Reader<'_>, name: &str) -> Result<Experiments, Error> {
    let standings = reader.list(name).iter().map(|line| {
        let read = standing(reader.word(name, Some(line))?);
        read.ok_or_else(|| reader.corrupt("what it says of an experiment is not readable"))
    });
    standings.collect::<Result<_, _>>().map(Experiments::read)
}

fn standing(line: &str) -> Option<Standing> {
    let words: Vec<&str> = line.split(' ').collect();
    let [
        experiment,
        variant,
        since,
        awards,
        points,
        reversed,
        spend,
        is_excluded,
    ] = *words
    else {
        return None;
    };
    Some(Standing {
        experiment: experiment.to_owned(),
        variant: variant.to_owned(),
        since: Timestamp::from_millisecond(since.parse().ok()?).ok()?,
        awards: awards.parse().ok()?,
        points: points.parse().ok()?,
        reversed: reversed.parse().ok()?,
        spend: spend.parse().ok()?,
        is_excluded: is_excluded == "1",
    })
}

/// The value of a payment's attribute.
pub(super) fn counted_values(counted: &[Counted]) -> Vec<AttributeValue> {
    let lines = counted.iter().map(|counted| {
        let award = counted
            .award
            .map_or_else(|| "-".to_owned(), |place| place.to_string());
        let spend = u8::from(counted.is_spend);
        AttributeValue::S(format!("{} {spend} {award}", counted.experiment))
    });
    lines.collect()
}

/// Reads what [`counted_values`] wrote.
pub(super) fn counted(reader: &Reader<'_>, name: &str) -> Result<Vec<Counted>, Error> {
    let lines = reader.list(name).iter().map(|line| {
        let words: Vec<&str> = reader.word(name, Some(line))?.split(' ').collect();
        let [experiment, spend, award] = *words else {
            return Err(reader.corrupt("what it counted for is not readable"));
        };
        let award = match award {
            "-" => None,
            place => Some(
                place
                    .parse()
                    .map_err(|_| reader.corrupt("what it counted for has no award"))?,
            ),
        };
        Ok(Counted {
            experiment: experiment.to_owned(),
            is_spend: spend == "1",
            award,
        })
    });
    lines.collect()
}
