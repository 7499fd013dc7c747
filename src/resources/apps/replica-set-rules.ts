import type { ErrorList } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../../api/types/apps-v1.gen.ts';
import { nonNegative } from '../rules/check.ts';
import { podTemplateDefaults } from '../rules/pod-defaults.ts';
import {
  availableAreReady,
  counts,
  immutableSelector,
  noDeadline,
  parts,
  selectorAndTemplate,
  specPath,
} from '../rules/workloads.ts';

export function replicaSetDefaults(object: Mutable<ReplicaSet>): void {
  object.status ??= { replicas: 0 };
  object.spec ??= {} as Mutable<ReplicaSetSpec>;
  podTemplateDefaults(object.spec);
  object.spec.replicas ??= 1;
}

export function validateReplicaSet({ spec }: ReplicaSet, errors: ErrorList): void {
  if (!spec) {
    errors.required(specPath);
    return;
  }
  nonNegative(errors, specPath.child('replicas'), spec.replicas);
  nonNegative(errors, specPath.child('minReadySeconds'), spec.minReadySeconds);
  const texts = { empty: 'empty selector is invalid for deployment', deadline: noDeadline('ReplicaSet') };
  selectorAndTemplate(errors, spec, texts);
}

export function validateReplicaSetUpdate(object: ReplicaSet, old: ReplicaSet, errors: ErrorList): void {
  immutableSelector(errors, object.spec, old.spec);
}

export function validateReplicaSetStatus({ status }: ReplicaSet, _old: ReplicaSet, errors: ErrorList): void {
  const fields = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const;
  counts(errors, status, ['replicas', ...fields, 'terminatingReplicas', 'observedGeneration']);
  parts(errors, status, fields);
  availableAreReady(errors, status);
}
