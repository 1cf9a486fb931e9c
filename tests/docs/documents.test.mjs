// The commands of our own documents, run as they stand against a local stack: only the ports are
// other ones.
//
// What follows the language of a fenced block says what it is:
//   run                runs; blocks of TypeScript are one module, run after the shell's
//   background         runs beside the others, until the end of the document
//   file=NAME          is written to that file
//   output             what the last run printed (the module, for text); `…` stands for anything,
//                      and JSON may have more fields
//   background-output  what the background has printed by then
//   elsewhere          a command that this test does in another way, named below
//   excerpt=PATH       is a part of that file
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { fencedBlocks } from '../node/blocks.mjs';
import { makeProject } from '../node/modules.mjs';
import { freePort } from '../node/receiver.mjs';
import { runShell } from '../node/shell.mjs';
import { ROOT, SECRET_KEY, startStack } from '../node/stack.mjs';

/** Documents of which every command is run. */
const WHOLE = [
  'docs/quickstart.md',
  'docs/launch.md',
  'docs/linking-payments.md',
  'docs/sandbox.md',
  'docs/behaviors.md',
  'docs/experiments.md',
  'docs/campaigns.md',
  'docs/expiry.md',
  'docs/explain.md',
  'docs/milestones-and-streaks.md',
  'docs/referrals.md',
  'docs/rewards.md',
  'docs/store-credit.md',
  'docs/tiers.md',
];
/** Documents of which the marked commands are run. */
const MARKED = [
  'README.md',
  'docs/idempotency.md',
  'docs/keys.md',
  'docs/landing.md',
  'docs/liability.md',
  'docs/simulations.md',
  'docs/webhooks.md',
  'sdk/typescript/README.md',
];

/** The stack is started, and the packed client installed, before a document is gone through. */
const ELSEWHERE = [
  'cargo run -- --empty',
  'npm --prefix sdk/typescript ci && npm --prefix sdk/typescript run build\nnpm install ./sdk/typescript',
];

const COMMANDS = ['sh', 'bash', 'js', 'typescript'];

for (const path of [...WHOLE, ...MARKED]) {
  test(path, async () => {
    const blocks = fencedBlocks(join(ROOT, path));
    const unmarked = blocks.filter(({ language, info }) => COMMANDS.includes(language) && info === '');
    if (WHOLE.includes(path)) assert.deepEqual(unmarked, [], 'every command says how it is run');
    const dir = mkdtempSync(join(tmpdir(), 'laurel-docs-'));
    const stack = await startStack(path === 'README.md' ? [] : ['--empty']);
    const background = [];
    Object.assign(process.env, { LAUREL_BASE_URL: stack.baseUrl, LAUREL_SECRET_KEY: SECRET_KEY });
    try {
      await follow(blocks, { dir, stack, background, receiverPort: await freePort() });
      const dead = await (await fetch(`${stack.baseUrl}/_local/dead_letters`)).json();
      assert.deepEqual(dead.data, [], 'nothing that a document does is lost');
    } finally {
      for (const { child } of background) child.kill();
      await stack.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

async function follow(blocks, { dir, stack, background, receiverPort }) {
  const needsClient = blocks.some(({ text, info }) => info !== '' && text.includes('@laurel/sdk'));
  const project = needsClient ? makeProject(dir, '@laurel/sdk') : undefined;
  const here = (text) =>
    text.replaceAll('http://127.0.0.1:8787', stack.baseUrl).replaceAll(/\b3000\b/g, String(receiverPort));
  const modules = [];
  const logged = [];
  let stdout = '';
  for (const { language, info, text, line } of blocks) {
    const [kind, name] = info.split('=');
    const at = `line ${line}`;
    if (kind === 'run' && language === 'typescript') {
      modules.push(text);
    } else if (kind === 'run') {
      // An answer that refuses is a failure, too, and the last answer is what is shown.
      stdout = await runShell(here(text).replaceAll(/\bcurl /g, 'curl -sS --fail-with-body '), { cwd: dir });
    } else if (kind === 'background') {
      background.push(await start(here(text), dir));
    } else if (kind === 'file') {
      writeFileSync(join(dir, name), here(text));
    } else if (kind === 'output' && language === 'json') {
      isPart(JSON.parse(text), JSON.parse(lastLine(stdout)), at);
    } else if (kind === 'output') {
      logged.push(text);
    } else if (kind === 'background-output') {
      await background.at(-1).prints(matching(text), at);
    } else if (kind === 'elsewhere') {
      assert.ok(ELSEWHERE.includes(text), `${at}: this test knows nothing of it`);
    } else if (kind === 'excerpt') {
      assert.ok(readFileSync(join(ROOT, name), 'utf8').includes(text), `${at}: ${name} says otherwise`);
    } else {
      assert.ok(kind === '' || kind === 'output', `${at}: what is ${kind}?`);
    }
  }
  if (modules.length === 0) return;
  const whole = modules.join('\n');
  assert.deepEqual(project.complaints([{ name: 'document', text: whole }], ''), []);
  const { logged: lines } = await project.run(whole);
  if (logged.length > 0) assert.match(lines.map((values) => values.join(' ')).join('\n'), matching(logged.join('\n')));
}

/** Starts a command; it is ready when it has printed something. */
async function start(command, cwd) {
  // Without a shell between, so that it can be ended by its id.
  const child = spawn('bash', ['-c', `exec ${command}`], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  const isPrinted = (pattern, what) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what}: printed was only ${printed}`)), 15_000);
      const look = () => {
        if (!pattern.test(printed.trim())) return;
        clearTimeout(timer);
        child.stdout.off('data', look);
        resolve();
      };
      child.stdout.on('data', look);
      look();
    });
  child.stdout.on('data', (chunk) => (printed += chunk));
  await isPrinted(/./, command);
  return { child, prints: isPrinted };
}

function lastLine(text) {
  // Answers of several commands come without a line's end between them.
  const start = text.lastIndexOf('}{');
  return start === -1 ? text : text.slice(start + 1);
}

/** A text in which `…` stands for anything. */
function matching(text) {
  const escaped = text.trim().split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}

/** Every field of `shown` is in `found`, and is the same. */
function isPart(shown, found, at) {
  if (typeof shown === 'string') return assert.match(String(found), matching(shown), at);
  if (typeof shown !== 'object' || shown === null) return assert.equal(found, shown, at);
  assert.equal(Array.isArray(found), Array.isArray(shown), at);
  if (Array.isArray(shown)) assert.equal(found.length, shown.length, at);
  for (const [key, value] of Object.entries(shown)) isPart(value, found[key], `${at}, ${key}`);
}
