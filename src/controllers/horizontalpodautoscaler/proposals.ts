import { goLabelSelector } from '../../api/go-print.ts';
import { quantityMilli, quantityOf } from '../../api/quantity.ts';
import { type LabelSelector, type LabelSelectorLike, labelSelectorOf, SelectorError } from '../../api/selector.ts';
import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../api/types/autoscaling-v2.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { MetricsSource } from './metrics-source.ts';
import { byAverage, byShare, byTotal, byUtilization, type Proposal, type Tolerances } from './replica-calculator.ts';
import { Uncountable } from './uncountable.ts';

/** What every metric of one autoscaler is judged with. */
export interface Judged {
  readonly source: MetricsSource;
  readonly namespace: string;
  readonly selector: LabelSelector;
  readonly pods: readonly Pod[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  /** Wall milliseconds. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** What one metric asks for. */
export interface Proposed {
  readonly replicas: number;
  /** What it is called in conditions and events. */
  readonly name: string;
  readonly status: MetricStatus;
}

/** Why a metric could not be judged: the reason and text of its event, and what is said of it in the sum. */
export class MetricFailure extends Error {
  readonly reason: string;
  readonly summary: string;
  constructor(reason: string, message: string, summary: string) {
    super(message);
    this.name = 'MetricFailure';
    this.reason = reason;
    this.summary = summary;
  }
}

type Judge = (judged: Judged, spec: MetricSpec) => Promise<Proposed>;

/** By the type of a metric. Source: pkg/controller/podautoscaler `computeStatusFor…Metric`. */
const judges: Readonly<Record<string, Judge>> = {
  Resource: async (judged, { resource }) => {
    const { name, target } = resource!;
    const { proposal, current, kind } = await failing(
      'FailedGetResourceMetric',
      (text) => `failed to get ${name} resource metric value: ${text}`,
      () => judgeResource(judged, name, target, ''),
    );
    const status = { type: 'Resource', resource: { name, current } };
    return { ...proposal, name: `${name} resource${kind}`, status };
  },
  ContainerResource: async (judged, { containerResource }) => {
    const { name, target, container } = containerResource!;
    const { proposal, current, kind } = await failing(
      'FailedGetContainerResourceMetric',
      (text) => `failed to get ${container} container metric value: ${text}`,
      () => judgeResource(judged, name, target, container),
    );
    const called = kind ? `${name} container resource${kind}` : `${name} resource`;
    const status = { type: 'ContainerResource', containerResource: { name, container, current } };
    return { ...proposal, name: called, status };
  },
  Pods: async (judged, { pods }) => {
    const { metric, target } = pods!;
    const summary = (text: string) => `failed to get pods metric value: ${text}`;
    const proposal = await failing('FailedGetPodsMetric', summary, () => judgePods(judged, metric, target));
    const status = { type: 'Pods', pods: { metric, current: { averageValue: milli(proposal.usage) } } };
    return { ...proposal, name: `pods metric ${metric.name}`, status };
  },
  Object: async (judged, { object }) => {
    const { metric, target, describedObject } = object!;
    const shared = target.type === 'AverageValue';
    const between = shared ? `failed to get ${metric.name} object metric: ` : '';
    const { proposal, current } = await failing(
      'FailedGetObjectMetric',
      (text) => `failed to get object metric value: ${between}${text}`,
      () => judgeTotal(judged, shared, target, 'object', () => objectValues(judged, metric, describedObject)),
    );
    const name = shared ? externalName(metric) : `${describedObject.kind} metric ${metric.name}`;
    return { ...proposal, name, status: { type: 'Object', object: { metric, describedObject, current } } };
  },
  External: async (judged, { external }) => {
    const { metric, target } = external!;
    const shared = target.averageValue !== undefined;
    const between = shared
      ? `failed to get ${metric.name} external metric`
      : `failed to get external metric ${metric.name}`;
    const { proposal, current } = await failing(
      'FailedGetExternalMetric',
      (text) => `failed to get ${metric.name} external metric value: ${between}: ${text}`,
      () => judgeTotal(judged, shared, target, 'external', () => externalValues(judged, metric)),
    );
    return { ...proposal, name: externalName(metric), status: { type: 'External', external: { metric, current } } };
  },
};

/** How many replicas a metric asks for. Throws `MetricFailure`. */
export async function judge(judged: Judged, spec: MetricSpec): Promise<Proposed> {
  const found = judges[spec.type];
  if (found) return found(judged, spec);
  const text = `unknown metric source type ${JSON.stringify(spec.type)}`;
  throw new MetricFailure('InvalidMetricSourceType', text, text);
}

const milli = (value: number): string => quantityOf(BigInt(Math.trunc(value)) * 1_000_000n, 'DecimalSI').text;

const externalName = ({ name, selector }: MetricIdentifier): string =>
  `external metric ${name}(${goLabelSelector(selector as LabelSelectorLike | undefined)})`;

async function failing<T>(reason: string, summary: (text: string) => string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Uncountable || error instanceof SelectorError)) throw error;
    throw new MetricFailure(reason, error.message, summary(error.message));
  }
}

/** Puts `before` in front of what makes a metric uncountable. */
async function inContext<T>(before: string, work: () => T | Promise<T>, after = ''): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Uncountable ? new Uncountable(`${before}: ${error.message}${after}`) : error;
  }
}

async function judgeResource(judged: Judged, resource: string, target: MetricTarget, container: string) {
  const { source, namespace, selector, signal } = judged;
  const { averageValue, averageUtilization } = target;
  if (averageValue === undefined && averageUtilization === undefined) {
    throw new Uncountable(
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    );
  }
  return await inContext(
    `failed to get ${resource} ${averageValue === undefined ? 'utilization' : 'usage'}`,
    async () => {
      const metrics = await inContext(`unable to get metrics for resource ${resource}`, () =>
        source.resource(resource, namespace, selector, container, signal),
      );
      const measured = { ...judged, replicas: judged.specReplicas, metrics, resource };
      const proposal =
        averageValue === undefined
          ? byUtilization(measured, averageUtilization!, container)
          : byAverage(measured, quantityMilli(averageValue));
      const { utilization } = proposal;
      const current: MetricValueStatus = {
        ...(utilization !== undefined && { averageUtilization: utilization }),
        averageValue: milli(proposal.usage),
      };
      const kind = averageValue === undefined ? ' utilization (percentage of request)' : '';
      return { proposal, current, kind };
    },
  );
}

async function judgePods(judged: Judged, metric: MetricIdentifier, target: MetricTarget): Promise<Proposal> {
  const { source, namespace, selector, signal } = judged;
  const metricSelector = metricSelectorOf(metric);
  const metrics = await inContext(`unable to get metric ${metric.name}`, () =>
    source.pods(metric.name, namespace, selector, metricSelector, signal),
  );
  const measured = { ...judged, replicas: judged.specReplicas, metrics, resource: '' };
  return byAverage(measured, quantityMilli(target.averageValue!));
}

/** A metric that stands beside the pods: as a whole, or shared among them. */
async function judgeTotal(
  judged: Judged,
  shared: boolean,
  target: MetricTarget,
  what: string,
  values: () => Promise<readonly number[]>,
) {
  const wanted = shared ? target.averageValue : target.value;
  if (wanted === undefined) {
    throw new Uncountable(`invalid ${what} metric source: neither a value target nor an average value target was set`);
  }
  const found = await values();
  const proposal = shared
    ? byShare({ ...judged, replicas: judged.statusReplicas }, found, quantityMilli(wanted))
    : byTotal({ ...judged, replicas: judged.specReplicas }, found, quantityMilli(wanted));
  const current: MetricValueStatus = { [shared ? 'averageValue' : 'value']: milli(proposal.usage) };
  return { proposal, current };
}

const metricSelectorOf = ({ selector }: MetricIdentifier): LabelSelector =>
  labelSelectorOf(selector as LabelSelectorLike | undefined);

async function objectValues(judged: Judged, metric: MetricIdentifier, object: CrossVersionObjectReference) {
  const { source, namespace, signal } = judged;
  const metricSelector = metricSelectorOf(metric);
  const value = await inContext(
    `unable to get metric ${metric.name}`,
    () => source.object(metric.name, namespace, object, metricSelector, signal),
    ` on ${object.kind} ${namespace}/${object.name}`,
  );
  return [value];
}

async function externalValues({ source, namespace, signal }: Judged, metric: MetricIdentifier) {
  const selector = metricSelectorOf(metric);
  const text = goLabelSelector(metric.selector as LabelSelectorLike | undefined);
  return await inContext(`unable to get external metric ${namespace}/${metric.name}/${text}`, () =>
    source.external(metric.name, namespace, selector, signal),
  );
}
