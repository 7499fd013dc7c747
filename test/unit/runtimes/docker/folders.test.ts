import { expect, it } from 'vitest';
import { DockerFolders } from '../../../../src/runtimes/docker/folders.ts';

const folders = new DockerFolders('dev', { all: () => [] });

it('volumes lie in the folder of their node, or of all nodes', () => {
  expect([folders.volumes('node-1'), folders.volumes()]).toEqual([
    '/var/lib/krill/dev/node-1/volumes',
    '/var/lib/krill/dev/.volumes',
  ]);
});

it.each([
  ['/var/lib/krill/dev/node-1/volumes/pvc-1_default_c', true],
  ['/var/lib/krill/dev/.volumes/pvc-1_default_c', true],
  ['/var/lib/krill/dev/node-1/volumes', false],
  ['/var/lib/krill/dev/node-1/volumes/', false],
  ['/var/lib/krill/dev/node-1/volumes/..', false],
  ['/var/lib/krill/dev/node-1/volumes/../pods', false],
  ['/var/lib/krill/dev/node-1/volumes/a/b', false],
  ['/var/lib/krill/other/node-1/volumes/a', false],
  ['/etc', false],
  ['/', false],
])('whether %s is the folder of a volume: %s', (path, expected) => {
  expect(folders.isVolume(path)).toBe(expected);
});

it('without a node that runs nothing can be made or removed', async () => {
  await expect(folders.make('/x', new AbortController().signal)).rejects.toThrow('no node runs');
});
