import { describe, expect, test } from 'vitest';
import { deviceClasses } from '../../../../src/api/kinds.gen.ts';
import type { Container, Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { extendedRequests } from '../../../../src/scheduler/devices/extended-claim.ts';
import { ExtendedClasses } from '../../../../src/scheduler/devices/extended-classes.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { pod } from '../kit.ts';
import { Shelves } from '../shelf.ts';

const gpu = 'example.com/gpu';
const asking = (name: string, count: number, fields: Partial<Container> = {}): Container => ({
  name,
  image: 'i',
  resources: { requests: { cpu: '1', [gpu]: String(count) } },
  ...fields,
});

function requestsOf(containers: Container[], initContainers: Container[] = []) {
  const object: Pod = { metadata: { name: 'p' }, spec: { containers, initContainers } };
  const { requests, mappings } = extendedRequests(object, [gpu], () => 'class');
  return [
    requests.map(({ name, exactly }) => `${name}: ${exactly?.count} of ${exactly?.deviceClassName}`),
    mappings.map(({ containerName, requestName }) => `${containerName}: ${requestName}`),
  ];
}

test.each<[string, Container[], Container[], string[], string[]]>([
  ['one container', [asking('a', 2)], [], ['container-0-request-1: 2 of class'], ['a: container-0-request-1']],
  [
    'each container',
    [asking('a', 1), asking('b', 2)],
    [],
    ['container-0-request-1: 1 of class', 'container-1-request-1: 2 of class'],
    ['a: container-0-request-1', 'b: container-1-request-1'],
  ],
  [
    'an init container that others come after',
    [asking('a', 1)],
    [asking('i', 1)],
    ['container-1-request-1: 1 of class'],
    ['a: container-1-request-1', 'i: container-1-request-1'],
  ],
  [
    'an init container that wants more',
    [asking('a', 1)],
    [asking('i', 3), asking('j', 2)],
    ['container-0-request-1: 2 of class', 'container-2-request-1: 1 of class'],
    [
      'a: container-2-request-1',
      'i: container-2-request-1',
      'j: container-2-request-1',
      'i: container-0-request-1',
      'j: container-0-request-1',
    ],
  ],
  [
    'a sidecar beside the others',
    [asking('a', 1)],
    [asking('s', 1, { restartPolicy: 'Always' })],
    ['container-0-request-1: 1 of class', 'container-1-request-1: 1 of class'],
    ['s: container-0-request-1', 'a: container-1-request-1'],
  ],
])('devices for %s', (_, containers, init, requests, mappings) => {
  expect(requestsOf(containers, init)).toEqual([requests, mappings]);
});

describe('the class for an extended resource', () => {
  const all = new Shelves();
  const add = (name: string, second: number, extendedResourceName?: string) =>
    all.shelf(deviceClasses).set({
      metadata: { name, creationTimestamp: `2026-01-01T00:00:0${second}Z` },
      spec: { ...(extendedResourceName && { extendedResourceName }) },
    });
  const classes = new ExtendedClasses(all.of(deviceClasses));
  add('old', 0, gpu);
  add('z', 1, gpu);
  add('y', 1, gpu);
  add('plain', 1);

  test.each([
    [gpu, 'y'],
    ['deviceclass.resource.kubernetes.io/plain', 'plain'],
    ['deviceclass.resource.kubernetes.io/none', undefined],
    ['example.com/other', undefined],
  ])('%s', (resource, name) => {
    expect(classes.of(resource)?.metadata.name).toBe(name);
  });

  test('is another when a newer one comes, and none when the last goes', () => {
    add('new', 2, gpu);
    expect(classes.of(gpu)?.metadata.name).toBe('new');
    const { demand } = podInfo(pod({ requests: { cpu: '1', [gpu]: '1', 'example.com/other': '1' } }));
    expect(classes.among(demand)).toEqual([gpu]);
    for (const name of ['old', 'y', 'z', 'new']) all.shelf(deviceClasses).remove(name);
    expect(classes.among(demand)).toEqual([]);
  });
});
