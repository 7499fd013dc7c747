import { sameValue } from '../../api/object-meta.ts';
import type { APIService } from '../../api/types/apiregistration-v1.gen.ts';
import { type Managed, managedLabel } from './api-services.ts';

/** What is known of an APIService beside what is stored. */
export interface Registration {
  /** As it should be; undefined when nobody serves its group version. */
  readonly desired: APIService | undefined;
  /** Whether it was there when this process started. */
  readonly atStart: boolean;
  /** Whether it has been put right before. */
  readonly settled: boolean;
}

export type ApiServiceChange =
  | { readonly verb: 'create' | 'update'; readonly object: APIService }
  | { readonly verb: 'delete' };

const managedOf = (service: APIService | undefined): Managed => {
  const value = service?.metadata.labels?.[managedLabel];
  return value === 'onstart' || value === 'true' ? value : undefined;
};

/**
 * The write that is due to an APIService of this server's own; undefined when none is. Source: the table at
 * kube-aggregator's `checkAPIService`.
 */
export function apiServiceChange(
  stored: APIService | undefined,
  { desired, atStart, settled }: Registration,
): ApiServiceChange | undefined {
  const once = desired !== undefined && managedOf(desired) !== 'true';
  if (once && settled) return undefined;
  if (!stored) return desired && { verb: 'create', object: desired };
  const managed = managedOf(stored);
  // What is made without a label is its users' own, whatever label an earlier krill has given it.
  if (!managed || (desired && !managedOf(desired))) return undefined;
  if (managed === 'onstart' && (settled || !atStart)) return undefined;
  if (!desired) return { verb: 'delete' };
  if (sameValue(stored.spec, desired.spec)) return undefined;
  return { verb: 'update', object: { ...stored, spec: desired.spec! } };
}
