import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../api/types/autoscaling-v2.gen.ts';
import { ageColumn, firstOf, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { keepStatus } from '../rules/status.ts';
import {
  autoscalerDefaults,
  autoscalerStatus,
  prepareAutoscaler,
  validateAutoscaler,
} from './horizontal-pod-autoscaler-rules.ts';
import { horizontalPodAutoscalerVersions } from './horizontal-pod-autoscaler-v1.ts';

const percent = (value: number | undefined): string | undefined => (value === undefined ? undefined : `${value}%`);

/** "current/target (avg)" for metrics measured as a total or per pod. */
function valueText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`;
  return `${current?.value ?? '<unknown>'}/${target?.value ?? '<auto>'}`;
}

/** "cpu: current/target" for resources, as a value or as a share of the request. */
function resourceText(name: string, target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined)
    return `${name}: ${current?.averageValue ?? '<unknown>'}/${target.averageValue}`;
  return `${name}: ${percent(current?.averageUtilization) ?? '<unknown>'}/${percent(target.averageUtilization) ?? '<auto>'}`;
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  if (spec.type === 'External') return valueText(spec.external?.target, status?.external?.current);
  if (spec.type === 'Object') return valueText(spec.object?.target, status?.object?.current);
  if (spec.type === 'Pods') {
    return `${status?.pods?.current.averageValue ?? '<unknown>'}/${spec.pods?.target.averageValue ?? '<auto>'}`;
  }
  if (spec.type === 'Resource' && spec.resource) {
    return resourceText(spec.resource.name, spec.resource.target, status?.resource?.current);
  }
  if (spec.type === 'ContainerResource' && spec.containerResource) {
    return resourceText(spec.containerResource.name, spec.containerResource.target, status?.containerResource?.current);
  }
  return '<unknown type>';
}

function targets({ spec, status }: HorizontalPodAutoscaler): string {
  const all = (spec?.metrics ?? []).map((metric, i) => metricText(metric, status?.currentMetrics?.[i]));
  return all.length === 0 ? '<none>' : firstOf(all, 2, ', ');
}

export const horizontalPodAutoscaler = defineResource<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  defaults: autoscalerDefaults,
  prepareCreate: prepareAutoscaler,
  prepareUpdate: keepStatus,
  validate: validateAutoscaler,
  status: autoscalerStatus,
  columns: [
    nameColumn,
    text('Reference', ({ spec }) => `${spec?.scaleTargetRef.kind ?? ''}/${spec?.scaleTargetRef.name ?? ''}`),
    text('Targets', targets),
    text('MinPods', (object) => (object.spec?.minReplicas === undefined ? '<unset>' : String(object.spec.minReplicas))),
    text('MaxPods', (object) => object.spec?.maxReplicas ?? 0),
    text('Replicas', (object) => object.status?.currentReplicas ?? 0),
    ageColumn,
  ],
  versions: horizontalPodAutoscalerVersions,
});
