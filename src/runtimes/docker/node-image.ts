import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../engine/engine.ts';

const repository = 'krill/node';

/**
 * The engine's name of the node image that lies in `assets` (node-image.tar.gz, node-image.json), imported on first
 * use. Nothing is ever pulled.
 */
export async function ensureNodeImage(engine: Engine, assets: string, signal: AbortSignal): Promise<string> {
  let manifest: { hash: string };
  try {
    manifest = JSON.parse(await readFile(join(assets, 'node-image.json'), 'utf8'));
  } catch (error) {
    throw new Error(
      `this krill was built without a node image (${join(assets, 'node-image.tar.gz')} is missing), so it cannot run Docker nodes. ` +
        'Build it where Debian packages can be fetched (apt-get, or an engine with a debian image), or use "--runtime simulated".',
      { cause: error },
    );
  }
  const tag = manifest.hash.slice(0, 16);
  const name = `${repository}:${tag}`;
  if (await engine.images.inspect(name, signal)) return name;
  const archive = await readFile(join(assets, 'node-image.tar.gz'));
  const changes = ['ENV PATH=/sbin:/bin', 'LABEL krill.image=node'];
  await engine.images.import(archive, { repo: repository, tag }, changes, signal);
  return name;
}
