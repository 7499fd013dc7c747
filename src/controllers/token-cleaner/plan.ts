import type { Secret } from '../../api/types/core-v1.gen.ts';
import { bootstrapNamespace, bootstrapTokenType, tokenExpiry } from '../../resources/core/bootstrap-token.ts';

/** When a Secret is to go, in wall milliseconds; undefined when it stays. */
export function expiryOf(secret: Secret): number | undefined {
  if (secret.type !== bootstrapTokenType || secret.metadata.namespace !== bootstrapNamespace) return undefined;
  return tokenExpiry(secret);
}
