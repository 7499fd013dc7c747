import { parseRuntimeConfig } from '../../api/runtime-config.ts';
import type { Command } from '../command.ts';

/** The background process of a cluster: what the supervisor starts. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'runs a cluster in the foreground',
  takesName: true,
  hidden: true,
  options: [
    ['--data <folder>', 'the data folder'],
    ['--nodes <number>', 'how many nodes'],
    ['--simulated <number>', 'how many simulated nodes beside them'],
    ['--template <json>', 'what simulated nodes are like'],
    ['--runtime <kind>', 'docker, simulated or auto'],
    ['--port <number>', "the API server's port"],
    ['--controllers <list>', 'which controllers run'],
    ['--runtime-config <list>', 'which API versions are on or off'],
    ['--admission <json>', 'which admission plugins are on, and how they are configured'],
    ['--legacy <choice>', 'whether old API versions are served too: true or false'],
  ],
  async run({ world, name, options }) {
    const { serve } = await import('../serve.ts');
    return serve(world, {
      name,
      dataDir: String(options['data']),
      nodes: Number(options['nodes'] ?? 1),
      simulatedNodes: Number(options['simulated'] ?? 0),
      ...(options['template'] !== undefined && { nodeTemplate: JSON.parse(String(options['template'])) }),
      runtime: String(options['runtime'] ?? 'auto') as 'docker' | 'simulated' | 'auto',
      port: Number(options['port'] ?? 0),
      ...(options['controllers'] !== undefined && { controllers: String(options['controllers']).split(',') }),
      ...(options['admission'] !== undefined && { admission: JSON.parse(String(options['admission'])) }),
      legacyApis: options['legacy'] !== 'false',
      ...(options['runtime-config'] !== undefined && {
        runtimeConfig: parseRuntimeConfig(String(options['runtime-config'])).config,
      }),
    });
  },
};
