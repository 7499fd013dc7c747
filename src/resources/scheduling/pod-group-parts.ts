import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { PodGroupSchedulingPolicy } from '../../api/types/scheduling-v1alpha2.gen.ts';

/** What PodGroups and their templates have in common. Source: the markers of scheduling/v1alpha2. */

interface Features {
  readonly schedulingConstraints?: unknown;
  readonly resourceClaims?: unknown;
  readonly disruptionMode?: unknown;
  readonly priorityClassName?: unknown;
  readonly priority?: unknown;
}

/** Fields of alpha features of their own: upstream drops them while those are off, and krill has none of them. */
export function dropFeatures(part: Mutable<Features> | undefined): void {
  if (!part) return;
  delete part.schedulingConstraints;
  delete part.resourceClaims;
  delete part.disruptionMode;
  delete part.priorityClassName;
  delete part.priority;
}

export function schedulingPolicy(errors: ErrorList, path: FieldPath, policy: PodGroupSchedulingPolicy = {}): void {
  const { basic, gang } = policy;
  if (!basic && !gang) errors.invalid(path, '', 'must specify one of: `basic`, `gang`');
  if (basic && gang) errors.invalid(path, '{`basic`, `gang`}', 'must specify exactly one of: `basic`, `gang`');
  if (!gang) return;
  const at = path.child('gang').child('minCount');
  if (!gang.minCount) errors.required(at);
  else if (gang.minCount < 1) errors.invalid(at, gang.minCount, 'must be greater than or equal to 1');
}
