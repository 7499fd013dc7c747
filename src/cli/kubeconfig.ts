import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { withFileLock } from './file-lock.ts';
import type { World } from './world.ts';

/** How to reach a cluster as its administrator. */
export interface AdminAccess {
  readonly url: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export const contextName = (cluster: string): string => `krill-${cluster}`;

/** The YAML library is loaded only when there is something to keep. */
const editor = () => import('./kubeconfig-document.ts');

/** Loads what editing takes, for a command that has to wait anyway; a failure shows when it edits. */
export const loadEditor = (): Promise<void> =>
  editor().then(
    () => undefined,
    () => undefined,
  );

const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Entries {
  readonly clusters: { name: string; cluster: object };
  readonly users: { name: string; user: object };
  readonly contexts: { name: string; context: object };
}

const lists = ['clusters', 'users', 'contexts'] as const;

function entriesOf(cluster: string, access: AdminAccess): Entries {
  const name = contextName(cluster);
  return {
    clusters: { name, cluster: { server: access.url, 'certificate-authority-data': base64(access.caPem) } },
    users: {
      name,
      user: { 'client-certificate-data': base64(access.certPem), 'client-key-data': base64(access.keyPem) },
    },
    contexts: { name, context: { cluster: name, user: name } },
  };
}

/** A kubeconfig with one cluster in it. JSON is YAML, but people read these files. */
export function kubeconfigText(cluster: string, access: AdminAccess): string {
  const { clusters, users, contexts } = entriesOf(cluster, access);
  const block = (value: object) =>
    Object.entries(value)
      .map(([key, text]) => `    ${key}: ${text}\n`)
      .join('');
  return `apiVersion: v1
kind: Config
clusters:
- name: ${clusters.name}
  cluster:
${block(clusters.cluster)}users:
- name: ${users.name}
  user:
${block(users.user)}contexts:
- name: ${contexts.name}
  context:
${block(contexts.context)}current-context: ${contexts.name}
`;
}

/** The files kubectl reads, in its order; new entries go into the first. */
export function kubeconfigPaths(env: World['env']): string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? listed : [join(env['HOME'] || homedir(), '.kube', 'config')];
}

/** Puts a cluster into the user's kubeconfig and makes it the current context; returns the file's path. */
export async function mergeKubeconfig(
  env: World['env'],
  clock: Clock,
  cluster: string,
  access: AdminAccess,
): Promise<string> {
  const path = kubeconfigPaths(env)[0]!;
  await change(path, clock, async (text) => {
    if (text.trim() === '') return kubeconfigText(cluster, access);
    const { KubeconfigDocument } = await editor();
    const document = new KubeconfigDocument(path, text);
    const entries = entriesOf(cluster, access);
    for (const list of lists) document.put(list, entries[list]);
    document.currentContext = contextName(cluster);
    return document.toString();
  });
  return path;
}

/** Takes a cluster out of every kubeconfig of the user. */
export async function removeFromKubeconfig(env: World['env'], clock: Clock, cluster: string): Promise<void> {
  const name = contextName(cluster);
  for (const path of kubeconfigPaths(env)) {
    if (!existsSync(path) || !readFileSync(path, 'utf8').includes(name)) continue;
    await change(path, clock, async (text) => {
      const { KubeconfigDocument } = await editor();
      const document = new KubeconfigDocument(path, text);
      for (const list of lists) document.drop(list, name);
      if (document.currentContext === name) document.currentContext = '';
      return document.toString();
    });
  }
}

/** Reads, changes and replaces a file under its lock; the former content stays beside it as a backup. */
async function change(path: string, clock: Clock, edit: (text: string) => Promise<string>): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await withFileLock(`${path}.lock`, { clock, waitMs: 10_000, staleMs: 10_000 }, async () => {
    const existing = existsSync(path);
    // A link stays a link: its target is what changes.
    const target = existing ? realpathSync(path) : path;
    const before = existing ? readFileSync(target, 'utf8') : '';
    const after = await edit(before);
    if (after === before) return;
    const mode = existing ? statSync(target).mode & 0o777 : 0o600;
    if (existing) copyFileSync(target, `${target}.krill-backup`);
    const draft = `${target}.krill-${process.pid}`;
    writeFileSync(draft, after, { mode });
    renameSync(draft, target);
  });
}
