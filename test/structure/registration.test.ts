import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf, root, sourcesBelow } from './sources.ts';

/**
 * Ordered lists: a new thing is one file (or folder) plus one line in its list. A file that is missing from its list
 * never runs, and nothing else would tell.
 */
interface RegistrationList {
  /** The file that holds the list. */
  readonly list: string;
  /** The folder whose entries must all be in it. */
  readonly folder: string;
  /** Whether the entries are files (`name.ts`) or folders (`name/`). */
  readonly entries: 'files' | 'folders';
  /** Files beside the entries that are not entries, each with its reason. */
  readonly helpers?: Readonly<Record<string, string>>;
}

const lists: readonly RegistrationList[] = [
  { list: 'src/controllers/index.ts', folder: 'src/controllers', entries: 'folders' },
  { list: 'src/scheduler/plugins/index.ts', folder: 'src/scheduler/plugins', entries: 'files' },
  { list: 'src/cli/commands/index.ts', folder: 'src/cli/commands', entries: 'files' },
  {
    list: 'src/kubelet/volumes/index.ts',
    folder: 'src/kubelet/volumes',
    entries: 'files',
    helpers: {
      'claim-place': 'what persistentVolumeClaim and ephemeral volumes share',
      'key-files': 'what configMap and secret volumes share',
      'pod-volumes': 'all volumes of one pod',
      'volume-type': 'the contract of an entry',
    },
  },
  {
    list: 'src/apiserver/filters/chain.ts',
    folder: 'src/apiserver/filters',
    entries: 'files',
    helpers: { filter: 'the contract of an entry' },
  },
  {
    list: 'src/apiserver/admission/order.ts',
    folder: 'src/apiserver/admission',
    entries: 'files',
    helpers: {
      admission: 'the contract of an entry, and how the list is run',
      'plugin-names': 'which plugins there are upstream, and which of them are on',
    },
  },
];

const present = lists.filter(({ list }) => existsSync(join(root, list)));

test('there are lists to check', () => {
  expect(present.length).toBeGreaterThan(0);
});

test.each(present)('$folder is all in $list, once', ({ list, folder, entries, helpers = {} }) => {
  const source = sourcesBelow(dirname(list)).find((s) => s.path === list)!;
  const imported = importsOf(source).map(({ to }) => to);
  const names = readdirSync(join(root, folder), { withFileTypes: true })
    .filter((e) => (entries === 'folders' ? e.isDirectory() : e.isFile() && e.name.endsWith('.ts')))
    .map((e) => e.name)
    .filter((name) => join(folder, name) !== list && !helpers[basename(name, '.ts')]);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const prefix = entries === 'folders' ? `${folder}/${name}/` : `${folder}/${name}`;
    expect(imported.filter((to) => to.startsWith(prefix)).length, `${prefix} in ${list}`).toBeGreaterThan(0);
  }
});
