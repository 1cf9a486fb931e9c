// What each block needs around it, and what must be true after it.
//
// `given`: what the document has before the block, and in TypeScript its `names`. `before`: what
// the block names is set up, through the API; `standsFor` puts what was drawn in the place of what the
// block names. `wanted`: names of the block that `after` looks at.
// `after`: what must be true.
import assert from 'node:assert/strict';

import { startReceiver } from '../node/receiver.mjs';
import { SECRET_KEY } from '../node/stack.mjs';
import { idsIn } from './blocks.mjs';

const PROGRAM = 'prog_default';
/** The secret of the endpoint whose deliveries the blocks verify. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from('of the endpoint in these tests..').toString('base64')}`;

const loy = ({ text }, place = 0) => idsIn(text, 'loy_')[place];
const rule = ({ text }) => idsIn(text, 'rule_')[0];
const cust = ({ text }) => idsIn(text, 'cust_')[0];

/** Members with the ids that the block names. */
async function members({ client, text }) {
  for (const id of idsIn(text, 'loy_')) await client.loyalty.accounts.create({ id });
}

/** A rule with the id that the block names: a point per EUR 1. */
async function purchaseRule(context, fields = {}) {
  const award = { type: 'per_amount', per: 100, points: 1 };
  const id = rule(context);
  await context.client.loyalty.earningRules.create({ id, trigger: 'payment.completed', award, ...fields });
}

/** A payment of a new member; answers their points. */
async function pointsOf({ client }, amount) {
  const account = await client.loyalty.accounts.create({ customer: 'cust_of_the_test' });
  const data = { id: 'pay_of_the_test', amount, currency: 'EUR', customer: 'cust_of_the_test' };
  await client.events.ingest({ type: 'payment.completed', data });
  return (await client.loyalty.accounts.retrieve(account.id)).balance;
}

async function adjust({ client }, account, amount) {
  await client.loyalty.transactions.create({ account, type: 'adjust', amount, reason: 'set_up', lifetime: true });
}

/** What a payment of a new member brings to a webhook endpoint, and a client that has its secret. */
async function deliveredEarning(context) {
  const { client, vinr } = context;
  const receiver = await startReceiver();
  try {
    const enabled_events = ['loyalty.points.earned'];
    const { secret } = await client.webhookEndpoints.create({ url: receiver.url, enabled_events });
    const award = { type: 'per_amount', per: 100, points: 1 };
    await client.loyalty.earningRules.create({ trigger: 'payment.completed', award });
    await pointsOf(context, 4250);
    const { body, headers } = await receiver.first('loyalty.points.earned');
    const knowing = new vinr.constructor({ secretKey: SECRET_KEY, webhookSecret: secret });
    return { vinr: knowing, payload: body, signature: headers['x-vinr-signature'] };
  } finally {
    receiver.close();
  }
}

/** What a web framework has of a delivery that is yet to come. */
function delivered({ client }, event) {
  const { payload, headers } = client.webhooks.signTestPayload(event, { secret: WEBHOOK_SECRET });
  return { payload, req: { headers } };
}

/** One member who bears the customer that the block names. */
async function onlyMember({ client, ...context }) {
  const { data } = await client.loyalty.accounts.list({ program: PROGRAM, customer: cust(context) });
  assert.equal(data.length, 1);
  return data[0];
}

const attribution = {
  async before(context) {
    const metadata = { name: 'Anna' };
    const { id } = await context.client.loyalty.accounts.create({ customer: 'cust_of_the_referrer', metadata });
    const { code } = await context.client.loyalty.referrals.create({ program: PROGRAM, referrer: id });
    context.standsFor(context.text.match(/ANNA-[0-9A-Z]{4}/)[0], code);
  },
  async after(context) {
    const { data } = await context.client.loyalty.referrals.list({ program: PROGRAM });
    assert.ok(data.some(({ status, customer }) => status === 'attributed' && customer === cust(context)));
  },
};

/** A behaviour of somebody known by email, sent as the article does. */
const behavior = (eventType, given) => ({
  given: async (context) => ({
    ...given,
    user: { email: 'anna@example.com', orders_count: 1, utm_source: 'newsletter', id: 'user_1' },
    triggerLoyaltyEvent: await context.functionOf('004#1', 'triggerLoyaltyEvent'),
  }),
  async before({ client }) {
    const award = { type: 'fixed', points: 50 };
    await client.loyalty.earningRules.create({ trigger: eventType, award });
    await client.loyalty.accounts.create({ email: 'anna@example.com' });
  },
  async after({ client }) {
    const { data } = await client.loyalty.accounts.list({ email: 'anna@example.com' });
    assert.equal(data[0].balance, 50);
  },
});

const order = {
  id: 'order_1',
  total: 250,
  line_items: [{ product_id: 'prod_1', category: 'shoes', quantity: 1 }],
  discount_code: null,
};

/** By the block's name. */
export const EXPECTATIONS = {
  '000#0': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    wanted: ['member'],
    async after(context, { member }) {
      assert.match(member.id, /^loy_/);
      assert.equal((await onlyMember(context)).id, member.id);
    },
  },

  '001#0': {
    wanted: ['rule'],
    async after(context, { rule }) {
      assert.match(rule.id, /^rule_/);
      assert.equal(await pointsOf(context, 4250), 42);
    },
  },
  '001#1': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    async after(context) {
      assert.equal(await pointsOf(context, 0), 500);
    },
  },
  '001#2': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    before: purchaseRule,
    async after(context) {
      assert.equal(await pointsOf(context, 4250), 85);
      assert.equal((await context.client.loyalty.earningRules.retrieve(rule(context))).version, 2);
    },
  },
  '001#3': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    before: purchaseRule,
    async after(context) {
      assert.equal(await pointsOf(context, 1_000_000), 5000);
      const { window } = await context.client.loyalty.earningRules.retrieve(rule(context));
      assert.equal(window, 'month');
    },
  },
  '001#4': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    wanted: ['txns'],
    async before(context) {
      await members(context);
      const award = { type: 'fixed', points: 30 };
      await context.client.loyalty.earningRules.create({ trigger: 'review', award, cap: { points: 100 } });
      for (let review = 1; review <= 6; review += 1) {
        const data = { id: `review_${review}`, account: loy(context) };
        await context.client.events.ingest({ type: 'review', data });
      }
    },
    after(_, { txns }) {
      assert.deepEqual(txns.data.map(({ points }) => points), [0, 0, 10, 30, 30]);
      assert.deepEqual(txns.data.map(({ metadata }) => metadata.capped ?? false), [true, true, true, false, false]);
      assert.equal(txns.has_more, true);
      assert.ok(txns.data.every(({ id, rule }) => id.startsWith('ptx_') && rule.startsWith('rule_')));
    },
  },
  '001#5': {
    given: deliveredEarning,
    names: ['vinr', 'payload', 'signature'],
    wanted: ['event'],
    after(_, { event }) {
      assert.equal(event.type, 'loyalty.points.earned');
      assert.equal(event.data.points, 42);
      assert.match(event.data.account, /^loy_/);
      assert.match(event.data.rule, /^rule_/);
    },
  },

  '002#0': {
    wanted: ['member'],
    after(_, { member, logged }) {
      assert.deepEqual(logged, [[member.id, 0]]);
      assert.deepEqual(member.metadata, { signup_channel: 'web' });
    },
  },
  '002#1': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    async after(context) {
      assert.equal((await onlyMember(context)).status, 'active');
    },
  },
  '002#2': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    before: members,
    async after(context) {
      assert.equal((await onlyMember(context)).id, loy(context));
    },
  },
  '002#3': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    wanted: ['member'],
    async after(context, { member }) {
      assert.equal((await onlyMember(context)).id, member.id);
      const { member: again } = await context.again();
      assert.equal(again.id, member.id);
    },
  },
  '002#4': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    async before(context) {
      await members(context);
      await adjust(context, loy(context), 120);
      await adjust(context, loy(context), 80);
    },
    after(_, { logged: [totals, ...lines] }) {
      assert.deepEqual(totals, [200, 200]);
      assert.deepEqual(lines.map(([, type, amount, reason]) => [type, amount, reason]), [
        ['adjust', 80, 'set_up'],
        ['adjust', 120, 'set_up'],
      ]);
      assert.ok(lines.every(([id]) => id.startsWith('ptx_')));
    },
  },
  '002#5': {
    before: members,
    async after(context, { stdout }) {
      const made = JSON.parse(stdout);
      assert.equal(made.amount, 500);
      assert.equal((await context.client.loyalty.accounts.retrieve(loy(context))).balance, 500);
    },
  },
  '002#6': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    before: members,
    async after(context) {
      const id = loy(context);
      assert.equal((await context.client.loyalty.accounts.retrieve(id)).status, 'closed');
      assert.equal((await context.client.loyalty.accounts.reopen(id)).status, 'active');
    },
  },
  '002#7': {
    given: ({ vinr }) => ({ vinr }),
    names: ['vinr'],
    wanted: ['survivor'],
    async before(context) {
      await members(context);
      await adjust(context, loy(context, 0), 70);
      await adjust(context, loy(context, 1), 30);
    },
    async after(context, { survivor }) {
      const [source, target] = [loy(context, 0), loy(context, 1)];
      assert.deepEqual([survivor.id, survivor.balance, survivor.lifetime_points], [target, 100, 100]);
      const emptied = await context.client.loyalty.accounts.retrieve(source);
      assert.deepEqual([emptied.status, emptied.balance, emptied.merged_into], ['merged', 0, target]);
      const ledger = await context.client.loyalty.transactions.list({ account: target }).toArray();
      assert.equal(ledger.reduce((sum, { amount }) => sum + amount, 0), 100);
    },
  },

  '003#0': {
    wanted: ['referral'],
    before: members,
    after(context, { referral, logged }) {
      assert.deepEqual(logged, [[referral.code], [referral.shareUrl]]);
      assert.equal(referral.referrer, loy(context));
      assert.equal(referral.reward.referrer.points, 500);
      assert.equal(referral.qualify.firstPaymentMinimum, 2000);
    },
  },
  '003#1': { ...attribution, given: ({ vinr }) => ({ vinr }), names: ['vinr'] },
  '003#2': attribution,
  '003#3': {
    names: ['vinr', 'payload', 'req'],
    given(context) {
      const data = { referrer: 'loy_1', referee: 'loy_2', transactions: ['ptx_1', 'ptx_2'] };
      const { payload, req } = delivered(context, { id: 'evt_1', type: 'referral.converted', data });
      return { vinr: context.vinr, payload, req };
    },
    wanted: ['event'],
    after(_, { event }) {
      assert.deepEqual(event.data.transactions, ['ptx_1', 'ptx_2']);
    },
  },

  '004#0': {
    given: ({ client }) => ({
      resonance: client.resonance,
      customer: { email: 'anna@example.com' },
      product: { id: 'prod_1' },
    }),
    wanted: ['events'],
    before: behavior('review_submitted').before,
    async after(context, { events }) {
      await behavior('review_submitted').after(context);
      const { data } = await context.client.loyalty.earningRules.import({ events });
      assert.deepEqual(data.map(({ trigger }) => trigger).sort(), Object.keys(events).sort());
    },
  },
  '004#1': {
    given: () => ({ API_KEY: SECRET_KEY, BRAND_ID: PROGRAM }),
    wanted: ['triggerLoyaltyEvent'],
    before: behavior('signup').before,
    async after(context, { triggerLoyaltyEvent }) {
      await triggerLoyaltyEvent('signup', { email: 'anna@example.com' }, { source: 'web' });
      await behavior('signup').after(context);
    },
  },
  '004#2': behavior('purchase', { order }),
  '004#3': behavior('high_value_purchase', { order }),
  '004#4': behavior('weekly_streak', { getEngagementStreak: async () => 7 }),
  '004#5': behavior('milestone_1000', {
    getUserTotalSpend: async () => 1000,
    markMilestoneReached: async () => {},
  }),
};
