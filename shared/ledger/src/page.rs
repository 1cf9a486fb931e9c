//! Lists in pages, as Stripe pages them.

use jiff::Timestamp;
use laurel_rules::{Refusal, window::shifted};

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many at the most.
    pub limit: usize,
    /// The page that begins right after the object with this id.
    pub starting_after: Option<String>,
    /// The page that ends right before the object with this id.
    pub ending_before: Option<String>,
}

impl Default for PageRequest {
    fn default() -> PageRequest {
        PageRequest {
            limit: 20,
            starting_after: None,
            ending_before: None,
        }
    }
}

impl PageRequest {
    /// The cursor, with the parameter that names it: `ending_before` pages backwards.
    pub(crate) fn cursor(&self) -> (&'static str, Option<&String>) {
        match (&self.starting_after, &self.ending_before) {
            (Some(id), _) => ("starting_after", Some(id)),
            (None, Some(id)) => ("ending_before", Some(id)),
            (None, None) => ("", None),
        }
    }
}

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub data: Vec<T>,
    /// Whether there is more in the direction that was asked for.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// The page of what was found, which was read in one direction and one beyond the limit where
    /// there was more.
    pub(crate) fn of_found(mut data: Vec<T>, limit: usize, newest_first: bool) -> Page<T> {
        let has_more = data.len() > limit;
        data.truncate(limit);
        if !newest_first {
            data.reverse();
        }
        Page { data, has_more }
    }

    /// The same page of what `form` makes of each.
    pub(crate) fn map<U>(self, form: impl FnMut(T) -> U) -> Page<U> {
        Page {
            data: self.data.into_iter().map(form).collect(),
            has_more: self.has_more,
        }
    }

    /// Cuts the page out of a whole list that is sorted newest first.
    pub(crate) fn cut(
        all: Vec<T>,
        request: &PageRequest,
        id_of: impl Fn(&T) -> &str,
    ) -> Result<Page<T>, Refusal> {
        Page::cut_where(all, request, id_of, |_| true)
    }

    /// The same, of those that `keep` keeps. A cursor holds its place also where its object is
    /// not kept: it may have been when the page before was read.
    pub(crate) fn cut_where(
        mut all: Vec<T>,
        request: &PageRequest,
        id_of: impl Fn(&T) -> &str,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, Refusal> {
        let place = |param: &str, id: &Option<String>| match id {
            None => Ok(None),
            Some(id) => match all.iter().position(|item| id_of(item) == id) {
                Some(place) => Ok(Some(place)),
                None => Err(no_such_cursor(param, id)),
            },
        };
        let after = place("starting_after", &request.starting_after)?;
        let before = place("ending_before", &request.ending_before)?;
        if let Some(before) = before {
            all.truncate(before);
            all.retain(keep);
            let skip = all.len().saturating_sub(request.limit);
            return Ok(Page {
                data: all.split_off(skip),
                has_more: skip > 0,
            });
        }
        let mut rest = all.split_off(after.map_or(0, |after| after + 1));
        rest.retain(keep);
        let has_more = rest.len() > request.limit;
        rest.truncate(request.limit);
        Ok(Page {
            data: rest,
            has_more,
        })
    }
}

/// A range of instants; all bounds that are there hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// After.
    pub gt: Option<Timestamp>,
    /// At or after.
    pub gte: Option<Timestamp>,
    /// Before.
    pub lt: Option<Timestamp>,
    /// At or before.
    pub lte: Option<Timestamp>,
}

impl TimeRange {
    /// The first and the last instant inside, in whole milliseconds as they are stored.
    pub(crate) fn bounds(&self) -> (Timestamp, Timestamp) {
        let after = self.gt.map(|at| shifted(at, 1));
        let before = self.lt.map(|at| shifted(at, -1));
        let first = after.into_iter().chain(self.gte).max();
        let last = before.into_iter().chain(self.lte).min();
        (
            first.unwrap_or(Timestamp::MIN),
            last.unwrap_or(Timestamp::MAX),
        )
    }

    pub(crate) fn contains(&self, at: Timestamp) -> bool {
        let (first, last) = self.bounds();
        (first..=last).contains(&at)
    }
}

pub(crate) fn no_such_cursor(param: &str, id: &str) -> Refusal {
    Refusal::invalid(
        param,
        format!("`{param}` names `{id}`, which is not in this list."),
    )
}
