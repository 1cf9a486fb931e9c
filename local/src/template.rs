//! What of `template.yaml` decides where events and requests go.
//!
//! The deployed stack and the local one read the same file, so an event type or a route that is
//! added there is known here.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use crate::{
    pattern::{Pattern, PatternError},
    route::Route,
    yaml,
};

/// The template of this version.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// The wiring between bus, queues, functions, stream and HTTP API.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Which events go to which queue.
    pub rules: Vec<BusRule>,
    /// The queues that feed a function, by their logical id.
    pub queues: BTreeMap<String, Queue>,
    /// What the table's stream feeds.
    pub streams: Vec<Stream>,
    /// What runs again and again.
    pub schedules: Vec<Schedule>,
    /// What the HTTP API lets through.
    pub routes: Vec<Route>,
}

/// A rule of the bus.
#[derive(Debug, Clone, PartialEq)]
pub struct BusRule {
    /// Its logical id.
    pub name: String,
    /// Which events it takes.
    pub pattern: Pattern,
    /// The logical ids of the queues that it hands them to.
    pub queues: Vec<String>,
}

/// A queue in front of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The package of the function, as `payment-completed`.
    pub function: String,
    /// The most messages of one invocation.
    pub batch_size: usize,
    /// How often a message is tried.
    pub max_receives: u32,
    /// How many batches may be worked on at a time.
    pub concurrency: usize,
}

/// The table's stream in front of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// The package of the function.
    pub function: String,
    /// The most records of one invocation.
    pub batch_size: usize,
    /// A record must match one of these; any does where there are none.
    pub filters: Vec<Pattern>,
}

/// A schedule in front of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The package of the function.
    pub function: String,
    /// How often it runs.
    pub every: Duration,
}

/// Why a template cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not YAML.
    #[error("the template is not valid YAML: {0}")]
    Syntax(String),
    /// A resource is not as it is expected.
    #[error("the template's {resource} is not understood: {problem}")]
    Resource {
        /// Its logical id.
        resource: String,
        /// What is wrong.
        problem: String,
    },
    /// An event pattern uses more than is known here.
    #[error("the template's {resource} is not understood")]
    Pattern {
        /// Its logical id.
        resource: String,
        /// What is wrong.
        #[source]
        source: PatternError,
    },
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Anything that decides a route and is not understood.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let document = yaml::read(text).map_err(TemplateError::Syntax)?;
        let reader = Reader {
            document: &document,
        };
        let mut template = Template {
            rules: Vec::new(),
            queues: BTreeMap::new(),
            streams: Vec::new(),
            schedules: Vec::new(),
            routes: Vec::new(),
        };
        for (name, resource) in reader.resources() {
            match resource["Type"].as_str().unwrap_or_default() {
                "AWS::Events::Rule" => template.rules.push(reader.rule(name, resource)?),
                "AWS::ApiGatewayV2::Route" => {
                    let key = resource["Properties"]["RouteKey"]
                        .as_str()
                        .unwrap_or_default();
                    let route = Route::parse(key)
                        .ok_or_else(|| broken(name, format!("{key:?} is no route")))?;
                    template.routes.push(route);
                }
                "AWS::Serverless::Function" => reader.function(name, resource, &mut template)?,
                _ => {}
            }
        }
        for rule in &template.rules {
            if let Some(queue) = rule
                .queues
                .iter()
                .find(|queue| !template.queues.contains_key(*queue))
            {
                return Err(broken(&rule.name, format!("no function reads {queue}")));
            }
        }
        Ok(template)
    }

    /// The queues that take `event`, an EventBridge envelope.
    pub fn queues_for<'a>(&'a self, event: &'a Value) -> impl Iterator<Item = &'a str> {
        self.rules
            .iter()
            .filter(|rule| rule.pattern.matches(event))
            .flat_map(|rule| rule.queues.iter().map(String::as_str))
    }

    /// Whether the HTTP API lets this request through.
    #[must_use]
    pub fn routes(&self, method: &str, path: &str) -> bool {
        self.routes.iter().any(|route| route.matches(method, path))
    }
}

fn broken(resource: &str, problem: impl Into<String>) -> TemplateError {
    TemplateError::Resource {
        resource: resource.to_owned(),
        problem: problem.into(),
    }
}

struct Reader<'a> {
    document: &'a Value,
}

impl<'a> Reader<'a> {
    fn resources(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let resources = self.document["Resources"].as_object();
        resources
            .into_iter()
            .flatten()
            .map(|(name, resource)| (name.as_str(), resource))
    }

    fn rule(&self, name: &str, resource: &Value) -> Result<BusRule, TemplateError> {
        let properties = &resource["Properties"];
        let pattern = Pattern::parse(&properties["EventPattern"]).map_err(|source| {
            TemplateError::Pattern {
                resource: name.to_owned(),
                source,
            }
        })?;
        let queues: Vec<String> = list(&properties["Targets"])
            .filter_map(|target| named(&target["Arn"]))
            .collect();
        if queues.is_empty() {
            return Err(broken(name, "it has no target"));
        }
        Ok(BusRule {
            name: name.to_owned(),
            pattern,
            queues,
        })
    }

    fn function(
        &self,
        name: &str,
        resource: &Value,
        template: &mut Template,
    ) -> Result<(), TemplateError> {
        let package = resource["Metadata"]["BuildProperties"]["Binary"].as_str();
        let function = package
            .ok_or_else(|| broken(name, "it names no Binary to build"))?
            .to_owned();
        for event in resource["Properties"]["Events"]
            .as_object()
            .into_iter()
            .flat_map(|e| e.values())
        {
            let properties = &event["Properties"];
            let batch_size = usize::try_from(self.number(&properties["BatchSize"]).unwrap_or(10))
                .map_err(|_| broken(name, "BatchSize is out of range"))?;
            match event["Type"].as_str().unwrap_or_default() {
                "SQS" => {
                    let id = named(&properties["Queue"])
                        .ok_or_else(|| broken(name, "it names no queue"))?;
                    let redrive = &self.document["Resources"][&id]["Properties"]["RedrivePolicy"];
                    let max_receives = self
                        .number(&redrive["maxReceiveCount"])
                        .and_then(|count| u32::try_from(count).ok())
                        .ok_or_else(|| broken(&id, "it has no maxReceiveCount"))?;
                    let concurrency = &properties["ScalingConfig"]["MaximumConcurrency"];
                    let concurrency = self.number(concurrency).unwrap_or(1);
                    let function = function.clone();
                    template.queues.insert(
                        id,
                        Queue {
                            function,
                            batch_size,
                            max_receives,
                            concurrency: usize::try_from(concurrency).unwrap_or(1),
                        },
                    );
                }
                "DynamoDB" => {
                    let filters = list(&properties["FilterCriteria"]["Filters"])
                        .map(|filter| {
                            let text = filter["Pattern"].as_str().unwrap_or_default();
                            let value = serde_json::from_str(text)
                                .map_err(|problem| broken(name, problem.to_string()))?;
                            Pattern::parse(&value).map_err(|source| TemplateError::Pattern {
                                resource: name.to_owned(),
                                source,
                            })
                        })
                        .collect::<Result<_, _>>()?;
                    let function = function.clone();
                    template.streams.push(Stream {
                        function,
                        batch_size,
                        filters,
                    });
                }
                "ScheduleV2" => {
                    let expression = self.default_of(&properties["ScheduleExpression"]);
                    let every = expression
                        .and_then(rate)
                        .ok_or_else(|| broken(name, "its ScheduleExpression is no rate(…)"))?;
                    let function = function.clone();
                    template.schedules.push(Schedule { function, every });
                }
                other => {
                    return Err(broken(
                        name,
                        format!("its event {other:?} is not known here"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// A text, or the default of the parameter that is referred to.
    fn default_of<'v>(&'v self, value: &'v Value) -> Option<&'v str> {
        let text = value.as_str()?;
        let default = self.document["Parameters"][text]["Default"].as_str();
        Some(default.unwrap_or(text))
    }

    /// A number, or the default of the parameter that is referred to.
    fn number(&self, value: &Value) -> Option<i64> {
        match value {
            Value::String(parameter) => self.document["Parameters"][parameter]["Default"].as_i64(),
            value => value.as_i64(),
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The interval of an expression such as `rate(1 minute)`.
fn rate(expression: &str) -> Option<Duration> {
    let inside = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = inside.split_once(' ')?;
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 60 * 60,
        "day" | "days" => 24 * 60 * 60,
        _ => return None,
    };
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

/// The logical id that `!Ref X` or `!GetAtt X.Arn` names.
fn named(value: &Value) -> Option<String> {
    value.as_str()?.split('.').next().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shipped() -> Template {
        Template::parse(TEMPLATE).unwrap()
    }

    #[test]
    fn every_event_reaches_the_function_that_it_is_for() {
        let template = shipped();
        let function = |source: &str, kind: &str| {
            let event = json!({"source": source, "detail-type": kind, "detail": {}});
            let queues = template.queues_for(&event);
            queues
                .map(|queue| template.queues[queue].function.clone())
                .collect::<Vec<_>>()
        };
        for (source, kind, expected) in [
            ("shop", "payment.completed", "payment-completed"),
            ("shop", "payment.failed", "payment-completed"),
            ("billing", "invoice.paid", "payment-completed"),
            ("shop", "payment.refunded", "payment-refunded"),
            ("shop", "payment.disputed", "payment-refunded"),
            ("crm", "loyalty.account.created", "account-created"),
            ("laurel", "loyalty.account.created", "account-created"),
            ("shop", "customer.created", "referral-attributed"),
            ("laurel", "referral.attributed", "referral-attributed"),
            ("shop", "review_submitted", "behavior"),
        ] {
            assert_eq!(function(source, kind), [expected], "{source} {kind}");
        }
        // What Laurel itself emits must not come back in, or it would feed itself.
        assert_eq!(function("laurel", "loyalty.points.earned"), [""; 0]);
    }

    #[test]
    fn every_queue_gives_up_at_some_point() {
        let template = shipped();
        assert_eq!(template.queues.len(), 6);
        for (name, queue) in &template.queues {
            assert!((1..=10).contains(&queue.batch_size), "{name}");
            assert!((1..=1000).contains(&queue.max_receives), "{name}");
        }
    }

    #[test]
    fn who_reads_the_stream_sees_new_entries_only() {
        let streams = shipped().streams;
        let mut functions: Vec<&str> = streams.iter().map(|it| it.function.as_str()).collect();
        functions.sort_unstable();
        assert_eq!(functions, ["liability", "outbox"]);
        let keyed = |name: &str, pk: &str, sk: &str| json!({"eventName": name, "dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}}});
        let record = |name: &str, sk: &str| keyed(name, "A#1", sk);
        for stream in &streams {
            let taken = |record| stream.filters.iter().any(|filter| filter.matches(&record));
            assert!(taken(record("INSERT", "T#1")));
            assert!(!taken(record("MODIFY", "T#1")));
            assert!(!taken(record("INSERT", "A")));
            // The tiers of a program have such places, too.
            assert!(!taken(keyed("INSERT", "P#1", "T#gold")));
        }
    }

    #[test]
    fn the_clock_runs_every_minute_and_the_audit_four_times_an_hour() {
        let schedule = |function: &str, seconds| Schedule {
            function: function.to_owned(),
            every: Duration::from_secs(seconds),
        };
        let mut schedules = shipped().schedules;
        schedules.sort_by(|a, b| a.function.cmp(&b.function));
        assert_eq!(
            schedules,
            [schedule("audit", 15 * 60), schedule("clock", 60)]
        );
        assert_eq!(rate("rate(2 hours)"), Some(Duration::from_secs(7200)));
        for wrong in ["rate(0 minutes)", "rate(1 blink)", "cron(0 0 * * ? *)", ""] {
            assert_eq!(rate(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_api_has_its_routes() {
        let template = shipped();
        assert!(template.routes("POST", "/v1/events"));
        assert!(template.routes("GET", "/v1/loyalty/accounts/loy_1"));
        assert!(template.routes("POST", "/resonance-api/manual-event"));
        assert!(template.routes("GET", "/healthz"));
        assert!(!template.routes("GET", "/"));
        assert!(!template.routes("GET", "/v2/events"));
    }

    #[test]
    fn a_rule_without_a_reader_is_refused() {
        let text = "
Resources:
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [shop]}
      Targets: [{Id: a, Arn: !GetAtt Queue.Arn}]
";
        let problem = Template::parse(text).unwrap_err().to_string();
        assert_eq!(
            problem,
            "the template's Rule is not understood: no function reads Queue"
        );
    }
}
