import { type ErrorList, FieldPath, wholeObject } from '../../api/field-errors.ts';
import { entryOf, type Mutable, thaw } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../api/types/core-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { mirrorAnnotation } from '../rules/pod-annotations.ts';
import { qosClass } from '../rules/pod-resources.ts';
import { keepMetadata, keepStatus } from '../rules/status.ts';

/** pods/resize changes CPU and memory of a pod that runs. Source: ValidatePodResize, podResizeStrategy. */

type Validate = (object: Pod, errors: ErrorList, old?: Pod) => void;
type Amounts = Readonly<Record<string, string>>;

const spec = FieldPath.of('spec');
const kinds = ['initContainers', 'containers'] as const;
const fields = ['limits', 'requests'] as const;

const sameContainers = (now: readonly Container[] = [], old: readonly Container[] = []): boolean =>
  now.length === old.length && now.every(({ name }, i) => name === old[i]!.name);

/** All but resources is as it was; other containers than there were are left in, to be refused. */
function prepare(object: Mutable<Pod>, old: Pod): void {
  keepStatus(object, old);
  keepMetadata(object, old);
  const asked = object.spec as PodSpec | undefined;
  const comparable = kinds.every((kind) => sameContainers(asked?.[kind], old.spec?.[kind]));
  if (asked && !comparable) return;
  const next = thaw(old.spec) as Mutable<PodSpec>;
  for (const kind of kinds) {
    for (const [i, container] of (next[kind] ?? []).entries()) {
      const wanted = asked?.[kind]?.[i] as Mutable<Container> | undefined;
      if (!wanted) continue;
      container.resources = wanted.resources ?? {};
      if (wanted.resizePolicy) container.resizePolicy = wanted.resizePolicy;
    }
  }
  if (asked?.resources) next.resources = asked.resources as Mutable<ResourceRequirements>;
  else delete next.resources;
  object.spec = next;
}

/** Amounts may change, but what had some keeps some. `texts` are for limits and for requests. */
function removals(
  errors: ErrorList,
  path: FieldPath,
  now: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
  what: string,
): void {
  for (const field of fields) {
    const [after, before] = [now?.[field] as Amounts | undefined, old?.[field] as Amounts | undefined];
    if (Object.keys(before ?? {}).every((name) => entryOf(after, name) !== undefined)) continue;
    errors.forbidden(path.child(field), `${what} ${field} cannot be removed`);
  }
}

/** The requirements with CPU and memory as they were: what is left must not have changed. */
function withoutComputing(now: ResourceRequirements | undefined, old: ResourceRequirements | undefined): unknown {
  const rest: Record<string, unknown> = { claims: now?.claims };
  for (const field of fields) {
    const amounts: Record<string, string> = { ...(now?.[field] as Amounts | undefined) };
    for (const name of ['cpu', 'memory']) {
      const before = entryOf(old?.[field] as Amounts | undefined, name);
      if (before === undefined) delete amounts[name];
      else amounts[name] = before;
    }
    rest[field] = amounts;
  }
  return rest;
}

/** Whether nothing but CPU, memory and how to resize them differs. */
function onlyComputing(now: Container, old: Container): boolean {
  const rest = { ...now, resources: withoutComputing(now.resources, old.resources), resizePolicy: old.resizePolicy };
  return sameValue(rest, { ...old, resources: withoutComputing(old.resources, old.resources) });
}

function initContainers(errors: ErrorList, now: PodSpec, old: PodSpec): void {
  for (const [i, container] of (old.initContainers ?? []).entries()) {
    const after = now.initContainers![i]!;
    const at = spec.child('initContainers').index(i);
    if (container.restartPolicy !== 'Always') {
      if (sameValue(after, container)) continue;
      errors.forbidden(spec, 'resources for non-sidecar init containers are immutable');
    } else {
      removals(errors, at.child('resources'), after.resources, container.resources, 'resource');
      if (onlyComputing(after, container)) continue;
      errors.forbidden(at, 'only cpu and memory resources for init or sidecar containers are mutable');
    }
  }
}

function appContainers(errors: ErrorList, now: PodSpec, old: PodSpec): void {
  for (const [i, container] of old.containers.entries()) {
    const after = now.containers[i]!;
    const at = spec.child('containers').index(i).child('resources');
    removals(errors, at, after.resources, container.resources, 'resource');
    if (!onlyComputing(after, container)) errors.forbidden(spec, 'only cpu and memory resources are mutable');
  }
}

/** What the pod has as a whole. */
function podLevel(errors: ErrorList, now: PodSpec, old: PodSpec): void {
  const at = spec.child('resources');
  if (!old.resources && !now.resources) return;
  if (old.resources && !now.resources) {
    errors.forbidden(at, 'pod-level resources cannot be removed');
    return;
  }
  removals(errors, at, now.resources, old.resources, 'pod-level resource');
  if (sameValue(withoutComputing(now.resources, old.resources), withoutComputing(old.resources, old.resources))) return;
  errors.forbidden(at, 'only cpu and memory resources are mutable at pod-level');
}

/** Containers are found by their place. Returns whether they are the same as before. */
function sameOrder(errors: ErrorList, now: PodSpec, old: PodSpec): boolean {
  const before = errors.errors.length;
  for (const kind of kinds) {
    const [after, list] = [now[kind] ?? [], old[kind] ?? []];
    if (after.length !== list.length) {
      errors.forbidden(spec.child(kind), 'containers may not be added or removed on resize');
      continue;
    }
    for (const [i, { name }] of after.entries()) {
      if (name === list[i]!.name) continue;
      const at = spec.child(kind).index(i).child('name');
      errors.forbidden(at, 'containers may not be renamed or reordered on resize');
    }
  }
  return errors.errors.length === before;
}

/** Pods that are never resized, with the reason. */
function refusal(old: Pod): string | undefined {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) return 'static pods cannot be resized';
  return old.spec?.os?.name === 'windows' ? 'windows pods cannot be resized' : undefined;
}

/** A kubelet that can resize reports the resources of what runs. */
function isSupported({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running);
  return !running || running.resources !== undefined;
}

export const resizeRules = (validate: Validate): UpdateRules<Pod> => ({
  prepareUpdate: prepare,
  validateUpdate: (object, old, errors) => {
    const text = refusal(old);
    if (text) {
      errors.forbidden(wholeObject, text);
      return;
    }
    validate(object, errors, old);
    const [now, before] = [object.spec, old.spec];
    if (!now || !before) return;
    if (!isSupported(old)) errors.forbidden(spec, 'Pod running on node without support for resize');
    if (old.status?.nodeAllocatableResourceClaimStatuses?.length) {
      errors.forbidden(spec, 'pods with node allocatable resource claims cannot be resized');
    }
    if (!sameOrder(errors, now, before)) return;
    if ((old.status?.qosClass ?? qosClass(before)) !== qosClass(now)) {
      errors.invalid(spec, object.status?.qosClass, 'Pod QOS Class may not change as a result of resizing');
    }
    podLevel(errors, now, before);
    initContainers(errors, now, before);
    appContainers(errors, now, before);
  },
});
