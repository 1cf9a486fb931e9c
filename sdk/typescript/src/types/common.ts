import type { Schema } from './schema.js';

/** A moment in RFC 3339, as the API answers it. */
export type Timestamp = string;

/** A moment as it may be given: RFC 3339, Unix seconds, or a date. */
export type TimeLike = string | number | Date;

/** Your own keys and values: at most 50 keys of 40 characters, values of 500. */
export type Metadata = Record<string, string>;

/** A change of metadata: keys merge, null deletes one. */
export type MetadataChange = Record<string, string | number | boolean | null>;

/** What is left of an object that was deleted. */
export interface Deleted extends Schema<'Deleted'> {}
