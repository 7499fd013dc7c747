import { viewCluster } from '../cluster-view.ts';
import type { Command } from '../command.ts';
import { allFolders } from '../data-folder.ts';
import { printJson, printTable } from '../output.ts';

export const listCommand: Command = {
  name: 'list',
  summary: 'lists the clusters of this user',
  takesName: false,
  options: [],
  async run({ world, format }) {
    const views = await Promise.all(allFolders(world.env).map((folder) => viewCluster(folder, world.clock)));
    const rows = views.map(({ name, state, settings, report }) => ({
      name,
      state,
      runtime: settings?.runtime ?? '',
      nodes: settings?.nodes ?? 0,
      url: report?.url ?? (settings ? `https://127.0.0.1:${settings.port}` : ''),
    }));
    if (format === 'json') printJson(world.out, rows);
    else if (rows.length === 0) world.out.write('No clusters. Make one: krill up\n');
    else {
      printTable(
        world.out,
        ['NAME', 'STATE', 'RUNTIME', 'NODES', 'URL'],
        rows.map((row) => [row.name, row.state, row.runtime, String(row.nodes), row.url]),
      );
    }
    return 0;
  },
};
