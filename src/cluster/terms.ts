import { problemsOfRuntimeConfig } from '../api/runtime-config.ts';
import { servedApis } from '../api/served-apis.ts';
import type { Logger } from '../base/log.ts';
import { defaultControllers, problemsOfChoice } from '../controllers/names.ts';
import type { ClusterOptions } from './contract.ts';
import { serviceRange } from './layout.ts';
import { keptSchedulerConfig, schedulerConfigOf } from './scheduler-settings.ts';
import type { ClusterSettings } from './settings.ts';

/**
 * What a cluster serves and runs: a new one what the options ask for, one that is there what it was made with. Throws what
 * is wrong with the options.
 */
export function termsOf(
  options: ClusterOptions,
  stored: ClusterSettings | undefined,
  onDisk: string | undefined,
  log: Logger,
) {
  const services = stored?.subnets.services ?? serviceRange;
  const { legacyApis = true, runtimeConfig } = stored ?? options;
  const apis = servedApis({ legacyApis, runtimeConfig });
  const chosen = (stored ? stored.controllers : options.controllers) ?? defaultControllers;
  // What a cluster was made with stands, even where another krill no longer knows a name of it.
  const problems = stored ? [] : problemsOfChoice(options.controllers ?? []);
  if (problems.length > 0) throw new Error(`these controllers cannot be chosen: ${problems.join('; ')}`);
  const unserved = stored ? [] : problemsOfRuntimeConfig(runtimeConfig ?? {});
  if (unserved.length > 0) throw new Error(`these API versions cannot be chosen: ${unserved.join('; ')}`);
  const schedulerText = options.schedulerConfig ?? (onDisk ? keptSchedulerConfig(onDisk) : undefined);
  const schedulerConfig = schedulerText === undefined ? undefined : schedulerConfigOf(schedulerText, log);
  return { services, legacyApis, runtimeConfig, apis, chosen, schedulerConfig };
}
