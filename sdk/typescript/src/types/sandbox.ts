// The names by which code speaks of what the API describes below `/v1/sandbox`.
import type { QueryOf, Schema } from './schema.js';

/** A payment that moves no money. */
export interface SandboxPayment extends Schema<'SandboxPayment'> {}
/** A payment to simulate; the card says what comes of it. */
export interface SandboxPaymentCreateParams extends Schema<'SandboxPaymentsCreateParams'> {}
/** Which payments. */
export interface SandboxPaymentListParams extends QueryOf<'sandbox.payments.list'> {}
/** A refund of such a payment. */
export interface SandboxRefund extends Schema<'SandboxRefund'> {}
/** How much to give back; all unless told. */
export interface SandboxRefundParams extends Schema<'SandboxPaymentsRefundParams'> {}

/** A program's time. */
export interface SandboxClock extends Schema<'SandboxClock'> {}
/** The time to set, forward only. */
export interface SandboxClockSetParams extends Schema<'SandboxClockSetParams'> {}
/** Which program's. */
export interface SandboxClockParams extends QueryOf<'sandbox.clock.retrieve'> {}
