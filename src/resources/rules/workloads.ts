import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { LabelSelectorLike } from '../../api/selector.ts';
import type { PodTemplateSpec, Volume } from '../../api/types/core-v1.gen.ts';
import { nonNegative, unchanged } from './check.ts';
import { isEmptySelector, labelSelector, selects } from './labels.ts';
import { podTemplate } from './pod-spec.ts';

/** What every kind that makes pods from a template is checked for. */

export const specPath = FieldPath.of('spec');
export const statusPath = FieldPath.of('status');

interface Workload {
  readonly selector?: LabelSelectorLike;
  readonly template?: PodTemplateSpec;
}

export interface WorkloadTexts {
  /** For a selector that selects everything. */
  readonly empty: string;
  /** For `activeDeadlineSeconds` in the template. */
  readonly deadline: (errors: ErrorList, path: FieldPath, value: number) => void;
}

/** Selector and template: both sound, and the one finds pods of the other. They live forever, so they restart always. */
export function selectorAndTemplate(
  errors: ErrorList,
  spec: Workload,
  texts: WorkloadTexts,
  claims: readonly Volume[] = [],
): void {
  const { selector, template } = spec;
  const at = specPath.child('selector');
  if (!selector) errors.required(at);
  else {
    labelSelector(errors, at, selector);
    if (isEmptySelector(selector)) errors.invalid(at, selector, texts.empty);
  }
  const path = specPath.child('template');
  const labels = template?.metadata?.labels;
  // Upstream reads a missing selector as one that selects nothing.
  const found = selector ? selects(selector, labels) : false;
  if (found === undefined) {
    errors.invalid(at, selector, 'invalid label selector');
    return;
  }
  if (!found) {
    errors.invalid(path.child('metadata', 'labels'), labels, '`selector` does not match template `labels`');
  }
  podTemplate(errors, path, withVolumes(template, claims));
  const policy = template?.spec?.restartPolicy;
  if (policy !== 'Always') errors.notSupported(path.child('spec', 'restartPolicy'), policy ?? '', ['Always']);
  const deadline = template?.spec?.activeDeadlineSeconds;
  if (deadline !== undefined) texts.deadline(errors, path.child('spec', 'activeDeadlineSeconds'), deadline);
}

/** Claims of a StatefulSet are volumes of its pods, under the same names. */
function withVolumes(template: PodTemplateSpec | undefined, claims: readonly Volume[]): PodTemplateSpec | undefined {
  if (!template?.spec || claims.length === 0) return template;
  const own = (template.spec.volumes ?? []).filter((volume) => !claims.some((claim) => claim.name === volume.name));
  return { ...template, spec: { ...template.spec, volumes: [...own, ...claims] } };
}

/** The kind's own refusal of a deadline. */
export const noDeadline =
  (kind: string): WorkloadTexts['deadline'] =>
  (errors, path) =>
    errors.forbidden(path, `activeDeadlineSeconds in ${kind} is not Supported`);

export function immutableSelector(errors: ErrorList, spec: Workload | undefined, old: Workload | undefined): void {
  unchanged(errors, specPath.child('selector'), spec?.selector, old?.selector);
}

/** Counts of a status: never negative. */
export function counts<T>(errors: ErrorList, status: T | undefined, fields: readonly (keyof T & string)[]): void {
  for (const field of fields) nonNegative(errors, statusPath.child(field), status?.[field] as number | undefined);
}

/** Some of all: no part can be more than `status.replicas`. */
export function parts<T extends { readonly replicas?: number }>(
  errors: ErrorList,
  status: T | undefined,
  fields: readonly (keyof T & string)[],
): void {
  for (const field of fields) {
    const value = (status?.[field] as number | undefined) ?? 0;
    if (value > (status?.replicas ?? 0)) {
      errors.invalid(statusPath.child(field), value, 'cannot be greater than status.replicas');
    }
  }
}

interface Readiness {
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
}

export function availableAreReady(errors: ErrorList, status: Readiness | undefined): void {
  const available = status?.availableReplicas ?? 0;
  if (available <= (status?.readyReplicas ?? 0)) return;
  errors.invalid(statusPath.child('availableReplicas'), available, 'cannot be greater than readyReplicas');
}

/** Hash collisions are only ever counted up. */
export function collisions(errors: ErrorList, now: number | undefined, old: number | undefined): void {
  if (old === undefined || (now !== undefined && now >= old)) return;
  errors.invalid(statusPath.child('collisionCount'), now ?? 0, 'cannot be decremented');
}
