import { stringify } from 'yaml';
import type { TemplateFunction } from '../../base/go-template/builtins.ts';
import { kubeletVersion } from '../node/node-object.ts';
import type { StageKind } from './stage-object.ts';

/** What templates can ask of the place their object is in. */
export interface Place {
  /** Wall time, milliseconds. */
  readonly now: number;
  readonly nodeName: string;
  /** The address of the node. */
  readonly nodeIP: string;
  /** The pod's own, or its node's where it has none of its own; "" for nodes. */
  readonly podIP: string;
}

type Functions = Readonly<Record<string, TemplateFunction>>;

/** Source: KWOK's nodeConditions. */
const nodeConditions = [
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  {
    type: 'MemoryPressure',
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  {
    type: 'DiskPressure',
    status: 'False',
    reason: 'KubeletHasNoDiskPressure',
    message: 'kubelet has no disk pressure',
  },
  {
    type: 'PIDPressure',
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
  },
  {
    type: 'NetworkUnavailable',
    status: 'False',
    reason: 'RouteCreated',
    message: 'RouteController created a route',
  },
];

/** Any value as a string of JSON. */
const quoted = (value: unknown): string => {
  const json = JSON.stringify(value ?? null);
  return typeof value === 'string' ? json : JSON.stringify(json);
};

function yaml(value: unknown, indent: unknown = 0): string {
  const text = stringify(value ?? null, { lineWidth: 0 });
  const by = Number(indent) * 2;
  return by > 0 ? `\n${text}`.replaceAll('\n', `\n${' '.repeat(by)}`) : text;
}

const stamp = (ms: number): string => new Date(ms).toISOString();

const common = ({ now }: Place): Functions => ({
  Quote: quoted,
  YAML: yaml,
  Now: () => stamp(now),
  now: () => stamp(now),
  Version: () => kubeletVersion,
  NodeConditions: () => nodeConditions,
});

const byKind: Readonly<Record<StageKind, (place: Place) => Functions>> = {
  Pod: ({ nodeIP, podIP }) => ({
    NodeIP: () => nodeIP,
    PodIP: () => podIP,
    NodeIPWith: () => nodeIP,
    PodIPWith: (_node, hostNetwork) => (hostNetwork ? nodeIP : podIP),
  }),
  Node: ({ nodeName, nodeIP }) => ({
    NodeIP: () => nodeIP,
    NodeName: () => nodeName,
    NodePort: () => 10250,
  }),
};

/** KWOK's functions for the templates of stages of a kind. */
export const functionsFor = (kind: StageKind, place: Place): Functions => ({
  ...common(place),
  ...byKind[kind](place),
});

const nowhere: Place = { now: 0, nodeName: '', nodeIP: '', podIP: '' };

export const functionNames = (kind: StageKind): string[] => Object.keys(functionsFor(kind, nowhere));
