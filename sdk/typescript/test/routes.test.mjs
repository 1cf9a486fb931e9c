// The client has a method for each operation of the API, and calls none that does not exist.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Laurel, Webhooks } from '@laurel/sdk';

/** Operations that other methods stand for, or that are nothing for a client. */
const LEFT_OUT = [
  'GET /healthz',
  'GET /openapi.json',
  // DELETE on the key is the same.
  'POST /v1/api_keys/{}/revoke',
  // The delivery's id says which endpoint it is of.
  'POST /v1/webhook_endpoints/{}/deliveries/{}/redeliver',
];

const normal = (path) => path.replaceAll(/\{\w+\}/g, '{}');

function operations() {
  const { paths } = JSON.parse(readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8'));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      // The client updates by POST.
      .filter((method) => ['get', 'post', 'delete'].includes(method))
      .map((method) => `${method.toUpperCase()} ${normal(path)}`),
  );
}

/** The methods of a resource and of what is in it. */
function* methods(resource) {
  if (resource === null || typeof resource !== 'object' || resource instanceof Webhooks) return;
  const prototype = Object.getPrototypeOf(resource);
  const inherited = prototype === Object.prototype ? [] : Object.getOwnPropertyNames(prototype);
  for (const name of [...Object.keys(resource), ...inherited]) {
    if (name === 'constructor' || name === 'http') continue;
    if (typeof resource[name] === 'function') yield resource[name].bind(resource);
    else yield* methods(resource[name]);
  }
}

test('methods and operations are the same', async () => {
  const called = new Set();
  const fetch = async (url, { method }) => {
    called.add(`${method} ${normal(decodeURIComponent(new URL(url).pathname))}`);
    return new Response('{"data": []}');
  };
  const client = new Laurel({ secretKey: 'sk_1', fetch });
  // What takes two ids takes the second instead of parameters.
  for (const method of methods(client)) await method('{id}', '{id}');
  const known = operations();
  const missing = known.filter((operation) => !called.has(operation) && !LEFT_OUT.includes(operation));
  assert.deepEqual(missing, []);
  const unknown = [...called].filter((operation) => !known.includes(operation));
  assert.deepEqual(unknown, []);
});
