import { decodeConfig, SchedulerConfigError, type WrittenConfig, type WrittenProfile } from './decode.ts';
import { argsOf } from './defaults.ts';
import type { KnownPlugin } from './known-plugins.ts';
import { expandPlugins, PluginSetError } from './plugin-sets.ts';
import type { ExtenderConfig, PluginArgs, Profile, SchedulerConfig } from './types.ts';
import { type Unchecked, validateConfig } from './validate.ts';

export interface ReadConfig {
  readonly config: SchedulerConfig;
  /** Fields that are set and mean nothing here. */
  readonly ignored: readonly string[];
}

const defaultName = 'default-scheduler';

/**
 * Reads a KubeSchedulerConfiguration, YAML or JSON. `known` are the plugins there are, in the order of the defaults.
 * Throws `SchedulerConfigError`.
 */
export function readSchedulerConfig(text: string, known: readonly KnownPlugin[]): ReadConfig {
  const { config, ignored } = decodeConfig(text);
  return { config: complete(config, known), ignored };
}

/** What a scheduler does that nobody has configured. */
export const defaultSchedulerConfig = (known: readonly KnownPlugin[]): SchedulerConfig => complete({}, known);

function complete(config: WrittenConfig, known: readonly KnownPlugin[]): SchedulerConfig {
  const given = config.profiles?.length ? config.profiles : [{}];
  // Of several profiles each must say which one it is.
  const profiles =
    given.length === 1 ? [{ ...given[0], schedulerName: given[0]!.schedulerName ?? defaultName }] : given;
  const unchecked: Unchecked = {
    parallelism: config.parallelism ?? 16,
    percentageOfNodesToScore: config.percentageOfNodesToScore ?? 0,
    podInitialBackoffSeconds: config.podInitialBackoffSeconds ?? 1,
    podMaxBackoffSeconds: config.podMaxBackoffSeconds ?? 10,
    profiles: profiles.map((profile) => ({ written: profile, args: argsOf(profile) })),
    extenders: config.extenders ?? [],
  };
  const { errors } = validateConfig(unchecked);
  if (errors.length > 0) throw new SchedulerConfigError(errors.map(({ text: finding }) => finding));
  const { podInitialBackoffSeconds, podMaxBackoffSeconds, extenders } = unchecked;
  return {
    podInitialBackoffSeconds,
    podMaxBackoffSeconds,
    extenders,
    profiles: profiles.map((profile) => profileOf(profile, unchecked, known)),
  };
}

/** What profiles take over from the whole. */
type Whole = Pick<Unchecked, 'percentageOfNodesToScore' | 'extenders'>;

function profileOf(profile: WrittenProfile, whole: Whole, known: readonly KnownPlugin[]): Profile {
  const schedulerName = profile.schedulerName!;
  try {
    return {
      schedulerName,
      percentageOfNodesToScore: profile.percentageOfNodesToScore ?? whole.percentageOfNodesToScore,
      plugins: expandPlugins(schedulerName, profile.plugins ?? {}, known),
      args: leavingToExtenders(argsOf(profile), whole.extenders),
    };
  } catch (error) {
    if (!(error instanceof PluginSetError)) throw error;
    throw new SchedulerConfigError([
      `initializing profiles: creating profile for scheduler name ${schedulerName}: ${error.message}`,
    ]);
  }
}

/** Resources that an extender sees to alone do not count for whether a pod fits. */
function leavingToExtenders(args: PluginArgs, extenders: readonly ExtenderConfig[]): PluginArgs {
  const theirs = extenders
    .flatMap(({ managedResources = [] }) => managedResources)
    .flatMap(({ name, ignoredByScheduler }) => (ignoredByScheduler ? [name] : []));
  if (theirs.length === 0) return args;
  const { NodeResourcesFit: fit } = args;
  return { ...args, NodeResourcesFit: { ...fit, ignoredResources: [...(fit.ignoredResources ?? []), ...theirs] } };
}
