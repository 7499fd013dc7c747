import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type AdmissionChoice, pluginNames, problemsOfPlugins } from '../apiserver/admission/plugin-names.ts';
import type { OptionValues } from './command.ts';
import { CliError } from './errors.ts';

/** Which admission plugins the options ask for; undefined where they ask for none. Throws what is wrong with them. */
export async function admissionChoice(options: OptionValues): Promise<AdmissionChoice | undefined> {
  const enable = namesOf(options['enableAdmissionPlugins']);
  const disable = namesOf(options['disableAdmissionPlugins']);
  const problems = problemsOfPlugins({ ...(enable && { enable }), ...(disable && { disable }) });
  if (problems.length > 0)
    throw new CliError(
      'these admission plugins are not possible',
      problems.join('; '),
      `choose among ${pluginNames.join(', ')}`,
    );
  const file = options['admissionControlConfigFile'];
  const configuration = typeof file === 'string' ? await readConfiguration(file) : undefined;
  if (!enable && !disable && !configuration) return undefined;
  const choice = { ...(enable && { enable }), ...(disable && { disable }), ...(configuration && { configuration }) };
  if (enable || configuration) await refuseUnconfigured(choice);
  return choice;
}

const namesOf = (choice: OptionValues[string]): string[] | undefined =>
  typeof choice === 'string'
    ? choice
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
    : undefined;

async function readConfiguration(file: string): Promise<AdmissionChoice['configuration']> {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new CliError(
        '--admission-control-config-file is not possible',
        `unable to read admission control configuration from ${JSON.stringify(path)} [${(error as Error).message}]`,
      );
    }
  };
  const [{ readAdmissionConfiguration }, { ConfigurationError }] = await Promise.all([
    import('../apiserver/admission/configuration/admission-configuration.ts'),
    import('../apiserver/admission/configuration/fields.ts'),
  ]);
  try {
    return readAdmissionConfiguration(read(file), (path) => read(resolve(dirname(file), path)));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new CliError(`--admission-control-config-file ${file} is not possible`, error.message);
  }
}

/** A server should not have to fail for what can be seen before. */
async function refuseUnconfigured({ enable = [], configuration = {} }: AdmissionChoice): Promise<void> {
  const { problemsOfConfiguration } = await import('../apiserver/admission/configuration/admission-configuration.ts');
  const problems = problemsOfConfiguration(enable, configuration);
  if (problems.length > 0)
    throw new CliError(
      'these admission plugins are not possible',
      problems.join('; '),
      'configure them by --admission-control-config-file FILE',
    );
}
