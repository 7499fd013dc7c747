import { posix } from 'node:path';
import type { HostFolders } from '../../node/runtime.ts';
import { volumesFolder } from './names.ts';
import type { DockerNodes } from './nodes.ts';
import { quote } from './shell.ts';
import { hostRoot } from './wiring.ts';

/** Folders of the engine's host. Any node that runs can see to them, since all nodes have the one host. */
export class DockerFolders implements HostFolders {
  readonly #cluster: string;
  readonly #nodes: Pick<DockerNodes, 'all'>;

  constructor(cluster: string, nodes: Pick<DockerNodes, 'all'>) {
    this.#cluster = cluster;
    this.#nodes = nodes;
  }

  volumes(node?: string): string {
    return volumesFolder(this.#cluster, node);
  }

  isVolume(path: string): boolean {
    const folder = posix.dirname(path);
    if (posix.resolve('/', path) !== path) return false;
    const node = posix.basename(posix.dirname(folder));
    return folder === this.volumes() || folder === this.volumes(node);
  }

  async make(path: string, signal: AbortSignal): Promise<void> {
    const at = `"$H"${quote(path)}`;
    await this.#run(`[ -d ${at} ] || { mkdir -p ${at} && chmod 777 ${at}; }`, signal);
  }

  async remove(path: string, signal: AbortSignal): Promise<void> {
    await this.#run(`rm -rf "$H"${quote(path)}`, signal);
  }

  async #run(script: string, signal: AbortSignal): Promise<void> {
    const node = this.#nodes.all().find((candidate) => candidate.runs);
    if (!node) throw new Error('no node runs that could see to the folders of volumes');
    await node.files.run(`${hostRoot}\n${script}`, signal);
  }
}
