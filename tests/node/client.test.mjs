// The client against a real stack: what a server made for tests could only play.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Webhook } from 'standardwebhooks';

import {
  AuthenticationError,
  ConflictError,
  IdempotencyError,
  InvalidRequestError,
  Laurel,
  LaurelError,
  NotFoundError,
} from '../../sdk/typescript/dist/esm/index.js';
import { startReceiver } from './receiver.mjs';
import { startStack } from './stack.mjs';

let stack;
let client;
before(async () => {
  stack = await startStack();
  client = stack.client;
});
after(() => stack.stop());

test('errors are those of the API', async () => {
  const { accounts } = client.loyalty;
  const { id } = await accounts.create({ customer: 'cust_twice' });
  const error = await accounts.create({ customer: 'cust_twice' }).catch((thrown) => thrown);
  assert.ok(error instanceof ConflictError);
  assert.deepEqual([error.code, error.account], ['account_already_exists', id]);
  assert.match(error.requestId, /^req_/);
  await assert.rejects(accounts.retrieve('loy_nobody'), NotFoundError);
  await assert.rejects(accounts.create({ balance: 5 }), { name: InvalidRequestError.name, param: 'balance' });
  const stranger = new Laurel({ secretKey: 'sk_test_wrong', baseUrl: stack.baseUrl });
  await assert.rejects(stranger.loyalty.accounts.list(), AuthenticationError);
});

test('a named request takes effect once', async () => {
  const { accounts, transactions } = client.loyalty;
  const { id } = await accounts.create({ customer: 'cust_once' });
  const adjustment = { account: id, type: 'adjust', amount: 5, reason: 'goodwill' };
  const once = { idempotencyKey: 'once' };
  const made = await Promise.all(Array.from({ length: 5 }, () => transactions.create(adjustment, once)));
  assert.equal(new Set(made.map((transaction) => transaction.id)).size, 1);
  assert.equal((await accounts.retrieve(id)).balance, 5);
  await assert.rejects(transactions.create({ ...adjustment, amount: 6 }, once), IdempotencyError);
});

test('lists lead through all members, both ways', async () => {
  const program = (await client.loyalty.programs.create({ name: 'Lists' })).id;
  const made = [];
  for (let place = 0; place < 7; place += 1) {
    made.push((await client.loyalty.accounts.create({ program, customer: `cust_${place}` })).id);
  }
  const all = await client.loyalty.accounts.list({ program, limit: 3 }).toArray();
  const ids = all.map(({ id }) => id);
  assert.deepEqual([...ids].sort(), [...made].sort());
  const back = await client.loyalty.accounts.list({ program, limit: 2, ending_before: ids[6] }).toArray();
  assert.deepEqual(back.map(({ id }) => id), ids.slice(0, 6).reverse());
});

test('a page shows a member their own balance, and no other', async () => {
  const { accounts } = client.loyalty;
  const [own, other] = [await accounts.create({}), await accounts.create({})];
  const { secret } = await client.apiKeys.create({ type: 'publishable' });
  const { token } = await accounts.createMemberToken(own.id);
  const page = new Laurel({ secretKey: secret, memberToken: token, baseUrl: stack.baseUrl });
  assert.equal((await page.loyalty.accounts.retrieve(own.id)).balance, 0);
  await assert.rejects(page.loyalty.accounts.retrieve(other.id), LaurelError);
  await assert.rejects(page.loyalty.accounts.list(), LaurelError);
});

test('deliveries verify through a rotation, and can be had again', async () => {
  const receiver = await startReceiver();
  try {
    const endpoint = await client.webhookEndpoints.create({ url: receiver.url, enabled_events: ['loyalty.account.*'] });
    const { secret } = await client.webhookEndpoints.rotateSecret(endpoint.id);
    assert.notEqual(secret, endpoint.secret);
    const { id } = await client.loyalty.accounts.create({ customer: 'cust_heard' });
    const { body, headers } = await receiver.first('loyalty.account.created');
    for (const known of [secret, endpoint.secret]) {
      // Not our own: any library of Standard Webhooks must do.
      assert.equal(new Webhook(known).verify(body, headers).data.id, id);
      for (const signature of [headers, headers['x-vinr-signature']]) {
        assert.equal(client.webhooks.verify(body, signature, known).data.id, id);
        assert.equal((await client.webhooks.verifyAsync(body, signature, known)).data.id, id);
      }
    }
    const event = client.webhooks.verify(body, headers, secret);
    assert.deepEqual(await client.events.retrieve(event.id), event);
    const [delivery] = await client.webhookEndpoints.deliveries(endpoint.id).toArray();
    assert.equal(delivery.event, event.id);
    await client.webhookEndpoints.redeliver(delivery.id);
    await receiver.count(2);
    assert.equal(client.webhooks.verify(receiver.deliveries[1].body, receiver.deliveries[1].headers, secret).id, event.id);
  } finally {
    receiver.close();
  }
});
