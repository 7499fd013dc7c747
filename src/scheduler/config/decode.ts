import { ConformError, conform } from '../../api/conform.ts';
import { hasTypeFacts, typeFacts } from '../../api/facts.ts';
import { parseYaml, YamlError } from '../../api/yaml.ts';
import type { PluginSets } from './plugin-sets.ts';
import type { ExtenderConfig } from './types.ts';

export const group = 'kubescheduler.config.k8s.io';
export const apiVersion = `${group}/v1`;
const kind = 'KubeSchedulerConfiguration';

/** The file as it is written, its types checked. */
export interface WrittenConfig {
  parallelism?: number;
  percentageOfNodesToScore?: number;
  podInitialBackoffSeconds?: number;
  podMaxBackoffSeconds?: number;
  profiles?: WrittenProfile[];
  extenders?: ExtenderConfig[];
}

export interface WrittenProfile {
  schedulerName?: string;
  percentageOfNodesToScore?: number;
  plugins?: PluginSets;
  pluginConfig?: { name: string; args?: Record<string, unknown> }[];
}

/** What is wrong with a scheduler's configuration: one finding a line, each with upstream's text. */
export class SchedulerConfigError extends Error {
  readonly findings: readonly string[];

  constructor(findings: readonly string[]) {
    super(findings.join('\n'));
    this.name = 'SchedulerConfigError';
    this.findings = findings;
  }
}

const strict = (findings: readonly string[]) => `strict decoding error: ${findings.join(', ')}`;
const fail = (...findings: string[]): never => {
  throw new SchedulerConfigError(findings);
};

/** What means something to a process of its own, with threads, and nothing to a part of this one. */
const meaningless = [
  'parallelism',
  'leaderElection',
  'clientConnection',
  'enableProfiling',
  'enableContentionProfiling',
  'delayCacheUntilActive',
];

export interface DecodedConfig {
  readonly config: WrittenConfig;
  /** The fields that are set and mean nothing here. */
  readonly ignored: readonly string[];
}

/** Reads a file, YAML or JSON. Throws `SchedulerConfigError`. */
export function decodeConfig(text: string): DecodedConfig {
  const { tree, duplicates } = parse(text);
  checkType(tree);
  const ignored = meaningless.filter((field) => tree[field] !== undefined);
  const { value, unknown } = conformed('KubeSchedulerConfiguration', tree);
  const findings = [
    ...(duplicates.length > 0 ? [['yaml: unmarshal errors:', ...duplicates].join('\n  ')] : []),
    ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  ];
  if (findings.length > 0) fail(strict(findings));
  const config = value as WrittenConfig;
  decodeArgs(config.profiles ?? []);
  return { config, ignored };
}

function parse(text: string): { readonly tree: Record<string, unknown>; readonly duplicates: readonly string[] } {
  try {
    const { value, duplicates } = parseYaml(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { tree: value as Record<string, unknown>, duplicates };
    }
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    fail(`couldn't get version/kind; json parse error: error converting YAML to JSON: ${error.message}`);
  }
  return fail(`Object 'Kind' is missing in ${JSON.stringify(text.slice(0, 60))}`);
}

function checkType(tree: Record<string, unknown>): void {
  if (!tree['kind']) fail(`Object 'Kind' is missing in ${JSON.stringify(JSON.stringify(tree).slice(0, 60))}`);
  if (!tree['apiVersion']) fail(`Object 'apiVersion' is missing: it must be ${apiVersion}`);
  if (tree['kind'] !== kind || tree['apiVersion'] !== apiVersion) {
    fail(
      `no kind ${JSON.stringify(tree['kind'])} is registered for version ${JSON.stringify(tree['apiVersion'])}: ` +
        `a scheduler is configured by a ${kind} of ${apiVersion}`,
    );
  }
}

function conformed(type: string, tree: Record<string, unknown>) {
  try {
    return conform(typeFacts(`kubescheduler/v1.${type}`), tree, false);
  } catch (error) {
    if (error instanceof ConformError) fail(error.message);
    throw error;
  }
}

/** Arguments are objects of a type that goes by the plugin's name. Others are not looked at, as upstream does. */
function decodeArgs(profiles: readonly WrittenProfile[]): void {
  const findings: string[] = [];
  for (const [i, { pluginConfig = [] }] of profiles.entries()) {
    for (const [j, entry] of pluginConfig.entries()) {
      const type = `${entry.name}Args`;
      if (!hasTypeFacts(`kubescheduler/v1.${type}`)) continue;
      const place = `decoding .profiles[${i}].pluginConfig[${j}]: `;
      const args = entry.args ?? {};
      checkArgsType(place, entry.name, args);
      const { value, unknown } = decodeOne(place, entry.name, args);
      entry.args = value as Record<string, unknown>;
      if (unknown.length === 0) continue;
      const what = strict(unknown.map((path) => `unknown field ${JSON.stringify(path)}`));
      findings.push(`${place}${strict([`decoding args for plugin ${entry.name}: ${what}`])}`);
    }
  }
  if (findings.length > 0) fail(strict(findings));
}

function checkArgsType(place: string, plugin: string, args: Record<string, unknown>): void {
  const wanted = `${plugin}Args`;
  const got = (args['kind'] as string | undefined) || wanted;
  if (got !== wanted) {
    fail(`${place}args for plugin ${plugin} were not of type ${wanted}.${group}, got ${got}.${group}`);
  }
  const version = args['apiVersion'] || apiVersion;
  if (version !== apiVersion) {
    fail(`${place}decoding args for plugin ${plugin}: no kind "${wanted}" is registered for version "${version}"`);
  }
}

function decodeOne(place: string, plugin: string, args: Record<string, unknown>) {
  try {
    return conformed(`${plugin}Args`, args);
  } catch (error) {
    if (error instanceof SchedulerConfigError) fail(`${place}decoding args for plugin ${plugin}: ${error.message}`);
    throw error;
  }
}
