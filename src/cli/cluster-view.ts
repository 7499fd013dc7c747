import type { Clock } from '../base/clock.ts';
import type { ClusterSettings } from '../cluster/settings.ts';
import { readReport, type ServerReport } from './control.ts';
import type { DataFolder } from './data-folder.ts';
import { livePid } from './supervisor.ts';

/**
 * `starting`: processes are there but do not answer (yet); `running`: the API is served; `ready`: all nodes are too;
 * `unreadable`: its files do not say.
 */
export type ClusterState = 'stopped' | 'starting' | 'running' | 'ready' | 'unreadable';

/** What can be seen of a cluster from outside. */
export interface ClusterView {
  readonly name: string;
  readonly state: ClusterState;
  readonly report?: ServerReport;
  readonly settings?: ClusterSettings;
}

/** How many nodes a cluster has: krill's own, also before they are up, and those that users add. */
export function nodeCount({ settings, report }: Pick<ClusterView, 'settings' | 'report'>): number {
  return Math.max(report?.nodes.length ?? 0, (settings?.nodes ?? 0) + (settings?.simulatedNodes ?? 0));
}

/** Looks at a cluster's files and asks its server, if there is one. */
export async function viewCluster(folder: DataFolder, clock: Clock): Promise<ClusterView> {
  const settings = folder.settings();
  const known = { name: folder.name, ...(settings && { settings }) };
  const report = await readReport(folder.path, clock);
  if (report) return { ...known, state: report.ready ? 'ready' : 'running', report };
  const alive = [folder.supervisorPid, folder.serverPid].some((file) => livePid(file, folder) !== undefined);
  return { ...known, state: alive ? 'starting' : 'stopped' };
}
