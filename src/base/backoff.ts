import type { Ids } from './ids.ts';

/** Exponential delays: `initial`, then times `factor` up to `max` (all milliseconds), each with up to `jitter` (a share) on top. */
export interface BackoffPolicy {
  readonly initial: number;
  readonly max: number;
  readonly factor: number;
  readonly jitter: number;
}

/** The delay before attempt `failures + 1`, `failures` counting from 1. */
export function backoffDelay(policy: BackoffPolicy, failures: number, ids: Ids): number {
  const base = Math.min(policy.max, policy.initial * policy.factor ** Math.max(0, failures - 1));
  return base * (1 + policy.jitter * ids.random());
}
