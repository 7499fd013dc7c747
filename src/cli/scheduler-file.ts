import { readFileSync } from 'node:fs';
import { CliError } from './errors.ts';

/** Reads and checks the file of --scheduler-config: a server should not have to fail for what can be seen before. */
export async function readSchedulerFile(path: string): Promise<string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new CliError(
      `--scheduler-config ${path} cannot be read`,
      why,
      'give the path of a KubeSchedulerConfiguration',
    );
  }
  const { schedulerConfigProblems } = await import('../cluster/scheduler-settings.ts');
  const problems = schedulerConfigProblems(text);
  if (problems.length === 0) return text;
  throw new CliError(
    `--scheduler-config ${path} is no configuration that the scheduler can work with`,
    problems.join('\n         '),
    `correct the file; the fields are described in https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/`,
  );
}
