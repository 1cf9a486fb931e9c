import type { components, operations } from '../openapi.js';

/** An object as the API describes it. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/** The query of an operation. */
export type QueryOf<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;
