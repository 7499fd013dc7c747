import { describe, expect, it } from 'vitest';
import type { DaemonSet, RollingUpdateDaemonSet } from '../../../src/api/types/apps-v1.gen.ts';
import type { Node, Pod, PodSpec, Taint } from '../../../src/api/types/core-v1.gen.ts';
import { FailureBackoff } from '../../../src/controllers/daemonset/failure-backoff.ts';
import { nodeOf, placementOn, podFor } from '../../../src/controllers/daemonset/placement.ts';
import { planDaemons } from '../../../src/controllers/daemonset/plan.ts';
import { daemonStatus } from '../../../src/controllers/daemonset/status.ts';
import { planRevision, revisionData, templateOf } from '../../../src/controllers/revision-history.ts';

const generationAnnotation = 'deprecated.daemonset.template.generation';
const now = Date.UTC(2026, 0, 1, 12);

function set(rollingUpdate: RollingUpdateDaemonSet = { maxUnavailable: 1 }, spec: Partial<PodSpec> = {}): DaemonSet {
  return {
    metadata: { name: 'agent', namespace: 'default', uid: 's', generation: 4 },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [], ...spec } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
    },
  };
}

const node = (name: string, taints: Taint[] = [], labels: Record<string, string> = {}): Node => ({
  metadata: { name, labels },
  spec: { taints },
});
type State = 'up' | 'down' | 'failed' | 'going';

function pod(name: string, nodeName: string, state: State = 'up', revision = 'old', age = 1): Pod {
  return {
    metadata: {
      name,
      labels: { 'controller-revision-hash': revision },
      creationTimestamp: new Date(now - age * 1000).toISOString(),
      ...(state === 'going' && { deletionTimestamp: '2026-01-01T11:59:00Z' }),
    },
    spec: { containers: [], nodeName },
    status: {
      phase: state === 'failed' ? 'Failed' : 'Running',
      conditions: [
        { type: 'Ready', status: state === 'up' ? 'True' : 'False', lastTransitionTime: '2026-01-01T11:00:00Z' },
      ],
    },
  };
}

/** A pod that is not bound yet. */
function waiting(name: string, nodeName: string): Pod {
  const { metadata, spec } = podFor(set(), nodeName, 'old');
  return { metadata: { ...metadata, name }, ...(spec && { spec }) };
}

const [a, b, c] = [node('a'), node('b'), node('c')];
const noSchedule: Taint = { key: 'x', effect: 'NoSchedule' };
const noExecute: Taint = { key: 'x', effect: 'NoExecute' };

describe('planDaemons', () => {
  const surge = set({ maxSurge: 1, maxUnavailable: 0 });
  const table: [string, DaemonSet, Node[], Pod[], string, string[], string[]][] = [
    ['a pod for every node', set(), [a, b], [], 'old', ['a', 'b'], []],
    ['not where the taints forbid it', set(), [a, node('b', [noSchedule])], [], 'old', ['a'], []],
    ['but what runs there may stay', set(), [node('b', [noSchedule])], [pod('p', 'b')], 'old', [], []],
    ['unless it is driven out', set(), [node('b', [noExecute])], [pod('p', 'b')], 'old', [], ['p']],
    ['none while the last one is going', set(), [a], [pod('p', 'a', 'going')], 'old', [], []],
    ['a failed one goes, its successor comes when it is gone', set(), [a], [pod('p', 'a', 'failed')], 'old', [], ['p']],
    [
      'of two the younger goes',
      set(),
      [a],
      [pod('young', 'a', 'up', 'old', 1), pod('aged', 'a', 'up', 'old', 9)],
      'old',
      [],
      ['young'],
    ],
    ['update: one node at a time', set(), [a, b], [pod('p', 'a'), pod('q', 'b')], 'new', [], ['p']],
    ['update: wait while one is down', set(), [a, b], [pod('p', 'a', 'down', 'new'), pod('q', 'b')], 'new', [], []],
    [
      'update: those that are down go at once',
      set(),
      [a, b, c],
      [pod('p', 'a', 'down'), pod('q', 'b', 'down'), pod('r', 'c')],
      'new',
      [],
      ['p', 'q'],
    ],
    [
      'update: half of them',
      set({ maxUnavailable: '50%' }),
      [a, b, c],
      [pod('p', 'a'), pod('q', 'b'), pod('r', 'c')],
      'new',
      [],
      ['p', 'q'],
    ],
    [
      'update: one that is down counts against the limit',
      set({ maxUnavailable: 2 }),
      [a, b, c],
      [pod('p', 'a', 'down'), pod('q', 'b'), pod('r', 'c')],
      'new',
      [],
      ['p', 'q'],
    ],
    [
      'update: it reaches nodes that would get no pod any more',
      set(),
      [a, node('b', [noSchedule])],
      [pod('p', 'a', 'up', 'new'), pod('q', 'b')],
      'new',
      [],
      ['q'],
    ],
    [
      'update: a node that is being left counts as one without',
      set(),
      [a, node('b', [noExecute])],
      [pod('p', 'a'), pod('q', 'b')],
      'new',
      [],
      ['q'],
    ],
    ['surge: a pod that is going is in nobody’s way', surge, [a], [pod('p', 'a', 'going')], 'old', ['a'], []],
    ['surge: nor is one that has failed', surge, [a], [pod('p', 'a', 'failed', 'new')], 'new', ['a'], ['p']],
    [
      'surge: what serves on a node that is being left stays until the others do',
      surge,
      [a, node('b', [noSchedule])],
      [pod('p', 'a', 'down', 'new'), pod('q', 'b')],
      'new',
      [],
      [],
    ],
    [
      'surge: and goes then',
      surge,
      [a, node('b', [noSchedule])],
      [pod('p', 'a', 'up', 'new'), pod('q', 'b')],
      'new',
      [],
      ['q'],
    ],
    [
      'surge: what does not serve there goes at once',
      surge,
      [a, node('b', [noSchedule])],
      [pod('p', 'a', 'down', 'new'), pod('q', 'b', 'down')],
      'new',
      [],
      ['q'],
    ],
    ['surge: the new one first', surge, [a, b], [pod('p', 'a'), pod('q', 'b')], 'new', ['a'], []],
    ['surge: wait for it', surge, [a, b], [pod('p', 'a'), pod('n', 'a', 'down', 'new'), pod('q', 'b')], 'new', [], []],
    [
      'surge: then the old one goes',
      surge,
      [a],
      [pod('p', 'a', 'up', 'old', 9), pod('n', 'a', 'up', 'new')],
      'new',
      [],
      ['p'],
    ],
    [
      'surge: beside one that is down at once',
      surge,
      [a, b],
      [pod('p', 'a', 'down'), pod('q', 'b')],
      'new',
      ['a', 'b'],
      [],
    ],
    [
      'surge: an old one that is not ready goes when there is a new one',
      surge,
      [a],
      [pod('p', 'a', 'down', 'old', 9), pod('n', 'a', 'down', 'new')],
      'new',
      [],
      ['p'],
    ],
    [
      'surge: of each revision only the oldest stays',
      surge,
      [a],
      [
        pod('p', 'a', 'up', 'old', 9),
        pod('q', 'a', 'up', 'old', 8),
        pod('m', 'a', 'down', 'new', 7),
        pod('n', 'a', 'down', 'new', 6),
      ],
      'new',
      [],
      ['n', 'q'],
    ],
    [
      'one that waits for a node that is gone goes',
      set(),
      [a],
      [pod('p', 'a'), waiting('q', 'gone')],
      'old',
      [],
      ['q'],
    ],
    ['one that waits for a tainted node stays', set(), [node('b', [noSchedule])], [waiting('q', 'b')], 'old', [], []],
    [
      'one that has ended and is going is no pod any more',
      set(),
      [a],
      [{ ...pod('p', 'a', 'going'), status: { phase: 'Failed' } }],
      'old',
      ['a'],
      [],
    ],
  ];
  it.each(table)('%s', (_, s, nodes, pods, revision, create, remove) => {
    const plan = planDaemons(s, nodes, pods, revision, now);
    expect(plan.create).toEqual(create);
    const gone = new Set([...plan.remove, ...plan.ended].map((p) => p.metadata.name));
    expect([...gone].toSorted()).toEqual(remove);
  });
});

it('a failed pod of the old revision is replaced by the update, however long it would have to wait otherwise', () => {
  const failed = pod('p', 'a', 'failed');
  expect(planDaemons(set(), [a], [failed], 'new', now)).toMatchObject({ remove: [failed], ended: [failed] });
  expect(planDaemons(set(), [a], [failed], 'old', now)).toMatchObject({ remove: [], ended: [failed] });
});

describe('placement', () => {
  it('asks for its node by name and is found by it before it is bound', () => {
    const made = podFor(set(), 'n7', 'hash');
    expect(made.metadata.labels).toEqual({ app: 'agent', 'controller-revision-hash': 'hash' });
    expect(nodeOf(made)).toBe('n7');
  });

  it('tells the generation of its template, as the set does', () => {
    const second = { ...set(), metadata: { ...set().metadata, annotations: { [generationAnnotation]: '2' } } };
    const made = podFor(second, 'a', 'hash');
    expect(made.metadata.labels).toMatchObject({ 'pod-template-generation': '2', 'controller-revision-hash': 'hash' });
    // By either a pod is known to be of the current template.
    const bound = { ...made, metadata: { ...made.metadata, name: 'p' }, spec: { ...made.spec!, nodeName: 'a' } };
    expect(planDaemons(second, [a], [bound], 'other', now).remove).toEqual([]);
    expect(planDaemons(set(), [a], [bound], 'other', now).remove).toEqual([bound]);
  });

  it('goes by the demands of the template to choose nodes; its pods ask for their node alone', () => {
    const nodeSelectorTerms = [{ matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] }];
    const choosy = set(
      {},
      { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } },
    );
    expect(placementOn(choosy, node('n', [], { disk: 'ssd' })).run).toBe(true);
    expect(placementOn(choosy, node('n', [], { disk: 'hdd' }))).toEqual({ run: false, stay: false });
    const terms = podFor(choosy, 'n7', 'h').spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      ?.nodeSelectorTerms;
    expect(terms).toEqual([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n7'] }] }]);
  });

  it('outlasts trouble, even if the template would give up after a while', () => {
    const lost = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' } as const;
    const mine = { key: 'mine', operator: 'Exists' } as const;
    const impatient = set({}, { tolerations: [{ ...lost, tolerationSeconds: 5 }, mine] });
    const given = podFor(impatient, 'n', 'h').spec?.tolerations ?? [];
    expect(given.filter((t) => t.key === lost.key)).toEqual([lost]);
    expect(given).toContainEqual(mine);
  });

  it('runs on nodes in trouble', () => {
    const sick = node('n', [
      { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
      { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
    ]);
    expect(placementOn(set(), sick)).toEqual({ run: true, stay: true });
  });
});

it('the status counts nodes, not pods', () => {
  const pods = [pod('p', 'a', 'up', 'new'), pod('q', 'b', 'down', 'old'), pod('lost', 'c')];
  const nodes = [a, b, node('c', [noSchedule]), node('d')];
  expect(daemonStatus(set(), nodes, pods, 'new', 0, now)).toEqual({
    currentNumberScheduled: 2,
    numberMisscheduled: 1,
    desiredNumberScheduled: 3,
    numberReady: 1,
    observedGeneration: 4,
    updatedNumberScheduled: 1,
    numberAvailable: 1,
    numberUnavailable: 2,
  });
});

it('of two pods on a node the oldest counts, also one that is going', () => {
  const pods = [pod('p', 'a', 'going', 'old', 9), pod('n', 'a', 'up', 'new')];
  expect(daemonStatus(set({ maxSurge: 1 }), [a], pods, 'new', 0, now)).toEqual({
    currentNumberScheduled: 1,
    numberMisscheduled: 0,
    desiredNumberScheduled: 1,
    numberReady: 0,
    observedGeneration: 4,
    numberUnavailable: 1,
  });
});

it('of two pods made in one second the old revision is the older', () => {
  const pods = [pod('a', 'a', 'down', 'new'), pod('b', 'a', 'up', 'old')];
  expect(daemonStatus(set({ maxSurge: 1 }), [a], pods, 'new', 0, now)).toMatchObject({
    numberReady: 1,
    numberAvailable: 1,
  });
});

describe('failed pods', () => {
  const minute = 60_000;

  it('are replaced at once, then ever later, for each node', () => {
    const backoff = new FailureBackoff();
    const at = (now: number, node = 'a') => backoff.next('s', 1, node, now);
    expect([at(0), at(400), at(1000), at(1000), at(3000), at(3000, 'b')]).toEqual([0, 600, 0, 2000, 0, 0]);
  });

  it('wait a quarter of an hour at most, and not at all after half an hour of health', () => {
    const backoff = new FailureBackoff();
    const replace = (from: number) => {
      const wait = backoff.next('s', 1, 'a', from);
      if (wait > 0) expect(backoff.next('s', 1, 'a', from + wait)).toBe(0);
      return from + wait;
    };
    let now = 0;
    for (let i = 0; i < 15; i++) now = replace(now);
    expect(backoff.next('s', 1, 'a', now)).toBe(15 * minute);
    expect(backoff.next('s', 1, 'a', now + 30 * minute + 1)).toBe(0);
    expect(backoff.next('s', 1, 'a', now + 30 * minute + 1)).toBe(1000);
  });

  it('begin anew with another generation, or when the set is gone', () => {
    const backoff = new FailureBackoff();
    expect([backoff.next('s', 1, 'a', 0), backoff.next('s', 1, 'a', 0), backoff.next('s', 2, 'a', 0)]).toEqual([
      0, 1000, 0,
    ]);
    backoff.forget('s');
    expect(backoff.next('s', 1, 'a', 0)).toBe(0);
  });
});

describe('revisions', () => {
  const template = (image: string) => ({ spec: { containers: [{ name: 'c', image }] } });
  const revision = (n: number, image: string) => ({
    metadata: { name: `r${n}` },
    revision: n,
    data: revisionData(template(image)),
  });

  it('the newest is used, an older one renumbered, an unknown template gets the next number', () => {
    const known = [revision(1, 'one'), revision(2, 'two')];
    expect(planRevision(known, template('two'))).toEqual({ use: known[1] });
    expect(planRevision(known, template('one'))).toEqual({ renumber: known[0], to: 3 });
    expect(planRevision(known, template('three'))).toMatchObject({ create: { revision: 3 } });
    expect(templateOf(known[0]!)).toEqual(template('one'));
  });
});
