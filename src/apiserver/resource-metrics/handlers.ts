import type { KubeObject } from '../../api/object.ts';
import { notFound } from '../../api/status.ts';
import type { NodeGateway } from '../../node/gateway.ts';
import type { NodeUsage, PodUsage } from '../../node/usage.ts';
import type { Entry } from '../../store/store.ts';
import type { Answer, Handler, VirtualHandlers } from '../registry/execute.ts';
import { list } from '../registry/list.ts';
import type { Operation, Registry } from '../registry/operation.ts';
import { unstoredEntry } from '../registry/unstored-entry.ts';
import { nodeMetricsOf, podMetricsOf } from './metrics-objects.ts';

/** What makes a metrics object of a node or a pod; undefined for one that is not measured. */
type Measure = (object: KubeObject) => KubeObject | undefined;

/** metrics.k8s.io, which `kubectl top` and autoscalers read: measured by the kubelets when it is asked for. */
export function resourceMetrics(nodes: () => NodeGateway): VirtualHandlers {
  const usageOf = async (registry: Registry, names: Iterable<string>, signal: AbortSignal) => {
    const found = new Map<string, NodeUsage>();
    await Promise.all(
      [...new Set(names)].map(async (name) => {
        try {
          found.set(name, await nodes().usage(name, signal));
        } catch (error) {
          signal.throwIfAborted();
          // A node that does not answer has no metrics; the others have theirs.
          registry.log.debug('node not measured', { node: name, error });
        }
      }),
    );
    return found;
  };
  return {
    'nodes.metrics.k8s.io': handler('nodes', 'nodemetrics', async (registry, measured, signal) => {
      const byName = await usageOf(registry, measured.map(nameOf), signal);
      const now = registry.clock.wall();
      return (node) => {
        const usage = byName.get(nameOf(node));
        return usage && (nodeMetricsOf(node, usage, now) as KubeObject | undefined);
      };
    }),
    'pods.metrics.k8s.io': handler('pods', 'podmetrics', async (registry, measured, signal) => {
      const usages = await usageOf(registry, measured.map(nodeOf).filter(Boolean), signal);
      const byUid = new Map<string, PodUsage>();
      for (const { pods } of usages.values()) for (const pod of pods) byUid.set(pod.uid, pod);
      const now = registry.clock.wall();
      return (pod) => {
        const usage = byUid.get(pod.metadata.uid ?? '');
        return usage && (podMetricsOf(pod, usage, now) as KubeObject | undefined);
      };
    }),
  };
}

const nameOf = ({ metadata }: KubeObject): string => metadata.name ?? '';
const nodeOf = ({ spec }: KubeObject): string => (spec as { nodeName?: string } | undefined)?.nodeName ?? '';

/** Get and list of what is measured of the objects of core/v1 `resource`; `missing` is what a get calls one that is not. */
function handler(
  resource: string,
  missing: string,
  measure: (registry: Registry, objects: readonly KubeObject[], signal: AbortSignal) => Promise<Measure>,
): Handler {
  return async (registry, op): Promise<Answer> => {
    const entries = await measuredEntries(registry, op, resource);
    const signal = op.signal() ?? never;
    const metricsOf = await measure(
      registry,
      entries.map(({ object }) => object),
      signal,
    );
    const objects = entries.map(({ object }) => metricsOf(object)).filter((object) => object !== undefined);
    const answers = objects.map((object) => unstoredEntry(op.served.qualified, object));
    if (!op.name) return { as: 'list', entries: answers, metadata: {} };
    const [entry] = answers;
    if (!entry) {
      const name = op.namespace ? `${op.namespace}/${op.name}` : op.name;
      throw notFound({ group: op.served.group, resource: missing }, name);
    }
    return { as: 'entry', code: 200, entry };
  };
}

const never = new AbortController().signal;

/** The stored objects a request is about. */
async function measuredEntries(registry: Registry, op: Operation, resource: string): Promise<readonly Entry[]> {
  const served = registry.served.find('', 'v1', resource)!;
  const { labelSelector = '', fieldSelector = '' } = op.options;
  const options = op.name ? { fieldSelector: `metadata.name=${op.name}` } : { labelSelector, fieldSelector };
  return (await list(registry, { ...op, served, name: '', options })).entries;
}
