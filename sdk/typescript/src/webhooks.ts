import { hmacSha256, randomId, subtle } from '#platform';

import { SignatureVerificationError } from './errors.js';
import type { WebhookEvent } from './events.js';

/** A body as it came over the wire: its very bytes, or the text that they are in UTF-8. */
export type RawBody = string | Uint8Array;

/** Headers in any of the forms that servers have them in. */
export type HeadersLike = Headers | Record<string, string | string[] | undefined>;

/**
 * Either the header `x-vinr-signature` alone, or all headers of the request; with all of them the
 * Standard Webhooks signature is used where it is there.
 */
export type SignatureLike = string | string[] | undefined | null | HeadersLike;

/** The secret of an endpoint, `whsec_…`; several while one is replaced by another. */
export type Secrets = string | readonly string[];

/** How to verify. */
export interface VerifyOptions {
  /** By how many seconds the timestamp may differ from now, 300 unless told. */
  toleranceSeconds?: number | undefined;
  /** The header of Laurel's own signature, where the endpoint has another one. */
  signatureHeader?: string | undefined;
}

/** A signed delivery, to test a handler with. */
export interface SignedPayload {
  /** The body. */
  payload: string;
  /** The headers, with both signatures. */
  headers: Record<string, string>;
}

/** The header of Laurel's own signature. */
export const SIGNATURE_HEADER = 'x-vinr-signature';
const TOLERANCE_SECONDS = 300;
const STANDARD_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
const SECRET_PREFIX = 'whsec_';

/** Verifies what comes to a webhook endpoint. */
export class Webhooks {
  constructor(private readonly secrets?: Secrets | undefined) {}

  /**
   * The event of a delivery, once its signature was found right.
   *
   * @param payload the raw body: what a JSON parser made of it has other bytes.
   * @param signature the header `x-vinr-signature`, or all headers of the request.
   * @param secret the endpoint's secret, unless the client has it.
   * @throws SignatureVerificationError, which says why.
   */
  verify(payload: RawBody, signature: SignatureLike, secret?: Secrets, options: VerifyOptions = {}): WebhookEvent {
    const { message, keys, signatures, body } = this.prepare(payload, signature, secret, options);
    accept(keys.some((key) => isAmong(hmacSha256(key, message), signatures)));
    return parse(body);
  }

  /** As `verify`, for runtimes that have WebCrypto only. */
  async verifyAsync(
    payload: RawBody,
    signature: SignatureLike,
    secret?: Secrets,
    options: VerifyOptions = {},
  ): Promise<WebhookEvent> {
    const { message, keys, signatures, body } = this.prepare(payload, signature, secret, options);
    const made = await Promise.all(keys.map((key) => hmacSha256Async(key, message)));
    accept(made.some((mac) => isAmong(mac, signatures)));
    return parse(body);
  }

  /**
   * Signs a payload as Laurel does, for tests of a handler.
   *
   * @param payload an event, or the text of a body.
   * @param options whose `secret` stands in for the client's.
   */
  signTestPayload(
    payload: string | object,
    options: { secret?: string; id?: string; timestamp?: number | Date } = {},
  ): SignedPayload {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const [secret] = this.known(options.secret);
    const { timestamp = Math.floor(Date.now() / 1000) } = options;
    const seconds = typeof timestamp === 'number' ? timestamp : Math.floor(timestamp.getTime() / 1000);
    const id = options.id ?? idOf(body) ?? `evt_${randomId()}`;
    const own = hmacSha256(bytes(secret), bytes(`${seconds}.${body}`));
    const standard = hmacSha256(standardKey(secret), bytes(`${id}.${seconds}.${body}`));
    return {
      payload: body,
      headers: {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: `t=${seconds},v1=${hex(own)}`,
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${btoa(String.fromCharCode(...standard))}`,
      },
    };
  }

  private prepare(
    payload: RawBody,
    signature: SignatureLike,
    secret: Secrets | undefined,
    { toleranceSeconds = TOLERANCE_SECONDS, signatureHeader = SIGNATURE_HEADER }: VerifyOptions,
  ): Prepared {
    const body = bodyOf(payload);
    const secrets = this.known(secret);
    const { prefix, timestamp, signatures, keyOf } = read(signature, signatureHeader.toLowerCase());
    const ageSeconds = Date.now() / 1000 - timestamp;
    if (Math.abs(ageSeconds) > toleranceSeconds) {
      const direction = ageSeconds > 0 ? 'old' : 'ahead of this clock';
      throw new SignatureVerificationError(
        `The signature's timestamp is ${Math.round(Math.abs(ageSeconds))} s ${direction}, which is more than the ` +
          `${toleranceSeconds} s allowed. Is this a replay, or is this machine's clock wrong?`,
        { code: 'timestamp_out_of_tolerance' },
      );
    }
    const message = joined(bytes(prefix), body);
    return { message, keys: secrets.map(keyOf), signatures, body };
  }

  private known(secret: Secrets | undefined): [string, ...string[]] {
    const given = secret ?? this.secrets ?? [];
    const [first, ...rest] = (typeof given === 'string' ? [given] : given).filter((text) => text !== '');
    if (first === undefined) {
      throw new SignatureVerificationError(
        'There is no webhook secret: pass the endpoint’s whsec_… as third argument, as `webhookSecret` of the ' +
          'client, or in the environment as LAUREL_WEBHOOK_SECRET.',
        { code: 'secret_missing' },
      );
    }
    return [first, ...rest];
  }
}

interface Prepared {
  message: Uint8Array;
  keys: Uint8Array[];
  signatures: Uint8Array[];
  body: Uint8Array;
}

/** What the headers say: what was signed before the body, when, how, and the signatures. */
interface Claim {
  prefix: string;
  timestamp: number;
  signatures: Uint8Array[];
  keyOf: (secret: string) => Uint8Array;
}

function bodyOf(payload: RawBody): Uint8Array {
  if (typeof payload === 'string') return bytes(payload);
  if (payload instanceof Uint8Array) return payload;
  throw new SignatureVerificationError(
    'The payload must be the raw body, a string or bytes, but is a parsed object. Are you passing the raw body? ' +
      'Take it before any JSON parser does, as with express.raw({ type: "application/json" }).',
    { code: 'payload_not_raw' },
  );
}

function read(signature: SignatureLike, ownHeader: string): Claim {
  if (signature !== null && typeof signature === 'object' && !Array.isArray(signature)) {
    const header = lookup(signature);
    const [id, timestamp, standard] = STANDARD_HEADERS.map(header);
    if (id !== undefined && timestamp !== undefined && standard !== undefined) {
      return readStandard(id, timestamp, standard);
    }
    return readOwn(header(ownHeader));
  }
  return readOwn(Array.isArray(signature) ? signature.join(',') : signature);
}

function lookup(headers: HeadersLike): (name: string) => string | undefined {
  if (typeof (headers as Headers).get === 'function') {
    return (name) => (headers as Headers).get(name) ?? undefined;
  }
  const lowered = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => {
    const value: string | string[] | undefined = lowered.get(name);
    return Array.isArray(value) ? value.join(name === 'webhook-signature' ? ' ' : ',') : value;
  };
}

/** `t=<unix>,v1=<hex>`, with one `v1` for each secret in use. */
function readOwn(header: string | undefined | null): Claim {
  if (header === undefined || header === null || header === '') {
    throw new SignatureVerificationError(
      `There is no signature: the request has no header ${SIGNATURE_HEADER}. Did it come from Laurel, and does a ` +
        'proxy on the way keep its headers?',
      { code: 'signature_missing' },
    );
  }
  let timestamp: string | undefined;
  const signatures: Uint8Array[] = [];
  for (const part of header.split(',')) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === 't') timestamp = value;
    if (name === 'v1' && /^([0-9a-f]{2})+$/i.test(value)) signatures.push(fromHex(value));
  }
  if (timestamp === undefined || signatures.length === 0) throw malformed('t=<seconds>,v1=<hex>');
  return { prefix: `${timestamp}.`, timestamp: seconds(timestamp), signatures, keyOf: bytes };
}

/** `v1,<base64>`, with one for each secret in use, apart by spaces. */
function readStandard(id: string, timestamp: string, header: string): Claim {
  const signatures = header
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .flatMap((part) => fromBase64(part.slice(3)) ?? []);
  if (signatures.length === 0) throw malformed('v1,<base64>');
  return { prefix: `${id}.${timestamp}.`, timestamp: seconds(timestamp), signatures, keyOf: standardKey };
}

function seconds(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw malformed('a timestamp in seconds');
  return Number(text);
}

function malformed(form: string): SignatureVerificationError {
  const message = `The signature has not the form ${form}. Pass the header as it came, or all headers of the request.`;
  return new SignatureVerificationError(message, { code: 'signature_malformed' });
}

function accept(isRight: boolean): void {
  if (isRight) return;
  throw new SignatureVerificationError(
    'No signature matches the payload. Are you passing the raw body, byte for byte as it came, and the secret of ' +
      'this very endpoint?',
    { code: 'signature_mismatch' },
  );
}

function parse(body: Uint8Array): WebhookEvent {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as WebhookEvent;
  } catch (cause) {
    throw new SignatureVerificationError('The payload is signed, but is not JSON.', { code: 'payload_not_json', cause });
  }
}

/** Compares with each of `signatures`, in a time that tells nothing of where they differ. */
function isAmong(mac: Uint8Array, signatures: Uint8Array[]): boolean {
  let isFound = false;
  for (const signature of signatures) {
    let difference = mac.length ^ signature.length;
    for (let place = 0; place < mac.length; place += 1) difference |= (mac[place] ?? 0) ^ (signature[place] ?? 0);
    isFound = difference === 0 || isFound;
  }
  return isFound;
}

async function hmacSha256Async(key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await subtle.importKey('raw', key as BufferSource, algorithm, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', imported, data as BufferSource));
}

/** Standard Webhooks signs with what the base64 after the prefix stands for. */
function standardKey(secret: string): Uint8Array {
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  const key = fromBase64(text);
  if (key === undefined || key.length === 0) {
    throw new SignatureVerificationError(
      `The webhook secret has not the form ${SECRET_PREFIX}<base64>, which the Standard Webhooks signature needs.`,
      { code: 'secret_malformed' },
    );
  }
  return key;
}

function idOf(body: string): string | undefined {
  try {
    const { id } = JSON.parse(body) as { id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
