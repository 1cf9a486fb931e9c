// The local stack, for tests that are a caller of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Laurel } from '../../sdk/typescript/dist/esm/index.js';

/** The project's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The key that the local stack takes. */
export const SECRET_KEY = 'sk_test_local';

const BINARY = process.env.LAUREL_BIN ?? `${process.env.CARGO_TARGET_DIR ?? `${ROOT}target`}/debug/laurel`;

/**
 * Starts a stack of its own on a free port. It is stopped by `stop`, or with this process.
 *
 * @param flags of `laurel`; `--empty` unless told.
 */
export async function startStack(flags = ['--empty']) {
  const environment = { ...process.env };
  delete environment.LAUREL_API_KEY;
  const child = spawn(BINARY, [...flags, '--port', '0'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
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
    },
  };
}
