import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Laurel } from '@laurel/sdk';

import { refusal, serve } from './server.mjs';

const ALL = Array.from({ length: 7 }, (_, place) => ({ id: `loy_${place}` }));

/** The API's lists, over `ALL`. */
function answer({ url }) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const limit = Number(searchParams.get('limit') ?? 20);
  const after = searchParams.get('starting_after');
  const before = searchParams.get('ending_before');
  const place = (id) => ALL.findIndex((member) => member.id === id);
  const rest = before === null ? ALL.slice(after === null ? 0 : place(after) + 1) : ALL.slice(0, place(before));
  const data = before === null ? rest.slice(0, limit) : rest.slice(-limit);
  return { body: { object: 'list', data, has_more: rest.length > limit, url: pathname } };
}

async function withList(run) {
  const server = await serve(answer);
  try {
    await run(new Laurel({ secretKey: 'sk_1', baseUrl: server.baseUrl }).loyalty.accounts, server.requests);
  } finally {
    server.close();
  }
}

const ids = (members) => members.map(({ id }) => id);

test('awaited, a list is its first page', () =>
  withList(async (accounts, requests) => {
    const page = await accounts.list({ limit: 3 });
    assert.deepEqual(ids(page.data), ['loy_0', 'loy_1', 'loy_2']);
    assert.equal(page.has_more, true);
    assert.deepEqual(Object.keys(page).sort(), ['data', 'has_more', 'object', 'url']);
    assert.equal(requests.length, 1);
    assert.deepEqual(ids((await page.nextPage()).data), ['loy_3', 'loy_4', 'loy_5']);
  }));

test('gone through, it is all members, with as few requests as they need', () =>
  withList(async (accounts, requests) => {
    const seen = [];
    for await (const { id } of accounts.list({ limit: 3, status: 'active' })) seen.push(id);
    assert.deepEqual(seen, ids(ALL));
    assert.deepEqual(
      requests.map(({ url }) => url.split('?')[1]),
      ['', '&starting_after=loy_2', '&starting_after=loy_5'].map((cursor) => `limit=3&status=active${cursor}`),
    );
  }));

test('it stops where the caller stops', () =>
  withList(async (accounts, requests) => {
    for await (const { id } of accounts.list({ limit: 2 })) if (id === 'loy_1') break;
    assert.deepEqual(ids(await accounts.list({ limit: 2 }).toArray({ limit: 2 })), ['loy_0', 'loy_1']);
    assert.equal(requests.length, 2);
    assert.deepEqual(ids(await accounts.list({ limit: 2 }).toArray({ limit: 3 })), ['loy_0', 'loy_1', 'loy_2']);
    assert.deepEqual(await accounts.list().toArray({ limit: 0 }), []);
  }));

test('a page can be gone through as well', () =>
  withList(async (accounts) => {
    const page = await accounts.list({ limit: 3, starting_after: 'loy_1' });
    const seen = [];
    for await (const { id } of page) seen.push(id);
    assert.deepEqual(seen, ['loy_2', 'loy_3', 'loy_4', 'loy_5', 'loy_6']);
    assert.equal(await (await page.nextPage()).nextPage(), undefined);
  }));

test('from `ending_before` it leads backwards', () =>
  withList(async (accounts) => {
    const seen = ids(await accounts.list({ limit: 2, ending_before: 'loy_5' }).toArray());
    assert.deepEqual(seen, ['loy_4', 'loy_3', 'loy_2', 'loy_1', 'loy_0']);
  }));

test('its errors reach who awaits it and who goes through it', async () => {
  const server = await serve(refusal(404, { code: 'resource_missing' }));
  const { accounts } = new Laurel({ secretKey: 'sk_1', baseUrl: server.baseUrl }).loyalty;
  await assert.rejects(accounts.list(), { code: 'resource_missing' });
  await assert.rejects(accounts.list().toArray(), { code: 'resource_missing' });
  server.close();
});
