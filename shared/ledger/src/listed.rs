//! Lists of a program's objects by the index, the newest first.

use jiff::Timestamp;

use crate::{
    Error, Ledger, Page, PageRequest,
    item::{Item, Reader, Writer},
    page::no_such_cursor,
    store::{Consistency, Index, Span},
    table::Key,
};

/// A kind of objects that are listed by program.
pub(crate) struct ListedKind {
    /// What the keys of its objects and of their lists begin with.
    pub(crate) letter: &'static str,
    /// The key of an object.
    pub(crate) key: fn(&str) -> Key,
}

impl ListedKind {
    /// Has an object be listed.
    pub(crate) fn place(
        &self,
        writer: Writer,
        program: &str,
        created: Timestamp,
        id: &str,
    ) -> Writer {
        // Objects of one instant sort by their ids, which those that we give sort by time.
        let created_ms = created.as_millisecond();
        writer
            .text("gk", self.partition(program))
            .text("gs", format!("{created_ms:015}#{id}"))
    }

    fn partition(&self, program: &str) -> String {
        format!("{}{program}", self.letter)
    }
}

impl Ledger {
    /// A page of a program's objects of a kind, those for which `read` answers something.
    pub(crate) async fn listed_objects<T>(
        &self,
        kind: &ListedKind,
        program: &str,
        request: &PageRequest,
        read: impl Fn(&Item) -> Result<Option<T>, Error>,
    ) -> Result<Page<T>, Error> {
        let (param, cursor) = match (&request.starting_after, &request.ending_before) {
            (Some(id), _) => ("starting_after", Some(id)),
            (None, Some(id)) => ("ending_before", Some(id)),
            (None, None) => ("", None),
        };
        let backwards = param == "ending_before";
        let partition = kind.partition(program);
        let mut start = None;
        if let Some(id) = cursor {
            let key = (kind.key)(id);
            let found = self.store.get([key], Consistency::Strong).await?;
            let mut item = found.into_values().next();
            item = item.filter(|item| Reader::new(item).maybe_text("gk") == Some(&partition));
            let mut item = item.ok_or_else(|| no_such_cursor(param, id))?;
            let keys = ["pk", "sk", "gk", "gs"];
            item.retain(|name, _| keys.contains(&name.as_str()));
            start = Some(item);
        }
        let mut data = Vec::new();
        loop {
            let limit = i32::try_from(request.limit + 1).unwrap_or(i32::MAX);
            let span = Span {
                index: Some(Index::Listed),
                partition: &partition,
                from: "0",
                to: "~",
                newest_first: !backwards,
                limit: Some(limit),
                start,
            };
            let page = self.store.query(span).await?;
            let mut keys = Vec::with_capacity(page.items.len());
            for item in &page.items {
                let reader = Reader::new(item);
                keys.push((kind.key)(reader.after("pk", kind.letter)?));
            }
            let found = self.store.get(keys.clone(), Consistency::Strong).await?;
            for item in keys.iter().filter_map(|key| found.get(key)) {
                data.extend(read(item)?);
            }
            start = page.next;
            if data.len() > request.limit || start.is_none() {
                break;
            }
        }
        let has_more = data.len() > request.limit;
        data.truncate(request.limit);
        if backwards {
            data.reverse();
        }
        Ok(Page { data, has_more })
    }
}
