// The names by which code speaks of what the API describes below `/v1/webhook_endpoints`.
import type { QueryOf, Schema } from './schema.js';

/** Where events are delivered to; `secret` is shown on creation and rotation only. */
export interface WebhookEndpoint extends Schema<'WebhookEndpoint'> {}
/** A new endpoint. */
export interface WebhookEndpointCreateParams extends Schema<'WebhookEndpointsCreateParams'> {}
/** A change of an endpoint; what is absent stays. */
export interface WebhookEndpointUpdateParams extends Schema<'WebhookEndpointsUpdateParams'> {}
/** Which endpoints. */
export interface WebhookEndpointListParams extends QueryOf<'webhook_endpoints.list'> {}
/** How long the secret so far goes on beside the new one. */
export interface WebhookEndpointRotateSecretParams extends Schema<'WebhookEndpointsRotateSecretParams'> {}
/** Which event to send a sample of. */
export interface WebhookEndpointTestParams extends Schema<'WebhookEndpointsTestParams'> {}

/** One event on its way to one endpoint. */
export interface WebhookDelivery extends Schema<'WebhookDelivery'> {}
/** One try of a delivery. */
export interface WebhookAttempt extends Schema<'WebhookAttempt'> {}
/** Which deliveries. */
export interface WebhookDeliveryListParams extends QueryOf<'webhook_deliveries.list'> {}
