import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelsAsSelector } from '../../../../src/api/selector.ts';
import type { Node, Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { Cycle } from '../../../../src/scheduler/cycle/cycle.ts';
import { filterOf, said, scoresOf } from '../../../../src/scheduler/cycle/judgement.ts';
import type { Plugin } from '../../../../src/scheduler/plugin.ts';
import { interPodAffinity } from '../../../../src/scheduler/plugins/inter-pod-affinity.ts';
import { podTopologySpread } from '../../../../src/scheduler/plugins/pod-topology-spread.ts';
import { DryRuns } from '../../../../src/scheduler/preemption/dry-runs.ts';
import { type DryRun, findCandidates } from '../../../../src/scheduler/preemption/preemption.ts';
import { NodeTable } from '../../../../src/scheduler/state/node-table.ts';
import { type PodInfo, podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import type { World } from '../../../../src/scheduler/state/world.ts';
import { type NodeFields, node, type PodFields, pod } from '../kit.ts';
import { affinityAllows, type Cluster, spreadAllows } from '../oracle.ts';
import { defaultPlugins } from '../shelf.ts';

/** A scheduler that keeps what it found out must find the same as one that has just started. */
const plugins = defaultPlugins();
const seed = 20_261_129;
const runs = Number(process.env['KRILL_FUZZ_RUNS'] ?? 200);

const zone = 'topology.kubernetes.io/zone';
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const record = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] }) as unknown as fc.Arbitrary<Partial<T>>;
const key = fc.constantFrom('kubernetes.io/hostname', zone, 'rack');
const labels = record({ app: fc.constantFrom('web', 'db'), tier: fc.constantFrom('a', 'b') }) as fc.Arbitrary<
  Record<string, string>
>;
const selector = fc.oneof(
  labels.map((matchLabels) => ({ matchLabels })),
  fc.constant({ matchExpressions: [{ key: 'app', operator: 'Exists' }] }),
);
const effect = fc.constantFrom('NoSchedule' as const, 'PreferNoSchedule' as const);
const namespace = fc.constantFrom('default', 'team-a', 'team-b');

const anyNode: fc.Arbitrary<NodeFields> = fc
  .record({
    name: fc.constantFrom('n0', 'n1', 'n2', 'n3', 'n4', 'n5'),
    labels: record({ [zone]: fc.constantFrom('x', 'y'), rack: fc.constantFrom('1', '2') }),
    taints: fc.array(fc.record({ key: fc.constantFrom('gpu', 'old'), effect }), { maxLength: 2 }),
    unschedulable: fc.constantFrom(false, false, true),
    cpu: fc.constantFrom('1', '2'),
    images: fc.constantFrom({}, { 'app:latest': 500 * 2 ** 20 }),
  })
  .map(({ cpu, ...fields }) => ({ ...fields, allocatable: { cpu } }) as NodeFields);

const podTerm = fc
  .record({ topologyKey: key, labelSelector: selector, where: fc.constantFrom('own', 'named', 'selected') })
  .map(({ where, ...term }) => ({
    ...term,
    ...(where === 'named' && { namespaces: ['team-a', 'team-b'] }),
    ...(where === 'selected' && { namespaceSelector: { matchLabels: { team: 'yes' } } }),
  }));
const weighted = fc.record({ weight: fc.integer({ min: 1, max: 100 }), podAffinityTerm: podTerm });
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 2 });
const podWishes = record({
  requiredDuringSchedulingIgnoredDuringExecution: fc.array(podTerm, { maxLength: 1 }),
  preferredDuringSchedulingIgnoredDuringExecution: some(weighted),
});
const nodeSelectorTerm = fc.oneof(
  fc.constant({ matchExpressions: [{ key: 'rack', operator: 'In' as const, values: ['1'] }] }),
  fc.constant({ matchExpressions: [{ key: zone, operator: 'Exists' as const }] }),
  fc.constantFrom('n0', 'n1').map((name) => ({
    matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [name] }],
  })),
);
const nodeWishes = record({
  requiredDuringSchedulingIgnoredDuringExecution: fc
    .array(nodeSelectorTerm, { minLength: 1, maxLength: 2 })
    .map((nodeSelectorTerms) => ({ nodeSelectorTerms })),
  preferredDuringSchedulingIgnoredDuringExecution: some(
    fc.record({ weight: fc.integer({ min: 1, max: 100 }), preference: nodeSelectorTerm }),
  ),
});
const policy = maybe(fc.constantFrom('Honor' as const, 'Ignore' as const));
const constraint = fc.record({
  topologyKey: key,
  maxSkew: fc.integer({ min: 1, max: 2 }),
  whenUnsatisfiable: fc.constantFrom('DoNotSchedule' as const, 'ScheduleAnyway' as const),
  labelSelector: selector,
  minDomains: maybe(fc.integer({ min: 1, max: 3 })),
  nodeAffinityPolicy: policy,
  nodeTaintsPolicy: policy,
});

const anyPod: fc.Arbitrary<PodFields> = fc
  .record({
    namespace,
    labels,
    priority: fc.constantFrom(0, 0, 5, 10),
    cpu: fc.constantFrom('100m', '900m', '900m'),
    image: fc.constantFrom('app', 'other'),
    hostPort: maybe(fc.constantFrom(80, 81)),
    tolerations: some(
      fc.constantFrom({ key: 'gpu', operator: 'Exists' as const }, { key: 'old', effect: 'NoSchedule' as const }),
    ),
    nodeSelector: maybe(fc.constant({ rack: '1' })),
    affinity: maybe(record({ podAffinity: podWishes, podAntiAffinity: podWishes, nodeAffinity: maybe(nodeWishes) })),
    topologySpreadConstraints: maybe(some(constraint)),
  })
  .map(({ cpu, hostPort, ...fields }) => ({
    ...fields,
    requests: { cpu },
    ...(hostPort && { ports: [{ containerPort: hostPort, hostPort }] }),
  })) as fc.Arbitrary<PodFields>;

type Step =
  | { readonly do: 'node'; readonly fields: NodeFields }
  | { readonly do: 'node gone' | 'pod gone' | 'pod ends' | 'namespace'; readonly which: number }
  | { readonly do: 'place'; readonly shape: number; readonly which: number };
const which = fc.nat({ max: 1000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: anyNode.map((fields) => ({ do: 'node' as const, fields })) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('node gone' as const, 'pod gone' as const, 'pod ends' as const, 'namespace' as const),
      which,
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('place' as const), shape: which, which }) },
);

/** The cluster as it is, and a table and a cycle that have followed it from the start. */
class Followed {
  readonly nodes = new Map<string, Node>();
  readonly pods = new Map<string, { pod: Pod; node: string }>();
  readonly namespaces: Record<string, Record<string, string>> = {
    default: {},
    'team-a': { team: 'yes' },
    'team-b': {},
  };
  readonly table = new NodeTable();
  #version = 0;
  readonly world: World;
  readonly cycle: Cycle;
  readonly dryRuns = new DryRuns(this.table);

  constructor() {
    const of = this;
    this.world = {
      spreadSelector: ({ labels }) => (labels['app'] === 'web' ? labelsAsSelector({ app: 'web' }) : undefined),
      get namespacesVersion() {
        return of.#version;
      },
      namespaceLabels: (name) => this.namespaces[name],
      namespacesMatching: (wanted) =>
        Object.keys(this.namespaces).filter((name) => wanted.matches(this.namespaces[name])),
      violations: () => () => false,
      budgetsVersion: 1,
    };
    this.cycle = new Cycle(this.table, this.world, plugins);
  }

  relabel(name: string): void {
    this.namespaces[name] = this.namespaces[name]!['team'] ? {} : { team: 'yes' };
    this.#version++;
  }

  put(pod: Pod, node: string): void {
    this.pods.set(pod.metadata!.uid!, { pod, node });
    this.table.addPod(podInfo(pod), node);
  }

  /** A table that has never seen anything else. */
  fresh(): NodeTable {
    const table = new NodeTable();
    for (const each of this.nodes.values()) table.setNode(each);
    for (const { pod, node } of this.pods.values()) table.addPod(podInfo(pod), node);
    return table;
  }

  cluster(): Cluster {
    const placed = [...this.pods.values()].filter(({ node }) => this.nodes.has(node));
    return {
      nodes: [...this.nodes.values()],
      placed: placed.map(({ pod, node }) => ({ pod, node: this.nodes.get(node)! })),
      namespaces: this.namespaces,
    };
  }
}

/** Feasible nodes with their totals, by name, and the reasons of the others: from scratch, plugin by plugin. */
function judged(info: PodInfo, followed: Followed) {
  const table = followed.fresh();
  const { world } = followed;
  const filters = plugins.map((plugin) => filterOf(plugin, info, table, world));
  const reasons: Record<string, number> = {};
  const feasible = table.live().filter((slot) => {
    const first = filters.map((filter) => said(filter, slot)).find((refusal) => refusal);
    for (const reason of first?.reasons ?? []) reasons[reason] = (reasons[reason] ?? 0) + 1;
    return !first;
  });
  const totals = feasible.map(() => 0);
  for (const plugin of plugins) {
    const scores = scoresOf(plugin, info, table, feasible, world);
    for (const i of totals.keys()) totals[i]! += (scores?.[i] ?? 0) * (plugin.weight ?? 1);
  }
  const nameOf = (slot: number) => table.slots[slot]!.name;
  return { totals: Object.fromEntries(feasible.map((slot, i) => [nameOf(slot), totals[i]!])), reasons };
}

/** The same from the cycle. */
function kept(info: PodInfo, { cycle, table }: Followed) {
  const { slots: find, score, pick, diagnose } = cycle.feasible(info);
  const picked = pick(() => 0.5);
  const slots = find();
  const totals = score(slots);
  return {
    totals: Object.fromEntries(Array.from(slots, (slot, i) => [table.slots[slot]!.name, totals[i]!])),
    picked: picked === undefined ? undefined : table.slots[picked]!.name,
    reasons: slots.length === 0 ? Object.fromEntries(diagnose().reasons) : undefined,
  };
}

/** Whom a pod would evict where, with what is kept of earlier dry runs or without. */
function victims(info: PodInfo, { cycle, table, world, dryRuns }: Followed, kept: boolean) {
  const kind = kept ? cycle.kindOf(info) : undefined;
  const keep = kind === undefined ? undefined : (run: DryRun) => dryRuns.of(`${info.priority} ${kind}`, run);
  const slots = cycle.feasible(info).diagnose().resolvable;
  const { found, reasons } = findCandidates(info, table, world, cycle.judge(info), slots, 3, keep);
  return { found: found.map(({ node, pods }) => [node, pods.map(({ uid }) => uid).sort()]), reasons: [...reasons] };
}

/** Scores are relative: only how far nodes are apart counts. */
function apart(totals: Record<string, number>): Record<string, number> {
  const least = Math.min(...Object.values(totals));
  return Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, total - least]));
}

const greatest = (totals: Record<string, number>) => Math.max(0, ...Object.values(apart(totals)));

const narrow = (fields: PodFields) => JSON.stringify(fields.affinity ?? {}).includes('matchFields');

/** Few shapes of pods come again and again, as they do in clusters. */
function walk(nodes: readonly NodeFields[], shapes: readonly PodFields[], later: readonly Step[]): void {
  const steps: readonly Step[] = [...nodes.map((fields) => ({ do: 'node' as const, fields })), ...later];
  const followed = new Followed();
  const pick = (list: readonly string[], n: number) => list[n % list.length];
  steps.forEach((each, n) => {
    const uid = 'which' in each ? pick([...followed.pods.keys()], each.which) : undefined;
    if (each.do === 'node') {
      const object = node(each.fields);
      followed.nodes.set(each.fields.name, object);
      followed.table.setNode(object);
    } else if (each.do === 'node gone') {
      const name = pick([...followed.nodes.keys()], each.which);
      if (name === undefined) return;
      followed.nodes.delete(name);
      followed.table.removeNode(name);
    } else if (each.do === 'namespace') followed.relabel(pick(Object.keys(followed.namespaces), each.which)!);
    else if (each.do === 'place') {
      const fields = shapes[each.shape % shapes.length]!;
      const wanted = pod({ ...fields, name: `p${n}` });
      const info = podInfo(wanted);
      const [expected, actual] = [judged(info, followed), kept(info, followed)];
      expect(apart(actual.totals)).toEqual(apart(expected.totals));
      expect(actual.picked === undefined ? 0 : apart(expected.totals)[actual.picked]).toBe(greatest(expected.totals));
      if (actual.reasons && !narrow(fields)) expect(actual.reasons).toEqual(expected.reasons);
      if (actual.reasons) expect(victims(info, followed, true)).toEqual(victims(info, followed, false));
      const { table, world } = followed;
      const cluster = followed.cluster();
      for (const candidate of cluster.nodes) {
        const slot = table.slotOf(candidate.metadata!.name!)!;
        const allows = (plugin: Plugin) => !said(filterOf(plugin, info, table, world), slot);
        expect(allows(interPodAffinity)).toBe(affinityAllows(wanted, candidate, cluster));
        expect(allows(podTopologySpread)).toBe(spreadAllows(wanted, candidate, cluster));
      }
      const chosen = pick(Object.keys(actual.totals), each.which);
      if (chosen !== undefined) followed.put(wanted, chosen);
    } else if (uid !== undefined && each.do === 'pod gone') {
      followed.pods.delete(uid);
      followed.table.removePod(uid);
    } else if (uid !== undefined) {
      const { pod: before, node: at } = followed.pods.get(uid)!;
      followed.put({ ...before, metadata: { ...before.metadata!, deletionTimestamp: '2026-01-01T00:00:00Z' } }, at);
    }
  });
}

test('what is kept from pod to pod is what a fresh look at the cluster finds', () => {
  const scene = [
    fc.array(anyNode, { minLength: 3, maxLength: 6 }),
    fc.array(anyPod, { minLength: 1, maxLength: 4 }),
    fc.array(step, { minLength: 20, maxLength: 60 }),
  ] as const;
  fc.assert(fc.property(...scene, walk), { seed, numRuns: runs });
}, 120_000);
