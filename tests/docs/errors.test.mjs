// docs/errors.md lists the codes that the engine has, each with its status.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ROOT } from '../node/stack.mjs';

/** Codes and their statuses, as `Code::as_str` and `Code::status` say. */
function fromTheEngine() {
  const source = readFileSync(join(ROOT, 'shared/rules/src/refusal.rs'), 'utf8');
  const statusOf = {};
  for (const [, names, status] of source.matchAll(/((?:Code::\w+[\s|]*)+)=> (\d{3}),/g)) {
    for (const [, name] of names.matchAll(/Code::(\w+)/g)) statusOf[name] = Number(status);
  }
  const spelt = [...source.matchAll(/^\s*Code::(\w+) => "(\w+)",$/gm)].filter(([, , text]) => !text.endsWith('_error') || text === 'internal_error');
  return Object.fromEntries(spelt.map(([, name, text]) => [text, statusOf[name]]));
}

test('every code of the engine is documented with its status, and no other', () => {
  const text = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` \| (\d{3}) \| .+ \| .+ \|$/gm)];
  const documented = Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]));
  const expected = fromTheEngine();
  assert.ok(Object.keys(expected).length >= 30);
  assert.deepEqual(documented, expected);
});
