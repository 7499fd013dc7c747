import { expect, it } from 'vitest';
import { podClaims } from '../../../../src/resources/storage/pod-claims.ts';

it('the claims of a pod are those it names and those that are made for it', () => {
  const volumes = [
    { name: 'a', persistentVolumeClaim: { claimName: 'shared', readOnly: true } },
    { name: 'b', emptyDir: {} },
    { name: 'c', ephemeral: {} },
  ];
  expect(podClaims({ metadata: { name: 'web-0' }, spec: { containers: [], volumes } })).toEqual([
    { volume: 'a', name: 'shared', ephemeral: false, readOnly: true },
    { volume: 'c', name: 'web-0-c', ephemeral: true, readOnly: false },
  ]);
});
