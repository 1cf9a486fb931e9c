/** The body of an error, as the API answers it. */
export interface ErrorBody {
  type: string;
  code: string;
  message: string;
  param?: string | null;
  account?: string | null;
  request_id?: string | null;
}

/** What every error of this package is an instance of. */
export class LaurelError extends Error {
  override readonly name: string = 'LaurelError';
  /** The stable, machine-readable reason, as `account_already_exists`. */
  readonly code: string | undefined;
  /** The family of the error, as `invalid_request_error`. */
  readonly type: string | undefined;
  /** The field at fault with its path, as `award.per`. */
  readonly param: string | undefined;
  /** The account concerned, as the existing one of `account_already_exists`. */
  readonly account: string | undefined;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** The id to find the request by in the logs. */
  readonly requestId: string | undefined;
  /** How long the API asks to wait before the next try, in seconds. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    const { body } = details;
    this.code = body?.code ?? details.code;
    this.type = body?.type;
    this.param = body?.param ?? undefined;
    this.account = body?.account ?? undefined;
    this.status = details.status;
    this.requestId = body?.request_id ?? details.requestId;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** What an error is made of. */
export interface ErrorDetails {
  body?: ErrorBody | undefined;
  code?: string | undefined;
  status?: number | undefined;
  requestId?: string | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/** 400, 405, 413, 415: the request is not as it should be; `param` names the field. */
export class InvalidRequestError extends LaurelError {
  override readonly name = 'InvalidRequestError';
}

/** 401: the key is missing, unknown or revoked. */
export class AuthenticationError extends LaurelError {
  override readonly name = 'AuthenticationError';
}

/** 403: the key may not do this. */
export class PermissionError extends LaurelError {
  override readonly name = 'PermissionError';
}

/** 404: there is no such object, or none that the key may see. */
export class NotFoundError extends LaurelError {
  override readonly name = 'NotFoundError';
}

/** 409: the state of things is against it; `code` says how, `account` names who is in the way. */
export class ConflictError extends LaurelError {
  override readonly name = 'ConflictError';
}

/** 409: the `Idempotency-Key` was used for another request. */
export class IdempotencyError extends LaurelError {
  override readonly name = 'IdempotencyError';
}

/** 429, after the last retry: too many requests with this key. */
export class RateLimitError extends LaurelError {
  override readonly name = 'RateLimitError';
}

/** 5xx, after the last retry, or an answer that is none of the API's. */
export class APIError extends LaurelError {
  override readonly name = 'APIError';
}

/** There was no answer, after the last retry. `code` is `timeout` or `connection_failed`. */
export class ConnectionError extends LaurelError {
  override readonly name = 'ConnectionError';
}

/** A webhook's signature does not hold; the message names the likely cause. */
export class SignatureVerificationError extends LaurelError {
  override readonly name = 'SignatureVerificationError';
}

/** The error that an answer stands for. */
export function errorOf(status: number, text: string, details: Omit<ErrorDetails, 'body' | 'status'>): LaurelError {
  const body = readBody(text);
  const message = body?.message ?? `The API answered ${status} without saying why.`;
  return new (classOf(status, body?.type))(message, { ...details, status, body });
}

function classOf(status: number, type: string | undefined): typeof LaurelError {
  if (type === 'idempotency_error') return IdempotencyError;
  switch (status) {
    case 401:
      return AuthenticationError;
    case 403:
      return PermissionError;
    case 404:
      return NotFoundError;
    case 409:
      return ConflictError;
    case 429:
      return RateLimitError;
    default:
      return status >= 400 && status < 500 ? InvalidRequestError : APIError;
  }
}

function readBody(text: string): ErrorBody | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: ErrorBody };
    return typeof error?.message === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
