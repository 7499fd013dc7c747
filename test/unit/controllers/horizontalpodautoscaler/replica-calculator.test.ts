import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { timestamp } from '../../../../src/base/clock.ts';
import {
  byAverage,
  byShare,
  byTotal,
  byUtilization,
  type Measured,
} from '../../../../src/controllers/horizontalpodautoscaler/replica-calculator.ts';

/** Cases of upstream's replica_calculator_test.go. */

const now = Date.parse('2026-01-01T01:00:00Z');
const tolerances = { down: 0.1, up: 0.1 };

interface Case {
  readonly replicas: number;
  /** CPU requests by pod, "1" for each level unless given. */
  readonly requests?: readonly string[];
  /** Milli-CPUs measured in the first pods. */
  readonly levels: readonly number[];
  readonly ready?: readonly boolean[];
  readonly phases?: readonly string[];
  readonly deleting?: readonly boolean[];
  /** Seconds since each pod started, and since its readiness changed. */
  readonly started?: readonly number[];
  readonly changed?: readonly number[];
  readonly tolerances?: { readonly down: number; readonly up: number };
  readonly resource?: string;
}

function measured(given: Case): Measured {
  const { replicas, levels, requests = levels.map(() => '1'), resource = 'cpu' } = given;
  const pods = requests.map((cpu, i): Pod => {
    const ready = given.ready?.[i] ?? true;
    const started = now - (given.started?.[i] ?? 3600) * 1000;
    const changed = now - (given.changed?.[i] ?? 3000) * 1000;
    return {
      metadata: { name: `p${i}`, ...(given.deleting?.[i] && { deletionTimestamp: timestamp(now) }) },
      spec: { containers: [{ name: 'c', image: 'i', ...(cpu && { resources: { requests: { cpu } } }) }] },
      status: {
        phase: (given.phases?.[i] ?? 'Running') as 'Running',
        startTime: timestamp(started),
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: timestamp(changed) }],
      },
    };
  });
  const metrics = new Map(levels.map((value, i) => [`p${i}`, { value, at: now, windowMs: 60_000 }]));
  return { replicas, pods, metrics, resource, tolerances: given.tolerances ?? tolerances, now };
}

describe('by what was requested', () => {
  const cases: [string, Case, number, number, number?][] = [
    ['scales up', { replicas: 3, levels: [300, 500, 700] }, 30, 5, 50],
    [
      'scales up less with unready pods',
      { replicas: 3, levels: [300, 500, 700], ready: [false, true, true], started: [60, 3600, 3600] },
      30,
      4,
      60,
    ],
    [
      'stays where unready pods would turn it round',
      { replicas: 3, levels: [400, 500, 700], ready: [true, false, false], started: [3600, 60, 60] },
      30,
      3,
      40,
    ],
    [
      'leaves out what was measured before a whole window had passed since a young pod became ready',
      { replicas: 3, levels: [400, 500, 700], started: [3600, 120, 120], changed: [3000, 10, 10] },
      30,
      3,
      40,
    ],
    [
      'counts a young pod once a window has passed',
      { replicas: 3, levels: [300, 500, 700], started: [200, 200, 200], changed: [61, 61, 61] },
      30,
      5,
      50,
    ],
    [
      'counts a pod that was ready for long and is no longer',
      { replicas: 3, levels: [300, 500, 700], ready: [true, false, true] },
      30,
      5,
      50,
    ],
    [
      'leaves out a pod that never was ready',
      { replicas: 2, levels: [500, 9000], ready: [true, false], started: [3600, 600], changed: [3000, 590] },
      50,
      2,
      50,
    ],
    [
      'ignores failed pods',
      {
        replicas: 2,
        levels: [500, 700],
        requests: ['1', '1', '1', '1'],
        phases: ['Running', 'Running', 'Failed', 'Failed'],
      },
      30,
      4,
      60,
    ],
    [
      'ignores pods that are going',
      { replicas: 2, levels: [500, 700], requests: ['1', '1', '1', '1'], deleting: [false, false, true, true] },
      30,
      4,
      60,
    ],
    [
      'takes pending pods to use nothing',
      { replicas: 2, levels: [700], requests: ['1', '1'], phases: ['Running', 'Pending'] },
      30,
      3,
      70,
    ],
    ['scales down', { replicas: 5, levels: [100, 300, 500, 250, 250] }, 50, 3, 28],
    [
      'scales down without unready pods',
      {
        replicas: 5,
        levels: [100, 300, 500, 250, 250],
        ready: [true, true, true, false, false],
        started: [3600, 3600, 3600, 60, 60],
      },
      50,
      2,
      30,
    ],
    ['tolerates a tenth', { replicas: 3, requests: ['0.9', '1', '1.1'], levels: [1010, 1030, 1020] }, 100, 3, 102],
    [
      'acts beyond a tolerance of its own',
      { replicas: 3, levels: [1100, 1100, 1100], tolerances: { down: 0.1, up: 0.05 } },
      100,
      4,
      110,
    ],
    [
      'tolerates more downwards than upwards',
      { replicas: 4, levels: [600, 600, 600, 600], tolerances: { down: 0.5, up: 0 } },
      100,
      4,
      60,
    ],
    [
      'takes missing pods to use all they requested',
      { replicas: 4, requests: ['1', '1', '1', '1'], levels: [400, 95] },
      100,
      3,
      24,
    ],
    ['and all that is wanted, where that is more', { replicas: 2, requests: ['1', '1'], levels: [100] }, 200, 2, 10],
    ['stays with missing pods on target', { replicas: 2, requests: ['1', '1'], levels: [1000] }, 100, 2, 100],
    ['stays with missing pods a little above', { replicas: 2, requests: ['1', '1'], levels: [1900] }, 100, 2, 190],
    ['stays with missing pods below', { replicas: 2, requests: ['1', '1'], levels: [600] }, 100, 2, 60],
    ['scales up with missing pods', { replicas: 3, requests: ['1', '1', '1'], levels: [5000, 450] }, 100, 6, 272],
    [
      'stays where counting missing pods would shrink it',
      { replicas: 5, requests: ['1', '1', '1'], levels: [1500, 1800] },
      100,
      5,
      165,
    ],
    [
      'is never more than a number of pods can be',
      { replicas: 1, requests: ['0.001'], levels: [1e12] },
      1,
      2 ** 31 - 1,
      2 ** 31 - 1,
    ],
  ];
  test.each(cases)('%s', (_, given, target, replicas, utilization) => {
    expect(byUtilization(measured(given), target, '')).toMatchObject({ replicas, utilization });
  });

  test('memory counts from the start', () => {
    const young = measured({ replicas: 1, levels: [400], ready: [false], started: [1], resource: 'memory' });
    const pods = young.pods.map((pod) => ({
      ...pod,
      spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { memory: '100m' } } }] },
    }));
    expect(byUtilization({ ...young, pods }, 100, '')).toMatchObject({ replicas: 4, utilization: 400 });
  });

  test.each<[string, Case, string, string]>([
    [
      'no pods',
      { replicas: 1, levels: [], requests: [] },
      '',
      'no pods returned by selector while calculating replica count',
    ],
    [
      'no metrics',
      { replicas: 1, levels: [], requests: ['1'] },
      '',
      'did not receive metrics for targeted pods (pods might be unready)',
    ],
    [
      'none but of unready pods',
      { replicas: 1, levels: [500], ready: [false], started: [10] },
      '',
      'did not receive metrics for targeted pods (pods might be unready)',
    ],
    [
      'no requests',
      { replicas: 1, levels: [500], requests: [''] },
      '',
      'missing request for cpu in container c of Pod p0',
    ],
    ['no such container', { replicas: 1, levels: [500] }, 'x', 'container x not found in Pod p0'],
  ])('%s: says why it cannot tell', (_, given, container, message) => {
    expect(() => byUtilization(measured(given), 50, container)).toThrow(message);
  });

  test('metrics of other pods match none', () => {
    const given = measured({ replicas: 1, levels: [], requests: ['1'] });
    const metrics = new Map([['older', { value: 100, at: now, windowMs: 60_000 }]]);
    expect(() => byUtilization({ ...given, metrics }, 100, '')).toThrow('no metrics returned matched known pods');
  });
});

describe('by requests of', () => {
  const spec = {
    containers: [
      { name: 'web', image: 'i', resources: { requests: { cpu: '200m' } } },
      { name: 'aside', image: 'i', resources: { requests: { cpu: '300m' } } },
    ],
    initContainers: [
      { name: 'once', image: 'i' },
      { name: 'sidecar', image: 'i', restartPolicy: 'Always', resources: { requests: { cpu: '500m' } } },
    ],
  };
  const utilization = (extra: object, container: string) => {
    const given = measured({ replicas: 1, levels: [500] });
    const pods = given.pods.map((pod) => ({ ...pod, spec: { ...spec, ...extra } }));
    return byUtilization({ ...given, pods }, 100, container).utilization;
  };
  test.each<[string, object, string, number]>([
    ['all containers and sidecars', {}, '', 50],
    ['one container', {}, 'web', 250],
    ['the pod as a whole', { resources: { requests: { cpu: '2' } } }, '', 25],
    ['one container, whatever the whole has', { resources: { requests: { cpu: '2' } } }, 'web', 250],
    [
      'all containers, where the whole speaks of something else',
      { resources: { requests: { memory: '1Gi' } } },
      '',
      50,
    ],
  ])('%s', (_, extra, container, expected) => {
    expect(utilization(extra, container)).toBe(expected);
  });
});

describe('by an average', () => {
  test.each<[string, Case, number, number, number]>([
    ['scales up', { replicas: 3, levels: [20_000, 10_000, 30_000], resource: '' }, 15_000, 4, 20_000],
    [
      'counts unready pods, whose metrics are no resource',
      {
        replicas: 3,
        levels: [50_000, 10_000, 30_000],
        ready: [false, true, true],
        started: [10, 3600, 3600],
        resource: '',
      },
      15_000,
      6,
      30_000,
    ],
    ['scales down', { replicas: 5, levels: [12_000, 12_000, 12_000, 12_000, 12_000], resource: '' }, 20_000, 3, 12_000],
    ['tolerates a tenth', { replicas: 3, levels: [20_000, 21_000, 21_000], resource: '' }, 20_000, 3, 20_666],
    [
      'takes missing pods to be on target',
      { replicas: 3, requests: ['1', '1', '1'], levels: [10, 10], resource: '' },
      100,
      2,
      10,
    ],
  ])('%s', (_, given, target, replicas, usage) => {
    expect(byAverage(measured(given), target)).toEqual({ replicas, usage });
  });
});

describe('by a total', () => {
  const three = measured({ replicas: 3, levels: [1, 1, 1] });
  test.each<[string, Case, number[], number, number, number]>([
    ['scales up', { replicas: 3, levels: [1, 1, 1] }, [20_000], 15_000, 4, 20_000],
    ['sums up several values', { replicas: 3, levels: [1, 1, 1] }, [4300, 4300], 4400, 6, 8600],
    [
      'counts ready pods only',
      { replicas: 3, levels: [1, 1, 1], ready: [false, true, true] },
      [30_000],
      15_000,
      4,
      30_000,
    ],
    ['tolerates a tenth', { replicas: 3, levels: [1, 1, 1] }, [10_900], 10_000, 3, 10_900],
    ['scales from zero', { replicas: 0, levels: [] }, [25_000], 10_000, 3, 25_000],
    ['to zero', { replicas: 3, levels: [1, 1, 1] }, [0], 10_000, 0, 0],
  ])('%s', (_, given, values, target, replicas, usage) => {
    expect(byTotal(measured(given), values, target)).toEqual({ replicas, usage });
  });

  test('has nothing to go by without pods', () => {
    expect(() => byTotal({ ...three, pods: [] }, [20_000], 15_000)).toThrow(
      'unable to calculate ready pods: no pods returned by selector while calculating replica count',
    );
  });

  test.each([
    ['each pod gets its share', 3, [20_000], 5_000, 4, 6_667],
    ['within the tolerance', 4, [20_400], 5_000, 4, 5_100],
    ['where there are no pods yet', 0, [0], 5_000, 0, 0],
  ] as const)('%s', (_, replicas, values, target, expected, usage) => {
    expect(byShare({ replicas, tolerances }, values, target)).toEqual({ replicas: expected, usage });
  });
});
