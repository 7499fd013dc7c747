import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { entryOf } from '../../api/object.ts';
import type { PodSpec, Toleration } from '../../api/types/core-v1.gen.ts';
import { jsonValue } from '../../base/json-value.ts';
import { everyContainer } from './every-container.ts';
import { descendingPath } from './file-paths.ts';
import type { StringMap } from './labels.ts';
import { tolerations } from './scheduling.ts';

/** Annotations that mean something to a pod. */

export const mirrorAnnotation = 'kubernetes.io/config.mirror';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
export const seccompKey = 'seccomp.security.alpha.kubernetes.io/pod';
export const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/';
const tolerationsKey = 'scheduler.alpha.kubernetes.io/tolerations';
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
  if (annotations[tolerationsKey]) annotatedTolerations(errors, path, annotations[tolerationsKey]);
  const cost = annotations[deletionCost];
  if (cost !== undefined && !isInt32(cost)) errors.invalid(path.key(deletionCost), cost, 'must be a 32bit integer');
  for (const key in annotations) {
    if (key === seccompKey || key.startsWith(seccompPrefix)) seccompProfile(errors, path.child(key), annotations[key]!);
  }
  for (const key in annotations) {
    if (!key.startsWith(appArmorPrefix)) continue;
    const name = key.slice(appArmorPrefix.length);
    const known = everyContainer(spec, path).some(({ container }) => container.name === name);
    if (!known) errors.invalid(path.key(key), name, 'container not found');
    const profile = annotations[key] ?? '';
    if (profile && !/^(runtime\/default$|unconfined$|localhost\/)/.test(profile)) {
      errors.invalid(path.key(key), profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`);
    }
  }
}

/** Tolerations as they were written before there was a field. */
function annotatedTolerations(errors: ErrorList, path: FieldPath, text: string): void {
  const list = jsonValue(text);
  if (Array.isArray(list) && list.every((item) => typeof item === 'object' && item !== null)) {
    tolerations(errors, path.child(tolerationsKey), list as Toleration[]);
  } else errors.invalid(path, tolerationsKey, `cannot read ${JSON.stringify(text)} as a list of tolerations`);
}

const localSeccomp = 'localhost/';

function seccompProfile(errors: ErrorList, path: FieldPath, profile: string): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith(localSeccomp)) descendingPath(errors, path, profile.slice(localSeccomp.length));
  else errors.invalid(path, profile, 'must be a valid seccomp profile');
}

interface Profile {
  readonly type?: string;
  readonly localhostProfile?: string;
}

const profileAnnotations: Readonly<Record<string, readonly string[]>> = {
  Unconfined: ['unconfined'],
  RuntimeDefault: ['runtime/default'],
};

/** An annotation of old beside the field that replaced it: both must say the same. */
function matching(
  errors: ErrorList,
  path: FieldPath,
  what: string,
  annotation: string | undefined,
  profile: Profile | undefined,
): void {
  if (annotation === undefined || !profile) return;
  const same = what === 'seccomp' && annotation === 'docker/default' ? 'runtime/default' : annotation;
  if (profile.type === 'Localhost') {
    if (!annotation.startsWith(localSeccomp)) {
      errors.forbidden(path.child('type'), `${what} type in annotation and field must match`);
    } else if (annotation.slice(localSeccomp.length) !== profile.localhostProfile) {
      errors.forbidden(path.child('localhostProfile'), `${what} profile in annotation and field must match`);
    }
  } else if (entryOf(profileAnnotations, profile.type ?? '')?.includes(same) === false) {
    errors.forbidden(path.child('type'), `${what} type in annotation and field must match`);
  }
}

/** For new pods and for templates; `path` leads to the spec. Source: validateSeccompAnnotationsAndFields and its like. */
export function matchingProfiles(
  errors: ErrorList,
  path: FieldPath,
  annotations: StringMap | undefined,
  spec: PodSpec,
): void {
  if (!annotations) return;
  const whole = spec.securityContext;
  const at = path.child('securityContext', 'seccompProfile');
  matching(errors, at, 'seccomp', annotations[seccompKey], whole?.seccompProfile);
  const all = everyContainer(spec, path);
  for (const { container, path: place } of all) {
    const own = place.child('securityContext', 'seccompProfile');
    const annotation = annotations[seccompPrefix + container.name];
    matching(errors, own, 'seccomp', annotation, container.securityContext?.seccompProfile);
  }
  if (spec.os?.name === 'windows') return;
  for (const { container, path: place } of all) {
    const own = place.child('securityContext', 'appArmorProfile');
    const profile = container.securityContext?.appArmorProfile ?? whole?.appArmorProfile;
    matching(errors, own, 'apparmor', annotations[appArmorPrefix + container.name], profile);
  }
}

const replaced: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};
const noSeccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const oldAppArmor = 'deprecated since v1.30; use the "appArmorProfile" field instead';

const isOfOld = (key: string): boolean =>
  Object.hasOwn(replaced, key) || key === seccompKey || key.startsWith(seccompPrefix) || key.startsWith(appArmorPrefix);

/** Annotations that nobody reads any more, or that a field has replaced. Source: pkg/api/pod warnings.go. */
export function annotationWarnings(
  path: FieldPath,
  annotations: StringMap | undefined,
  spec: PodSpec,
  isTemplate: boolean,
): string[] {
  if (!annotations || !Object.keys(annotations).some(isOfOld)) return [];
  const found: string[] = [];
  const warn = (key: string, text: string | undefined): void => {
    if (text && Object.hasOwn(annotations, key)) found.push(`${path.key(key)}: ${text}`);
  };
  for (const key in replaced) warn(key, replaced[key]);
  const whole = spec.securityContext;
  if (!whole?.seccompProfile) warn(seccompKey, noSeccomp);
  for (const { container } of everyContainer(spec, path)) {
    const own = container.securityContext;
    if (!own?.seccompProfile) warn(seccompPrefix + container.name, noSeccomp);
    if (isTemplate && !own?.appArmorProfile && !whole?.appArmorProfile) {
      warn(appArmorPrefix + container.name, oldAppArmor);
    }
  }
  return found;
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
