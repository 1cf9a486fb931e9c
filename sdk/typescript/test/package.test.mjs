import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import * as esm from '@laurel/sdk';

const require = createRequire(import.meta.url);
const metadata = require('@laurel/sdk/package.json');

test('the class has its names in both kinds of modules', () => {
  const cjs = require('@laurel/sdk');
  for (const loaded of [esm, cjs]) {
    assert.equal(loaded.Vinr, loaded.Laurel);
    assert.equal(loaded.default, loaded.Laurel);
    assert.ok(new loaded.Vinr({ secretKey: 'sk_1' }).webhooks instanceof loaded.Webhooks);
  }
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
});

test('nothing is needed at run time', () => {
  assert.equal(metadata.dependencies, undefined);
  assert.equal(metadata.peerDependencies, undefined);
});

test('the lock names no host', () => {
  const lock = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
  assert.ok(!lock.includes('"resolved"'));
});

test('other runtimes than Node verify with what the web has', () => {
  // Without the condition `node`, as bundlers for the edge resolve; `--conditions` cannot take it
  // away, so the file for the web is loaded by its path, in the place of the other.
  const script = `
    import { register } from 'node:module';
    import assert from 'node:assert/strict';
    globalThis.crypto ??= (await import('node:crypto')).webcrypto;
    register('data:text/javascript,' + encodeURIComponent(\`
      export const resolve = (name, context, next) =>
        next(name === '#platform' ? './platform/web.js' : name, context);
    \`));
    const { Webhooks } = await import(${JSON.stringify(new URL('../dist/esm/index.js', import.meta.url).href)});
    const payload = '{"test": 2432232314}';
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const webhooks = new Webhooks('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const any = { toleranceSeconds: Infinity };
    assert.deepEqual(await webhooks.verifyAsync(payload, headers, undefined, any), { test: 2432232314 });
    assert.throws(() => webhooks.verify(payload, headers, undefined, any), /verifyAsync/);
  `;
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'pipe' });
});
