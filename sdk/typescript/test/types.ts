// Compiled, not run: what the types must allow, and what they must not.
import type { IncomingHttpHeaders } from 'node:http';

import Default, { type Account, Laurel, type Page, Vinr, type WebhookEvent } from '@laurel/sdk';

const laurel: Laurel = new Vinr({ secretKey: process.env['LAUREL_SECRET_KEY'] });
new Default({ secretKey: 'sk_1', maxRetries: 0 }) satisfies Vinr;
// @ts-expect-error: a client without a key is of no use.
new Laurel({});

export async function lists(): Promise<void> {
  const page: Page<Account> = await laurel.loyalty.accounts.list({ customer: 'cust_1', limit: 1 });
  const first: Account | undefined = page.data[0];
  for await (const account of laurel.loyalty.accounts.list()) account.balance satisfies number;
  for await (const account of page) account.balance satisfies number;
  // @ts-expect-error: transactions are listed by account.
  laurel.loyalty.transactions.list();
  console.log(first?.tier);
}

export async function writes(): Promise<void> {
  const { earningRules, accounts, transactions } = laurel.loyalty;
  const rule = await earningRules.create({
    program: 'prog_default',
    trigger: 'payment.completed',
    award: { type: 'per_amount', per: 100, points: 1 },
  });
  await earningRules.create({ trigger: 'payment.completed', award: { type: 'per_currency', EUR: 1, GBP: 1.2 } });
  await earningRules.update(rule.id, { cap: { points: 5000 }, window: 'month' }, { idempotencyKey: 'once' });
  // @ts-expect-error: no such window.
  await earningRules.update(rule.id, { window: 'fortnight' });
  // @ts-expect-error: a rule has a trigger.
  await earningRules.create({ award: { type: 'fixed', points: 500 } });
  // @ts-expect-error: balances are not set.
  await accounts.update('loy_1', { balance: 5 });
  await accounts.update('loy_1', { customer: null, metadata: { vip: null } });
  // @ts-expect-error: only adjustments are posted.
  await transactions.create({ account: 'loy_1', type: 'earn', amount: 5, reason: 'x' });
}

export function verify(headers: IncomingHttpHeaders, raw: Buffer): number {
  const event: WebhookEvent = laurel.webhooks.verify(raw, headers['x-vinr-signature']);
  laurel.webhooks.verify(raw, headers, 'whsec_1', { toleranceSeconds: 60 });
  laurel.webhooks.verifyAsync(raw.toString(), new Headers()) satisfies Promise<WebhookEvent>;
  // @ts-expect-error: a parsed body cannot be verified.
  laurel.webhooks.verify({ id: 'evt_1' }, headers);
  switch (event.type) {
    case 'loyalty.points.earned':
      event.data.rule satisfies string | null;
      return event.data.points;
    case 'loyalty.account.merged':
      return event.data.lifetime_points;
    case 'referral.converted':
      return event.data.transactions.length;
    default:
      return 0;
  }
}
