import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SystemClock } from '../../../src/base/clock.ts';
import { kubeconfigText, mergeKubeconfig, removeFromKubeconfig } from '../../../src/cli/kubeconfig.ts';

const clock = new SystemClock();
const access = { url: 'https://127.0.0.1:6443', caPem: 'ca', certPem: 'cert', keyPem: 'key' };
let folder: string;
let path: string;
let env: Record<string, string>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'krill-kubeconfig-'));
  path = join(folder, 'config');
  env = { KUBECONFIG: path };
});
afterEach(() => rmSync(folder, { recursive: true }));

const theirs = `# mine, do not touch
apiVersion: v1
kind: Config
clusters:
- {name: work, cluster: {server: "https://work:443"}} # the office
users:
- name: me
  user: {token: s3cret}
contexts:
- name: work
  context: {cluster: work, user: me}
current-context: work
preferences: {colors: true}
`;

const loaded = () => {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return config;
};

test('a new kubeconfig is what other clients read', async () => {
  expect(await mergeKubeconfig(env, clock, 'dev', access)).toBe(path);
  expect(readFileSync(path, 'utf8')).toBe(kubeconfigText('dev', access));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const config = loaded();
  expect(config.getCurrentContext()).toBe('krill-dev');
  expect(config.getCurrentCluster()).toMatchObject({ server: access.url, caData: btoa('ca') });
  expect(config.getCurrentUser()).toMatchObject({ certData: btoa('cert'), keyData: btoa('key') });
});

test('what others wrote stays as it was, and a backup too', async () => {
  writeFileSync(path, theirs, { mode: 0o640 });
  await mergeKubeconfig(env, clock, 'dev', access);
  const config = loaded();
  expect(config.getContexts().map((c) => c.name)).toEqual(['work', 'krill-dev']);
  expect(config.getCurrentContext()).toBe('krill-dev');
  expect(readFileSync(path, 'utf8')).toContain('# mine, do not touch');
  expect(readFileSync(path, 'utf8')).toContain('# the office');
  expect(readFileSync(`${path}.krill-backup`, 'utf8')).toBe(theirs);
  expect(statSync(path).mode & 0o777).toBe(0o640);
  await removeFromKubeconfig(env, clock, 'dev');
  expect(
    loaded()
      .getContexts()
      .map((c) => c.name),
  ).toEqual(['work']);
  expect(
    loaded()
      .getUsers()
      .map((u) => u.name),
  ).toEqual(['me']);
  expect(readFileSync(path, 'utf8')).not.toContain('krill');
});

test('merging again replaces the entry', async () => {
  await mergeKubeconfig(env, clock, 'dev', access);
  await mergeKubeconfig(env, clock, 'dev', { ...access, url: 'https://127.0.0.1:7443' });
  expect(
    loaded()
      .getClusters()
      .map((c) => c.server),
  ).toEqual(['https://127.0.0.1:7443']);
});

test('twenty clusters at once lose none of them', async () => {
  writeFileSync(path, theirs);
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
  await Promise.all(names.map((name) => mergeKubeconfig(env, clock, name, access)));
  expect(
    new Set(
      loaded()
        .getContexts()
        .map((c) => c.name),
    ),
  ).toEqual(new Set(['work', ...names.map((n) => `krill-${n}`)]));
  await Promise.all(names.map((name) => removeFromKubeconfig(env, clock, name)));
  expect(
    loaded()
      .getContexts()
      .map((c) => c.name),
  ).toEqual(['work']);
  expect(existsSync(`${path}.lock`)).toBe(false);
});

test('another context that became current stays so', async () => {
  await mergeKubeconfig(env, clock, 'a', access);
  await mergeKubeconfig(env, clock, 'b', access);
  await removeFromKubeconfig(env, clock, 'a');
  expect(loaded().getCurrentContext()).toBe('krill-b');
  await removeFromKubeconfig(env, clock, 'b');
  expect(loaded().getContexts()).toEqual([]);
});

test('a file that is not YAML is left alone', async () => {
  writeFileSync(path, '{ not: [yaml');
  await expect(mergeKubeconfig(env, clock, 'dev', access)).rejects.toThrow('is not valid YAML');
  expect(readFileSync(path, 'utf8')).toBe('{ not: [yaml');
  expect(existsSync(`${path}.lock`)).toBe(false);
});

test('a link stays a link', async () => {
  const real = join(folder, 'real');
  writeFileSync(real, theirs);
  symlinkSync(real, path);
  await mergeKubeconfig(env, clock, 'dev', access);
  expect(readFileSync(real, 'utf8')).toContain('krill-dev');
  expect(readFileSync(path, 'utf8')).toBe(readFileSync(real, 'utf8'));
});

test('a lock that was left behind is broken', async () => {
  writeFileSync(`${path}.lock`, '');
  utimesSync(`${path}.lock`, 1, 1);
  await mergeKubeconfig(env, clock, 'dev', access);
  expect(loaded().getCurrentContext()).toBe('krill-dev');
});

test('new entries go into the first of several files, and go from all', async () => {
  const second = join(folder, 'second');
  writeFileSync(second, kubeconfigText('dev', access));
  env = { KUBECONFIG: `${path}:${second}` };
  await mergeKubeconfig(env, clock, 'dev', access);
  expect(existsSync(path)).toBe(true);
  await removeFromKubeconfig(env, clock, 'dev');
  expect(readFileSync(path, 'utf8') + readFileSync(second, 'utf8')).not.toContain('krill');
});
