import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { idErrors } from '../../api/names.ts';
import { entryOf } from '../../api/object.ts';
import type {
  Container,
  ContainerStatus,
  ContainerUser,
  Pod,
  PodSpec,
  ResourceStatus,
} from '../../api/types/core-v1.gen.ts';
import { distinct, named } from '../rules/check.ts';

/** What kubelets say of containers. Source: ValidateContainerStateTransition and its neighbours. */

const path = FieldPath.of('status');

/** Each list of statuses with the list of containers it is about. */
const lists = [
  ['containerStatuses', 'containers'],
  ['initContainerStatuses', 'initContainers'],
  ['ephemeralContainerStatuses', 'ephemeralContainers'],
] as const;

type Kind = (typeof lists)[number][1];

const restartsAll = 'RestartAllContainers';

/** Whether some container's end can start every container again. */
const canRestartAll = (spec: PodSpec): boolean =>
  [...(spec.containers ?? []), ...(spec.initContainers ?? [])].some(({ restartPolicyRules: rules }) =>
    rules?.some(({ action }) => action === restartsAll),
  );

/** Whether a container that ended so may run again: its rules decide first, then its policy, then the pod's. */
function mayRestart(spec: PodSpec, container: Container | undefined, exitCode: number): boolean {
  for (const { exitCodes } of container?.restartPolicyRules ?? []) {
    if (exitCodes && (exitCodes.values?.includes(exitCode) ?? false) === (exitCodes.operator === 'In')) return true;
  }
  const policy = container?.restartPolicy ?? spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** A container that has ended for good does not run again. */
function transitions(
  errors: ErrorList,
  at: FieldPath,
  spec: PodSpec,
  kind: Kind,
  now: readonly ContainerStatus[],
  old: readonly ContainerStatus[],
): void {
  if (kind !== 'ephemeralContainers' && canRestartAll(spec)) return;
  const running = new Set(now.filter(({ state }) => !state?.terminated).map(({ name }) => name));
  for (const [i, { name, state }] of old.entries()) {
    if (!state?.terminated || !running.has(name)) continue;
    const container = spec[kind]?.find((other) => other.name === name) as Container | undefined;
    if (kind !== 'ephemeralContainers' && mayRestart(spec, container, state.terminated.exitCode ?? 0)) continue;
    errors.forbidden(at.index(i).child('state'), 'may not be transitioned to non-terminated state');
  }
}

function user(errors: ErrorList, at: FieldPath, { linux }: ContainerUser, isWindows: boolean): void {
  if (!linux) return;
  if (isWindows) {
    errors.forbidden(at, 'cannot be set for a windows pod');
    return;
  }
  const id = (where: FieldPath, value: number): void => {
    for (const text of idErrors(value)) errors.invalid(where, value, text);
  };
  for (const [i, group] of (linux.supplementalGroups ?? []).entries()) {
    id(at.child('supplementalGroups').index(i), group);
  }
  id(at.child('uid'), linux.uid);
  id(at.child('gid'), linux.gid);
}

const claimPrefix = 'claim:';
const healths = ['Healthy', 'Unhealthy', 'Unknown'];

const claimText =
  "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or " +
  "'claim:<claimName>' if request is empty";

/** What a container's devices are called in its status: by the claim, or by the resource that was asked for. */
function resourceName(container: Container, name: string): string[] {
  if (!name.startsWith(claimPrefix)) {
    const requests = container.resources?.requests as Readonly<Record<string, string>> | undefined;
    return entryOf(requests, name) === undefined ? ["must match one of the container's resource requests"] : [];
  }
  const claims = (container.resources?.claims ?? []).map(({ name: claim, request }) =>
    request ? `${claimPrefix}${claim}/${request}` : `${claimPrefix}${claim}`,
  );
  return claims.includes(name) ? [] : [claimText];
}

function devices(errors: ErrorList, at: FieldPath, container: Container | undefined, value: ResourceStatus): void {
  if (container) named(errors, at.child('name'), value.name, (name) => resourceName(container, name));
  for (const [i, { health = '' }] of (value.resources ?? []).entries()) {
    const place = at.child('resources').index(i).child('health');
    if (!healths.includes(health)) errors.notSupported(place, health, healths);
  }
  distinct(
    errors,
    value.resources,
    ({ resourceID }) => resourceID,
    (i) => at.child('resources').index(i).child('resourceID'),
  );
}

function allocated(errors: ErrorList, at: FieldPath, spec: PodSpec, kind: Kind, value: ContainerStatus): void {
  const list = value.allocatedResourcesStatus ?? [];
  const place = at.child('allocatedResourcesStatus');
  if (kind === 'ephemeralContainers') {
    if (list.length > 0) errors.forbidden(place, 'must not be specified in container status');
    return;
  }
  const container = spec[kind]?.find(({ name }) => name === value.name);
  for (const [i, item] of list.entries()) devices(errors, place.index(i), container, item);
}

export function containerStatuses(errors: ErrorList, object: Pod, old: Pod): void {
  const spec = old.spec;
  if (!spec) return;
  for (const [field, kind] of lists) {
    const at = path.child(field);
    transitions(errors, at, spec, kind, object.status?.[field] ?? [], old.status?.[field] ?? []);
  }
  const isWindows = spec.os?.name === 'windows';
  for (const [field, kind] of lists) {
    for (const [i, value] of (object.status?.[field] ?? []).entries()) {
      const at = path.child(field).index(i);
      if (value.user) user(errors, at.child('linux'), value.user, isWindows);
      allocated(errors, at, spec, kind, value);
    }
  }
}
