import { randomId, userAgent } from '#platform';

import { APIError, ConnectionError, errorOf, type LaurelError } from './errors.js';

/** What may be said for one call only. */
export interface RequestOptions {
  /** Sent as `Idempotency-Key` of a POST; without one each call makes its own. */
  idempotencyKey?: string | undefined;
  /** How long one try may take, in milliseconds. */
  timeoutMs?: number | undefined;
  /** How often to try again. */
  maxRetries?: number | undefined;
  /** Ends the call, also between two tries. */
  signal?: AbortSignal | undefined;
}

/** How the client talks to the API. */
export interface Connection {
  baseUrl: string;
  secretKey: string;
  memberToken: string | undefined;
  timeoutMs: number;
  maxRetries: number;
  fetch: typeof globalThis.fetch;
}

/** One call. */
export interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  /** With its ids already in it, as `/v1/loyalty/accounts/loy_1`. */
  path: string;
  query?: object | undefined;
  body?: unknown;
  options?: RequestOptions | undefined;
}

/** An answer that is no error; its body has been read. */
export interface Answer {
  text: string;
  response: Response;
}

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 8_000;
/** A server that asks for more is better waited for by the caller. */
const RETRY_AFTER_MAX_SECONDS = 60;

/** Makes calls: one place for headers, time-outs, retries and errors. */
export class Http {
  constructor(private readonly connection: Connection) {}

  /**
   * Makes a call, again where that may help: after 429, 5xx, `conflict` and a lost connection. A POST bears
   * the same `Idempotency-Key` on all tries, so that it takes effect once.
   */
  async call<T>(call: Call): Promise<T> {
    const { text, response } = await this.send(call);
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch (cause) {
      const message = `${new URL(this.connection.baseUrl).host} answered what is not JSON; is it Laurel's address?`;
      const requestId = response.headers.get('request-id') ?? undefined;
      throw new APIError(message, { status: response.status, requestId, cause });
    }
  }

  /** As `call`, whose answer is taken as it comes. */
  async send({ method, path, query, body, options = {} }: Call): Promise<Answer> {
    const { baseUrl, secretKey, memberToken } = this.connection;
    const headers: Record<string, string> = { accept: 'application/json', authorization: `Bearer ${secretKey}` };
    if (userAgent !== undefined) headers['user-agent'] = userAgent;
    if (memberToken !== undefined) headers['x-member-token'] = memberToken;
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (method === 'POST') headers['idempotency-key'] = options.idempotencyKey ?? randomId();
    const request = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const url = `${baseUrl}${path}${queryString(query)}`;

    const maxRetries = options.maxRetries ?? this.connection.maxRetries;
    for (let retry = 0; ; retry += 1) {
      const outcome = await this.attempt(url, request, options);
      if ('answer' in outcome) return outcome.answer;
      const { error } = outcome;
      const wait = waitMs(retry, error.retryAfterSeconds);
      if (!isRetryable(error) || retry >= maxRetries || wait === undefined) throw error;
      await sleep(wait, options.signal);
    }
  }

  private async attempt(
    url: string,
    request: RequestInit,
    { signal, timeoutMs = this.connection.timeoutMs }: RequestOptions,
  ): Promise<{ answer: Answer } | { error: LaurelError }> {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    signal?.addEventListener('abort', abort, { once: true });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      abort();
    }, timeoutMs);
    let response: Response;
    let text: string;
    try {
      response = await this.connection.fetch(url, { ...request, signal: controller.signal });
      // The time-out holds for the body as well.
      text = await response.text();
    } catch (cause) {
      signal?.throwIfAborted();
      const host = new URL(url).host;
      const error = isLate
        ? new ConnectionError(`${host} did not answer within ${timeoutMs} ms.`, { code: 'timeout', cause })
        : new ConnectionError(`${host} cannot be reached.`, { code: 'connection_failed', cause });
      return { error };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
    const requestId = response.headers.get('request-id') ?? undefined;
    if (!response.ok) {
      const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'));
      return { error: errorOf(response.status, text, { requestId, retryAfterSeconds }) };
    }
    return { answer: { text, response } };
  }
}

function isRetryable({ status, code }: LaurelError): boolean {
  // Others kept changing the same object, or the same request is under way elsewhere.
  const isContention = status === 409 && code === 'conflict';
  return status === undefined || status === 429 || status >= 500 || isContention;
}

/** Undefined where the server asks for more patience than a call should have. */
function waitMs(retry: number, retryAfterSeconds: number | undefined): number | undefined {
  if (retryAfterSeconds !== undefined) {
    return retryAfterSeconds > RETRY_AFTER_MAX_SECONDS ? undefined : retryAfterSeconds * 1000;
  }
  const most = Math.min(BACKOFF_FIRST_MS * 2 ** retry, BACKOFF_MAX_MS);
  // Half of it by chance, so that clients that failed together don't come back together.
  return most / 2 + (Math.random() * most) / 2;
}

/** Seconds or a date, as HTTP has it. */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? (Date.parse(header) - Date.now()) / 1000 : seconds;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
  });
}

/** `{created: {gte}}` is `created[gte]=…`; what is undefined is not sent. */
function queryString(query: object | undefined): string {
  const pairs: [string, string][] = [];
  const add = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (value instanceof Date) {
      pairs.push([name, value.toISOString()]);
    } else if (typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) add(name === '' ? key : `${name}[${key}]`, inner);
    } else {
      pairs.push([name, String(value)]);
    }
  };
  add('', query ?? {});
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}
