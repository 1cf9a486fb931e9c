//! The table's stream and its two functions: records come late, again and in another order, and
//! in the end every change was announced once, under one id, and is counted.

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::{dynamodb::Event, streams::DynamoDbEventResponse};
use fastrand::Rng;
use laurel::{
    embedded::StreamReader,
    owed::{added_up, compare, in_words, kept},
    stack::TABLE,
};
use laurel_ledger::item::entry_from_image;
use laurel_tests::PROGRAM;
use serde_json::{Value, json};

use crate::{
    weather::{self, Weather},
    world::{Process, Room},
};

/// How many records one invocation gets at the most.
const BATCH_MAX: usize = 40;

pub(crate) struct Stream {
    reader: StreamReader,
    /// The webhook endpoint that wants everything.
    endpoint: String,
    /// Of each function the records that it is to get, in their order.
    waiting: [Vec<Value>; 2],
    /// Records that were handled, some of which come again.
    past: Vec<Value>,
}

impl Stream {
    pub(crate) fn of(room: &Room, endpoint: String) -> Stream {
        let reader = room.base.store.stream(TABLE);
        Stream {
            reader: reader.expect("a stream"),
            endpoint,
            waiting: [Vec::new(), Vec::new()],
            past: Vec::new(),
        }
    }

    /// Takes new records, mixed up as far as a stream may.
    async fn take(&mut self, rng: &mut Rng, met: &mut Vec<String>) {
        let records = self.reader.next(BATCH_MAX).await.expect("records");
        let Some(last) = records.last() else { return };
        let last = last["dynamodb"]["SequenceNumber"].as_str();
        self.reader
            .done_with(last.unwrap_or_default())
            .await
            .expect("is done with");
        for waiting in &mut self.waiting {
            let mut mixed = records.clone();
            if rng.bool() {
                mixed = mix(rng, records.clone());
                met.push("records come out of order".to_owned());
            }
            if !self.past.is_empty() && rng.u32(..100) < 30 {
                let place = rng.usize(..=mixed.len());
                mixed.insert(place, self.past[rng.usize(..self.past.len())].clone());
                met.push("a record came again".to_owned());
            }
            waiting.extend(mixed);
        }
        self.past.extend(records);
    }

    /// Hands records to both functions once; whether nothing is left to hand over.
    pub(crate) async fn tell(
        &mut self,
        process: &Process,
        weather: Weather,
    ) -> (Vec<String>, bool) {
        let mut met = Vec::new();
        let mut rng = Rng::with_seed(weather.rng.get_seed());
        if self.waiting.iter().all(Vec::is_empty) {
            self.take(&mut rng, &mut met).await;
        }
        for (function, waiting) in self.waiting.iter_mut().enumerate() {
            if waiting.is_empty() {
                continue;
            }
            let batch: Vec<Value> = waiting.iter().take(BATCH_MAX).cloned().collect();
            let event: Event = serde_json::from_value(json!({"Records": batch})).expect("an event");
            let mut weather = weather.clone();
            weather.rng = Rng::with_seed(rng.u64(..));
            let work = async {
                match function {
                    0 => process.outbox.handle(event).await,
                    _ => process.counting.handle(event).await,
                }
            };
            let ended = weather::run(weather, work).await;
            met.extend(ended.met);
            met.extend(
                ended
                    .notes
                    .letters
                    .iter()
                    .map(|it| format!("dead letter {}", it.reason)),
            );
            match ended.answer {
                None => met.push("the process has died".to_owned()),
                Some(response) => {
                    let done = handled(&batch, &response);
                    waiting.drain(..done);
                }
            }
        }
        (met, self.waiting.iter().all(Vec::is_empty))
    }

    /// Hands over all that there is, in fine weather.
    pub(crate) async fn tell_all(&mut self, process: &Process) -> Result<(), String> {
        loop {
            let (met, is_over) = self.tell(process, Weather::fine(1, false)).await;
            if let Some(letter) = met.iter().find(|line| line.starts_with("dead letter")) {
                return Err(format!("I13: a record was set aside: {letter}"));
            }
            let none_come = self.reader.next(1).await.expect("records").is_empty();
            if is_over && none_come {
                return Ok(());
            }
        }
    }

    /// What must hold when nothing is under way: I9, I14, and the figures of what is owed.
    pub(crate) async fn check(&self, room: &Room) -> Result<(), String> {
        let written = self.written(room).await?;
        let mut announced: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut contents: BTreeMap<String, String> = BTreeMap::new();
        let mut last_of: BTreeMap<String, u64> = BTreeMap::new();
        let ordered = room.orders.all();
        let received = room.receiver.received()?;
        for (event, was_taken) in room.bus.offered() {
            let id = event.detail["id"].as_str().unwrap_or_default().to_owned();
            let content = event.detail.to_string();
            let is_new = !contents.contains_key(&id);
            let known = contents
                .entry(id.clone())
                .or_insert_with(|| content.clone());
            if *known != content {
                return Err(format!("I14: {id} says {known}, then {content}"));
            }
            if !ordered.contains_key(&(self.endpoint.clone(), id.clone())) {
                return Err(format!(
                    "I14: {id} was not ordered for the webhook endpoint"
                ));
            }
            let came = received.get(&id).map(|it| &it.event["data"]);
            let is_same = came == Some(&event.detail["data"]);
            if !is_same && (came.is_none() || !room.receiver.forgets()) {
                return Err(format!(
                    "I14: {id} was delivered as {came:?}, not as {content}"
                ));
            }
            if let (true, Some((account, number))) = (is_new, log_place(&id)) {
                let last = last_of.entry(account).or_default();
                if number < *last {
                    return Err(format!("the changes of an account are out of order: {id}"));
                }
                *last = number;
            }
            if !was_taken {
                continue;
            }
            if let Some(transaction) = event.detail["data"]["transaction"].as_str() {
                // What speaks of a redemption or a referral names the transaction, too.
                let of_points = ["loyalty.points.", "loyalty.store_credit."];
                if of_points
                    .iter()
                    .any(|kind| event.detail_type.starts_with(kind))
                {
                    announced
                        .entry(transaction.to_owned())
                        .or_default()
                        .insert(id);
                }
            }
        }
        for (transaction, events) in &announced {
            if events.len() != 1 || !written.contains(transaction) {
                return Err(format!("I9: {transaction} is announced by {events:?}"));
            }
        }
        if let Some(silent) = written.iter().find(|it| !announced.contains_key(*it)) {
            return Err(format!("I9: {silent} is not announced"));
        }
        self.check_owed(room).await
    }

    async fn check_owed(&self, room: &Room) -> Result<(), String> {
        let ledger = &room.base.ledger;
        let failed = |error| format!("what is owed cannot be read: {error:?}");
        let program = ledger.program(PROGRAM).await.map_err(failed)?;
        let figures = kept(&ledger.liability(PROGRAM).await.map_err(failed)?);
        let scanned = added_up(&room.base.store.client(), &program, ledger.now()).await;
        let scanned = scanned.map_err(|error| error.to_string())?;
        let (table, is_same) = in_words(&compare(&figures, &scanned));
        if is_same {
            Ok(())
        } else {
            Err(format!("what is owed:\n{table}"))
        }
    }

    /// The ids of all transactions in the table.
    async fn written(&self, room: &Room) -> Result<BTreeSet<String>, String> {
        let mut all = BTreeSet::new();
        let mut start = None;
        loop {
            let page = room.base.store.client().scan().table_name(TABLE).limit(500);
            let page = page.set_exclusive_start_key(start).send().await;
            let page = page.map_err(|error| error.to_string())?;
            for item in page.items.iter().flatten() {
                let entry = entry_from_image(item).map_err(|error| error.to_string())?;
                let Some(entry) = entry else { continue };
                for place in 0..entry.transactions.len() {
                    all.insert(entry.transaction_id(place).to_string());
                }
                for place in 0..entry.credits.len() {
                    all.insert(entry.credit_id(place).to_string());
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(all);
            }
        }
    }
}

/// The account and the number of the entry that an event's id names.
fn log_place(id: &str) -> Option<(String, u64)> {
    let parsed = laurel_rules::id::EventId::parse(id)?;
    Some((parsed.account, parsed.seq))
}

/// How many of the records the function is done with.
fn handled(batch: &[Value], response: &DynamoDbEventResponse) -> usize {
    let failure = response.batch_item_failures.first();
    let Some(from) = failure.and_then(|it| it.item_identifier.as_deref()) else {
        return batch.len();
    };
    let place = batch
        .iter()
        .position(|it| it["dynamodb"]["SequenceNumber"] == from);
    place.unwrap_or(0)
}

/// The records in another order: those of one partition keep theirs.
fn mix(rng: &mut Rng, records: Vec<Value>) -> Vec<Value> {
    let mut partitions: Vec<(String, std::collections::VecDeque<Value>)> = Vec::new();
    for record in records {
        let key = record["dynamodb"]["Keys"]["pk"]["S"].as_str();
        let key = key.unwrap_or_default().to_owned();
        match partitions.iter_mut().find(|(known, _)| *known == key) {
            Some((_, of_it)) => of_it.push_back(record),
            None => partitions.push((key, [record].into())),
        }
    }
    let mut mixed = Vec::new();
    while !partitions.is_empty() {
        let place = rng.usize(..partitions.len());
        mixed.extend(partitions[place].1.pop_front());
        if partitions[place].1.is_empty() {
            partitions.remove(place);
        }
    }
    mixed
}
