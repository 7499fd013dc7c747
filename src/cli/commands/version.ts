import type { Command } from '../command.ts';
import { printFields, printJson } from '../output.ts';
import { build } from '../version.ts';

export const versionCommand: Command = {
  name: 'version',
  summary: 'prints the versions of krill, its Kubernetes API and Node.js',
  takesName: false,
  options: [],
  async run({ world, format }) {
    const { kubernetesVersion } = await import('../../apiserver/pages/version.ts');
    const versions = {
      krill: build.version,
      commit: build.commit,
      kubernetes: `v${kubernetesVersion}`,
      node: process.version,
    };
    if (format === 'json') printJson(world.out, versions);
    else printFields(world.out, Object.entries(versions));
    return 0;
  },
};
