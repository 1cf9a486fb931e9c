//! What only a sandbox has: a program's own time, and payments that nobody made.

pub(crate) mod payments;

use jiff::{SignedDuration, Timestamp};
use laurel_rules::{Code, Program, Refusal};

use crate::{Error, Ledger, catalogs::no_such_program};

/// How far ahead of the machine's clock a program's time may be set: a hundred years, so that
/// whatever is reckoned from it still has a date.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24 * 365 * 100);

/// What time it is for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgramTime {
    /// Its time.
    pub now: Timestamp,
    /// Whether it stands still until it is set again; else it is the machine's clock.
    pub is_frozen: bool,
    /// The time by the machine's clock.
    pub real_time: Timestamp,
}

impl Ledger {
    /// The time of a program as it was read: its own in a sandbox where one was set, else the
    /// machine's.
    pub(crate) fn now_in(&self, program: &Program) -> Timestamp {
        self.program_time_in(program).now
    }

    fn program_time_in(&self, program: &Program) -> ProgramTime {
        let real_time = self.now();
        let own = program.clock.filter(|_| self.is_sandbox);
        ProgramTime {
            now: own.unwrap_or(real_time),
            is_frozen: own.is_some(),
            real_time,
        }
    }

    /// What time it is for a program; costs a request in a sandbox only.
    ///
    /// # Errors
    /// In a sandbox `resource_missing` where there is no such program.
    pub async fn time_of(&self, program: &str) -> Result<Timestamp, Error> {
        if !self.is_sandbox {
            return Ok(self.now());
        }
        Ok(self.program_time(program).await?.now)
    }

    /// The clock of a program.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program.
    pub async fn program_time(&self, program: &str) -> Result<ProgramTime, Error> {
        let found = self.stored_program(program).await?;
        let (program, _) = found.ok_or_else(|| no_such_program(program))?;
        Ok(self.program_time_in(&program))
    }

    /// Sets the time of a program, where it then stands still; it never goes back.
    ///
    /// What is read or written from then on sees the new time: points that have matured, points
    /// that have expired, the windows of caps. What time does to the program's members by then is
    /// written when this returns; should it end early, to set the same time again goes on.
    ///
    /// # Errors
    /// `clock_ahead` where `now` is before the program's time; `parameter_invalid` where it is too
    /// far ahead; `resource_missing` where there is no such program.
    pub async fn set_program_time(
        &self,
        program: &str,
        now: Timestamp,
    ) -> Result<ProgramTime, Error> {
        let set = |program: &mut Program| {
            let before = self.program_time_in(program);
            if now < before.now {
                let message = format!(
                    "`now` must not be before the program's time, which is {}: time only moves \
                     forward.",
                    before.now
                );
                return Err(Refusal::new(Code::ClockAhead, message).at("now"));
            }
            if now.duration_since(before.real_time) > AHEAD_MAX {
                let message = "`now` must be at most 100 years ahead.";
                return Err(Refusal::invalid("now", message));
            }
            program.clock = Some(now);
            Ok(())
        };
        let program = self.update_program(program, set).await?;
        self.visit_members(&program).await?;
        Ok(self.program_time_in(&program))
    }
}
