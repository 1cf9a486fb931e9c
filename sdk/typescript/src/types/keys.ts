// The names by which code speaks of what the API describes of keys.
import type { QueryOf, Schema } from './schema.js';

/** A key of the API; `secret` is shown on creation only. */
export interface ApiKey extends Schema<'ApiKey'> {}
/** A new key. */
export interface ApiKeyCreateParams extends Schema<'ApiKeysCreateParams'> {}
/** Which keys. */
export interface ApiKeyListParams extends QueryOf<'api_keys.list'> {}

/** What lets a page show a member's own balance, together with a publishable key. */
export interface MemberToken extends Schema<'MemberToken'> {}
/** How long a member token is to last. */
export interface MemberTokenCreateParams extends Schema<'AccountsCreateMemberTokenParams'> {}
