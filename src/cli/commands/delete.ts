import type { Command } from '../command.ts';
import { withCommandLock } from '../command-lock.ts';
import { dataFolder } from '../data-folder.ts';
import { CliError } from '../errors.ts';
import { removeFromKubeconfig } from '../kubeconfig.ts';
import { printJson } from '../output.ts';
import { stopServer } from '../supervisor.ts';
import type { World } from '../world.ts';

export const deleteCommand: Command = {
  name: 'delete',
  summary: 'removes a cluster with its containers, networks, files and kubeconfig entry',
  takesName: true,
  options: [],
  async run({ world, name, format }) {
    const folder = dataFolder(world.env, name);
    const existed = folder.exists();
    if (existed) {
      await withCommandLock(folder, world, async () => {
        await stopServer(folder, world.clock);
        await removeMachines(name, folder.path, world);
        await folder.remove();
      });
    }
    await removeFromKubeconfig(world.env, world.clock, name);
    if (format === 'json') printJson(world.out, { name, deleted: existed });
    else world.out.write(existed ? `Deleted cluster ${name}.\n` : `There is no cluster ${name}.\n`);
    return 0;
  },
};

async function removeMachines(name: string, dataDir: string, { loadRemove, clock }: World): Promise<void> {
  const { removeCluster } = await loadRemove();
  try {
    await removeCluster({ name, dataDir, clock });
  } catch (error) {
    throw new CliError(
      `the containers of cluster ${name} could not be removed: ${(error as Error).message}`,
      'Docker is not running, or this user may not talk to it; nothing else was removed',
      `start Docker, then krill delete ${name}`,
    );
  }
}
