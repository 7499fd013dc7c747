import { entryOf, type Mutable } from '../../api/object.ts';
import type { Pod, PodAffinityTerm } from '../../api/types/core-v1.gen.ts';
import type { LabelSelector } from '../../api/types/meta-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import type { WriteContext } from '../resource.ts';
import type { StringMap } from '../rules/labels.ts';
import { qosClass } from '../rules/pod-resources.ts';
import { alignAppArmor } from './pod-app-armor.ts';

/** What the server itself puts into a new pod. Source: podStrategy.PrepareForCreate. */

interface KeyedTerm {
  labelSelector?: Mutable<LabelSelector>;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

/** `matchLabelKeys` become requirements on the values that this pod has. */
function addKeys(term: KeyedTerm, labels: StringMap): void {
  const selector = term.labelSelector;
  if (!selector) return;
  const add = (key: string, operator: 'In' | 'NotIn'): void => {
    const value = entryOf(labels, key);
    if (value === undefined) return;
    selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [value] }];
  };
  for (const key of term.matchLabelKeys ?? []) add(key, 'In');
  for (const key of term.mismatchLabelKeys ?? []) add(key, 'NotIn');
}

function termsOf(pod: Mutable<Pod>): Mutable<PodAffinityTerm>[] {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  return [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((preferred) => preferred.podAffinityTerm),
  ]);
}

export function preparePod(pod: Mutable<Pod>, context: WriteContext): void {
  const spec = pod.spec;
  if (!spec) return;
  pod.status = { phase: 'Pending', qosClass: qosClass(spec as NonNullable<Pod['spec']>) };
  if (spec.affinity) for (const term of termsOf(pod)) addKeys(term as KeyedTerm, pod.metadata.labels ?? {});
  for (const constraint of spec.topologySpreadConstraints ?? []) addKeys(constraint, pod.metadata.labels ?? {});
  alignAppArmor(pod, context);
  if (!spec.schedulingGates?.length) return;
  pod.status.conditions = [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
      lastTransitionTime: timestamp(context.now),
    },
  ];
}

/** Seconds a pod gets to stop; undefined when there is nothing that could need them. */
export function gracePeriod(pod: Pod, requested: number | undefined): number | undefined {
  const phase = pod.status?.phase;
  if (!pod.spec?.nodeName || phase === 'Failed' || phase === 'Succeeded') return undefined;
  const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  if (seconds < 0) return 1;
  return seconds === 0 ? undefined : seconds;
}
