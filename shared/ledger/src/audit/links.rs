//! What must hold between an account and other items of the table.

use std::collections::HashMap;

use laurel_rules::{
    account::Status,
    decide::ClaimKind,
    entry::{Change, TransactionType},
    event::is_payment,
    record::EventKey,
    redemption::{RedemptionId, RedemptionStatus, lookup_form},
};

use super::{
    Dossier, Invariant,
    log::{Sums, ids},
};
use crate::{
    Error, Ledger,
    item::{self, Reader},
    store::Consistency,
    table::Key,
};

impl Ledger {
    /// The record of each payment that earned names the entry.
    pub(super) async fn check_records(
        &self,
        dossier: &mut Dossier,
        consistency: Consistency,
    ) -> Result<(), Error> {
        let earned: Vec<_> = dossier
            .entries
            .iter()
            .map(|(_, entry)| entry)
            .filter(|entry| {
                let mut kinds = entry.transactions.iter().map(|it| it.kind);
                is_payment(&entry.trigger) && kinds.any(|kind| kind == TransactionType::Earn)
            })
            .map(|entry| {
                let key = Key::record(&EventKey {
                    program: entry.program.clone(),
                    trigger: entry.trigger.clone(),
                    source_id: entry.source_id.clone(),
                });
                (key, entry.seq, entry.source_id.clone(), ids(entry))
            })
            .collect();
        let keys = earned.iter().map(|(key, ..)| key.clone());
        let found = self.store.get(keys, consistency).await?;
        for (key, seq, source, ids) in earned {
            let record = found.get(&key).map(item::record).transpose()?;
            let handled = record.and_then(|record| record.handled);
            let id = &dossier.account.id;
            let is_named = handled.is_some_and(|handled| {
                let is_its = handled.account.as_ref() == Some(id);
                is_its && handled.entries.iter().any(|entry| entry.seq == seq)
            });
            if !is_named {
                let message = format!("The record of `{source}` does not name the entry {seq}.");
                dossier.violated(Invariant::Records, message, ids);
            }
        }
        Ok(())
    }

    /// The names of an active account lead to it.
    pub(super) async fn check_names(
        &self,
        dossier: &mut Dossier,
        consistency: Consistency,
    ) -> Result<(), Error> {
        let account = &dossier.account;
        if account.status != Status::Active {
            return Ok(());
        }
        let claims: Vec<(ClaimKind, Key)> = ClaimKind::ALL
            .into_iter()
            .filter_map(|kind| {
                let name = kind.name_of(account)?;
                Some((kind, Key::claim(&account.program, kind, name)))
            })
            .collect();
        let keys = claims.iter().map(|(_, key)| key.clone());
        let found = self.store.get(keys, consistency).await?;
        for (kind, key) in claims {
            let holder = found.get(&key).map(|item| Reader::new(item).text("a"));
            let holder = holder.transpose()?;
            if holder != Some(dossier.account.id.as_str()) {
                let leads = holder.map_or("nowhere".to_owned(), |it| format!("to `{it}`"));
                let message = format!("The {} of the account leads {leads}.", kind.as_str());
                dossier.violated(Invariant::Names, message, Vec::new());
            }
        }
        Ok(())
    }

    /// Each reservation on the account is that of a redemption, and the reverse; codes that were
    /// issued lead to their redemptions.
    pub(super) async fn check_redemptions(
        &self,
        dossier: &mut Dossier,
        consistency: Consistency,
    ) -> Result<(), Error> {
        let account = &dossier.account;
        let credit = account.store_credit.purses.values();
        let held: Vec<String> = std::iter::once(&account.points)
            .chain(credit)
            .flat_map(|purse| &purse.holds)
            .map(|hold| hold.redemption.clone())
            .collect();
        let keys: HashMap<&String, Key> = held
            .iter()
            .filter_map(|id| Some((id, Key::redemption(&RedemptionId::parse(id)?))))
            .collect();
        let coded: Vec<(Key, String)> = dossier
            .redemptions
            .iter()
            .filter_map(|redemption| {
                let form = lookup_form("code", redemption.code.as_ref()?).ok()?;
                Some((Key::code(&redemption.program, &form), redemption.id.clone()))
            })
            .collect();
        let codes = coded.iter().map(|(key, _)| key);
        let wanted = keys.values().chain(codes).cloned();
        let found = self.store.get(wanted, consistency).await?;
        let mut wrong = Vec::new();
        for id in &held {
            let redemption = keys.get(id).and_then(|key| found.get(key));
            let redemption = redemption.map(item::redemption).transpose()?;
            let status = redemption.map(|redemption| redemption.status);
            if status != Some(RedemptionStatus::Reserved) {
                let status = status.map_or("missing", RedemptionStatus::as_str);
                wrong.push(format!("Points are held for `{id}`, which is {status}."));
            }
        }
        // Reservations of a merged account are on the survivor.
        if account.status != Status::Merged {
            let reserved = dossier.redemptions.iter();
            let reserved = reserved.filter(|it| it.status == RedemptionStatus::Reserved);
            for redemption in reserved.filter(|it| !held.contains(&it.id)) {
                let id = &redemption.id;
                wrong.push(format!("`{id}` is reserved, and nothing is held for it."));
            }
        }
        for message in wrong {
            dossier.violated(Invariant::Reservations, message, Vec::new());
        }
        for (key, id) in coded {
            let leads = found.get(&key).and_then(|it| Reader::new(it).owned("rd"));
            if leads.as_ref() != Some(&id) {
                let leads = leads.map_or("nowhere".to_owned(), |it| format!("to `{it}`"));
                let message = format!("The code of `{id}` leads {leads}.");
                dossier.violated(Invariant::Codes, message, Vec::new());
            }
        }
        Ok(())
    }

    /// What the survivor says that a merge moved is what this account had.
    pub(super) async fn check_merge(&self, dossier: &mut Dossier) -> Result<(), Error> {
        let Some(target) = dossier.account.merged_into.clone() else {
            return Ok(());
        };
        let had = Sums::of(dossier.entries.iter().map(|(_, entry)| entry));
        let survivor = self.dossier(&target).await?;
        let moved = survivor.entries.into_iter().find_map(|(_, mut entry)| {
            entry.changes.retain(|change| {
                matches!(change, Change::Merged { source, .. } if *source == dossier.account.id)
            });
            entry.transactions.clear();
            entry.credits.clear();
            (!entry.changes.is_empty()).then(|| Sums::of(std::iter::once(&entry)))
        });
        let message = match moved {
            Some(moved) if moved == had => return Ok(()),
            Some(moved) => format!("`{target}` got {moved:?}, and the account had {had:?}."),
            None => format!("`{target}` says nothing of the merge."),
        };
        dossier.violated(Invariant::Merges, message, Vec::new());
        Ok(())
    }
}
