//! `cargo bench -p laurel-benches --features http --bench http` drives the API of the local stack,
//! and beside it a router that answers a constant: what both have in common is the machine, the
//! network and the HTTP library, so that the ratio is what Laurel adds. Clients, servers and store
//! share one process, and the runs are interleaved, so that a slow spell meets all of them.

use std::{
    io::{Write, stdout},
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use axum::{Router, body::Body, http::Request, routing::get};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use laurel::{
    Options, Stack,
    setup::{EMPTY, ProgramFile},
    stack::API_KEY,
};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// How many clients call at once, each over a connection that it keeps.
const CLIENTS: usize = 32;
/// How often each load has its turn.
const ROUNDS: usize = 5;
/// How long a turn is.
const TURN: Duration = Duration::from_secs(1);
/// The members that are asked for.
const MEMBERS: u64 = 100;

/// What is asked for again and again.
#[derive(Debug, Clone, Copy)]
enum Load {
    Constant,
    Health,
    RetrieveAccount,
    CreateAccount,
}

const LOADS: [(Load, &str); 4] = [
    (Load::Constant, "a constant"),
    (Load::Health, "GET /healthz"),
    (Load::RetrieveAccount, "GET /v1/loyalty/accounts/{id}"),
    (Load::CreateAccount, "POST /v1/loyalty/accounts"),
];

/// What makes the customers of new accounts other ones each time.
static NUMBER: AtomicU64 = AtomicU64::new(0);

impl Load {
    fn request(self) -> anyhow::Result<Request<Full<Bytes>>> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let (method, path, body) = match self {
            Load::Constant => ("GET", "/".to_owned(), None),
            Load::Health => ("GET", "/healthz".to_owned(), None),
            Load::RetrieveAccount => {
                let path = format!("/v1/loyalty/accounts/loy_member_{}", number % MEMBERS);
                ("GET", path, None)
            }
            Load::CreateAccount => {
                let fields = json!({"customer": format!("cust_{number}")});
                ("POST", "/v1/loyalty/accounts".to_owned(), Some(fields))
            }
        };
        request(method, &path, body)
    }
}

fn request(method: &str, path: &str, body: Option<Value>) -> anyhow::Result<Request<Full<Bytes>>> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1")
        .header("x-api-key", API_KEY)
        .header("content-type", "application/json");
    let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
    Ok(request.body(Full::new(body))?)
}

/// A client with its connection.
struct Client(SendRequest<Full<Bytes>>);

impl Client {
    async fn connect(to: SocketAddr) -> anyhow::Result<Client> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Client(sender))
    }

    async fn call(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<()> {
        self.0.ready().await?;
        let answer = self.0.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "{status}: {body:?}");
        Ok(())
    }
}

/// How long each call took.
#[derive(Default)]
struct Measured {
    took: Vec<Duration>,
    elapsed: Duration,
}

impl Measured {
    fn per_second(&self) -> u128 {
        self.took.len() as u128 * 1_000_000 / self.elapsed.as_micros().max(1)
    }

    fn percentile_us(&self, percent: usize) -> u128 {
        let place = self.took.len() * percent / 100;
        self.took.get(place).map_or(0, Duration::as_micros)
    }
}

/// One turn of a load, by all clients at once.
async fn turn(
    clients: Vec<Client>,
    load: Load,
    measured: &mut Measured,
) -> anyhow::Result<Vec<Client>> {
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for mut client in clients {
        running.spawn(async move {
            let mut took = Vec::new();
            while begun.elapsed() < TURN {
                let request = load.request()?;
                let sent = Instant::now();
                client.call(request).await?;
                took.push(sent.elapsed());
            }
            anyhow::Ok((client, took))
        });
    }
    let mut clients = Vec::new();
    while let Some(ended) = running.join_next().await {
        let (client, took) = ended??;
        clients.push(client);
        measured.took.extend(took);
    }
    measured.elapsed += begun.elapsed();
    Ok(clients)
}

/// Serves on a free port until the process ends.
async fn serve(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let at = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(at)
}

async fn clients(of: SocketAddr) -> anyhow::Result<Vec<Client>> {
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::connect(of).await?);
    }
    Ok(clients)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // What the store's changes announce is another function's work on AWS.
    let stack = Stack::start(Options {
        announce: false,
        ..Options::default()
    })
    .await?;
    let program = ProgramFile::parse(EMPTY)?;
    program.set_up(&stack.router(), &stack.api_key).await?;
    let api = serve(stack.router()).await?;
    let constant = Router::new().route("/", get(async || Body::from(r#"{"status":"ok"}"#)));
    let constant = serve(constant).await?;

    let mut of_api = clients(api).await?;
    let mut of_constant = clients(constant).await?;
    let first = of_api.first_mut().context("no client")?;
    for number in 0..MEMBERS {
        let fields = json!({
            "id": format!("loy_member_{number}"), "customer": format!("member_{number}"),
        });
        let made = request("POST", "/v1/loyalty/accounts", Some(fields))?;
        first.call(made).await?;
    }

    let mut measured = LOADS.map(|_| Measured::default());
    for _ in 0..ROUNDS {
        for ((load, _), measured) in LOADS.iter().zip(&mut measured) {
            match load {
                Load::Constant => of_constant = turn(of_constant, *load, measured).await?,
                _ => of_api = turn(of_api, *load, measured).await?,
            }
        }
    }
    report(&mut measured)
}

fn report(measured: &mut [Measured]) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(
        out,
        "{CLIENTS} clients, {ROUNDS} turns of {} s\n{:<32}{:>12}{:>10}{:>10}{:>16}",
        TURN.as_secs(),
        "",
        "requests/s",
        "p50 us",
        "p99 us",
        "of a constant's",
    )?;
    let base = measured.first().map_or(1, Measured::per_second).max(1);
    for ((_, name), measured) in LOADS.iter().zip(measured) {
        measured.took.sort_unstable();
        writeln!(
            out,
            "{name:<32}{:>12}{:>10}{:>10}{:>14} %",
            measured.per_second(),
            measured.percentile_us(50),
            measured.percentile_us(99),
            measured.per_second() * 100 / base,
        )?;
    }
    Ok(())
}
