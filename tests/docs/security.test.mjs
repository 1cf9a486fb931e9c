// docs/security.md names a test for each attack, and each of these is there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ROOT } from '../node/stack.mjs';

/** The tests that a cell names: a file, then names in it. */
function named(cell) {
  let file;
  const tests = [];
  for (const [, text] of cell.matchAll(/`([^`]+)`/g)) {
    if (text.includes('/')) file = text;
    else tests.push([file, text]);
  }
  return tests;
}

test('every attack has a test, which exists', () => {
  const text = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
  const table = text.split('## What may be tried')[1].split('\n## ')[0];
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && !line.includes('---')).slice(1);
  assert.ok(rows.length >= 25);
  for (const row of rows) {
    const tests = named(row.split(' | ').at(-1));
    assert.ok(tests.length > 0, row);
    for (const [file, name] of tests) {
      const source = readFileSync(join(ROOT, file), 'utf8');
      assert.match(source, new RegExp(`fn ${name}\\(`), `${file} has no test ${name}`);
    }
  }
});
