import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from '../../api/types/autoscaling-v2.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { negative, optionalOneOf } from '../rules/check.ts';
import { keepSpec } from '../rules/status.ts';
import { counts, specPath } from '../rules/workloads.ts';
import { metric, scaleReference, soundVersion } from './metric-rules.ts';

const period = 15;
const upwards: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: period },
    { type: 'Percent', value: 100, periodSeconds: period },
  ],
};
const downwards: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: period }],
};

const hour = 3600;
const maxPeriod = 1800;

export function autoscalerDefaults(object: Mutable<HorizontalPodAutoscaler>): void {
  const spec = (object.spec ??= {} as Mutable<HorizontalPodAutoscalerSpec>);
  object.status ??= { desiredReplicas: 0 };
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) {
    const target = { type: 'Utilization', averageUtilization: 80 };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  if (!spec.behavior) return;
  const { scaleUp, scaleDown } = spec.behavior;
  spec.behavior.scaleUp = structuredClone({ ...upwards, ...scaleUp }) as Mutable<HPAScalingRules>;
  spec.behavior.scaleDown = structuredClone({ ...downwards, ...scaleDown }) as Mutable<HPAScalingRules>;
}

export function prepareAutoscaler(object: Mutable<HorizontalPodAutoscaler>): void {
  object.status = { desiredReplicas: 0 };
}

function policy(errors: ErrorList, path: FieldPath, { type, value, periodSeconds }: HPAScalingPolicy): void {
  if (type !== 'Pods' && type !== 'Percent') errors.notSupported(path.child('type'), type ?? '', ['Percent', 'Pods']);
  if (!(value > 0)) errors.invalid(path.child('value'), value ?? 0, 'must be greater than zero');
  const at = path.child('periodSeconds');
  if (!(periodSeconds > 0)) errors.invalid(at, periodSeconds ?? 0, 'must be greater than zero');
  if (periodSeconds > maxPeriod) errors.invalid(at, periodSeconds, `must be less than or equal to ${maxPeriod}`);
}

function scalingRules(errors: ErrorList, path: FieldPath, rules: HPAScalingRules | undefined): void {
  if (!rules) return;
  const window = rules.stabilizationWindowSeconds ?? 0;
  const at = path.child('stabilizationWindowSeconds');
  if (window < 0) errors.invalid(at, window, 'must be greater than or equal to zero');
  if (window > hour) errors.invalid(at, window, `must be less than or equal to ${hour}`);
  optionalOneOf(errors, path.child('selectPolicy'), rules.selectPolicy, ['Disabled', 'Max', 'Min']);
  if (rules.tolerance !== undefined) {
    const quantity = parseQuantity(rules.tolerance);
    if (quantity.nano < 0n) errors.invalid(path.child('tolerance'), quantity.text, negative);
  }
  const policies = path.child('policies');
  if (!rules.policies?.length) errors.required(policies, 'must specify at least one Policy');
  for (const [i, value] of (rules.policies ?? []).entries()) policy(errors, policies.index(i), value);
}

export function validateAutoscaler(
  object: HorizontalPodAutoscaler,
  errors: ErrorList,
  old?: HorizontalPodAutoscaler,
): void {
  const spec = object.spec ?? ({} as HorizontalPodAutoscalerSpec);
  const { minReplicas: min, maxReplicas: max = 0 } = spec;
  if (min !== undefined && min < 1) {
    errors.invalid(specPath.child('minReplicas'), min, 'must be greater than or equal to 1');
  }
  if (max < 1) errors.invalid(specPath.child('maxReplicas'), max, 'must be greater than 0');
  if (min !== undefined && max < min) {
    errors.invalid(specPath.child('maxReplicas'), max, 'must be greater than or equal to `minReplicas`');
  }
  scaleReference(errors, specPath.child('scaleTargetRef'), spec.scaleTargetRef, old?.spec?.scaleTargetRef);
  const metrics = specPath.child('metrics');
  const lax = old?.spec?.metrics?.every(soundVersion) === false;
  for (const [i, value] of (spec.metrics ?? []).entries()) metric(errors, metrics.index(i), value, lax);
  // Without pods there is nothing to measure in them.
  if (min === 0 && !spec.metrics?.some(({ type }) => type === 'Object' || type === 'External')) {
    errors.forbidden(
      metrics,
      'must specify at least one Object or External metric to support scaling to zero replicas',
    );
  }
  scalingRules(errors, specPath.child('behavior', 'scaleUp'), spec.behavior?.scaleUp);
  scalingRules(errors, specPath.child('behavior', 'scaleDown'), spec.behavior?.scaleDown);
}

export const autoscalerStatus: UpdateRules<HorizontalPodAutoscaler> = {
  prepareUpdate: keepSpec,
  validateUpdate({ status }, _old, errors) {
    counts(errors, status, ['currentReplicas', 'desiredReplicas']);
  },
};
