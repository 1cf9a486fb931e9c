// Builds the package twice, as ES modules and as CommonJS, from the same sources.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));
rmSync('dist', { recursive: true, force: true });
for (const config of ['tsconfig.json', 'tsconfig.cjs.json']) {
  execFileSync('node_modules/.bin/tsc', ['--project', config], { stdio: 'inherit' });
}
// The compiler writes `.js` only. By its ending a file says what it is, so that both builds share
// one package.json, and with it one `#platform`.
for (const entry of readdirSync('dist/cjs', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const text = readFileSync(path, 'utf8').replaceAll(/(["'])(\.[^"'\n]*)\.js\1/g, '$1$2.cjs$1');
  writeFileSync(path.replace(/\.(d\.)?(js|ts)$/, '.$1c$2'), text);
  rmSync(path);
}
