import type { WebhookEvent } from '../events.js';
import type { RequestOptions } from '../http.js';
import type { ListBody, ListPromise } from '../list.js';
import { Resource } from '../resource.js';
import type { Deleted } from '../types/common.js';
import type * as E from '../types/events.js';
import type * as K from '../types/keys.js';
import type * as S from '../types/sandbox.js';
import type * as W from '../types/webhooks.js';

/** Events in, and events that Laurel emitted. */
export class Events extends Resource {
  /** Handles an event, or up to 100 in one call; an event that is refused does not stop the others. */
  ingest(event: E.IncomingEvent, params?: E.EventIngestParams, options?: RequestOptions): Promise<E.EventOutcome>;
  ingest(
    events: E.IncomingEvent[],
    params?: E.EventIngestParams,
    options?: RequestOptions,
  ): Promise<ListBody<E.EventOutcome>>;
  ingest(
    body: E.IncomingEvent | E.IncomingEvent[],
    params?: E.EventIngestParams,
    options?: RequestOptions,
  ): Promise<E.EventOutcome | ListBody<E.EventOutcome>> {
    return this.http.call({ method: 'POST', path: this.base, query: params, body, options });
  }

  readonly retrieve = this.retrieves<WebhookEvent>();
  /** What was emitted in the last 30 days, newest first. */
  readonly list = this.lists<E.EventListParams, WebhookEvent>();
}

/** Different awards for different members; rules begin them by `experiment`. */
export class Experiments extends Resource {
  /** An experiment by its key, with its results; `program` where it is not `prog_default`. */
  retrieve(key: string, params?: E.ExperimentRetrieveParams, options?: RequestOptions): Promise<E.Experiment> {
    return this.http.call({ method: 'GET', path: this.one(key), query: params, options });
  }

  readonly list = this.lists<E.ExperimentListParams, E.Experiment>();
  /** Ends it: the rule goes on with the winner's fields, or with its own. */
  readonly stop = this.actsWith<E.ExperimentStopParams, E.Experiment>('stop');
}

/** Behaviours of people who are known by their email addresses. */
export class Resonance extends Resource {
  /** Handles one behaviour; the answer says what it brought, and the balance. */
  readonly triggerEvent = this.creates<E.ManualEvent, E.ManualEventOutcome>('/manual-event');
}

/** Event types that rules can reward, with the shape of their metadata; named by id, or by name in `prog_default`. */
export class EventTypes extends Resource {
  readonly create = this.creates<E.EventTypeCreateParams, E.EventType>();
  readonly retrieve = this.retrieves<E.EventType>();
  readonly update = this.updates<E.EventTypeUpdateParams, E.EventType>();
  readonly list = this.lists<E.EventTypeListParams, E.EventType>();
  readonly delete = this.deletes<Deleted>();
}

/** Where events are delivered to. */
export class WebhookEndpoints extends Resource {
  /** The answer is the only one, besides that of a rotation, with the `secret`. */
  readonly create = this.creates<W.WebhookEndpointCreateParams, W.WebhookEndpoint>();
  readonly retrieve = this.retrieves<W.WebhookEndpoint>();
  readonly update = this.updates<W.WebhookEndpointUpdateParams, W.WebhookEndpoint>();
  readonly list = this.lists<W.WebhookEndpointListParams, W.WebhookEndpoint>();
  readonly delete = this.deletes<Deleted>();
  /** Makes a new secret; the one so far goes on beside it for a while. */
  readonly rotateSecret = this.actsWith<W.WebhookEndpointRotateSecretParams, W.WebhookEndpoint>('rotate_secret');
  /** Sends a sample event to an endpoint; answers its delivery. */
  readonly test = this.actsWith<W.WebhookEndpointTestParams, W.WebhookDelivery>('test');

  /** What was delivered to an endpoint, or is yet to be, with every attempt. */
  deliveries(
    id: string,
    params?: W.WebhookDeliveryListParams,
    options?: RequestOptions,
  ): ListPromise<W.WebhookDelivery> {
    return this.pages(this.one(id, '/deliveries'), params, options);
  }

  /** One delivery. */
  retrieveDelivery(id: string, delivery: string, options?: RequestOptions): Promise<W.WebhookDelivery> {
    const path = this.one(id, `/deliveries/${encodeURIComponent(delivery)}`);
    return this.http.call({ method: 'GET', path, options });
  }

  /** Sends a delivery again. */
  redeliver(delivery: string, options?: RequestOptions): Promise<W.WebhookDelivery> {
    const path = `${this.base}/deliveries/${encodeURIComponent(delivery)}/redeliver`;
    return this.http.call({ method: 'POST', path, options });
  }
}

/** Keys of the API. */
export class ApiKeys extends Resource {
  /** The answer is the only one with the `secret`. */
  readonly create = this.creates<K.ApiKeyCreateParams, K.ApiKey>();
  readonly retrieve = this.retrieves<K.ApiKey>();
  readonly list = this.lists<K.ApiKeyListParams, K.ApiKey>();
  readonly revoke = this.deletes<K.ApiKey>();
}

/** Payments that move no money. */
export class SandboxPayments extends Resource {
  readonly create = this.creates<S.SandboxPaymentCreateParams, S.SandboxPayment>();
  readonly retrieve = this.retrieves<S.SandboxPayment>();
  readonly list = this.lists<S.SandboxPaymentListParams, S.SandboxPayment>();
  readonly refund = this.actsWith<S.SandboxRefundParams, S.SandboxRefund>('refund');
}

/** A program's time, which can be moved forward. */
export class SandboxClocks extends Resource {
  readonly set = this.creates<S.SandboxClockSetParams, S.SandboxClock>();

  /** The time that a program has. */
  retrieve(params?: S.SandboxClockParams, options?: RequestOptions): Promise<S.SandboxClock> {
    return this.http.call({ method: 'GET', path: this.base, query: params, options });
  }
}
