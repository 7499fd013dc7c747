import { readdir } from 'node:fs/promises';
import type { Engine } from '../../../src/engine/engine.ts';

/** What a cluster may leave behind on an engine: everything that carries its name. */
export async function leftovers(engine: Engine, cluster: string): Promise<string[]> {
  const filters = { label: [`krill.cluster=${cluster}`] };
  const [containers, networks, volumes] = await Promise.all([
    engine.containers.list(filters),
    engine.networks.list(filters),
    engine.volumes.list(filters),
  ]);
  const folders = [`/var/lib/krill/${cluster}`, `/dev/shm/krill/${cluster}`];
  const controllers = await readdir('/sys/fs/cgroup').catch(() => []);
  const groups = ['', ...controllers].map((name) => `/sys/fs/cgroup/${name}/krill/${cluster}`.replace('//', '/'));
  const present: string[] = [];
  for (const folder of [...folders, ...groups]) {
    if (
      await readdir(folder).then(
        () => true,
        () => false,
      )
    )
      present.push(folder);
  }
  return [
    ...containers.map((c) => `container ${c.Names[0]}`),
    ...networks.map((n) => `network ${n.Name}`),
    ...volumes.map((v) => `volume ${v.Name}`),
    ...present,
  ];
}

/** Names of the host's network interfaces; cables of pods live in the nodes and must not be among them. */
export async function hostLinks(): Promise<string[]> {
  return (await readdir('/sys/class/net').catch(() => [])).sort();
}
