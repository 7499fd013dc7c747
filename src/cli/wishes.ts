import { parseRuntimeConfig, type RuntimeConfig } from '../api/runtime-config.ts';
import type { AdmissionChoice } from '../apiserver/admission/plugin-names.ts';
import { problemsOfChoice } from '../controllers/names.ts';
import type { NodeTemplate } from '../node/runtime.ts';
import { admissionChoice } from './admission-choice.ts';
import type { OptionValues } from './command.ts';
import { CliError } from './errors.ts';
import { readSchedulerFile } from './scheduler-file.ts';

/** What the options ask for; undefined where they leave it open. */
export interface Wanted {
  readonly nodes: number | undefined;
  readonly simulatedNodes: number | undefined;
  readonly nodeTemplate: NodeTemplate | undefined;
  readonly runtime: 'docker' | 'simulated' | 'auto' | undefined;
  readonly port: number | undefined;
  readonly legacyApis: boolean | undefined;
  readonly runtimeConfig: RuntimeConfig | undefined;
  readonly admission: AdmissionChoice | undefined;
  readonly controllers: readonly string[] | undefined;
  /** The text of a KubeSchedulerConfiguration. */
  readonly schedulerConfig: string | undefined;
  readonly waitMs: number;
}

/** Reads the options of `krill up`. Throws `CliError`. */
export async function wantedOf(options: OptionValues): Promise<Wanted> {
  const whole = (flag: string, least: number, most: number): number | undefined => {
    const text = options[flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new CliError(`--${flag} ${text} is not possible`, `it must be a whole number from ${least} to ${most}`);
  };
  const runtime = options['runtime'];
  const template = options['nodeTemplate'];
  if (runtime !== undefined && runtime !== 'docker' && runtime !== 'simulated' && runtime !== 'auto') {
    throw new CliError(`--runtime ${runtime} is not possible`, 'it must be docker, simulated or auto');
  }
  const schedulerFile = options['schedulerConfig'];
  return {
    nodes: whole('nodes', 0, 10_000),
    simulatedNodes: whole('simulated-nodes', 0, 10_000),
    nodeTemplate:
      typeof template === 'string' ? (await import('./node-template.ts')).readNodeTemplate(template) : undefined,
    runtime,
    port: whole('port', 0, 65_535),
    legacyApis: legacyChoice(options['legacyApis']),
    runtimeConfig: runtimeChoice(options['runtimeConfig']),
    admission: await admissionChoice(options),
    controllers: controllersChoice(options['controllers']),
    schedulerConfig: typeof schedulerFile === 'string' ? await readSchedulerFile(schedulerFile) : undefined,
    waitMs: (whole('wait', 0, 86_400) ?? 120) * 1000,
  };
}

function legacyChoice(choice: OptionValues[string]): boolean | undefined {
  if (choice === undefined) return undefined;
  if (choice === true || choice === 'true') return true;
  if (choice === 'false') return false;
  throw new CliError(`--legacy-apis ${choice} is not possible`, 'it must be true or false');
}

function runtimeChoice(choice: OptionValues[string]): RuntimeConfig | undefined {
  if (typeof choice !== 'string') return undefined;
  const { config, problems } = parseRuntimeConfig(choice);
  if (problems.length === 0) return config;
  throw new CliError(`--runtime-config ${choice} is not possible`, problems.join('; '));
}

function controllersChoice(choice: OptionValues[string]): string[] | undefined {
  if (typeof choice !== 'string') return undefined;
  const entries = choice.split(',').map((entry) => entry.trim());
  const problems = problemsOfChoice(entries);
  if (problems.length === 0) return entries;
  throw new CliError(`--controllers ${choice} is not possible`, problems.join('; '));
}
