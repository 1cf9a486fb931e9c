//! `laurel`: the whole of it on a laptop.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{
    audit::AuditArguments, liability::LiabilityArguments, replay::ReplayArguments,
    serve::ServeArguments,
};
use mimalloc::MiMalloc;

/// The embedded store makes and frees much in small pieces, which the system's allocator does ever
/// more slowly as the store grows.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Laurel, a loyalty engine, in one process with an embedded DynamoDB.
///
/// Without a command it serves the API, sends the sample events through, and stays up.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArguments,
    /// Tell on stderr what every function does.
    #[arg(long, short, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Send the events of a file through the functions, as fast as they go.
    Replay(ReplayArguments),
    /// Tell what a program owes its members, and whether its ledger says the same.
    Liability(LiabilityArguments),
    /// Check every member's log against what must hold of it.
    Audit(AuditArguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let level = match arguments.verbose {
        true => tracing::Level::INFO,
        false => tracing::Level::ERROR,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .init();
    let done = match arguments.command {
        None => commands::serve::run(arguments.serve).await,
        Some(Command::Replay(replay)) => commands::replay::run(replay).await,
        Some(Command::Liability(liability)) => commands::liability::run(liability).await,
        Some(Command::Audit(audit)) => commands::audit::run(audit).await,
    };
    done.unwrap_or_else(|error| {
        eprintln!("laurel: {error:#}");
        ExitCode::FAILURE
    })
}
