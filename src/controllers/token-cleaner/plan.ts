import type { Secret } from '../../api/types/core-v1.gen.ts';
import { bootstrapNamespace, bootstrapTokenType, timeLeft } from '../../resources/core/bootstrap-token.ts';

/** Whether a Secret is to go, now or in so many milliseconds; undefined when it stays. */
export function removeIn(secret: Secret, now: number): number | undefined {
  if (secret.type !== bootstrapTokenType || secret.metadata.namespace !== bootstrapNamespace) return undefined;
  const left = timeLeft(secret, now);
  return left === undefined ? undefined : Math.max(0, left);
}
