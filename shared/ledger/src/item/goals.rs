//! What an account remembers of milestones and streaks, one line of text for each rule.

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::goal::{
    EarlierRun, Goals, Kept, MilestoneStanding, Standing, StreakStanding, StreakUnit,
};

use super::Reader;
use crate::Error;

/// Stands where a list is empty or something is absent.
const NOTHING: &str = "-";

/// The attribute's value.
pub(super) fn goal_values(goals: &Goals) -> Vec<AttributeValue> {
    goals
        .0
        .iter()
        .map(|standing| AttributeValue::S(line(standing)))
        .collect()
}

/// Reads what [`goal_values`] wrote.
pub(super) fn goals(reader: &Reader<'_>, name: &str) -> Result<Goals, Error> {
    let lines = reader.list(name).iter();
    let goals = lines.map(|line| {
        let read = standing(reader.word(name, Some(line))?);
        read.ok_or_else(|| reader.corrupt("what is remembered of a goal is not readable"))
    });
    goals.collect::<Result<_, _>>().map(Goals)
}

/// `rule milestone 100*1,500*2 900`, `rule day 20000 1f 19900*7 0`.
fn line(standing: &Standing) -> String {
    let rule = &standing.rule;
    match &standing.kept {
        Kept::Milestone(kept) => {
            let paid = joined(kept.paid.iter().map(|(at, times)| format!("{at}*{times}")));
            let owed = joined(kept.owed.iter().map(i64::to_string));
            format!("{rule} milestone {paid} {owed}")
        }
        Kept::Streak(kept) => {
            let earlier = kept.earlier.iter();
            let earlier = joined(earlier.map(|run| format!("{}*{}", run.last, run.count)));
            let (unit, last, recent) = (kept.unit.as_str(), kept.last, kept.recent);
            format!("{rule} {unit} {last} {recent:x} {earlier} {}", kept.owed)
        }
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        return NOTHING.to_owned();
    }
    parts.join(",")
}

fn standing(line: &str) -> Option<Standing> {
    let words: Vec<&str> = line.split(' ').collect();
    let (rule, kept) = match words[..] {
        [rule, "milestone", paid, owed] => {
            let paid = parts(paid).map(|part| {
                let (at, times) = part.split_once('*')?;
                Some((at.parse().ok()?, times.parse().ok()?))
            });
            let kept = MilestoneStanding {
                paid: paid.collect::<Option<_>>()?,
                owed: parts(owed)
                    .map(|at| at.parse().ok())
                    .collect::<Option<_>>()?,
            };
            (rule, Kept::Milestone(kept))
        }
        [rule, unit, last, recent, earlier, owed] => {
            let earlier = parts(earlier).next().map(|run| {
                let (last, count) = run.split_once('*')?;
                let (last, count) = (last.parse().ok()?, count.parse().ok()?);
                Some(EarlierRun { last, count })
            });
            let kept = StreakStanding {
                unit: StreakUnit::parse(unit)?,
                last: last.parse().ok()?,
                recent: u64::from_str_radix(recent, 16).ok()?,
                earlier: match earlier {
                    Some(earlier) => Some(earlier?),
                    None => None,
                },
                owed: owed.parse().ok()?,
            };
            (rule, Kept::Streak(kept))
        }
        _ => return None,
    };
    let rule = rule.to_owned();
    Some(Standing { rule, kept })
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|part| *part != NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let milestones = |paid: &[(i64, u32)], owed: &[i64]| {
            let (paid, owed) = (paid.to_vec(), owed.to_vec());
            Kept::Milestone(MilestoneStanding { paid, owed })
        };
        let streak = |unit, earlier| {
            Kept::Streak(StreakStanding {
                unit,
                last: -20_000,
                recent: 0xf000_0000_0000_0001,
                earlier,
                owed: 3,
            })
        };
        let earlier = EarlierRun {
            last: -20_070,
            count: 412,
        };
        let all = [
            milestones(&[(100_000, 1), (500_000, 2)], &[7]),
            milestones(&[], &[1, 2]),
            milestones(&[(1, 1)], &[]),
            streak(StreakUnit::Day, Some(earlier)),
            streak(StreakUnit::Month, None),
        ];
        for (number, kept) in all.into_iter().enumerate() {
            let rule = format!("rule_{number}");
            let kept = Standing { rule, kept };
            assert_eq!(standing(&line(&kept)), Some(kept));
        }
        assert_eq!(standing("rule_1 fortnight 1 1 - 0"), None);
        assert_eq!(standing("rule_1 milestone 5 -"), None);
    }
}
