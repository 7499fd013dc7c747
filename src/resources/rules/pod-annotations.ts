import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { PodSpec } from '../../api/types/core-v1.gen.ts';
import type { StringMap } from './labels.ts';

/** Annotations that mean something to a pod. */

export const mirrorAnnotation = 'kubernetes.io/config.mirror';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const maxInt32 = 2 ** 31 - 1;

const isInt32 = (text: string): boolean =>
  /^(0|-?[1-9][0-9]*)$/.test(text) && Number(text) >= -maxInt32 - 1 && Number(text) <= maxInt32;

export function podAnnotations(
  errors: ErrorList,
  path: FieldPath,
  annotations: StringMap | undefined,
  spec: PodSpec,
): void {
  if (!annotations) return;
  const mirror = annotations[mirrorAnnotation];
  if (mirror !== undefined && !spec.nodeName) {
    errors.invalid(path.key(mirrorAnnotation), mirror, 'must set spec.nodeName if mirror pod annotation is set');
  }
  const cost = annotations[deletionCost];
  if (cost !== undefined && !isInt32(cost)) errors.invalid(path.key(deletionCost), cost, 'must be a 32bit integer');
  for (const key in annotations) {
    if (!key.startsWith(appArmorPrefix)) continue;
    const name = key.slice(appArmorPrefix.length);
    const all = [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
    if (!all.some((container) => container.name === name)) errors.invalid(path.key(key), name, 'container not found');
    const profile = annotations[key] ?? '';
    if (profile && !/^(runtime\/default$|unconfined$|localhost\/)/.test(profile)) {
      errors.invalid(path.key(key), profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`);
    }
  }
}

/** The mirror annotation and AppArmor's stay as they were when the pod was made. */
export function podAnnotationUpdates(
  errors: ErrorList,
  path: FieldPath,
  annotations: StringMap | undefined,
  old: StringMap | undefined,
): void {
  for (const key in old) {
    if (annotations?.[key] === old[key]) continue;
    if (key.startsWith(appArmorPrefix))
      errors.forbidden(path.key(key), 'may not remove or update AppArmor annotations');
    if (key === mirrorAnnotation) errors.forbidden(path.key(key), 'may not remove or update mirror pod annotation');
  }
  for (const key in annotations) {
    if (old && key in old) continue;
    if (key.startsWith(appArmorPrefix)) errors.forbidden(path.key(key), 'may not add AppArmor annotations');
    if (key === mirrorAnnotation) errors.forbidden(path.key(key), 'may not add mirror pod annotation');
  }
}
