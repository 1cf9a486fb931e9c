//! Redemptions listed: those of a program by the index, those of an account by its partition and
//! the partitions of all that were merged into it, laid into each other.

use std::collections::VecDeque;

use laurel_rules::{
    Redemption,
    account::Status,
    redemption::{RedemptionId, RedemptionStatus},
};

use crate::{
    Error, Ledger, Page, PageRequest, RedemptionView, TimeRange,
    accounts::CURRENT,
    item::{self, Item, Reader, redemptions_of},
    logs::Log,
    page::no_such_cursor,
    redemptions::view,
    store::{Consistency, Index, Span},
    table::{Key, REDEMPTION_PLACE_PREFIX, listed_account, listed_accounts},
};

/// Which redemptions to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedemptionFilter {
    /// Of this program.
    pub program: String,
    /// Only those of this account.
    pub account: Option<String>,
    /// Only those of this reward.
    pub reward: Option<String>,
    /// Only those that have come so far.
    pub status: Option<RedemptionStatus>,
    /// Only those made in this range of time.
    pub created: TimeRange,
}

impl RedemptionFilter {
    /// `redemption` shows what it is by now.
    fn admits(&self, redemption: &Redemption) -> bool {
        let reward = redemption.reward.as_ref().map(|reward| &reward.id);
        (self.reward.is_none() || self.reward.as_ref() == reward)
            && self.status.is_none_or(|status| redemption.status == status)
            && self.created.contains(redemption.created)
    }
}

/// The redemptions in one account's partition, read as far as they are needed.
struct Stream {
    partition: String,
    from: String,
    to: String,
    read: VecDeque<(String, Redemption)>,
    next: Option<Item>,
    is_begun: bool,
}

impl Ledger {
    /// Lists redemptions, the newest first.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program or account; `parameter_invalid` where a
    /// cursor names no redemption of the list.
    pub async fn redemptions(
        &self,
        filter: &RedemptionFilter,
        request: &PageRequest,
    ) -> Result<Page<RedemptionView>, Error> {
        match &filter.account {
            Some(account) => self.redemptions_of_account(account, filter, request).await,
            None => self.redemptions_of_program(filter, request).await,
        }
    }

    async fn redemptions_of_account(
        &self,
        account: &str,
        filter: &RedemptionFilter,
        request: &PageRequest,
    ) -> Result<Page<RedemptionView>, Error> {
        let account = self.stored_account(account, Consistency::Strong).await?;
        let now = self.time_of(&account.program).await?;
        let (param, cursor) = request.cursor();
        let newest_first = param != "ending_before";
        let logs = match account.status {
            Status::Merged => Vec::new(),
            _ => Log::all_of(&account),
        };
        let edge = |place: &str| format!("{REDEMPTION_PLACE_PREFIX}{place}");
        let (mut from, mut to) = (edge(""), edge("~"));
        let mut at_cursor = None;
        if let Some(text) = cursor {
            let unknown = || no_such_cursor(param, text);
            let id = RedemptionId::parse(text).ok_or_else(unknown)?;
            let is_of = logs.iter().any(|log| log.account == id.account);
            let found = self.store.get([Key::redemption(&id)], Consistency::Strong);
            if !is_of || found.await?.is_empty() {
                return Err(unknown().into());
            }
            let here = edge(&id.place);
            if newest_first {
                to.clone_from(&here);
            } else {
                from.clone_from(&here);
            }
            at_cursor = Some(here);
        }
        let mut streams: Vec<Stream> = logs
            .into_iter()
            .map(|log| Stream {
                partition: Key::account(&log.account).pk,
                from: from.clone(),
                to: to.clone(),
                read: VecDeque::new(),
                next: None,
                is_begun: false,
            })
            .collect();
        let mut data = Vec::new();
        while data.len() <= request.limit {
            let next = self.next_redemption(&mut streams, newest_first, request.limit);
            let Some((place, redemption)) = next.await? else {
                break;
            };
            let view = view(redemption, account.id.clone(), now);
            if Some(place) != at_cursor && filter.admits(&view.redemption) {
                data.push(view);
            }
        }
        Ok(Page::of_found(data, request.limit, newest_first))
    }

    /// The next redemption of all streams together, with its sort key.
    async fn next_redemption(
        &self,
        streams: &mut [Stream],
        newest_first: bool,
        limit: usize,
    ) -> Result<Option<(String, Redemption)>, Error> {
        for stream in &mut *streams {
            while stream.read.is_empty() && (!stream.is_begun || stream.next.is_some()) {
                let span = Span {
                    index: None,
                    partition: &stream.partition,
                    from: &stream.from,
                    to: &stream.to,
                    newest_first,
                    limit: i32::try_from(limit + 2).ok(),
                    start: stream.next.take(),
                };
                let page = self.store.query(span).await?;
                stream.is_begun = true;
                stream.next = page.next;
                for found in &page.items {
                    let place = Reader::new(found).text("sk")?.to_owned();
                    stream.read.push_back((place, item::redemption(found)?));
                }
            }
        }
        let offers = streams.iter().enumerate();
        let offers = offers.filter_map(|(at, stream)| Some((&stream.read.front()?.0, at)));
        let best = if newest_first {
            offers.max()
        } else {
            offers.min()
        };
        let at = best.map(|(_, at)| at);
        Ok(at.and_then(|at| streams[at].read.pop_front()))
    }

    async fn redemptions_of_program(
        &self,
        filter: &RedemptionFilter,
        request: &PageRequest,
    ) -> Result<Page<RedemptionView>, Error> {
        let now = self.checked_catalog(&filter.program, CURRENT).await?;
        let now = self.now_in(&now.program);
        let (param, cursor) = request.cursor();
        let newest_first = param != "ending_before";
        let (first, last) = filter.created.bounds();
        let (mut from, mut to) = listed_accounts(first, last);
        if let Some(text) = cursor {
            let unknown = || no_such_cursor(param, text);
            let id = RedemptionId::parse(text).ok_or_else(unknown)?;
            let found = self.store.get([Key::redemption(&id)], Consistency::Strong);
            let found = found.await?;
            let found = found.values().next().map(item::redemption).transpose()?;
            let found = found.filter(|redemption| redemption.program == filter.program);
            let here = listed_account(found.ok_or_else(unknown)?.created, text);
            if newest_first {
                to = to.min(here);
            } else {
                from = from.max(here);
            }
        }
        let partition = redemptions_of(&filter.program);
        let (mut data, mut start) = (Vec::new(), None);
        // Two bounds may leave nothing between them, which a query would refuse.
        let mut is_over = from > to;
        while !is_over {
            let span = Span {
                index: Some(Index::Listed),
                partition: &partition,
                from: &from,
                to: &to,
                newest_first,
                limit: Some(i32::try_from(request.limit + 2).unwrap_or(i32::MAX)),
                start,
            };
            let page = self.store.query(span).await?;
            let mut keys = Vec::with_capacity(page.items.len());
            for found in &page.items {
                let reader = Reader::new(found);
                keys.push(Key {
                    pk: reader.text("pk")?.to_owned(),
                    sk: reader.text("sk")?.to_owned(),
                });
            }
            let mut found = self.store.get(keys.clone(), Consistency::Strong).await?;
            for stored in keys.iter().filter_map(|key| found.remove(key)) {
                let redemption = item::redemption(&stored)?;
                let account = redemption.account.clone();
                let view = view(redemption, account, now);
                if cursor != Some(&view.redemption.id) && filter.admits(&view.redemption) {
                    data.push(view);
                }
            }
            start = page.next;
            is_over = data.len() > request.limit || start.is_none();
        }
        let mut page = Page::of_found(data, request.limit, newest_first);
        self.name_survivors(&mut page.data).await?;
        Ok(page)
    }

    /// Names those whose the redemptions are by now.
    async fn name_survivors(&self, views: &mut [RedemptionView]) -> Result<(), Error> {
        let keys = views.iter().map(|view| Key::account(&view.account));
        let found = self.store.get(keys, Consistency::Strong).await?;
        for view in views {
            let Some(stored) = found.get(&Key::account(&view.account)) else {
                continue;
            };
            let survivor = self.follow(item::account(stored)?, CURRENT).await?;
            if let Some(survivor) = survivor {
                view.account = survivor.id;
            }
        }
        Ok(())
    }
}
