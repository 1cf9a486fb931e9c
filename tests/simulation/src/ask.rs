//! How each operation is asked for: as a message on the bus, as a request to the API, or of the
//! ledger, where it changes the configuration.

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{
    Error, Ledger,
    clicks::{CLICK_HOURS, token},
};
use laurel_model::{Act, Coming, CreditExpiry, Event, Names, Op, Outcome, Via, Wanted};
use laurel_rules::{EventOutcome, Program};
use laurel_tests::PROGRAM;
use serde_json::{Value, json};

use crate::{
    oracle::{Oracle, Said, kind_in_words},
    script::{Deed, Way},
    world::{Call, Message, function_for},
};

/// A deed in the form in which it goes out. However often it does, it is the same.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    /// Messages for the function of this package.
    Messages {
        package: &'static str,
        messages: Vec<Message>,
    },
    Request(Call),
    /// A change of the configuration, or the clock's minute.
    Ledger,
    /// Another API key in the place of the one in use.
    Key,
}

/// Who asks, and when.
pub(crate) struct Asking<'a> {
    /// The deed's own name.
    pub(crate) name: &'a str,
    /// The API key in use.
    pub(crate) key: &'a str,
    /// The program, with the secret that clicks are signed with.
    pub(crate) program: &'a Program,
    pub(crate) now: Timestamp,
    /// What the page behind a shared link gave the visitor, where there was one.
    pub(crate) click: Option<String>,
    /// The referral that the news is about, where it is.
    pub(crate) referral: String,
}

const REFERRALS: &str = "/v1/loyalty/referrals";
const ACCOUNTS: &str = "/v1/loyalty/accounts";

impl Oracle {
    /// The form of a deed with the names that things have by now.
    pub(crate) fn asked(&self, deed: &Deed, asking: &Asking<'_>) -> Asked {
        let news = |kind: &str, id: &str| {
            let event = json!({"type": kind, "data": {"id": id}});
            event.as_object().cloned().map(|event| (event, None))
        };
        let event = match &deed.op {
            Op::Event(event) => Some((event.to_api(PROGRAM, self), event_time(event))),
            Op::AccountCreatedAgain(member) => {
                news("loyalty.account.created", &self.member(*member))
            }
            Op::AttributionTold(_) => news("referral.attributed", &asking.referral),
            _ => None,
        };
        match (event, deed.way) {
            (Some((event, time)), Way::Queue) => messages(&event, time, deed, asking.name),
            (Some((event, _)), Way::Request) => {
                call("POST", "/v1/events", Some(Value::Object(event)), asking)
            }
            (None, _) => self.request(&deed.op, asking),
        }
    }

    fn request(&self, op: &Op, asking: &Asking<'_>) -> Asked {
        let one = |member| format!("{ACCOUNTS}/{}", self.member(member));
        match op {
            Op::CreateAccount { customer, email } => {
                let body = json!({"program": PROGRAM, "customer": customer, "email": email});
                call("POST", ACCOUNTS, Some(without_nulls(body)), asking)
            }
            Op::UpdateAccount {
                member,
                customer,
                email,
            } => {
                let mut body = json!({});
                for (field, change) in [("customer", customer), ("email", email)] {
                    if let Some(value) = change {
                        body[field] = json!(value);
                    }
                }
                call("POST", &one(*member), Some(body), asking)
            }
            Op::Close(member) => call("POST", &format!("{}/close", one(*member)), None, asking),
            Op::Reopen(member) => call("POST", &format!("{}/reopen", one(*member)), None, asking),
            Op::Merge { source, target } => {
                let body = json!({"source": self.member(*source), "target": self.member(*target)});
                call("POST", &format!("{ACCOUNTS}/merge"), Some(body), asking)
            }
            Op::Adjust {
                member,
                amount,
                allow_negative,
                lifetime,
                expires_at,
            } => {
                let body = json!({
                    "account": self.member(*member),
                    "type": "adjust",
                    "amount": amount,
                    "reason": "simulated",
                    "allow_negative": allow_negative,
                    "lifetime": lifetime,
                    "expires_at": expires_at,
                });
                call(
                    "POST",
                    "/v1/loyalty/transactions",
                    Some(without_nulls(body)),
                    asking,
                )
            }
            Op::AdjustCredit {
                member,
                money,
                allow_negative,
                expiry,
            } => {
                let mut body = json!({
                    "account": self.member(*member),
                    "amount": money.amount,
                    "currency": money.currency,
                    "reason": "simulated",
                    "allow_negative": allow_negative,
                });
                match expiry {
                    CreditExpiry::ByProgram => {}
                    CreditExpiry::Never => body["expires_at"] = Value::Null,
                    CreditExpiry::At(at) => body["expires_at"] = json!(at),
                }
                call(
                    "POST",
                    "/v1/loyalty/store_credit_transactions",
                    Some(body),
                    asking,
                )
            }
            Op::Redeem {
                member,
                wanted,
                reserve_minutes,
            } => {
                let mut body = match wanted {
                    Wanted::Reward(id) => json!({"reward": id}),
                    Wanted::PayWithPoints {
                        points,
                        currency,
                        order_amount,
                    } => {
                        json!({"points": points, "currency": currency, "order_amount": order_amount})
                    }
                    Wanted::StoreCredit(money) => {
                        let money = json!({"amount": money.amount, "currency": money.currency});
                        json!({"store_credit": money})
                    }
                };
                body["account"] = json!(self.member(*member));
                if let Some(minutes) = reserve_minutes {
                    body["capture"] = json!(false);
                    body["ttl_minutes"] = json!(minutes);
                }
                call(
                    "POST",
                    "/v1/loyalty/redemptions",
                    Some(without_nulls(body)),
                    asking,
                )
            }
            Op::Act { redemption, act } => {
                let id = self.redemption(*redemption);
                let act = match act {
                    Act::Confirm => "confirm",
                    Act::Cancel => "cancel",
                    Act::Use => "use",
                };
                call(
                    "POST",
                    &format!("/v1/loyalty/redemptions/{id}/{act}"),
                    None,
                    asking,
                )
            }
            Op::Mint {
                member,
                reward,
                qualify,
            } => {
                let mut body = json!({"referrer": self.member(*member)});
                if let Some(reward) = reward {
                    body["reward"] = reward.to_api();
                }
                if let Some(qualify) = qualify {
                    body["qualify"] = qualify.to_api();
                }
                call("POST", REFERRALS, Some(body), asking)
            }
            Op::Attribute(coming) => {
                let path = format!("{REFERRALS}/attribute");
                call(
                    "POST",
                    &path,
                    Some(self.attribution(coming, asking)),
                    asking,
                )
            }
            Op::Erase(member) => {
                let path = format!("{}/personal_data", one(*member));
                call("DELETE", &path, None, asking)
            }
            Op::SetProgram(settings) => {
                let (before, mut body) = (self.model.settings().to_api(), settings.to_api());
                body.retain(|key, value| before.get(key) != Some(value));
                for absent in ["expires", "budget", "redeem_rate", "store_credit_expires"] {
                    let is_gone =
                        before.contains_key(absent) && !settings.to_api().contains_key(absent);
                    if is_gone {
                        body.insert(absent.to_owned(), Value::Null);
                    }
                }
                if !settings.cancel_redemptions_on_refund {
                    let field = "cancel_redemptions_on_refund".to_owned();
                    body.insert(field, json!(false));
                }
                let path = format!("/v1/loyalty/programs/{PROGRAM}");
                call("POST", &path, Some(Value::Object(body)), asking)
            }
            Op::RotateKey => Asked::Key,
            _ => Asked::Ledger,
        }
    }

    fn attribution(&self, coming: &Coming, asking: &Asking<'_>) -> Value {
        let code = self.code(coming.code);
        let (program, now) = (asking.program, asking.now);
        let day_ago = now - SignedDuration::from_hours(CLICK_HOURS);
        let click = match coming.via {
            Via::Code => None,
            Via::Click => Some(
                asking
                    .click
                    .clone()
                    .unwrap_or_else(|| token(program, &code, now)),
            ),
            Via::OldClick => Some(token(program, &code, day_ago)),
            Via::ForgedClick => {
                let forger = Program::new(&program.id, "another salt", now);
                Some(token(&forger, &code, now))
            }
        };
        without_nulls(json!({
            "code": click.is_none().then_some(code),
            "click": click,
            "customer": coming.customer,
            "account": coming.account.map(|member| self.member(member)),
            "email": coming.email,
            "device_fingerprint": coming.device,
        }))
    }

    /// Changes the configuration.
    pub(crate) async fn configure(&self, ledger: &Ledger, op: &Op) -> Result<Said, Error> {
        let outcome = match op {
            Op::UpdateRule(rule) => {
                self.set_rule(ledger, rule).await?;
                Outcome::RuleUpdated
            }
            Op::SetTier(tier) => {
                self.set_tier(ledger, tier).await?;
                Outcome::TiersChanged
            }
            Op::DeleteTier(key) => {
                self.delete_tier(ledger, key).await?;
                Outcome::TiersChanged
            }
            Op::SetReward(reward) => {
                self.set_reward(ledger, reward).await?;
                Outcome::RewardSet
            }
            Op::SetCampaign(campaign) => {
                self.set_campaign(ledger, campaign).await?;
                Outcome::CampaignSet
            }
            _ => Outcome::Ticked,
        };
        Ok(Said::plain(outcome.as_str(), None))
    }
}

fn event_time(event: &Event) -> Option<String> {
    Some(event.occurred_at.to_string())
}

/// The messages that the bus makes of an event, as many copies as the deed says.
fn messages(
    event: &serde_json::Map<String, Value>,
    time: Option<String>,
    deed: &Deed,
    name: &str,
) -> Asked {
    let envelope = json!({
        "version": "0",
        "id": event.get("id"),
        "detail-type": event["type"],
        "source": "shop",
        "time": time,
        "detail": event["data"],
    });
    let package = function_for(&envelope).expect("a function");
    let body = without_nulls(envelope).to_string();
    let message = |copy, body: &str| Message {
        id: format!("{name}-{copy}"),
        body: body.to_owned(),
        received: 1,
    };
    let mut messages: Vec<Message> = (1..=deed.copies).map(|copy| message(copy, &body)).collect();
    if deed.poison {
        messages.push(message(
            0,
            "{\"detail-type\": \"payment.completed\", \"detail\": 5}",
        ));
    }
    Asked::Messages { package, messages }
}

fn call(method: &'static str, path: &str, body: Option<Value>, asking: &Asking<'_>) -> Asked {
    Asked::Request(Call {
        method,
        path: path.to_owned(),
        body,
        name: asking.name.to_owned(),
        api_key: asking.key.to_owned(),
    })
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}

/// What the answer to a request says, or the code of its refusal.
pub(crate) async fn read_answer(
    ledger: &Ledger,
    op: &Op,
    (status, body): (u16, Value),
) -> Result<Said, String> {
    if status >= 400 {
        let code = body["error"]["code"].as_str();
        return Err(code.unwrap_or("no code").to_owned());
    }
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let id = text("id");
    Ok(match op {
        Op::Event(_) | Op::AccountCreatedAgain(_) | Op::AttributionTold(_) => {
            let transactions = body["transactions"].as_array();
            let ids = transactions.into_iter().flatten().filter_map(Value::as_str);
            Said {
                outcome: text("outcome").unwrap_or_default(),
                duplicate: body["duplicate"] == true,
                account: text("account"),
                redemption: None,
                code: None,
                transactions: look_up(ledger, ids).await,
            }
        }
        Op::CreateAccount { .. } => Said::plain("created", id),
        Op::UpdateAccount { .. } => Said::plain("updated", id),
        Op::Close(_) => Said::plain("closed", id),
        Op::Reopen(_) => Said::plain("reopened", id),
        Op::Merge { .. } => Said::plain("merged", id),
        Op::Erase(_) => Said::plain("erased", id),
        Op::SetProgram(_) => Said::plain("program_set", None),
        Op::Mint { .. } => Said {
            code: text("code"),
            ..Said::plain("minted", text("referrer"))
        },
        Op::Attribute(_) => Said::plain(&text("status").unwrap_or_default(), text("referee")),
        Op::Adjust { .. } | Op::AdjustCredit { .. } => Said {
            transactions: vec![(
                "adjust".to_owned(),
                body["amount"].as_i64().unwrap_or_default(),
            )],
            ..Said::plain("adjusted", text("account"))
        },
        Op::Redeem { .. } => Said {
            redemption: id,
            ..Said::plain(&text("status").unwrap_or_default(), text("account"))
        },
        _ => Said::plain(&text("status").unwrap_or_default(), text("account")),
    })
}

/// What an outcome says.
pub(crate) async fn read_outcome(ledger: &Ledger, outcome: &EventOutcome) -> Said {
    let ids: Vec<String> = outcome
        .transactions
        .iter()
        .map(ToString::to_string)
        .collect();
    Said {
        outcome: outcome.outcome.as_str().to_owned(),
        duplicate: outcome.duplicate,
        account: outcome.account.clone(),
        redemption: None,
        code: None,
        transactions: look_up(ledger, ids.iter().map(String::as_str)).await,
    }
}

async fn look_up(ledger: &Ledger, ids: impl Iterator<Item = &str>) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    for id in ids {
        found.push(match ledger.transaction(id).await {
            Ok(view) => {
                let transaction = view.transaction();
                let kind = transaction.kind.as_str();
                let kind = kind_in_words(kind, transaction.referral.is_some());
                (kind, transaction.amount)
            }
            Err(error) => (format!("{id}: {error}"), 0),
        });
    }
    found
}
