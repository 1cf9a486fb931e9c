import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  APIError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  IdempotencyError,
  InvalidRequestError,
  Laurel,
  LaurelError,
  NotFoundError,
  PermissionError,
  RateLimitError,
} from '@laurel/sdk';

import { refusal, serve } from './server.mjs';

const soon = { 'retry-after': '0' };

async function withServer(answers, run, options = {}) {
  const server = await serve(...answers);
  const client = new Laurel({ secretKey: 'sk_test_1', baseUrl: server.baseUrl, ...options });
  try {
    await run(client, server);
  } finally {
    server.close();
  }
}

test('a call sends the key, JSON, and an idempotency key of its own', () =>
  withServer([{ status: 201, body: { id: 'loy_1' } }], async (client, { requests }) => {
    const account = await client.loyalty.accounts.create({ customer: 'cust_1', email: undefined });
    await client.loyalty.accounts.create({ customer: 'cust_1' });
    assert.equal(account.id, 'loy_1');
    const [first, second] = requests;
    assert.equal(first.method, 'POST');
    assert.equal(first.url, '/v1/loyalty/accounts');
    assert.equal(first.headers.authorization, 'Bearer sk_test_1');
    assert.equal(first.headers['content-type'], 'application/json');
    assert.match(first.headers['user-agent'], /^laurel-typescript/);
    assert.deepEqual(JSON.parse(first.body), { customer: 'cust_1' });
    assert.match(first.headers['idempotency-key'], /^[0-9a-f-]{36}$/);
    assert.notEqual(first.headers['idempotency-key'], second.headers['idempotency-key']);
  }));

test('reads have no idempotency key and no body', () =>
  withServer([{ body: { id: 'loy_1' } }], async (client, { requests }) => {
    await client.loyalty.accounts.retrieve('loy_1');
    await client.loyalty.accounts.erasePersonalData('loy_1');
    assert.deepEqual(
      requests.map(({ method, url }) => `${method} ${url}`),
      ['GET /v1/loyalty/accounts/loy_1', 'DELETE /v1/loyalty/accounts/loy_1/personal_data'],
    );
    for (const { headers, body } of requests) {
      assert.equal(headers['idempotency-key'], undefined);
      assert.equal(headers['content-type'], undefined);
      assert.equal(body, '');
    }
  }));

test('an id stays one segment of the path, and an empty one is refused', () =>
  withServer([{}], async (client, { requests }) => {
    await client.loyalty.accounts.close('loy_../a?b#c');
    assert.equal(requests[0].url, '/v1/loyalty/accounts/loy_..%2Fa%3Fb%23c/close');
    assert.throws(() => client.loyalty.accounts.retrieve(''), TypeError);
  }));

test('query parameters nest, dates are RFC 3339, what is undefined is left out', () =>
  withServer([{ body: { object: 'list', data: [], has_more: false, url: '' } }], async (client, { requests }) => {
    await client.loyalty.transactions.list({
      account: 'loy_1',
      type: undefined,
      created: { gte: new Date(0), lt: '2026-01-01T00:00:00Z' },
    });
    const url = new URL(requests[0].url, 'http://localhost');
    assert.deepEqual([...url.searchParams], [
      ['account', 'loy_1'],
      ['created[gte]', '1970-01-01T00:00:00.000Z'],
      ['created[lt]', '2026-01-01T00:00:00Z'],
    ]);
  }));

test('429, 5xx, contention and lost connections are tried again under the same idempotency key', () =>
  withServer(
    [
      refusal(429, { code: 'rate_limited' }, soon),
      refusal(503, {}, soon),
      refusal(409, { code: 'conflict' }, soon),
      'drop',
      { body: { id: 'ptx_1' } },
    ],
    async (client, { requests }) => {
      const adjustment = { account: 'loy_1', type: 'adjust', amount: 5, reason: 'goodwill' };
      const made = await client.loyalty.transactions.create(adjustment, { maxRetries: 4 });
      assert.equal(made.id, 'ptx_1');
      assert.equal(requests.length, 5);
      assert.equal(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size, 1);
      assert.equal(new Set(requests.map(({ body }) => body)).size, 1);
    },
  ));

test('what is the fault of the request is not tried again', () =>
  withServer([refusal(400, { code: 'parameter_invalid', param: 'award.per' })], async (client, { requests }) => {
    await assert.rejects(client.loyalty.accounts.retrieve('loy_1'), InvalidRequestError);
    assert.equal(requests.length, 1);
  }));

test('retries end', () =>
  withServer([refusal(500, { type: 'api_error', code: 'internal_error' }, soon)], async (client, { requests }) => {
    await assert.rejects(client.loyalty.accounts.retrieve('loy_1'), APIError);
    assert.equal(requests.length, 3);
    await assert.rejects(client.loyalty.accounts.retrieve('loy_1', { maxRetries: 0 }), APIError);
    assert.equal(requests.length, 4);
  }));

test('Retry-After is waited for, up to a bound that is left to the caller', async () => {
  await withServer([refusal(429, {}, { 'retry-after': '1' }), {}], async (client) => {
    const start = performance.now();
    await client.loyalty.accounts.retrieve('loy_1');
    assert.ok(performance.now() - start >= 990);
  });
  await withServer([refusal(429, {}, { 'retry-after': '3600' }), {}], async (client, { requests }) => {
    const error = await client.loyalty.accounts.retrieve('loy_1').catch((thrown) => thrown);
    assert.ok(error instanceof RateLimitError);
    assert.equal(error.retryAfterSeconds, 3600);
    assert.equal(requests.length, 1);
  });
});

test('without Retry-After the waits grow', () =>
  withServer([refusal(503, {})], async (client) => {
    const start = performance.now();
    await assert.rejects(client.loyalty.accounts.retrieve('loy_1'), APIError);
    // At least the half of 500 ms and of 1,000 ms that is not left to chance.
    assert.ok(performance.now() - start >= 740);
  }));

test('a try that takes too long ends, the body included', () =>
  withServer(['hang'], async (client) => {
    const error = await client.loyalty.accounts
      .retrieve('loy_1', { timeoutMs: 50, maxRetries: 0 })
      .catch((thrown) => thrown);
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.code, 'timeout');
    assert.match(error.message, /within 50 ms/);
  }));

test('a signal ends a call, also while it waits for the next try', async () => {
  await withServer(['hang'], async (client) => {
    const reason = new Error('the page was left');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(client.loyalty.accounts.retrieve('loy_1', { signal: controller.signal }), reason);
    await assert.rejects(client.loyalty.accounts.retrieve('loy_1', { signal: controller.signal }), reason);
  });
  await withServer([refusal(503, {}, { 'retry-after': '30' })], async (client) => {
    await assert.rejects(
      client.loyalty.accounts.retrieve('loy_1', { signal: AbortSignal.timeout(50) }),
      { name: 'TimeoutError' },
    );
  });
});

test('a server that is not there is a ConnectionError with its cause', async () => {
  const server = await serve({});
  server.close();
  const client = new Laurel({ secretKey: 'sk_test_1', baseUrl: server.baseUrl, maxRetries: 0 });
  const error = await client.loyalty.accounts.retrieve('loy_1').catch((thrown) => thrown);
  assert.ok(error instanceof ConnectionError);
  assert.equal(error.code, 'connection_failed');
  assert.ok(error.cause instanceof Error);
});

test('each kind of error is a class, with all that the API said', async () => {
  const table = [
    [400, { code: 'parameter_invalid', param: 'award.per' }, InvalidRequestError],
    [401, { type: 'authentication_error', code: 'api_key_invalid' }, AuthenticationError],
    [403, { code: 'scope_insufficient' }, PermissionError],
    [404, { code: 'resource_missing' }, NotFoundError],
    [409, { code: 'account_already_exists', account: 'loy_7' }, ConflictError],
    [409, { type: 'idempotency_error', code: 'idempotency_key_reused' }, IdempotencyError],
    [413, { code: 'body_too_large' }, InvalidRequestError],
    [429, { type: 'rate_limit_error', code: 'rate_limited' }, RateLimitError],
    [500, { type: 'api_error', code: 'internal_error' }, APIError],
  ];
  for (const [status, body, kind] of table) {
    await withServer(
      [refusal(status, { request_id: 'req_9', ...body })],
      async (client) => {
        const error = await client.loyalty.accounts.create({}).catch((thrown) => thrown);
        assert.equal(error.constructor, kind, `${status} ${body.code}`);
        assert.ok(error instanceof LaurelError);
        assert.equal(error.name, kind.name);
        assert.equal(error.status, status);
        assert.equal(error.code, body.code);
        assert.equal(error.param, body.param);
        assert.equal(error.account, body.account);
        assert.equal(error.requestId, 'req_9');
        assert.equal(error.message, 'No.');
      },
      { maxRetries: 0 },
    );
  }
});

test('answers of others than the API are told apart', async () => {
  await withServer([{ status: 502, body: '<html>' }], async (client) => {
    const error = await client.loyalty.accounts.retrieve('loy_1', { maxRetries: 0 }).catch((thrown) => thrown);
    assert.ok(error instanceof APIError);
    assert.equal(error.status, 502);
    assert.equal(error.requestId, 'req_1');
  });
  await withServer([{ status: 200, body: '<html>' }], async (client) => {
    await assert.rejects(client.loyalty.accounts.retrieve('loy_1'), /is it Laurel's address\?/);
  });
});

test('the environment and the options say where and who', async () => {
  assert.throws(() => new Laurel({ secretKey: undefined }), /secretKey/);
  const server = await serve({});
  process.env.LAUREL_BASE_URL = `${server.baseUrl}/`;
  try {
    await new Laurel({ secretKey: 'pk_1', memberToken: 'mt_1' }).loyalty.accounts.retrieve('loy_1');
    assert.equal(server.requests[0].headers['x-member-token'], 'mt_1');
    assert.equal(server.requests[0].url, '/v1/loyalty/accounts/loy_1');
  } finally {
    delete process.env.LAUREL_BASE_URL;
    server.close();
  }
  const urls = [];
  const fetch = async (url) => {
    urls.push(url);
    return new Response('{}');
  };
  await new Laurel({ secretKey: 'sk_1', fetch }).loyalty.accounts.retrieve('loy_1');
  assert.deepEqual(urls, ['http://127.0.0.1:8787/v1/loyalty/accounts/loy_1']);
});

test('events go in alone or in tens', () =>
  withServer([{}], async (client, { requests }) => {
    const event = { type: 'payment.completed', data: { id: 'pay_1' } };
    await client.events.ingest(event);
    await client.events.ingest([event], { async: true });
    assert.deepEqual(JSON.parse(requests[0].body), event);
    assert.deepEqual(JSON.parse(requests[1].body), [event]);
    assert.equal(requests[1].url, '/v1/events?async=true');
  }));
