import { describe, expect, test } from 'vitest';
import type { APIService } from '../../../src/api/types/apiregistration-v1.gen.ts';
import { apiServiceChange } from '../../../src/cluster/bootstrap/api-service-change.ts';
import { customApiService, managedLabel } from '../../../src/cluster/bootstrap/api-services.ts';

function service(managed: 'onstart' | 'true' | 'false' | undefined, versionPriority: number): APIService {
  return {
    metadata: { name: 'v1.x.org', ...(managed && { labels: { [managedLabel]: managed } }) },
    spec: { group: 'x.org', version: 'v1', groupPriorityMinimum: 1000, versionPriority },
  };
}

const always = service('true', 100);
const onStart = service('onstart', 100);
const fresh = { atStart: true, settled: false };

describe('the write that is due to an APIService of the server itself', () => {
  test.each([
    ['nothing is there and nothing is wanted', undefined, { desired: undefined, ...fresh }, undefined],
    ['one is missing', undefined, { desired: onStart, ...fresh }, 'create'],
    ['one was taken away after the start', undefined, { desired: onStart, atStart: true, settled: true }, undefined],
    ['one of custom resources was taken away', undefined, { desired: always, atStart: true, settled: true }, 'create'],
    ['one has no label', service(undefined, 7), { desired: always, ...fresh }, undefined],
    ['one has a label that says no', service('false', 7), { desired: always, ...fresh }, undefined],
    [
      'one of the start came later',
      service('onstart', 7),
      { desired: onStart, atStart: false, settled: false },
      undefined,
    ],
    ['one differs at the start', service('onstart', 7), { desired: onStart, ...fresh }, 'update'],
    [
      'one differs after the start',
      service('onstart', 7),
      { desired: onStart, atStart: true, settled: true },
      undefined,
    ],
    ['one of an old start is served no more', service('onstart', 7), { desired: undefined, ...fresh }, 'delete'],
    [
      'one of custom resources differs',
      service('true', 7),
      { desired: always, atStart: true, settled: true },
      'update',
    ],
    ['one is as it should be', service('true', 100), { desired: always, ...fresh }, undefined],
    ['one was made without a label', service('onstart', 7), { desired: service(undefined, 100), ...fresh }, undefined],
    ['a definition went', service('true', 100), { desired: undefined, atStart: true, settled: true }, 'delete'],
  ] as const)('%s', (_, stored, registration, verb) => {
    expect(apiServiceChange(stored, registration)?.verb).toBe(verb);
  });

  test('an update keeps everything but the spec', () => {
    const stored = { ...service('true', 7), status: { conditions: [{ type: 'Available', status: 'True' }] } };
    expect(apiServiceChange(stored, { desired: always, ...fresh })).toEqual({
      verb: 'update',
      object: { ...stored, spec: always.spec },
    });
  });
});

test('the APIService of custom resources comes late among groups', () => {
  expect(customApiService({ group: 'x.org', version: 'v1' })).toEqual({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1.x.org', labels: { [managedLabel]: 'true' } },
    spec: { group: 'x.org', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 },
  });
});
