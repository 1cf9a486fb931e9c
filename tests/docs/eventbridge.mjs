// As much of EventBridge as the templates of `integrations/` use.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const yaml = createRequire(new URL('../node/package.json', import.meta.url))('yaml');

/** A CloudFormation template; what `!Ref` and the like stand for is of no account here. */
export function readTemplate(path) {
  return yaml.parse(readFileSync(path, 'utf8'), { logLevel: 'silent' });
}

/** Whether an event fits a pattern of exact values, prefixes, and nested fields. */
export function fits(pattern, event) {
  return Object.entries(pattern).every(([field, wanted]) => {
    const value = event?.[field];
    if (!Array.isArray(wanted)) return fits(wanted, value);
    return wanted.some((one) =>
      typeof one === 'object' && one !== null
        ? typeof value === 'string' && value.startsWith(one.prefix)
        : one === value,
    );
  });
}

/**
 * What a target gets: a placeholder of its own becomes the value as JSON, one within a text its
 * characters. A path that leads nowhere leaves nothing behind, which then is no JSON.
 */
export function transform({ InputPathsMap, InputTemplate }, event) {
  const at = (path) => path.split('.').slice(1).reduce((value, field) => value?.[field], event);
  const values = Object.fromEntries(Object.entries(InputPathsMap).map(([name, path]) => [name, at(path)]));
  let isInText = false;
  const filled = InputTemplate.replace(/"|<([\w-]+)>/g, (found, name) => {
    if (found === '"') {
      isInText = !isInText;
      return found;
    }
    if (!(name in values)) throw new Error(`the template uses <${name}>, which has no path`);
    const value = values[name];
    if (value === undefined) return '';
    return isInText ? String(value) : JSON.stringify(value);
  });
  return JSON.parse(filled);
}
