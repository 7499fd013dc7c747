import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docker = (...args: string[]) => spawnSync('docker', args, { encoding: 'utf8' });

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

/** A bundle whose node image the engine does not have: what other clusters use stays where it is. */
export interface UnknownImageBundle extends Disposable {
  readonly path: string;
}

/** A copy of the built bundle whose node image has a name of its own; the image is removed with the copy. */
export function unknownImageBundle(): UnknownImageBundle {
  const folder = mkdtempSync(join(tmpdir(), 'krill-bench-bundle-'));
  cpSync(fileURLToPath(new URL('../dist', import.meta.url)), folder, { recursive: true });
  const manifest = join(folder, 'node-image.json');
  const hash = randomBytes(32).toString('hex');
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), hash }));
  return {
    path: join(folder, 'krill.mjs'),
    [Symbol.dispose]() {
      docker('rmi', `krill/node:${hash.slice(0, 16)}`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
