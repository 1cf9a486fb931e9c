// A stack, for tests that are a caller of it: a local one of their own, or the one that
// LAUREL_STACK_URL leads to. That takes the key LAUREL_STACK_KEY, and whoever posts to
// LAUREL_STACK_RESET finds it empty afterwards.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Laurel } from '../../sdk/typescript/dist/esm/index.js';
import { told } from './secrets.mjs';

/** The project's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const { LAUREL_STACK_URL, LAUREL_STACK_KEY, LAUREL_STACK_RESET } = process.env;

/** The key that the stack takes. */
export const SECRET_KEY = LAUREL_STACK_URL ? LAUREL_STACK_KEY : 'sk_test_local';

const BINARY = process.env.LAUREL_BIN ?? `${process.env.CARGO_TARGET_DIR ?? `${ROOT}target`}/debug/laurel`;

/**
 * Starts a stack of its own on a free port, or empties the one that there is. It is stopped by
 * `stop`, or with this process.
 *
 * @param flags of `laurel`; `--empty` unless told.
 */
export async function startStack(flags = ['--empty']) {
  if (LAUREL_STACK_URL) return emptyStack();
  const environment = { ...process.env };
  delete environment.LAUREL_API_KEY;
  environment.NO_COLOR = '1';
  const child = spawn(BINARY, [...flags, '--verbose', '--port', '0'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // All of the log is looked at, and what is amiss is shown.
  const tales = [];
  createInterface(child.stderr).on('line', (line) => {
    if (!/^\S+ +(INFO|WARN) /.test(line)) console.error(line);
    const what = told(line);
    if (what) tales.push(`the log tells ${what}: ${line}`);
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const baseUrl = await new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${BINARY} does not start; cargo build makes it`, { cause })));
    child.once('exit', (code) => reject(new Error(`${BINARY} ended with ${code} before it listened`)));
    createInterface(child.stdout).on('line', (line) => {
      const found = /listens on (http:\S+?)\. /.exec(line);
      if (found) resolve(found[1]);
    });
  });
  return {
    baseUrl,
    client: new Laurel({ secretKey: SECRET_KEY, baseUrl, maxRetries: 0 }),
    async stop() {
      process.removeListener('exit', kill);
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
      if (tales.length > 0) throw new Error(tales.join('\n'));
    },
  };
}

async function emptyStack() {
  const { status } = await fetch(LAUREL_STACK_RESET, { method: 'POST' });
  if (status !== 204) throw new Error(`${LAUREL_STACK_RESET} answered ${status}`);
  const baseUrl = LAUREL_STACK_URL;
  const client = new Laurel({ secretKey: SECRET_KEY, baseUrl, maxRetries: 0 });
  return { baseUrl, client, stop: async () => {} };
}
