//! Rules that a configuration of another platform asks for: each has an id that follows from what
//! it is called there, so that the same configuration again finds what it made.

use laurel_rules::{Code, Refusal, Rule};
use sha2::{Digest, Sha256};

use crate::{Error, Ledger, Seed, catalogs::no_such_program, seed::base32};

/// A rule that is to be there.
pub struct Wanted<'a> {
    /// The rule as it is made where there is none; what is changed of one that there is, `set` says.
    pub rule: Rule,
    /// Makes a rule as it is wanted; fields of which nothing was said stay.
    pub set: &'a (dyn Fn(&mut Rule) + Send + Sync),
    /// Triggers under which a rule of the same name may be left of an earlier import; it is
    /// deactivated.
    pub not: Vec<String>,
}

impl Ledger {
    /// Lets a program have these rules, each named by its event in the configuration; answers
    /// them. Each is written by itself, and one that is so already is left alone: a call that ended halfway is
    /// completed by its repeat.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program; what the checks of rules refuse.
    pub async fn import_rules(
        &self,
        program: &str,
        wanted: Vec<(String, Wanted<'_>)>,
        seed: Seed,
    ) -> Result<Vec<Rule>, Error> {
        let stored = self.stored_program(program).await?;
        let (settings, _) = stored.ok_or_else(|| no_such_program(program))?;
        let known = self.all_configured::<Rule>(program).await?;
        let id_of = |name: &str, trigger: &str| imported_id(&settings.salt, name, trigger);
        let mut rules = Vec::with_capacity(wanted.len());
        for (name, Wanted { rule, set, not }) in wanted {
            for trigger in not {
                let id = id_of(&name, &trigger);
                if known.iter().any(|rule| rule.id == id && rule.active) {
                    self.update_configured::<Rule>(&id, |rule| {
                        rule.active = false;
                        Ok(())
                    })
                    .await?;
                }
            }
            let id = id_of(&name, &rule.trigger);
            if !known.iter().any(|rule| rule.id == id) {
                let mut made = rule;
                made.id.clone_from(&id);
                match self.create_configured(made, &seed.to_text()).await {
                    // Another import, at the same time.
                    Err(Error::Refused(Refusal {
                        code: Code::ResourceAlreadyExists,
                        ..
                    })) => {}
                    made => {
                        rules.push(made?);
                        continue;
                    }
                }
            }
            let set = |rule: &mut Rule| {
                set(rule);
                Ok(())
            };
            rules.push(self.update_configured(&id, set).await?);
        }
        Ok(rules)
    }
}

/// The id of the rule that an event of a configuration asks for: a UUID of version 8 (RFC 9562,
/// section 5.8), salted, so that nobody can take it in another program.
fn imported_id(salt: &str, name: &str, trigger: &str) -> String {
    let digest = Sha256::new()
        .chain_update("imported rule")
        .chain_update([0])
        .chain_update(salt)
        .chain_update([0])
        .chain_update(name)
        .chain_update([0])
        .chain_update(trigger)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    format!("rule_{}", base32(uuid::Uuid::new_v8(bytes).as_u128()))
}
