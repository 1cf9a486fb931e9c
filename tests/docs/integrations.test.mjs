// The templates of `integrations/`: events as Stripe and Shopify send them, mapped as the
// templates say, and taken by a local stack.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import vm from 'node:vm';

import { ROOT, startStack } from '../node/stack.mjs';
import { fits, readTemplate, transform } from './eventbridge.mjs';

const DIR = join(ROOT, 'integrations');
const sample = (name) => JSON.parse(readFileSync(join(DIR, 'events', `${name}.json`), 'utf8'));

let stack;
before(async () => {
  stack = await startStack();
  const { loyalty } = stack.client;
  await loyalty.programs.update('prog_default', { auto_enroll: true });
  const award = { type: 'per_amount', per: 100, points: 1 };
  await loyalty.earningRules.create({ trigger: 'payment.completed', award });
});
after(() => stack.stop());

async function balance(customer) {
  const { data } = await stack.client.loyalty.accounts.list({ customer });
  return data.length === 0 ? undefined : data[0].balance;
}

test('Stripe, by input transformers', async (t) => {
  const { Resources } = readTemplate(join(DIR, 'stripe.yaml'));
  const rules = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Events::Rule')
    .map(({ Properties }) => Properties);

  /** What Laurel is sent for a sample: nothing, or one event. */
  function mapped(name) {
    const event = sample(name);
    const sent = rules
      .filter(({ EventPattern }) => fits(EventPattern, event))
      .flatMap(({ Targets }) => Targets.map(({ InputTransformer }) => transform(InputTransformer, event)));
    assert.ok(sent.length <= 1, `${name} is sent ${sent.length} times`);
    return sent[0];
  }
  const ingest = (name) => stack.client.events.ingest(mapped(name));

  await t.test('a payment earns', async () => {
    assert.deepEqual(mapped('stripe-payment').data, {
      id: 'pi_test_1',
      amount: 4250,
      currency: 'eur',
      customer: 'cus_test_anna',
      created: 1763632800,
      metadata: { cart: '17' },
    });
    assert.equal((await ingest('stripe-payment')).outcome, 'awarded');
    assert.equal((await ingest('stripe-payment')).duplicate, true);
    assert.equal(await balance('cus_test_anna'), 42);
  });
  await t.test("a guest's payment is not sent", () => {
    assert.equal(mapped('stripe-guest-payment'), undefined);
  });
  await t.test('a refund counts once, of whichever event it is told', async () => {
    assert.equal((await ingest('stripe-refund')).outcome, 'reversed');
    assert.equal((await ingest('stripe-refund-updated')).duplicate, true);
    assert.equal(await balance('cus_test_anna'), 21);
  });
  await t.test('a lost dispute takes back the rest', async () => {
    assert.equal((await ingest('stripe-dispute')).outcome, 'reversed');
    assert.equal(await balance('cus_test_anna'), 0);
  });
  await t.test('a deleted customer is told', async () => {
    assert.deepEqual(mapped('stripe-customer-deleted'), {
      type: 'customer.deleted',
      data: { id: 'cus_test_anna' },
    });
    await ingest('stripe-customer-deleted');
  });
  await t.test('every sample is of one of these', () => {
    const names = readdirSync(join(DIR, 'events')).filter((name) => name.startsWith('stripe-'));
    assert.equal(names.length, 6);
  });
});

test('Shopify, by a function', async (t) => {
  const { Properties } = readTemplate(join(DIR, 'shopify.yaml')).Resources.Map;
  const put = [];
  const module = { exports: {} };
  const EventBridge = class {
    async putEvents({ Entries }) {
      put.push(...Entries);
      return { FailedEntryCount: 0, Entries };
    }
  };
  vm.runInNewContext(Properties.InlineCode, {
    exports: module.exports,
    require: () => ({ EventBridge }),
    process: { env: { LAUREL_BUS: 'laurel' } },
    Intl,
  });

  /** Lets the function put an event on the bus, and the stack take it from there. */
  async function ingest(name) {
    const event = sample(name);
    assert.ok(fits(Properties.Events.Shopify.Properties.Pattern, event), name);
    put.length = 0;
    await module.exports.handler(event);
    const [{ EventBusName, DetailType: type, Detail }] = put;
    assert.equal(EventBusName, 'laurel');
    const data = JSON.parse(Detail);
    return { data, answer: await stack.client.events.ingest({ type, data }) };
  }

  await t.test('an order earns, to the cent', async () => {
    const { data, answer } = await ingest('shopify-order');
    assert.equal(data.amount, 4250);
    assert.deepEqual(data.line_items.map(({ amount }) => amount), [4000, 250]);
    assert.deepEqual(data.metadata, { referral_code: 'BEAN-4KQ7' });
    assert.equal(answer.outcome, 'awarded');
    assert.equal(await balance(data.customer), 42);
  });
  await t.test("a guest's order in a currency without cents", async () => {
    const { data, answer } = await ingest('shopify-guest-order-jpy');
    assert.equal(data.amount, 4250);
    assert.equal(answer.outcome, 'unlinked');
  });
  await t.test('a refund takes back what succeeded', async () => {
    const { data, answer } = await ingest('shopify-refund');
    assert.equal(data.amount, 2125);
    assert.equal(answer.outcome, 'reversed');
    assert.equal(await balance('shopify_6115310627314'), 21);
  });
  await t.test('a deleted customer is told', async () => {
    const { data } = await ingest('shopify-customer-deleted');
    assert.deepEqual(data, { id: 'shopify_6115310627314' });
  });
});
