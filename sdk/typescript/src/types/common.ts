import type { ListParams } from '../list.js';

/** A moment in RFC 3339, as the API answers it. */
export type Timestamp = string;

/** A moment as it may be given. */
export type TimeLike = string | Date;

/** Your own keys and values: at most 50 keys of 40 characters, values of 500. */
export type Metadata = Record<string, string>;

/** A change of metadata: keys merge, null deletes one. */
export type MetadataChange = Record<string, string | number | boolean | null>;

/** A range of times; all of its bounds are optional. */
export interface TimeRange {
  gt?: TimeLike | undefined;
  gte?: TimeLike | undefined;
  lt?: TimeLike | undefined;
  lte?: TimeLike | undefined;
}

/** A list that can be cut by time. */
export interface TimedListParams extends ListParams {
  /** When the objects were created. */
  created?: TimeRange | undefined;
}
