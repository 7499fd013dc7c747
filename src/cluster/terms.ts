import { problemsOfRuntimeConfig } from '../api/runtime-config.ts';
import { type ServedApis, servedApis } from '../api/served-apis.ts';
import { problemsOfConfiguration } from '../apiserver/admission/configuration/admission-configuration.ts';
import { problemsOfPlugins } from '../apiserver/admission/plugin-names.ts';
import { timestamp } from '../base/clock.ts';
import { defaultControllers, problemsOfChoice } from '../controllers/names.ts';
import type { SchedulerConfig } from '../scheduler/config/types.ts';
import type { ClusterOptions } from './contract.ts';
import { serviceRange } from './layout.ts';
import { keptSchedulerConfig, schedulerConfigOf } from './scheduler-settings.ts';
import type { ClusterSettings } from './settings.ts';

/** What a cluster serves and runs. */
export interface ClusterTerms {
  /** The range of cluster IPs. */
  readonly services: string;
  readonly legacyApis: boolean;
  readonly runtimeConfig: ClusterOptions['runtimeConfig'];
  readonly apis: ServedApis;
  readonly admission: ClusterOptions['admission'];
  /** Which controllers run. */
  readonly chosen: readonly string[];
  readonly schedulerConfig: SchedulerConfig | undefined;
}

/** A new cluster gets what the options ask for, one that is there what it was made with. Throws what is wrong with them. */
export function termsOf(
  options: ClusterOptions,
  stored: ClusterSettings | undefined,
  onDisk: string | undefined,
): ClusterTerms {
  const services = stored?.subnets.services ?? serviceRange;
  const { legacyApis = true, runtimeConfig, admission } = stored ?? options;
  const apis = servedApis({ legacyApis, runtimeConfig });
  const chosen = (stored ? stored.controllers : options.controllers) ?? defaultControllers;
  // What a cluster was made with stands, even where another krill no longer knows a name of it.
  const problems = stored ? [] : problemsOfChoice(options.controllers ?? []);
  if (problems.length > 0) throw new Error(`these controllers cannot be chosen: ${problems.join('; ')}`);
  const unserved = stored ? [] : problemsOfRuntimeConfig(runtimeConfig ?? {});
  if (unserved.length > 0) throw new Error(`these API versions cannot be chosen: ${unserved.join('; ')}`);
  const unfit = stored || !admission ? [] : problemsOfAdmission(admission);
  if (unfit.length > 0) throw new Error(`these admission plugins cannot be chosen: ${unfit.join('; ')}`);
  const schedulerText = options.schedulerConfig ?? (onDisk ? keptSchedulerConfig(onDisk) : undefined);
  const schedulerConfig = schedulerText === undefined ? undefined : schedulerConfigOf(schedulerText, options.log);
  return { services, legacyApis, runtimeConfig, apis, admission, chosen, schedulerConfig };
}

/** What is wrong with the plugins that are asked for, and with how they are configured; empty where a cluster can have them. */
export function problemsOfAdmission(choice: NonNullable<ClusterOptions['admission']>): string[] {
  const problems = problemsOfPlugins(choice);
  return problems.length > 0 ? problems : problemsOfConfiguration(choice.enable ?? [], choice.configuration ?? {});
}

/** The settings that a new cluster keeps; where its machines are is found out later. */
export function newSettings(options: ClusterOptions, terms: ClusterTerms, port: number): ClusterSettings {
  const { legacyApis, runtimeConfig, admission, services } = terms;
  return {
    format: 1,
    name: options.name,
    uid: options.ids.uid(),
    runtime: options.runtime,
    nodes: options.nodes,
    ...(options.simulatedNodes && { simulatedNodes: options.simulatedNodes }),
    ...(options.nodeTemplate && { nodeTemplate: options.nodeTemplate }),
    port,
    hostReach: { apiPort: 0, dnsPort: 0 },
    subnets: { nodes: '', pods: '', services },
    legacyApis,
    ...(runtimeConfig && { runtimeConfig }),
    ...(admission && { admission }),
    ...(options.controllers && { controllers: options.controllers }),
    createdAt: timestamp(options.clock.wall()),
  };
}
