import { durationMs } from '../../api/duration.ts';
import { podMetrics as podMetricsRef } from '../../api/kinds.gen.ts';
import { type KubeObject, parseApiVersion } from '../../api/object.ts';
import { quantityMilli } from '../../api/quantity.ts';
import type { ResourceRef } from '../../api/resource-ref.ts';
import type { LabelSelector } from '../../api/selector.ts';
import { isStatus } from '../../api/status.ts';
import type { CrossVersionObjectReference } from '../../api/types/autoscaling-v2.gen.ts';
import type { PodMetrics as MeasuredPod } from '../../api/types/metrics-v1beta1.gen.ts';
import type { Client, RequestOptions } from '../../client/client.ts';
import type { Catalog } from '../catalog.ts';
import { errorText } from '../namespace-going.ts';
import type { PodMetric, PodMetrics } from './pod-groups.ts';
import { Uncountable } from './uncountable.ts';

/** A value of a custom or external metric. */
interface MetricValue {
  readonly describedObject?: { readonly name?: string };
  readonly timestamp?: string;
  readonly windowSeconds?: number;
  readonly window?: number;
  readonly value: string;
}

/** Over what time a custom metric is taken to be measured when it does not say. Milliseconds. */
const defaultWindow = 60_000;

const custom = { group: 'custom.metrics.k8s.io', versions: ['v1beta2', 'v1beta1'] } as const;
const external = { group: 'external.metrics.k8s.io', version: 'v1beta1' } as const;

/**
 * The three metrics APIs. All methods throw `Uncountable` when a metric cannot be had; values are in thousandths.
 * Source: pkg/controller/podautoscaler/metrics `client.go`.
 */
export class MetricsSource {
  readonly #client: Client;
  readonly #catalog: Catalog;

  constructor(client: Client, catalog: Catalog) {
    this.#client = client;
    this.#catalog = catalog;
  }

  /** What each pod, or one container of it, uses of a resource. Pods that are measured in part are left out. */
  async resource(
    resource: string,
    namespace: string,
    selector: LabelSelector,
    container: string,
    signal: AbortSignal,
  ): Promise<PodMetrics> {
    const list = this.#client.resource(podMetricsRef).list({ namespace, labelSelector: selector.toString(), signal });
    const { items } = await fetched('resource', signal, list);
    if (items.length === 0) throw new Uncountable('no metrics returned from resource metrics API');
    const metrics = new Map<string, PodMetric>();
    for (const pod of items) {
      const value = container === '' ? wholeUse(pod, resource) : containerUse(pod, resource, container);
      const { name } = pod.metadata;
      if (value === undefined) continue;
      metrics.set(name!, { value, at: Date.parse(pod.timestamp), windowMs: durationMs(pod.window) });
    }
    return metrics;
  }

  /** A custom metric of each pod. */
  async pods(
    metric: string,
    namespace: string,
    selector: LabelSelector,
    metricSelector: LabelSelector,
    signal: AbortSignal,
  ): Promise<PodMetrics> {
    const labelSelector = selector.toString();
    const items = await this.#custom('pods', { namespace, name: '*' }, metric, metricSelector, {
      labelSelector,
      signal,
    });
    return new Map(
      items.map(({ describedObject, timestamp, value, windowSeconds, window }) => {
        const seconds = windowSeconds ?? window;
        const windowMs = seconds === undefined ? defaultWindow : seconds * 1000;
        return [
          describedObject?.name ?? '',
          { value: quantityMilli(value), at: Date.parse(timestamp ?? '') || 0, windowMs },
        ];
      }),
    );
  }

  /** A custom metric of one object. A namespace is always the autoscaler's own. */
  async object(
    metric: string,
    namespace: string,
    object: CrossVersionObjectReference,
    metricSelector: LabelSelector,
    signal: AbortSignal,
  ): Promise<number> {
    const { group = '' } = parseApiVersion(object.apiVersion ?? '') ?? {};
    const ofNamespace = object.kind === 'Namespace' && group === '';
    const [value] = ofNamespace
      ? await this.#custom('metrics', { namespace, name: metric }, '', metricSelector, { signal })
      : await this.#custom(
          this.#resourceOf(group, object.kind),
          { namespace, name: object.name },
          metric,
          metricSelector,
          { signal },
        );
    return quantityMilli(value!.value);
  }

  /** All values of an external metric that match. */
  async external(metric: string, namespace: string, selector: LabelSelector, signal: AbortSignal): Promise<number[]> {
    const ref = { ...external, resource: metric, kind: 'ExternalMetricValueList', namespaced: true };
    const labelSelector = selector.toString();
    const list = this.#client
      .resource(ref as ResourceRef<KubeObject>)
      .list({ namespace, ...(labelSelector && { labelSelector }), signal })
      .catch((error) => {
        throw isUnserved(error) ? new Error(`${errorText(error)} (get ${metric}.${external.group})`) : error;
      });
    const items = (await fetched('external', signal, list)).items as unknown as readonly MetricValue[];
    if (items.length === 0) throw new Uncountable('no metrics returned from external metrics API');
    return items.map(({ value }) => quantityMilli(value));
  }

  /** A resource as custom metrics call it: "pods", "deployments.apps". */
  #resourceOf(group: string, kind: string): string {
    const entry = this.#catalog.byKind(group, kind);
    if (entry) return entry.group === '' ? entry.resource : `${entry.resource}.${entry.group}`;
    const why = `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`;
    throw new Uncountable(`unable to fetch metrics from custom metrics API: ${why}`);
  }

  async #custom(
    resource: string,
    key: { readonly namespace: string; readonly name: string },
    metric: string,
    metricSelector: LabelSelector,
    options: RequestOptions & { readonly signal: AbortSignal },
  ): Promise<readonly MetricValue[]> {
    const metricLabelSelector = metricSelector.toString();
    const asked = {
      ...options,
      ...(metric && { subresource: metric }),
      ...(metricLabelSelector && { metricLabelSelector }),
    };
    const ask = (version: string) => {
      const ref = { group: custom.group, version, resource, kind: 'MetricValueList', namespaced: true };
      return this.#client.resource(ref as ResourceRef<KubeObject>).get(key, asked);
    };
    const list = await fetched(
      'custom',
      options.signal,
      firstServed(custom.versions.map((version) => () => ask(version))),
    );
    const { items } = list as unknown as { items: readonly MetricValue[] };
    if (items.length === 0) throw new Uncountable('no metrics returned from custom metrics API');
    return items;
  }
}

/** Whether nobody serves a path at all, as against a server that knows no such metric. */
const isUnserved = (error: unknown): boolean =>
  isStatus(error, 'NotFound') && error.message === 'the server could not find the requested resource';

async function firstServed<T>(asks: readonly (() => Promise<T>)[]): Promise<T> {
  for (const ask of asks) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnserved(error)) throw error;
    }
  }
  throw new Error(`no custom metrics API (${custom.group}) registered`);
}

async function fetched<T>(api: string, signal: AbortSignal, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    signal.throwIfAborted();
    throw new Uncountable(`unable to fetch metrics from ${api} metrics API: ${errorText(error)}`);
  }
}

/** What all containers use; undefined when one of them does not say. */
function wholeUse({ containers }: MeasuredPod, resource: string): number | undefined {
  let sum = 0;
  for (const { usage } of containers) {
    const used = usage[resource];
    if (used === undefined) return undefined;
    sum += quantityMilli(used);
  }
  return containers.length > 0 ? sum : undefined;
}

function containerUse({ metadata, containers }: MeasuredPod, resource: string, name: string): number | undefined {
  const container = containers.find((one) => one.name === name);
  if (!container) {
    const pod = `${metadata.namespace}/${metadata.name}`;
    throw new Uncountable(`failed to get container metrics: container ${name} not present in metrics for pod ${pod}`);
  }
  const used = container.usage[resource];
  return used === undefined ? undefined : quantityMilli(used);
}
