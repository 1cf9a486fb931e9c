// The Python of the guide to webhooks verifies what the client signs, and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { Laurel } from '../../sdk/typescript/dist/esm/index.js';
import { fencedBlocks } from '../node/blocks.mjs';
import { ROOT } from '../node/stack.mjs';

test('the verification in Python', () => {
  const python = fencedBlocks(join(ROOT, 'docs/webhooks.md')).filter(({ language }) => language === 'python');
  assert.equal(python.length, 1);
  const verifies = (body, header, secret) => {
    const ask = `${python[0].text}\nimport sys\nprint(verify(sys.argv[1].encode(), sys.argv[2], sys.argv[3]))`;
    return execFileSync('python3', ['-c', ask, body, header, secret], { encoding: 'utf8' }).trim() === 'True';
  };
  const secret = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;
  const body = '{"id":"evt_1","type":"loyalty.points.earned"}';
  const { webhooks } = new Laurel({ secretKey: 'sk_test_local', webhookSecret: secret });
  const signed = (options) => webhooks.signTestPayload(body, options).headers['x-vinr-signature'];
  assert.ok(verifies(body, signed(), secret));
  assert.ok(!verifies(`${body} `, signed(), secret));
  assert.ok(!verifies(body, signed(), `${secret}A`));
  assert.ok(!verifies(body, signed({ timestamp: Math.floor(Date.now() / 1000) - 301 }), secret));
});
