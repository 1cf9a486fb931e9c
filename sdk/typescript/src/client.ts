import { Http } from './http.js';
import { Loyalty } from './resources/loyalty.js';
import {
  ApiKeys,
  EventTypes,
  Events,
  Experiments,
  Resonance,
  SandboxClocks,
  SandboxPayments,
  WebhookEndpoints,
} from './resources/platform.js';
import { type Secrets, Webhooks } from './webhooks.js';

/** How to make a client. */
export interface LaurelOptions {
  /** The key: `sk_…`, `rk_…` or `pk_…`. */
  secretKey: string | undefined;
  /** Where the API is; the environment's `LAUREL_BASE_URL`, or the local stack, unless told. */
  baseUrl?: string | undefined;
  /** The secret of webhooks; the environment's `LAUREL_WEBHOOK_SECRET` unless told. */
  webhookSecret?: Secrets | undefined;
  /** A member's token, with which a publishable key reads that member's balance. */
  memberToken?: string | undefined;
  /** How long one try may take, 30,000 ms unless told. */
  timeoutMs?: number | undefined;
  /** How often a call is tried again, twice unless told. */
  maxRetries?: number | undefined;
  /** What stands in for the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
}

const LOCAL_STACK = 'http://127.0.0.1:8787';
const TIMEOUT_MS = 30_000;
const RETRIES = 2;

/** A client of Laurel's API. */
export class Laurel {
  readonly loyalty: Loyalty;
  readonly events: Events;
  readonly eventTypes: EventTypes;
  /** Different awards for different members, and what comes of them. */
  readonly experiments: Experiments;
  /** Behaviours of people who are known by email, as Resonance's clients send them. */
  readonly resonance: Resonance;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly apiKeys: ApiKeys;
  /** What only a sandbox has. */
  readonly sandbox: { readonly payments: SandboxPayments; readonly clock: SandboxClocks };
  /** Verifies what comes to your own endpoint; it calls nobody. */
  readonly webhooks: Webhooks;

  constructor(options: LaurelOptions) {
    const { secretKey } = options;
    if (typeof secretKey !== 'string' || secretKey.trim() === '') {
      throw new TypeError('`secretKey` is missing: pass the API key, as `new Laurel({ secretKey: "sk_…" })`.');
    }
    const http = new Http({
      baseUrl: (options.baseUrl ?? environment('LAUREL_BASE_URL') ?? LOCAL_STACK).replace(/\/+$/, ''),
      secretKey: secretKey.trim(),
      memberToken: options.memberToken,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      maxRetries: options.maxRetries ?? RETRIES,
      // Some runtimes take `fetch` only as a function of the global object.
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    });
    this.loyalty = new Loyalty(http);
    this.events = new Events(http, '/v1/events');
    this.eventTypes = new EventTypes(http, '/v1/event_types');
    this.experiments = new Experiments(http, '/v1/experiments');
    this.resonance = new Resonance(http, '/resonance-api');
    this.webhookEndpoints = new WebhookEndpoints(http, '/v1/webhook_endpoints');
    this.apiKeys = new ApiKeys(http, '/v1/api_keys');
    this.sandbox = {
      payments: new SandboxPayments(http, '/v1/sandbox/payments'),
      clock: new SandboxClocks(http, '/v1/sandbox/clock'),
    };
    this.webhooks = new Webhooks(options.webhookSecret ?? environment('LAUREL_WEBHOOK_SECRET'));
  }
}

/** A variable of the environment, where the runtime has one. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}
