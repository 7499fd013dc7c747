import { groupFacts } from './discovery-facts.ts';
import { parseBool } from './go-bool.ts';
import type { GroupFacts } from './group-facts.ts';
import { apiVersionOf } from './object.ts';
import { optionalGroupFacts } from './optional-facts.ts';

/**
 * kube-apiserver's `--runtime-config`: which API versions, or single resources of them, are on or off. Keys are `api/all`,
 * `api/ga`, `api/beta`, `api/alpha`, `GROUP/VERSION` and `GROUP/VERSION/RESOURCE`; the core group is written `v1` or `/v1`.
 * Source of rules and texts: apiserver `server/resourceconfig` and `server/options` APIEnablementOptions.
 */
export type RuntimeConfig = Readonly<Record<string, boolean>>;

/** Keys that mean many versions, from the weakest to the strongest. */
const matchers: Readonly<Record<string, RegExp>> = {
  'api/all': /^/,
  'api/ga': /^v\d+$/,
  'api/beta': /^v\d+beta\d+$/,
  'api/alpha': /^v\d+alpha\d+$/,
};

/** Served by another server upstream, which kube-apiserver's options say nothing about. */
const foreignGroups: ReadonlySet<string> = new Set(['metrics.k8s.io']);

const ownGroups = (groups: readonly GroupFacts[]) => groups.filter(({ group }) => !foreignGroups.has(group));
const byDefault = ownGroups(groupFacts);
const known = [...byDefault, ...ownGroups(optionalGroupFacts)];

/** "v1" and "/v1" are the same, as are "v1/pods" and "/v1/pods". */
const canonical = (key: string): string => (/^v\d+(?:\/|$)/.test(key) ? `/${key}` : key);

/** A configuration as it is written on a command line: `KEY=BOOL`, with commas between. */
export const runtimeConfigText = (config: RuntimeConfig): string =>
  Object.entries(config)
    .map(([key, on]) => `${key}=${on}`)
    .join();

/** Reads `KEY=BOOL,...`; a key alone switches on. What is wrong with it is in `problems`. */
export function parseRuntimeConfig(text: string): { readonly config: RuntimeConfig; readonly problems: string[] } {
  const config: Record<string, boolean> = {};
  const problems: string[] = [];
  for (const entry of text.split(',')) {
    const [key = '', value = ''] = entry.split(/=(.*)/s).map((part) => part.trim());
    // A key alone switches on.
    const on = value === '' ? true : parseBool(value);
    if (Object.hasOwn(matchers, key) && value !== 'true' && value !== 'false')
      problems.push(`invalid value ${key}=${value}`);
    else if (on === undefined) {
      problems.push(
        `invalid value of ${key}: ${value}, err: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`,
      );
    } else config[canonical(key)] = on;
  }
  return { config, problems: [...problems, ...problemsOfRuntimeConfig(config)] };
}

/** What is wrong with a configuration, an entry each; empty when a cluster can be made with it. */
export function problemsOfRuntimeConfig(config: RuntimeConfig): string[] {
  const keys = Object.keys(config);
  if (config['api/all'] === false && keys.length === 1) return ['invalid runtime-config with only api/all=false'];
  const problems = keys.flatMap((key) => problemOfKey(key) ?? []);
  const missed = neededVersions(config);
  if (missed.length > 0)
    problems.push(`the parts of krill work with ${missed.join(', ')}: they cannot be switched off`);
  return problems;
}

function problemOfKey(key: string): string | undefined {
  if (Object.hasOwn(matchers, key)) return undefined;
  const [group = '', version, resource, ...rest] = key.split('/');
  if (version === undefined || rest.length > 0) return `runtime-config invalid key ${key}`;
  const groups = known.filter((facts) => facts.group === group);
  if (groups.length === 0) return `unknown api groups ${group}/${version}`;
  const versions = groups.flatMap((facts) => facts.versions).filter((facts) => facts.version === version);
  if (versions.length === 0) return `group version ${apiVersionOf({ group, version })} that has not been registered`;
  if (resource === undefined) return undefined;
  if (resource !== resource.toLowerCase()) {
    return `invalid key ${key}: group/version/resource and resource is always lowercase plural, not ${JSON.stringify(resource)}`;
  }
  if (versions.some((facts) => facts.resources.some((r) => r.resource === resource))) return undefined;
  return `unknown resource ${resource} of ${apiVersionOf({ group, version })}`;
}

/**
 * Whether a configuration leaves a resource on. Of what it says about it the most special counts: the resource, its version,
 * then alpha, beta or GA versions, then all.
 */
export function isSwitchedOn(
  config: RuntimeConfig,
  { group, version, resource }: { readonly group: string; readonly version: string; readonly resource: string },
  onByDefault: boolean,
): boolean {
  if (foreignGroups.has(group)) return onByDefault;
  const special = config[`${group}/${version}/${resource}`] ?? config[`${group}/${version}`];
  if (special !== undefined) return special;
  const matching = Object.keys(matchers).filter((key) => config[key] !== undefined && matchers[key]!.test(version));
  return matching.length > 0 ? config[matching.at(-1)!]! : onByDefault;
}

/** The versions with resources that krill's own parts need and that are off: all that objects are stored in. */
function neededVersions(config: RuntimeConfig): string[] {
  const needed = byDefault.flatMap((facts) => facts.versions);
  return needed
    .filter(({ group, version, resources }) =>
      resources.some(
        ({ resource, storageVersion = version }) =>
          storageVersion === version && !isSwitchedOn(config, { group, version, resource }, true),
      ),
    )
    .map(apiVersionOf);
}
