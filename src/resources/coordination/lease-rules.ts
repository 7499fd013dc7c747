import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import { negative } from '../rules/check.ts';

const spec = FieldPath.of('spec');
const strategies = ['OldestEmulationVersion'];

/** Rules of Leases. Source: coordination/validation. */
export function validateLease({ spec: value }: Lease, errors: ErrorList): void {
  if (!value) return;
  const seconds = value.leaseDurationSeconds;
  if (seconds !== undefined && seconds <= 0) {
    errors.invalid(spec.child('leaseDurationSeconds'), seconds, 'must be greater than 0');
  }
  const transitions = value.leaseTransitions;
  if (transitions !== undefined && transitions < 0)
    errors.invalid(spec.child('leaseTransitions'), transitions, negative);
  const strategy = value.strategy;
  if (strategy && !strategy.includes('/') && !strategies.includes(strategy)) {
    errors.notSupported(spec.child('strategy'), strategy, strategies);
  }
  if (value.preferredHolder && !strategy) {
    errors.forbidden(spec.child('preferredHolder'), 'may only be specified when `strategy` is defined');
  }
}
