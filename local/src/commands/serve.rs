//! Serving the API, after a round of samples.

use std::{
    io::{self, ErrorKind, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Args;
use laurel::{
    Options, Stack,
    samples::{self, Report},
    setup::{DEMO, EMPTY, ProgramFile},
    stack::API_KEY,
    table,
};
use tokio::net::TcpListener;

/// How to serve.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// The port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Keep everything in this directory; without it everything is gone in the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Start with prog_default as it is in a fresh deployment: no rules, no members, no samples.
    #[arg(long)]
    empty: bool,
    /// Stop after the samples; fail if one of them did.
    #[arg(long, conflicts_with = "empty")]
    once: bool,
    /// Wire bus, queues and routes as this CloudFormation template says, instead of the one that
    /// this program was built with.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// The secret key that callers must show.
    #[arg(long, env = "LAUREL_API_KEY", default_value = API_KEY, hide_env_values = true)]
    api_key: String,
    /// Requests a second for each key that has no limit of its own; 0 means no limit.
    #[arg(long, env = "LAUREL_RATE_LIMIT", default_value_t = 0, value_name = "N")]
    rate_limit: u32,
}

/// Serves until it is interrupted.
pub(crate) async fn run(arguments: ServeArguments) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    // Before anything is opened: two stacks on one port are often two on one directory.
    let listener = match arguments.once {
        true => None,
        false => Some(bind(arguments.port).await?),
    };
    let mut options = Options {
        data: arguments.data,
        rate_limit: arguments.rate_limit,
        public_url: listener.as_ref().map(address).transpose()?,
        ..Options::default()
    };
    options.api_key.clone_from(&arguments.api_key);
    if let Some(path) = &arguments.template {
        options.template = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
    }
    let stack = Stack::start(options).await?;
    let program = ProgramFile::parse(if arguments.empty { EMPTY } else { DEMO })?;
    program.set_up(&stack.router(), &stack.api_key).await?;

    let mut is_good = true;
    if !arguments.empty {
        let report = samples::send_all(&stack).await?;
        tell(&mut out, &report)?;
        is_good = report.is_good() && stack.dead_letters.count() == 0;
    }
    let Some(listener) = listener else {
        return Ok(if is_good {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    };

    let base = address(&listener)?;
    invite(&mut out, &base, &arguments.api_key, arguments.empty)?;
    axum::serve(listener, stack.router())
        .with_graceful_shutdown(interrupted())
        .await?;
    stack.settled().await;
    writeln!(out, "Stopped.")?;
    Ok(ExitCode::SUCCESS)
}

fn address(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

async fn bind(port: u16) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {port} is taken, perhaps by another laurel. Choose another one with --port, or \
             any free one with --port 0."
        ),
        Err(error) => Err(error).with_context(|| format!("port {port} cannot be opened")),
    }
}

async fn interrupted() {
    // Without a handler an interrupt ends the process at once, which is what it asks for.
    let _ = tokio::signal::ctrl_c().await;
}

fn tell(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let number = |number: Option<i64>| number.map_or_else(String::new, |n| n.to_string());
    let rows: Vec<Vec<String>> = report
        .rows
        .iter()
        .map(|row| {
            let text = |text: &str| text.to_owned();
            vec![
                text(&row.file),
                text(&row.event_type),
                text(&row.outcome),
                text(row.member.as_deref().unwrap_or_default()),
                number(row.points),
                number(row.balance),
            ]
        })
        .collect();
    let header = [
        "FILE IN events/",
        "TYPE",
        "OUTCOME",
        "MEMBER",
        "POINTS",
        "BALANCE",
    ];
    writeln!(out, "{}", table::format(&header, &rows))?;
    if let Some((file, lines)) = &report.trace {
        writeln!(out, "How the points of {file} came about:")?;
        for line in lines {
            writeln!(out, "  {line}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Tells what to try.
fn invite(out: &mut impl Write, base: &str, api_key: &str, empty: bool) -> io::Result<()> {
    // A key of one's own may be a real one, which has no place on a screen.
    let key = if api_key == API_KEY {
        API_KEY
    } else {
        "$LAUREL_API_KEY"
    };
    let json = "-H 'Content-Type: application/json'";
    let curl = |rest: &str| format!("  curl -s -H \"X-Api-Key: {key}\" {rest}");
    let payment = |id: &str, customer: &str| {
        format!(
            "{json} -d '{{\"type\":\"payment.completed\",\"data\":{{\"id\":\"{id}\",\
             \"customer\":\"{customer}\",\"amount\":4250,\"currency\":\"EUR\"}}}}' {base}/v1/events"
        )
    };
    writeln!(out, "Laurel listens on {base}. Try, in another terminal:\n")?;
    if empty {
        let rule = "-d '{\"trigger\":\"payment.completed\",\"award\":{\"type\":\"per_amount\",\
                    \"per\":100,\"points\":1}}'";
        writeln!(
            out,
            "{}",
            curl(&format!("{json} {rule} {base}/v1/loyalty/earning_rules"))
        )?;
        let account = "-d '{\"customer\":\"cust_carla\"}'";
        writeln!(
            out,
            "{}",
            curl(&format!("{json} {account} {base}/v1/loyalty/accounts"))
        )?;
        writeln!(out, "{}", curl(&payment("pay_1", "cust_carla")))?;
    } else {
        writeln!(out, "{}", curl(&payment("pay_3001", "cust_carla")))?;
        writeln!(
            out,
            "{}",
            curl(&format!("'{base}/v1/loyalty/accounts?customer=cust_carla'"))
        )?;
        writeln!(out, "{}", curl(&format!("{base}/v1/loyalty/earning_rules")))?;
    }
    writeln!(
        out,
        "\nWhat could not be handled is at {base}/_local/dead_letters, what was announced at \
         {base}/_local/events. Ctrl-C stops."
    )?;
    out.flush()
}
