import type { KubeObject, Mutable } from '../../api/object.ts';
import { jsonValue } from '../../base/json-value.ts';
import { flatten, unflatten } from '../autoscaling/flat-metrics.ts';
import type { Tree } from '../tree.ts';
import type { Differences } from './old-version.ts';

/**
 * autoscaling/v2beta1 writes metrics flat and knows no behavior, which travels in the annotation that v1 uses too.
 * Source: kubernetes `pkg/apis/autoscaling/v2beta1/conversion.go`.
 */
const behaviorAnnotation = 'autoscaling.alpha.kubernetes.io/behavior';

interface Parts {
  spec?: { metrics?: Tree[]; behavior?: unknown };
  status?: { currentMetrics?: Tree[] };
}

function mapMetrics({ spec, status }: Parts, change: typeof flatten): void {
  if (spec?.metrics) spec.metrics = spec.metrics.map((metric) => change(metric, 'target'));
  if (status?.currentMetrics) status.currentMetrics = status.currentMetrics.map((metric) => change(metric, 'current'));
}

function takeBehavior(object: Mutable<KubeObject>, parts: Parts): void {
  const { [behaviorAnnotation]: text, ...annotations } = object.metadata.annotations ?? {};
  if (text === undefined) return;
  object.metadata.annotations = annotations;
  const behavior = jsonValue(text);
  if (behavior && parts.spec) parts.spec.behavior = behavior;
}

export const v2beta1Autoscaler: Differences = {
  toStorage: (object) => {
    const parts = object as Parts;
    mapMetrics(parts, unflatten);
    takeBehavior(object, parts);
  },
  fromStorage: (object) => {
    const parts = object as Parts;
    mapMetrics(parts, flatten);
    const behavior = parts.spec?.behavior;
    if (behavior)
      object.metadata.annotations = {
        ...object.metadata.annotations,
        [behaviorAnnotation]: JSON.stringify(behavior),
      };
  },
};
