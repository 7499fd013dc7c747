import type { LabelSelector } from '../../../src/api/selector.ts';
import type { Container, Node, Pod, PodSpec, Taint } from '../../../src/api/types/core-v1.gen.ts';
import { filterOf, said, scoresOf } from '../../../src/scheduler/cycle/judgement.ts';
import type { Plugin } from '../../../src/scheduler/plugin.ts';
import { NodeTable } from '../../../src/scheduler/state/node-table.ts';
import { podInfo } from '../../../src/scheduler/state/pod-info.ts';
import type { World } from '../../../src/scheduler/state/world.ts';

export interface PodFields extends Partial<PodSpec> {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly image?: string;
  readonly ports?: Container['ports'];
  readonly deleted?: boolean;
}

/** A pod of one container. */
export function pod(fields: PodFields = {}): Pod {
  const { name = 'p', namespace = 'default', labels, requests, image = 'app', ports, deleted, ...spec } = fields;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      ...(labels && { labels }),
      ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: {
      containers: [{ name: 'app', image, ...(requests && { resources: { requests } }), ...(ports && { ports }) }],
      ...spec,
    },
  };
}

export interface NodeFields {
  readonly name: string;
  readonly labels?: Record<string, string>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly allocatable?: Record<string, string>;
  readonly images?: Record<string, number>;
  /** Pods already on the node. */
  readonly pods?: readonly PodFields[];
}

export function node(fields: NodeFields): Node {
  const { name, labels, taints, unschedulable, images = {} } = fields;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints && { taints }), ...(unschedulable && { unschedulable }) },
    status: {
      allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...fields.allocatable },
      images: Object.entries(images).map(([image, sizeBytes]) => ({ names: [image], sizeBytes })),
    },
  };
}

export function table(nodes: readonly NodeFields[]): NodeTable {
  const nodeTable = new NodeTable();
  for (const fields of nodes) {
    nodeTable.setNode(node(fields));
    fields.pods?.forEach((other, n) => {
      nodeTable.addPod(podInfo(pod({ name: `${fields.name}-${n}`, ...other })), fields.name);
    });
  }
  return nodeTable;
}

export interface WorldFields {
  readonly spread?: LabelSelector;
  readonly namespaces?: Record<string, Record<string, string>>;
  /** Names of pods that a disruption budget protects. */
  readonly guarded?: readonly string[];
}

export function world({ spread, namespaces = { default: {} }, guarded = [] }: WorldFields = {}): World {
  return {
    spreadSelector: () => spread,
    namespacesVersion: 1,
    budgetsVersion: 1,
    namespaceLabels: (name) => namespaces[name],
    violations:
      () =>
      ({ name }) =>
        guarded.includes(name),
    namespacesMatching: (selector) => Object.keys(namespaces).filter((name) => selector.matches(namespaces[name])),
  };
}

/** By node: the first reason a plugin refuses it for, or "ok". */
export function filtered(
  plugin: Plugin,
  fields: PodFields,
  nodes: readonly NodeFields[],
  about: WorldFields = {},
): Record<string, string> {
  const nodeTable = table(nodes);
  const filter = filterOf(plugin, podInfo(pod(fields)), nodeTable, world(about));
  return Object.fromEntries(
    nodeTable.live().map((slot) => {
      const refusal = said(filter, slot);
      const mark = refusal?.unresolvable ? ' (unresolvable)' : '';
      return [nodeTable.slots[slot]!.name, refusal ? `${refusal.reasons.join(', ')}${mark}` : 'ok'];
    }),
  );
}

/** By node: the score a plugin gives, or undefined when it has no opinion. */
export function scored(
  plugin: Plugin,
  fields: PodFields,
  nodes: readonly NodeFields[],
  about: WorldFields = {},
): Record<string, number> | undefined {
  const nodeTable = table(nodes);
  const slots = nodeTable.live();
  const scores = scoresOf(plugin, podInfo(pod(fields)), nodeTable, slots, world(about));
  return scores && Object.fromEntries(slots.map((slot, i) => [nodeTable.slots[slot]!.name, scores[i]!]));
}
