// Made by `npm run generate` from docs/events.json; not to be edited.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * loyalty.account.created
         * @description Somebody has become a member.
         */
        "loyalty.account.created": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /**
                 * Format: date-time
                 * @description When the account was created.
                 */
                created: string;
                /** @description The customer's id in the shop. */
                customer: string | null;
                /** @description The account. */
                id: string;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /** @constant */
                object: "loyalty_account";
                program: string;
                /** @constant */
                status: "active";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.account.created";
        };
        /**
         * loyalty.account.updated
         * @description Fields of a member's account were changed; read the account for them.
         */
        "loyalty.account.updated": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account. */
                id: string;
                /** @constant */
                object: "loyalty_account";
                program: string;
                updated_fields: string[];
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.account.updated";
        };
        /**
         * loyalty.account.closed
         * @description An account was closed: it neither earns nor spends.
         */
        "loyalty.account.closed": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account. */
                id: string;
                /** @constant */
                object: "loyalty_account";
                program: string;
                /** @constant */
                status: "closed";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.account.closed";
        };
        /**
         * loyalty.account.reopened
         * @description A closed account was opened again.
         */
        "loyalty.account.reopened": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account. */
                id: string;
                /** @constant */
                object: "loyalty_account";
                program: string;
                /** @constant */
                status: "active";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.account.reopened";
        };
        /**
         * loyalty.account.merged
         * @description An account was merged into another, for good.
         */
        "loyalty.account.merged": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The survivor, as in every other event. */
                account: string;
                /** @description What the source had ever earned. */
                lifetime_points: number;
                /** @description Points that mature later, which it took over. */
                pending: number;
                /** @description Points that can be spent, which the survivor took over. */
                points: number;
                /** @description The account that was emptied. */
                source: string;
                /** @description The store credit that it took over, by currency, in minor units. */
                store_credit: {
                    /** @description What can be spent; below zero what is owed. */
                    balance: number;
                    /** @description ISO 4217. */
                    currency: string;
                    /** @description What is reserved for redemptions. */
                    reserved: number;
                }[];
                /** @description The survivor. */
                target: string;
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.account.merged";
        };
        /**
         * loyalty.tier.changed
         * @description A member has another tier from `occurred_at` on.
         */
        "loyalty.tier.changed": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description The key of the tier before. */
                from: string | null;
                /**
                 * Format: date-time
                 * @description From when it counts.
                 */
                occurred_at: string;
                /**
                 * @description Why.
                 * @enum {unknown}
                 */
                reason: "threshold_reached" | "period_ended" | "tiers_changed" | "accounts_merged";
                /** @description The key of the tier from now on. */
                to: string | null;
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.tier.changed";
        };
        /**
         * loyalty.points.earned
         * @description A member has earned points that can be spent.
         */
        "loyalty.points.earned": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed points. */
                amount: number;
                /**
                 * Format: date-time
                 * @description From when the points can be spent.
                 */
                available_at: string | null;
                /** @description Points that can be spent right after. */
                balance_after: number;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                /** @description The same as `amount`. */
                points: number;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description The referral concerned. */
                referral: string | null;
                /** @description The rule that made it. */
                rule: string | null;
                /** @description The rule's version then. */
                rule_version: number | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                /** @enum {unknown} */
                status: "pending" | "posted";
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.points.earned";
        };
        /**
         * loyalty.points.pending
         * @description A member has earned points that can be spent from `available_at` on.
         */
        "loyalty.points.pending": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed points. */
                amount: number;
                /**
                 * Format: date-time
                 * @description From when the points can be spent.
                 */
                available_at: string | null;
                /** @description Points that can be spent right after. */
                balance_after: number;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                /** @description The same as `amount`. */
                points: number;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description The referral concerned. */
                referral: string | null;
                /** @description The rule that made it. */
                rule: string | null;
                /** @description The rule's version then. */
                rule_version: number | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                /** @enum {unknown} */
                status: "pending" | "posted";
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.points.pending";
        };
        /**
         * loyalty.points.redeemed
         * @description A member has spent points on a reward, or pays with them.
         */
        "loyalty.points.redeemed": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed points. */
                amount: number;
                /**
                 * Format: date-time
                 * @description From when the points can be spent.
                 */
                available_at: string | null;
                /** @description Points that can be spent right after. */
                balance_after: number;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                /** @description The same as `amount`. */
                points: number;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description The referral concerned. */
                referral: string | null;
                /** @description The rule that made it. */
                rule: string | null;
                /** @description The rule's version then. */
                rule_version: number | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                /** @enum {unknown} */
                status: "pending" | "posted";
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.points.redeemed";
        };
        /**
         * loyalty.points.expired
         * @description Points of a member have run out. `source` is the earning.
         */
        "loyalty.points.expired": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed points. */
                amount: number;
                /**
                 * Format: date-time
                 * @description From when the points can be spent.
                 */
                available_at: string | null;
                /** @description Points that can be spent right after. */
                balance_after: number;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                /** @description The same as `amount`. */
                points: number;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description The referral concerned. */
                referral: string | null;
                /** @description The rule that made it. */
                rule: string | null;
                /** @description The rule's version then. */
                rule_version: number | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                /** @enum {unknown} */
                status: "pending" | "posted";
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.points.expired";
        };
        /**
         * loyalty.points.expiring
         * @description Points of a member run out soon, unless they are spent before. It comes once, `reminder_days` before, and again where activity has put the expiry off.
         */
        "loyalty.points.expiring": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /**
                 * Format: date-time
                 * @description When they expire.
                 */
                expires_at: string;
                /** @description How many, as of when this was written. */
                points: number;
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.points.expiring";
        };
        /**
         * loyalty.points.adjusted
         * @description Somebody has corrected a member's points.
         */
        "loyalty.points.adjusted": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed points. */
                amount: number;
                /**
                 * Format: date-time
                 * @description From when the points can be spent.
                 */
                available_at: string | null;
                /** @description Points that can be spent right after. */
                balance_after: number;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                /** @description The same as `amount`. */
                points: number;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description The referral concerned. */
                referral: string | null;
                /** @description The rule that made it. */
                rule: string | null;
                /** @description The rule's version then. */
                rule_version: number | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                /** @enum {unknown} */
                status: "pending" | "posted";
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.points.adjusted";
        };
        /**
         * loyalty.points.reversed
         * @description A refund or a lost dispute has taken points back from an earning, or a redemption that came to nothing, or whose payment was refunded, has given them back.
         */
        "loyalty.points.reversed": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed points. */
                amount: number;
                /**
                 * Format: date-time
                 * @description From when the points can be spent.
                 */
                available_at: string | null;
                /** @description Points that can be spent right after. */
                balance_after: number;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                /** @description The same as `amount`. */
                points: number;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description The referral concerned. */
                referral: string | null;
                /** @description The earning that it takes back. */
                reverses?: string;
                /** @description The rule that made it. */
                rule: string | null;
                /** @description The rule's version then. */
                rule_version: number | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                /** @enum {unknown} */
                status: "pending" | "posted";
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.points.reversed";
        };
        /**
         * program.budget_reached
         * @description An award has taken the last point of a budget in its window. It comes once for each window, also where refunds give points back.
         */
        "program.budget_reached": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account that got the last point. */
                account: string;
                /** @description The campaign whose budget it is; the program's own where null. */
                campaign: string | null;
                /**
                 * Format: date-time
                 * @description When it ends.
                 */
                ends_at: string | null;
                /** @description The limit in points. */
                points: number;
                /**
                 * Format: date-time
                 * @description When the window began; null for all time.
                 */
                starts_at: string | null;
                /** @enum {unknown} */
                window: "day" | "week" | "month" | "lifetime";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "program.budget_reached";
        };
        /**
         * loyalty.store_credit.earned
         * @description A member was given store credit by a reward.
         */
        "loyalty.store_credit.earned": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed minor units. */
                amount: number;
                /** @description Minor units that can be spent in this currency right after. */
                balance_after: number;
                /** @description ISO 4217. */
                currency: string;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.store_credit.earned";
        };
        /**
         * loyalty.store_credit.redeemed
         * @description A member has spent store credit, or reserved it for a redemption.
         */
        "loyalty.store_credit.redeemed": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed minor units. */
                amount: number;
                /** @description Minor units that can be spent in this currency right after. */
                balance_after: number;
                /** @description ISO 4217. */
                currency: string;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.store_credit.redeemed";
        };
        /**
         * loyalty.store_credit.returned
         * @description Store credit has come back: its redemption was canceled, has expired or was refunded.
         */
        "loyalty.store_credit.returned": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed minor units. */
                amount: number;
                /** @description Minor units that can be spent in this currency right after. */
                balance_after: number;
                /** @description ISO 4217. */
                currency: string;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.store_credit.returned";
        };
        /**
         * loyalty.store_credit.expired
         * @description Store credit has run out. `source` is the transaction that had given it.
         */
        "loyalty.store_credit.expired": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed minor units. */
                amount: number;
                /** @description Minor units that can be spent in this currency right after. */
                balance_after: number;
                /** @description ISO 4217. */
                currency: string;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.store_credit.expired";
        };
        /**
         * loyalty.store_credit.expiring
         * @description Store credit of a member runs out soon, unless it is spent before. It comes once, `reminder_days` before.
         */
        "loyalty.store_credit.expiring": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Minor units, as of when this was written. */
                amount: number;
                /** @description ISO 4217. */
                currency: string;
                /**
                 * Format: date-time
                 * @description When it expires.
                 */
                expires_at: string;
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.store_credit.expiring";
        };
        /**
         * loyalty.store_credit.adjusted
         * @description Somebody has given or taken store credit.
         */
        "loyalty.store_credit.adjusted": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                account: string;
                /** @description Signed minor units. */
                amount: number;
                /** @description Minor units that can be spent in this currency right after. */
                balance_after: number;
                /** @description ISO 4217. */
                currency: string;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                expires_at: string | null;
                /** @description The operator's own keys and values. */
                metadata: Record<string, unknown>;
                /**
                 * @description There, and true, where the operator's metadata would have made the event larger than 20 kB: the API has it.
                 * @constant
                 */
                metadata_omitted?: true;
                /**
                 * Format: date-time
                 * @description When the cause happened.
                 */
                occurred_at: string;
                /** @description The payment concerned. */
                payment: string | null;
                reason: string;
                /** @description The redemption concerned. */
                redemption: string | null;
                /** @description SHA-256 of this and of the seal before it in the member's log. */
                seal: string | null;
                /** @description What caused it. */
                source: {
                    id: string;
                    type: string;
                };
                transaction: string;
                /** @enum {unknown} */
                type: "earn" | "redeem" | "expire" | "adjust" | "reverse";
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "loyalty.store_credit.adjusted";
        };
        /**
         * redemption.created
         * @description A member has redeemed points: for good where `status` is `confirmed`, until `expires_at` where it is `reserved`.
         */
        "redemption.created": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description Its code, once it is issued. */
                code: string | null;
                /**
                 * Format: date-time
                 * @description When the redemption was made.
                 */
                created: string;
                /**
                 * Format: date-time
                 * @description When the reservation ends or ended, where it was one.
                 */
                expires_at: string | null;
                /** @description The redemption. */
                id: string;
                /** @constant */
                object: "redemption";
                /** @description The payment that named it. */
                payment: string | null;
                /** @description Points that it took. */
                points: number;
                program: string;
                /** @description The reward; null where the member pays with points. */
                reward: string | null;
                /** @enum {unknown} */
                status: "reserved" | "confirmed" | "canceled" | "expired" | "used";
                /** @description The store credit that it took instead. */
                store_credit: {
                    amount: number;
                    currency: string;
                } | null;
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "redemption.created";
        };
        /**
         * redemption.confirmed
         * @description A redemption is for good, and its code, where it has one, is issued.
         */
        "redemption.confirmed": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description Its code, once it is issued. */
                code: string | null;
                /**
                 * Format: date-time
                 * @description When the redemption was made.
                 */
                created: string;
                /**
                 * Format: date-time
                 * @description When the reservation ends or ended, where it was one.
                 */
                expires_at: string | null;
                /** @description The redemption. */
                id: string;
                /** @constant */
                object: "redemption";
                /** @description The payment that named it. */
                payment: string | null;
                /** @description Points that it took. */
                points: number;
                program: string;
                /** @description The reward; null where the member pays with points. */
                reward: string | null;
                /** @enum {unknown} */
                status: "reserved" | "confirmed" | "canceled" | "expired" | "used";
                /** @description The store credit that it took instead. */
                store_credit: {
                    amount: number;
                    currency: string;
                } | null;
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "redemption.confirmed";
        };
        /**
         * redemption.canceled
         * @description A redemption was canceled: its points are back.
         */
        "redemption.canceled": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description Its code, once it is issued. */
                code: string | null;
                /**
                 * Format: date-time
                 * @description When the redemption was made.
                 */
                created: string;
                /**
                 * Format: date-time
                 * @description When the reservation ends or ended, where it was one.
                 */
                expires_at: string | null;
                /** @description The redemption. */
                id: string;
                /** @constant */
                object: "redemption";
                /** @description The payment that named it. */
                payment: string | null;
                /** @description Points that it took. */
                points: number;
                program: string;
                /** @description The reward; null where the member pays with points. */
                reward: string | null;
                /** @enum {unknown} */
                status: "reserved" | "confirmed" | "canceled" | "expired" | "used";
                /** @description The store credit that it took instead. */
                store_credit: {
                    amount: number;
                    currency: string;
                } | null;
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "redemption.canceled";
        };
        /**
         * redemption.expired
         * @description A reservation has ended without being confirmed: its points are back.
         */
        "redemption.expired": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description Its code, once it is issued. */
                code: string | null;
                /**
                 * Format: date-time
                 * @description When the redemption was made.
                 */
                created: string;
                /**
                 * Format: date-time
                 * @description When the reservation ends or ended, where it was one.
                 */
                expires_at: string | null;
                /** @description The redemption. */
                id: string;
                /** @constant */
                object: "redemption";
                /** @description The payment that named it. */
                payment: string | null;
                /** @description Points that it took. */
                points: number;
                program: string;
                /** @description The reward; null where the member pays with points. */
                reward: string | null;
                /** @enum {unknown} */
                status: "reserved" | "confirmed" | "canceled" | "expired" | "used";
                /** @description The store credit that it took instead. */
                store_credit: {
                    amount: number;
                    currency: string;
                } | null;
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "redemption.expired";
        };
        /**
         * redemption.used
         * @description A redemption was used at a checkout; it counts once.
         */
        "redemption.used": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description Its code, once it is issued. */
                code: string | null;
                /**
                 * Format: date-time
                 * @description When the redemption was made.
                 */
                created: string;
                /**
                 * Format: date-time
                 * @description When the reservation ends or ended, where it was one.
                 */
                expires_at: string | null;
                /** @description The redemption. */
                id: string;
                /** @constant */
                object: "redemption";
                /** @description The payment that named it. */
                payment: string | null;
                /** @description Points that it took. */
                points: number;
                program: string;
                /** @description The reward; null where the member pays with points. */
                reward: string | null;
                /** @enum {unknown} */
                status: "reserved" | "confirmed" | "canceled" | "expired" | "used";
                /** @description The store credit that it took instead. */
                store_credit: {
                    amount: number;
                    currency: string;
                } | null;
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "redemption.used";
        };
        /**
         * referral.created
         * @description A member has got the code that they share.
         */
        "referral.created": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description The code, of `referral.created`. */
                code: string | null;
                /** @description The referral; of `referral.created` the code's. */
                id: string;
                /** @constant */
                object: "referral";
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                occurred_at: string;
                /** @description The payment, or what else qualified. */
                payment: string | null;
                program: string;
                /**
                 * @description Why it pays nothing.
                 * @enum {unknown}
                 */
                reason: "self_referral" | "velocity" | "shared_fingerprint" | "not_new_customer" | "blocked" | "disposable" | "referrer_closed" | "reward_unavailable" | "account_merged" | null;
                /** @description Redemptions of rewards that both sides were given. */
                redemptions: string[];
                /** @description The account of who came. */
                referee: string | null;
                /** @description The member who shared the code. */
                referrer: string;
                /** @enum {unknown} */
                status: "pending" | "attributed" | "converted" | "rejected" | "expired" | "reversed";
                /** @description Transactions of both sides, the referrer's first: what they were given, or what was taken back. */
                transactions: string[];
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "referral.created";
        };
        /**
         * referral.attributed
         * @description Somebody has come by a member's code. It pays nothing yet.
         */
        "referral.attributed": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description The code, of `referral.created`. */
                code: string | null;
                /** @description The referral; of `referral.created` the code's. */
                id: string;
                /** @constant */
                object: "referral";
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                occurred_at: string;
                /** @description The payment, or what else qualified. */
                payment: string | null;
                program: string;
                /**
                 * @description Why it pays nothing.
                 * @enum {unknown}
                 */
                reason: "self_referral" | "velocity" | "shared_fingerprint" | "not_new_customer" | "blocked" | "disposable" | "referrer_closed" | "reward_unavailable" | "account_merged" | null;
                /** @description Redemptions of rewards that both sides were given. */
                redemptions: string[];
                /** @description The account of who came. */
                referee: string | null;
                /** @description The member who shared the code. */
                referrer: string;
                /** @enum {unknown} */
                status: "pending" | "attributed" | "converted" | "rejected" | "expired" | "reversed";
                /** @description Transactions of both sides, the referrer's first: what they were given, or what was taken back. */
                transactions: string[];
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "referral.attributed";
        };
        /**
         * referral.converted
         * @description Who came has done what qualifies: both sides were given theirs, and both transactions are posted.
         */
        "referral.converted": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description The code, of `referral.created`. */
                code: string | null;
                /** @description The referral; of `referral.created` the code's. */
                id: string;
                /** @constant */
                object: "referral";
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                occurred_at: string;
                /** @description The payment, or what else qualified. */
                payment: string | null;
                program: string;
                /**
                 * @description Why it pays nothing.
                 * @enum {unknown}
                 */
                reason: "self_referral" | "velocity" | "shared_fingerprint" | "not_new_customer" | "blocked" | "disposable" | "referrer_closed" | "reward_unavailable" | "account_merged" | null;
                /** @description Redemptions of rewards that both sides were given. */
                redemptions: string[];
                /** @description The account of who came. */
                referee: string | null;
                /** @description The member who shared the code. */
                referrer: string;
                /** @enum {unknown} */
                status: "pending" | "attributed" | "converted" | "rejected" | "expired" | "reversed";
                /** @description Transactions of both sides, the referrer's first: what they were given, or what was taken back. */
                transactions: string[];
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "referral.converted";
        };
        /**
         * referral.rejected
         * @description A referral pays nothing: `reason` says why.
         */
        "referral.rejected": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description The code, of `referral.created`. */
                code: string | null;
                /** @description The referral; of `referral.created` the code's. */
                id: string;
                /** @constant */
                object: "referral";
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                occurred_at: string;
                /** @description The payment, or what else qualified. */
                payment: string | null;
                program: string;
                /**
                 * @description Why it pays nothing.
                 * @enum {unknown}
                 */
                reason: "self_referral" | "velocity" | "shared_fingerprint" | "not_new_customer" | "blocked" | "disposable" | "referrer_closed" | "reward_unavailable" | "account_merged" | null;
                /** @description Redemptions of rewards that both sides were given. */
                redemptions: string[];
                /** @description The account of who came. */
                referee: string | null;
                /** @description The member who shared the code. */
                referrer: string;
                /** @enum {unknown} */
                status: "pending" | "attributed" | "converted" | "rejected" | "expired" | "reversed";
                /** @description Transactions of both sides, the referrer's first: what they were given, or what was taken back. */
                transactions: string[];
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "referral.rejected";
        };
        /**
         * referral.expired
         * @description Who came has not done in time what qualifies.
         */
        "referral.expired": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description The code, of `referral.created`. */
                code: string | null;
                /** @description The referral; of `referral.created` the code's. */
                id: string;
                /** @constant */
                object: "referral";
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                occurred_at: string;
                /** @description The payment, or what else qualified. */
                payment: string | null;
                program: string;
                /**
                 * @description Why it pays nothing.
                 * @enum {unknown}
                 */
                reason: "self_referral" | "velocity" | "shared_fingerprint" | "not_new_customer" | "blocked" | "disposable" | "referrer_closed" | "reward_unavailable" | "account_merged" | null;
                /** @description Redemptions of rewards that both sides were given. */
                redemptions: string[];
                /** @description The account of who came. */
                referee: string | null;
                /** @description The member who shared the code. */
                referrer: string;
                /** @enum {unknown} */
                status: "pending" | "attributed" | "converted" | "rejected" | "expired" | "reversed";
                /** @description Transactions of both sides, the referrer's first: what they were given, or what was taken back. */
                transactions: string[];
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "referral.expired";
        };
        /**
         * referral.reversed
         * @description The payment that qualified was refunded: what both sides were given is taken back.
         */
        "referral.reversed": {
            /**
             * Format: date-time
             * @description When what it tells of was written.
             */
            created: string;
            data: {
                /** @description The account in whose log this stands. */
                account: string;
                /** @description The code, of `referral.created`. */
                code: string | null;
                /** @description The referral; of `referral.created` the code's. */
                id: string;
                /** @constant */
                object: "referral";
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                occurred_at: string;
                /** @description The payment, or what else qualified. */
                payment: string | null;
                program: string;
                /**
                 * @description Why it pays nothing.
                 * @enum {unknown}
                 */
                reason: "self_referral" | "velocity" | "shared_fingerprint" | "not_new_customer" | "blocked" | "disposable" | "referrer_closed" | "reward_unavailable" | "account_merged" | null;
                /** @description Redemptions of rewards that both sides were given. */
                redemptions: string[];
                /** @description The account of who came. */
                referee: string | null;
                /** @description The member who shared the code. */
                referrer: string;
                /** @enum {unknown} */
                status: "pending" | "attributed" | "converted" | "rejected" | "expired" | "reversed";
                /** @description Transactions of both sides, the referrer's first: what they were given, or what was taken back. */
                transactions: string[];
            };
            /** @description The same however often the event is sent. */
            id: string;
            /** @constant */
            object: "event";
            program: string;
            /** @constant */
            type: "referral.reversed";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
