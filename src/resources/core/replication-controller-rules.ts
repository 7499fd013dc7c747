import type { ErrorList } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { ReplicationController } from '../../api/types/core-v1.gen.ts';
import { nonNegative } from '../rules/check.ts';
import { selects } from '../rules/labels.ts';
import { podTemplateDefaults } from '../rules/pod-defaults.ts';
import { podTemplate } from '../rules/pod-spec.ts';
import { availableAreReady, counts, parts, specPath } from '../rules/workloads.ts';

export function replicationControllerDefaults(object: Mutable<ReplicationController>): void {
  object.status ??= { replicas: 0 };
  const spec = object.spec;
  if (!spec) return;
  if (spec.template) podTemplateDefaults(spec);
  const labels = spec.template?.metadata?.labels;
  if (labels) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
}

export function validateReplicationController({ spec }: ReplicationController, errors: ErrorList): void {
  if (!spec) {
    errors.required(specPath);
    return;
  }
  nonNegative(errors, specPath.child('minReadySeconds'), spec.minReadySeconds);
  const selector = spec.selector ?? {};
  if (Object.keys(selector).length === 0) errors.required(specPath.child('selector'));
  nonNegative(errors, specPath.child('replicas'), spec.replicas);
  const path = specPath.child('template');
  const template = spec.template;
  if (!template) {
    errors.required(path);
    return;
  }
  const labels = template.metadata?.labels;
  if (Object.keys(selector).length > 0 && !selects({ matchLabels: selector }, labels)) {
    errors.invalid(path.child('metadata', 'labels'), labels, '`selector` does not match template `labels`');
  }
  podTemplate(errors, path, template);
  const policy = template.spec?.restartPolicy;
  if (policy !== 'Always') errors.notSupported(path.child('spec', 'restartPolicy'), policy ?? '', ['Always']);
  if (template.spec?.activeDeadlineSeconds === undefined) return;
  const text = 'activeDeadlineSeconds in ReplicationController is not Supported';
  errors.forbidden(path.child('spec', 'activeDeadlineSeconds'), text);
}

export function validateReplicationControllerStatus(
  { status }: ReplicationController,
  _old: ReplicationController,
  errors: ErrorList,
): void {
  const fields = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const;
  counts(errors, status, ['replicas', ...fields, 'observedGeneration']);
  parts(errors, status, fields);
  availableAreReady(errors, status);
}
