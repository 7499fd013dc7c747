import type { Engine } from '../../engine/engine.ts';
import type { ContainerSummary } from '../../engine/types.ts';
import { diskRoot, label, memoryRoot } from './names.ts';
import { removeContainers } from './removal.ts';
import { hostRoot } from './wiring.ts';

/**
 * Removes everything a cluster has in the engine: containers, network, volumes, folders and cgroups, found by label
 * alone. Safe to run again, and on a cluster half made.
 */
export async function destroyCluster(engine: Engine, cluster: string, signal: AbortSignal): Promise<void> {
  const filters = { label: [`${label.cluster}=${cluster}`] };
  const containers = await engine.containers.list(filters, signal);
  const nodes = containers.filter((c) => c.Labels[label.role] === 'node');
  // A node that runs clears up while the other containers go; without one, a new container does it when they have gone.
  const sweeper = nodes.find((c) => c.State === 'running');
  await Promise.all([
    removeContainers(
      engine,
      containers.filter((c) => c !== sweeper),
      signal,
    ),
    sweeper && sweepFrom(engine, cluster, sweeper, signal),
  ]);
  if (!sweeper && nodes[0]) await sweepAnew(engine, cluster, nodes[0].ImageID, signal);
  const volumes = await engine.volumes.list(filters, signal);
  await Promise.all([
    sweeper && engine.containers.remove(sweeper.Id, signal),
    ...volumes.map(({ Name }) => engine.volumes.remove(Name, signal)),
  ]);
  const networks = await engine.networks.list(filters, signal);
  await Promise.all(networks.map(({ Id }) => engine.networks.remove(Id, signal)));
}

const sweepCommand = (cluster: string) => ['/bin/sh', '-c', sweepScript(cluster)];

/** Empties the cluster's folders and cgroups on the engine's host, where krill may not be root, or not be at all. */
async function sweepFrom(engine: Engine, cluster: string, node: ContainerSummary, signal: AbortSignal): Promise<void> {
  const process = await engine.containers.exec(
    node.Id,
    { command: sweepCommand(cluster), stdin: false, tty: false },
    signal,
  );
  process.stdout.resume();
  process.stderr?.resume();
  await process.exit;
}

/** The same from a container made for it, of the nodes' image. */
async function sweepAnew(engine: Engine, cluster: string, image: string, signal: AbortSignal): Promise<void> {
  const name = `krill_${cluster}_sweep`;
  await engine.containers.remove(name, signal);
  const id = await engine.containers.create(
    name,
    {
      Image: image,
      Cmd: sweepCommand(cluster),
      Labels: { [label.cluster]: cluster },
      HostConfig: {
        NetworkMode: 'none',
        PidMode: 'host',
        CapAdd: ['SYS_PTRACE'],
        SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
      },
    },
    signal,
  );
  await engine.containers.start(id, signal);
  await engine.containers.wait(id, signal);
  await engine.containers.remove(id, signal);
}

function sweepScript(cluster: string): string {
  const folders = [diskRoot, memoryRoot].map((root) => `$H${root}/${cluster}`);
  const groups = `$H/sys/fs/cgroup/krill/${cluster} $H/sys/fs/cgroup/*/krill/${cluster}`;
  return [
    hostRoot,
    `rm -rf ${folders.join(' ')} 2>/dev/null`,
    `rmdir ${[diskRoot, memoryRoot].map((root) => `$H${root}`).join(' ')} 2>/dev/null`,
    // Groups go with the containers that are being removed meanwhile.
    'for try in $(seq 200); do',
    '  left=',
    `  for d in ${groups}; do [ ! -d "$d" ] || find "$d" -depth -type d -exec rmdir {} + || left=1; done 2>/dev/null`,
    '  [ -n "$left" ] || break',
    '  usleep 20000',
    'done',
    'true',
  ].join('\n');
}
