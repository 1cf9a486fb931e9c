//! What is asked or made of each member of a list.

use super::{Evaluated, Run};
use crate::{
    failure::Failure,
    node::{Macro, Node},
    value::{List, Value},
};

impl<'a> Run<'a, '_> {
    pub(super) fn each(&mut self, each: Macro, list: &'a Node, body: &'a Node) -> Evaluated<'a> {
        let list = match self.value(list)? {
            Value::List(list) => list,
            Value::Object(fields) => {
                self.spend(fields.len())?;
                List::Made(fields.keys().map(|name| Value::text(name)).collect())
            }
            Value::Texts(fields) => {
                self.spend(fields.len())?;
                List::Made(fields.keys().map(|name| Value::text(name)).collect())
            }
            other => {
                let message = format!("{} has no members to look at", other.kind());
                return Err(Failure::wrong(message));
            }
        };
        let (mut kept, mut found, mut failed) = (Vec::new(), 0, None);
        for place in 0..list.len() {
            let Some(member) = list.get(place).transpose()? else {
                break;
            };
            self.locals.push(member);
            let made = self.value(body);
            let member = self.locals.pop();
            let holds = match (each, made) {
                (Macro::Map, made) => {
                    kept.push(made?);
                    continue;
                }
                (_, Ok(Value::Bool(holds))) => Ok(holds),
                (_, Ok(other)) => Err(Failure::wrong(format!(
                    "{} stands where true or false should",
                    other.kind()
                ))),
                (_, Err(failure)) => Err(failure),
            };
            match (each, holds) {
                (Macro::All, Ok(false)) => return Ok(Value::Bool(false)),
                (Macro::Exists, Ok(true)) => return Ok(Value::Bool(true)),
                (Macro::ExistsOne, Ok(true)) => found += 1,
                (Macro::Filter, Ok(true)) => kept.extend(member),
                (_, Ok(_)) => {}
                (Macro::All | Macro::Exists, Err(failure)) if failure != Failure::TooLong => {
                    failed = failed.or(Some(failure));
                }
                (_, Err(failure)) => return Err(failure),
            }
        }
        if let Some(failure) = failed {
            return Err(failure);
        }
        Ok(match each {
            Macro::All => Value::Bool(true),
            Macro::Exists => Value::Bool(false),
            Macro::ExistsOne => Value::Bool(found == 1),
            Macro::Filter | Macro::Map => Value::made(kept),
        })
    }
}
