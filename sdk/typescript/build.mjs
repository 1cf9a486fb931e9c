// Builds the package twice, as ES modules and as CommonJS, from the same sources.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));
rmSync('dist', { recursive: true, force: true });
for (const config of ['tsconfig.json', 'tsconfig.cjs.json']) {
  execFileSync('node_modules/.bin/tsc', ['--project', config], { stdio: 'inherit' });
}
// The nearest package.json says how node reads a `.js` file, and where `#platform` is.
const imports = { '#platform': { node: './platform/node.js', default: './platform/web.js' } };
writeFileSync('dist/cjs/package.json', `${JSON.stringify({ type: 'commonjs', imports }, null, 2)}\n`);
