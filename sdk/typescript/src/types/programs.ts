import type { TimedListParams, Metadata, MetadataChange, Timestamp } from './common.js';

/** How fractions of points are rounded, once, in the end. */
export type Rounding = 'floor' | 'half_up' | 'half_even' | 'ceil';

/** When points end: after a time from their earning, or after a time without activity. */
export type Expiry = { after: string; round?: 'day' | 'month' | 'year' | null } | { inactivity: string };

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

/** How many referrals of one member may convert in a window. */
export interface Velocity {
  maxConversionsPerWindow?: number;
  windowDays?: number;
}

/** What can be set on a program. */
export interface ProgramSettings {
  name?: string;
  /** What its points are called. */
  currency?: string;
  /** The IANA time zone of its windows. */
  timezone?: string;
  rounding?: Rounding;
  /** Whether a customer's first event makes a member. */
  auto_enroll?: boolean;
  /** What happens to a balance that a refund takes more from than it has. */
  negative_balance?: 'allow' | 'clamp';
  /** After how many days an award can be spent. */
  pending_days?: number;
  expires?: Expiry | null;
  velocity?: Velocity | null;
  reward?: ReferralReward | null;
  qualify?: QualifyRule | null;
  code_prefix?: string | null;
  signup_url?: string | null;
  metadata?: MetadataChange | null;
}

/** A new program. */
export interface ProgramCreateParams extends ProgramSettings {
  /** `prog_…`, where you want to choose it. */
  id?: string;
}

/** A change of a program; what is absent stays. */
export type ProgramUpdateParams = ProgramSettings;

/** Which programs. */
export type ProgramListParams = TimedListParams;

/** A loyalty program: its currency, settings and rules. */
export interface Program extends Required<Omit<ProgramSettings, 'metadata' | ProgramLater>>, Pick<ProgramSettings, ProgramLater> {
  id: string;
  object: 'program';
  metadata: Metadata;
  created: Timestamp;
}

type ProgramLater = 'velocity' | 'reward' | 'qualify' | 'code_prefix' | 'signup_url';
