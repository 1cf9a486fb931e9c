// TypeScript blocks, compiled and run as modules of somebody who installed the package.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ROOT } from './stack.mjs';

const SDK = join(ROOT, 'sdk/typescript');
const ts = createRequire(join(SDK, 'package.json'))('typescript');

/** Makes a project in `dir` with the packed client installed as `name`. */
export function makeProject(dir, name) {
  const npm = (...args) => execFileSync('npm', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  writeFileSync(join(dir, 'package.json'), '{ "private": true, "type": "module" }\n');
  const packed = npm('pack', SDK, '--ignore-scripts', '--silent', '--pack-destination', dir).trim().split('\n').pop();
  npm('install', '--silent', '--offline', '--no-audit', '--no-fund', `${name}@file:${join(dir, packed)}`);
  mkdirSync(join(dir, 'given'));
  let count = 0;
  return {
    dir,
    /**
     * Runs a block as a module; answers its exports and what it logged.
     *
     * @param given what the document has before the block, by name.
     * @param wanted names of the block that the test wants to see.
     */
    async run(text, { given = {}, wanted = [] } = {}) {
      count += 1;
      const key = `laurel_given_${count}`;
      globalThis[key] = given;
      const names = Object.keys(given);
      const lines = names.map((given) => `export const ${given} = globalThis.${key}.${given};`);
      writeFileSync(join(dir, 'given', `${count}.js`), `${lines.join('\n')}\n`);
      const source = around(text, names, `./given/${count}.js`, wanted);
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      const path = join(dir, `block-${count}.js`);
      writeFileSync(path, outputText);
      const logged = [];
      const { log } = console;
      console.log = (...values) => logged.push(values);
      try {
        const exports = await import(pathToFileURL(path).href);
        return { ...exports, logged };
      } finally {
        console.log = log;
        delete globalThis[key];
      }
    },
    /**
     * Compiles blocks strictly; answers what the compiler has against them, by the blocks' names.
     *
     * @param types the TypeScript that declares what blocks are given.
     */
    complaints(blocks, types) {
      writeFileSync(join(dir, 'given.ts'), types);
      const files = blocks.map(({ name, text, given = [], wanted = [] }) => {
        const path = join(dir, `${name}.ts`);
        writeFileSync(path, around(text, given, './given.js', wanted));
        return path;
      });
      const program = ts.createProgram(files, {
        strict: true,
        noEmit: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        types: ['node'],
        typeRoots: [join(SDK, 'node_modules/@types')],
      });
      return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
        const name = file?.fileName.split('/').pop() ?? 'options';
        return `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      });
    },
  };
}

/** A block with what stands around it: nothing in it is changed. */
function around(text, given, from, wanted) {
  const before = given.length === 0 ? '' : `import { ${given.join(', ')} } from '${from}';\n`;
  return `${before}${text}\nexport { ${wanted.join(', ')} };\n`;
}
