// Objects of routes that the API does not serve yet, as its specification describes them.
import type { ListParams } from '../list.js';
import type { IncomingEvent } from './events.js';

/** What every list of a program takes. */
export interface ProgramScopedListParams extends ListParams {
  program?: string;
}

/** An event that has not happened. */
export interface EstimateParams {
  account?: string;
  program?: string;
  event: Omit<IncomingEvent, 'id' | 'program'>;
}

/** What it would give, rule by rule. */
export interface Estimate {
  points: number;
  rules: { rule: string; points: number; reason: string | null; calculation: unknown }[];
}
