import { nodeCount, viewCluster } from '../cluster-view.ts';
import type { Command } from '../command.ts';
import { existingFolder } from '../data-folder.ts';
import { contextName } from '../kubeconfig.ts';
import { printFields, printJson } from '../output.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'says how a cluster is; the exit code is 0 only when it runs',
  takesName: true,
  options: [],
  async run({ world, name, format }) {
    const folder = existingFolder(world.env, name);
    const { state, report, settings } = await viewCluster(folder, world.clock);
    const code = state === 'running' || state === 'ready' ? 0 : 3;
    if (format === 'json') {
      // The administrator's key is for the kubeconfig only.
      const { access: _access, ...shown } = report ?? {};
      printJson(world.out, { name, state, context: contextName(name), dataFolder: folder.path, ...settings, ...shown });
      return code;
    }
    const fields: [string, string][] = [
      ['cluster', name],
      ['state', state],
    ];
    if (settings) fields.push(['runtime', settings.runtime]);
    if (report) {
      fields.push(['address', report.url], ['process', String(report.pid)], ['version', report.version]);
      const ready = report.nodes.filter((node) => node.ready).length;
      fields.push(['nodes', `${ready} of ${nodeCount({ settings, report })} Ready`]);
      if (report.hostReach) fields.push(['pods reach it by', report.hostReach]);
    }
    fields.push(['context', contextName(name)], ['data folder', folder.path]);
    printFields(world.out, fields);
    return code;
  },
};
