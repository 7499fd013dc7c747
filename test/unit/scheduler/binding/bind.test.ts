import { expect, test } from 'vitest';
import { notFound } from '../../../../src/api/status.ts';
import { BindError, bind } from '../../../../src/scheduler/binding/bind.ts';
import type { Plugin } from '../../../../src/scheduler/plugin.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { pod } from '../kit.ts';

const { signal } = new AbortController();
const info = podInfo(pod({ name: 'p' }));

/** Plugins by name that skip the pod, bind it or fail; resolves with who was asked. */
async function asked(how: Record<string, 'skips' | 'binds' | Error>): Promise<string[]> {
  const names: string[] = [];
  const binders = Object.entries(how).map(
    ([name, what]): Plugin => ({
      name,
      bind: async (_, node) => {
        names.push(`${name} ${node}`);
        if (what instanceof Error) throw what;
        return what === 'binds';
      },
    }),
  );
  await bind(binders, info, 'n', signal);
  return names;
}

test('the first plugin that does not skip the pod binds it', async () => {
  expect(await asked({ A: 'skips', B: 'binds', C: 'binds' })).toEqual(['A n', 'B n']);
});

test('a plugin that fails ends it, and is named', async () => {
  await expect(asked({ A: 'skips', B: new Error('no'), C: 'binds' })).rejects.toThrow('running Bind plugin "B": no');
});

test('a pod that is gone is told from other failures', async () => {
  const failure = (error: Error) => asked({ A: error }).catch((thrown: BindError) => thrown.gone);
  expect(await failure(notFound({ group: '', resource: 'pods' }, 'p'))).toBe(true);
  expect(await failure(new Error('no'))).toBe(false);
});

test('somebody must bind the pod', async () => {
  await expect(asked({ A: 'skips' })).rejects.toThrow(BindError);
});
