import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import { nonNegative, qualifiedName } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';

const strategies = ['OldestEmulationVersion'];

/** Kubernetes' own, or one of a vendor: "example.com/Mine". Upstream names the field twice in the path. */
export function strategy(errors: ErrorList, path: FieldPath, name: string): void {
  const at = path.child('strategy');
  if (name.includes('/')) qualifiedName(errors, at, name);
  else if (!strategies.includes(name)) errors.notSupported(at, name, strategies);
}

/** Rules of Leases. Source: coordination/validation. */
export function validateLease({ spec = {} }: Lease, errors: ErrorList): void {
  const seconds = spec.leaseDurationSeconds;
  if (seconds !== undefined && seconds <= 0) {
    errors.invalid(specPath.child('leaseDurationSeconds'), seconds, 'must be greater than 0');
  }
  nonNegative(errors, specPath.child('leaseTransitions'), spec.leaseTransitions);
  if (spec.strategy !== undefined) strategy(errors, specPath.child('strategy'), spec.strategy);
  if (spec.preferredHolder && !spec.strategy) {
    errors.forbidden(specPath.child('preferredHolder'), 'may only be specified if `strategy` is defined');
  }
}
