// Made by `npm run generate` from openapi.json; not to be edited.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the service answers */
        get: operations["health.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["openapi.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/resonance-api/manual-event": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send one behaviour of a member known by email
         * @description It is handled at once. Without `eventId` each call is another event; under an `Idempotency-Key` its repeats are one. `metadata.order_value`, in major units of `metadata.currency` (US dollars where absent), is the event's amount. Where the program enrols by itself, somebody unknown becomes a member. See docs/behaviors.md.
         */
        post: operations["resonance.trigger_event"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api_keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description Revoked ones too; the newest come first. The stack's own key is not among them.
         */
        get: operations["api_keys.list"];
        put?: never;
        /**
         * Create an API key
         * @description The answer holds the key's text in `secret`; it is not shown again.
         */
        post: operations["api_keys.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api_keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve an API key */
        get: operations["api_keys.retrieve"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key, by DELETE
         * @description It takes effect within 30 seconds. Revoking again changes nothing.
         */
        delete: operations["api_keys.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api_keys/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke an API key
         * @description It takes effect within 30 seconds. Revoking again changes nothing.
         */
        post: operations["api_keys.revoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/event_types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List event types */
        get: operations["event_types.list"];
        put?: never;
        /**
         * Register an event type
         * @description Its events are checked from the next one on, on whatever way they come: what does not match is refused and leaves nothing behind.
         */
        post: operations["event_types.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/event_types/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve an event type
         * @description By its id, or by its name in a program.
         */
        get: operations["event_types.retrieve"];
        put?: never;
        /** Update an event type */
        post: operations["event_types.update"];
        /**
         * Delete an event type
         * @description Its events are no longer checked; what they earned stays.
         */
        delete: operations["event_types.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what Laurel emitted
         * @description The newest come first; events are kept for 30 days. `docs/events.json` has a schema and an example of each type.
         */
        get: operations["events.list"];
        put?: never;
        /**
         * Send one event, or up to 100
         * @description Events are handled at once and in the order given; each has an outcome, and the refusal of one does not stop the others. The refusal of a single event is the answer's own status. With `async=true` they are queued: status 202.
         */
        post: operations["events.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve an event that Laurel emitted */
        get: operations["events.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/experiments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List experiments */
        get: operations["experiments.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/experiments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve an experiment with its results
         * @description By its key.
         */
        get: operations["experiments.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/experiments/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop an experiment
         * @description Its rule goes on with the fields of the `winner`, or with its own, as a new version. The results stay as they are.
         */
        post: operations["experiments.stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List accounts
         * @description The newest come first. A customer or an email address leads to the survivor where its account was merged.
         */
        get: operations["accounts.list"];
        put?: never;
        /**
         * Create an account
         * @description One active account per customer, and per email, in a program: another create answers 409 with the id of the existing one in `error.account`. A welcome bonus shows on the next read.
         */
        post: operations["accounts.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/accounts/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Merge an account into another
         * @description `source` ends with nothing and points at `target`, which takes over its points, each with its expiry, its lifetime points, its uses of caps and its transactions. Its customer and email lead to `target` from then on. Answers `target`.
         */
        post: operations["accounts.merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve an account
         * @description The balance is exact as of this second. With a publishable key and a member's token in `X-Member-Token` it shows `id`, `object`, `program`, `currency` (what points are called), `balance`, `pending`, `lifetime_points`, `store_credit` and `tier` of that member's own account.
         */
        get: operations["accounts.retrieve"];
        put?: never;
        /**
         * Update an account
         * @description A customer or an email address can be taken from a closed account, not from an active one. A closed account keeps its own.
         */
        post: operations["accounts.update"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/accounts/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close an account
         * @description It earns nothing from then on and keeps its points, which expire as they would. Another account may take its customer and its email. Closing it again changes nothing.
         */
        post: operations["accounts.close"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/accounts/{id}/member_token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a member token
         * @description With it and a publishable key the member's page may retrieve this account, and estimate what an event would give it. Only secret keys create tokens.
         */
        post: operations["accounts.create_member_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/accounts/{id}/personal_data": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Erase personal data
         * @description Erases customer, email and metadata, of accounts that were merged into it as well, and closes it. Its transactions stay. Should a call die on the way, the same call finishes it.
         */
        delete: operations["accounts.erase_personal_data"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/accounts/{id}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reopen a closed account
         * @description Answers 409 where another active account has its customer or its email by now.
         */
        post: operations["accounts.reopen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/campaigns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List campaigns */
        get: operations["campaigns.list"];
        put?: never;
        /**
         * Create a campaign
         * @description It is in force with the next event, for what happened before as well.
         */
        post: operations["campaigns.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/campaigns/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a campaign */
        get: operations["campaigns.retrieve"];
        put?: never;
        /**
         * Update a campaign
         * @description What is absent stays; null unsets. An object such as `schedule` or `budget` replaces the one before wholly. A lower limit of the budget holds when this answers; what was awarded stays, and another window begins another count.
         */
        post: operations["campaigns.update"];
        /**
         * Deactivate a campaign
         * @description Transactions name the campaigns that multiplied them, so that it stays to be read.
         */
        delete: operations["campaigns.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/campaigns/{id}/budget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve what is used of a campaign's budget
         * @description In the current window, exact at some moment while this is answered.
         */
        get: operations["campaigns.budget"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/earning_rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List earning rules */
        get: operations["earning_rules.list"];
        put?: never;
        /**
         * Create an earning rule
         * @description It is in force with the next event, for what happened before as well.
         */
        post: operations["earning_rules.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/earning_rules/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make rules of a configuration by event types
         * @description The events that Resonance's clients configure, as `{"signup": {"rsncFlat": 100}}`. Each has a rule of its own, which the same event changes when it is imported again; rules of other events stay. All are checked before any is written. See docs/behaviors.md.
         */
        post: operations["earning_rules.import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/earning_rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve an earning rule */
        get: operations["earning_rules.retrieve"];
        put?: never;
        /**
         * Update an earning rule
         * @description What is absent stays; null unsets. An object such as `cap` or `award` replaces the one before wholly. Each update makes a new version.
         */
        post: operations["earning_rules.update"];
        /**
         * Deactivate an earning rule
         * @description Transactions name the rule that made them, so that it stays to be read.
         */
        delete: operations["earning_rules.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Estimate an event
         * @description It is decided as the event would be if it came now, and writes nothing. Without a member it is for somebody whom the event makes one; the welcome bonus is not in it. A publishable key may ask for a visitor, or for the member whose token it shows; it learns of the rules that give something.
         */
        post: operations["estimate.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/points_transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List transactions, by their other name
         * @description The newest come first, with those of accounts that were merged into it. A merged account has none left.
         */
        get: operations["points_transactions.list"];
        put?: never;
        /**
         * Adjust points, by the other name
         * @description Adds or takes points by hand; the reason is kept. With `extends` it moves the expiry of what is left of an earning, by a transaction of 0 points; with `reinstates` it gives back what has expired.
         */
        post: operations["points_transactions.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/points_transactions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve a transaction, by its other name
         * @description With `expand[]=calculation` it says in words how it came about, to be read out to the member.
         */
        get: operations["points_transactions.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/programs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List programs */
        get: operations["programs.list"];
        put?: never;
        /** Create a program */
        post: operations["programs.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/programs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a program */
        get: operations["programs.retrieve"];
        put?: never;
        /**
         * Update a program
         * @description What is absent stays; an object replaces the one before wholly, but `metadata` merges. A change is in force with the next event.
         */
        post: operations["programs.update"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/programs/{id}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve how far the audit is
         * @description What the round that is under way has come to in this program, and the one before. Where something does not hold, it says where, with the transactions behind it.
         */
        get: operations["programs.audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/programs/{id}/budget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve what is used of a program's budget
         * @description In the current window, exact at some moment while this is answered.
         */
        get: operations["programs.budget"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/programs/{id}/journal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export the journal
         * @description A line of JSON for each transaction, with the two accounts that it is booked to: by account in the order in which accounts were created, then as it was written. Where there may be more, the `Link` header has the address of the next part (`rel="next"`), also after a part without lines.
         */
        get: operations["programs.journal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/programs/{id}/liability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve what a program owes
         * @description Sums that are kept as the ledger grows, some seconds behind it; time that has passed is in them at its second. Months are those of the program's time zone.
         */
        get: operations["programs.liability"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/programs/{id}/liability/recount": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Count accounts again
         * @description Counts a hundred accounts, the newest first, as the ledger has them now: for a program whose expiry or time zone has changed, or whose ledger is older than its figures. Call it again with `next` as `starting_after` until that is null. It may be ended and begun again at will.
         */
        post: operations["programs.recount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/programs/{id}/tier_evaluation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve the progress of an evaluation */
        get: operations["programs.tier_evaluation"];
        put?: never;
        /**
         * Evaluate the tiers of all members
         * @description After a change of tiers members are evaluated with their next event; this evaluates all of them, in the background. One that is under way starts over.
         */
        post: operations["programs.evaluate_tiers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/redemptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List redemptions
         * @description The newest come first. With `account` those of accounts that were merged into it, too.
         */
        get: operations["redemptions.list"];
        put?: never;
        /**
         * Redeem points or store credit
         * @description Takes the points, or the store credit, at once. With `capture: false` they are reserved: they come back by themselves after `ttl_minutes` unless the redemption is confirmed, by a call or by a `payment.completed` that names it in `metadata.redemption`.
         */
        post: operations["redemptions.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/redemptions/use": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Use a code
         * @description Counts once, however many try. Send an `Idempotency-Key`: the same request again is no second use.
         */
        post: operations["redemptions.use_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/redemptions/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask what a code is worth for an order
         * @description Changes nothing. What is worth nothing is no error: `valid` is false, and `reason` says why.
         */
        post: operations["redemptions.validate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/redemptions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a redemption */
        get: operations["redemptions.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/redemptions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a redemption
         * @description The points go back to the earnings that they came from; what has expired meanwhile stays expired. A confirmed redemption can be canceled until it is used. To cancel it again changes nothing.
         */
        post: operations["redemptions.cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/redemptions/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm a redemption
         * @description Issues its code. To confirm it again changes nothing.
         */
        post: operations["redemptions.confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/redemptions/{id}/use": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use a redemption */
        post: operations["redemptions.use"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/referrals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List referrals
         * @description The newest come first, codes among them as referrals that are `pending`. With `referrer` those of accounts that were merged into it, too, and the codes last. With `referee` or `customer` the one that they came by.
         */
        get: operations["referrals.list"];
        put?: never;
        /**
         * Create a member's code
         * @description A member has one code: to ask again answers the same, with status 200. `reward` and `qualify` hold instead of the program's for whoever comes by it from now on.
         */
        post: operations["referrals.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/referrals/attribute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Attribute a new customer to a code
         * @description The first one counts: another answers the referral that there is, unchanged. A new customer is enrolled. What fraud controls find is no error: the referral is `rejected`, and `reason` says why.
         */
        post: operations["referrals.attribute"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/referrals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a referral */
        get: operations["referrals.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/rewards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List rewards */
        get: operations["rewards.list"];
        put?: never;
        /** Create a reward */
        post: operations["rewards.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/rewards/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a reward */
        get: operations["rewards.retrieve"];
        put?: never;
        /**
         * Update a reward
         * @description What is absent stays; null unsets. Redemptions that were made keep what they are worth.
         */
        post: operations["rewards.update"];
        /**
         * Deactivate a reward
         * @description Redemptions name their reward, so that it stays to be read.
         */
        delete: operations["rewards.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/rewards/{id}/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import codes
         * @description Adds codes to those that redemptions of this reward get, each once. A code that the program has already is left out and named in the answer. Letter case and dashes don't tell codes apart.
         */
        post: operations["rewards.import_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/segments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List segments */
        get: operations["segments.list"];
        put?: never;
        /** Create a segment */
        post: operations["segments.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/segments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve a segment
         * @description By its id.
         */
        get: operations["segments.retrieve"];
        put?: never;
        /**
         * Update a segment
         * @description What is absent stays. Members are in it or not by its new condition at once.
         */
        post: operations["segments.update"];
        /**
         * Delete a segment
         * @description Conditions that ask for it then fail and say so, also those that ask whether a member is not in it.
         */
        delete: operations["segments.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/simulations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List simulations */
        get: operations["simulations.list"];
        put?: never;
        /**
         * Run a simulation
         * @description It is begun within a minute and takes seconds to minutes; read it until its `status` is `finished` or `failed`. What is exact and what is not says docs/simulations.md. Simulations are kept for 30 days.
         */
        post: operations["simulations.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/simulations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a simulation */
        get: operations["simulations.retrieve"];
        put?: never;
        post?: never;
        /**
         * Delete a simulation
         * @description One that is being run stops.
         */
        delete: operations["simulations.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/store_credit_transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List an account's transactions of store credit
         * @description The newest come first, with those of accounts that were merged into it. A merged account has none left.
         */
        get: operations["store_credit_transactions.list"];
        put?: never;
        /**
         * Give or take store credit
         * @description Adds or takes store credit by hand; the reason is kept.
         */
        post: operations["store_credit_transactions.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/store_credit_transactions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a transaction of store credit */
        get: operations["store_credit_transactions.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/tiers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tiers */
        get: operations["tiers.list"];
        put?: never;
        /**
         * Create a tier
         * @description Members who have earned it get it when they are evaluated next: with their next event. Reads show it at once.
         */
        post: operations["tiers.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/tiers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve a tier
         * @description By its id.
         */
        get: operations["tiers.retrieve"];
        put?: never;
        /**
         * Update a tier
         * @description What is absent stays. Members are evaluated by it from their next event on.
         */
        post: operations["tiers.update"];
        /**
         * Delete a tier
         * @description Its members get the tier that they have earned when they are evaluated next.
         */
        delete: operations["tiers.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List transactions of an account
         * @description The newest come first, with those of accounts that were merged into it. A merged account has none left.
         */
        get: operations["transactions.list"];
        put?: never;
        /**
         * Adjust points
         * @description Adds or takes points by hand; the reason is kept. With `extends` it moves the expiry of what is left of an earning, by a transaction of 0 points; with `reinstates` it gives back what has expired.
         */
        post: operations["transactions.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loyalty/transactions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve a transaction
         * @description With `expand[]=calculation` it says in words how it came about, to be read out to the member.
         */
        get: operations["transactions.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sandbox/clock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a program's clock */
        get: operations["sandbox.clock.retrieve"];
        put?: never;
        /**
         * Set a program's clock
         * @description Time moves forward only, and then stands still until it is set again. Points that mature or expire by then have done so when the call returns.
         */
        post: operations["sandbox.clock.set"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sandbox/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List payments of the sandbox */
        get: operations["sandbox.payments.list"];
        put?: never;
        /**
         * Make a payment in the sandbox
         * @description Its event, `payment.completed` or `payment.failed`, is handled before the call is answered. Payments are kept for 30 days.
         */
        post: operations["sandbox.payments.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sandbox/payments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a payment of the sandbox */
        get: operations["sandbox.payments.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sandbox/payments/{id}/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refund a payment of the sandbox
         * @description Wholly where no amount is given. The event is `payment.refunded`.
         */
        post: operations["sandbox.payments.refund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhook endpoints
         * @description The newest come first.
         */
        get: operations["webhook_endpoints.list"];
        put?: never;
        /**
         * Create a webhook endpoint
         * @description The answer has the `secret` that signs what is sent; it is not told again. There may be 50 endpoints.
         */
        post: operations["webhook_endpoints.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/deliveries/{delivery}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an event again, by the delivery alone
         * @description Whatever came of it before; the schedule begins anew.
         */
        post: operations["webhook_endpoints.redeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a webhook endpoint */
        get: operations["webhook_endpoints.retrieve"];
        put?: never;
        /**
         * Update a webhook endpoint
         * @description `status: enabled` makes one that was disabled begin anew.
         */
        post: operations["webhook_endpoints.update"];
        /**
         * Delete a webhook endpoint
         * @description What is still on its way there is dropped.
         */
        delete: operations["webhook_endpoints.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deliveries to a webhook endpoint
         * @description Those of the newest events come first. They are kept for 30 days.
         */
        get: operations["webhook_deliveries.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}/deliveries/{delivery}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve a delivery */
        get: operations["webhook_deliveries.retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}/deliveries/{delivery}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an event again
         * @description Whatever came of it before; the schedule begins anew.
         */
        post: operations["webhook_deliveries.redeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}/rotate_secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace the secret of a webhook endpoint
         * @description Both secrets sign until the old one runs out: in a day, unless said otherwise.
         */
        post: operations["webhook_endpoints.rotate_secret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a sample event to a webhook endpoint
         * @description The event's id begins with `evt_sample_`; nothing else tells it from a real one.
         */
        post: operations["webhook_endpoints.test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Account: {
            /** @description Points to spend now. */
            balance: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * @description Your own id of the customer; events name it.
             * @example cust_abc123
             */
            customer: string | null;
            /**
             * @description For events that identify people by it; unique in a program.
             * @example anna@example.com
             */
            email: string | null;
            /**
             * @description `loy_…`, or as given.
             * @example loy_7Qk2
             */
            id: string;
            /** @description All points ever earned; it never falls. */
            lifetime_points: number;
            /** @description The account that it was merged into. */
            merged_into: string | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /** @description The tier above; null at the top. */
            next_tier: components["schemas"]["NextTier"] | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "loyalty_account";
            /** @description Points that can be spent later. */
            pending: number;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * @description The code that the member shares; null where it has none.
             * @example ANNA-7F3K
             */
            referral_code: string | null;
            /** @description The referral that the member came by, `ref_…`; null where it came by none. */
            referred_by: string | null;
            /** @description What is kept of the member's events, by event type: of types that a rule listens to or a condition names, from when one first does. */
            stats: components["schemas"]["AccountStats"];
            /**
             * @description Whether it takes part.
             * @enum {string}
             */
            status: "active" | "closed" | "merged";
            /** @description Store credit by currency; a currency of which there is nothing is left out. */
            store_credit: components["schemas"]["StoreCreditBalance"][];
            /**
             * @description The key of the tier.
             * @example silver
             */
            tier: string | null;
            /**
             * Format: date-time
             * @description Since when; null where the tier has never changed.
             */
            tier_since: string | null;
            /**
             * Format: date-time
             * @description Until when the tier is kept whatever happens: the end of its period and of the days of grace. Null where it cannot be lost.
             */
            tier_until: string | null;
        };
        AccountStats: Record<string, unknown>;
        /** this call */
        AccountsCloseParams: Record<string, unknown>;
        /** a member token */
        AccountsCreateMemberTokenParams: {
            /** @description How long it is good; 60 where absent. */
            ttl_minutes?: number;
        };
        /** a new account */
        AccountsCreateParams: {
            /**
             * @description Your own id of the customer; events name it.
             * @example cust_abc123
             */
            customer?: string | null;
            /**
             * @description For events that identify people by it; unique in a program.
             * @example anna@example.com
             */
            email?: string | null;
            /**
             * @description The id to have, as for an import: `loy_` and 1 to 64 characters. One is made up where absent.
             * @example loy_imported_7
             */
            id?: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
        };
        /** a merge of accounts */
        AccountsMergeParams: {
            /**
             * @description The account that ends.
             * @example loy_guest
             */
            source: string;
            /**
             * @description The account that survives.
             * @example loy_7Qk2
             */
            target: string;
        };
        /** this call */
        AccountsReopenParams: Record<string, unknown>;
        /** an update of an account */
        AccountsUpdateParams: {
            /**
             * @description Your own id of the customer; events name it.
             * @example cust_abc123
             */
            customer?: string | null;
            /**
             * @description For events that identify people by it; unique in a program.
             * @example anna@example.com
             */
            email?: string | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
        };
        ApiKey: {
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * @description `key_…`
             * @example key_7Qk2
             */
            id: string;
            /**
             * @description What its text ends with.
             * @example 7f3k
             */
            last4: string;
            /**
             * @description What you call it.
             * @example Checkout
             */
            name: string | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "api_key";
            /**
             * @description What its text begins with.
             * @example sk_test_
             */
            prefix: string;
            /** @description The programs that it may know, to which all others do not exist; null for all. */
            programs: string[] | null;
            /**
             * @description Requests a second; null for what holds for all keys.
             * @example 50
             */
            rate_limit: number | null;
            /**
             * Format: date-time
             * @description When it was revoked.
             */
            revoked_at: string | null;
            /** @description What a restricted key may do, as `accounts:read` or `accounts:write`, which includes to read. */
            scopes: ("accounts:read" | "accounts:write" | "api_keys:read" | "campaigns:read" | "campaigns:write" | "earning_rules:read" | "earning_rules:write" | "estimate:read" | "estimate:write" | "event_types:read" | "event_types:write" | "events:read" | "events:write" | "experiments:read" | "experiments:write" | "programs:read" | "programs:write" | "redemptions:read" | "redemptions:write" | "referrals:read" | "referrals:write" | "rewards:read" | "rewards:write" | "sandbox:read" | "sandbox:write" | "segments:read" | "segments:write" | "simulations:read" | "simulations:write" | "store_credit:read" | "store_credit:write" | "tiers:read" | "tiers:write" | "transactions:read" | "transactions:write" | "webhook_endpoints:read")[] | null;
            /** @description Its text, in the answer to its creation and never again. */
            secret?: string;
            /**
             * @description A `secret` key may do everything, a `restricted` one what its scopes say; a `publishable` one shows members their own balance on a page.
             * @enum {string}
             */
            type: "secret" | "restricted" | "publishable";
        };
        /** a new API key */
        ApiKeysCreateParams: {
            /**
             * @description What you call it.
             * @example Checkout
             */
            name?: string | null;
            /** @description The programs that it may know, to which all others do not exist; null for all. */
            programs?: string[] | null;
            /**
             * @description Requests a second; null for what holds for all keys.
             * @example 50
             */
            rate_limit?: number | null;
            /** @description What a restricted key may do, as `accounts:read` or `accounts:write`, which includes to read. */
            scopes?: ("accounts:read" | "accounts:write" | "api_keys:read" | "campaigns:read" | "campaigns:write" | "earning_rules:read" | "earning_rules:write" | "estimate:read" | "estimate:write" | "event_types:read" | "event_types:write" | "events:read" | "events:write" | "experiments:read" | "experiments:write" | "programs:read" | "programs:write" | "redemptions:read" | "redemptions:write" | "referrals:read" | "referrals:write" | "rewards:read" | "rewards:write" | "sandbox:read" | "sandbox:write" | "segments:read" | "segments:write" | "simulations:read" | "simulations:write" | "store_credit:read" | "store_credit:write" | "tiers:read" | "tiers:write" | "transactions:read" | "transactions:write" | "webhook_endpoints:read")[] | null;
            /**
             * @description A `secret` key may do everything, a `restricted` one what its scopes say; a `publishable` one shows members their own balance on a page.
             * @enum {string}
             */
            type: "secret" | "restricted" | "publishable";
        };
        /** this route's query */
        ApiKeysRevokeParams: Record<string, unknown>;
        Audit: {
            /** @description The round that is under way; null between two rounds. */
            current: components["schemas"]["AuditRound"] | null;
            /** @description The round before; null before the end of the first one that the program was in. */
            last: components["schemas"]["AuditRound"] | null;
            /**
             * @description The object's type.
             * @constant
             */
            object: "audit";
            /** @description The program. */
            program: string;
        };
        AuditRound: {
            /**
             * Format: date-time
             * @description When it ended; null while it is under way.
             */
            ended: string | null;
            /** @description Entries of their logs. */
            entries: number;
            /** @description Members that were audited. */
            members: number;
            /** @description Names and codes that lead to them. */
            names: number;
            /**
             * Format: date-time
             * @description When the last member of this program was audited; null where that is to come.
             */
            program_ended: string | null;
            /** @description Members that were left out because they were written again and again meanwhile. */
            skipped: number;
            /**
             * Format: date-time
             * @description When the round began.
             */
            started: string;
            /** @description How often something does not hold. */
            violation_count: number;
            /** @description Where: up to 20 of them. */
            violations: components["schemas"]["AuditViolation"][];
        };
        AuditViolation: {
            /** @description Of which member; null where it is about the program as a whole. */
            account: string | null;
            /**
             * @description What does not hold, as the documentation of the audit names it.
             * @enum {string}
             */
            invariant: "items" | "log" | "seals" | "balance" | "lifetime" | "tiers" | "store_credit" | "reversals" | "once" | "caps" | "records" | "names" | "reservations" | "merges" | "codes" | "referrals" | "conversions" | "referral_codes" | "budgets" | "stock" | "events";
            /** @description How. */
            message: string;
            /** @description The transactions behind it, where single ones are: up to 20. */
            transactions: string[];
        };
        Budget: {
            /** @description The campaign whose budget it is; the program's own where null. */
            campaign: string | null;
            /**
             * Format: date-time
             * @description When it ends.
             */
            ends_at: string | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "budget";
            /** @description The limit. */
            points: number;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description Points that are left. */
            remaining: number;
            /**
             * Format: date-time
             * @description When the current window began; null for all time.
             */
            starts_at: string | null;
            /** @description Points awarded in it, less what was reversed; of a campaign those that it added. */
            used: number;
            /**
             * @description The period that it counts over.
             * @enum {string}
             */
            window: "day" | "week" | "month" | "lifetime";
        };
        Calculation: {
            /** @description The award as it was configured. */
            award: {
                /**
                 * @description Minor units of the currency.
                 * @example 100
                 */
                per: number;
                /** @description Points. */
                points: number;
                /**
                 * @description `amount × points ÷ per`
                 * @constant
                 */
                type: "per_amount";
            } | {
                /** @description Points. */
                points: number;
                /**
                 * @description Once per event
                 * @constant
                 */
                type: "fixed";
            } | {
                /**
                 * @description Points for each major unit, by ISO 4217 code.
                 * @example {
                 *       "EUR": 1,
                 *       "JPY": 0.01
                 *     }
                 */
                rates: {
                    [key: string]: number;
                };
                /**
                 * @description Amount in major units × the rate of its currency
                 * @constant
                 */
                type: "per_currency";
            } | ({
                /**
                 * @description Amount in major units × the rate of its currency
                 * @constant
                 */
                type: "per_currency";
            } & {
                [key: string]: unknown;
            });
            /** @description The award before multipliers, exact; of several thresholds at once, of all together. */
            base: string;
            /** @description What of the event counted. */
            basis?: components["schemas"]["CalculationBasis"];
            /** @description What budgets did. */
            budgets?: components["schemas"]["CalculationBudget"][];
            /** @description Campaigns that did not count because their condition could not be told. */
            campaigns_failed?: components["schemas"]["CalculationCampaign"][];
            /** @description What the cap did. */
            cap?: components["schemas"]["CalculationCap"];
            /** @description The fraction carried in. */
            carried_in?: string;
            /** @description The fraction carried on. */
            carried_out?: string;
            /** @description Before rounding. */
            exact: string;
            /** @description Which variant of an experiment it was. */
            experiment?: components["schemas"]["CalculationExperiment"];
            /**
             * @description How it came about in short sentences, in English; only where it is asked for by `expand`.
             * @example [
             *       "So it gave 84 points."
             *     ]
             */
            explanation?: string[];
            /** @description The milestones that it was given for. */
            milestone?: components["schemas"]["CalculationMilestone"];
            /** @description Those other than 1, in their order. */
            multipliers?: components["schemas"]["CalculationMultiplier"][];
            /** @description The points awarded. */
            points: number;
            /** @description After rounding, before the cap. */
            rounded: number;
            /**
             * @description How it was rounded.
             * @enum {string}
             */
            rounding: "floor" | "half_up" | "half_even" | "ceil";
            /** @description The rule. */
            rule: string;
            /** @description Its version. */
            rule_version: number;
            /** @description The streak that it was given for. */
            streak?: components["schemas"]["CalculationStreak"];
        };
        CalculationBasis: {
            /** @description Minor units. */
            amount: number;
            /** @description ISO 4217. */
            currency?: string;
            /** @description Its field, or `line_items`. */
            field: string;
        };
        CalculationBudget: {
            /** @description The campaign whose budget it is; the program's own where absent. */
            campaign?: string;
            /** @description Points that were left for them. */
            granted_points: number;
            /** @description The limit over all members. */
            limit_points: number;
            /**
             * @description The day on which it began, in the program's time zone; absent for all time.
             * @example 2026-11-01
             */
            starts_on?: string;
            /** @description Points of the award that count against it. */
            wanted_points: number;
            /**
             * @description The period.
             * @enum {string}
             */
            window: "day" | "week" | "month" | "lifetime";
        };
        CalculationCampaign: {
            /** @description The campaign. */
            campaign: string;
            /** @description Why. */
            message: string;
        };
        CalculationCap: {
            /** @description The limit in awards. */
            limit_awards?: number;
            /** @description The limit in points. */
            limit_points?: number;
            /** @description Whether it trails the event. */
            rolling?: boolean;
            /** @description Awards before this one. */
            used_awards: number;
            /** @description Points used before this award. */
            used_points: number;
            /**
             * @description The period.
             * @enum {string}
             */
            window: "day" | "week" | "month" | "lifetime";
        };
        CalculationExperiment: {
            /** @description The experiment's key. */
            key: string;
            /** @description The variant's. */
            variant: string;
        };
        CalculationMilestone: {
            /** @description The figure with the event. */
            after: number;
            /** @description The figure before the event. */
            before: number;
            /** @description The thresholds that were paid. */
            crossed: number[];
            /**
             * @description The figure.
             * @example payment.completed.sum
             */
            stat: string;
        };
        CalculationMultiplier: {
            /** @description Its id or key. */
            id: string;
            /**
             * @description Whose it is.
             * @enum {string}
             */
            origin: "rule" | "tier" | "campaign";
            /** @description How much. */
            value: number;
        };
        CalculationStreak: {
            /** @description How many units a streak takes. */
            length: number;
            /** @description How many units the run had with the event. */
            run: number;
            /** @description How often it paid: more than once where a merge had completed another. */
            times: number;
            /**
             * @description What was counted.
             * @enum {string}
             */
            unit: "day" | "week" | "month";
        };
        Campaign: {
            /** @description Whether it can be in effect. */
            active: boolean;
            /**
             * budget
             * @description The most points that may be awarded to all members together in each window; any number where null. What is over it is cut, as by a cap.
             * @example {
             *       "points": 100000,
             *       "window": "month"
             *     }
             */
            budget: {
                /** @description At most so many. */
                points: number;
                /**
                 * @description In each calendar day, week from Monday or month of the program's time zone, by the time of the event; or in all, which is the default.
                 * @enum {string}
                 */
                window?: "day" | "week" | "month" | "lifetime";
            } | null;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * Format: date-time
             * @description Until when, exclusive.
             */
            ends_at: string | null;
            /**
             * @description `camp_…`
             * @example camp_7Qk2
             */
            id: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /**
             * @description What awards are multiplied by.
             * @example 2
             */
            multiplier: number;
            /**
             * @description What you call it.
             * @example Double points weekend
             */
            name: string | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "campaign";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description For awards of these earning rules only; of all where null. */
            rules: string[] | null;
            /**
             * schedule
             * @description When in the week it is in effect; always where null.
             * @example {
             *       "hours": [
             *         {
             *           "from": "18:00",
             *           "to": "22:00"
             *         }
             *       ],
             *       "weekdays": [
             *         "saturday"
             *       ]
             *     }
             */
            schedule: {
                /** @description In these ranges, by the clocks of the program's time zone; all day where null. */
                hours?: {
                    /**
                     * @description The first minute.
                     * @example 18:00
                     */
                    from: string;
                    /**
                     * @description The first minute after. A range that ends before it starts goes on past midnight and belongs to the day on which it starts.
                     * @example 22:00
                     */
                    to: string;
                }[] | null;
                /** @description On these days; every day where null. */
                weekdays?: ("monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday")[] | null;
            } | null;
            /**
             * Format: date-time
             * @description From when it is in effect, judged at the event's time.
             */
            starts_at: string | null;
            /** @description For events of these types only; of all where null. */
            triggers: string[] | null;
            /** @description Grows with each change. */
            version: number;
            /**
             * @description The condition, in CEL, on `event`, `member`, `program` and `now`; always where null. Keys of the event's metadata are also there by their bare names. See docs/conditions.md.
             * @example event.amount >= 2000 && member.tier in ['gold', 'platinum']
             */
            when: string | null;
        };
        CampaignEstimate: {
            /** @description The campaign. */
            campaign: string;
            /** @description The same in a sentence. */
            message: string | null;
            /** @description What it multiplies by. */
            multiplier: number;
            /** @description What you call it. */
            name: string | null;
            /** @description Why it is not in effect; null where it is. */
            reason: ("inactive" | "not_started" | "ended" | "off_schedule" | "condition_false" | "condition_failed") | null;
        };
        /** a new campaign */
        CampaignsCreateParams: {
            /** @description Whether it can be in effect. */
            active?: boolean;
            /**
             * budget
             * @description The most points that may be awarded to all members together in each window; any number where null. What is over it is cut, as by a cap.
             * @example {
             *       "points": 100000,
             *       "window": "month"
             *     }
             */
            budget?: {
                /** @description At most so many. */
                points: number;
                /**
                 * @description In each calendar day, week from Monday or month of the program's time zone, by the time of the event; or in all, which is the default.
                 * @enum {string}
                 */
                window?: "day" | "week" | "month" | "lifetime";
            } | null;
            /** @description Until when, exclusive. */
            ends_at?: string | number | Date | null;
            /**
             * @description An id of your own choice, which starts with `camp_`.
             * @example camp_weekend
             */
            id?: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description What awards are multiplied by.
             * @example 2
             */
            multiplier: number | string;
            /**
             * @description What you call it.
             * @example Double points weekend
             */
            name?: string | null;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
            /** @description For awards of these earning rules only; of all where null. */
            rules?: string[] | null;
            /**
             * schedule
             * @description When in the week it is in effect; always where null.
             * @example {
             *       "hours": [
             *         {
             *           "from": "18:00",
             *           "to": "22:00"
             *         }
             *       ],
             *       "weekdays": [
             *         "saturday"
             *       ]
             *     }
             */
            schedule?: {
                /** @description In these ranges, by the clocks of the program's time zone; all day where null. */
                hours?: {
                    /**
                     * @description The first minute.
                     * @example 18:00
                     */
                    from: string;
                    /**
                     * @description The first minute after. A range that ends before it starts goes on past midnight and belongs to the day on which it starts.
                     * @example 22:00
                     */
                    to: string;
                }[] | null;
                /** @description On these days; every day where null. */
                weekdays?: ("monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday")[] | null;
            } | null;
            /** @description From when it is in effect, judged at the event's time. */
            starts_at?: string | number | Date | null;
            /** @description For events of these types only; of all where null. */
            triggers?: string[] | null;
            /**
             * @description The condition, in CEL, on `event`, `member`, `program` and `now`; always where null. Keys of the event's metadata are also there by their bare names. See docs/conditions.md.
             * @example event.amount >= 2000 && member.tier in ['gold', 'platinum']
             */
            when?: string | null;
        };
        /** an update of a campaign */
        CampaignsUpdateParams: {
            /** @description Whether it can be in effect. */
            active?: boolean;
            /**
             * budget
             * @description The most points that may be awarded to all members together in each window; any number where null. What is over it is cut, as by a cap.
             * @example {
             *       "points": 100000,
             *       "window": "month"
             *     }
             */
            budget?: {
                /** @description At most so many. */
                points: number;
                /**
                 * @description In each calendar day, week from Monday or month of the program's time zone, by the time of the event; or in all, which is the default.
                 * @enum {string}
                 */
                window?: "day" | "week" | "month" | "lifetime";
            } | null;
            /** @description Until when, exclusive. */
            ends_at?: string | number | Date | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description What awards are multiplied by.
             * @example 2
             */
            multiplier?: number | string;
            /**
             * @description What you call it.
             * @example Double points weekend
             */
            name?: string | null;
            /** @description For awards of these earning rules only; of all where null. */
            rules?: string[] | null;
            /**
             * schedule
             * @description When in the week it is in effect; always where null.
             * @example {
             *       "hours": [
             *         {
             *           "from": "18:00",
             *           "to": "22:00"
             *         }
             *       ],
             *       "weekdays": [
             *         "saturday"
             *       ]
             *     }
             */
            schedule?: {
                /** @description In these ranges, by the clocks of the program's time zone; all day where null. */
                hours?: {
                    /**
                     * @description The first minute.
                     * @example 18:00
                     */
                    from: string;
                    /**
                     * @description The first minute after. A range that ends before it starts goes on past midnight and belongs to the day on which it starts.
                     * @example 22:00
                     */
                    to: string;
                }[] | null;
                /** @description On these days; every day where null. */
                weekdays?: ("monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday")[] | null;
            } | null;
            /** @description From when it is in effect, judged at the event's time. */
            starts_at?: string | number | Date | null;
            /** @description For events of these types only; of all where null. */
            triggers?: string[] | null;
            /**
             * @description The condition, in CEL, on `event`, `member`, `program` and `now`; always where null. Keys of the event's metadata are also there by their bare names. See docs/conditions.md.
             * @example event.amount >= 2000 && member.tier in ['gold', 'platinum']
             */
            when?: string | null;
        };
        CodeImport: {
            /** @description How many there are then. */
            codes_left: number;
            /** @description Those that the program has already. */
            duplicates: string[];
            /** @description How many are new. */
            imported: number;
            /**
             * @description What this is.
             * @constant
             */
            object: "code_import";
            /** @description The reward. */
            reward: string;
        };
        Deleted: {
            /**
             * @description It is.
             * @example true
             */
            deleted: boolean;
            /**
             * @description What its id was.
             * @example tier_7Qk2
             */
            id: string;
            /**
             * @description What this was.
             * @enum {string}
             */
            object: "tier" | "segment" | "event_type" | "webhook_endpoint" | "simulation";
        };
        EarningRule: {
            /** @description Whether it is evaluated. */
            active: boolean;
            /**
             * @description How an event becomes points.
             * @example {
             *       "per": 100,
             *       "points": 1,
             *       "type": "per_amount"
             *     }
             */
            award: {
                /**
                 * @description Minor units of the currency.
                 * @example 100
                 */
                per: number;
                /** @description Points. */
                points: number;
                /**
                 * @description `amount × points ÷ per`
                 * @constant
                 */
                type: "per_amount";
            } | {
                /** @description Points. */
                points: number;
                /**
                 * @description Once per event
                 * @constant
                 */
                type: "fixed";
            } | {
                /**
                 * @description Points for each major unit, by ISO 4217 code.
                 * @example {
                 *       "EUR": 1,
                 *       "JPY": 0.01
                 *     }
                 */
                rates: {
                    [key: string]: number;
                };
                /**
                 * @description Amount in major units × the rate of its currency
                 * @constant
                 */
                type: "per_currency";
            } | ({
                /**
                 * @description Amount in major units × the rate of its currency
                 * @constant
                 */
                type: "per_currency";
            } & {
                [key: string]: unknown;
            });
            /**
             * @description What of an incomplete unit counts: its share, or nothing.
             * @enum {string}
             */
            basis: "exact" | "whole_units";
            /**
             * @description Which figure of the event counts; `amount` where null.
             * @example amount_net
             */
            basis_field: string | null;
            /**
             * cap
             * @description Limits per member and window.
             */
            cap: {
                /** @description At most so many awards. */
                awards?: number | null;
                /** @description At most so many points. */
                points?: number | null;
                /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                rolling?: boolean;
            } | null;
            /** @description Whether the fraction that rounding cut off counts next time. */
            carry: boolean;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * earn_on
             * @description Which line items count; the whole payment where null.
             */
            earn_on: {
                /** @description Categories of line items. */
                categories?: string[] | null;
                /**
                 * earn_on.exclude
                 * @description What never earns.
                 */
                exclude?: {
                    /** @description Categories of line items. */
                    categories?: string[] | null;
                    /** @description Products of line items. */
                    products?: string[] | null;
                } | null;
                /** @description Products of line items. */
                products?: string[] | null;
            } | null;
            /**
             * Format: date-time
             * @description Until when it counts, exclusive.
             */
            ends_at: string | null;
            /**
             * @description Which one: the one of the highest priority, or the one that gives most.
             * @enum {string}
             */
            exclusive: "priority" | "best";
            /** @description Of the rules of one group only one fires. */
            exclusive_group: string | null;
            /**
             * experiment
             * @description Different awards for different members. While it runs it stays as it is, until it is stopped at `/v1/experiments/{key}/stop`. See docs/experiments.md.
             */
            experiment: {
                /**
                 * @description Only amounts in this currency count as spend; all where null.
                 * @example EUR
                 */
                currency?: string | null;
                /**
                 * @description What it is called, once in its program.
                 * @example welcome-2026
                 */
                key: string;
                /**
                 * @description What members get; the first is what the others are compared with.
                 * @example [
                 *       {
                 *         "key": "control",
                 *         "weight": 1
                 *       },
                 *       {
                 *         "key": "double",
                 *         "overrides": {
                 *           "multiplier": 2
                 *         },
                 *         "weight": 1
                 *       }
                 *     ]
                 */
                variants: {
                    /**
                     * @description What it is called in its experiment.
                     * @example double
                     */
                    key: string;
                    /**
                     * overrides
                     * @description Fields of the rule that are otherwise; none where absent. Null unsets.
                     * @example {
                     *       "multiplier": 2
                     *     }
                     */
                    overrides?: {
                        /**
                         * @description How an event becomes points.
                         * @example {
                         *       "per": 100,
                         *       "points": 1,
                         *       "type": "per_amount"
                         *     }
                         */
                        award?: {
                            /**
                             * @description Minor units of the currency.
                             * @example 100
                             */
                            per: number;
                            /** @description Points. */
                            points: number;
                            /**
                             * @description `amount × points ÷ per`
                             * @constant
                             */
                            type: "per_amount";
                        } | {
                            /** @description Points. */
                            points: number;
                            /**
                             * @description Once per event
                             * @constant
                             */
                            type: "fixed";
                        } | {
                            /**
                             * @description Points for each major unit, by ISO 4217 code.
                             * @example {
                             *       "EUR": 1,
                             *       "JPY": 0.01
                             *     }
                             */
                            rates: {
                                [key: string]: number;
                            };
                            /**
                             * @description Amount in major units × the rate of its currency
                             * @constant
                             */
                            type: "per_currency";
                        } | ({
                            /**
                             * @description Amount in major units × the rate of its currency
                             * @constant
                             */
                            type: "per_currency";
                        } & {
                            [key: string]: unknown;
                        });
                        /**
                         * @description What of an incomplete unit counts: its share, or nothing.
                         * @enum {string}
                         */
                        basis?: "exact" | "whole_units";
                        /**
                         * @description Which figure of the event counts; `amount` where null.
                         * @example amount_net
                         */
                        basis_field?: string | null;
                        /**
                         * cap
                         * @description Limits per member and window.
                         */
                        cap?: {
                            /** @description At most so many awards. */
                            awards?: number | null;
                            /** @description At most so many points. */
                            points?: number | null;
                            /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                            rolling?: boolean;
                        } | null;
                        /** @description Whether the fraction that rounding cut off counts next time. */
                        carry?: boolean;
                        /**
                         * earn_on
                         * @description Which line items count; the whole payment where null.
                         */
                        earn_on?: {
                            /** @description Categories of line items. */
                            categories?: string[] | null;
                            /**
                             * earn_on.exclude
                             * @description What never earns.
                             */
                            exclude?: {
                                /** @description Categories of line items. */
                                categories?: string[] | null;
                                /** @description Products of line items. */
                                products?: string[] | null;
                            } | null;
                            /** @description Products of line items. */
                            products?: string[] | null;
                        } | null;
                        /** @description When points expire; never where null. */
                        expires?: ({
                            /**
                             * Format: duration
                             * @description So long after the earning, in ISO 8601.
                             * @example P12M
                             */
                            after: string;
                            /** @description Up to the end of which calendar unit, in the program's time zone. */
                            round?: ("day" | "month" | "year") | null;
                        } | {
                            /**
                             * Format: duration
                             * @description So long after the member last did anything, in ISO 8601.
                             * @example P6M
                             */
                            inactivity: string;
                        }) | null;
                        /**
                         * @description Scales the award.
                         * @example 1.5
                         */
                        multiplier?: number;
                        /** @description Days from the earning until points can be spent. */
                        pending_days?: number | null;
                        /**
                         * @description The period that `cap` counts over.
                         * @enum {string}
                         */
                        window?: "day" | "week" | "month" | "lifetime";
                    } | null;
                    /**
                     * @description How many of the members get it, beside the other weights.
                     * @example 1
                     */
                    weight: number;
                }[];
            } | null;
            /** @description When points expire; never where null. */
            expires: ({
                /**
                 * Format: duration
                 * @description So long after the earning, in ISO 8601.
                 * @example P12M
                 */
                after: string;
                /** @description Up to the end of which calendar unit, in the program's time zone. */
                round?: ("day" | "month" | "year") | null;
            } | {
                /**
                 * Format: duration
                 * @description So long after the member last did anything, in ISO 8601.
                 * @example P6M
                 */
                inactivity: string;
            }) | null;
            /**
             * @description `rule_…`
             * @example rule_01
             */
            id: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /**
             * milestone
             * @description Pays once for each threshold that the event crosses, not for each event. See docs/milestones-and-streaks.md.
             */
            milestone: {
                /**
                 * @description The thresholds, each larger than the one before.
                 * @example [
                 *       100000,
                 *       500000
                 *     ]
                 */
                at: number[];
                /**
                 * @description The rule's trigger and which figure of it: how many events, what they come to less refunds, on how many days.
                 * @example payment.completed.sum
                 */
                stat: string;
            } | null;
            /**
             * @description Scales the award.
             * @example 1.5
             */
            multiplier: number;
            /**
             * @description What you call it; the reason on its transactions.
             * @example 1 point per euro
             */
            name: string | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "earning_rule";
            /** @description Days from the earning until points can be spent. */
            pending_days: number | null;
            /** @description The higher wins in an exclusive group. */
            priority: number;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * @description Who gets the points; others than the member are for referral triggers.
             * @enum {string}
             */
            recipient: "member" | "referrer" | "referee";
            /**
             * Format: date-time
             * @description From when it counts, judged at the event's time.
             */
            starts_at: string | null;
            /**
             * streak
             * @description Pays for a run of days, weeks or months with an event each, not for each event. See docs/milestones-and-streaks.md.
             */
            streak: {
                /** @description How many missed units in a row do not break a run. */
                grace?: number;
                /**
                 * @description How many units a run takes.
                 * @example 7
                 */
                length: number;
                /** @description Whether a run pays again at each further `length`. */
                repeat?: boolean;
                /**
                 * @description What follows each other, in the program's time zone; weeks begin on Monday.
                 * @enum {string}
                 */
                unit: "day" | "week" | "month";
            } | null;
            /**
             * @description The type of the events that it listens to.
             * @example payment.completed
             */
            trigger: string;
            /** @description Grows with each update, from 1. */
            version: number;
            /**
             * @description The condition, in CEL, on `event`, `member`, `program` and `now`; always where null. Keys of the event's metadata are also there by their bare names. See docs/conditions.md.
             * @example event.amount >= 2000 && member.tier in ['gold', 'platinum']
             */
            when: string | null;
            /**
             * @description The period that `cap` counts over.
             * @enum {string}
             */
            window: "day" | "week" | "month" | "lifetime";
        };
        /** a new earning rule */
        EarningRulesCreateParams: {
            /** @description Whether it is evaluated. */
            active?: boolean;
            /**
             * @description How an event becomes points.
             * @example {
             *       "per": 100,
             *       "points": 1,
             *       "type": "per_amount"
             *     }
             */
            award: {
                /**
                 * @description Minor units of the currency.
                 * @example 100
                 */
                per: number;
                /** @description Points. */
                points: number;
                /**
                 * @description `amount × points ÷ per`
                 * @constant
                 */
                type: "per_amount";
            } | {
                /** @description Points. */
                points: number;
                /**
                 * @description Once per event
                 * @constant
                 */
                type: "fixed";
            } | {
                /**
                 * @description Points for each major unit, by ISO 4217 code.
                 * @example {
                 *       "EUR": 1,
                 *       "JPY": 0.01
                 *     }
                 */
                rates: {
                    [key: string]: number | string;
                };
                /**
                 * @description Amount in major units × the rate of its currency
                 * @constant
                 */
                type: "per_currency";
            } | ({
                /**
                 * @description Amount in major units × the rate of its currency
                 * @constant
                 */
                type: "per_currency";
            } & {
                [key: string]: number | string;
            });
            /**
             * @description What of an incomplete unit counts: its share, or nothing.
             * @enum {string}
             */
            basis?: "exact" | "whole_units";
            /**
             * @description Which figure of the event counts; `amount` where null.
             * @example amount_net
             */
            basis_field?: string | null;
            /**
             * cap
             * @description Limits per member and window.
             */
            cap?: {
                /** @description At most so many awards. */
                awards?: number | null;
                /** @description At most so many points. */
                points?: number | null;
                /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                rolling?: boolean;
            } | null;
            /** @description Whether the fraction that rounding cut off counts next time. */
            carry?: boolean;
            /**
             * earn_on
             * @description Which line items count; the whole payment where null.
             */
            earn_on?: {
                /** @description Categories of line items. */
                categories?: string[] | null;
                /**
                 * earn_on.exclude
                 * @description What never earns.
                 */
                exclude?: {
                    /** @description Categories of line items. */
                    categories?: string[] | null;
                    /** @description Products of line items. */
                    products?: string[] | null;
                } | null;
                /** @description Products of line items. */
                products?: string[] | null;
            } | null;
            /** @description Until when it counts, exclusive. */
            ends_at?: string | number | Date | null;
            /**
             * @description Which one: the one of the highest priority, or the one that gives most.
             * @enum {string}
             */
            exclusive?: "priority" | "best";
            /** @description Of the rules of one group only one fires. */
            exclusive_group?: string | null;
            /**
             * experiment
             * @description Different awards for different members. While it runs it stays as it is, until it is stopped at `/v1/experiments/{key}/stop`. See docs/experiments.md.
             */
            experiment?: {
                /**
                 * @description Only amounts in this currency count as spend; all where null.
                 * @example EUR
                 */
                currency?: string | null;
                /**
                 * @description What it is called, once in its program.
                 * @example welcome-2026
                 */
                key: string;
                /**
                 * @description What members get; the first is what the others are compared with.
                 * @example [
                 *       {
                 *         "key": "control",
                 *         "weight": 1
                 *       },
                 *       {
                 *         "key": "double",
                 *         "overrides": {
                 *           "multiplier": 2
                 *         },
                 *         "weight": 1
                 *       }
                 *     ]
                 */
                variants: {
                    /**
                     * @description What it is called in its experiment.
                     * @example double
                     */
                    key: string;
                    /**
                     * overrides
                     * @description Fields of the rule that are otherwise; none where absent. Null unsets.
                     * @example {
                     *       "multiplier": 2
                     *     }
                     */
                    overrides?: {
                        /**
                         * @description How an event becomes points.
                         * @example {
                         *       "per": 100,
                         *       "points": 1,
                         *       "type": "per_amount"
                         *     }
                         */
                        award?: {
                            /**
                             * @description Minor units of the currency.
                             * @example 100
                             */
                            per: number;
                            /** @description Points. */
                            points: number;
                            /**
                             * @description `amount × points ÷ per`
                             * @constant
                             */
                            type: "per_amount";
                        } | {
                            /** @description Points. */
                            points: number;
                            /**
                             * @description Once per event
                             * @constant
                             */
                            type: "fixed";
                        } | {
                            /**
                             * @description Points for each major unit, by ISO 4217 code.
                             * @example {
                             *       "EUR": 1,
                             *       "JPY": 0.01
                             *     }
                             */
                            rates: {
                                [key: string]: number | string;
                            };
                            /**
                             * @description Amount in major units × the rate of its currency
                             * @constant
                             */
                            type: "per_currency";
                        } | ({
                            /**
                             * @description Amount in major units × the rate of its currency
                             * @constant
                             */
                            type: "per_currency";
                        } & {
                            [key: string]: number | string;
                        });
                        /**
                         * @description What of an incomplete unit counts: its share, or nothing.
                         * @enum {string}
                         */
                        basis?: "exact" | "whole_units";
                        /**
                         * @description Which figure of the event counts; `amount` where null.
                         * @example amount_net
                         */
                        basis_field?: string | null;
                        /**
                         * cap
                         * @description Limits per member and window.
                         */
                        cap?: {
                            /** @description At most so many awards. */
                            awards?: number | null;
                            /** @description At most so many points. */
                            points?: number | null;
                            /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                            rolling?: boolean;
                        } | null;
                        /** @description Whether the fraction that rounding cut off counts next time. */
                        carry?: boolean;
                        /**
                         * earn_on
                         * @description Which line items count; the whole payment where null.
                         */
                        earn_on?: {
                            /** @description Categories of line items. */
                            categories?: string[] | null;
                            /**
                             * earn_on.exclude
                             * @description What never earns.
                             */
                            exclude?: {
                                /** @description Categories of line items. */
                                categories?: string[] | null;
                                /** @description Products of line items. */
                                products?: string[] | null;
                            } | null;
                            /** @description Products of line items. */
                            products?: string[] | null;
                        } | null;
                        /** @description When points expire; never where null. */
                        expires?: ({
                            /**
                             * Format: duration
                             * @description So long after the earning, in ISO 8601.
                             * @example P12M
                             */
                            after: string;
                            /** @description Up to the end of which calendar unit, in the program's time zone. */
                            round?: ("day" | "month" | "year") | null;
                        } | {
                            /**
                             * Format: duration
                             * @description So long after the member last did anything, in ISO 8601.
                             * @example P6M
                             */
                            inactivity: string;
                        }) | null;
                        /**
                         * @description Scales the award.
                         * @example 1.5
                         */
                        multiplier?: number | string;
                        /** @description Days from the earning until points can be spent. */
                        pending_days?: number | null;
                        /**
                         * @description The period that `cap` counts over.
                         * @enum {string}
                         */
                        window?: "day" | "week" | "month" | "lifetime";
                    } | null;
                    /**
                     * @description How many of the members get it, beside the other weights.
                     * @example 1
                     */
                    weight: number;
                }[];
            } | null;
            /** @description When points expire; never where null. */
            expires?: ({
                /**
                 * Format: duration
                 * @description So long after the earning, in ISO 8601.
                 * @example P12M
                 */
                after: string;
                /** @description Up to the end of which calendar unit, in the program's time zone. */
                round?: ("day" | "month" | "year") | null;
            } | {
                /**
                 * Format: duration
                 * @description So long after the member last did anything, in ISO 8601.
                 * @example P6M
                 */
                inactivity: string;
            }) | null;
            /**
             * @description An id of your own choice, which starts with `rule_`.
             * @example rule_abc123
             */
            id?: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * milestone
             * @description Pays once for each threshold that the event crosses, not for each event. See docs/milestones-and-streaks.md.
             */
            milestone?: {
                /**
                 * @description The thresholds, each larger than the one before.
                 * @example [
                 *       100000,
                 *       500000
                 *     ]
                 */
                at: number[];
                /**
                 * @description The rule's trigger and which figure of it: how many events, what they come to less refunds, on how many days.
                 * @example payment.completed.sum
                 */
                stat: string;
            } | null;
            /**
             * @description Scales the award.
             * @example 1.5
             */
            multiplier?: number | string;
            /**
             * @description What you call it; the reason on its transactions.
             * @example 1 point per euro
             */
            name?: string | null;
            /** @description Days from the earning until points can be spent. */
            pending_days?: number | null;
            /** @description The higher wins in an exclusive group. */
            priority?: number;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
            /**
             * @description Who gets the points; others than the member are for referral triggers.
             * @enum {string}
             */
            recipient?: "member" | "referrer" | "referee";
            /** @description From when it counts, judged at the event's time. */
            starts_at?: string | number | Date | null;
            /**
             * streak
             * @description Pays for a run of days, weeks or months with an event each, not for each event. See docs/milestones-and-streaks.md.
             */
            streak?: {
                /** @description How many missed units in a row do not break a run. */
                grace?: number;
                /**
                 * @description How many units a run takes.
                 * @example 7
                 */
                length: number;
                /** @description Whether a run pays again at each further `length`. */
                repeat?: boolean;
                /**
                 * @description What follows each other, in the program's time zone; weeks begin on Monday.
                 * @enum {string}
                 */
                unit: "day" | "week" | "month";
            } | null;
            /**
             * @description The type of the events that it listens to.
             * @example payment.completed
             */
            trigger: string;
            /**
             * @description The condition, in CEL, on `event`, `member`, `program` and `now`; always where null. Keys of the event's metadata are also there by their bare names. See docs/conditions.md.
             * @example event.amount >= 2000 && member.tier in ['gold', 'platinum']
             */
            when?: string | null;
            /**
             * @description The period that `cap` counts over.
             * @enum {string}
             */
            window?: "day" | "week" | "month" | "lifetime";
        };
        /** an import of rules */
        EarningRulesImportParams: {
            /**
             * events
             * @description What each event type earns, by its name; at most 100.
             * @example {
             *       "purchase": {
             *         "rsncPerDollar": 10
             *       },
             *       "signup": {
             *         "rsncFlat": 100
             *       }
             *     }
             */
            events: {
                [key: string]: {
                    /**
                     * @description A condition in CEL, or `First-time only`, `Verified purchase` or `Referred user purchases`; what an earlier import said stays where absent, and null takes it away.
                     * @example First-time only
                     */
                    conditions?: string | null;
                    /**
                     * @description Points for each event.
                     * @example 100
                     */
                    rsncFlat?: number;
                    /**
                     * @description Points for each major unit of the event's amount, of two decimal places.
                     * @example 10
                     */
                    rsncPerDollar?: number | string;
                };
            };
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
        };
        /** an update of an earning rule */
        EarningRulesUpdateParams: {
            /** @description Whether it is evaluated. */
            active?: boolean;
            /**
             * @description How an event becomes points.
             * @example {
             *       "per": 100,
             *       "points": 1,
             *       "type": "per_amount"
             *     }
             */
            award?: {
                /**
                 * @description Minor units of the currency.
                 * @example 100
                 */
                per: number;
                /** @description Points. */
                points: number;
                /**
                 * @description `amount × points ÷ per`
                 * @constant
                 */
                type: "per_amount";
            } | {
                /** @description Points. */
                points: number;
                /**
                 * @description Once per event
                 * @constant
                 */
                type: "fixed";
            } | {
                /**
                 * @description Points for each major unit, by ISO 4217 code.
                 * @example {
                 *       "EUR": 1,
                 *       "JPY": 0.01
                 *     }
                 */
                rates: {
                    [key: string]: number | string;
                };
                /**
                 * @description Amount in major units × the rate of its currency
                 * @constant
                 */
                type: "per_currency";
            } | ({
                /**
                 * @description Amount in major units × the rate of its currency
                 * @constant
                 */
                type: "per_currency";
            } & {
                [key: string]: number | string;
            });
            /**
             * @description What of an incomplete unit counts: its share, or nothing.
             * @enum {string}
             */
            basis?: "exact" | "whole_units";
            /**
             * @description Which figure of the event counts; `amount` where null.
             * @example amount_net
             */
            basis_field?: string | null;
            /**
             * cap
             * @description Limits per member and window.
             */
            cap?: {
                /** @description At most so many awards. */
                awards?: number | null;
                /** @description At most so many points. */
                points?: number | null;
                /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                rolling?: boolean;
            } | null;
            /** @description Whether the fraction that rounding cut off counts next time. */
            carry?: boolean;
            /**
             * earn_on
             * @description Which line items count; the whole payment where null.
             */
            earn_on?: {
                /** @description Categories of line items. */
                categories?: string[] | null;
                /**
                 * earn_on.exclude
                 * @description What never earns.
                 */
                exclude?: {
                    /** @description Categories of line items. */
                    categories?: string[] | null;
                    /** @description Products of line items. */
                    products?: string[] | null;
                } | null;
                /** @description Products of line items. */
                products?: string[] | null;
            } | null;
            /** @description Until when it counts, exclusive. */
            ends_at?: string | number | Date | null;
            /**
             * @description Which one: the one of the highest priority, or the one that gives most.
             * @enum {string}
             */
            exclusive?: "priority" | "best";
            /** @description Of the rules of one group only one fires. */
            exclusive_group?: string | null;
            /**
             * experiment
             * @description Different awards for different members. While it runs it stays as it is, until it is stopped at `/v1/experiments/{key}/stop`. See docs/experiments.md.
             */
            experiment?: {
                /**
                 * @description Only amounts in this currency count as spend; all where null.
                 * @example EUR
                 */
                currency?: string | null;
                /**
                 * @description What it is called, once in its program.
                 * @example welcome-2026
                 */
                key: string;
                /**
                 * @description What members get; the first is what the others are compared with.
                 * @example [
                 *       {
                 *         "key": "control",
                 *         "weight": 1
                 *       },
                 *       {
                 *         "key": "double",
                 *         "overrides": {
                 *           "multiplier": 2
                 *         },
                 *         "weight": 1
                 *       }
                 *     ]
                 */
                variants: {
                    /**
                     * @description What it is called in its experiment.
                     * @example double
                     */
                    key: string;
                    /**
                     * overrides
                     * @description Fields of the rule that are otherwise; none where absent. Null unsets.
                     * @example {
                     *       "multiplier": 2
                     *     }
                     */
                    overrides?: {
                        /**
                         * @description How an event becomes points.
                         * @example {
                         *       "per": 100,
                         *       "points": 1,
                         *       "type": "per_amount"
                         *     }
                         */
                        award?: {
                            /**
                             * @description Minor units of the currency.
                             * @example 100
                             */
                            per: number;
                            /** @description Points. */
                            points: number;
                            /**
                             * @description `amount × points ÷ per`
                             * @constant
                             */
                            type: "per_amount";
                        } | {
                            /** @description Points. */
                            points: number;
                            /**
                             * @description Once per event
                             * @constant
                             */
                            type: "fixed";
                        } | {
                            /**
                             * @description Points for each major unit, by ISO 4217 code.
                             * @example {
                             *       "EUR": 1,
                             *       "JPY": 0.01
                             *     }
                             */
                            rates: {
                                [key: string]: number | string;
                            };
                            /**
                             * @description Amount in major units × the rate of its currency
                             * @constant
                             */
                            type: "per_currency";
                        } | ({
                            /**
                             * @description Amount in major units × the rate of its currency
                             * @constant
                             */
                            type: "per_currency";
                        } & {
                            [key: string]: number | string;
                        });
                        /**
                         * @description What of an incomplete unit counts: its share, or nothing.
                         * @enum {string}
                         */
                        basis?: "exact" | "whole_units";
                        /**
                         * @description Which figure of the event counts; `amount` where null.
                         * @example amount_net
                         */
                        basis_field?: string | null;
                        /**
                         * cap
                         * @description Limits per member and window.
                         */
                        cap?: {
                            /** @description At most so many awards. */
                            awards?: number | null;
                            /** @description At most so many points. */
                            points?: number | null;
                            /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                            rolling?: boolean;
                        } | null;
                        /** @description Whether the fraction that rounding cut off counts next time. */
                        carry?: boolean;
                        /**
                         * earn_on
                         * @description Which line items count; the whole payment where null.
                         */
                        earn_on?: {
                            /** @description Categories of line items. */
                            categories?: string[] | null;
                            /**
                             * earn_on.exclude
                             * @description What never earns.
                             */
                            exclude?: {
                                /** @description Categories of line items. */
                                categories?: string[] | null;
                                /** @description Products of line items. */
                                products?: string[] | null;
                            } | null;
                            /** @description Products of line items. */
                            products?: string[] | null;
                        } | null;
                        /** @description When points expire; never where null. */
                        expires?: ({
                            /**
                             * Format: duration
                             * @description So long after the earning, in ISO 8601.
                             * @example P12M
                             */
                            after: string;
                            /** @description Up to the end of which calendar unit, in the program's time zone. */
                            round?: ("day" | "month" | "year") | null;
                        } | {
                            /**
                             * Format: duration
                             * @description So long after the member last did anything, in ISO 8601.
                             * @example P6M
                             */
                            inactivity: string;
                        }) | null;
                        /**
                         * @description Scales the award.
                         * @example 1.5
                         */
                        multiplier?: number | string;
                        /** @description Days from the earning until points can be spent. */
                        pending_days?: number | null;
                        /**
                         * @description The period that `cap` counts over.
                         * @enum {string}
                         */
                        window?: "day" | "week" | "month" | "lifetime";
                    } | null;
                    /**
                     * @description How many of the members get it, beside the other weights.
                     * @example 1
                     */
                    weight: number;
                }[];
            } | null;
            /** @description When points expire; never where null. */
            expires?: ({
                /**
                 * Format: duration
                 * @description So long after the earning, in ISO 8601.
                 * @example P12M
                 */
                after: string;
                /** @description Up to the end of which calendar unit, in the program's time zone. */
                round?: ("day" | "month" | "year") | null;
            } | {
                /**
                 * Format: duration
                 * @description So long after the member last did anything, in ISO 8601.
                 * @example P6M
                 */
                inactivity: string;
            }) | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * milestone
             * @description Pays once for each threshold that the event crosses, not for each event. See docs/milestones-and-streaks.md.
             */
            milestone?: {
                /**
                 * @description The thresholds, each larger than the one before.
                 * @example [
                 *       100000,
                 *       500000
                 *     ]
                 */
                at: number[];
                /**
                 * @description The rule's trigger and which figure of it: how many events, what they come to less refunds, on how many days.
                 * @example payment.completed.sum
                 */
                stat: string;
            } | null;
            /**
             * @description Scales the award.
             * @example 1.5
             */
            multiplier?: number | string;
            /**
             * @description What you call it; the reason on its transactions.
             * @example 1 point per euro
             */
            name?: string | null;
            /** @description Days from the earning until points can be spent. */
            pending_days?: number | null;
            /** @description The higher wins in an exclusive group. */
            priority?: number;
            /**
             * @description Who gets the points; others than the member are for referral triggers.
             * @enum {string}
             */
            recipient?: "member" | "referrer" | "referee";
            /** @description From when it counts, judged at the event's time. */
            starts_at?: string | number | Date | null;
            /**
             * streak
             * @description Pays for a run of days, weeks or months with an event each, not for each event. See docs/milestones-and-streaks.md.
             */
            streak?: {
                /** @description How many missed units in a row do not break a run. */
                grace?: number;
                /**
                 * @description How many units a run takes.
                 * @example 7
                 */
                length: number;
                /** @description Whether a run pays again at each further `length`. */
                repeat?: boolean;
                /**
                 * @description What follows each other, in the program's time zone; weeks begin on Monday.
                 * @enum {string}
                 */
                unit: "day" | "week" | "month";
            } | null;
            /**
             * @description The condition, in CEL, on `event`, `member`, `program` and `now`; always where null. Keys of the event's metadata are also there by their bare names. See docs/conditions.md.
             * @example event.amount >= 2000 && member.tier in ['gold', 'platinum']
             */
            when?: string | null;
            /**
             * @description The period that `cap` counts over.
             * @enum {string}
             */
            window?: "day" | "week" | "month" | "lifetime";
        };
        Error: {
            /** @description The account concerned. */
            account?: string;
            /**
             * @description What is wrong, for programs.
             * @example parameter_invalid
             */
            code: string;
            /** @description What is wrong and what to do, for people. */
            message: string;
            /**
             * @description The field at fault, with its path.
             * @example award.per
             */
            param?: string;
            /**
             * @description The request, to find it in the log.
             * @example req_4eC39HqLyjWDarjtT1zd
             */
            request_id?: string;
            /**
             * @description The family of the error.
             * @enum {string}
             */
            type: "invalid_request_error" | "authentication_error" | "idempotency_error" | "rate_limit_error" | "api_error";
        };
        ErrorAnswer: {
            /** @description What is wrong. */
            error: components["schemas"]["Error"];
        };
        Estimate: {
            /** @description The member; null where it is for somebody whom the event makes one. */
            account: string | null;
            /** @description Each campaign for events of this type; to a publishable key those in effect. */
            campaigns: components["schemas"]["CampaignEstimate"][];
            /**
             * @description What this is.
             * @constant
             */
            object: "estimate";
            /**
             * Format: date-time
             * @description When it was judged at.
             */
            occurred_at: string;
            /** @description The points of all rules together. */
            points: number;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description Each rule that listens to the event's type, then those that fire by what these give; to a publishable key those that fire. */
            rules: components["schemas"]["RuleEstimate"][];
            /** @description The key of the tier in effect. */
            tier: string | null;
            /** @description The event's type. */
            type: string;
        };
        /** an estimate */
        EstimateCreateParams: {
            /**
             * @description The account of the member; the one that the event names where absent.
             * @example loy_7Qk2
             */
            account?: string | null;
            /**
             * an event to estimate
             * @description The event.
             */
            event: {
                /**
                 * @description What describes it, as in `POST /v1/events`; no `id` is needed.
                 * @example {
                 *       "amount": 4200,
                 *       "currency": "EUR"
                 *     }
                 */
                data?: Record<string, unknown> | null;
                /** @description Its id; it is not looked at. */
                id?: string | null;
                /** @description When it would have happened; now where absent. At most 5 minutes ahead. */
                occurred_at?: string | number | Date | null;
                /**
                 * @description The program; `prog_default` where a request does not say.
                 * @example prog_default
                 */
                program?: string | null;
                /**
                 * @description What would happen.
                 * @example payment.completed
                 */
                type: string;
            };
            /**
             * @description The program; that of the account, else `prog_default`, where absent.
             * @example prog_default
             */
            program?: string | null;
        };
        Event: {
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /** @description What describes it, by type. */
            data: Record<string, unknown>;
            /**
             * @description `evt_…`, the same however often the event is sent.
             * @example evt_7Qk2_3_0
             */
            id: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "event";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * @description What happened.
             * @example loyalty.points.earned
             */
            type: string;
        };
        EventOutcome: {
            /** @description The member's account. */
            account?: string;
            /** @description Whether it had come before. */
            duplicate?: boolean;
            /** @description Why it was refused. */
            error?: components["schemas"]["Error"];
            /** @description The event's id, where it was queued. */
            id?: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "event_outcome";
            /**
             * @description What came of it. `remembered` is a refund ahead of its payment.
             * @enum {string}
             */
            outcome: "awarded" | "no_award" | "unlinked" | "account_closed" | "reversed" | "remembered" | "processed" | "ignored" | "refused" | "queued";
            /** @description What it made. */
            transactions?: string[];
        };
        EventType: {
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /** @description What it is about. */
            description: string | null;
            /**
             * @description `evtype_…`
             * @example evtype_7Qk2
             */
            id: string;
            /**
             * @description The type, as events name it.
             * @example review_submitted
             */
            name: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "event_type";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * @description The JSON Schema (2020-12, 2019-09 or draft 7) of the metadata of its events: at most 16 KiB, 32 deep, references only to itself, patterns without look-around. A form writes it as JSON text.
             * @example {
             *       "properties": {
             *         "rating": {
             *           "maximum": 5,
             *           "minimum": 1,
             *           "type": "integer"
             *         }
             *       },
             *       "required": [
             *         "rating"
             *       ],
             *       "type": "object"
             *     }
             */
            schema: Record<string, unknown> | null;
        };
        /** a new event type */
        EventTypesCreateParams: {
            /** @description What it is about. */
            description?: string | null;
            /**
             * @description The type, as events name it.
             * @example review_submitted
             */
            name: string;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
            /**
             * @description The JSON Schema (2020-12, 2019-09 or draft 7) of the metadata of its events: at most 16 KiB, 32 deep, references only to itself, patterns without look-around. A form writes it as JSON text.
             * @example {
             *       "properties": {
             *         "rating": {
             *           "maximum": 5,
             *           "minimum": 1,
             *           "type": "integer"
             *         }
             *       },
             *       "required": [
             *         "rating"
             *       ],
             *       "type": "object"
             *     }
             */
            schema?: Record<string, unknown> | null;
        };
        /** an update of an event type */
        EventTypesUpdateParams: {
            /** @description What it is about. */
            description?: string | null;
            /**
             * @description The JSON Schema (2020-12, 2019-09 or draft 7) of the metadata of its events: at most 16 KiB, 32 deep, references only to itself, patterns without look-around. A form writes it as JSON text.
             * @example {
             *       "properties": {
             *         "rating": {
             *           "maximum": 5,
             *           "minimum": 1,
             *           "type": "integer"
             *         }
             *       },
             *       "required": [
             *         "rating"
             *       ],
             *       "type": "object"
             *     }
             */
            schema?: Record<string, unknown> | null;
        };
        Experiment: {
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /** @description Only amounts in this currency count as spend. */
            currency: string | null;
            /** @description Members who had two variants, since they were merged of two; they count for none. Not in lists. */
            excluded_members?: number;
            /**
             * @description Its key.
             * @example welcome-2026
             */
            id: string;
            /**
             * @description What it is called.
             * @example welcome-2026
             */
            key: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "experiment";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description What was counted, in the order of the variants; not in lists. */
            results?: components["schemas"]["ExperimentResult"][];
            /** @description The earning rule that it is on. */
            rule: string;
            /**
             * @description Whether it runs.
             * @enum {string}
             */
            status: "running" | "stopped";
            /**
             * Format: date-time
             * @description When it was stopped.
             */
            stopped_at: string | null;
            /** @description What members get. */
            variants: {
                /**
                 * @description What it is called in its experiment.
                 * @example double
                 */
                key: string;
                /**
                 * overrides
                 * @description Fields of the rule that are otherwise; none where absent. Null unsets.
                 * @example {
                 *       "multiplier": 2
                 *     }
                 */
                overrides?: {
                    /**
                     * @description How an event becomes points.
                     * @example {
                     *       "per": 100,
                     *       "points": 1,
                     *       "type": "per_amount"
                     *     }
                     */
                    award?: {
                        /**
                         * @description Minor units of the currency.
                         * @example 100
                         */
                        per: number;
                        /** @description Points. */
                        points: number;
                        /**
                         * @description `amount × points ÷ per`
                         * @constant
                         */
                        type: "per_amount";
                    } | {
                        /** @description Points. */
                        points: number;
                        /**
                         * @description Once per event
                         * @constant
                         */
                        type: "fixed";
                    } | {
                        /**
                         * @description Points for each major unit, by ISO 4217 code.
                         * @example {
                         *       "EUR": 1,
                         *       "JPY": 0.01
                         *     }
                         */
                        rates: {
                            [key: string]: number;
                        };
                        /**
                         * @description Amount in major units × the rate of its currency
                         * @constant
                         */
                        type: "per_currency";
                    } | ({
                        /**
                         * @description Amount in major units × the rate of its currency
                         * @constant
                         */
                        type: "per_currency";
                    } & {
                        [key: string]: unknown;
                    });
                    /**
                     * @description What of an incomplete unit counts: its share, or nothing.
                     * @enum {string}
                     */
                    basis?: "exact" | "whole_units";
                    /**
                     * @description Which figure of the event counts; `amount` where null.
                     * @example amount_net
                     */
                    basis_field?: string | null;
                    /**
                     * cap
                     * @description Limits per member and window.
                     */
                    cap?: {
                        /** @description At most so many awards. */
                        awards?: number | null;
                        /** @description At most so many points. */
                        points?: number | null;
                        /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                        rolling?: boolean;
                    } | null;
                    /** @description Whether the fraction that rounding cut off counts next time. */
                    carry?: boolean;
                    /**
                     * earn_on
                     * @description Which line items count; the whole payment where null.
                     */
                    earn_on?: {
                        /** @description Categories of line items. */
                        categories?: string[] | null;
                        /**
                         * earn_on.exclude
                         * @description What never earns.
                         */
                        exclude?: {
                            /** @description Categories of line items. */
                            categories?: string[] | null;
                            /** @description Products of line items. */
                            products?: string[] | null;
                        } | null;
                        /** @description Products of line items. */
                        products?: string[] | null;
                    } | null;
                    /** @description When points expire; never where null. */
                    expires?: ({
                        /**
                         * Format: duration
                         * @description So long after the earning, in ISO 8601.
                         * @example P12M
                         */
                        after: string;
                        /** @description Up to the end of which calendar unit, in the program's time zone. */
                        round?: ("day" | "month" | "year") | null;
                    } | {
                        /**
                         * Format: duration
                         * @description So long after the member last did anything, in ISO 8601.
                         * @example P6M
                         */
                        inactivity: string;
                    }) | null;
                    /**
                     * @description Scales the award.
                     * @example 1.5
                     */
                    multiplier?: number;
                    /** @description Days from the earning until points can be spent. */
                    pending_days?: number | null;
                    /**
                     * @description The period that `cap` counts over.
                     * @enum {string}
                     */
                    window?: "day" | "week" | "month" | "lifetime";
                } | null;
                /**
                 * @description How many of the members get it, beside the other weights.
                 * @example 1
                 */
                weight: number;
            }[];
            /** @description The variant that the rule went on as. */
            winner: string | null;
        };
        ExperimentDifference: {
            /** @description By how much it is more than the first variant's. */
            difference: number;
            /** @description The upper bound. */
            high: number;
            /** @description The lower bound, with a confidence of 95 %. */
            low: number;
        };
        ExperimentResult: {
            /** @description Those who got an award. */
            awarded_members: number;
            /** @description Awarded members ÷ members. */
            awarded_share: number | null;
            /** @description By Newcombe's method from Wilson scores; null for the first variant, and without members. */
            awarded_share_difference: components["schemas"]["ExperimentDifference"] | null;
            /** @description Awards of its rule. */
            awards: number;
            /** @description Spend ÷ members. */
            mean_spend: number | null;
            /** @description By Welch's t-test; null for the first variant, and with fewer than two members. */
            mean_spend_difference: components["schemas"]["ExperimentDifference"] | null;
            /** @description Members who were given it, awarded or not. */
            members: number;
            /** @description What they came to. */
            points: number;
            /** @description What refunds of payments took back of that. */
            reversed_points: number;
            /** @description What these members spent since they were given it, less refunds, in minor units: the amounts of all events that the rule listens to. */
            spend: number;
            /** @description The variant's key. */
            variant: string;
        };
        /** the end of an experiment */
        ExperimentsStopParams: {
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
            /**
             * @description The key of the variant whose fields the rule takes over; its own stay where null.
             * @example double
             */
            winner?: string | null;
        };
        Explanation: {
            /**
             * @description How it came about in short sentences, in English; only where it is asked for by `expand`.
             * @example [
             *       "So it gave 84 points."
             *     ]
             */
            explanation: string[];
        };
        Health: {
            /**
             * @description It does.
             * @constant
             */
            status: "ok";
        };
        JournalLine: {
            /**
             * @description In whose log it stands.
             * @example loy_7Qk2
             */
            account: string;
            /**
             * Format: date-time
             * @description The moment.
             */
            booked_at: string;
            /**
             * @description The account to credit.
             * @enum {string}
             */
            credit: "contract_liability" | "store_credit_liability" | "revenue" | "loyalty_expense" | "breakage_revenue";
            /**
             * @description ISO 4217; null without a rate.
             * @example EUR
             */
            currency: string | null;
            /**
             * Format: date
             * @description The day on which it is booked, in the program's time zone.
             * @example 2026-11-20
             */
            date: string;
            /**
             * @description The account to debit.
             * @enum {string}
             */
            debit: "contract_liability" | "store_credit_liability" | "revenue" | "loyalty_expense" | "breakage_revenue";
            /**
             * @description Which figure it is part of.
             * @enum {string}
             */
            flow: "issued" | "redeemed" | "returned" | "expired" | "reversed" | "adjusted";
            /**
             * @description What this is.
             * @constant
             */
            object: "journal_line";
            /**
             * @description Signed, as in the ledger; null of store credit.
             * @example 25
             */
            points: number | null;
            /** @description What caused it. */
            source: components["schemas"]["JournalSource"];
            /**
             * @description The transaction.
             * @example ptx_7Qk2_2_0
             */
            transaction: string;
            /**
             * @description The transaction's type.
             * @enum {string}
             */
            type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            /**
             * @description What to book, in minor units, without a sign: store credit as it is, points by the program's rate of today, where less than one is left out; null without a rate.
             * @example 25
             */
            value: number | null;
        };
        JournalSource: {
            /**
             * @description Its id.
             * @example pay_123
             */
            id: string;
            /**
             * @description What the object is.
             * @example payment
             */
            type: string;
        };
        Liability: {
            /**
             * Format: date-time
             * @description Up to when points have matured and expired: now, unless more members wait to be counted again than one call looks at.
             */
            as_of: string;
            /** @description What is outstanding, by the month in which it expires. */
            by_expiry: components["schemas"]["LiabilityByExpiry"][];
            /**
             * @description What members owe, whose balances are below zero. It is not taken off `outstanding`.
             * @example 0
             */
            deficit: number;
            /** @description What was booked, from the first month to the last in which something was. */
            months: components["schemas"]["LiabilityMonth"][];
            /**
             * @description What this is.
             * @constant
             */
            object: "liability";
            /**
             * @description What members can spend, now or later: all that is left of what they got.
             * @example 1250
             */
            outstanding: number;
            /**
             * @description What of it matures later.
             * @example 100
             */
            pending: number;
            /**
             * @description The program.
             * @example prog_default
             */
            program: string;
            /**
             * redeem_rate
             * @description What points are worth where members pay with them: so many pay so much.
             * @example {
             *       "amount": 100,
             *       "currency": "EUR",
             *       "points": 100
             *     }
             */
            redeem_rate: {
                /** @description Minor units. */
                amount: number;
                /**
                 * Format: iso-4217
                 * @description ISO 4217.
                 * @example EUR
                 */
                currency: string;
                /**
                 * @description How much of an order points can pay, of a hundred; all of it where null.
                 * @example 50
                 */
                maximum_percent?: number | null;
                /** @description The fewest points that can be paid with; as few as are worth something where null. */
                minimum_points?: number | null;
                /** @description Points. */
                points: number;
            } | null;
            /** @description The same of store credit, in minor units, by currency. */
            store_credit: components["schemas"]["StoreCreditLiability"][];
            /**
             * @description Whose months these are.
             * @example Europe/Berlin
             */
            timezone: string;
            /** @description What `outstanding` is worth at `redeem_rate`; null where the program has none. */
            value: components["schemas"]["LiabilityValue"] | null;
        };
        LiabilityByExpiry: {
            /**
             * @description How much.
             * @example 1250
             */
            amount: number;
            /**
             * @description The month in which it can last be spent; null where it never expires.
             * @example 2027-11
             */
            month: string | null;
        };
        LiabilityMonth: {
            /**
             * @description Given by hand, less what was taken.
             * @example 0
             */
            adjusted: number;
            /**
             * @description `outstanding` less `deficit`, after it.
             * @example 1250
             */
            closing: number;
            /**
             * @description Expired, in the month of the expiry.
             * @example 0
             */
            expired: number;
            /**
             * @description Earned.
             * @example 1300
             */
            issued: number;
            /**
             * @description The month.
             * @example 2026-11
             */
            month: string;
            /**
             * @description `outstanding` less `deficit`, before it.
             * @example 0
             */
            opening: number;
            /**
             * @description Spent, or held for a reservation.
             * @example 0
             */
            redeemed: number;
            /**
             * @description Given back by redemptions that were cancelled or ran out.
             * @example 0
             */
            returned: number;
            /**
             * @description Taken back by refunds.
             * @example 50
             */
            reversed: number;
        };
        LiabilityRecount: {
            /**
             * @description How many accounts were looked at.
             * @example 100
             */
            accounts: number;
            /**
             * @description How many of them had been counted otherwise than they stand, or not to their end.
             * @example 0
             */
            corrected: number;
            /** @description The account to go on after; null where all have been counted. */
            next: string | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "liability_recount";
            /**
             * @description The program.
             * @example prog_default
             */
            program: string;
        };
        LiabilityValue: {
            /**
             * @description Minor units; less than one is left out.
             * @example 1250
             */
            amount: number;
            /**
             * @description ISO 4217.
             * @example EUR
             */
            currency: string;
        };
        ManualEventOutcome: {
            /** @description The member's account. */
            account?: string;
            /** @description What the member can spend by now; null where the event has no member. */
            balance: number | null;
            /** @description Whether it had come before. */
            duplicate?: boolean;
            /** @description Why it was refused. */
            error?: components["schemas"]["Error"];
            /** @description The event's id, where it was queued. */
            id?: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "event_outcome";
            /**
             * @description What came of it. `remembered` is a refund ahead of its payment.
             * @enum {string}
             */
            outcome: "awarded" | "no_award" | "unlinked" | "account_closed" | "reversed" | "remembered" | "processed" | "ignored" | "refused" | "queued";
            /** @description What the event gave; a repeat says what it gave the first time. */
            points: number;
            /** @description What it made. */
            transactions?: string[];
        };
        MemberToken: {
            /**
             * @description The account.
             * @example loy_7Qk2
             */
            account: string;
            /**
             * Format: date-time
             * @description Until when it is good.
             */
            expires_at: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "member_token";
            /** @description For the header `X-Member-Token`. */
            token: string;
        };
        Money: {
            /** @description Minor units. */
            amount: number;
            /** @description ISO 4217. */
            currency: string;
        };
        NextTier: {
            /**
             * @description Its key.
             * @example gold
             */
            key: string;
            /**
             * @description Points that are missing to it.
             * @example 120
             */
            missing: number;
        };
        /** an adjustment */
        PointsTransactionsCreateParams: {
            /**
             * @description The account of the member.
             * @example loy_7Qk2
             */
            account: string;
            /** @description Whether the balance may go below zero. */
            allow_negative?: boolean;
            /**
             * @description Points to add, or below zero to take; required but with `extends` or `reinstates`.
             * @example 50
             */
            amount?: number;
            /** @description When the added, extended or reinstated points expire; never where null. */
            expires_at?: string | number | Date | null;
            /** @description An earning, as `ptx_…`: what is left of its points expires at `expires_at` instead, which must be later. */
            extends?: string;
            /** @description Whether it counts into `lifetime_points`, as points moved from elsewhere should. */
            lifetime?: boolean;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description Why, for people.
             * @example Sorry for the delay
             */
            reason: string;
            /** @description An `expire` transaction: all its points are given back, once. */
            reinstates?: string;
            /**
             * @description What it is.
             * @enum {string}
             */
            type: "adjust";
        };
        Program: {
            /** @description Days that events are kept for what-if simulations, without what tells who the member is; 0 for not at all. */
            archive_days: number;
            /** @description Whether an event of an unknown customer enrols that customer. */
            auto_enroll: boolean;
            /**
             * blocked
             * @description Who is never rewarded for a referral.
             */
            blocked: {
                /** @description These customers. */
                customers?: string[] | null;
                /** @description The same, for domains that give addresses to anybody for a while. */
                disposable?: string[] | null;
                /** @description Email addresses of these domains. */
                domains?: string[] | null;
                /** @description These email addresses. */
                emails?: string[] | null;
            } | null;
            /**
             * budget
             * @description The most points that may be awarded to all members together in each window; any number where null. What is over it is cut, as by a cap.
             * @example {
             *       "points": 100000,
             *       "window": "month"
             *     }
             */
            budget: {
                /** @description At most so many. */
                points: number;
                /**
                 * @description In each calendar day, week from Monday or month of the program's time zone, by the time of the event; or in all, which is the default.
                 * @enum {string}
                 */
                window?: "day" | "week" | "month" | "lifetime";
            } | null;
            /** @description Whether a full refund of the payment that confirmed a redemption cancels it, and others bring back their share of points that paid. */
            cancel_redemptions_on_refund: boolean;
            /**
             * @description What referral codes begin with where the member has no name.
             * @example PERKS
             */
            code_prefix: string | null;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * @description What points are called.
             * @example points
             */
            currency: string;
            /** @description What becomes of a member who has not earned the tier again at the end of its period: one level down, or down to what was earned. Nothing where null. By lifetime points nobody falls. */
            downgrade: ("one_level" | "to_earned") | null;
            /** @description When points expire; never where null. */
            expires: ({
                /**
                 * Format: duration
                 * @description So long after the earning, in ISO 8601.
                 * @example P12M
                 */
                after: string;
                /** @description Up to the end of which calendar unit, in the program's time zone. */
                round?: ("day" | "month" | "year") | null;
            } | {
                /**
                 * Format: duration
                 * @description So long after the member last did anything, in ISO 8601.
                 * @example P6M
                 */
                inactivity: string;
            }) | null;
            /**
             * @description Days for which a tier is kept beyond the end of its period.
             * @example 30
             */
            grace_days: number;
            /**
             * @description `prog_…`
             * @example prog_default
             */
            id: string;
            /**
             * landing
             * @description How the page looks that shared links lead to, and what it says there.
             * @example {
             *       "accent_color": "#0b6e4f",
             *       "title": {
             *         "en": "A gift for you"
             *       }
             *     }
             */
            landing: {
                /**
                 * @description The colour of the button. What is written on it is black or white, whichever is read better.
                 * @example #0b6e4f
                 */
                accent_color?: string | null;
                /** @description What is on the button. */
                button?: (string | {
                    /** @description German. */
                    de?: string;
                    /** @description English. */
                    en?: string;
                    /** @description Spanish. */
                    es?: string;
                    /** @description French. */
                    fr?: string;
                }) | null;
                /**
                 * Format: iso-4217
                 * @description The currency of `firstPaymentMinimum`, ISO 4217; that of the reward or of `redeem_rate` where null. Without any the page names no amount.
                 * @example EUR
                 */
                currency?: string | null;
                /** @description What stands below the heading. */
                text?: (string | {
                    /** @description German. */
                    de?: string;
                    /** @description English. */
                    en?: string;
                    /** @description Spanish. */
                    es?: string;
                    /** @description French. */
                    fr?: string;
                }) | null;
                /** @description The heading: one for all visitors, or one for each language. */
                title?: (string | {
                    /** @description German. */
                    de?: string;
                    /** @description English. */
                    en?: string;
                    /** @description Spanish. */
                    es?: string;
                    /** @description French. */
                    fr?: string;
                }) | null;
            } | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /**
             * @description What you call it; its id where absent.
             * @example Perks
             */
            name: string;
            /**
             * @description What a clawback does when the points are spent already: `allow` lets the balance go below zero, `clamp` writes the rest off.
             * @enum {string}
             */
            negative_balance: "allow" | "clamp";
            /**
             * @description What this is.
             * @constant
             */
            object: "program";
            /** @description Days from the earning until points can be spent. */
            pending_days: number;
            /**
             * qualify
             * @description What the new customer must do before both sides are rewarded.
             * @example {
             *       "firstPaymentMinimum": 2000,
             *       "windowDays": 30
             *     }
             */
            qualify: {
                /** @description The least that the first payment must be, in minor units. */
                firstPaymentMinimum?: number | null;
                /** @description Another event type that counts instead of a payment. */
                trigger?: string | null;
                /** @description Within so many days of the attribution. */
                windowDays?: number | null;
            } | null;
            /**
             * redeem_rate
             * @description What points are worth where members pay with them: so many pay so much.
             * @example {
             *       "amount": 100,
             *       "currency": "EUR",
             *       "points": 100
             *     }
             */
            redeem_rate: {
                /** @description Minor units. */
                amount: number;
                /**
                 * Format: iso-4217
                 * @description ISO 4217.
                 * @example EUR
                 */
                currency: string;
                /**
                 * @description How much of an order points can pay, of a hundred; all of it where null.
                 * @example 50
                 */
                maximum_percent?: number | null;
                /** @description The fewest points that can be paid with; as few as are worth something where null. */
                minimum_points?: number | null;
                /** @description Points. */
                points: number;
            } | null;
            /** @description Days before points or store credit expire that `loyalty.points.expiring` or `loyalty.store_credit.expiring` tells of it; 0 for not at all. */
            reminder_days: number;
            /**
             * reward
             * @description What both sides of a referral get.
             * @example {
             *       "referee": {
             *         "points": 250
             *       },
             *       "referrer": {
             *         "points": 500
             *       }
             *     }
             */
            reward: {
                /** @description What the new customer gets. */
                referee?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
                /** @description What the member gets who shared the code. */
                referrer?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
            } | null;
            /**
             * @description How exact awards become whole points.
             * @enum {string}
             */
            rounding: "floor" | "half_up" | "half_even" | "ceil";
            /**
             * Format: uri
             * @description Where the landing page forwards to: an https address of at most 200 characters, without a user name or a fragment; plain http only on this machine.
             * @example https://shop.example.com/signup
             */
            signup_url: string | null;
            /**
             * expires after a time
             * @description When store credit expires, unless it is given with a date of its own; never where null.
             * @example {
             *       "after": "P12M"
             *     }
             */
            store_credit_expires: {
                /**
                 * Format: duration
                 * @description So long after the earning, in ISO 8601.
                 * @example P12M
                 */
                after: string;
                /** @description Up to the end of which calendar unit, in the program's time zone. */
                round?: ("day" | "month" | "year") | null;
            } | null;
            /**
             * @description Which points count for tiers: all that were ever earned, or those earned in a period, less what was reversed of them.
             * @enum {string}
             */
            tier_basis: "lifetime_points" | "qualifying_points";
            /**
             * @description The period of qualifying points, in the program's time zone: from January to December, or twelve months from the day of the earning.
             * @enum {string}
             */
            tier_period: "calendar_year" | "rolling_12_months";
            /**
             * Format: iana-time-zone
             * @description The IANA time zone of calendar windows and expiry.
             * @example Europe/Berlin
             */
            timezone: string;
            /**
             * velocity
             * @description How many conversions one referrer may have in a rolling window; 10 in 30 days where null.
             */
            velocity: {
                /** @description So many. */
                maxConversionsPerWindow?: number;
                /** @description In so many days. */
                windowDays?: number | null;
            } | null;
        };
        /** a new program */
        ProgramsCreateParams: {
            /** @description Days that events are kept for what-if simulations, without what tells who the member is; 0 for not at all. */
            archive_days?: number;
            /** @description Whether an event of an unknown customer enrols that customer. */
            auto_enroll?: boolean;
            /**
             * blocked
             * @description Who is never rewarded for a referral.
             */
            blocked?: {
                /** @description These customers. */
                customers?: string[] | null;
                /** @description The same, for domains that give addresses to anybody for a while. */
                disposable?: string[] | null;
                /** @description Email addresses of these domains. */
                domains?: string[] | null;
                /** @description These email addresses. */
                emails?: string[] | null;
            } | null;
            /**
             * budget
             * @description The most points that may be awarded to all members together in each window; any number where null. What is over it is cut, as by a cap.
             * @example {
             *       "points": 100000,
             *       "window": "month"
             *     }
             */
            budget?: {
                /** @description At most so many. */
                points: number;
                /**
                 * @description In each calendar day, week from Monday or month of the program's time zone, by the time of the event; or in all, which is the default.
                 * @enum {string}
                 */
                window?: "day" | "week" | "month" | "lifetime";
            } | null;
            /** @description Whether a full refund of the payment that confirmed a redemption cancels it, and others bring back their share of points that paid. */
            cancel_redemptions_on_refund?: boolean;
            /**
             * @description What referral codes begin with where the member has no name.
             * @example PERKS
             */
            code_prefix?: string | null;
            /**
             * @description What points are called.
             * @example points
             */
            currency?: string;
            /** @description What becomes of a member who has not earned the tier again at the end of its period: one level down, or down to what was earned. Nothing where null. By lifetime points nobody falls. */
            downgrade?: ("one_level" | "to_earned") | null;
            /** @description When points expire; never where null. */
            expires?: ({
                /**
                 * Format: duration
                 * @description So long after the earning, in ISO 8601.
                 * @example P12M
                 */
                after: string;
                /** @description Up to the end of which calendar unit, in the program's time zone. */
                round?: ("day" | "month" | "year") | null;
            } | {
                /**
                 * Format: duration
                 * @description So long after the member last did anything, in ISO 8601.
                 * @example P6M
                 */
                inactivity: string;
            }) | null;
            /**
             * @description Days for which a tier is kept beyond the end of its period.
             * @example 30
             */
            grace_days?: number;
            /**
             * @description An id of your own choice, which starts with `prog_`.
             * @example prog_perks
             */
            id?: string;
            /**
             * landing
             * @description How the page looks that shared links lead to, and what it says there.
             * @example {
             *       "accent_color": "#0b6e4f",
             *       "title": {
             *         "en": "A gift for you"
             *       }
             *     }
             */
            landing?: {
                /**
                 * @description The colour of the button. What is written on it is black or white, whichever is read better.
                 * @example #0b6e4f
                 */
                accent_color?: string | null;
                /** @description What is on the button. */
                button?: (string | {
                    /** @description German. */
                    de?: string;
                    /** @description English. */
                    en?: string;
                    /** @description Spanish. */
                    es?: string;
                    /** @description French. */
                    fr?: string;
                }) | null;
                /**
                 * Format: iso-4217
                 * @description The currency of `firstPaymentMinimum`, ISO 4217; that of the reward or of `redeem_rate` where null. Without any the page names no amount.
                 * @example EUR
                 */
                currency?: string | null;
                /** @description What stands below the heading. */
                text?: (string | {
                    /** @description German. */
                    de?: string;
                    /** @description English. */
                    en?: string;
                    /** @description Spanish. */
                    es?: string;
                    /** @description French. */
                    fr?: string;
                }) | null;
                /** @description The heading: one for all visitors, or one for each language. */
                title?: (string | {
                    /** @description German. */
                    de?: string;
                    /** @description English. */
                    en?: string;
                    /** @description Spanish. */
                    es?: string;
                    /** @description French. */
                    fr?: string;
                }) | null;
            } | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description What you call it; its id where absent.
             * @example Perks
             */
            name?: string;
            /**
             * @description What a clawback does when the points are spent already: `allow` lets the balance go below zero, `clamp` writes the rest off.
             * @enum {string}
             */
            negative_balance?: "allow" | "clamp";
            /** @description Days from the earning until points can be spent. */
            pending_days?: number;
            /**
             * qualify
             * @description What the new customer must do before both sides are rewarded.
             * @example {
             *       "firstPaymentMinimum": 2000,
             *       "windowDays": 30
             *     }
             */
            qualify?: {
                /** @description The least that the first payment must be, in minor units. */
                firstPaymentMinimum?: number | null;
                /** @description Another event type that counts instead of a payment. */
                trigger?: string | null;
                /** @description Within so many days of the attribution. */
                windowDays?: number | null;
            } | null;
            /**
             * redeem_rate
             * @description What points are worth where members pay with them: so many pay so much.
             * @example {
             *       "amount": 100,
             *       "currency": "EUR",
             *       "points": 100
             *     }
             */
            redeem_rate?: {
                /** @description Minor units. */
                amount: number;
                /**
                 * Format: iso-4217
                 * @description ISO 4217.
                 * @example EUR
                 */
                currency: string;
                /**
                 * @description How much of an order points can pay, of a hundred; all of it where null.
                 * @example 50
                 */
                maximum_percent?: (number | string) | null;
                /** @description The fewest points that can be paid with; as few as are worth something where null. */
                minimum_points?: number | null;
                /** @description Points. */
                points: number;
            } | null;
            /** @description Days before points or store credit expire that `loyalty.points.expiring` or `loyalty.store_credit.expiring` tells of it; 0 for not at all. */
            reminder_days?: number;
            /**
             * reward
             * @description What both sides of a referral get.
             * @example {
             *       "referee": {
             *         "points": 250
             *       },
             *       "referrer": {
             *         "points": 500
             *       }
             *     }
             */
            reward?: {
                /** @description What the new customer gets. */
                referee?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
                /** @description What the member gets who shared the code. */
                referrer?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
            } | null;
            /**
             * @description How exact awards become whole points.
             * @enum {string}
             */
            rounding?: "floor" | "half_up" | "half_even" | "ceil";
            /**
             * Format: uri
             * @description Where the landing page forwards to: an https address of at most 200 characters, without a user name or a fragment; plain http only on this machine.
             * @example https://shop.example.com/signup
             */
            signup_url?: string | null;
            /**
             * expires after a time
             * @description When store credit expires, unless it is given with a date of its own; never where null.
             * @example {
             *       "after": "P12M"
             *     }
             */
            store_credit_expires?: {
                /**
                 * Format: duration
                 * @description So long after the earning, in ISO 8601.
                 * @example P12M
                 */
                after: string;
                /** @description Up to the end of which calendar unit, in the program's time zone. */
                round?: ("day" | "month" | "year") | null;
            } | null;
            /**
             * @description Which points count for tiers: all that were ever earned, or those earned in a period, less what was reversed of them.
             * @enum {string}
             */
            tier_basis?: "lifetime_points" | "qualifying_points";
            /**
             * @description The period of qualifying points, in the program's time zone: from January to December, or twelve months from the day of the earning.
             * @enum {string}
             */
            tier_period?: "calendar_year" | "rolling_12_months";
            /**
             * Format: iana-time-zone
             * @description The IANA time zone of calendar windows and expiry.
             * @example Europe/Berlin
             */
            timezone?: string;
            /**
             * velocity
             * @description How many conversions one referrer may have in a rolling window; 10 in 30 days where null.
             */
            velocity?: {
                /** @description So many. */
                maxConversionsPerWindow?: number;
                /** @description In so many days. */
                windowDays?: number | null;
            } | null;
        };
        /** a recount */
        ProgramsRecountParams: {
            /** @description The account to go on after: `next` of the answer before. */
            starting_after?: string;
        };
        /** an update of a program */
        ProgramsUpdateParams: {
            /** @description Days that events are kept for what-if simulations, without what tells who the member is; 0 for not at all. */
            archive_days?: number;
            /** @description Whether an event of an unknown customer enrols that customer. */
            auto_enroll?: boolean;
            /**
             * blocked
             * @description Who is never rewarded for a referral.
             */
            blocked?: {
                /** @description These customers. */
                customers?: string[] | null;
                /** @description The same, for domains that give addresses to anybody for a while. */
                disposable?: string[] | null;
                /** @description Email addresses of these domains. */
                domains?: string[] | null;
                /** @description These email addresses. */
                emails?: string[] | null;
            } | null;
            /**
             * budget
             * @description The most points that may be awarded to all members together in each window; any number where null. What is over it is cut, as by a cap.
             * @example {
             *       "points": 100000,
             *       "window": "month"
             *     }
             */
            budget?: {
                /** @description At most so many. */
                points: number;
                /**
                 * @description In each calendar day, week from Monday or month of the program's time zone, by the time of the event; or in all, which is the default.
                 * @enum {string}
                 */
                window?: "day" | "week" | "month" | "lifetime";
            } | null;
            /** @description Whether a full refund of the payment that confirmed a redemption cancels it, and others bring back their share of points that paid. */
            cancel_redemptions_on_refund?: boolean;
            /**
             * @description What referral codes begin with where the member has no name.
             * @example PERKS
             */
            code_prefix?: string | null;
            /**
             * @description What points are called.
             * @example points
             */
            currency?: string;
            /** @description What becomes of a member who has not earned the tier again at the end of its period: one level down, or down to what was earned. Nothing where null. By lifetime points nobody falls. */
            downgrade?: ("one_level" | "to_earned") | null;
            /** @description When points expire; never where null. */
            expires?: ({
                /**
                 * Format: duration
                 * @description So long after the earning, in ISO 8601.
                 * @example P12M
                 */
                after: string;
                /** @description Up to the end of which calendar unit, in the program's time zone. */
                round?: ("day" | "month" | "year") | null;
            } | {
                /**
                 * Format: duration
                 * @description So long after the member last did anything, in ISO 8601.
                 * @example P6M
                 */
                inactivity: string;
            }) | null;
            /**
             * @description Days for which a tier is kept beyond the end of its period.
             * @example 30
             */
            grace_days?: number;
            /**
             * landing
             * @description How the page looks that shared links lead to, and what it says there.
             * @example {
             *       "accent_color": "#0b6e4f",
             *       "title": {
             *         "en": "A gift for you"
             *       }
             *     }
             */
            landing?: {
                /**
                 * @description The colour of the button. What is written on it is black or white, whichever is read better.
                 * @example #0b6e4f
                 */
                accent_color?: string | null;
                /** @description What is on the button. */
                button?: (string | {
                    /** @description German. */
                    de?: string;
                    /** @description English. */
                    en?: string;
                    /** @description Spanish. */
                    es?: string;
                    /** @description French. */
                    fr?: string;
                }) | null;
                /**
                 * Format: iso-4217
                 * @description The currency of `firstPaymentMinimum`, ISO 4217; that of the reward or of `redeem_rate` where null. Without any the page names no amount.
                 * @example EUR
                 */
                currency?: string | null;
                /** @description What stands below the heading. */
                text?: (string | {
                    /** @description German. */
                    de?: string;
                    /** @description English. */
                    en?: string;
                    /** @description Spanish. */
                    es?: string;
                    /** @description French. */
                    fr?: string;
                }) | null;
                /** @description The heading: one for all visitors, or one for each language. */
                title?: (string | {
                    /** @description German. */
                    de?: string;
                    /** @description English. */
                    en?: string;
                    /** @description Spanish. */
                    es?: string;
                    /** @description French. */
                    fr?: string;
                }) | null;
            } | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description What you call it; its id where absent.
             * @example Perks
             */
            name?: string;
            /**
             * @description What a clawback does when the points are spent already: `allow` lets the balance go below zero, `clamp` writes the rest off.
             * @enum {string}
             */
            negative_balance?: "allow" | "clamp";
            /** @description Days from the earning until points can be spent. */
            pending_days?: number;
            /**
             * qualify
             * @description What the new customer must do before both sides are rewarded.
             * @example {
             *       "firstPaymentMinimum": 2000,
             *       "windowDays": 30
             *     }
             */
            qualify?: {
                /** @description The least that the first payment must be, in minor units. */
                firstPaymentMinimum?: number | null;
                /** @description Another event type that counts instead of a payment. */
                trigger?: string | null;
                /** @description Within so many days of the attribution. */
                windowDays?: number | null;
            } | null;
            /**
             * redeem_rate
             * @description What points are worth where members pay with them: so many pay so much.
             * @example {
             *       "amount": 100,
             *       "currency": "EUR",
             *       "points": 100
             *     }
             */
            redeem_rate?: {
                /** @description Minor units. */
                amount: number;
                /**
                 * Format: iso-4217
                 * @description ISO 4217.
                 * @example EUR
                 */
                currency: string;
                /**
                 * @description How much of an order points can pay, of a hundred; all of it where null.
                 * @example 50
                 */
                maximum_percent?: (number | string) | null;
                /** @description The fewest points that can be paid with; as few as are worth something where null. */
                minimum_points?: number | null;
                /** @description Points. */
                points: number;
            } | null;
            /** @description Days before points or store credit expire that `loyalty.points.expiring` or `loyalty.store_credit.expiring` tells of it; 0 for not at all. */
            reminder_days?: number;
            /**
             * reward
             * @description What both sides of a referral get.
             * @example {
             *       "referee": {
             *         "points": 250
             *       },
             *       "referrer": {
             *         "points": 500
             *       }
             *     }
             */
            reward?: {
                /** @description What the new customer gets. */
                referee?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
                /** @description What the member gets who shared the code. */
                referrer?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
            } | null;
            /**
             * @description How exact awards become whole points.
             * @enum {string}
             */
            rounding?: "floor" | "half_up" | "half_even" | "ceil";
            /**
             * Format: uri
             * @description Where the landing page forwards to: an https address of at most 200 characters, without a user name or a fragment; plain http only on this machine.
             * @example https://shop.example.com/signup
             */
            signup_url?: string | null;
            /**
             * expires after a time
             * @description When store credit expires, unless it is given with a date of its own; never where null.
             * @example {
             *       "after": "P12M"
             *     }
             */
            store_credit_expires?: {
                /**
                 * Format: duration
                 * @description So long after the earning, in ISO 8601.
                 * @example P12M
                 */
                after: string;
                /** @description Up to the end of which calendar unit, in the program's time zone. */
                round?: ("day" | "month" | "year") | null;
            } | null;
            /**
             * @description Which points count for tiers: all that were ever earned, or those earned in a period, less what was reversed of them.
             * @enum {string}
             */
            tier_basis?: "lifetime_points" | "qualifying_points";
            /**
             * @description The period of qualifying points, in the program's time zone: from January to December, or twelve months from the day of the earning.
             * @enum {string}
             */
            tier_period?: "calendar_year" | "rolling_12_months";
            /**
             * Format: iana-time-zone
             * @description The IANA time zone of calendar windows and expiry.
             * @example Europe/Berlin
             */
            timezone?: string;
            /**
             * velocity
             * @description How many conversions one referrer may have in a rolling window; 10 in 30 days where null.
             */
            velocity?: {
                /** @description So many. */
                maxConversionsPerWindow?: number;
                /** @description In so many days. */
                windowDays?: number | null;
            } | null;
        };
        Redemption: {
            /**
             * @description Whose it is by now.
             * @example loy_7Qk2
             */
            account: string;
            /** @description What of the points or the store credit has come back. */
            amount_returned: number;
            /**
             * Format: date-time
             * @description When it was canceled.
             */
            canceled_at: string | null;
            /** @description Its code, once it is confirmed. */
            code: string | null;
            /**
             * Format: date-time
             * @description When it was confirmed.
             */
            confirmed_at: string | null;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * Format: date-time
             * @description When the reservation ends.
             */
            expires_at: string | null;
            /**
             * @description `rdm_…`
             * @example rdm_7Qk2_01m5x4q8t2v6w9y3zc7h5k8n2p
             */
            id: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /** @description The least that an order must come to. */
            min_order_amount: number | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "redemption";
            /** @description The payment that named it. */
            payment: string | null;
            /** @description Points that it took. */
            points: number;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description The latest transaction that gave of them back. */
            reversal: string | null;
            /** @description The reward; null where points or store credit pay. */
            reward: string | null;
            /**
             * @description How far it has come.
             * @enum {string}
             */
            status: "reserved" | "confirmed" | "canceled" | "expired" | "used";
            /** @description Store credit that it took instead. */
            store_credit: components["schemas"]["Money"] | null;
            /** @description What took the points or the store credit. */
            transaction: string | null;
            /**
             * Format: date-time
             * @description When it was used.
             */
            used_at: string | null;
            /**
             * Format: date-time
             * @description Until when it can be used.
             */
            valid_until: string | null;
            /** @description What it is worth. */
            value: components["schemas"]["RedemptionValue"];
        };
        RedemptionValidation: {
            /** @description The order's currency. */
            currency: string;
            /** @description Minor units off. */
            discount_amount: number;
            /**
             * @description What this is.
             * @constant
             */
            object: "redemption_validation";
            /** @description Why it does not count. */
            reason: ("not_found" | "not_confirmed" | "canceled" | "expired" | "used" | "below_minimum" | "currency_mismatch" | "product_missing") | null;
            /** @description The redemption. */
            redemption: components["schemas"]["Redemption"] | null;
            /** @description Whether it counts for this order. */
            valid: boolean;
        };
        RedemptionValue: {
            /** @description Minor units. */
            amount: number | null;
            /** @description ISO 4217. */
            currency: string | null;
            /** @description At most so many minor units. */
            max_amount: number | null;
            /** @description Of a hundred. */
            percent: number | null;
            /** @description The product that is free. */
            product: string | null;
            /**
             * @description What it is.
             * @enum {string}
             */
            type: "discount_amount" | "discount_percent" | "free_product" | "store_credit" | "custom";
        };
        /** this call */
        RedemptionsCancelParams: Record<string, unknown>;
        /** this call */
        RedemptionsConfirmParams: Record<string, unknown>;
        /** a new redemption */
        RedemptionsCreateParams: {
            /**
             * @description The account of the member.
             * @example loy_7Qk2
             */
            account: string;
            /** @description Whether it is confirmed at once, which it is unless this is false. */
            capture?: boolean;
            /**
             * @description What they pay in; with `points`.
             * @example EUR
             */
            currency?: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description What the order comes to, in minor units; with `points`.
             * @example 5000
             */
            order_amount?: number;
            /**
             * @description Points to pay with, instead of a reward.
             * @example 200
             */
            points?: number;
            /**
             * @description The reward.
             * @example rwd_five_off
             */
            reward?: string;
            /**
             * store_credit
             * @description Store credit to pay with, instead of a reward.
             * @example {
             *       "amount": 1500,
             *       "currency": "EUR"
             *     }
             */
            store_credit?: {
                /**
                 * @description Minor units.
                 * @example 1500
                 */
                amount: number;
                /**
                 * Format: iso-4217
                 * @description ISO 4217.
                 * @example EUR
                 */
                currency: string;
            };
            /**
             * @description How long it stays reserved where `capture` is false: 30 where absent.
             * @example 30
             */
            ttl_minutes?: number;
        };
        /** a use of a code */
        RedemptionsUseCodeParams: {
            /**
             * @description A code; letter case and dashes don't matter.
             * @example 7Q2K-M4XW-9TRE
             */
            code: string;
            /**
             * order
             * @description What is to be paid.
             */
            order?: {
                /**
                 * @description Minor units, before the discount.
                 * @example 5000
                 */
                amount: number;
                /**
                 * Format: iso-4217
                 * @description ISO 4217.
                 * @example EUR
                 */
                currency: string;
                /** @description What is bought. */
                line_items?: {
                    /** @description Minor units for the whole line. */
                    amount?: number;
                    /** @description Its category. */
                    category?: string;
                    /** @description The product. */
                    product?: string;
                    /** @description How many; 1 where absent. */
                    quantity?: number;
                }[];
            };
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
        };
        /** a use of a redemption */
        RedemptionsUseParams: {
            /**
             * order
             * @description What is to be paid.
             */
            order?: {
                /**
                 * @description Minor units, before the discount.
                 * @example 5000
                 */
                amount: number;
                /**
                 * Format: iso-4217
                 * @description ISO 4217.
                 * @example EUR
                 */
                currency: string;
                /** @description What is bought. */
                line_items?: {
                    /** @description Minor units for the whole line. */
                    amount?: number;
                    /** @description Its category. */
                    category?: string;
                    /** @description The product. */
                    product?: string;
                    /** @description How many; 1 where absent. */
                    quantity?: number;
                }[];
            };
        };
        /** a validation */
        RedemptionsValidateParams: {
            /**
             * @description A code; letter case and dashes don't matter.
             * @example 7Q2K-M4XW-9TRE
             */
            code?: string;
            /**
             * order
             * @description What is to be paid.
             */
            order: {
                /**
                 * @description Minor units, before the discount.
                 * @example 5000
                 */
                amount: number;
                /**
                 * Format: iso-4217
                 * @description ISO 4217.
                 * @example EUR
                 */
                currency: string;
                /** @description What is bought. */
                line_items?: {
                    /** @description Minor units for the whole line. */
                    amount?: number;
                    /** @description Its category. */
                    category?: string;
                    /** @description The product. */
                    product?: string;
                    /** @description How many; 1 where absent. */
                    quantity?: number;
                }[];
            };
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
            /** @description A redemption, instead of a code. */
            redemption?: string;
        };
        Referral: {
            /**
             * Format: date-time
             * @description When they came.
             */
            attributed_at: string | null;
            /**
             * @description The code; null once its owner's personal data is erased.
             * @example ANNA-7F3K
             */
            code: string | null;
            /**
             * Format: date-time
             * @description When it converted.
             */
            converted_at: string | null;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * @description The customer who came.
             * @example cust_new789
             */
            customer: string | null;
            /**
             * Format: date-time
             * @description When it was rejected, expired or reversed.
             */
            ended_at: string | null;
            /**
             * Format: date-time
             * @description Until when it can convert.
             */
            expires_at: string | null;
            /**
             * @description `ref_…`
             * @example ref_7Qk2_01m5x4q8t2v6w9y3zc7h5k8n2p
             */
            id: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "referral";
            /**
             * @description The payment that converted it, or the object of the event that did.
             * @example pay_9f2c
             */
            payment: string | null;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * qualify
             * @description What the new customer must do before both sides are rewarded.
             * @example {
             *       "firstPaymentMinimum": 2000,
             *       "windowDays": 30
             *     }
             */
            qualify: {
                /** @description The least that the first payment must be, in minor units. */
                firstPaymentMinimum?: number | null;
                /** @description Another event type that counts instead of a payment. */
                trigger?: string | null;
                /** @description Within so many days of the attribution. */
                windowDays?: number | null;
            } | null;
            /** @description Why it was rejected; null where it was not. */
            reason: ("self_referral" | "velocity" | "shared_fingerprint" | "not_new_customer" | "blocked" | "disposable" | "referrer_closed" | "reward_unavailable" | "account_merged") | null;
            /** @description The rewards of the catalog that a conversion gave. */
            redemptions: string[];
            /** @description The account of who came; null while it is `pending`. */
            referee: string | null;
            /**
             * @description The account of the member who shares the code.
             * @example loy_7Qk2
             */
            referrer: string;
            /**
             * reward
             * @description What both sides of a referral get.
             * @example {
             *       "referee": {
             *         "points": 250
             *       },
             *       "referrer": {
             *         "points": 500
             *       }
             *     }
             */
            reward: {
                /** @description What the new customer gets. */
                referee?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
                /** @description What the member gets who shared the code. */
                referrer?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
            } | null;
            /**
             * @description The page to share, with the code filled in.
             * @example https://go.example.com/r/ANNA-7F3K
             */
            shareUrl: string | null;
            /** @description How they came: by the code itself, or by a click on the landing page. */
            source: ("code" | "click") | null;
            /**
             * @description `pending` is a code; who came by it has a referral of their own.
             * @enum {string}
             */
            status: "pending" | "attributed" | "converted" | "rejected" | "expired" | "reversed";
            /** @description What a conversion credited, the referrer's first. */
            transactions: string[];
        };
        /** an attribution */
        ReferralsAttributeParams: {
            /**
             * @description The account of the new customer, where there is one already.
             * @example loy_8Rm3
             */
            account?: string;
            /** @description What the landing page gave to the sign-up as `ref_click`; `code` goes before it. */
            click?: string;
            /**
             * @description A code; letter case and dashes don't matter.
             * @example ANNA-7F3K
             */
            code?: string;
            /**
             * @description Your own id of the new customer.
             * @example cust_new789
             */
            customer?: string;
            /** @description What tells the device from others; kept as a keyed hash only. */
            device_fingerprint?: string;
            /**
             * @description The address of the new customer.
             * @example ben@example.com
             */
            email?: string;
        };
        /** a new referral code */
        ReferralsCreateParams: {
            /**
             * @description The program of the account, which says it where this is absent.
             * @example prog_default
             */
            program?: string;
            /**
             * qualify
             * @description What the new customer must do before both sides are rewarded.
             * @example {
             *       "firstPaymentMinimum": 2000,
             *       "windowDays": 30
             *     }
             */
            qualify?: {
                /** @description The least that the first payment must be, in minor units. */
                firstPaymentMinimum?: number | null;
                /** @description Another event type that counts instead of a payment. */
                trigger?: string | null;
                /** @description Within so many days of the attribution. */
                windowDays?: number | null;
            } | null;
            /**
             * @description The account of the member who shares the code.
             * @example loy_7Qk2
             */
            referrer: string;
            /**
             * reward
             * @description What both sides of a referral get.
             * @example {
             *       "referee": {
             *         "points": 250
             *       },
             *       "referrer": {
             *         "points": 500
             *       }
             *     }
             */
            reward?: {
                /** @description What the new customer gets. */
                referee?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
                /** @description What the member gets who shared the code. */
                referrer?: ({
                    /** @description Points. */
                    points: number;
                } | {
                    /** @description A reward of the catalog. */
                    reward: string;
                } | {
                    /**
                     * store_credit
                     * @description Store credit.
                     */
                    store_credit: {
                        /** @description Minor units. */
                        amount: number;
                        /**
                         * Format: iso-4217
                         * @description ISO 4217.
                         * @example EUR
                         */
                        currency: string;
                    };
                }) | null;
            } | null;
        };
        /** a manual event */
        ResonanceTriggerEventParams: {
            /**
             * @description The program; `prog_default` where absent.
             * @example prog_default
             */
            brandId?: string | null;
            /**
             * @description Its id: the same event awards once, however often it comes.
             * @example review_77
             */
            eventId?: string | null;
            /**
             * @description What happened.
             * @example review_submitted
             */
            eventType: string;
            /**
             * @description What describes it, for conditions. `order_value` is the amount of an order in major units, as a number or its text, and `currency` its ISO 4217 code.
             * @example {
             *       "order_id": "1001",
             *       "order_value": 120.5
             *     }
             */
            metadata?: Record<string, unknown> | null;
            /** @description When it happened; now where absent. At most 5 minutes ahead. */
            occurredAt?: string | number | Date | null;
            /**
             * @description Whose behaviour it is.
             * @example anna@example.com
             */
            userEmail: string;
        };
        Reward: {
            /** @description Whether it can be redeemed. */
            active: boolean;
            /**
             * @description Minor units.
             * @example 500
             */
            amount: number | null;
            /**
             * code
             * @description What codes that are made look like: 12 characters where nothing is said.
             */
            code: {
                /** @description How many characters come after it. */
                length?: number;
                /**
                 * @description What codes begin with.
                 * @example SUMMER
                 */
                prefix?: string | null;
            } | null;
            /** @description Whether its codes are imported ones, at `/codes`; else they are made. */
            code_pool: boolean;
            /** @description Imported codes that are not issued or kept. */
            codes_left: number | null;
            /**
             * @description Points.
             * @example 500
             */
            cost: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * @description ISO 4217.
             * @example EUR
             */
            currency: string | null;
            /**
             * Format: date-time
             * @description Until when, exclusive.
             */
            ends_at: string | null;
            /**
             * @description `rwd_…`
             * @example rwd_7Qk2
             */
            id: string;
            /**
             * limit
             * @description How many one member can redeem.
             */
            limit: {
                /** @description So many. */
                redemptions: number;
                /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                rolling?: boolean;
                /**
                 * @description In this period.
                 * @enum {string}
                 */
                window: "day" | "week" | "month" | "lifetime";
            } | null;
            /** @description At most so many minor units off. */
            max_amount: number | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /** @description The least that an order must come to for it to count, in minor units. */
            min_order_amount: number | null;
            /** @description The key of the lowest tier that can redeem it. */
            min_tier: string | null;
            /**
             * @description What you call it.
             * @example €5 off
             */
            name: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "reward";
            /**
             * @description Of a hundred.
             * @example 10
             */
            percent: number | null;
            /** @description The product that is free. */
            product: string | null;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * Format: date-time
             * @description From when it can be redeemed.
             */
            starts_at: string | null;
            /** @description How many can be redeemed in all; unlimited where null. Redemptions that were made while it was unlimited don't count. */
            stock: number | null;
            /** @description What is left of `stock`. */
            stock_left: number | null;
            /**
             * @description What it is: `discount_amount` has `amount` and `currency`, `discount_percent` has `percent`, `free_product` has `product`, `store_credit` has `amount` and `currency`.
             * @enum {string}
             */
            type: "discount_amount" | "discount_percent" | "free_product" | "store_credit" | "custom";
            /**
             * Format: duration
             * @description How long a code is good for once it is issued, in ISO 8601; for ever where null.
             * @example P30D
             */
            valid_for: string | null;
            /** @description Grows with each update. */
            version: number;
            /**
             * @description The condition, in CEL, on `member`, `program` and `now`, when it is redeemed; for everybody where null. See docs/conditions.md.
             * @example 'vip' in member.segments
             */
            when: string | null;
        };
        /** a new reward */
        RewardsCreateParams: {
            /** @description Whether it can be redeemed. */
            active?: boolean;
            /**
             * @description Minor units.
             * @example 500
             */
            amount?: number | null;
            /**
             * code
             * @description What codes that are made look like: 12 characters where nothing is said.
             */
            code?: {
                /** @description How many characters come after it. */
                length?: number;
                /**
                 * @description What codes begin with.
                 * @example SUMMER
                 */
                prefix?: string | null;
            } | null;
            /** @description Whether its codes are imported ones, at `/codes`; else they are made. */
            code_pool?: boolean;
            /**
             * @description Points.
             * @example 500
             */
            cost: number;
            /**
             * @description ISO 4217.
             * @example EUR
             */
            currency?: string | null;
            /** @description Until when, exclusive. */
            ends_at?: string | number | Date | null;
            /**
             * @description An id of your own choice, which starts with `rwd_`.
             * @example rwd_five_off
             */
            id?: string;
            /**
             * limit
             * @description How many one member can redeem.
             */
            limit?: {
                /** @description So many. */
                redemptions: number;
                /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                rolling?: boolean;
                /**
                 * @description In this period.
                 * @enum {string}
                 */
                window: "day" | "week" | "month" | "lifetime";
            } | null;
            /** @description At most so many minor units off. */
            max_amount?: number | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /** @description The least that an order must come to for it to count, in minor units. */
            min_order_amount?: number | null;
            /** @description The key of the lowest tier that can redeem it. */
            min_tier?: string | null;
            /**
             * @description What you call it.
             * @example €5 off
             */
            name: string;
            /**
             * @description Of a hundred.
             * @example 10
             */
            percent?: (number | string) | null;
            /** @description The product that is free. */
            product?: string | null;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
            /** @description From when it can be redeemed. */
            starts_at?: string | number | Date | null;
            /** @description How many can be redeemed in all; unlimited where null. Redemptions that were made while it was unlimited don't count. */
            stock?: number | null;
            /**
             * @description What it is: `discount_amount` has `amount` and `currency`, `discount_percent` has `percent`, `free_product` has `product`, `store_credit` has `amount` and `currency`.
             * @enum {string}
             */
            type: "discount_amount" | "discount_percent" | "free_product" | "store_credit" | "custom";
            /**
             * Format: duration
             * @description How long a code is good for once it is issued, in ISO 8601; for ever where null.
             * @example P30D
             */
            valid_for?: string | null;
            /**
             * @description The condition, in CEL, on `member`, `program` and `now`, when it is redeemed; for everybody where null. See docs/conditions.md.
             * @example 'vip' in member.segments
             */
            when?: string | null;
        };
        /** an import of codes */
        RewardsImportCodesParams: {
            /**
             * @description Each 4 to 64 letters, digits or `_`, beside dashes.
             * @example [
             *       "WINTER-7Q2K",
             *       "WINTER-M4XW"
             *     ]
             */
            codes: string[];
        };
        /** an update of a reward */
        RewardsUpdateParams: {
            /** @description Whether it can be redeemed. */
            active?: boolean;
            /**
             * @description Minor units.
             * @example 500
             */
            amount?: number | null;
            /**
             * code
             * @description What codes that are made look like: 12 characters where nothing is said.
             */
            code?: {
                /** @description How many characters come after it. */
                length?: number;
                /**
                 * @description What codes begin with.
                 * @example SUMMER
                 */
                prefix?: string | null;
            } | null;
            /** @description Whether its codes are imported ones, at `/codes`; else they are made. */
            code_pool?: boolean;
            /**
             * @description Points.
             * @example 500
             */
            cost?: number;
            /**
             * @description ISO 4217.
             * @example EUR
             */
            currency?: string | null;
            /** @description Until when, exclusive. */
            ends_at?: string | number | Date | null;
            /**
             * limit
             * @description How many one member can redeem.
             */
            limit?: {
                /** @description So many. */
                redemptions: number;
                /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                rolling?: boolean;
                /**
                 * @description In this period.
                 * @enum {string}
                 */
                window: "day" | "week" | "month" | "lifetime";
            } | null;
            /** @description At most so many minor units off. */
            max_amount?: number | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /** @description The least that an order must come to for it to count, in minor units. */
            min_order_amount?: number | null;
            /** @description The key of the lowest tier that can redeem it. */
            min_tier?: string | null;
            /**
             * @description What you call it.
             * @example €5 off
             */
            name?: string;
            /**
             * @description Of a hundred.
             * @example 10
             */
            percent?: (number | string) | null;
            /** @description The product that is free. */
            product?: string | null;
            /** @description From when it can be redeemed. */
            starts_at?: string | number | Date | null;
            /** @description How many can be redeemed in all; unlimited where null. Redemptions that were made while it was unlimited don't count. */
            stock?: number | null;
            /**
             * Format: duration
             * @description How long a code is good for once it is issued, in ISO 8601; for ever where null.
             * @example P30D
             */
            valid_for?: string | null;
            /**
             * @description The condition, in CEL, on `member`, `program` and `now`, when it is redeemed; for everybody where null. See docs/conditions.md.
             * @example 'vip' in member.segments
             */
            when?: string | null;
        };
        RuleEstimate: {
            /**
             * Format: date-time
             * @description When the points could be spent; at once where null.
             */
            available_at: string | null;
            /** @description How the award comes about. */
            calculation: components["schemas"]["Calculation"] | null;
            /** @description Whether a cap or a budget cuts the award. */
            capped: boolean;
            /**
             * Format: date-time
             * @description When they would expire.
             */
            expires_at: string | null;
            /** @description The same in a sentence. */
            message: string | null;
            /** @description What you call it. */
            name: string | null;
            /** @description What it would give. */
            points: number;
            /** @description Why it does not fire; null where it does. */
            reason: ("inactive" | "not_started" | "ended" | "other_recipient" | "condition_false" | "condition_failed" | "no_figure" | "no_rate_for_currency" | "no_matching_item" | "milestone_not_reached" | "streak_not_reached" | "rounds_to_nothing" | "cap_awards_reached" | "outranked_in_group") | null;
            /** @description The rule. */
            rule: string;
            /** @description What it listens to: the event's type, or what its awards tell. */
            trigger: string;
            /** @description Its version. */
            version: number;
        };
        SandboxClock: {
            /** @description Whether it stands still since it was set; else it is the real time. */
            frozen: boolean;
            /**
             * Format: date-time
             * @description The program's time.
             * @example 2027-01-01T00:00:00Z
             */
            now: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "sandbox_clock";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * Format: date-time
             * @description The time elsewhere.
             */
            real_time: string;
        };
        /** the clock */
        SandboxClockSetParams: {
            /**
             * @description The program's time.
             * @example 2027-01-01T00:00:00Z
             */
            now: string | number | Date;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
        };
        SandboxPayment: {
            /** @description Whose account it is for. */
            account: string | null;
            /**
             * @description Minor units.
             * @example 2599
             */
            amount: number;
            /** @description What was given back. */
            amount_refunded: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * Format: iso-4217
             * @description ISO 4217.
             * @example EUR
             */
            currency: string;
            /**
             * @description Who paid.
             * @example cust_abc123
             */
            customer: string | null;
            /** @description Who paid, by email. */
            email: string | null;
            /** @description What came of its event. */
            event?: components["schemas"]["EventOutcome"];
            /**
             * @description Why it failed.
             * @example card_declined
             */
            failure_code: string | null;
            /**
             * @description `pay_…`
             * @example pay_7Qk2
             */
            id: string;
            /** @description What was bought. */
            line_items: ({
                /** @description Minor units, of them all. */
                amount?: number | null;
                /** @description Its category. */
                category?: string | null;
                /** @description The product. */
                product?: string | null;
                /** @description How many; 1 where absent. */
                quantity?: number | null;
            } & {
                [key: string]: unknown;
            })[] | null;
            /**
             * @description Keys and values of your own, as its event carries them.
             * @example {
             *       "order": "order_1"
             *     }
             */
            metadata: Record<string, unknown> | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "sandbox_payment";
            /** @description How it was paid. */
            payment_method: components["schemas"]["SandboxPaymentMethod"];
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description What was given back, the oldest first. */
            refunds: components["schemas"]["SandboxRefundOfPayment"][];
            /**
             * @description What came of it.
             * @enum {string}
             */
            status: "completed" | "failed";
        };
        SandboxPaymentMethod: {
            /**
             * @description The card's brand.
             * @example visa
             */
            brand: string;
            /** @description The same for the same card. */
            fingerprint: string;
            /**
             * @description The last digits of its number.
             * @example 4242
             */
            last4: string;
            /**
             * @description What this is.
             * @constant
             */
            type: "card";
        };
        /** a payment of the sandbox */
        SandboxPaymentsCreateParams: {
            /** @description Whose account it is for. */
            account?: string | null;
            /**
             * @description Minor units.
             * @example 2599
             */
            amount: number;
            /**
             * @description The card, or its number alone. 4242424242424242 completes, 4000000000000002 is declined; spaces and hyphens do not count.
             * @example {
             *       "number": "4242424242424242"
             *     }
             */
            card: {
                /** @description Not looked at. */
                cvc?: string;
                /** @description Not looked at. */
                exp_month?: number;
                /** @description Not looked at. */
                exp_year?: number;
                /** @description In place of the number's own, so that one number stands for many cards. */
                fingerprint?: string;
                /**
                 * @description The number.
                 * @enum {string}
                 */
                number: "4242424242424242" | "5555555555554444" | "378282246310005" | "4000000000000002" | "4000000000009995" | "4000000000000069" | "4000000000000119";
            } | ("4242424242424242" | "5555555555554444" | "378282246310005" | "4000000000000002" | "4000000000009995" | "4000000000000069" | "4000000000000119");
            /** @description When it was made, by the program's time. */
            created?: string | number | Date | null;
            /**
             * Format: iso-4217
             * @description ISO 4217.
             * @example EUR
             */
            currency: string;
            /**
             * @description Who paid.
             * @example cust_abc123
             */
            customer?: string | null;
            /** @description Who paid, by email. */
            email?: string | null;
            /**
             * @description An id of your own choice.
             * @example pay_order_1
             */
            id?: string;
            /** @description What was bought. */
            line_items?: ({
                /** @description Minor units, of them all. */
                amount?: number | null;
                /** @description Its category. */
                category?: string | null;
                /** @description The product. */
                product?: string | null;
                /** @description How many; 1 where absent. */
                quantity?: number | null;
            } & {
                [key: string]: unknown;
            })[] | null;
            /**
             * @description Keys and values of your own, as its event carries them.
             * @example {
             *       "order": "order_1"
             *     }
             */
            metadata?: Record<string, unknown> | null;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
        };
        /** a refund of the sandbox */
        SandboxPaymentsRefundParams: {
            /**
             * @description Minor units.
             * @example 2599
             */
            amount?: number | null;
            /**
             * @description An id of your own choice.
             * @example re_order_1
             */
            id?: string;
        };
        SandboxRefund: {
            /**
             * @description Minor units.
             * @example 2599
             */
            amount: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * Format: iso-4217
             * @description ISO 4217.
             * @example EUR
             */
            currency: string;
            /** @description What came of its event. */
            event?: components["schemas"]["EventOutcome"];
            /**
             * @description `re_…`
             * @example re_7Qk2
             */
            id: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "sandbox_refund";
            /** @description The payment. */
            payment: string;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * @description It did.
             * @constant
             */
            status: "succeeded";
        };
        SandboxRefundOfPayment: {
            /**
             * @description Minor units.
             * @example 2599
             */
            amount: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /** @description `re_…` */
            id: string;
        };
        Segment: {
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * @description `seg_…`
             * @example seg_7Qk2
             */
            id: string;
            /**
             * @description What conditions call it; unique in the program, and for good.
             * @example vip
             */
            key: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /**
             * @description What you call it; its key where absent.
             * @example Our best customers
             */
            name: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "segment";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * @description Who is in it: a condition, in CEL, on `member`, `program` and `now`. It cannot ask for other segments. See docs/conditions.md.
             * @example member.tier == 'gold' || member.lifetime_points >= 10000
             */
            when: string;
        };
        /** a new segment */
        SegmentsCreateParams: {
            /**
             * @description What conditions call it; unique in the program, and for good.
             * @example vip
             */
            key: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description What you call it; its key where absent.
             * @example Our best customers
             */
            name?: string;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
            /**
             * @description Who is in it: a condition, in CEL, on `member`, `program` and `now`. It cannot ask for other segments. See docs/conditions.md.
             * @example member.tier == 'gold' || member.lifetime_points >= 10000
             */
            when: string;
        };
        /** an update of a segment */
        SegmentsUpdateParams: {
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description What you call it; its key where absent.
             * @example Our best customers
             */
            name?: string;
            /**
             * @description Who is in it: a condition, in CEL, on `member`, `program` and `now`. It cannot ask for other segments. See docs/conditions.md.
             * @example member.tier == 'gold' || member.lifetime_points >= 10000
             */
            when?: string;
        };
        Simulation: {
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /** @description Why it failed. */
            failure: string | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finished_at: string | null;
            /**
             * Format: date-time
             * @description The first instant of the range, by when events were handled.
             * @example 2026-10-01T00:00:00Z
             */
            from: string;
            /**
             * @description `sim_…`
             * @example sim_7Qk2
             */
            id: string;
            /**
             * @description What you call it.
             * @example Double points
             */
            name: string | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "simulation";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description How many events it has run. */
            progress: components["schemas"]["SimulationProgress"];
            /** @description Whether `rules` are all that there are (the default); else they join those of the program. */
            replace: boolean;
            /** @description What came of it; null until it is finished. */
            result: components["schemas"]["SimulationResult"] | null;
            /** @description The candidate rules. New ones are called `candidate_001` and so on. */
            rules: components["schemas"]["EarningRule"][];
            /**
             * @description How far it is.
             * @enum {string}
             */
            status: "queued" | "running" | "finished" | "failed";
            /**
             * Format: date-time
             * @description The end of the range, exclusive.
             * @example 2026-11-01T00:00:00Z
             */
            to: string;
        };
        SimulationDifference: {
            /** @description Awards of rules. */
            awards: number;
            /** @description Awards that a cap or a budget has cut. */
            capped: number;
            /** @description Points that expired. */
            expired: number;
            /** @description What those are worth at the program's `redeem_rate`, in minor units; null without one. */
            liability: number | null;
            /** @description Points that the members have in the end, pending ones too, less what they owe. */
            outstanding: number;
            /** @description Points of these awards. */
            points: number;
            /** @description Points that refunds took back. */
            reversed: number;
            /** @description Changes of tiers. */
            tier_changes: number;
        };
        SimulationMember: {
            /** @description The account. */
            account: string;
            /** @description Points that rules gave, less reversed. */
            actual: number;
            /** @description The same under the candidate rules. */
            candidate: number;
            /** @description `candidate` less `actual`. */
            difference: number;
        };
        SimulationProgress: {
            /** @description Those that were run. */
            done: number;
            /** @description Events of the range; 0 before they were read. */
            events: number;
        };
        SimulationResult: {
            /** @description What happened. */
            actual: components["schemas"]["SimulationTotals"];
            /** @description What would have happened under the candidate rules. */
            candidate: components["schemas"]["SimulationTotals"];
            /** @description `candidate` less `actual`. */
            difference: components["schemas"]["SimulationDifference"];
            /** @description The ten members who get most more or less. */
            members: components["schemas"]["SimulationMember"][];
            /** @description The same by rule. */
            rules: components["schemas"]["SimulationRule"][];
        };
        SimulationRule: {
            /** @description Awards that happened. */
            actual_awards: number;
            /** @description Points of them, less reversed. */
            actual_points: number;
            /** @description Awards that would have happened. */
            candidate_awards: number;
            /** @description Points of them, less reversed. */
            candidate_points: number;
            /** @description The rule. */
            rule: string;
        };
        SimulationTierMove: {
            /** @description How often. */
            count: number;
            /** @description The key of the tier before. */
            from: string | null;
            /** @description The key of the tier after. */
            to: string | null;
        };
        SimulationTotals: {
            /** @description Awards of rules. */
            awards: number;
            /** @description Awards that a cap or a budget has cut. */
            capped: number;
            /** @description The currency of `liability`. */
            currency: string | null;
            /** @description Events. */
            events: number;
            /** @description Points that expired. */
            expired: number;
            /** @description What those are worth at the program's `redeem_rate`, in minor units; null without one. */
            liability: number | null;
            /** @description Members who got or lost points by a rule. */
            members: number;
            /** @description Points that the members have in the end, pending ones too, less what they owe. */
            outstanding: number;
            /** @description Points of these awards. */
            points: number;
            /** @description Events that could not be handled: an award would have been out of range. */
            refused: number;
            /** @description Points that refunds took back. */
            reversed: number;
            /** @description How many members went from which tier to which. */
            tier_changes: components["schemas"]["SimulationTierMove"][];
        };
        /** a new simulation */
        SimulationsCreateParams: {
            /**
             * @description The first instant of the range, by when events were handled.
             * @example 2026-10-01T00:00:00Z
             */
            from: string | number | Date;
            /**
             * @description What you call it.
             * @example Double points
             */
            name?: string | null;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
            /** @description Whether `rules` are all that there are (the default); else they join those of the program. */
            replace?: boolean;
            /**
             * @description The candidate rules, as `POST /v1/loyalty/earning_rules` takes them, or those of the program by their `id` with what is to be otherwise.
             * @example [
             *       {
             *         "award": {
             *           "per": 100,
             *           "points": 2,
             *           "type": "per_amount"
             *         },
             *         "trigger": "payment.completed"
             *       }
             *     ]
             */
            rules: {
                /** @description Whether it is evaluated. */
                active?: boolean;
                /**
                 * @description How an event becomes points.
                 * @example {
                 *       "per": 100,
                 *       "points": 1,
                 *       "type": "per_amount"
                 *     }
                 */
                award?: {
                    /**
                     * @description Minor units of the currency.
                     * @example 100
                     */
                    per: number;
                    /** @description Points. */
                    points: number;
                    /**
                     * @description `amount × points ÷ per`
                     * @constant
                     */
                    type: "per_amount";
                } | {
                    /** @description Points. */
                    points: number;
                    /**
                     * @description Once per event
                     * @constant
                     */
                    type: "fixed";
                } | {
                    /**
                     * @description Points for each major unit, by ISO 4217 code.
                     * @example {
                     *       "EUR": 1,
                     *       "JPY": 0.01
                     *     }
                     */
                    rates: {
                        [key: string]: number | string;
                    };
                    /**
                     * @description Amount in major units × the rate of its currency
                     * @constant
                     */
                    type: "per_currency";
                } | ({
                    /**
                     * @description Amount in major units × the rate of its currency
                     * @constant
                     */
                    type: "per_currency";
                } & {
                    [key: string]: number | string;
                });
                /**
                 * @description What of an incomplete unit counts: its share, or nothing.
                 * @enum {string}
                 */
                basis?: "exact" | "whole_units";
                /**
                 * @description Which figure of the event counts; `amount` where null.
                 * @example amount_net
                 */
                basis_field?: string | null;
                /**
                 * cap
                 * @description Limits per member and window.
                 */
                cap?: {
                    /** @description At most so many awards. */
                    awards?: number | null;
                    /** @description At most so many points. */
                    points?: number | null;
                    /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                    rolling?: boolean;
                } | null;
                /** @description Whether the fraction that rounding cut off counts next time. */
                carry?: boolean;
                /**
                 * earn_on
                 * @description Which line items count; the whole payment where null.
                 */
                earn_on?: {
                    /** @description Categories of line items. */
                    categories?: string[] | null;
                    /**
                     * earn_on.exclude
                     * @description What never earns.
                     */
                    exclude?: {
                        /** @description Categories of line items. */
                        categories?: string[] | null;
                        /** @description Products of line items. */
                        products?: string[] | null;
                    } | null;
                    /** @description Products of line items. */
                    products?: string[] | null;
                } | null;
                /** @description Until when it counts, exclusive. */
                ends_at?: string | number | Date | null;
                /**
                 * @description Which one: the one of the highest priority, or the one that gives most.
                 * @enum {string}
                 */
                exclusive?: "priority" | "best";
                /** @description Of the rules of one group only one fires. */
                exclusive_group?: string | null;
                /**
                 * experiment
                 * @description Different awards for different members. While it runs it stays as it is, until it is stopped at `/v1/experiments/{key}/stop`. See docs/experiments.md.
                 */
                experiment?: {
                    /**
                     * @description Only amounts in this currency count as spend; all where null.
                     * @example EUR
                     */
                    currency?: string | null;
                    /**
                     * @description What it is called, once in its program.
                     * @example welcome-2026
                     */
                    key: string;
                    /**
                     * @description What members get; the first is what the others are compared with.
                     * @example [
                     *       {
                     *         "key": "control",
                     *         "weight": 1
                     *       },
                     *       {
                     *         "key": "double",
                     *         "overrides": {
                     *           "multiplier": 2
                     *         },
                     *         "weight": 1
                     *       }
                     *     ]
                     */
                    variants: {
                        /**
                         * @description What it is called in its experiment.
                         * @example double
                         */
                        key: string;
                        /**
                         * overrides
                         * @description Fields of the rule that are otherwise; none where absent. Null unsets.
                         * @example {
                         *       "multiplier": 2
                         *     }
                         */
                        overrides?: {
                            /**
                             * @description How an event becomes points.
                             * @example {
                             *       "per": 100,
                             *       "points": 1,
                             *       "type": "per_amount"
                             *     }
                             */
                            award?: {
                                /**
                                 * @description Minor units of the currency.
                                 * @example 100
                                 */
                                per: number;
                                /** @description Points. */
                                points: number;
                                /**
                                 * @description `amount × points ÷ per`
                                 * @constant
                                 */
                                type: "per_amount";
                            } | {
                                /** @description Points. */
                                points: number;
                                /**
                                 * @description Once per event
                                 * @constant
                                 */
                                type: "fixed";
                            } | {
                                /**
                                 * @description Points for each major unit, by ISO 4217 code.
                                 * @example {
                                 *       "EUR": 1,
                                 *       "JPY": 0.01
                                 *     }
                                 */
                                rates: {
                                    [key: string]: number | string;
                                };
                                /**
                                 * @description Amount in major units × the rate of its currency
                                 * @constant
                                 */
                                type: "per_currency";
                            } | ({
                                /**
                                 * @description Amount in major units × the rate of its currency
                                 * @constant
                                 */
                                type: "per_currency";
                            } & {
                                [key: string]: number | string;
                            });
                            /**
                             * @description What of an incomplete unit counts: its share, or nothing.
                             * @enum {string}
                             */
                            basis?: "exact" | "whole_units";
                            /**
                             * @description Which figure of the event counts; `amount` where null.
                             * @example amount_net
                             */
                            basis_field?: string | null;
                            /**
                             * cap
                             * @description Limits per member and window.
                             */
                            cap?: {
                                /** @description At most so many awards. */
                                awards?: number | null;
                                /** @description At most so many points. */
                                points?: number | null;
                                /** @description Over the trailing 24 hours, 7 days or 30 days instead of the calendar's. */
                                rolling?: boolean;
                            } | null;
                            /** @description Whether the fraction that rounding cut off counts next time. */
                            carry?: boolean;
                            /**
                             * earn_on
                             * @description Which line items count; the whole payment where null.
                             */
                            earn_on?: {
                                /** @description Categories of line items. */
                                categories?: string[] | null;
                                /**
                                 * earn_on.exclude
                                 * @description What never earns.
                                 */
                                exclude?: {
                                    /** @description Categories of line items. */
                                    categories?: string[] | null;
                                    /** @description Products of line items. */
                                    products?: string[] | null;
                                } | null;
                                /** @description Products of line items. */
                                products?: string[] | null;
                            } | null;
                            /** @description When points expire; never where null. */
                            expires?: ({
                                /**
                                 * Format: duration
                                 * @description So long after the earning, in ISO 8601.
                                 * @example P12M
                                 */
                                after: string;
                                /** @description Up to the end of which calendar unit, in the program's time zone. */
                                round?: ("day" | "month" | "year") | null;
                            } | {
                                /**
                                 * Format: duration
                                 * @description So long after the member last did anything, in ISO 8601.
                                 * @example P6M
                                 */
                                inactivity: string;
                            }) | null;
                            /**
                             * @description Scales the award.
                             * @example 1.5
                             */
                            multiplier?: number | string;
                            /** @description Days from the earning until points can be spent. */
                            pending_days?: number | null;
                            /**
                             * @description The period that `cap` counts over.
                             * @enum {string}
                             */
                            window?: "day" | "week" | "month" | "lifetime";
                        } | null;
                        /**
                         * @description How many of the members get it, beside the other weights.
                         * @example 1
                         */
                        weight: number;
                    }[];
                } | null;
                /** @description When points expire; never where null. */
                expires?: ({
                    /**
                     * Format: duration
                     * @description So long after the earning, in ISO 8601.
                     * @example P12M
                     */
                    after: string;
                    /** @description Up to the end of which calendar unit, in the program's time zone. */
                    round?: ("day" | "month" | "year") | null;
                } | {
                    /**
                     * Format: duration
                     * @description So long after the member last did anything, in ISO 8601.
                     * @example P6M
                     */
                    inactivity: string;
                }) | null;
                /**
                 * @description The rule of the program that it stands for, whose fields it has but for those given here, and whose caps it goes on counting; absent for a new one.
                 * @example rule_abc123
                 */
                id?: string;
                /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
                metadata?: {
                    [key: string]: string | number | boolean | null;
                } | null;
                /**
                 * milestone
                 * @description Pays once for each threshold that the event crosses, not for each event. See docs/milestones-and-streaks.md.
                 */
                milestone?: {
                    /**
                     * @description The thresholds, each larger than the one before.
                     * @example [
                     *       100000,
                     *       500000
                     *     ]
                     */
                    at: number[];
                    /**
                     * @description The rule's trigger and which figure of it: how many events, what they come to less refunds, on how many days.
                     * @example payment.completed.sum
                     */
                    stat: string;
                } | null;
                /**
                 * @description Scales the award.
                 * @example 1.5
                 */
                multiplier?: number | string;
                /**
                 * @description What you call it; the reason on its transactions.
                 * @example 1 point per euro
                 */
                name?: string | null;
                /** @description Days from the earning until points can be spent. */
                pending_days?: number | null;
                /** @description The higher wins in an exclusive group. */
                priority?: number;
                /**
                 * @description Who gets the points; others than the member are for referral triggers.
                 * @enum {string}
                 */
                recipient?: "member" | "referrer" | "referee";
                /** @description From when it counts, judged at the event's time. */
                starts_at?: string | number | Date | null;
                /**
                 * streak
                 * @description Pays for a run of days, weeks or months with an event each, not for each event. See docs/milestones-and-streaks.md.
                 */
                streak?: {
                    /** @description How many missed units in a row do not break a run. */
                    grace?: number;
                    /**
                     * @description How many units a run takes.
                     * @example 7
                     */
                    length: number;
                    /** @description Whether a run pays again at each further `length`. */
                    repeat?: boolean;
                    /**
                     * @description What follows each other, in the program's time zone; weeks begin on Monday.
                     * @enum {string}
                     */
                    unit: "day" | "week" | "month";
                } | null;
                /**
                 * @description The type of the events that it listens to.
                 * @example payment.completed
                 */
                trigger?: string;
                /**
                 * @description The condition, in CEL, on `event`, `member`, `program` and `now`; always where null. Keys of the event's metadata are also there by their bare names. See docs/conditions.md.
                 * @example event.amount >= 2000 && member.tier in ['gold', 'platinum']
                 */
                when?: string | null;
                /**
                 * @description The period that `cap` counts over.
                 * @enum {string}
                 */
                window?: "day" | "week" | "month" | "lifetime";
            }[];
            /**
             * @description The end of the range, exclusive; now where absent. At most 400 days on.
             * @example 2026-11-01T00:00:00Z
             */
            to?: string | number | Date | null;
        };
        StoreCreditBalance: {
            /**
             * @description Minor units to spend now.
             * @example 1500
             */
            balance: number;
            /**
             * Format: iso-4217
             * @description ISO 4217.
             * @example EUR
             */
            currency: string;
            /** @description Minor units that are reserved for redemptions. */
            reserved: number;
        };
        StoreCreditLiability: {
            /** @description What is outstanding, by the month in which it expires. */
            by_expiry: components["schemas"]["LiabilityByExpiry"][];
            /**
             * @description ISO 4217.
             * @example EUR
             */
            currency: string;
            /**
             * @description What members owe, whose balances are below zero. It is not taken off `outstanding`.
             * @example 0
             */
            deficit: number;
            /** @description What was booked, from the first month to the last in which something was. */
            months: components["schemas"]["LiabilityMonth"][];
            /**
             * @description What members can spend, now or later: all that is left of what they got.
             * @example 1250
             */
            outstanding: number;
            /**
             * @description What of it matures later.
             * @example 100
             */
            pending: number;
        };
        StoreCreditTransaction: {
            /**
             * @description The account of the member.
             * @example loy_7Qk2
             */
            account: string;
            /** @description Minor units, below zero where they were taken. */
            amount: number;
            /** @description What could be spent in this currency after it. */
            balance_after: number;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * Format: iso-4217
             * @description ISO 4217.
             * @example EUR
             */
            currency: string;
            /**
             * Format: date-time
             * @description When what was given expires; never where null.
             */
            expires_at: string | null;
            /**
             * @description `sct_…`
             * @example sct_7Qk2_4_0
             */
            id: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /**
             * @description What this is.
             * @constant
             */
            object: "store_credit_transaction";
            /**
             * Format: date-time
             * @description When it happened.
             */
            occurred_at: string;
            /** @description The payment. */
            payment: string | null;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description Why, for people. */
            reason: string;
            /** @description The redemption. */
            redemption: string | null;
            /**
             * @description SHA-256 of what was written with this transaction and of the seal before it in the member's log, in hexadecimal digits; see docs/audit.md.
             * @example 3f7c0a…
             */
            seal: string | null;
            /** @description What it came of; of an expiry, the transaction that had given it. */
            source: components["schemas"]["TransactionSource"];
            /**
             * @description What kind of change.
             * @enum {string}
             */
            type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
        };
        /** an adjustment of store credit */
        StoreCreditTransactionsCreateParams: {
            /**
             * @description The account of the member.
             * @example loy_7Qk2
             */
            account: string;
            /** @description Whether the balance may go below zero. */
            allow_negative?: boolean;
            /**
             * @description Minor units to add, or below zero to take.
             * @example 1500
             */
            amount: number;
            /**
             * Format: iso-4217
             * @description ISO 4217.
             * @example EUR
             */
            currency: string;
            /** @description When it expires; never where null; by the program's `store_credit_expires` where absent. */
            expires_at?: string | number | Date | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description Why, for people.
             * @example Return without receipt
             */
            reason: string;
        };
        Tier: {
            /**
             * @description What else it brings, in your words.
             * @example [
             *       "Free shipping"
             *     ]
             */
            benefits: string[];
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /**
             * @description `tier_…`
             * @example tier_7Qk2
             */
            id: string;
            /**
             * @description What accounts and events call it; unique in the program, and for good.
             * @example gold
             */
            key: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /**
             * @description Multiplies what its members earn; 1 where absent.
             * @example 1.5
             */
            multiplier: number;
            /**
             * @description What members call it; its key where absent.
             * @example Gold
             */
            name: string;
            /**
             * @description What this is.
             * @constant
             */
            object: "tier";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * @description The points that it takes, by the program's `tier_basis`; each tier of a program has its own. With 0 every member has it.
             * @example 500
             */
            threshold: number;
        };
        TierEvaluation: {
            /**
             * @description Those of them whose tier has changed since it was started.
             * @example 17
             */
            changed: number;
            /**
             * @description Members that it has come to.
             * @example 1200
             */
            evaluated: number;
            /**
             * Format: date-time
             * @description When it came to the last member.
             */
            finished: string | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "tier_evaluation";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /**
             * Format: date-time
             * @description When it was started.
             * @example 2026-11-20T12:00:00Z
             */
            started: string;
            /**
             * @description Whether it has come to the last member.
             * @enum {string}
             */
            status: "running" | "finished";
        };
        /** a new tier */
        TiersCreateParams: {
            /**
             * @description What else it brings, in your words.
             * @example [
             *       "Free shipping"
             *     ]
             */
            benefits?: string[] | null;
            /**
             * @description What accounts and events call it; unique in the program, and for good.
             * @example gold
             */
            key: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description Multiplies what its members earn; 1 where absent.
             * @example 1.5
             */
            multiplier?: number | string;
            /**
             * @description What members call it; its key where absent.
             * @example Gold
             */
            name?: string;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program?: string;
            /**
             * @description The points that it takes, by the program's `tier_basis`; each tier of a program has its own. With 0 every member has it.
             * @example 500
             */
            threshold: number;
        };
        /** an update of a tier */
        TiersUpdateParams: {
            /**
             * @description What else it brings, in your words.
             * @example [
             *       "Free shipping"
             *     ]
             */
            benefits?: string[] | null;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description Multiplies what its members earn; 1 where absent.
             * @example 1.5
             */
            multiplier?: number | string;
            /**
             * @description What members call it; its key where absent.
             * @example Gold
             */
            name?: string;
            /**
             * @description The points that it takes, by the program's `tier_basis`; each tier of a program has its own. With 0 every member has it.
             * @example 500
             */
            threshold?: number;
        };
        Transaction: {
            /**
             * @description The account of the member.
             * @example loy_7Qk2
             */
            account: string;
            /** @description Points, below zero where they were taken. */
            amount: number;
            /**
             * Format: date-time
             * @description When the points can be spent.
             */
            available_at: string | null;
            /** @description The balance after it. */
            balance_after: number;
            /** @description How an award came about; with `expand` any transaction has an `explanation`. */
            calculation: (components["schemas"]["Calculation"] | components["schemas"]["Explanation"]) | null;
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /** @description Which variant of which experiment made an award. */
            experiment?: components["schemas"]["CalculationExperiment"];
            /**
             * Format: date-time
             * @description When they expire.
             */
            expires_at: string | null;
            /** @description The earning of which what is left got more time, by an `adjust` of 0 points. */
            extends?: string;
            /**
             * @description `ptx_…`
             * @example ptx_7Qk2_3_0
             */
            id: string;
            /** @description Your own keys, and `capped`, `uncapped_points` or `written_off` where a limit cut it. */
            metadata: Record<string, unknown>;
            /**
             * @description What this is.
             * @constant
             */
            object: "points_transaction";
            /**
             * Format: date-time
             * @description When it happened, by the event's word.
             */
            occurred_at: string;
            /** @description The payment. */
            payment: string | null;
            /** @description The same as `amount`. */
            points: number;
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description Why, for people. */
            reason: string | null;
            /** @description The redemption. */
            redemption: string | null;
            /** @description The referral. */
            referral: string | null;
            /** @description The `expire` whose points an `adjust` gave back. */
            reinstates?: string;
            /** @description The earning that a `reverse` takes back. */
            reverses?: string;
            /** @description The earning rule. */
            rule: string | null;
            /** @description Its version then. */
            rule_version: number | null;
            /**
             * @description SHA-256 of what was written with this transaction and of the seal before it in the member's log, in hexadecimal digits; see docs/audit.md.
             * @example 3f7c0a…
             */
            seal: string | null;
            /** @description What it came of. */
            source: components["schemas"]["TransactionSource"];
            /** @description `pending` until `available_at`, then `available`. */
            status: string;
            /**
             * @description What kind of change.
             * @enum {string}
             */
            type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
        };
        TransactionSource: {
            /** @description Its id. */
            id: string;
            /** @description As `payment`. */
            type: string;
        };
        /** an adjustment */
        TransactionsCreateParams: {
            /**
             * @description The account of the member.
             * @example loy_7Qk2
             */
            account: string;
            /** @description Whether the balance may go below zero. */
            allow_negative?: boolean;
            /**
             * @description Points to add, or below zero to take; required but with `extends` or `reinstates`.
             * @example 50
             */
            amount?: number;
            /** @description When the added, extended or reinstated points expire; never where null. */
            expires_at?: string | number | Date | null;
            /** @description An earning, as `ptx_…`: what is left of its points expires at `expires_at` instead, which must be later. */
            extends?: string;
            /** @description Whether it counts into `lifetime_points`, as points moved from elsewhere should. */
            lifetime?: boolean;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /**
             * @description Why, for people.
             * @example Sorry for the delay
             */
            reason: string;
            /** @description An `expire` transaction: all its points are given back, once. */
            reinstates?: string;
            /**
             * @description What it is.
             * @enum {string}
             */
            type: "adjust";
        };
        WebhookAttempt: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            at: string;
            /** @description Why there was no answer. */
            error: string | null;
            /** @description How long it took, in milliseconds. */
            latency_ms: number;
            /** @description The first 1,024 bytes of the answer, as far as they are text. */
            response_body: string | null;
            /** @description What the receiver answered with. */
            status_code: number | null;
        };
        WebhookDelivery: {
            /** @description How many there were in all. */
            attempt_count: number;
            /** @description The latest attempts, the oldest first. */
            attempts: components["schemas"]["WebhookAttempt"][];
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /** @description The endpoint. */
            endpoint: string;
            /** @description The event. */
            event: string;
            /** @description Its type. */
            event_type: string;
            /**
             * @description `whd_…`
             * @example whd_7Qk2_019aa
             */
            id: string;
            /**
             * Format: date-time
             * @description When the next is due.
             */
            next_attempt_at: string | null;
            /**
             * @description What this is.
             * @constant
             */
            object: "webhook_delivery";
            /**
             * @description The program; `prog_default` where a request does not say.
             * @example prog_default
             */
            program: string;
            /** @description Why it failed or was skipped. */
            reason: string | null;
            /**
             * @description `skipped` where the endpoint was disabled before it could be sent.
             * @enum {string}
             */
            status: "pending" | "succeeded" | "failed" | "skipped";
        };
        WebhookEndpoint: {
            /**
             * Format: date-time
             * @description When it was created.
             * @example 2026-11-20T12:00:00Z
             */
            created: string;
            /** @description What it is for, for people. */
            description: string | null;
            /** @description Why Laurel disabled it, should it have done so. */
            disabled_reason: string | null;
            /**
             * @description Event types, beginnings of some as `loyalty.points.*`, or `*`, which is the default.
             * @example [
             *       "loyalty.points.*"
             *     ]
             */
            enabled_events: string[];
            /**
             * @description `we_…`
             * @example we_7Qk2
             */
            id: string;
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata: {
                [key: string]: string;
            };
            /**
             * @description What this is.
             * @constant
             */
            object: "webhook_endpoint";
            /** @description The program whose events are sent; those of all where null. */
            program: string | null;
            /** @description What signs; told when it is made, and never again. */
            secret?: string;
            /**
             * @description The header of the signature, beside those of Standard Webhooks.
             * @example x-vinr-signature
             */
            signature_header: string;
            /**
             * @description Whether anything is sent.
             * @enum {string}
             */
            status: "enabled" | "disabled";
            /**
             * Format: uri
             * @description Where events are sent: `https`, to a public host. In a sandbox also this machine, and there by plain `http` as well.
             * @example https://example.com/webhooks
             */
            url: string;
        };
        /** a new webhook endpoint */
        WebhookEndpointsCreateParams: {
            /** @description What it is for, for people. */
            description?: string | null;
            /**
             * @description Event types, beginnings of some as `loyalty.points.*`, or `*`, which is the default.
             * @example [
             *       "loyalty.points.*"
             *     ]
             */
            enabled_events?: string[];
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /** @description The program whose events are sent; those of all where null. */
            program?: string | null;
            /**
             * @description The header of the signature, beside those of Standard Webhooks.
             * @example x-vinr-signature
             */
            signature_header?: string;
            /**
             * @description Whether anything is sent.
             * @enum {string}
             */
            status?: "enabled" | "disabled";
            /**
             * Format: uri
             * @description Where events are sent: `https`, to a public host. In a sandbox also this machine, and there by plain `http` as well.
             * @example https://example.com/webhooks
             */
            url: string;
        };
        /** a rotation */
        WebhookEndpointsRotateSecretParams: {
            /** @description For how long the old secret signs beside the new one; a day where absent. */
            expires_in_minutes?: number;
        };
        /** a test */
        WebhookEndpointsTestParams: {
            /**
             * @description The event type; `loyalty.points.earned` where absent.
             * @enum {string}
             */
            type?: "loyalty.account.created" | "loyalty.account.updated" | "loyalty.account.closed" | "loyalty.account.reopened" | "loyalty.account.merged" | "loyalty.tier.changed" | "loyalty.points.earned" | "loyalty.points.pending" | "loyalty.points.redeemed" | "loyalty.points.expired" | "loyalty.points.expiring" | "loyalty.points.adjusted" | "loyalty.points.reversed" | "program.budget_reached" | "loyalty.store_credit.earned" | "loyalty.store_credit.redeemed" | "loyalty.store_credit.returned" | "loyalty.store_credit.expired" | "loyalty.store_credit.expiring" | "loyalty.store_credit.adjusted" | "redemption.created" | "redemption.confirmed" | "redemption.canceled" | "redemption.expired" | "redemption.used" | "referral.created" | "referral.attributed" | "referral.converted" | "referral.rejected" | "referral.expired" | "referral.reversed";
        };
        /** an update of a webhook endpoint */
        WebhookEndpointsUpdateParams: {
            /** @description What it is for, for people. */
            description?: string | null;
            /**
             * @description Event types, beginnings of some as `loyalty.points.*`, or `*`, which is the default.
             * @example [
             *       "loyalty.points.*"
             *     ]
             */
            enabled_events?: string[];
            /** @description Your own keys and values. What is sent is merged into what is there; null deletes a key, or all of them. */
            metadata?: {
                [key: string]: string | number | boolean | null;
            } | null;
            /** @description The program whose events are sent; those of all where null. */
            program?: string | null;
            /**
             * @description The header of the signature, beside those of Standard Webhooks.
             * @example x-vinr-signature
             */
            signature_header?: string;
            /**
             * @description Whether anything is sent.
             * @enum {string}
             */
            status?: "enabled" | "disabled";
            /**
             * Format: uri
             * @description Where events are sent: `https`, to a public host. In a sandbox also this machine, and there by plain `http` as well.
             * @example https://example.com/webhooks
             */
            url?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "health.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    "openapi.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
        };
    };
    "resonance.trigger_event": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResonanceTriggerEventParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManualEventOutcome"];
                };
            };
        };
    };
    "api_keys.list": {
        parameters: {
            query?: {
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ApiKey"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "api_keys.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeysCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    "api_keys.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    "api_keys.delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    "api_keys.revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ApiKeysRevokeParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    "event_types.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EventType"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "event_types.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventTypesCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventType"];
                };
            };
        };
    };
    "event_types.retrieve": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventType"];
                };
            };
        };
    };
    "event_types.update": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["EventTypesUpdateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventType"];
                };
            };
        };
    };
    "event_types.delete": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
        };
    };
    "events.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Only of this account. */
                account?: string;
                /** @description Only of this type. */
                type?: string;
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Event"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "events.create": {
        parameters: {
            query?: {
                /** @description Whether to queue the events instead of handling them at once. */
                async?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description What describes it: `customer`, `account` or `email` of the member, `amount` in minor units, `currency`, `id`, `metadata` and more, by type.
                     * @example {
                     *       "amount": 2599,
                     *       "currency": "EUR",
                     *       "customer": "cust_abc123",
                     *       "id": "pay_1"
                     *     }
                     */
                    data: Record<string, unknown>;
                    /** @description Its id: the same event awards once, however often it comes. Payments and refunds go by the id in `data`. */
                    id?: string | null;
                    /** @description When it happened; now where absent. At most 5 minutes ahead. */
                    occurred_at?: string | number | Date | null;
                    /**
                     * @description The program; `prog_default` where a request does not say.
                     * @example prog_default
                     */
                    program?: string | null;
                    /**
                     * @description What happened.
                     * @example payment.completed
                     */
                    type: string;
                } | {
                    /** @description The events, in their order. */
                    events: {
                        /**
                         * @description What describes it: `customer`, `account` or `email` of the member, `amount` in minor units, `currency`, `id`, `metadata` and more, by type.
                         * @example {
                         *       "amount": 2599,
                         *       "currency": "EUR",
                         *       "customer": "cust_abc123",
                         *       "id": "pay_1"
                         *     }
                         */
                        data: Record<string, unknown>;
                        /** @description Its id: the same event awards once, however often it comes. Payments and refunds go by the id in `data`. */
                        id?: string | null;
                        /** @description When it happened; now where absent. At most 5 minutes ahead. */
                        occurred_at?: string | number | Date | null;
                        /**
                         * @description The program; `prog_default` where a request does not say.
                         * @example prog_default
                         */
                        program?: string | null;
                        /**
                         * @description What happened.
                         * @example payment.completed
                         */
                        type: string;
                    }[];
                } | {
                    /**
                     * @description What describes it: `customer`, `account` or `email` of the member, `amount` in minor units, `currency`, `id`, `metadata` and more, by type.
                     * @example {
                     *       "amount": 2599,
                     *       "currency": "EUR",
                     *       "customer": "cust_abc123",
                     *       "id": "pay_1"
                     *     }
                     */
                    data: Record<string, unknown>;
                    /** @description Its id: the same event awards once, however often it comes. Payments and refunds go by the id in `data`. */
                    id?: string | null;
                    /** @description When it happened; now where absent. At most 5 minutes ahead. */
                    occurred_at?: string | number | Date | null;
                    /**
                     * @description The program; `prog_default` where a request does not say.
                     * @example prog_default
                     */
                    program?: string | null;
                    /**
                     * @description What happened.
                     * @example payment.completed
                     */
                    type: string;
                }[];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventOutcome"] | {
                        data: components["schemas"]["EventOutcome"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventOutcome"] | {
                        data: components["schemas"]["EventOutcome"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "events.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
        };
    };
    "experiments.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Only those that run, or do not. */
                status?: "running" | "stopped";
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Experiment"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "experiments.retrieve": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Experiment"];
                };
            };
        };
    };
    "experiments.stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ExperimentsStopParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Experiment"];
                };
            };
        };
    };
    "accounts.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Your own id of the customer; events name it. */
                customer?: string;
                /** @description For events that identify people by it; unique in a program. */
                email?: string;
                /** @description Whether it takes part. */
                status?: "active" | "closed" | "merged";
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Account"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "accounts.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AccountsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    "accounts.merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountsMergeParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    "accounts.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    "accounts.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AccountsUpdateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    "accounts.close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AccountsCloseParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    "accounts.create_member_token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AccountsCreateMemberTokenParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberToken"];
                };
            };
        };
    };
    "accounts.erase_personal_data": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    "accounts.reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AccountsReopenParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    "campaigns.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Whether it can be in effect. */
                active?: boolean;
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Campaign"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "campaigns.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CampaignsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    "campaigns.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    "campaigns.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CampaignsUpdateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    "campaigns.delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    "campaigns.budget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
        };
    };
    "earning_rules.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description The type of the events that it listens to. */
                trigger?: string;
                /** @description Whether it is evaluated. */
                active?: boolean;
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EarningRule"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "earning_rules.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EarningRulesCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EarningRule"];
                };
            };
        };
    };
    "earning_rules.import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EarningRulesImportParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EarningRule"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "earning_rules.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EarningRule"];
                };
            };
        };
    };
    "earning_rules.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["EarningRulesUpdateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EarningRule"];
                };
            };
        };
    };
    "earning_rules.delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EarningRule"];
                };
            };
        };
    };
    "estimate.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EstimateCreateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Estimate"];
                };
            };
        };
    };
    "points_transactions.list": {
        parameters: {
            query: {
                /** @description The account of the member. */
                account: string;
                /** @description Only those of this type. */
                type?: "earn" | "redeem" | "expire" | "adjust" | "reverse";
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description `data.calculation`: each with `calculation.explanation`, how it came about in words. */
                expand?: "data.calculation"[];
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Transaction"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "points_transactions.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PointsTransactionsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transaction"];
                };
            };
        };
    };
    "points_transactions.retrieve": {
        parameters: {
            query?: {
                /** @description `calculation`: with `calculation.explanation`, how it came about in words. */
                expand?: "calculation"[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transaction"];
                };
            };
        };
    };
    "programs.list": {
        parameters: {
            query?: {
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Program"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "programs.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ProgramsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Program"];
                };
            };
        };
    };
    "programs.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Program"];
                };
            };
        };
    };
    "programs.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ProgramsUpdateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Program"];
                };
            };
        };
    };
    "programs.audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Audit"];
                };
            };
        };
    };
    "programs.budget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
        };
    };
    "programs.journal": {
        parameters: {
            query?: {
                /** @description Only what is booked in this month of the program's time zone. */
                month?: string;
                /** @description Only what is booked then or later. */
                from?: unknown;
                /** @description Only what is booked before. */
                to?: unknown;
                /** @description A transaction or an account: the part begins after it. */
                starting_after?: string;
                /** @description How many lines at most; 1000 where absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "programs.liability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Liability"];
                };
            };
        };
    };
    "programs.recount": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ProgramsRecountParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiabilityRecount"];
                };
            };
        };
    };
    "programs.tier_evaluation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TierEvaluation"];
                };
            };
        };
    };
    "programs.evaluate_tiers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TierEvaluation"];
                };
            };
        };
    };
    "redemptions.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description The account of the member. */
                account?: string;
                /** @description The reward. */
                reward?: string;
                /** @description Only those that have come so far. */
                status?: "reserved" | "confirmed" | "canceled" | "expired" | "used";
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Redemption"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "redemptions.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RedemptionsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redemption"];
                };
            };
        };
    };
    "redemptions.use_code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RedemptionsUseCodeParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redemption"];
                };
            };
        };
    };
    "redemptions.validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RedemptionsValidateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedemptionValidation"];
                };
            };
        };
    };
    "redemptions.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redemption"];
                };
            };
        };
    };
    "redemptions.cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RedemptionsCancelParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redemption"];
                };
            };
        };
    };
    "redemptions.confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RedemptionsConfirmParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redemption"];
                };
            };
        };
    };
    "redemptions.use": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RedemptionsUseParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redemption"];
                };
            };
        };
    };
    "referrals.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description The account of the member who shares the code. */
                referrer?: string;
                /** @description The account of who came. */
                referee?: string;
                /** @description Your own id of the new customer. */
                customer?: string;
                /** @description A code; letter case and dashes don't matter. */
                code?: string;
                /** @description Only those that have come so far. */
                status?: "pending" | "attributed" | "converted" | "rejected" | "expired" | "reversed";
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Referral"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "referrals.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReferralsCreateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Referral"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Referral"];
                };
            };
        };
    };
    "referrals.attribute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ReferralsAttributeParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Referral"];
                };
            };
        };
    };
    "referrals.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Referral"];
                };
            };
        };
    };
    "rewards.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Whether it can be redeemed. */
                active?: boolean;
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Reward"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "rewards.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RewardsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reward"];
                };
            };
        };
    };
    "rewards.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reward"];
                };
            };
        };
    };
    "rewards.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RewardsUpdateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reward"];
                };
            };
        };
    };
    "rewards.delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reward"];
                };
            };
        };
    };
    "rewards.import_codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RewardsImportCodesParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CodeImport"];
                };
            };
        };
    };
    "segments.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Segment"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "segments.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Segment"];
                };
            };
        };
    };
    "segments.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Segment"];
                };
            };
        };
    };
    "segments.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SegmentsUpdateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Segment"];
                };
            };
        };
    };
    "segments.delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
        };
    };
    "simulations.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Simulation"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "simulations.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SimulationsCreateParams"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
        };
    };
    "simulations.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
        };
    };
    "simulations.delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
        };
    };
    "store_credit_transactions.list": {
        parameters: {
            query: {
                /** @description The account of the member. */
                account: string;
                /** @description Only those in this currency. */
                currency?: string;
                /** @description Only those of this type. */
                type?: "earn" | "redeem" | "expire" | "adjust" | "reverse";
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["StoreCreditTransaction"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "store_credit_transactions.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StoreCreditTransactionsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoreCreditTransaction"];
                };
            };
        };
    };
    "store_credit_transactions.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoreCreditTransaction"];
                };
            };
        };
    };
    "tiers.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Tier"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "tiers.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TiersCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tier"];
                };
            };
        };
    };
    "tiers.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tier"];
                };
            };
        };
    };
    "tiers.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["TiersUpdateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tier"];
                };
            };
        };
    };
    "tiers.delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
        };
    };
    "transactions.list": {
        parameters: {
            query: {
                /** @description The account of the member. */
                account: string;
                /** @description Only those of this type. */
                type?: "earn" | "redeem" | "expire" | "adjust" | "reverse";
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description `data.calculation`: each with `calculation.explanation`, how it came about in words. */
                expand?: "data.calculation"[];
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Transaction"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "transactions.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TransactionsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transaction"];
                };
            };
        };
    };
    "transactions.retrieve": {
        parameters: {
            query?: {
                /** @description `calculation`: with `calculation.explanation`, how it came about in words. */
                expand?: "calculation"[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transaction"];
                };
            };
        };
    };
    "sandbox.clock.retrieve": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SandboxClock"];
                };
            };
        };
    };
    "sandbox.clock.set": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SandboxClockSetParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SandboxClock"];
                };
            };
        };
    };
    "sandbox.payments.list": {
        parameters: {
            query?: {
                /** @description The program; `prog_default` where a request does not say. */
                program?: string;
                /** @description Only those created then. */
                created?: {
                    /** @description After. */
                    gt?: string | number | Date;
                    /** @description At or after. */
                    gte?: string | number | Date;
                    /** @description Before. */
                    lt?: string | number | Date;
                    /** @description At or before. */
                    lte?: string | number | Date;
                };
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SandboxPayment"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "sandbox.payments.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SandboxPaymentsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SandboxPayment"];
                };
            };
        };
    };
    "sandbox.payments.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SandboxPayment"];
                };
            };
        };
    };
    "sandbox.payments.refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SandboxPaymentsRefundParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SandboxRefund"];
                };
            };
        };
    };
    "webhook_endpoints.list": {
        parameters: {
            query?: {
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookEndpoint"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "webhook_endpoints.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookEndpointsCreateParams"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
        };
    };
    "webhook_endpoints.redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
        };
    };
    "webhook_endpoints.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
        };
    };
    "webhook_endpoints.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["WebhookEndpointsUpdateParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
        };
    };
    "webhook_endpoints.delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
        };
    };
    "webhook_deliveries.list": {
        parameters: {
            query?: {
                /** @description Only those of this status. */
                status?: "pending" | "succeeded" | "failed" | "skipped";
                /** @description Only of this event. */
                event?: string;
                /** @description How many at most; 20 where absent. */
                limit?: number;
                /** @description An id: the page begins after it. */
                starting_after?: string;
                /** @description An id: the page ends before it. */
                ending_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookDelivery"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @constant */
                        object: "list";
                        /** @description The path of the list. */
                        url: string;
                    };
                };
            };
        };
    };
    "webhook_deliveries.retrieve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
        };
    };
    "webhook_deliveries.redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
        };
    };
    "webhook_endpoints.rotate_secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["WebhookEndpointsRotateSecretParams"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
        };
    };
    "webhook_endpoints.test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["WebhookEndpointsTestParams"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
        };
    };
}
