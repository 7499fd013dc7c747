import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const docker = (...args: string[]) => spawnSync('docker', args, { encoding: 'utf8' });
const words = (text: string) => text.split(/\s+/).filter(Boolean);

/** Whether a Docker engine answers. */
export const engineAnswers = () => docker('version').status === 0;

/** The image of the pods that are measured; built (it is assembled, not pulled) where it is missing. */
export function ensureTestImage(): void {
  if (docker('image', 'inspect', 'krill-test/web:1').status === 0) return;
  const built = spawnSync('sh', [fileURLToPath(new URL('../images/test/build.sh', import.meta.url))], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the test image could not be built: ${built.stderr}`);
}

/** Removes krill's node image from the engine; says why not where a cluster uses it. */
export function removeNodeImage(): string | undefined {
  for (const image of words(docker('image', 'ls', 'krill/node', '--format', '{{.Repository}}:{{.Tag}}').stdout)) {
    const users = words(docker('ps', '-a', '--filter', `ancestor=${image}`, '--format', '{{.Names}}').stdout);
    if (users.length > 0) return `${image} is used by ${users.join(', ')}`;
    const removed = docker('rmi', image);
    if (removed.status !== 0) return removed.stderr.trim();
  }
  return undefined;
}
