import type { TimeLike } from './common.js';
import type { QueryOf, Schema } from './schema.js';

/** An event to handle: a payment, or anything else that a rule can reward. */
export interface IncomingEvent {
  /** As `payment.completed` or `review_submitted`. */
  type: string;
  /** Your own id of the event. */
  id?: string;
  /** When it happened; now unless told. */
  occurred_at?: TimeLike;
  program?: string;
  data: IncomingEventData;
}

/** What an event is about; each type has its own fields besides. */
export interface IncomingEventData {
  /** The object behind the event, by which repeats are recognised. */
  id?: string;
  customer?: string;
  account?: string;
  email?: string;
  /** In minor units. */
  amount?: number;
  /** ISO 4217. */
  currency?: string;
  metadata?: Record<string, unknown>;
  [field: string]: unknown;
}

/** What came of an event. */
export interface EventOutcome extends Schema<'EventOutcome'> {}

/** A behaviour of somebody known by email. */
export interface ManualEvent extends Schema<'ResonanceTriggerEventParams'> {}
/** What it brought. */
export interface ManualEventOutcome extends Schema<'ManualEventOutcome'> {}

/** How events are to be taken. */
export interface EventIngestParams extends QueryOf<'events.create'> {}

/** Which emitted events. */
export interface EventListParams extends QueryOf<'events.list'> {}

/** Different awards for different members, with what came of them where one is asked for. */
export interface Experiment extends Schema<'Experiment'> {}
/** Where it is. */
export interface ExperimentRetrieveParams extends QueryOf<'experiments.retrieve'> {}
/** Which experiments. */
export interface ExperimentListParams extends QueryOf<'experiments.list'> {}
/** How an experiment ends. */
export interface ExperimentStopParams extends Schema<'ExperimentsStopParams'> {}

/** An event type that rules can reward, with the shape of its metadata. */
export interface EventType extends Schema<'EventType'> {}
/** A new event type. */
export interface EventTypeCreateParams extends Schema<'EventTypesCreateParams'> {}
/** A change of an event type; what is absent stays. */
export interface EventTypeUpdateParams extends Schema<'EventTypesUpdateParams'> {}
/** Which event types. */
export interface EventTypeListParams extends QueryOf<'event_types.list'> {}
