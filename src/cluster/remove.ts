import type { Clock } from '../base/clock.ts';
import { readSettings } from './settings.ts';

/** Which cluster is to go. */
export interface RemoveOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly clock: Clock;
}

/**
 * Removes what a stopped cluster keeps outside its data folder: containers, networks, volumes and folders of the
 * engine. Safe to run again. Throws `EngineUnavailable` where the cluster has Docker nodes and no engine answers.
 */
export async function removeCluster({ name, dataDir, clock }: RemoveOptions): Promise<void> {
  const runtime = runtimeOf(dataDir);
  if (runtime !== 'docker' && runtime !== 'unknown') return;
  const [{ connectEngine }, { destroyCluster }] = await Promise.all([
    import('../engine/connect.ts'),
    import('../runtimes/docker/destroy.ts'),
  ]);
  const { signal } = new AbortController();
  let engine: Awaited<ReturnType<typeof connectEngine>>;
  try {
    engine = await connectEngine(clock, signal);
  } catch (error) {
    // A cluster nobody can say anything about must be removable without Docker.
    if (runtime === 'unknown') return;
    throw error;
  }
  try {
    await destroyCluster(engine, name, signal);
  } finally {
    engine.close();
  }
}

/** What the cluster's nodes are; undefined before its first start got that far. */
function runtimeOf(dataDir: string): 'docker' | 'simulated' | 'unknown' | undefined {
  try {
    return readSettings(dataDir)?.runtime;
  } catch {
    // Settings that cannot be read must not keep a cluster from being removed.
    return 'unknown';
  }
}
