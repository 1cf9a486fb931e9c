//! What a program owes, and whether that is what its ledger says.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use laurel::{owed, stack};
use laurel_ledger::{Ledger, SystemClock};

use super::kept_store;

/// Members that are counted again at a time.
const RECOUNTED: usize = 100;

/// Whose figures to show.
#[derive(Debug, Args)]
pub(crate) struct LiabilityArguments {
    /// The directory that a stack keeps its table in; stop the stack first.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The program.
    #[arg(long, value_name = "ID", default_value = "prog_default")]
    program: String,
    /// Add the whole ledger up beside the figures, and fail where they differ.
    #[arg(long)]
    check: bool,
    /// Count all members again first. It corrects figures that have not followed the ledger.
    #[arg(long)]
    recount: bool,
}

/// Shows the figures, and fails where they are to be checked and are wrong.
pub(crate) async fn run(arguments: LiabilityArguments) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    let store = kept_store(&arguments.data)?;
    let clock = Arc::new(SystemClock);
    let ledger = Ledger::new(store.client(), stack::TABLE, clock).in_sandbox();
    if arguments.recount {
        let (mut after, mut corrected) = (None, 0);
        loop {
            let (counted, next) = ledger.recount(&arguments.program, after, RECOUNTED).await?;
            corrected += counted.corrected;
            after = next;
            if after.is_none() {
                break;
            }
        }
        writeln!(out, "{corrected} members were not counted as they stand.\n")?;
    }
    let liability = ledger.liability(&arguments.program).await?;
    let kept = owed::kept(&liability);
    if !arguments.check {
        for (name, amount) in kept {
            writeln!(out, "{name}: {amount}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (program, now) = (&liability.program, liability.as_of);
    let added_up = owed::added_up(&store.client(), program, now).await?;
    let (text, agrees) = owed::in_words(&owed::compare(&kept, &added_up));
    write!(out, "{text}")?;
    Ok(if agrees {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
