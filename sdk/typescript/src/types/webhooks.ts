import type { ListParams } from '../list.js';
import type { Metadata, MetadataChange, Timestamp } from './common.js';

/** Where events are delivered to. */
export interface WebhookEndpoint {
  id: string;
  object: 'webhook_endpoint';
  url: string;
  description: string | null;
  /** `*`, types, or prefixes as `loyalty.*`. */
  enabled_events: string[];
  program: string | null;
  status: 'enabled' | 'disabled';
  disabled_reason: string | null;
  signature_header: string;
  metadata: Metadata;
  created: Timestamp;
  /** Shown on creation and rotation only. */
  secret?: string;
}

/** What can be changed on an endpoint. */
export interface WebhookEndpointUpdateParams {
  url?: string;
  description?: string | null;
  enabled_events?: string[];
  status?: 'enabled' | 'disabled';
  signature_header?: string;
  metadata?: MetadataChange | null;
}

/** A new endpoint. */
export interface WebhookEndpointCreateParams extends Omit<WebhookEndpointUpdateParams, 'status'> {
  url: string;
  program?: string | null;
}

/** How long the secret so far goes on beside the new one. */
export interface WebhookEndpointRotateSecretParams {
  expires_in_minutes?: number;
}

/** One event on its way to one endpoint. */
export interface WebhookDelivery {
  id: string;
  object: 'webhook_delivery';
  endpoint: string;
  event: string;
  event_type: string;
  status: 'pending' | 'succeeded' | 'failed' | 'skipped';
  attempts: WebhookAttempt[];
  next_attempt_at: Timestamp | null;
  created: Timestamp;
}

/** One try. */
export interface WebhookAttempt {
  at: Timestamp;
  status_code: number | null;
  latency_ms: number;
  error: string | null;
  response_body: string | null;
}

/** Which deliveries. */
export interface WebhookDeliveryListParams extends ListParams {
  status?: WebhookDelivery['status'];
  event?: string;
}
