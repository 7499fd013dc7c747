import { type ClusterView, nodeCount, viewCluster } from '../cluster-view.ts';
import type { Command } from '../command.ts';
import { allFolders, type DataFolder } from '../data-folder.ts';
import { CliError } from '../errors.ts';
import { printJson, printTable } from '../output.ts';
import type { World } from '../world.ts';

export const listCommand: Command = {
  name: 'list',
  summary: 'lists the clusters of this user',
  takesName: false,
  options: [],
  async run({ world, format }) {
    const views = await Promise.all(allFolders(world.env).map((folder) => lookAt(folder, world)));
    const rows = views.map(({ name, state, ...view }) => ({
      name,
      state,
      runtime: view.settings?.runtime ?? '',
      nodes: nodeCount(view),
      url: view.report?.url ?? (view.settings ? `https://127.0.0.1:${view.settings.port}` : ''),
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

/** One cluster that cannot be looked at does not hide the others. */
async function lookAt(folder: DataFolder, { clock, err }: World): Promise<ClusterView> {
  try {
    return await viewCluster(folder, clock);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    err.write(error.text().replace(/^error/, 'warning'));
    return { name: folder.name, state: 'unreadable' };
  }
}
