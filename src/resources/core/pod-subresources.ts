import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { type Mutable, thaw } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import { compareQuantities } from '../../api/quantity.ts';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../api/types/core-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { difference } from '../rules/check.ts';
import { mirrorAnnotation } from '../rules/pod-annotations.ts';
import { qosClass } from '../rules/pod-resources.ts';
import { keepStatus } from '../rules/status.ts';

/** Changes of a pod's spec that have a door of their own. */

type Validate = (object: Pod, errors: ErrorList) => void;
type Amounts = Readonly<Record<string, string>>;

const root = FieldPath.of('');
const spec = FieldPath.of('spec');

/** pods/ephemeralcontainers adds debugging containers; those that are there stay as they are. */
export const ephemeralContainersRules = (validate: Validate): UpdateRules<Pod> => ({
  prepareUpdate: (object, old) => {
    const added = object.spec?.ephemeralContainers;
    object.spec = thaw(old.spec) as Mutable<PodSpec>;
    if (added) object.spec.ephemeralContainers = added;
    keepStatus(object, old);
  },
  validateUpdate: (object, old, errors) => {
    if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
      errors.forbidden(root, 'static pods do not support ephemeral containers');
      return;
    }
    validate(object, errors);
    const path = spec.child('ephemeralContainers');
    for (const before of old.spec?.ephemeralContainers ?? []) {
      const after = object.spec?.ephemeralContainers?.find((container) => container.name === before.name);
      const name = JSON.stringify(before.name);
      if (!after) errors.forbidden(path, `existing ephemeral containers ${name} may not be removed\n`);
      else if (!sameValue(before, after)) {
        const changes = difference(before, after).join('\n');
        errors.forbidden(path, `existing ephemeral containers ${name} may not be changed\n${changes}`);
      }
    }
  },
});

const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

function resized(errors: ErrorList, path: FieldPath, now: Container, old: Container): void {
  const fields = ['requests', 'limits'] as const;
  for (const field of fields) {
    const [after, before] = [now.resources?.[field] ?? {}, old.resources?.[field] ?? {}];
    if (Object.keys(before).some((name) => !(name in after))) {
      errors.forbidden(path.child(field), `resource ${field} cannot be removed`);
    }
  }
  const policy = now.resizePolicy?.find((p) => p.resourceName === 'memory')?.restartPolicy;
  const after = (now.resources?.limits as Amounts | undefined)?.['memory'];
  const before = (old.resources?.limits as Amounts | undefined)?.['memory'];
  if (policy === 'RestartContainer' || after === undefined || before !== undefined) return;
  const text = 'memory limits cannot be added unless resizePolicy is RestartContainer';
  errors.forbidden(path.child('limits').key('memory'), text);
}

/** The requirements with CPU and memory as they were: what is left must not have changed. */
function withoutComputing(now: ResourceRequirements | undefined, old: ResourceRequirements | undefined): unknown {
  const restored: Record<string, Record<string, string>> = {};
  for (const field of ['limits', 'requests'] as const) {
    const amounts: Record<string, string> = { ...(now?.[field] as Amounts | undefined) };
    for (const name of ['cpu', 'memory']) {
      const before = (old?.[field] as Amounts | undefined)?.[name];
      if (before === undefined) delete amounts[name];
      else if (amounts[name] === undefined || compareQuantities(amounts[name], before) !== 0) amounts[name] = before;
    }
    restored[field] = amounts;
  }
  return restored;
}

function onlyComputing(errors: ErrorList, now: Container, old: Container, text: string): void {
  const rest = { ...now, resources: withoutComputing(now.resources, old.resources), resizePolicy: old.resizePolicy };
  const before = { ...old, resources: withoutComputing(old.resources, old.resources) };
  if (!sameValue(rest, before)) errors.forbidden(spec, text);
}

/** pods/resize changes CPU and memory of a pod that runs. */
export const resizeRules = (validate: Validate): UpdateRules<Pod> => ({
  prepareUpdate: (object, old) => {
    const next = thaw(old.spec) as Mutable<PodSpec>;
    for (const kind of ['containers', 'initContainers'] as const) {
      for (const container of next[kind] ?? []) {
        const asked = object.spec?.[kind]?.find((c) => c.name === container.name);
        if (!asked) continue;
        container.resources = asked.resources ?? {};
        if (asked.resizePolicy) container.resizePolicy = asked.resizePolicy;
      }
    }
    object.spec = next;
    keepStatus(object, old);
  },
  validateUpdate: (object, old, errors) => {
    if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
      errors.forbidden(root, 'static pods cannot be resized');
      return;
    }
    validate(object, errors);
    const [now, before] = [object.spec, old.spec];
    if (!now || !before) return;
    if ((old.status?.qosClass ?? qosClass(before)) !== qosClass(now)) {
      errors.invalid(spec, object.status?.qosClass, 'Pod QOS Class may not change as a result of resizing');
    }
    for (const [i, container] of before.containers.entries()) {
      const after = now.containers[i]!;
      resized(errors, spec.child('containers').index(i).child('resources'), after, container);
      onlyComputing(errors, after, container, 'only cpu and memory resources are mutable');
    }
    for (const [i, container] of (before.initContainers ?? []).entries()) {
      const after = now.initContainers![i]!;
      if (isSidecar(container)) {
        resized(errors, spec.child('initContainers').index(i).child('resources'), after, container);
        onlyComputing(errors, after, container, 'only cpu and memory resources for sidecar containers are mutable');
      } else if (!sameValue(after, container)) {
        errors.forbidden(spec, 'resources for non-sidecar init containers are immutable');
      }
    }
  },
});
