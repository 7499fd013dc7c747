import { viewCluster } from '../cluster-view.ts';
import type { Command } from '../command.ts';
import { existingFolder } from '../data-folder.ts';
import { CliError } from '../errors.ts';
import { contextName, kubeconfigText } from '../kubeconfig.ts';
import { printJson } from '../output.ts';

export const kubeconfigCommand: Command = {
  name: 'kubeconfig',
  summary: 'prints a kubeconfig for a running cluster',
  takesName: true,
  options: [],
  async run({ world, name, format }) {
    const { report, state } = await viewCluster(existingFolder(world.env, name), world.clock);
    if (!report) throw new CliError(`cluster ${name} is ${state}`, undefined, `krill up ${name}`);
    const text = kubeconfigText(name, report.access);
    if (format === 'json')
      printJson(world.out, { name, context: contextName(name), url: report.url, kubeconfig: text });
    else world.out.write(text);
    return 0;
  },
};
