import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { Laurel, SignatureVerificationError, Webhooks } from '@laurel/sdk';
import { Webhook } from 'standardwebhooks';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes....').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another one of thirty-two bytes.').toString('base64')}`;
const EVENT = { id: 'evt_1', type: 'loyalty.points.earned', data: { points: 5, reason: 'Zwölf Äpfel 🍏' } };
const webhooks = new Webhooks(SECRET);

/** Verifies in both ways, which must agree. */
async function verify(...given) {
  let answer;
  let error;
  try {
    answer = webhooks.verify(...given);
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined) {
    assert.deepEqual(await webhooks.verifyAsync(...given), answer);
    return answer;
  }
  await assert.rejects(webhooks.verifyAsync(...given), { name: error.name, message: error.message });
  throw error;
}

async function refused(code, ...given) {
  const error = await verify(...given).catch((thrown) => thrown);
  assert.ok(error instanceof SignatureVerificationError, `${error} where ${code} was due`);
  assert.equal(error.code, code);
  return error;
}

test('what signs, by the definition', () => {
  const { payload, headers } = webhooks.signTestPayload(EVENT, { timestamp: 1_700_000_000 });
  assert.equal(payload, JSON.stringify(EVENT));
  const mac = createHmac('sha256', SECRET).update(`1700000000.${payload}`).digest('hex');
  assert.equal(headers['x-vinr-signature'], `t=1700000000,v1=${mac}`);
  assert.equal(headers['webhook-id'], 'evt_1');
});

test('a right signature gives the event, in every form of body and headers', async () => {
  const { payload, headers } = webhooks.signTestPayload(EVENT);
  const own = headers['x-vinr-signature'];
  const bodies = [payload, Buffer.from(payload), new TextEncoder().encode(payload)];
  const standard = { ...headers };
  delete standard['x-vinr-signature'];
  const signatures = [
    own,
    [own],
    { 'X-Vinr-Signature': own },
    { 'x-vinr-signature': [own] },
    new Headers({ 'x-vinr-signature': own }),
    headers,
    new Headers(headers),
    standard,
    Object.fromEntries(Object.entries(standard).map(([name, value]) => [name.toUpperCase(), value])),
  ];
  for (const body of bodies) {
    for (const signature of signatures) assert.deepEqual(await verify(body, signature), EVENT);
  }
});

test('an endpoint may have a header of its own', async () => {
  const { payload, headers } = webhooks.signTestPayload(EVENT);
  const own = { 'my-signature': headers['x-vinr-signature'] };
  assert.deepEqual(await verify(payload, own, SECRET, { signatureHeader: 'My-Signature' }), EVENT);
});

test('the published vector of Standard Webhooks', async () => {
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const payload = '{"test": 2432232314}';
  const any = { toleranceSeconds: Infinity };
  for (const spelt of [secret, secret.slice('whsec_'.length)]) {
    assert.deepEqual(await verify(payload, headers, spelt, any), { test: 2432232314 });
  }
  const several = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,xyz= ' + headers['webhook-signature'];
  assert.ok(await verify(payload, { ...headers, 'webhook-signature': several }, secret, any));
  await refused('timestamp_out_of_tolerance', payload, headers, secret);
  const signed = webhooks.signTestPayload(payload, {
    secret,
    id: headers['webhook-id'],
    timestamp: 1614265330,
  });
  assert.equal(signed.headers['webhook-signature'], headers['webhook-signature']);
});

test('the standardwebhooks library verifies what is signed here, and the other way round', async () => {
  const oracle = new Webhook(SECRET);
  const { payload, headers } = webhooks.signTestPayload(EVENT);
  assert.deepEqual(oracle.verify(payload, headers), EVENT);
  const now = new Date();
  const signed = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': oracle.sign('msg_1', now, payload),
  };
  assert.deepEqual(await verify(payload, signed), EVENT);
  await refused('signature_mismatch', payload, { ...signed, 'webhook-id': 'msg_2' });
});

test('while a secret is replaced, either will do', async () => {
  const { payload, headers } = webhooks.signTestPayload(EVENT);
  assert.deepEqual(await verify(payload, headers, [OTHER, SECRET]), EVENT);
  await refused('signature_mismatch', payload, headers, [OTHER]);
  const other = webhooks.signTestPayload(EVENT, { secret: OTHER });
  const two = `${other.headers['x-vinr-signature']},${headers['x-vinr-signature'].split(',')[1]}`;
  assert.deepEqual(await verify(payload, two), EVENT);
});

test('whatever byte is changed, the signature no longer holds', async () => {
  const { payload, headers } = webhooks.signTestPayload(EVENT);
  const body = Buffer.from(payload);
  for (let place = 0; place < body.length; place += 1) {
    const changed = Buffer.from(body);
    changed[place] ^= 1;
    await refused('signature_mismatch', changed, headers['x-vinr-signature']);
    await refused('signature_mismatch', changed, headers);
  }
  const own = headers['x-vinr-signature'];
  for (let place = own.indexOf('v1=') + 3; place < own.length; place += 1) {
    const digit = own[place] === '0' ? '1' : '0';
    await refused('signature_mismatch', payload, own.slice(0, place) + digit + own.slice(place + 1));
  }
});

test('a timestamp may be five minutes off, both ways, unless told', async () => {
  const now = Math.floor(Date.now() / 1000);
  const at = (timestamp) => {
    const { payload, headers } = webhooks.signTestPayload(EVENT, { timestamp });
    return [payload, headers['x-vinr-signature']];
  };
  assert.ok(await verify(...at(now - 290)));
  assert.ok(await verify(...at(now + 290)));
  assert.match((await refused('timestamp_out_of_tolerance', ...at(now - 310))).message, /31\d s old/);
  assert.match((await refused('timestamp_out_of_tolerance', ...at(now + 310))).message, /ahead of this clock/);
  assert.ok(await verify(...at(now - 310), SECRET, { toleranceSeconds: 600 }));
  await refused('timestamp_out_of_tolerance', ...at(now - 20), SECRET, { toleranceSeconds: 10 });
});

test('errors name the cause', async () => {
  const { payload, headers } = webhooks.signTestPayload(EVENT);
  const own = headers['x-vinr-signature'];
  const rawBody = /Are you passing the raw body/;
  assert.match((await refused('payload_not_raw', JSON.parse(payload), own)).message, rawBody);
  assert.match((await refused('payload_not_raw', undefined, own)).message, rawBody);
  const respelt = JSON.stringify(JSON.parse(payload), null, 2);
  assert.match((await refused('signature_mismatch', respelt, own)).message, rawBody);
  await refused('signature_mismatch', payload, own, OTHER);
  for (const nothing of [undefined, null, '', [], {}]) await refused('signature_missing', payload, nothing);
  for (const odd of ['x', 't=1', 'v1=ab', 't=,v1=ab', 't=-5,v1=ab', 't=1e9,v1=ab', `t=${'9'.repeat(40)},v1=ab`]) {
    await refused('signature_malformed', payload, odd);
  }
  const standard = { ...headers, 'webhook-signature': 'v1,***' };
  await refused('signature_malformed', payload, standard);
  await refused('secret_malformed', payload, headers, 'whsec_***');
  const text = webhooks.signTestPayload('no JSON');
  await refused('payload_not_json', text.payload, text.headers);
  assert.throws(() => new Webhooks().verify(payload, own), { code: 'secret_missing' });
});

test('a client has the secret from its options or from the environment', () => {
  const { payload, headers } = webhooks.signTestPayload(EVENT);
  const own = headers['x-vinr-signature'];
  const { webhooks: given } = new Laurel({ secretKey: 'sk_1', webhookSecret: SECRET });
  assert.deepEqual(given.verify(payload, own), EVENT);
  process.env.LAUREL_WEBHOOK_SECRET = SECRET;
  try {
    const { webhooks: found } = new Laurel({ secretKey: 'sk_1' });
    assert.deepEqual(found.verify(payload, own), EVENT);
    assert.deepEqual(found.verify(payload, own, undefined, { toleranceSeconds: 5 }), EVENT);
  } finally {
    delete process.env.LAUREL_WEBHOOK_SECRET;
  }
});
