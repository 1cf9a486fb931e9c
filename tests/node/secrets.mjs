// What must never be in a log, by its form.
import { readFileSync } from 'node:fs';

const listed = JSON.parse(readFileSync(new URL('../secrets.json', import.meta.url), 'utf8'));
const FORMS = listed.map(({ what, form }) => [what, new RegExp(form)]);

/** What a line of a log tells that it must not; undefined where nothing. */
export function told(line) {
  return FORMS.find(([, form]) => form.test(line))?.[0];
}
