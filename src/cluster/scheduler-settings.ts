import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../base/log.ts';
import { SchedulerConfigError } from '../scheduler/config/decode.ts';
import { readSchedulerConfig } from '../scheduler/config/scheduler-config.ts';
import type { ExtenderConfig, SchedulerConfig } from '../scheduler/config/types.ts';
import { tlsOptions } from '../scheduler/extender/http.ts';
import { availablePlugins } from '../scheduler/framework.ts';
import { replaceFile } from './replace-file.ts';

/** A cluster keeps its KubeSchedulerConfiguration as it was written, in `scheduler.yaml`. A later start may bring another. */
const pathIn = (dataDir: string) => join(dataDir, 'scheduler.yaml');

/** What a cluster keeps; undefined when its scheduler was never configured. */
export function keptSchedulerConfig(dataDir: string): string | undefined {
  try {
    return readFileSync(pathIn(dataDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${pathIn(dataDir)} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

export const keepSchedulerConfig = (dataDir: string, text: string): Promise<void> => replaceFile(pathIn(dataDir), text);

/** What is wrong with a configuration; nothing when it will do. */
export function schedulerConfigProblems(text: string): readonly string[] {
  try {
    const { extenders } = readSchedulerConfig(text, availablePlugins).config;
    return extenders.flatMap((extender, i) => tlsProblems(extender).map((why) => `extenders[${i}].tlsConfig: ${why}`));
  } catch (error) {
    if (error instanceof SchedulerConfigError) return error.findings;
    throw error;
  }
}

function tlsProblems(extender: ExtenderConfig): readonly string[] {
  try {
    tlsOptions(extender);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Reads a configuration that is about to be used. Throws a readable error. */
export function schedulerConfigOf(text: string, log: Logger): SchedulerConfig {
  try {
    const { config, ignored } = readSchedulerConfig(text, availablePlugins);
    if (ignored.length > 0) {
      log.info("The scheduler's configuration has fields that mean nothing in one process", { fields: ignored });
    }
    return config;
  } catch (error) {
    if (!(error instanceof SchedulerConfigError)) throw error;
    throw new Error(`the scheduler's configuration will not do: ${error.findings.join('; ')}`, { cause: error });
  }
}
