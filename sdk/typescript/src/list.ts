/** One page of a list, as the API answers it. */
export interface ListBody<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

/** What every list takes. */
export interface ListParams {
  /** How many to a page: 1 to 100, 20 unless told. */
  limit?: number | undefined;
  /** The id after which the page begins. */
  starting_after?: string | undefined;
  /** The id before which the page ends; going through the list then leads backwards. */
  ending_before?: string | undefined;
}

/** One page, which can be gone through beyond its end. */
export interface Page<T> extends ListBody<T>, AsyncIterable<T> {
  /** The next page, in the direction in which the list was asked for; undefined after the last. */
  nextPage(): Promise<Page<T> | undefined>;
}

/**
 * A list: awaited, it is its first page; gone through with `for await`, it is all of its members,
 * page by page as they are needed.
 */
export interface ListPromise<T> extends Promise<Page<T>>, AsyncIterable<T> {
  /** All members, or the first `limit`, in one array. */
  toArray(options?: { limit?: number }): Promise<T[]>;
}

type Fetch<T> = (params: ListParams) => Promise<ListBody<T>>;

/** The list that `fetch` answers page by page. */
export function list<T extends { id: string }>(fetch: Fetch<T>, params: ListParams): ListPromise<T> {
  const first = page(fetch, params);
  const iterate = async function* (): AsyncGenerator<T> {
    yield* await first;
  };
  return Object.assign(first, {
    [Symbol.asyncIterator]: iterate,
    async toArray({ limit = Infinity }: { limit?: number } = {}): Promise<T[]> {
      const all: T[] = [];
      for await (const member of iterate()) {
        if (all.length < limit) all.push(member);
        if (all.length >= limit) break;
      }
      return all;
    },
  });
}

async function page<T extends { id: string }>(fetch: Fetch<T>, params: ListParams): Promise<Page<T>> {
  const body = await fetch(params);
  const isBackward = params.ending_before !== undefined;
  const nextPage = async (): Promise<Page<T> | undefined> => {
    const cursor = isBackward ? body.data[0] : body.data[body.data.length - 1];
    if (!body.has_more || cursor === undefined) return undefined;
    const place = isBackward ? { ending_before: cursor.id } : { starting_after: cursor.id };
    return page(fetch, { ...params, ...place });
  };
  const found: Page<T> = {
    ...body,
    nextPage,
    [Symbol.asyncIterator]: () => members(found, isBackward),
  };
  // What is gone through or printed is the answer alone.
  Object.defineProperty(found, 'nextPage', { enumerable: false });
  Object.defineProperty(found, Symbol.asyncIterator, { enumerable: false });
  return found;
}

async function* members<T>(first: Page<T>, isBackward: boolean): AsyncGenerator<T> {
  let current: Page<T> | undefined = first;
  while (current !== undefined) {
    yield* isBackward ? [...current.data].reverse() : current.data;
    current = await current.nextPage();
  }
}
