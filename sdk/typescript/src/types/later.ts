// Objects of routes that the API does not serve yet, as its specification describes them.
import type { ListParams } from '../list.js';
import type { MetadataChange, Timestamp } from './common.js';
import type { IncomingEvent } from './events.js';

/** What both sides of a referral get. */
export interface ReferralReward {
  referrer?: RewardSide;
  referee?: RewardSide;
}

/** Points, a reward of the catalog, or store credit. */
export interface RewardSide {
  points?: number;
  reward?: string;
  store_credit?: { amount: number; currency: string };
}

/** What a referee must do for a referral to convert. */
export interface QualifyRule {
  /** The least amount of the first payment, in minor units. */
  firstPaymentMinimum?: number;
  /** Within how many days of the attribution. */
  windowDays?: number;
  /** The event type that converts, `payment.completed` unless told. */
  trigger?: string;
}

/** A member's code, and what came of it for one referee. */
export interface Referral {
  id: string;
  object: 'referral';
  program: string;
  code: string;
  shareUrl: string;
  referrer: string;
  referee: string | null;
  customer: string | null;
  status: 'pending' | 'attributed' | 'converted' | 'rejected' | 'expired' | 'reversed';
  reason: string | null;
  reward: ReferralReward;
  qualify: QualifyRule;
  created: Timestamp;
}

/** Whose code to mint, and what overrides the program. */
export interface ReferralCreateParams {
  program?: string;
  referrer: string;
  reward?: ReferralReward;
  qualify?: QualifyRule;
  metadata?: MetadataChange;
}

/** Who came by a code, or by a click on the landing page. */
export interface ReferralAttributeParams {
  code?: string;
  click?: string;
  customer: string;
  account?: string;
  email?: string;
  device_fingerprint?: string;
}

/** Which referrals. */
export interface ReferralListParams extends ListParams {
  program?: string;
  referrer?: string;
  code?: string;
  status?: Referral['status'];
}

/** What every list of a program takes. */
export interface ProgramScopedListParams extends ListParams {
  program?: string;
}

/** An event that has not happened. */
export interface EstimateParams {
  account?: string;
  program?: string;
  event: Omit<IncomingEvent, 'id' | 'program'>;
}

/** What it would give, rule by rule. */
export interface Estimate {
  points: number;
  rules: { rule: string; points: number; reason: string | null; calculation: unknown }[];
}
