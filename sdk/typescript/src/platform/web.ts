// Runtimes that have the web's interfaces only; `node.ts` says what each of these is.

export const userAgent: string | undefined = undefined;

export function randomId(): string {
  return globalThis.crypto.randomUUID();
}

export function hmacSha256(_key: Uint8Array, _data: Uint8Array): Uint8Array {
  throw new Error('This runtime has no synchronous cryptography; await the async variant, as webhooks.verifyAsync.');
}

export const subtle: SubtleCrypto = globalThis.crypto.subtle;
