// Which code blocks the documents beside the project have, by file and position.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { fencedBlocks } from '../node/blocks.mjs';
import { ROOT } from '../node/stack.mjs';

const SEEDS = join(ROOT, '../shared/seeds');

/** The documents without fences: where their blocks are, in lines from 1, both inclusive. */
const RANGES = {
  '004': [[23, 42], [62, 77], [86, 98], [102, 107], [110, 115], [118, 124]],
};

/** What ends like this is code, and must be in a block. */
const CODE = /[{};]$/;

/** Whether the documents are there. */
export const areThere = existsSync(SEEDS);

/** All blocks that call the API or verify a webhook could be among, named `<file>#<place>`. */
export function seedBlocks() {
  return readdirSync(SEEDS)
    .sort()
    .flatMap((file) => {
      const path = join(SEEDS, file);
      const key = file.slice(0, 3);
      const blocks = key in RANGES ? cut(path, RANGES[key]) : fencedBlocks(path);
      return blocks
        .filter(({ language }) => ['typescript', 'javascript', 'bash'].includes(language))
        .map((block, place) => ({ ...block, name: `${key}#${place}` }));
    });
}

function cut(path, ranges) {
  const lines = readFileSync(path, 'utf8').split('\n');
  const isInside = (line) => ranges.some(([first, last]) => first <= line && line <= last);
  const outside = lines.findIndex((line, place) => CODE.test(line) && !isInside(place + 1));
  if (outside !== -1) throw new Error(`${path}:${outside + 1} is code, but in none of the known blocks`);
  return ranges.map(([first, last]) => ({
    language: 'javascript',
    info: '',
    line: first,
    text: lines.slice(first - 1, last).join('\n'),
  }));
}

/** The ids with a prefix that a block names, in their order, each once. */
export function idsIn(text, prefix) {
  const found = text.match(new RegExp(`(?<=['"= ])${prefix}[^'"\\s]*`, 'g')) ?? [];
  return [...new Set(found)];
}

/** The hosts that blocks call. */
export function hostsIn(blocks) {
  return [...new Set(blocks.flatMap(({ text }) => text.match(/(?<=https:\/\/)[a-z0-9.-]+/g) ?? []))];
}
