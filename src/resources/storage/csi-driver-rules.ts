import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { integerOf } from '../../api/json-number.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { CSIDriver, CSIDriverSpec, TokenRequest } from '../../api/types/storage-v1.gen.ts';
import { optionalOneOf, unchanged } from '../rules/check.ts';
import { csiDriverName } from '../rules/volumes.ts';
import { specPath } from '../rules/workloads.ts';

/** Rules of CSIDrivers. Source: storage/validation ValidateCSIDriver. */

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes = ['Persistent', 'Ephemeral'];
const minTokenSeconds = 600n;
const maxTokenSeconds = 2n ** 32n;
const minUpdatePeriod = 10n;

export function csiDriverDefaults(object: Mutable<CSIDriver>): void {
  const spec = (object.spec ??= {});
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
}

/** Only what kubelets act upon counts as a new generation; a new driver has none. */
const counted = ['tokenRequests', 'requiresRepublish', 'seLinuxMount'] as const;

export function prepareCsiDriverUpdate({ metadata, spec }: Mutable<CSIDriver>, old: CSIDriver): void {
  if (counted.every((field) => sameValue(spec[field], old.spec[field]))) return;
  metadata.generation = (old.metadata.generation ?? 0) + 1;
}

function tokens(errors: ErrorList, path: FieldPath, requests: readonly TokenRequest[]): void {
  const audiences = new Set<string>();
  for (const [i, { audience, expirationSeconds }] of requests.entries()) {
    const at = path.index(i);
    if (audiences.has(audience)) {
      errors.duplicate(at.child('audience'), audience);
      continue;
    }
    audiences.add(audience);
    const seconds = integerOf(expirationSeconds);
    if (seconds === undefined) continue;
    const place = at.child('expirationSeconds');
    if (seconds < minTokenSeconds) {
      errors.invalid(place, expirationSeconds, 'may not specify a duration less than 10 minutes');
    }
    if (seconds > maxTokenSeconds) {
      errors.invalid(place, expirationSeconds, 'may not specify a duration larger than 2^32 seconds');
    }
  }
}

function updatePeriod(errors: ErrorList, spec: CSIDriverSpec): void {
  const seconds = integerOf(spec.nodeAllocatableUpdatePeriodSeconds);
  if (seconds === undefined || seconds >= minUpdatePeriod) return;
  const at = specPath.child('nodeAllocatableUpdatePeriodSeconds');
  errors.invalid(at, spec.nodeAllocatableUpdatePeriodSeconds, 'must be greater than or equal to 10 seconds');
}

export function validateCsiDriver({ metadata, spec }: CSIDriver, errors: ErrorList): void {
  csiDriverName(errors, FieldPath.of('name'), metadata.name ?? '');
  optionalOneOf(errors, specPath.child('fsGroupPolicy'), spec.fsGroupPolicy, groupPolicies);
  tokens(errors, specPath.child('tokenRequests'), spec.tokenRequests ?? []);
  const modes = specPath.child('volumeLifecycleModes');
  for (const mode of spec.volumeLifecycleModes ?? []) optionalOneOf(errors, modes, mode, lifecycleModes, 'given');
  updatePeriod(errors, spec);
  const secrets = spec.serviceAccountTokenInSecrets;
  if (secrets !== undefined && !spec.tokenRequests?.length) {
    const text = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
    errors.invalid(specPath.child('serviceAccountTokenInSecrets'), secrets, text);
  }
}

/** The path of the first is upstream's, typing error and all. */
export function validateCsiDriverUpdate({ spec }: CSIDriver, old: CSIDriver, errors: ErrorList): void {
  unchanged(errors, specPath.child('attachedRequired'), spec.attachRequired, old.spec.attachRequired);
  const modes = specPath.child('volumeLifecycleModes');
  unchanged(errors, modes, spec.volumeLifecycleModes, old.spec.volumeLifecycleModes);
}
