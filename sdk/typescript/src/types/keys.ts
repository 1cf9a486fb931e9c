import type { Timestamp } from './common.js';

/** A key of the API. */
export interface ApiKey {
  id: string;
  object: 'api_key';
  name: string | null;
  type: 'secret' | 'restricted' | 'publishable';
  scopes: string[] | null;
  /** The programs that it sees; null for all. */
  programs: string[] | null;
  created: Timestamp;
  revoked_at: Timestamp | null;
  /** The key itself, shown on creation only. */
  secret?: string;
}

/** A new key. */
export interface ApiKeyCreateParams {
  name?: string;
  type: ApiKey['type'];
  scopes?: string[];
  programs?: string[] | null;
  /** Requests a second. */
  rate_limit?: number | null;
}
