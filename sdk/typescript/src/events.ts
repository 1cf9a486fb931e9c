import type { components } from './catalog.js';
import type { Timestamp } from './types/common.js';

type Catalog = components['schemas'];

/** What `referral.*` tells. */
export interface ReferralEventData {
  referral: string;
  code: string;
  referrer: string;
  referee: string | null;
  customer: string | null;
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

/** Events that the catalogue does not list yet, as the API's specification describes them. */
interface LaterEventData {
  'loyalty.points.redeemed': Catalog['loyalty.points.earned']['data'];
  'loyalty.points.expiring': { account: string; points: number; expires_at: Timestamp };
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
  'program.budget_reached': Record<string, unknown>;
}

/** The data of each event type that Laurel emits. */
export type EventDataByType = { [Type in keyof Catalog]: Catalog[Type]['data'] } & Omit<LaterEventData, keyof Catalog>;

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
