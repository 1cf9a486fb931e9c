import type { JournalLine } from './types/loyalty.js';

/** A part of a journal, which can be gone through beyond its end. */
export interface JournalPage extends AsyncIterable<JournalLine> {
  lines: JournalLine[];
  /** The next part; undefined after the last. */
  nextPage(): Promise<JournalPage | undefined>;
}

/** A part from its lines and the `Link` header beside them. */
export function journalPage(
  text: string,
  link: string | null,
  after: (cursor: string) => Promise<JournalPage>,
): JournalPage {
  const rows = text.split('\n').filter((line) => line !== '');
  const next = /<([^>]*)>; rel="next"/.exec(link ?? '')?.[1];
  const cursor = next === undefined ? null : new URL(next, 'http://localhost').searchParams.get('starting_after');
  const page: JournalPage = {
    lines: rows.map((line) => JSON.parse(line) as JournalLine),
    nextPage: async () => (cursor === null ? undefined : after(cursor)),
    async *[Symbol.asyncIterator]() {
      for (let part: JournalPage | undefined = page; part !== undefined; part = await part.nextPage()) {
        yield* part.lines;
      }
    },
  };
  return page;
}
