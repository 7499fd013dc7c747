import type { LabelSelectorLike } from '../../src/api/selector.ts';
import type { Node, Pod, PodAffinityTerm, PodSpec } from '../../src/api/types/core-v1.gen.ts';

/** Nodes and pods as upstream's scheduler_perf makes them (test/integration/scheduler_perf/templates). */

export const hostname = 'kubernetes.io/hostname';
export const zone = 'topology.kubernetes.io/zone';

export interface NodeShape {
  /** Names of zones, taken in turn. */
  readonly zones?: readonly string[];
  readonly taints?: NonNullable<Node['spec']>['taints'];
}

export function nodeOf(name: string, n: number, { zones, taints }: NodeShape = {}): Node {
  const labels = { [hostname]: name, ...(zones && { [zone]: zones[n % zones.length]! }) };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: taints ? { taints } : {},
    status: {
      allocatable: { cpu: '4', memory: '32Gi', pods: '110' },
      capacity: { cpu: '4', memory: '32Gi', pods: '110' },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

/** What distinguishes a pod from pod-default. */
export interface PodShape extends Partial<PodSpec> {
  readonly labels?: Readonly<Record<string, string>>;
}

export function podOf(namespace: string, name: string, { labels, ...spec }: PodShape = {}): Pod {
  const requests = { cpu: '100m', memory: '500Mi' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, ...(labels && { labels }) },
    spec: {
      containers: [
        {
          name: 'pause',
          image: 'registry.k8s.io/pause:3.10.1',
          ports: [{ containerPort: 80 }],
          resources: { limits: requests, requests },
        },
      ],
      ...spec,
    },
  };
}

const color = (name: string) => ({ labels: { color: name } });
const colored = (name: string): LabelSelectorLike => ({ matchLabels: { color: name } });
const both = ['sched-1', 'sched-0'];
const term = (name: string, topologyKey: string, more: Partial<PodAffinityTerm> = { namespaces: both }) => ({
  labelSelector: colored(name),
  topologyKey,
  ...more,
});
const devops = { namespaceSelector: { matchLabels: { team: 'devops' } } };
const required = (...terms: PodAffinityTerm[]) => ({ requiredDuringSchedulingIgnoredDuringExecution: terms });
const preferred = (podAffinityTerm: PodAffinityTerm) => ({
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm }],
});
const spread = (topologyKey: string, maxSkew: number, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway') => ({
  maxSkew,
  topologyKey,
  whenUnsatisfiable,
  labelSelector: colored('blue'),
});

export const plain: PodShape = {};
export const nodeAffinity: PodShape = {
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: zone, operator: 'In', values: ['zone1', 'zone2'] }] }],
      },
    },
  },
};
export const affinity: PodShape = {
  ...color('blue'),
  affinity: { podAffinity: required(term('blue', zone)) },
};
export const antiAffinity: PodShape = {
  ...color('green'),
  affinity: { podAntiAffinity: required(term('green', hostname)) },
};
export const green: PodShape = color('green');
export const preferredAffinity: PodShape = {
  ...color('red'),
  affinity: { podAffinity: preferred(term('red', hostname)) },
};
export const preferredAntiAffinity: PodShape = {
  ...color('yellow'),
  affinity: { podAntiAffinity: preferred(term('yellow', hostname)) },
};
export const antiAffinityByNamespace: PodShape = {
  ...color('green'),
  affinity: { podAntiAffinity: required(term('green', hostname, devops)) },
};
export const preferredAntiAffinityByNamespace: PodShape = {
  ...color('yellow'),
  affinity: { podAntiAffinity: preferred(term('yellow', hostname, devops)) },
};
export const spreading: PodShape = {
  ...color('blue'),
  topologySpreadConstraints: [spread(zone, 5, 'DoNotSchedule')],
};
export const preferredSpreading: PodShape = {
  ...color('blue'),
  topologySpreadConstraints: [spread(zone, 5, 'ScheduleAnyway')],
};
export const nodeInclusion: PodShape = {
  ...color('blue'),
  topologySpreadConstraints: [{ ...spread(hostname, 1, 'DoNotSchedule'), nodeTaintsPolicy: 'Honor' }],
};
/** A pod of a DaemonSet: its affinity names its node. */
export const daemon = (node: string): PodShape => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
      },
    },
  },
});
