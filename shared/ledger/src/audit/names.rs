//! What leads to accounts and redemptions, from its own side: a name, a referral code or a code
//! that leads where nobody bears it is found by no account. And the counters of what accounts
//! share, which are read on the way.

use std::{collections::BTreeMap, time::Duration};

use laurel_rules::{
    decide::ClaimKind,
    pool::{self, PoolId},
    redemption::{RedemptionId, lookup_form},
    referral::{ReferralId, code_form},
};

use super::{
    Invariant, Violation,
    sums::{Shared, Sums},
};
use crate::{
    Error, Ledger,
    codes::stock_in,
    item::{self, Item, Reader},
    store::{Consistency, Found},
    table::Key,
};

/// What partition keys of such items begin with.
const PREFIXES: [&str; 6] = ["C#", "M#", "K#", "V#", "B#", "G#"];
/// How many items a step goes past.
const SCANNED: i32 = 1000;
/// How often what looks wrong is looked at, since the items that belong together are not read at
/// one moment.
const LOOKS: u32 = 3;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What a step through the table came to.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// How many names and codes were looked at, by program.
    pub(super) names: BTreeMap<String, u64>,
    pub(super) violations: Vec<Violation>,
    /// The key after which to go on; none at the table's end.
    pub(super) next: Option<(String, String)>,
}

/// Something that leads to something else.
enum Lead {
    Name {
        program: String,
        kind: ClaimKind,
        name: String,
        account: String,
    },
    ReferralCode {
        form: String,
        account: String,
    },
    Issued {
        program: String,
        form: String,
        redemption: String,
    },
}

impl Ledger {
    /// Looks at the next items of the table, of one program or of all, and notes in `sums` what
    /// counters say.
    pub(super) async fn scan_names(
        &self,
        after: Option<&(String, String)>,
        only: Option<&str>,
        sums: &mut Sums,
    ) -> Result<Scanned, Error> {
        let start = after.map(|(pk, sk)| {
            crate::store::key_item(&Key {
                pk: pk.clone(),
                sk: sk.clone(),
            })
        });
        let Found { items, next } = self.store.scan(&PREFIXES, SCANNED, start).await?;
        let mut scanned = Scanned {
            next: next.as_ref().and_then(key_of).map(|key| (key.pk, key.sk)),
            ..Scanned::default()
        };
        let is_wanted = |program: &str| only.is_none_or(|only| only == program);
        let mut leads = Vec::new();
        for item in items {
            let Some(key) = key_of(&item) else { continue };
            match key.sk.as_str() {
                "B" => self.note_pool(&key, &is_wanted, sums).await?,
                "G" => self.note_stock(&key, &is_wanted, sums).await?,
                _ => leads.push((key, item)),
            }
        }
        let problems = self.look(leads, &mut scanned.names).await?;
        scanned.names.retain(|program, _| is_wanted(program));
        scanned.violations = problems;
        scanned.violations.retain(|it| is_wanted(&it.program));
        Ok(scanned)
    }

    /// Looks where items lead, again where that is wrong.
    async fn look(
        &self,
        leads: Vec<(Key, Item)>,
        names: &mut BTreeMap<String, u64>,
    ) -> Result<Vec<Violation>, Error> {
        let (mut suspects, mut problems) = (leads, Vec::new());
        for look in 0..LOOKS {
            let consistency = match look {
                0 => Consistency::Eventual,
                _ => Consistency::Strong,
            };
            if look > 0 {
                tokio::time::sleep(BETWEEN_LOOKS).await;
                let keys = suspects.into_iter().map(|(key, _)| key);
                let found = self.store.get(keys, consistency).await?;
                suspects = found.into_iter().collect();
            }
            let mut read = Vec::with_capacity(suspects.len());
            for (key, item) in suspects {
                read.extend(Lead::read(&key, &item)?.map(|lead| (key, item, lead)));
            }
            let targets = read.iter().flat_map(|(.., lead)| lead.targets());
            let found = self.store.get(targets, consistency).await?;
            (suspects, problems) = (Vec::new(), Vec::new());
            for (key, item, lead) in read {
                let (program, problem) = lead.judge(&found);
                if look == 0
                    && let Some(program) = program
                {
                    *names.entry(program).or_default() += 1;
                }
                if let Some(problem) = problem {
                    problems.push(problem);
                    suspects.push((key, item));
                }
            }
            if suspects.is_empty() {
                break;
            }
        }
        Ok(problems)
    }

    async fn note_pool(
        &self,
        key: &Key,
        is_wanted: &impl Fn(&str) -> bool,
        sums: &mut Sums,
    ) -> Result<(), Error> {
        let Some(id) = pool_of(key).filter(|id| is_wanted(&id.program)) else {
            return Ok(());
        };
        let Some((program, _)) = self.stored_program(&id.program).await? else {
            return Ok(());
        };
        let now = self.now_in(&program);
        if let Some((head, shares)) = self.whole_pool(&id).await? {
            let shares: Vec<_> = shares.into_iter().map(|(_, share)| share).collect();
            let used = pool::used(&head, &shares);
            let (of, limit) = (Shared::pool(&id), Some(head.limit));
            sums.say(&of, Some(&id.program), used, limit, now);
        }
        Ok(())
    }

    async fn note_stock(
        &self,
        key: &Key,
        is_wanted: &impl Fn(&str) -> bool,
        sums: &mut Sums,
    ) -> Result<(), Error> {
        let Some(reward) = key.pk.strip_prefix("G#") else {
            return Ok(());
        };
        let pointer = Key::configured_pointer('W', reward);
        let keys = [key.clone(), pointer.clone()];
        let found = self.store.get(keys, Consistency::Strong).await?;
        let stock = stock_in(found.get(key))?;
        // A reward that was deleted is known by the redemptions of it.
        let program = found
            .get(&pointer)
            .and_then(|it| Reader::new(it).owned("p"));
        let mut now = self.now();
        if let Some(program) = &program {
            if !is_wanted(program) {
                return Ok(());
            }
            if let Some((program, _)) = self.stored_program(program).await? {
                now = self.now_in(&program);
            }
        }
        let (program, reward) = (program.as_deref(), reward.to_owned());
        let of = Shared::Stock(reward.clone());
        sums.say(&of, program, stock.used, None, now);
        let kept = Shared::CodesKept(reward);
        sums.say(&kept, program, stock.codes_kept, Some(stock.codes), now);
        Ok(())
    }
}

fn key_of(item: &Item) -> Option<Key> {
    let reader = Reader::new(item);
    Some(Key {
        pk: reader.owned("pk")?,
        sk: reader.owned("sk")?,
    })
}

/// The pool whose head has this key.
fn pool_of(key: &Key) -> Option<PoolId> {
    let mut parts = key.pk.strip_prefix("B#")?.split('#');
    let program = parts.next()?.to_owned();
    let campaign = parts.next().filter(|it| !it.is_empty()).map(str::to_owned);
    let window = pool_window(parts.next()?)?;
    Some(PoolId {
        program,
        campaign,
        window,
    })
}

fn pool_window(text: &str) -> Option<laurel_rules::budget::BudgetWindow> {
    laurel_rules::budget::BudgetWindow::parse(text)
}

impl Lead {
    /// What the item leads to; `None` where it is of another kind, or leads nowhere yet.
    fn read(key: &Key, item: &Item) -> Result<Option<Lead>, Error> {
        let reader = Reader::new(item);
        let mut parts = key.pk.splitn(3, '#');
        let (letter, first) = (parts.next(), parts.next().unwrap_or_default().to_owned());
        let second = parts.next().unwrap_or_default().to_owned();
        Ok(match (letter, key.sk.as_str()) {
            (Some(letter @ ("C" | "M")), "C") => Some(Lead::Name {
                kind: match letter {
                    "C" => ClaimKind::Customer,
                    _ => ClaimKind::Email,
                },
                program: first,
                name: second,
                account: reader.text("a")?.to_owned(),
            }),
            (Some("K"), "K") => Some(Lead::ReferralCode {
                form: first,
                account: reader.text("a")?.to_owned(),
            }),
            // An imported code that was not issued yet leads nowhere.
            (Some("V"), "V") => reader.owned("rd").map(|redemption| Lead::Issued {
                program: first,
                form: second,
                redemption,
            }),
            _ => None,
        })
    }

    fn targets(&self) -> Vec<Key> {
        match self {
            Lead::Name { account, .. } => vec![Key::account(account)],
            Lead::ReferralCode { account, .. } => vec![
                Key::account(account),
                Key::referral(&ReferralId::of_code(account)),
            ],
            Lead::Issued { redemption, .. } => {
                let id = RedemptionId::parse(redemption);
                id.map(|id| Key::redemption(&id)).into_iter().collect()
            }
        }
    }

    /// The program that it belongs to, where that is known, and what is wrong with it.
    fn judge(
        &self,
        found: &std::collections::HashMap<Key, Item>,
    ) -> (Option<String>, Option<Violation>) {
        let targets = self.targets();
        let target = targets.first().and_then(|key| found.get(key));
        match self {
            Lead::Name {
                program,
                kind,
                name,
                account,
            } => {
                // One that does not read is told with the accounts.
                let is_borne = match target.map(item::account) {
                    Some(Ok(it)) => it.program == *program && kind.name_of(&it) == Some(name),
                    Some(Err(_)) => true,
                    None => false,
                };
                let message = format!(
                    "A name that is claimed as {} leads to the account, which does not bear it.",
                    kind.as_str()
                );
                let problem = (!is_borne).then(|| Violation {
                    program: program.clone(),
                    account: Some(account.clone()),
                    invariant: Invariant::Names,
                    message,
                    transactions: Vec::new(),
                });
                (Some(program.clone()), problem)
            }
            Lead::ReferralCode { form, account } => {
                let beside = targets.get(1).and_then(|key| found.get(key));
                let own = beside.and_then(|item| item::referral_code(item).ok());
                let is_shared = own.is_some_and(|own| code_form(&own.code).as_ref() == Some(form));
                let program = target.and_then(|item| Reader::new(item).owned("p"));
                let problem = (!is_shared).then(|| Violation {
                    program: program.clone().unwrap_or_default(),
                    account: Some(account.clone()),
                    invariant: Invariant::ReferralCodes,
                    message: "A code leads to the account, which does not share it.".to_owned(),
                    transactions: Vec::new(),
                });
                (program, problem)
            }
            Lead::Issued {
                program,
                form,
                redemption,
            } => {
                let is_its = match target.map(item::redemption) {
                    Some(Ok(it)) => {
                        let code = it.code.and_then(|code| lookup_form("code", &code).ok());
                        code.as_ref() == Some(form)
                    }
                    Some(Err(_)) => true,
                    None => false,
                };
                let problem = (!is_its).then(|| Violation {
                    program: program.clone(),
                    account: RedemptionId::parse(redemption).map(|id| id.account),
                    invariant: Invariant::Codes,
                    message: format!("A code leads to `{redemption}`, which does not have it."),
                    transactions: Vec::new(),
                });
                (Some(program.clone()), problem)
            }
        }
    }
}
