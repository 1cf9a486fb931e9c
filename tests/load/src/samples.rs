//! How the stack looked from outside while it was loaded.

use std::time::Duration;

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Duration,
    resident_kb: u64,
    settled: u64,
}

/// Looks at the stack, in their order.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    all: Vec<Sample>,
}

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) resident_kb: u64,
    /// What was settled in each second.
    pub(crate) rate: u128,
}

impl Samples {
    pub(crate) fn add(&mut self, at: Duration, resident_kb: u64, settled: u64) {
        self.all.push(Sample {
            at,
            resident_kb,
            settled,
        });
    }

    /// The first and the last third, once the first tenth has filled the caches.
    pub(crate) fn thirds(&self) -> Option<(Part, Part)> {
        let warm = self.all.get(self.all.len() / 10..)?;
        let third = warm.len() / 3;
        Some((
            part(warm.get(..third)?)?,
            part(warm.get(warm.len() - third..)?)?,
        ))
    }

    /// The most memory that was ever resident.
    pub(crate) fn most_kb(&self) -> u64 {
        let all = self.all.iter().map(|sample| sample.resident_kb);
        all.max().unwrap_or_default()
    }
}

fn part(samples: &[Sample]) -> Option<Part> {
    let (first, last) = (samples.first()?, samples.last()?);
    let time_ms = (last.at - first.at).as_millis();
    let resident_kb: u64 = samples.iter().map(|sample| sample.resident_kb).sum();
    Some(Part {
        resident_kb: resident_kb / u64::try_from(samples.len()).ok()?,
        rate: (u128::from(last.settled - first.settled) * 1000).checked_div(time_ms)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_leave_out_the_beginning() {
        let mut samples = Samples::default();
        assert_eq!(samples.thirds(), None);
        // Ten in a second while it grows, then a hundred in a second at one size.
        for second in 0..10 {
            samples.add(Duration::from_secs(second), second, second * 10);
        }
        for second in 10..100 {
            let settled = 100 + (second - 10) * 100;
            samples.add(Duration::from_secs(second), 50, settled);
        }
        let part = Part {
            resident_kb: 50,
            rate: 100,
        };
        assert_eq!(samples.thirds(), Some((part, part)));
        assert_eq!(samples.most_kb(), 50);
    }
}
