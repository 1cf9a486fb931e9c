import type { ListParams } from '../list.js';
import type { TimeLike, Timestamp } from './common.js';
import type { EventOutcome } from './events.js';

/** A payment that moves no money. */
export interface SandboxPayment {
  id: string;
  object: 'sandbox_payment';
  program: string;
  status: 'completed' | 'failed';
  failure_code: string | null;
  amount: number;
  amount_refunded: number;
  currency: string;
  customer: string | null;
  event: EventOutcome;
  created: Timestamp;
}

/** A payment to simulate. */
export interface SandboxPaymentCreateParams {
  id?: string;
  program?: string;
  customer?: string;
  account?: string;
  email?: string;
  /** In minor units. */
  amount: number;
  currency: string;
  /** `4242 4242 4242 4242` completes, `4000 0000 0000 0002` declines. */
  card?: { number: string };
  line_items?: unknown[];
  metadata?: Record<string, unknown>;
}

/** How much to give back; all unless told. */
export interface SandboxRefundParams {
  id?: string;
  amount?: number;
}

/** A program's time. */
export interface SandboxClock {
  object: 'sandbox_clock';
  program: string;
  now: Timestamp;
}

/** The time to set, forward only. */
export interface SandboxClockSetParams {
  program?: string;
  now: TimeLike;
}

/** Which program's. */
export interface SandboxClockParams {
  program?: string;
}

/** Which payments. */
export interface SandboxPaymentListParams extends ListParams {
  program?: string;
}
