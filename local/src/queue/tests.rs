use super::*;

/// What the function got: (body, which receipt).
type Seen = Arc<Mutex<Vec<(String, u32)>>>;

fn queue() -> Queue {
    let settings = template::Queue {
        function: "behavior".to_owned(),
        batch_size: 10,
        max_receives: 3,
        concurrency: 1,
    };
    Queue::new(
        "Behavior",
        settings,
        Activity::default(),
        DeadLetterList::default(),
    )
}

struct Setup {
    queue: Arc<Queue>,
    activity: Activity,
    dead: DeadLetterList,
    seen: Seen,
    sizes: Arc<Mutex<Vec<usize>>>,
}

impl Setup {
    /// A queue whose function fails as long as `fails` says so.
    fn new(fails: fn(&str, u32) -> bool) -> Setup {
        Setup::of(queue(), fails)
    }

    fn of(queue: Queue, fails: fn(&str, u32) -> bool) -> Setup {
        let (activity, dead) = (queue.activity.clone(), queue.dead_letters.clone());
        let queue = Arc::new(queue);
        let seen = Seen::default();
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let (log, batches) = (Arc::clone(&seen), Arc::clone(&sizes));
        let consumer: Consumer = Arc::new(move |event: SqsEvent| {
            batches.lock().unwrap().push(event.records.len());
            let mut answer = SqsBatchResponse::default();
            for record in event.records {
                let body = record.body.unwrap();
                let received = record.attributes["ApproximateReceiveCount"]
                    .parse()
                    .unwrap();
                log.lock().unwrap().push((body.clone(), received));
                assert_ne!(body, "panic", "as asked");
                if fails(&body, received) {
                    answer.add_failure(record.message_id.unwrap());
                }
            }
            Box::pin(async move { answer })
        });
        let runner = Arc::clone(&queue);
        tokio::spawn(async move { runner.run(consumer).await });
        Setup {
            queue,
            activity,
            dead,
            seen,
            sizes,
        }
    }

    fn received(&self, body: &str) -> Vec<u32> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .filter(|(seen, _)| seen == body)
            .map(|(_, count)| *count)
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn messages_come_in_batches_of_ten() {
    let setup = Setup::new(|_, _| false);
    for number in 0..25 {
        setup.queue.send(number.to_string());
    }
    setup.activity.idle().await;
    assert_eq!(*setup.sizes.lock().unwrap(), [10, 10, 5]);
    assert_eq!(setup.dead.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn only_what_failed_comes_again() {
    let setup = Setup::new(|body, received| body == "bad" && received < 3);
    let begun = Instant::now();
    setup.queue.send("good".to_owned());
    setup.queue.send("bad".to_owned());
    setup.activity.idle().await;
    assert_eq!(setup.received("good"), [1]);
    assert_eq!(setup.received("bad"), [1, 2, 3]);
    assert_eq!(begun.elapsed().as_millis() / 100, 3, "100 ms, then 200 ms");
    assert_eq!(setup.dead.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_retry_holds_nobody_up() {
    let setup = Setup::new(|body, _| body == "bad");
    setup.queue.send("bad".to_owned());
    tokio::time::sleep(Duration::from_millis(10)).await;
    setup.queue.send("good".to_owned());
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(setup.received("good"), [1]);
    assert_eq!(setup.received("bad"), [1]);
}

#[tokio::test(start_paused = true)]
async fn what_is_due_later_comes_later_and_is_waited_for_by_nobody() {
    let setup = Setup::new(|_, _| false);
    setup
        .queue
        .add("later".to_owned(), Duration::from_secs(60))
        .expect("kept nowhere");
    setup
        .queue
        .add("soon".to_owned(), Duration::from_secs(5))
        .expect("kept nowhere");
    setup.activity.idle().await;
    assert!(setup.received("later").is_empty());
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(
        (setup.received("soon").len(), setup.received("later").len()),
        (1, 0)
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    setup.activity.idle().await;
    assert_eq!(setup.received("later"), [1]);
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_good_is_a_dead_letter() {
    let setup = Setup::new(|body, _| body == "bad");
    setup.queue.send("bad".to_owned());
    setup.activity.idle().await;
    assert_eq!(setup.received("bad"), [1, 2, 3]);
    let dead = setup.dead.all();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].function, "behavior");
    assert_eq!(dead[0].letter.body, "bad");
    assert_eq!(dead[0].letter.received, 3);
    assert_eq!(dead[0].letter.code, "receives_exhausted");
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_the_batch_and_not_the_queue() {
    let setup = Setup::new(|_, _| false);
    setup.queue.send("panic".to_owned());
    setup.activity.idle().await;
    setup.queue.send("good".to_owned());
    setup.activity.idle().await;
    assert_eq!(setup.received("panic"), [1, 2, 3]);
    assert_eq!(setup.received("good"), [1]);
    assert_eq!(setup.dead.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_outlives_the_process() {
    let path = std::env::temp_dir().join(format!("laurel-{}", uuid::Uuid::new_v4()));
    let kept = || Kept::open(&path).expect("a file");
    // Nobody works on the first one's messages.
    let first = queue().kept_in(kept()).expect("a queue");
    first.send("now".to_owned());
    first
        .add("later".to_owned(), Duration::from_secs(600))
        .expect("kept");
    drop(first);
    let setup = Setup::of(
        queue().kept_in(kept()).expect("a queue"),
        |body, received| body == "now" && received < 2,
    );
    setup.activity.idle().await;
    assert_eq!(setup.received("now"), [1, 2]);
    assert!(setup.received("later").is_empty());
    tokio::time::sleep(Duration::from_secs(601)).await;
    setup.activity.idle().await;
    assert_eq!(setup.received("later"), [1]);
    assert!(kept().of("Behavior").expect("readable").is_empty());
    let _ = std::fs::remove_file(&path);
}
