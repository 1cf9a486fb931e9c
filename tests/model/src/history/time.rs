//! When things happen: at random, and at the edges of windows, lots and periods.

use super::*;

impl Generator {
    pub(super) fn later(&mut self) -> Timestamp {
        let rng = &mut self.rng;
        let ahead = |millis: i64| SignedDuration::from_millis(millis);
        let hour = 3_600_000;
        let next = match rng.u32(..100) {
            0..5 => self.now,
            5..7 if self.features.tiers => {
                // Up to two years ahead, and to where tiers are reviewed.
                if rng.bool() {
                    self.now + ahead(rng.i64(200 * 24 * hour..700 * 24 * hour))
                } else {
                    self.review_edge()
                }
            }
            5..8 if self.features.campaigns => self.schedule_edge(),
            8..15 if self.features.rewards => self.reservation_edge(),
            15..22 if self.features.rewards => self.now + ahead(rng.i64(1..hour)),
            5..55 => self.now + ahead(rng.i64(1..120_000)),
            55..75 => self.now + ahead(rng.i64(1..12 * hour)),
            75..85 => self.window_edge(1),
            85..93 => self.lot_edge(),
            93..98 => self.now + ahead(rng.i64(24 * hour..20 * 24 * hour)),
            _ => self.now + ahead(rng.i64(25 * 24 * hour..120 * 24 * hour)),
        };
        next.max(self.now)
    }

    /// The start of a local day, week or month, `direction` from now, and a millisecond about it.
    pub(super) fn window_edge(&mut self, direction: i8) -> Timestamp {
        let today = self.zone.to_datetime(self.now).date();
        let monday = i64::from(today.weekday().to_monday_zero_offset());
        let days = |date: Date, days: i64| {
            date.checked_add(jiff::Span::new().days(days))
                .expect("a date in range")
        };
        let back = direction < 0;
        let date = match self.rng.u32(..3) {
            0 if back => today,
            0 => days(today, 1),
            1 if back => days(today, -monday),
            1 => days(today, 7 - monday),
            _ if back => today.first_of_month(),
            _ => days(today.last_of_month(), 1),
        };
        let edge = date
            .to_zoned(self.zone.clone())
            .expect("a date in range")
            .timestamp();
        self.about(edge)
    }

    /// The next instant at which a lot of somebody matures or expires.
    pub(super) fn lot_edge(&mut self) -> Timestamp {
        let Some(member) = self.some_member() else {
            return self.now;
        };
        let edges = self.model.holdings(member, self.now).boundaries();
        let next = edges.into_iter().find(|edge| self.now < *edge);
        // Not years ahead for the whole history.
        let near = next.filter(|at| at.duration_since(self.now) < SignedDuration::from_hours(2400));
        near.map_or(self.now, |edge| self.about(edge))
    }

    /// When a tier of somebody is reviewed next.
    fn review_edge(&mut self) -> Timestamp {
        let Some(member) = self.some_member() else {
            return self.now;
        };
        let next = self.model.next_review(member, self.now);
        let near = next.filter(|at| at.duration_since(self.now).as_hours() < 500 * 24);
        near.map_or(self.now, |edge| self.about(edge))
    }

    /// Where the hours of a campaign begin or end, or one begins or ends for good.
    fn schedule_edge(&mut self) -> Timestamp {
        let mut edges = Vec::new();
        let tomorrow = self.now + SignedDuration::from_hours(24);
        for campaign in &self.model.campaigns {
            edges.extend(campaign.starts_at);
            edges.extend(campaign.ends_at);
            let hours = campaign
                .schedule
                .iter()
                .flat_map(|it| it.hours.iter().flatten());
            for minute in hours.flat_map(|&(from, to)| [from, to]) {
                let midnight = self
                    .zone
                    .to_datetime(self.now)
                    .date()
                    .to_datetime(Time::midnight());
                let local = midnight + SignedDuration::from_mins(i64::from(minute));
                let edge = local.to_zoned(self.zone.clone()).expect("a date in range");
                edges.push(edge.timestamp());
                edges.push(edge.timestamp() + SignedDuration::from_hours(24));
            }
        }
        edges.retain(|edge| self.now < *edge && *edge < tomorrow);
        if edges.is_empty() {
            return self.now;
        }
        let edge = *pick(&mut self.rng, &edges);
        self.about(edge)
    }

    pub(super) fn about(&mut self, edge: Timestamp) -> Timestamp {
        edge + SignedDuration::from_millis(self.rng.i64(-1..=1))
    }

    pub(super) fn occurred_at(&mut self) -> Timestamp {
        let back = |rng: &mut Rng, millis: i64| SignedDuration::from_millis(-rng.i64(0..millis));
        let minute = 60_000;
        let latest = self.now + SignedDuration::from_mins(5);
        match self.rng.u32(..1000) {
            0..200 => self.now,
            200..230 if self.features.campaigns => self.schedule_edge().min(latest),
            200..540 => self.now + back(&mut self.rng, 5_000),
            540..640 => self.now + back(&mut self.rng, 600 * minute),
            640..750 => self.now + back(&mut self.rng, 92 * 24 * 60 * minute),
            750..870 => self.window_edge(-1).min(latest),
            870..945 => self
                .trailing_edge()
                .filter(|at| *at <= latest)
                .unwrap_or(self.now),
            945..985 => self.now + SignedDuration::from_millis(self.rng.i64(1..=5 * minute)),
            985..990 => latest,
            990..993 => latest + SignedDuration::from_millis(1),
            _ => latest + SignedDuration::from_millis(self.rng.i64(1..99 * minute)),
        }
    }

    /// Where an earlier event leaves or enters a trailing window.
    pub(super) fn trailing_edge(&mut self) -> Option<Timestamp> {
        let other = self.some_sent(|_| true)?.occurred_at;
        let days = *pick(&mut self.rng, &[1, 7, 30, -1, -7, -30]);
        Some(self.about(other + SignedDuration::from_hours(24 * days)))
    }
}
