import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { Deployment, DeploymentSpec, DeploymentStrategy } from '../../api/types/apps-v1.gen.ts';
import { atMostAll, countOf, countOrPercent, nonNegative } from '../rules/check.ts';
import { podTemplateDefaults } from '../rules/pod-defaults.ts';
import {
  availableAreReady,
  collisions,
  counts,
  immutableSelector,
  noDeadline,
  parts,
  selectorAndTemplate,
  specPath,
} from '../rules/workloads.ts';

export function deploymentDefaults(object: Mutable<Deployment>): void {
  object.status ??= {};
  const spec = (object.spec ??= {} as Mutable<DeploymentSpec>);
  podTemplateDefaults(spec);
  spec.replicas ??= 1;
  const strategy = (spec.strategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

function strategy(errors: ErrorList, path: FieldPath, value: DeploymentStrategy | undefined): void {
  const rolling = value?.rollingUpdate;
  const at = path.child('rollingUpdate');
  if (value?.type === 'Recreate') {
    if (rolling) errors.forbidden(at, "may not be specified when strategy `type` is 'Recreate'");
  } else if (value?.type === 'RollingUpdate') {
    if (!rolling) {
      errors.required(at, 'this should be defaulted and never be nil');
      return;
    }
    countOrPercent(errors, at.child('maxUnavailable'), rolling.maxUnavailable);
    countOrPercent(errors, at.child('maxSurge'), rolling.maxSurge);
    if (countOf(rolling.maxUnavailable) === 0 && countOf(rolling.maxSurge) === 0) {
      errors.invalid(at.child('maxUnavailable'), rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0');
    }
    atMostAll(errors, at.child('maxUnavailable'), rolling.maxUnavailable);
  } else errors.notSupported(path, value?.type ?? '', ['Recreate', 'RollingUpdate'], 'given');
}

export function validateDeployment({ spec }: Deployment, errors: ErrorList): void {
  if (!spec) {
    errors.required(specPath);
    return;
  }
  nonNegative(errors, specPath.child('replicas'), spec.replicas);
  const texts = { empty: 'empty selector is invalid for deployment', deadline: noDeadline('ReplicaSet') };
  selectorAndTemplate(errors, spec, texts);
  strategy(errors, specPath.child('strategy'), spec.strategy);
  nonNegative(errors, specPath.child('minReadySeconds'), spec.minReadySeconds);
  nonNegative(errors, specPath.child('revisionHistoryLimit'), spec.revisionHistoryLimit);
  const deadline = spec.progressDeadlineSeconds;
  nonNegative(errors, specPath.child('progressDeadlineSeconds'), deadline);
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) {
    errors.invalid(specPath.child('progressDeadlineSeconds'), deadline, 'must be greater than minReadySeconds');
  }
}

export function validateDeploymentUpdate(object: Deployment, old: Deployment, errors: ErrorList): void {
  immutableSelector(errors, object.spec, old.spec);
}

export function validateDeploymentStatus({ status }: Deployment, old: Deployment, errors: ErrorList): void {
  counts(errors, status, [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ]);
  parts(errors, status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']);
  availableAreReady(errors, status);
  collisions(errors, status?.collisionCount, old.status?.collisionCount);
}
