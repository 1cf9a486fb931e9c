import type { Metadata, MetadataChange, TimedListParams, TimeLike, Timestamp } from './common.js';
import type { Expiry } from './programs.js';

/** How points are computed. */
export type Award =
  | { type: 'per_amount'; per: number; points: Factor }
  | { type: 'fixed'; points: number }
  | { type: 'per_currency'; rates: Record<string, Factor> }
  | ({ type: 'per_currency' } & Record<Uppercase<string>, Factor>);

/** A decimal, exact where it is a string. */
export type Factor = number | string;

/** The most that a rule gives to one member in one window. */
export interface Cap {
  points?: number | null;
  awards?: number | null;
  /** Whether the window trails the event rather than following the calendar. */
  rolling?: boolean;
}

/** Which line items earn. */
export interface EarnOn {
  categories?: string[] | null;
  products?: string[] | null;
  exclude?: { categories?: string[] | null; products?: string[] | null } | null;
}

/** What can be changed on a rule. */
export interface EarningRuleUpdateParams {
  name?: string | null;
  award?: Award;
  multiplier?: Factor;
  basis?: 'exact' | 'whole_units';
  basis_field?: string | null;
  earn_on?: EarnOn | null;
  cap?: Cap | null;
  window?: 'day' | 'week' | 'month' | 'lifetime';
  carry?: boolean;
  active?: boolean;
  starts_at?: TimeLike | null;
  ends_at?: TimeLike | null;
  pending_days?: number | null;
  expires?: Expiry | null;
  priority?: number;
  exclusive_group?: string | null;
  exclusive?: 'priority' | 'best';
  recipient?: 'member' | 'referrer' | 'referee';
  metadata?: MetadataChange | null;
}

/** A new rule. */
export interface EarningRuleCreateParams extends EarningRuleUpdateParams {
  /** `rule_…`, where you want to choose it. */
  id?: string;
  program?: string;
  /** The event type that the rule listens to. */
  trigger: string;
  award: Award;
}

/** Which rules. */
export interface EarningRuleListParams extends TimedListParams {
  program?: string;
  trigger?: string;
  active?: boolean;
}

/** Which event gives how many points. */
export interface EarningRule extends Required<Omit<EarningRuleUpdateParams, 'metadata' | 'starts_at' | 'ends_at'>> {
  id: string;
  object: 'earning_rule';
  program: string;
  trigger: string;
  starts_at: Timestamp | null;
  ends_at: Timestamp | null;
  /** It grows with each change; transactions name the one that made them. */
  version: number;
  metadata: Metadata;
  created: Timestamp;
}
