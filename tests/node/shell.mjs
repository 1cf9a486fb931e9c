// Shell blocks, run as a reader would run them.
import { spawn } from 'node:child_process';

/** Runs a script with bash; answers what it printed. Fails as soon as one of its commands does. */
export function runShell(script, { env = {}, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve(stdout);
      reject(new Error(`the commands ended with ${code}:\n${stdout}${stderr}`));
    });
  });
}
