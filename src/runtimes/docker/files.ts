import { dirname, posix } from 'node:path';
import type { PodFiles, VolumeFile } from '../../node/runtime.ts';
import { type NodeShell, quote } from './shell.ts';
import { hostRoot } from './wiring.ts';

const octal = (mode: number) => (mode & 0o7777).toString(8);

/** Words of the refusals upstream's kubelet gives for a hostPath that is not what its type says. */
const hostPathTypes: Readonly<Record<string, { test: string; make?: string; words: string }>> = {
  Directory: { test: '-d', words: 'is not a directory' },
  DirectoryOrCreate: { test: '-d', make: 'mkdir -p -m 755', words: 'is not a directory' },
  File: { test: '-f', words: 'is not a file' },
  FileOrCreate: { test: '-f', make: 'install -m 644 /dev/null', words: 'is not a file' },
  Socket: { test: '-S', words: 'is not a socket' },
  CharDevice: { test: '-c', words: 'is not a character device' },
  BlockDevice: { test: '-b', words: 'is not a block device' },
};

/** A pod's folders on the engine's host, written by the node, which has them mounted at the same paths. */
export class DockerPodFiles implements PodFiles {
  readonly #shell: () => NodeShell;
  readonly #disk: string;
  readonly #memory: string;
  readonly #volumes: () => Promise<void>;

  constructor(shell: () => NodeShell, disk: string, memory: string, removeVolumes: () => Promise<void>) {
    this.#shell = shell;
    this.#disk = disk;
    this.#memory = memory;
    this.#volumes = removeVolumes;
  }

  path(relative: string): string {
    return posix.join(this.#disk, relative);
  }

  memoryPath(relative: string): string {
    return posix.join(this.#memory, relative);
  }

  async ensureFolder(path: string, { mode, gid }: { mode: number; gid?: number }, signal: AbortSignal): Promise<void> {
    const at = quote(path);
    const owner = gid === undefined ? '' : ` && chgrp ${gid} ${at}`;
    await this.#run(`[ -d ${at} ] || { mkdir -p ${at}${owner} && chmod ${octal(mode)} ${at}; }`, signal);
  }

  /**
   * As upstream's atomic writer: the files of one version in a folder named by time, a link `..data` to it that is
   * renamed into place, and links from the volume's top through `..data`.
   */
  async writeVolume(
    path: string,
    files: readonly VolumeFile[],
    { gid }: { gid?: number },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#run(volumeScript(path, files, gid), signal);
  }

  async writeFile(path: string, content: string | Buffer, mode: number, signal: AbortSignal): Promise<void> {
    const folder = quote(dirname(path));
    const write = put(quote(path), Buffer.from(content));
    await this.#run(`mkdir -p ${folder}\n${write}\nchmod ${octal(mode)} ${quote(path)}`, signal);
  }

  async subPath(path: string, relative: string, signal: AbortSignal): Promise<string> {
    const parts = relative.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw new Error(`subPath must not contain '..': ${relative}`);
    const outside = quote(`subpath "${relative}" not within volume path ${path}`);
    const walk = parts.map((part, index) => {
      const name = quote(part);
      return [
        `[ -e ${name} ] || [ -L ${name} ] || mkdir -m 750 ${name}`,
        `t=$(readlink -f ${name} || true)`,
        `case "$t/" in "$base"/*) ;; *) echo ${outside}; exit 9;; esac`,
        index === parts.length - 1 ? `readlink -f ${name}` : `cd -P ${name}`,
      ].join('\n');
    });
    const output = await this.#run(`cd ${quote(path)}\nbase=$(pwd -P)\n${walk.join('\n') || 'pwd -P'}`, signal);
    return output.trim();
  }

  async checkHostPath(path: string, type: string, signal: AbortSignal): Promise<void> {
    const at = `"$H"${quote(path)}`;
    if (type === '') {
      await this.#run(`${hostRoot}\n[ -e ${at} ] || mkdir -p ${at}`, signal);
      return;
    }
    const rule = hostPathTypes[type];
    if (!rule) throw new Error(`unknown hostPath type "${type}"`);
    const script = [
      hostRoot,
      ...(rule.make ? [`[ -e ${at} ] || ${rule.make} ${at}`] : []),
      `[ ${rule.test} ${at} ] || { echo 'hostPath type check failed: '${quote(path)}' ${rule.words}'; exit 9; }`,
    ];
    await this.#run(script.join('\n'), signal);
  }

  async removeAll(signal: AbortSignal): Promise<void> {
    const folders = `${quote(this.#disk)} ${quote(this.#memory)}`;
    await Promise.all([this.#shell().run(`rm -rf ${folders}`, signal), this.#volumes()]);
  }

  async #run(script: string, signal: AbortSignal): Promise<string> {
    return this.#shell().run(`set -e\n${script}`, signal);
  }
}

/** Shell commands that give a file its content, keeping its inode. */
function put(target: string, content: Buffer): string {
  if (content.length === 0) return `: >${target}`;
  return `base64 -d >${target} <<'END'\n${content.toString('base64').replace(/.{1,76}/g, '$&\n')}END`;
}

function volumeScript(path: string, files: readonly VolumeFile[], gid: number | undefined): string {
  const lines = [
    `mkdir -p ${quote(path)} && cd ${quote(path)}`,
    'old=$(readlink ..data 2>/dev/null || true)',
    `new=..$(date -u +%Y_%m_%d_%H_%M_%S).$$$(cut -d' ' -f1 /proc/uptime | tr -d .)`,
    'mkdir "$new" && chmod 755 "$new"',
  ];
  const folders = new Set(files.map((f) => dirname(f.path)).filter((folder) => folder !== '.'));
  for (const folder of folders) lines.push(`mkdir -p "$new"/${quote(folder)}`);
  for (const file of files) {
    const at = `"$new"/${quote(file.path)}`;
    lines.push(put(at, file.content), `chmod ${octal(file.mode)} ${at}`);
    if (file.uid !== undefined) lines.push(`chown ${file.uid} ${at}`);
  }
  if (gid !== undefined) lines.push(`chgrp -R ${gid} "$new" . 2>/dev/null || true`, 'chmod g+rxs . "$new"');
  const tops = new Set(files.map((f) => f.path.split('/')[0]!));
  lines.push('ln -s "$new" ..data_tmp && mv -f -T ..data_tmp ..data');
  for (const top of tops) lines.push(`[ -L ${quote(top)} ] || ln -s ${quote(`..data/${top}`)} ${quote(top)}`);
  const keep = [...tops].map((top) => `${quote(top)}`).join('|');
  lines.push(
    'for f in * .[!.]*; do',
    '  [ -L "$f" ] || continue',
    `  case "$f" in ${keep ? `${keep}) ;; ` : ''}*) rm -f "$f";; esac`,
    'done',
    '[ -z "$old" ] || rm -rf "./$old"',
  );
  return lines.join('\n');
}
