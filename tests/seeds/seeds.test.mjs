// Every code block of the documents that the project is built from, run unchanged: each against a
// fresh local stack, TypeScript with the packed client under the documents' name for it, shell
// with their host led to the stack. Only a name that is drawn, as referral codes are, is put in the
// place of the documents'.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeProject } from '../node/modules.mjs';
import { runShell } from '../node/shell.mjs';
import { SECRET_KEY, startStack } from '../node/stack.mjs';
import { startTls } from '../node/tls.mjs';
import { areThere, hostsIn, seedBlocks } from './blocks.mjs';
import { EXPECTATIONS, WEBHOOK_SECRET } from './expectations.mjs';

const PACKAGE = '@vinr/sdk';

/** What the documents' blocks are given, as TypeScript sees it. */
const TYPES = `
import type { IncomingMessage } from 'node:http';
import type { Vinr } from '${PACKAGE}';
export declare const vinr: Vinr;
export declare const payload: Buffer;
export declare const signature: string;
export declare const req: IncomingMessage;
`;

const skip = areThere ? false : 'the documents are not beside the project';
const blocks = areThere ? seedBlocks() : [];
const byName = new Map(blocks.map((block) => [block.name, block]));
let dir;
let project;
let tls;

before(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'laurel-seeds-'));
  Object.assign(process.env, {
    VINR_SECRET_KEY: SECRET_KEY,
    LAUREL_WEBHOOK_SECRET: WEBHOOK_SECRET,
    CURL_HOME: dir,
  });
  project = makeProject(dir, PACKAGE);
  tls = await startTls(hostsIn(blocks), dir);
});

after(() => {
  tls?.close();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

test('every block is expected, and every expectation has its block', { skip }, () => {
  assert.deepEqual(blocks.map(({ name }) => name).sort(), Object.keys(EXPECTATIONS).sort());
});

test('the TypeScript compiles, strictly', { skip }, () => {
  const typescript = blocks.filter(({ language }) => language === 'typescript');
  const sources = typescript.map(({ name, text }) => {
    const { names, wanted } = EXPECTATIONS[name];
    return { name: name.replace('#', '-'), text, given: names, wanted };
  });
  assert.deepEqual(project.complaints(sources, TYPES), []);
});

test('the hosts of the documents lead to the stack', { skip }, async () => {
  const stack = await startStack();
  tls.leadTo(stack.baseUrl);
  try {
    for (const host of hostsIn(blocks)) {
      assert.equal((await fetch(`https://${host}/healthz`)).status, 200);
      await runShell(`curl --fail https://${host}/healthz`);
    }
  } finally {
    await stack.stop();
  }
});

for (const block of blocks) {
  test(`${block.name}, line ${block.line}`, { skip }, async () => {
    const stack = await startStack();
    process.env.LAUREL_BASE_URL = stack.baseUrl;
    tls.leadTo(stack.baseUrl);
    try {
      await perform(block, stack);
    } finally {
      await stack.stop();
    }
  });
}

async function perform(block, { client }) {
  const { Vinr } = await import(`file://${dir}/node_modules/${PACKAGE}/dist/esm/index.js`);
  const vinr = new Vinr({ secretKey: SECRET_KEY });
  const context = { ...block, client, vinr, functionOf };
  context.standsFor = (documented, made) => (context.text = context.text.replaceAll(documented, made));
  const { before, after } = EXPECTATIONS[block.name];
  await before?.(context);
  const result = await run(context, context);
  context.again = () => run(context, context);
  await after?.(context, result);
}

async function run({ name, language, text }, context) {
  if (language === 'bash') return { stdout: await runShell(text) };
  const { given, wanted } = EXPECTATIONS[name];
  return project.run(text, { given: await given?.(context), wanted });
}

/** A function that an earlier block defines. */
async function functionOf(name, wanted) {
  const exports = await run(byName.get(name), {});
  return exports[wanted];
}
