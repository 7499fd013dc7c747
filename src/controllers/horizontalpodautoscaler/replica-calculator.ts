import type { Pod } from '../../api/types/core-v1.gen.ts';
import { isReady } from '../pod-state.ts';
import { groupPods, type PodMetrics } from './pod-groups.ts';
import { requestsOf } from './pod-requests.ts';
import { Uncountable } from './uncountable.ts';

/**
 * How many replicas a metric asks for. Values and targets are in thousandths of the metric's unit. All functions throw
 * `Uncountable`. Source: pkg/controller/podautoscaler `replica_calculator.go` and `metrics/utilization.go`.
 */

/** By how much the use may differ from the target before anything is done: 0.1 is a tenth. */
export interface Tolerances {
  readonly down: number;
  readonly up: number;
}

export interface Proposal {
  readonly replicas: number;
  /** What is used: on average by pod, or in all. */
  readonly usage: number;
  /** The same as a percentage of what was requested. */
  readonly utilization?: number;
}

/** A target's pods and what was measured in them. */
export interface Measured {
  readonly replicas: number;
  readonly pods: readonly Pod[];
  readonly metrics: PodMetrics;
  /** What the metric is of: only CPU use depends on how long pods have been there. "" for metrics that are no resource. */
  readonly resource: string;
  readonly tolerances: Tolerances;
  /** Wall milliseconds. */
  readonly now: number;
}

type Values = ReadonlyMap<string, number>;
type Usage = Omit<Proposal, 'replicas'> & { readonly ratio: number };

const maxInt32 = 2 ** 31 - 1;
const maxInt64 = 2 ** 63 - 1;

const within = ({ down, up }: Tolerances, ratio: number): boolean => 1 - down <= ratio && ratio <= 1 + up;

/** Go's integer division. */
const quotient = (a: number, b: number): number => Math.trunc(a / b);

const rounded = (replicas: number): number => Math.min(Math.ceil(replicas), maxInt32);

/** By what pods use of what they requested, on average, against `target` percent. */
export function byUtilization(measured: Measured, target: number, container: string): Proposal {
  return byPods(measured, () => {
    const requests = requestsOf(measured.pods, container, measured.resource);
    return {
      usageOf: (values) => utilizationOf(values, requests, target),
      // What is not known to be less is taken to be all that was requested, or all that is wanted.
      atMost: (name) => quotient((requests.get(name) ?? 0) * Math.max(100, target), 100),
    };
  });
}

/** By what pods use on average, against `target`. */
export function byAverage(measured: Measured, target: number): Proposal {
  return byPods(measured, () => ({
    usageOf: (values) => {
      const usage = quotient(total(values.values()), values.size);
      return { usage, ratio: usage / target };
    },
    atMost: () => target,
  }));
}

const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

function utilizationOf(values: Values, requests: ReadonlyMap<string, number>, target: number): Usage {
  const known = [...values].filter(([name]) => requests.has(name));
  const requested = total(known.map(([name]) => requests.get(name)!));
  if (requested === 0) throw new Uncountable('no metrics returned matched known pods');
  const used = total(known.map(([, value]) => value));
  const utilization = Math.min(quotient(used * 100, requested), maxInt32);
  return { ratio: utilization / target, utilization, usage: quotient(used, known.length) };
}

/** How a kind of target looks at the values of pods. */
interface Scale {
  readonly usageOf: (values: Values) => Usage;
  /** What a pod that was not measured is taken to use when the others ask for fewer pods. */
  readonly atMost: (name: string) => number;
}

function byPods(measured: Measured, scale: () => Scale): Proposal {
  const { pods, metrics, resource, now, replicas, tolerances } = measured;
  if (pods.length === 0) throw new Uncountable('no pods returned by selector while calculating replica count');
  const groups = groupPods(pods, metrics, resource, now);
  const left = new Set([...groups.ignored, ...groups.unready]);
  const values = new Map([...metrics].filter(([name]) => !left.has(name)).map(([name, { value }]) => [name, value]));
  if (values.size === 0) {
    throw new Uncountable('did not receive metrics for targeted pods (pods might be unready)');
  }
  const { usageOf, atMost } = scale();
  const { ratio, ...usage } = usageOf(values);
  const unready = ratio > 1 ? groups.unready : [];
  if (unready.length === 0 && groups.missing.length === 0) {
    return { replicas: within(tolerances, ratio) ? replicas : rounded(ratio * groups.ready), ...usage };
  }
  // Pods of which nothing is known may damp a change, and never turn it round.
  const assumed = new Map(values);
  for (const name of groups.missing) if (ratio !== 1) assumed.set(name, ratio < 1 ? atMost(name) : 0);
  for (const name of unready) assumed.set(name, 0);
  const { ratio: damped } = usageOf(assumed);
  const proposed = rounded(damped * assumed.size);
  const turned = (ratio < 1 && damped > 1) || (ratio > 1 && damped < 1);
  const opposite = (damped < 1 && proposed > replicas) || (damped > 1 && proposed < replicas);
  return { replicas: within(tolerances, damped) || turned || opposite ? replicas : proposed, ...usage };
}

/** By a total that all pods together are to keep at `target`. */
export function byTotal(
  { replicas, pods, tolerances }: Pick<Measured, 'replicas' | 'pods' | 'tolerances'>,
  values: readonly number[],
  target: number,
): Proposal {
  const usage = Math.min(total(values), maxInt64);
  const ratio = usage / target;
  if (replicas === 0) return { replicas: rounded(ratio), usage };
  if (within(tolerances, ratio)) return { replicas, usage };
  if (pods.length === 0) {
    throw new Uncountable(
      'unable to calculate ready pods: no pods returned by selector while calculating replica count',
    );
  }
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod)).length;
  return { replicas: rounded(ratio * ready), usage };
}

/** By a total of which each pod is to have `target`. `replicas` are those that there are. */
export function byShare(
  { replicas, tolerances }: Pick<Measured, 'replicas' | 'tolerances'>,
  values: readonly number[],
  target: number,
): Proposal {
  const sum = Math.min(total(values), maxInt64);
  const ratio = sum / (target * replicas);
  const usage = sum === 0 ? 0 : Math.min(Math.ceil(sum / replicas), maxInt64);
  return { replicas: within(tolerances, ratio) ? replicas : rounded(sum / target), usage };
}
