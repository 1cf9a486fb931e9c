//! Budgets: how many points a program, or a campaign, may give to all members together.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    rule::Window,
    window::{self, Range},
};

/// A limit over all members (spec section 1, "budget").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// So many points in each window, at least 1.
    pub points: i64,
    /// The calendar window, in the program's time zone.
    #[serde(default)]
    pub window: Window,
    /// Grows with each change of the limit: of two processes the one that knows the later limit
    /// decides. Never shown.
    #[serde(default)]
    pub revision: u64,
}

impl Budget {
    /// Whether it limits as `other` does.
    #[must_use]
    pub fn limits_like(&self, other: &Budget) -> bool {
        (self.points, self.window) == (other.points, other.window)
    }
}

/// One window of a budget: the points in it are counted under this name.
///
/// It goes by the local date on which the window starts, so that another time zone for the program
/// begins no second count of the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct BudgetWindow {
    window: Window,
    starts_on: Option<civil::Date>,
}

impl BudgetWindow {
    /// The window in which `at` lies.
    #[must_use]
    pub fn of(window: Window, at: Timestamp, zone: &TimeZone) -> BudgetWindow {
        let start = window::calendar(window, at, zone).start;
        BudgetWindow {
            window,
            starts_on: start.map(|start| start.to_zoned(zone.clone()).date()),
        }
    }

    /// The window of a kind that begins on this local date.
    #[must_use]
    pub fn beginning(window: Window, starts_on: civil::Date) -> BudgetWindow {
        BudgetWindow {
            window,
            starts_on: Some(starts_on),
        }
    }

    /// Which kind of window.
    #[must_use]
    pub fn kind(self) -> Window {
        self.window
    }

    /// The local date on which it begins; none for all time.
    #[must_use]
    pub fn starts_on(self) -> Option<civil::Date> {
        self.starts_on
    }

    /// From when until when it lasts, in `zone`.
    #[must_use]
    pub fn range(self, zone: &TimeZone) -> Range {
        let start = self.starts_on.and_then(|date| {
            let noon = date.at(12, 0, 0, 0).to_zoned(zone.clone()).ok()?;
            Some(noon.timestamp())
        });
        start.map_or(
            Range {
                start: None,
                end: None,
            },
            |inside| window::calendar(self.window, inside, zone),
        )
    }

    /// Reads what `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<BudgetWindow> {
        let mut letters = text.chars();
        let window = match letters.next()? {
            'd' => Window::Day,
            'w' => Window::Week,
            'm' => Window::Month,
            'l' => Window::Lifetime,
            _ => return None,
        };
        let date = letters.as_str();
        let starts_on = if date.is_empty() {
            None
        } else {
            Some(date.parse().ok()?)
        };
        Some(BudgetWindow { window, starts_on })
    }
}

impl From<BudgetWindow> for String {
    fn from(window: BudgetWindow) -> String {
        window.to_string()
    }
}

impl TryFrom<String> for BudgetWindow {
    type Error = &'static str;

    fn try_from(text: String) -> Result<BudgetWindow, Self::Error> {
        BudgetWindow::parse(&text).ok_or("a budget's window does not read")
    }
}

impl std::fmt::Display for BudgetWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letter = match self.window {
            Window::Day => 'd',
            Window::Week => 'w',
            Window::Month => 'm',
            Window::Lifetime => 'l',
        };
        write!(f, "{letter}")?;
        match self.starts_on {
            Some(date) => write!(f, "{date}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_table() {
        let table = [
            (
                Window::Day,
                "UTC",
                "2026-11-20T23:59:59.999Z",
                "d2026-11-20",
            ),
            (
                Window::Day,
                "Europe/Berlin",
                "2026-11-20T23:00:00Z",
                "d2026-11-21",
            ),
            (Window::Week, "UTC", "2026-11-22T12:00:00Z", "w2026-11-16"),
            (Window::Week, "UTC", "2026-11-23T00:00:00Z", "w2026-11-23"),
            (
                Window::Month,
                "America/New_York",
                "2026-12-01T04:59:59Z",
                "m2026-11-01",
            ),
            (Window::Lifetime, "UTC", "2026-11-20T12:00:00Z", "l"),
        ];
        for (window, zone, at, expected) in table {
            let zone = TimeZone::get(zone).expect(zone);
            let at: Timestamp = at.parse().expect(at);
            let found = BudgetWindow::of(window, at, &zone);
            assert_eq!(found.to_string(), expected);
            assert_eq!(BudgetWindow::parse(expected), Some(found));
            assert_eq!(found.range(&zone), window::calendar(window, at, &zone));
        }
        for text in ["", "x2026-11-20", "d2026-13-01", "d2026"] {
            assert_eq!(BudgetWindow::parse(text), None, "{text}");
        }
    }
}
