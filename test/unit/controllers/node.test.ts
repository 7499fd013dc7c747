import { describe, expect, it } from 'vitest';
import type { Node, Pod, Taint, Toleration } from '../../../src/api/types/core-v1.gen.ts';
import { SubnetPool } from '../../../src/controllers/node-ipam/plan.ts';
import {
  type Marking,
  planLabels,
  planTaints,
  silentConditions,
} from '../../../src/controllers/node-lifecycle/plan.ts';
import { excessPods, planRemoval } from '../../../src/controllers/pod-gc/plan.ts';
import { stayOf } from '../../../src/controllers/taint-eviction/plan.ts';

const now = Date.UTC(2026, 0, 1, 12);

function node(conditions: Record<string, string>, taints: Taint[] = [], unschedulable = false): Node {
  return {
    metadata: { name: 'n1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { taints, unschedulable },
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status, reason: 'Kubelet' })) },
  };
}

const t = (key: string, effect: Taint['effect']): Taint => ({
  key: key.includes('/') ? key : `node.kubernetes.io/${key}`,
  effect,
});
const short = (taints: readonly Taint[] | undefined) =>
  taints?.map((x) => `${x.key.replace('node.kubernetes.io/', '')}:${x.effect}`);

describe('taints by condition', () => {
  const table: [string, Node, Marking, string[] | undefined][] = [
    ['a ready node has none', node({ Ready: 'True' }), 'mark', undefined],
    [
      'not ready, when its turn has come',
      node({ Ready: 'False' }),
      'mark',
      ['not-ready:NoSchedule', 'not-ready:NoExecute'],
    ],
    [
      'unknown, when its turn has come',
      node({ Ready: 'Unknown' }),
      'mark',
      ['unreachable:NoSchedule', 'unreachable:NoExecute'],
    ],
    ['no eviction before its turn', node({ Ready: 'Unknown' }), 'change', ['unreachable:NoSchedule']],
    ['no eviction while all nodes are down', node({ Ready: 'Unknown' }), 'never', ['unreachable:NoSchedule']],
    [
      'eviction is taken back when all nodes are down',
      node({ Ready: 'Unknown' }, [t('unreachable', 'NoSchedule'), t('unreachable', 'NoExecute')]),
      'never',
      ['unreachable:NoSchedule'],
    ],
    [
      'ready again: its own taints go, others stay',
      node({ Ready: 'True' }, [
        t('not-ready', 'NoSchedule'),
        t('not-ready', 'NoExecute'),
        t('example.com/mine', 'NoExecute'),
      ]),
      'change',
      ['example.com/mine:NoExecute'],
    ],
    [
      'pressure and cordon',
      node({ Ready: 'True', MemoryPressure: 'True', DiskPressure: 'False', PIDPressure: 'True' }, [], true),
      'change',
      ['memory-pressure:NoSchedule', 'pid-pressure:NoSchedule', 'unschedulable:NoSchedule'],
    ],
    [
      'from not ready to unknown, without another turn',
      node({ Ready: 'Unknown' }, [t('not-ready', 'NoSchedule'), t('not-ready', 'NoExecute')]),
      'change',
      ['unreachable:NoSchedule', 'unreachable:NoExecute'],
    ],
  ];
  it.each(table)('%s', (_, n, marking, expected) => {
    expect(short(planTaints(n, marking, now))).toEqual(expected);
  });
});

it('labels are kept under their old names, too', () => {
  const labelled = (labels: Record<string, string>) => planLabels({ metadata: { labels } });
  expect(labelled({ 'kubernetes.io/os': 'linux', 'beta.kubernetes.io/os': 'linux', x: 'y' })).toBeUndefined();
  expect(
    labelled({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64', 'beta.kubernetes.io/os': 'dos' }),
  ).toEqual({
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': 'arm64',
  });
});

describe('a silent node', () => {
  it('has unknown conditions, once', () => {
    const silent = silentConditions(node({ Ready: 'True', MemoryPressure: 'False' }), now);
    expect(silent?.map((c) => [c.type, c.status, c.reason, c.message])).toEqual([
      ['Ready', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
      ['MemoryPressure', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
      ['DiskPressure', 'Unknown', 'NodeStatusNeverUpdated', 'Kubelet never posted node status.'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated', 'Kubelet never posted node status.'],
    ]);
    expect(silentConditions({ metadata: {}, status: { conditions: silent! } }, now)).toBeUndefined();
  });
});

describe('how long a pod stays on a tainted node', () => {
  const tainted = node({}, [t('not-ready', 'NoExecute'), t('x', 'NoExecute'), t('y', 'NoSchedule')]);
  const pod = (...tolerations: Toleration[]): Pod => ({ metadata: {}, spec: { containers: [], tolerations } });
  const table: [string, Pod, number][] = [
    ['not at all without tolerations', pod(), 0],
    ['not at all when one taint is not covered', pod({ key: 'node.kubernetes.io/x', operator: 'Exists' }), 0],
    ['for ever when all are covered', pod({ operator: 'Exists' }), Number.POSITIVE_INFINITY],
    [
      'the shortest time of those that apply',
      pod(
        { operator: 'Exists', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/x', operator: 'Exists', tolerationSeconds: 20 },
      ),
      20_000,
    ],
    ['another effect does not cover', pod({ operator: 'Exists', effect: 'NoSchedule' }), 0],
    ['no time at all when negative', pod({ operator: 'Exists', tolerationSeconds: -5 }), 0],
  ];
  it.each(table)('%s', (_, p, expected) => {
    expect(stayOf(p, tainted)).toBe(expected);
  });

  it('NoSchedule taints drive nobody out', () => {
    expect(stayOf(pod(), node({}, [t('y', 'NoSchedule')]))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('pods that no kubelet removes', () => {
  const pod = (nodeName: string | undefined, going: boolean): Pod => ({
    metadata: going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {},
    spec: { containers: [], ...(nodeName && { nodeName }) },
  });
  const outOfService = node({ Ready: 'False' }, [t('out-of-service', 'NoExecute')]);
  const table: [string, Pod, Node | undefined, boolean][] = [
    ['unbound and going', pod(undefined, true), undefined, true],
    ['unbound and waiting', pod(undefined, false), undefined, false],
    ['on a node that is gone', pod('n1', false), undefined, true],
    ['on a node that is there', pod('n1', true), node({ Ready: 'False' }), false],
    ['going, on a node out of service', pod('n1', true), outOfService, true],
    ['staying, on a node out of service', pod('n1', false), outOfService, false],
  ];
  it.each(table)('%s', (_, p, n, expected) => {
    expect(planRemoval(p, n) !== undefined).toBe(expected);
  });

  it('ended ones beyond the limit, evicted first, then the oldest', () => {
    const ended = (name: string, hour: number, reason?: string): Pod => ({
      metadata: { name, creationTimestamp: `2026-01-01T0${hour}:00:00Z` },
      status: { phase: 'Failed', ...(reason && { reason }) },
    });
    const pods = [ended('new', 3), ended('old', 1), ended('evicted', 5, 'Evicted'), { metadata: { name: 'runs' } }];
    expect(excessPods(pods, 1).map((p) => p.metadata.name)).toEqual(['evicted', 'old']);
    expect(excessPods(pods, 3)).toEqual([]);
  });
});

describe('SubnetPool', () => {
  it('gives the lowest free /24, skips what is taken, and takes back', () => {
    const pool = new SubnetPool('10.244.0.0/22');
    pool.take('10.244.1.0/24');
    pool.take('192.168.0.0/24');
    pool.take('fd00::/64');
    expect([pool.next(), pool.next(), pool.next(), pool.next()]).toEqual([
      '10.244.0.0/24',
      '10.244.2.0/24',
      '10.244.3.0/24',
      undefined,
    ]);
    pool.release('10.244.2.0/24');
    expect(pool.next()).toBe('10.244.2.0/24');
  });

  it('refuses ranges it cannot divide', () => {
    expect(() => new SubnetPool('10.244.0.0/25')).toThrow('smaller than one node');
    expect(() => new SubnetPool('fd00::/48')).toThrow('not an IPv4 range');
    expect(new SubnetPool('200.255.0.0/16').next()).toBe('200.255.0.0/24');
  });
});
