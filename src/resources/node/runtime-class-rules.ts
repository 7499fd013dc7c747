import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { RuntimeClass } from '../../api/types/node-v1.gen.ts';
import { label, unchanged } from '../rules/check.ts';
import { labels } from '../rules/labels.ts';
import { containerResourceName, resources } from '../rules/quantities.ts';
import { tolerations } from '../rules/scheduling.ts';

export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass, errors: ErrorList): void {
  label(errors, FieldPath.of('handler'), handler ?? '');
  if (overhead) {
    resources(errors, FieldPath.of('overhead', 'podFixed'), { limits: overhead.podFixed }, [], containerResourceName);
  }
  if (!scheduling) return;
  const at = FieldPath.of('scheduling');
  labels(errors, at.child('nodeSelector'), scheduling.nodeSelector);
  tolerations(errors, at.child('tolerations'), scheduling.tolerations);
}

export function validateRuntimeClassUpdate(object: RuntimeClass, old: RuntimeClass, errors: ErrorList): void {
  unchanged(errors, FieldPath.of('handler'), object.handler, old.handler);
}
