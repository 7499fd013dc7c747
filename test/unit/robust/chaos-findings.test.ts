import { describe, expect, test } from 'vitest';
import { findings, type Seen } from '../../robust/chaos/findings.ts';

const meta = (name: string, uid: string, owner?: string) => ({
  name,
  namespace: 'chaos-0',
  uid,
  generation: 1,
  labels: { app: 'web' },
  ...(owner && { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'X', name: 'x', uid: owner, controller: true }] }),
});
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } };
const selector = { matchLabels: { app: 'web' } };
const pod = (name: string, ip: string) => ({
  metadata: meta(name, name, 'set'),
  spec: { nodeName: 'n', containers: [] },
  status: { podIP: ip, conditions: [{ type: 'Ready', status: 'True' }] },
});

/** A Deployment of two pods behind a Service, at rest. */
const atRest: Seen = {
  deployments: [
    {
      metadata: meta('web', 'deployment'),
      spec: { replicas: 2, selector, template },
      status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
    },
  ],
  replicaSets: [{ metadata: meta('web-1', 'set', 'deployment'), spec: { replicas: 2, selector, template } }],
  statefulSets: [],
  pods: [pod('a', '10.0.0.1'), pod('b', '10.0.0.2')],
  services: [{ metadata: { name: 'web', namespace: 'chaos-0' }, spec: { selector: { app: 'web' } } }],
  slices: [
    {
      metadata: { namespace: 'chaos-0', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.0.0.1'], conditions: { ready: true } },
        { addresses: ['10.0.0.2'], conditions: { ready: true } },
      ],
    },
  ],
  nodes: new Set(['n']),
  claims: [
    {
      metadata: { name: 'data-db-0', namespace: 'chaos-0', uid: 'claim' },
      spec: { volumeName: 'disk' },
      status: { phase: 'Bound' },
    },
  ],
  volumes: [{ metadata: { name: 'disk' }, spec: { claimRef: { uid: 'claim' } }, status: { phase: 'Bound' } }],
} as unknown as Seen;

const [deployment] = atRest.deployments;
const [set] = atRest.replicaSets;
const [first, second] = atRest.pods;

describe('what a chaos run looks for', () => {
  test('nothing is wrong with a cluster at rest', () => expect(findings(atRest)).toEqual([]));

  const broken: readonly (readonly [string, Partial<Seen>, string])[] = [
    ['a pod too few', { pods: [first!] }, 'deployment chaos-0/web: pods 1, wanted 2'],
    ['a pod of nobody', { deployments: [], replicaSets: [] }, 'chaos-0/a: its X is gone'],
    ['a node that is gone', { nodes: new Set() }, 'pod chaos-0/a is on n, which is gone'],
    ['a claim without its volume', { volumes: [] }, 'claim chaos-0/data-db-0: its volume is gone'],
    ['a volume without its claim', { claims: [] }, 'volume disk is Bound and its claim gone'],
    [
      'a claim that waits',
      { claims: [{ ...atRest.claims[0]!, status: { phase: 'Pending' } }] },
      'claim chaos-0/data-db-0 is Pending',
    ],
    [
      "a volume that is another's",
      { volumes: [{ ...atRest.volumes[0]!, spec: { claimRef: { uid: 'other' } } }] },
      "claim chaos-0/data-db-0: its volume is another's",
    ],
    ['an address too many', { pods: [first!], deployments: [] }, 'service chaos-0/web: has 2 ready addresses'],
    [
      'two controllers',
      {
        pods: [
          first!,
          {
            ...second!,
            metadata: {
              ...second!.metadata,
              ownerReferences: [...second!.metadata!.ownerReferences!, ...first!.metadata!.ownerReferences!],
            },
          },
        ],
      },
      'chaos-0/b has 2 controllers',
    ],
    [
      'a set that nobody has taken',
      { replicaSets: [set!, { ...set!, metadata: { ...meta('web-2', 'other') } }] },
      'chaos-0/web-2 has no controller, but there is chaos-0/web',
    ],
    [
      'a status that lags',
      { deployments: [{ ...deployment!, status: { ...deployment!.status, observedGeneration: 0 } }] },
      'deployment chaos-0/web: its newest spec has not been looked at',
    ],
  ];
  test.each(broken)('%s', (_, change, finding) => {
    expect(findings({ ...atRest, ...change } as Seen).join('\n')).toContain(finding);
  });
});
