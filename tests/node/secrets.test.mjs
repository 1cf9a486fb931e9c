// What the local stack logs tells no secret: every stack of these tests is watched (stack.mjs).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { told } from './secrets.mjs';

test('a line that tells a secret is noticed', () => {
  for (const line of [
    'key=sk_test_local',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    `mt_loy_1.1795176000.${'0f'.repeat(32)}`,
    `v1=${'0f'.repeat(32)}`,
    'Bearer abc',
    'anna@example.com',
  ]) {
    assert.ok(told(line), line);
  }
  assert.equal(told('answered status=200 latency_ms=3 request_id=req_Ab12'), undefined);
});
