import type { Command } from '../command.ts';
import { withCommandLock } from '../command-lock.ts';
import { existingFolder } from '../data-folder.ts';
import { printJson } from '../output.ts';
import { stopServer } from '../supervisor.ts';

export const downCommand: Command = {
  name: 'down',
  summary: 'stops a cluster; everything is kept, and its containers run on',
  takesName: true,
  options: [],
  async run({ world, name, format }) {
    const folder = existingFolder(world.env, name);
    const stopped = await withCommandLock(folder, world, () => stopServer(folder, world.clock));
    if (format === 'json') printJson(world.out, { name, stopped });
    else world.out.write(stopped ? `Stopped cluster ${name}.\n` : `Cluster ${name} was not running.\n`);
    return 0;
  },
};
