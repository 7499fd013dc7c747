import type { KubeObject, Mutable } from '../../api/object.ts';
import { jsonValue } from '../../base/json-value.ts';
import type { VersionConversion } from '../resource.ts';
import { defined, type Tree } from '../tree.ts';
import { child, flatten, unflatten } from './flat-metrics.ts';

/**
 * autoscaling/v1 knows one CPU percentage; everything else of v2 travels in annotations, as JSON of v1's metric types.
 * Source of the annotation names: autoscaling/v1 `annotations.go`.
 */

const annotation = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
} as const;

const isCpu = (metric: Tree): boolean =>
  metric['type'] === 'Resource' && (metric['resource'] as Tree)['name'] === 'cpu';
/** Takes an annotation away and yields its JSON; broken JSON counts as absent, as upstream. */
function take(annotations: Record<string, string>, name: string): unknown {
  const text = annotations[name];
  delete annotations[name];
  return text === undefined ? undefined : jsonValue(text);
}

function toStorage(object: Mutable<KubeObject>): void {
  object.apiVersion = 'autoscaling/v2';
  const annotations = { ...object.metadata.annotations };
  const spec = child(object, 'spec');
  const status = object['status'] as Tree | undefined;
  const cpu = spec['targetCPUUtilizationPercentage'];
  delete spec['targetCPUUtilizationPercentage'];
  const metrics = ((take(annotations, annotation.metrics) as Tree[] | undefined) ?? []).map((m) =>
    unflatten(m, 'target'),
  );
  if (cpu !== undefined) {
    metrics.push({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } },
    });
  }
  const behavior = take(annotations, annotation.behavior);
  const currentMetrics = take(annotations, annotation.currentMetrics) as Tree[] | undefined;
  const conditions = take(annotations, annotation.conditions);
  object['spec'] = defined({ ...spec, metrics: metrics.length ? metrics : undefined, behavior });
  if (status) {
    const current = status['currentCPUUtilizationPercentage'];
    delete status['currentCPUUtilizationPercentage'];
    const statuses = (currentMetrics ?? []).map((m) => unflatten(m, 'current'));
    if (current !== undefined && !statuses.some(isCpu)) {
      statuses.push({ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } });
    }
    object['status'] = defined({ ...status, currentMetrics: statuses.length ? statuses : undefined, conditions });
  }
  if (object.metadata.annotations) object.metadata.annotations = annotations;
}

function fromStorage(object: Mutable<KubeObject>): void {
  object.apiVersion = 'autoscaling/v1';
  const annotations: Record<string, string> = { ...object.metadata.annotations };
  const { metrics, behavior, ...spec } = child(object, 'spec');
  const all = (metrics ?? []) as Tree[];
  const cpu = all.find((m) => isCpu(m) && child(child(m, 'resource'), 'target')['averageUtilization'] !== undefined);
  const others = all.filter((m) => m !== cpu);
  if (cpu) spec['targetCPUUtilizationPercentage'] = child(child(cpu, 'resource'), 'target')['averageUtilization'];
  if (others.length) annotations[annotation.metrics] = JSON.stringify(others.map((m) => flatten(m, 'target')));
  if (behavior) annotations[annotation.behavior] = JSON.stringify(behavior);
  object['spec'] = spec;
  if (object['status']) {
    const { currentMetrics, conditions, ...status } = child(object, 'status');
    const statuses = (currentMetrics ?? []) as Tree[];
    const current = statuses.find(isCpu);
    const utilization = current && child(child(current, 'resource'), 'current')['averageUtilization'];
    if (utilization !== undefined) status['currentCPUUtilizationPercentage'] = utilization;
    if (statuses.length)
      annotations[annotation.currentMetrics] = JSON.stringify(statuses.map((m) => flatten(m, 'current')));
    if (conditions) annotations[annotation.conditions] = JSON.stringify(conditions);
    object['status'] = status;
  }
  if (Object.keys(annotations).length) object.metadata.annotations = annotations;
}

export const horizontalPodAutoscalerVersions: Readonly<Record<string, VersionConversion>> = {
  'autoscaling/v1': { toStorage, fromStorage },
};
