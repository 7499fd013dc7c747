import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import { nonNegative, qualifiedName } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';

/** Rules of Leases. Sources: coordination/validation, registry/coordination/lease. */

const strategies = ['OldestEmulationVersion'];

/** Kubernetes' own, or one of a vendor: "example.com/Mine". Upstream names the field twice in the path. */
export function strategy(errors: ErrorList, path: FieldPath, name: string): void {
  const at = path.child('strategy');
  if (name.includes('/')) qualifiedName(errors, at, name);
  else if (!strategies.includes(name)) errors.notSupported(at, name, strategies);
}

/** Nobody elects a holder for others: the feature CoordinatedLeaderElection is off unless asked for. */
export function dropElection({ spec }: Mutable<Lease>): void {
  delete spec?.strategy;
  delete spec?.preferredHolder;
}

export function validateLease({ spec = {} }: Lease, errors: ErrorList): void {
  const seconds = spec.leaseDurationSeconds;
  if (seconds !== undefined && seconds <= 0) {
    errors.invalid(specPath.child('leaseDurationSeconds'), seconds, 'must be greater than 0');
  }
  nonNegative(errors, specPath.child('leaseTransitions'), spec.leaseTransitions);
}
