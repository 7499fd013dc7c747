import type { ApiServer } from '../apiserver/server.ts';
import type { Scope } from '../base/scope.ts';
import { apiServerUser } from '../controllers/users.ts';
import type { ClusterOptions, ClusterStatus, RunningCluster } from './contract.ts';
import type { ClusterIdentity } from './identity.ts';
import type { Parts } from './parts.ts';
import type { ClusterSettings } from './settings.ts';
import type { StartSteps } from './steps.ts';

/** What a started cluster is made of; the later parts come when they are there. */
interface Assembled {
  readonly options: ClusterOptions;
  readonly api: ApiServer;
  readonly identity: ClusterIdentity;
  readonly port: number;
  readonly steps: StartSteps;
  readonly scope: Scope;
  readonly ready: Promise<void>;
  readonly parts: () => Parts | undefined;
  readonly settings: () => ClusterSettings;
  readonly reach: () => string;
}

/** The cluster as whoever started it has it. */
export function running(all: Assembled): RunningCluster {
  const url = `https://127.0.0.1:${all.port}`;
  return {
    url,
    port: all.port,
    caPem: all.identity.caPem,
    adminCertPem: all.identity.admin.certPem,
    adminKeyPem: all.identity.admin.keyPem,
    transport: (user) => all.api.transport(user ?? apiServerUser),
    ready: all.ready,
    status: (): ClusterStatus => ({
      name: all.options.name,
      version: 'v1.36.4',
      runtime: all.settings().runtime,
      url,
      steps: all.steps.done,
      nodes: all.parts()?.nodes() ?? [],
      hostReach: all.reach(),
      subnets: all.settings().subnets,
    }),
    close: async () => {
      await all.scope.close({ clock: all.options.clock, ms: 10_000 });
    },
  };
}
