export { Laurel, Laurel as Vinr, Laurel as default, type LaurelOptions } from './client.js';
export {
  APIError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  type ErrorBody,
  IdempotencyError,
  InvalidRequestError,
  LaurelError,
  NotFoundError,
  PermissionError,
  RateLimitError,
  SignatureVerificationError,
} from './errors.js';
export type * from './events.js';
export type { RequestOptions } from './http.js';
export type { JournalPage } from './journal.js';
export type { ListBody, ListParams, ListPromise, Page } from './list.js';
export type * from './types/common.js';
export type * from './types/events.js';
export type * from './types/keys.js';
export type * from './types/loyalty.js';
export type * from './types/sandbox.js';
export type * from './types/webhooks.js';
export {
  type HeadersLike,
  type RawBody,
  type Secrets,
  SIGNATURE_HEADER,
  type SignatureLike,
  type SignedPayload,
  type VerifyOptions,
  Webhooks,
} from './webhooks.js';
