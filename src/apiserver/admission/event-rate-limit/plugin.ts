import { StatusError } from '../../../api/status.ts';
import type { Event } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import type { EventLimit, LimitType } from './configuration.ts';
import { TokenBucket } from './token-bucket.ts';

/** Whose bucket it is. */
const keys: Readonly<Record<LimitType, (request: AdmissionRequest) => string>> = {
  Server: () => '',
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.name,
  SourceAndObject: ({ object }) => {
    const { source, involvedObject: about } = object as unknown as Event;
    const parts = [source?.component, source?.host, about?.kind, about?.namespace, about?.name, about?.uid];
    return [...parts, about?.apiVersion].join('');
  },
};

/** Takes events only as fast as the limits allow. Source: plugin/pkg/admission/eventratelimit. */
export function eventRateLimit(clock: Clock, limits: readonly EventLimit[]): AdmissionPlugin {
  const enforcers = limits.map((limit) => enforcer(clock, limit));
  return {
    name: 'EventRateLimit',
    operations: new Set(['CREATE', 'UPDATE']),
    resources: new Set(['events']),
    validate: (request) => {
      if (!request.object) return;
      // Every limit counts the event, also when another refuses it.
      const refusals = enforcers.flatMap((refusal) => refusal(request) ?? []);
      if (refusals.length > 0) throw new StatusError('TooManyRequests', `Too many requests: ${refusals.at(-1)}`);
    },
  };
}

function enforcer(clock: Clock, { type, qps, burst, cacheSize }: EventLimit) {
  /** In the order in which they were last used. */
  const buckets = new Map<string, TokenBucket>();
  return (request: AdmissionRequest): string | undefined => {
    const key = keys[type](request);
    const now = clock.steady();
    const bucket = buckets.get(key) ?? new TokenBucket(qps, burst, now);
    buckets.delete(key);
    buckets.set(key, bucket);
    if (buckets.size > cacheSize) buckets.delete(buckets.keys().next().value!);
    return bucket.take(now) ? undefined : `limit reached on type ${type} for key ${key}`;
  };
}
