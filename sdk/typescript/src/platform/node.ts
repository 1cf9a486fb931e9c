// What differs between Node and other runtimes; `package.json` picks this file or `web.ts`.
import { createHmac, randomUUID, webcrypto } from 'node:crypto';

/** Sent as `User-Agent`. */
export const userAgent: string | undefined = `laurel-typescript (node ${process.versions.node})`;

/** A random id, for an `Idempotency-Key`. */
export function randomId(): string {
  return randomUUID();
}

/** HMAC-SHA256, at once. */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(data).digest();
}

/** WebCrypto, which is no global in Node 18. */
export const subtle: SubtleCrypto = webcrypto.subtle as SubtleCrypto;
