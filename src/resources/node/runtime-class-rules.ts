import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { RuntimeClass } from '../../api/types/node-v1.gen.ts';
import { label, unchanged } from '../rules/check.ts';
import { labels } from '../rules/labels.ts';
import { replacedLabel } from '../rules/node-labels.ts';
import { resources } from '../rules/quantities.ts';
import { tolerations } from '../rules/scheduling.ts';

/** Rules of RuntimeClasses. Source: node/validation and pkg/api/node warnings. */

export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass, errors: ErrorList): void {
  label(errors, FieldPath.of('handler'), handler ?? '');
  if (overhead) {
    // Upstream checks overhead as the limits of a container, and says so in the path.
    resources(errors, FieldPath.of('overhead'), { limits: overhead.podFixed ?? {} }, []);
  }
  if (!scheduling) return;
  const at = FieldPath.of('scheduling');
  labels(errors, at.child('nodeSelector'), scheduling.nodeSelector);
  tolerations(errors, at.child('tolerations'), scheduling.tolerations);
}

export function validateRuntimeClassUpdate(object: RuntimeClass, old: RuntimeClass, errors: ErrorList): void {
  unchanged(errors, FieldPath.of('handler'), object.handler, old.handler);
}

export function runtimeClassWarnings({ scheduling }: RuntimeClass): string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
    const text = replacedLabel(key);
    return text ? [`scheduling.nodeSelector: ${text}`] : [];
  });
}
