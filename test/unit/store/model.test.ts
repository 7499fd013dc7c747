import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { openFileStore } from '../../../src/store/file-store.ts';
import { createMemoryStore } from '../../../src/store/memory-store.ts';
import type { RevisionStore } from '../../../src/store/revision-store.ts';
import type { StoreKey } from '../../../src/store/store.ts';
import { object, pod, Recorder } from './contract.ts';

/** What the store is compared with: every change ever made, in order, and nothing clever. */
class Model {
  readonly changes: { type: string; key: StoreKey; revision: number; n: number }[] = [];

  at(revision: number): string[] {
    const state = new Map<string, string>();
    for (const change of this.changes) {
      if (change.revision > revision) break;
      const id = `${change.key.namespace}/${change.key.name}`;
      if (change.type === 'DELETED') state.delete(id);
      else state.set(id, `${id}@${change.revision}=${change.n}`);
    }
    return [...state.values()].sort();
  }

  after(revision: number): string[] {
    return this.changes
      .filter((change) => change.revision > revision)
      .map(({ type, key, revision: at }) => `${type} ${key.name}@${at}`);
  }
}

type Step =
  | { readonly op: 'put' | 'delete'; readonly key: StoreKey; readonly lazy: boolean }
  | { readonly op: 'settle' | 'reopen' | 'watch' }
  | { readonly op: 'compact'; readonly percent: number };

const key = fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 5 })).map(([ns, n]) => pod(`p${n}`, ns));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ op: fc.constant('put' as const), key, lazy: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('delete' as const), key, lazy: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('settle' as const, 'watch' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('reopen' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('compact' as const), percent: fc.integer({ min: 0, max: 100 }) }),
  },
);

const listed = (store: RevisionStore, revision: number) =>
  store
    .list('pods', { revision })
    .entries.map(({ key, revision: at, object: value }) => `${key.namespace}/${key.name}@${at}=${value['n']}`)
    .sort();

/** Runs the steps on a store and checks it against the model at every settled moment. */
async function follow(steps: readonly Step[], open: () => RevisionStore, reopens: boolean): Promise<void> {
  let store = open();
  const model = new Model();
  let n = 0;
  let recorders: { recorder: Recorder; after: number }[] = [];
  const pending: Promise<unknown>[] = [];

  const write = (wanted: Step & { op: 'put' | 'delete' }) => {
    const head = store.head(wanted.key);
    if (!head && wanted.op === 'delete') return;
    const value = object(wanted.key, { n: ++n });
    const options = { lazy: wanted.lazy };
    const writing =
      wanted.op === 'delete'
        ? store.delete(wanted.key, head!.revision, options)
        : head
          ? store.update(wanted.key, value, head.revision, options)
          : store.create(wanted.key, value, options);
    const type = wanted.op === 'delete' ? 'DELETED' : head ? 'MODIFIED' : 'ADDED';
    const current = n;
    pending.push(writing.then(({ revision }) => model.changes.push({ type, key: wanted.key, revision, n: current })));
  };

  const check = async () => {
    await store.flush();
    await Promise.all(pending.splice(0));
    model.changes.sort((a, b) => a.revision - b.revision);
    for (let revision = store.floor + 1; revision <= store.revision; revision++) {
      expect(listed(store, revision)).toEqual(model.at(revision));
    }
    expect(store.count('pods')).toBe(model.at(store.revision).length);
    for (const { recorder, after } of recorders) {
      const expected = model.after(after);
      await recorder.until(({ changes, ended }) => ended !== undefined || changes.length >= expected.length);
      if (!recorder.ended) expect(recorder.seen).toEqual(expected);
    }
  };

  try {
    for (const wanted of steps) {
      if (wanted.op === 'put' || wanted.op === 'delete') write(wanted);
      else if (wanted.op === 'watch') {
        const after = store.floor + 1 + (n % Math.max(1, store.revision - store.floor));
        recorders.push({ after, recorder: new Recorder(store, { after }) });
      } else if (wanted.op === 'compact') {
        const reach = store.revision - store.floor;
        await store.compact(store.floor + Math.floor((wanted.percent * reach) / 100));
      } else await check();
      if (wanted.op === 'reopen' && reopens) {
        const floor = store.floor;
        await store.close();
        recorders = [];
        store = open();
        expect(store.floor).toBe(floor);
        await check();
      }
    }
    await check();
  } finally {
    await store.close();
  }
}

describe('any history of writes, compactions, watches and restarts leaves the store as the model says', () => {
  test('in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), (steps) =>
        follow(steps, () => createMemoryStore({ clock: new ManualClock() }), false),
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test('in a file', { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const folder = mkdtempSync(join(tmpdir(), 'krill-model-'));
        try {
          await follow(steps, () => openFileStore({ folder, clock: new ManualClock() }), true);
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 8, seed: 2 },
    );
  });
});
