import type { AnyKind } from '../../api/object.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';

/**
 * What goes to extenders and comes back. Source: k8s.io/kube-scheduler `extender/v1`: Go structs without JSON tags, so
 * names begin with a capital, absent pointers are null, and answers are read in any case.
 */

/** Objects as Go's informers hold them, without type. */
function bare<T extends AnyKind>({ apiVersion: _, kind: __, ...rest }: T): Omit<T, 'apiVersion' | 'kind'> {
  return rest;
}

/** Arguments of filter and prioritize. An extender that has a cache of the nodes gets their names only. */
export function extenderArgs(pod: Pod, nodes: readonly Node[], namesOnly: boolean): object {
  return {
    Pod: bare(pod),
    Nodes: namesOnly ? null : { metadata: {}, items: nodes.map(bare) },
    NodeNames: namesOnly ? nodes.map(({ metadata }) => metadata?.name ?? '') : null,
  };
}

export function bindingArgs({ metadata }: Pod, node: string): object {
  const { name = '', namespace = '', uid = '' } = metadata ?? {};
  return { PodName: name, PodNamespace: namespace, PodUID: uid, Node: node };
}

/** Pods to evict from a node, and how many of them a disruption budget protects. */
export interface VictimsWire {
  readonly pods: readonly Pod[];
  readonly violations: number;
}

export function preemptionArgs(pod: Pod, byNode: ReadonlyMap<string, VictimsWire>, uidsOnly: boolean): object {
  const victims = [...byNode].map(([node, { pods, violations }]) => [
    node,
    {
      Pods: pods.map((victim) => (uidsOnly ? { UID: victim.metadata?.uid ?? '' } : bare(victim))),
      NumPDBViolations: violations,
    },
  ]);
  const map = Object.fromEntries(victims) as object;
  return {
    Pod: bare(pod),
    NodeNameToVictims: uidsOnly ? null : map,
    NodeNameToMetaVictims: uidsOnly ? map : null,
  };
}

export interface FilterResult {
  /** The nodes that are left, by name; undefined when the extender names none. */
  readonly nodes: readonly string[] | undefined;
  /** Why others are not, by name; for those in `unresolvable` no eviction can help. */
  readonly failed: Readonly<Record<string, string>>;
  readonly unresolvable: Readonly<Record<string, string>>;
  readonly error: string;
}

type Tree = Readonly<Record<string, unknown>>;

/** A field by its Go name, in whatever case it is written. */
function field(tree: unknown, name: string): unknown {
  if (typeof tree !== 'object' || tree === null) return undefined;
  if (Object.hasOwn(tree, name)) return (tree as Tree)[name];
  const wanted = name.toLowerCase();
  const key = Object.keys(tree).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : (tree as Tree)[key];
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, textOf(text)]));
}

export function filterResult(answer: unknown, namesOnly: boolean): FilterResult {
  const names = field(answer, 'NodeNames');
  const items = field(field(answer, 'Nodes'), 'items');
  const nodes =
    namesOnly && Array.isArray(names)
      ? names.map(textOf)
      : Array.isArray(items)
        ? items.map((item) => textOf(field(field(item, 'metadata'), 'name')))
        : undefined;
  return {
    nodes,
    failed: texts(field(answer, 'FailedNodes')),
    unresolvable: texts(field(answer, 'FailedAndUnresolvableNodes')),
    error: textOf(field(answer, 'Error')),
  };
}

/** Scores from 0 to 10 by node. */
export function hostPriorities(answer: unknown): Map<string, number> {
  return new Map(listOf(answer).map((item) => [textOf(field(item, 'Host')), Number(field(item, 'Score')) || 0]));
}

export const errorOf = (answer: unknown): string => textOf(field(answer, 'Error'));

/** By node, the uids of the pods an extender would evict. */
export function metaVictims(answer: unknown): Map<string, { readonly uids: readonly string[]; violations: number }> {
  const byNode = field(answer, 'NodeNameToMetaVictims');
  return new Map(
    Object.entries((byNode ?? {}) as Tree).map(([node, victims]) => [
      node,
      {
        uids: listOf(field(victims, 'Pods')).map((pod) => textOf(field(pod, 'UID'))),
        violations: Number(field(victims, 'NumPDBViolations')) || 0,
      },
    ]),
  );
}
