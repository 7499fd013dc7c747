import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import type { Mutable } from '../../api/object.ts';
import type { Pod, PodCondition, PodStatus } from '../../api/types/core-v1.gen.ts';
import { address, bothFamilies, distinct, qualifiedName, subdomain, unchanged } from '../rules/check.ts';
import { podAnnotationUpdates } from '../rules/pod-annotations.ts';
import { keepSpec } from '../rules/status.ts';
import { containerStatuses } from './pod-container-statuses.ts';

/** The status of a pod, as kubelets report it. Source: podStatusStrategy and ValidatePodStatusUpdate. */

const status = FieldPath.of('status');
const metadata = FieldPath.of('metadata');
const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized']);

/** Only the status changes here; not the owners, and not the deletion. */
export function prepareStatus(object: Mutable<Pod>, old: Pod): void {
  keepSpec(object, old);
  const now = object.metadata;
  if (old.metadata.ownerReferences) now.ownerReferences = old.metadata.ownerReferences as typeof now.ownerReferences;
  else delete now.ownerReferences;
  if (!old.metadata.deletionTimestamp) delete now.deletionTimestamp;
  const next = (object.status ??= {});
  next.qosClass ??= old.status?.qosClass;
  if (next.qosClass === undefined) delete next.qosClass;
  if (next.podIP && !next.podIPs?.length) next.podIPs = [{ ip: next.podIP }];
  else if (next.podIPs?.length) next.podIP = next.podIPs[0]!.ip;
  keepGenerations(next, old.status ?? {});
}

/** Writers that do not know of generations keep what others have observed, condition by condition. */
function keepGenerations(next: Mutable<PodStatus>, old: PodStatus): void {
  if (!next.observedGeneration && old.observedGeneration) next.observedGeneration = old.observedGeneration;
  const before = new Map<string, number[]>();
  for (const { type, observedGeneration = 0 } of old.conditions ?? []) {
    before.set(type, [...(before.get(type) ?? []), observedGeneration]);
  }
  for (const condition of next.conditions ?? []) {
    const observed = before.get(condition.type)?.shift();
    if (!condition.observedGeneration && observed) condition.observedGeneration = observed;
  }
}

function generation(errors: ErrorList, path: FieldPath, value = 0): void {
  if (comparable(value) < 0) errors.invalid(path.child('observedGeneration'), value, 'must be a non-negative integer');
}

function conditions(errors: ErrorList, list: readonly PodCondition[] | undefined): void {
  for (const [i, { type = '', observedGeneration }] of (list ?? []).entries()) {
    const at = status.child('conditions').index(i);
    generation(errors, at, observedGeneration);
    if (!systemConditions.has(type)) qualifiedName(errors, at.child('Type'), type);
  }
}

interface HasAddress {
  readonly ip?: string;
}

/** `old` addresses may stay in whatever spelling. */
function addresses(errors: ErrorList, path: FieldPath, list: readonly HasAddress[], old: readonly HasAddress[]): void {
  const known = old.map(({ ip = '' }) => ip);
  const ips = list.map(({ ip = '' }) => ip);
  for (const [i, ip] of ips.entries()) address(errors, path.index(i), ip, known);
  if (ips.length < 2) return;
  if (!bothFamilies(ips) || ips.length > 2) {
    errors.invalid(path, list, 'may specify no more than one IP for each IP family');
  }
  distinct(
    errors,
    list,
    ({ ip }) => ip,
    (i) => path.index(i),
    (item) => item,
  );
}

function hostAddresses(errors: ErrorList, now: PodStatus, before: PodStatus): void {
  const path = status.child('hostIPs');
  if (!now.hostIPs?.length) return;
  const first = now.hostIPs[0]!.ip;
  if (now.hostIP !== first) errors.invalid(path.index(0).child('ip'), first, 'must be equal to `hostIP`');
  addresses(errors, path, now.hostIPs, before.hostIPs ?? []);
}

function nominatedNode(errors: ErrorList, object: Pod, now: string | undefined, old: string | undefined): void {
  if (!now || now === old) return;
  const at = status.child('nominatedNodeName');
  if (object.spec?.nodeName) errors.forbidden(at, 'may not be set on pods that are already bound to a node');
  subdomain(errors, at, now);
}

/** Which claims were made for the claims of the spec. */
function claims(errors: ErrorList, object: Pod, list: PodStatus['resourceClaimStatuses']): void {
  const path = status.child('resourceClaimStatuses');
  const known = new Set((object.spec?.resourceClaims ?? []).map(({ name }) => name));
  for (const [i, { name, resourceClaimName }] of (list ?? []).entries()) {
    const at = path.index(i).child('name');
    if (!known.has(name)) errors.invalid(at, name, 'must match the name of an entry in `spec.resourceClaims`');
    if (resourceClaimName !== undefined) subdomain(errors, at, resourceClaimName);
  }
  distinct(
    errors,
    list,
    ({ name }) => name,
    (i) => path.index(i).child('name'),
  );
}

export function validateStatus(object: Pod, old: Pod, errors: ErrorList): void {
  const [now, before] = [object.status ?? {}, old.status ?? {}];
  podAnnotationUpdates(errors, metadata.child('annotations'), object.metadata.annotations, old.metadata.annotations);
  conditions(errors, now.conditions);
  nominatedNode(errors, object, now.nominatedNodeName, before.nominatedNodeName);
  unchanged(errors, status.child('qosClass'), now.qosClass, before.qosClass);
  generation(errors, status, now.observedGeneration);
  containerStatuses(errors, object, old);
  claims(errors, object, now.resourceClaimStatuses);
  if (now.extendedResourceClaimStatus) {
    const at = status.child('extendedResourceClaimStatus', 'resourceClaimName');
    subdomain(errors, at, now.extendedResourceClaimStatus.resourceClaimName ?? '');
  }
  addresses(errors, status.child('podIPs'), now.podIPs ?? [], before.podIPs ?? []);
  hostAddresses(errors, now, before);
}
