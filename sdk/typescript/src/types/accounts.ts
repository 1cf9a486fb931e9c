import type { Metadata, MetadataChange, TimedListParams, Timestamp } from './common.js';

/** A member's state. */
export type AccountStatus = 'active' | 'closed' | 'merged';

/** A member: the link between a customer and a program, with a balance. */
export interface Account {
  id: string;
  object: 'loyalty_account';
  program: string;
  customer: string | null;
  email: string | null;
  status: AccountStatus;
  /** Points that can be spent now. */
  balance: number;
  /** Points that are earned and cannot be spent yet. */
  pending: number;
  /** All points ever earned; it never falls. */
  lifetime_points: number;
  tier: string | null;
  metadata: Metadata;
  /** The account that this one was merged into. */
  merged_into: string | null;
  created: Timestamp;
}

/** A new member. */
export interface AccountCreateParams {
  /** `loy_…`, for imports that bring their own ids. */
  id?: string;
  program?: string;
  customer?: string | null;
  email?: string | null;
  metadata?: MetadataChange | null;
}

/** A change of a member; what is absent stays. */
export interface AccountUpdateParams {
  customer?: string | null;
  email?: string | null;
  metadata?: MetadataChange | null;
}

/** Which members. */
export interface AccountListParams extends TimedListParams {
  program?: string;
  customer?: string;
  email?: string;
  status?: AccountStatus;
}

/** Which two accounts become one. */
export interface AccountMergeParams {
  /** It is emptied. */
  source: string;
  /** It receives everything. */
  target: string;
}

/** How long a member token is to last. */
export interface MemberTokenCreateParams {
  ttl_minutes?: number;
}

/** What lets a page show a member's own balance, together with a publishable key. */
export interface MemberToken {
  object: 'member_token';
  token: string;
  expires_at: Timestamp;
}

/** What one cause did to a balance. */
export type TransactionType = 'earn' | 'redeem' | 'expire' | 'adjust' | 'reverse';

/** One immutable entry of the ledger. */
export interface Transaction {
  id: string;
  object: 'points_transaction';
  account: string;
  program: string;
  type: TransactionType;
  /** Signed. */
  amount: number;
  /** The same as `amount`. */
  points: number;
  rule: string | null;
  rule_version: number | null;
  reason: string | null;
  source: { type: string; id: string };
  payment: string | null;
  redemption: string | null;
  referral: string | null;
  status: 'pending' | 'posted' | 'void';
  available_at: Timestamp | null;
  expires_at: Timestamp | null;
  occurred_at: Timestamp;
  created: Timestamp;
  balance_after: number;
  metadata: TransactionMetadata;
  /** How the points came about. */
  calculation: unknown;
  /** The transaction that a reversal takes back. */
  reverses?: string;
}

/** Your own keys, and what the engine has to say. */
export interface TransactionMetadata {
  /** Whether a cap cut the award. */
  capped?: boolean;
  /** What the award would have been. */
  uncapped_points?: number;
  [key: string]: unknown;
}

/** A correction of a balance. */
export interface TransactionCreateParams {
  account: string;
  type: 'adjust';
  /** Signed. */
  amount: number;
  reason: string;
  /** Whether the balance may end below zero. */
  allow_negative?: boolean;
  /** Whether the points count into `lifetime_points`, as in a migration. */
  lifetime?: boolean;
  expires_at?: string | Date | null;
  metadata?: MetadataChange | null;
}

/** Which transactions. */
export interface TransactionListParams extends TimedListParams {
  account: string;
  type?: TransactionType;
}

