import type { Engine } from '../../engine/engine.ts';
import type { ContainerSummary } from '../../engine/types.ts';
import { diskRoot, label, memoryRoot } from './names.ts';
import { hostRoot } from './wiring.ts';

/**
 * Removes everything a cluster has in the engine: containers, network, volumes, folders and cgroups, found by label
 * alone. Safe to run again, and on a cluster half made.
 */
export async function destroyCluster(engine: Engine, cluster: string, signal: AbortSignal): Promise<void> {
  const filters = { label: [`${label.cluster}=${cluster}`] };
  const containers = await engine.listContainers(filters, signal);
  const isNode = (c: ContainerSummary) => c.Labels[label.role] === 'node';
  const remove = (some: readonly ContainerSummary[]) =>
    Promise.all(some.map((c) => engine.removeContainer(c.Id, signal)));
  await remove(containers.filter((c) => !isNode(c)));
  const nodes = containers.filter(isNode);
  const volumes = await engine.listVolumes(filters, signal);
  await Promise.all([
    ...volumes.map(({ Name }) => engine.removeVolume(Name, signal)),
    sweep(engine, cluster, nodes, signal),
  ]);
  await remove(nodes);
  const networks = await engine.listNetworks(filters, signal);
  await Promise.all(networks.map(({ Id }) => engine.removeNetwork(Id, signal)));
}

/** Empties the cluster's folders and cgroups on the engine's host, where krill may not be root, or not be at all. */
async function sweep(
  engine: Engine,
  cluster: string,
  nodes: readonly ContainerSummary[],
  signal: AbortSignal,
): Promise<void> {
  if (nodes.length === 0) return;
  const command = ['/bin/sh', '-c', sweepScript(cluster)];
  const running = nodes.find((c) => c.State === 'running');
  if (running) {
    const process = await engine.exec(running.Id, { command, stdin: false, tty: false }, signal);
    process.stdout.resume();
    process.stderr?.resume();
    await process.exit;
    return;
  }
  // No node runs: a container of the same image, seeing the same disks, does it.
  const name = `krill_${cluster}_sweep`;
  await engine.removeContainer(name, signal);
  const id = await engine.createContainer(
    name,
    {
      Image: nodes[0]!.ImageID,
      Cmd: command,
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
  await engine.startContainer(id, signal);
  await engine.waitContainer(id, signal);
  await engine.removeContainer(id, signal);
}

function sweepScript(cluster: string): string {
  const folders = [diskRoot, memoryRoot].map((root) => `$H${root}/${cluster}`);
  const groups = `$H/sys/fs/cgroup/krill/${cluster} $H/sys/fs/cgroup/*/krill/${cluster}`;
  return [
    hostRoot,
    `rm -rf ${folders.join(' ')} 2>/dev/null`,
    `rmdir ${[diskRoot, memoryRoot].map((root) => `$H${root}`).join(' ')} 2>/dev/null`,
    `for d in ${groups}; do [ -d "$d" ] && find "$d" -depth -type d -exec rmdir {} \\; ; done 2>/dev/null`,
    'true',
  ].join('\n');
}
