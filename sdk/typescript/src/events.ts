import type { Account, Transaction } from './types/loyalty.js';
import type { Timestamp } from './types/common.js';

/** What `loyalty.points.*` tells: the transaction, with its id as `transaction`. */
export type PointsEventData = Omit<Transaction, 'id' | 'object' | 'program' | 'created' | 'calculation'> & {
  transaction: string;
};

/** What `loyalty.account.*` tells: what is known of the account then. */
export type AccountEventData = Partial<Account> & { id: string };

/** What `referral.*` tells. */
export interface ReferralEventData {
  referral: string;
  code: string;
  referrer: string;
  referee: string | null;
  customer: string | null;
  reason?: string;
}

/** What `referral.converted` and `referral.reversed` tell besides. */
export interface ReferralRewardedEventData extends ReferralEventData {
  /** What both sides were given, or lost again. */
  transactions: string[];
}

/** What `redemption.*` tells. */
export interface RedemptionEventData {
  redemption: string;
  account: string;
  reward: string | null;
  points: number;
  status: string;
}

/** The data of each event type that Laurel emits. */
export interface EventDataByType {
  'loyalty.account.created': AccountEventData;
  'loyalty.account.updated': AccountEventData & { updated_fields: string[] };
  'loyalty.account.closed': AccountEventData;
  'loyalty.account.reopened': AccountEventData;
  'loyalty.account.merged': { source: string; target: string; [field: string]: unknown };
  'loyalty.points.earned': PointsEventData;
  'loyalty.points.pending': PointsEventData;
  'loyalty.points.redeemed': PointsEventData;
  'loyalty.points.expired': PointsEventData;
  'loyalty.points.expiring': { account: string; points: number; expires_at: Timestamp };
  'loyalty.points.adjusted': PointsEventData;
  'loyalty.points.reversed': PointsEventData;
  'loyalty.tier.changed': { account: string; from: string | null; to: string | null; reason: string };
  'referral.created': ReferralEventData;
  'referral.attributed': ReferralEventData;
  'referral.converted': ReferralRewardedEventData;
  'referral.rejected': ReferralEventData & { reason: string };
  'referral.expired': ReferralEventData;
  'referral.reversed': ReferralRewardedEventData;
  'redemption.created': RedemptionEventData;
  'redemption.confirmed': RedemptionEventData;
  'redemption.canceled': RedemptionEventData;
  'redemption.expired': RedemptionEventData;
  'program.budget_reached': { [field: string]: unknown };
}

/** The event types that Laurel emits. */
export type EventName = keyof EventDataByType;

/** An emitted event of one type. */
export interface EventOf<Type extends EventName> {
  /** `evt_…`, the same however often it is delivered: what to recognise repeats by. */
  id: string;
  object: 'event';
  type: Type;
  created: Timestamp;
  program: string;
  data: EventDataByType[Type];
}

/** An emitted event; `type` tells which, and with it what `data` holds. */
export type WebhookEvent = { [Type in EventName]: EventOf<Type> }[EventName];
