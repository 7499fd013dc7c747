import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import { rangeError } from '../../api/names.ts';
import { type Mutable, thaw } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type {
  Container,
  NodeAffinity,
  NodeSelectorTerm,
  Pod,
  PodSpec,
  Toleration,
} from '../../api/types/core-v1.gen.ts';
import { difference, present } from '../rules/check.ts';
import { imageSpaces } from '../rules/containers.ts';
import { podAnnotationUpdates } from '../rules/pod-annotations.ts';
import { tolerations } from '../rules/scheduling.ts';

/** What may change in a pod that exists. Source: ValidatePodUpdate. */

const spec = FieldPath.of('spec');
const maxInt32 = 2_147_483_647;

const changeable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

type Containers = readonly Container[] | undefined;

function sameContainers(errors: ErrorList, path: FieldPath, now: Containers = [], old: Containers = []): boolean {
  if (now.length !== old.length) {
    errors.forbidden(path, 'pod updates may not add or remove containers');
    return false;
  }
  for (const [i, container] of now.entries()) {
    present(errors, path.index(i).child('image'), container.image);
    imageSpaces(errors, path.index(i), container);
  }
  return true;
}

/** The deadline may be set and brought forward. Returns whether there is anything left to check. */
function deadline(errors: ErrorList, now: number | undefined, old: number | undefined): boolean {
  const path = spec.child('activeDeadlineSeconds');
  if (now === undefined) {
    if (old !== undefined) errors.invalid(path, null, 'must not update from a positive integer to nil value');
    return true;
  }
  if (comparable(now) < 0 || comparable(now) > maxInt32) errors.invalid(path, now, rangeError(0, maxInt32));
  else if (old !== undefined && comparable(old) < now)
    errors.invalid(path, now, 'must be less than or equal to previous value');
  else return true;
  return false;
}

function onlyMoreTolerations(
  errors: ErrorList,
  now: readonly Toleration[] = [],
  old: readonly Toleration[] = [],
): void {
  const kept = old.every((toleration) =>
    now.some((other) => sameValue({ ...toleration, tolerationSeconds: other.tolerationSeconds }, other)),
  );
  if (kept) {
    tolerations(errors, spec.child('tolerations'), now);
    return;
  }
  errors.forbidden(spec.child('tolerations'), 'existing toleration can not be modified except its tolerationSeconds');
}

function onlyFewerGates(errors: ErrorList, now: PodSpec['schedulingGates'], old: PodSpec['schedulingGates']): void {
  for (const [i, { name }] of (now ?? []).entries()) {
    if (old?.some((gate) => gate.name === name)) continue;
    const text = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.forbidden(spec.child('schedulingGates').index(i).child('name'), text);
  }
}

function onlyMoreRequirements(now: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const [expressions, fields] = [old.matchExpressions ?? [], old.matchFields ?? []];
  if (expressions.length === 0 && fields.length === 0) {
    return !now.matchExpressions?.length && !now.matchFields?.length;
  }
  return (
    sameValue((now.matchExpressions ?? []).slice(0, expressions.length), expressions) &&
    sameValue((now.matchFields ?? []).slice(0, fields.length), fields)
  );
}

function narrowedAffinity(errors: ErrorList, now: NodeAffinity | undefined, old: NodeAffinity | undefined): void {
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const before = old?.[required]?.nodeSelectorTerms ?? [];
  const after = now?.[required]?.nodeSelectorTerms ?? [];
  const path = spec.child('affinity', 'nodeAffinity', required, 'nodeSelectorTerms');
  if (before.length > 0 && before.length !== after.length) {
    errors.invalid(path, after, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed');
    return;
  }
  for (const [i, term] of before.entries()) {
    if (onlyMoreRequirements(after[i]!, term)) continue;
    errors.invalid(path.index(i), after[i], 'only additions are allowed (no mutations or deletions)');
  }
}

/** A gated pod has not been placed yet: its node selection may still be narrowed. */
function gatedChanges(errors: ErrorList, now: Mutable<PodSpec>, old: PodSpec): void {
  const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => now.nodeSelector?.[key] === value);
  if (!kept) {
    const text = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    errors.invalid(spec.child('nodeSelector'), now.nodeSelector, text);
  }
  now.nodeSelector = old.nodeSelector as Mutable<PodSpec['nodeSelector']>;
  if (sameValue(now.affinity?.nodeAffinity, old.affinity?.nodeAffinity)) return;
  narrowedAffinity(errors, now.affinity?.nodeAffinity as NodeAffinity | undefined, old.affinity?.nodeAffinity);
  const { nodeAffinity: _, ...others } = now.affinity ?? {};
  const before = old.affinity?.nodeAffinity;
  now.affinity = { ...others, ...(before && { nodeAffinity: before }) } as Mutable<PodSpec['affinity']> & object;
  // Affinity that was not there before holds nothing now.
  if (!old.affinity && Object.keys(now.affinity).length === 0) delete now.affinity;
}

export function podUpdate(object: Pod, old: Pod, errors: ErrorList): void {
  const annotations = FieldPath.of('metadata', 'annotations');
  podAnnotationUpdates(errors, annotations, object.metadata.annotations, old.metadata.annotations);
  const [now, before] = [object.spec, old.spec];
  if (!now || !before) return;
  if (!sameContainers(errors, spec.child('containers'), now.containers, before.containers)) return;
  if (!sameContainers(errors, spec.child('initContainers'), now.initContainers, before.initContainers)) return;
  if (!deadline(errors, now.activeDeadlineSeconds, before.activeDeadlineSeconds)) return;
  onlyMoreTolerations(errors, now.tolerations, before.tolerations);
  onlyFewerGates(errors, now.schedulingGates, before.schedulingGates);
  if (sameValue(now, before)) return;
  const rest = thaw(now) as Mutable<PodSpec>;
  for (const [i, c] of rest.containers.entries()) c.image = before.containers[i]?.image ?? '';
  for (const [i, c] of (rest.initContainers ?? []).entries()) c.image = before.initContainers?.[i]?.image ?? '';
  const taken = ['activeDeadlineSeconds', 'schedulingGates', 'tolerations'] as const;
  for (const name of taken) Object.assign(rest, { [name]: before[name] });
  if (comparable(before.terminationGracePeriodSeconds ?? 0) < 0 && rest.terminationGracePeriodSeconds === 1) {
    rest.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds!;
  }
  if (before.schedulingGates?.length) gatedChanges(errors, rest, before);
  const changes = difference(before, rest);
  if (changes.length === 0) return;
  errors.forbidden(spec, `pod updates may not change fields other than ${changeable}\n${changes.join('\n')}\n`);
}
