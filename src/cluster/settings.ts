import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeConfig } from '../api/runtime-config.ts';
import type { AdmissionChoice } from '../apiserver/admission/plugin-names.ts';
import type { NodeTemplate } from '../node/runtime.ts';
import { replaceFile } from './replace-file.ts';

/** What a cluster keeps for life, in `cluster.json`: chosen at its first start, never changed afterwards. */
export interface ClusterSettings {
  /** Raised when the meaning of this file changes. */
  readonly format: 1;
  readonly name: string;
  /** Tells this cluster's containers from those of an earlier one of the same name. */
  readonly uid: string;
  readonly runtime: 'docker' | 'simulated';
  readonly nodes: number;
  /** Simulated nodes beside them. */
  readonly simulatedNodes?: number;
  /** What simulated nodes claim to be. */
  readonly nodeTemplate?: NodeTemplate;
  /** The API server's port on 127.0.0.1. */
  readonly port: number;
  /** The ports at which pods reach this process on the cluster network's gateway; 0 until Docker nodes are first started. */
  readonly hostReach: { readonly apiPort: number; readonly dnsPort: number };
  readonly subnets: { readonly nodes: string; readonly pods: string; readonly services: string };
  /** Whether old API versions are served; true where an older krill has not said. */
  readonly legacyApis?: boolean;
  /** Which API versions are switched on or off; none where nothing is said. */
  readonly runtimeConfig?: RuntimeConfig;
  /** Which admission plugins are on, and how they are configured; the default ones where nothing is said. */
  readonly admission?: AdmissionChoice;
  /** Which controllers run, as --controllers says it; the default ones where nothing is said. */
  readonly controllers?: readonly string[];
  readonly createdAt: string;
}

const file = 'cluster.json';

/** The settings of an existing cluster; undefined where there is none yet. Throws a readable error when they are spoilt. */
export function readSettings(dataDir: string): ClusterSettings | undefined {
  const path = join(dataDir, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`the cluster's settings ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  let settings: ClusterSettings;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw new Error(`the cluster's settings ${path} are not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (settings.format !== 1)
    throw new Error(`${path} was written by a newer krill (format ${settings.format}); use that one`);
  return settings;
}

/** Writes the settings so that a crash leaves the old file or the new one. */
export async function writeSettings(dataDir: string, settings: ClusterSettings): Promise<void> {
  await replaceFile(join(dataDir, file), `${JSON.stringify(settings, null, 2)}\n`);
}
