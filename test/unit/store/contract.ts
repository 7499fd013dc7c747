import { afterEach, describe, expect, test } from 'vitest';
import type { KubeObject, Mutable } from '../../../src/api/object.ts';
import type { ManualClock } from '../../../src/base/clock.ts';
import {
  type Change,
  Compacted,
  FutureRevision,
  KeyExists,
  KeyMissing,
  RevisionMismatch,
  type Store,
  type StoreKey,
  type WatchOptions,
} from '../../../src/store/store.ts';

/** A store under test, and the clock it runs on. */
export interface Subject {
  readonly store: Store;
  readonly clock: ManualClock;
  dispose(): Promise<void>;
}

export const pod = (name: string, namespace = 'default'): StoreKey => ({ resource: 'pods', namespace, name });

export function object(key: StoreKey, fields: Record<string, unknown> = {}): Mutable<KubeObject> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: key.name, ...(key.namespace && { namespace: key.namespace }) },
    ...fields,
  } as Mutable<KubeObject>;
}

/** A copy one may change. */
export function draft(value: KubeObject): Mutable<KubeObject> {
  return structuredClone(value) as Mutable<KubeObject>;
}

/** Resolves when the worker of a file store writes: it alone compacts. */
export async function workerUp(store: Store): Promise<void> {
  const key = { resource: 'leases', namespace: 'default', name: 'first' };
  await store.create(key, object(key));
  await store.compact(store.revision);
}

/** Collects a watch; `until` waits on what arrives, never on time. */
export class Recorder {
  readonly changes: Change[] = [];
  ended: Error | undefined;
  #wake: () => void = () => undefined;
  readonly watch;

  constructor(store: Store, options: WatchOptions, resource = 'pods') {
    this.watch = store.watch(resource, options, {
      changes: (changes) => {
        this.changes.push(...changes);
        this.#wake();
      },
      end: (error) => {
        this.ended = error;
        this.#wake();
      },
    });
  }

  async until(done: (recorder: this) => boolean): Promise<this> {
    while (!done(this)) await new Promise<void>((resolve) => void (this.#wake = resolve));
    return this;
  }

  count(n: number): Promise<this> {
    return this.until(() => this.changes.length >= n);
  }

  /** `TYPE name@revision` of everything seen. */
  get seen(): string[] {
    return this.changes.map(({ type, entry }) => `${type} ${entry.key.name}@${entry.revision}`);
  }
}

const names = (page: { entries: readonly { key: StoreKey }[] }) =>
  page.entries.map(({ key }) => `${key.namespace}/${key.name}`);

/** What every store does, whatever it writes to. Headings follow the storage tests of k8s.io/apiserver. */
export function storeContract(kind: string, open: () => Promise<Subject>): void {
  describe(`${kind} store`, () => {
    const subjects: Subject[] = [];
    const fresh = async () => {
      const subject = await open();
      subjects.push(subject);
      return subject.store;
    };
    afterEach(async () => {
      for (const subject of subjects.splice(0)) await subject.dispose();
    });

    describe('create', () => {
      test('assigns the next revision, writes it into the object and freezes it', async () => {
        const store = await fresh();
        const before = store.revision;
        const entry = await store.create(pod('a'), object(pod('a'), { spec: { list: [{ x: 1 }] } }));
        expect(entry.revision).toBe(before + 1);
        expect(entry.object.metadata.resourceVersion).toBe(String(entry.revision));
        expect(JSON.parse(entry.bytes.toString())).toEqual(entry.object);
        expect(Object.isFrozen((entry.object['spec'] as { list: object[] }).list[0])).toBe(true);
        expect(store.get(pod('a'))).toBe(entry);
        expect(store.revision).toBe(entry.revision);
      });

      test('refuses a live key, committed or not', async () => {
        const store = await fresh();
        const first = store.create(pod('a'), object(pod('a')));
        await expect(store.create(pod('a'), object(pod('a')))).rejects.toThrow(KeyExists);
        await first;
        await expect(store.create(pod('a'), object(pod('a')))).rejects.toThrow(KeyExists);
      });

      test('the first revision is not 0, which means any', async () => {
        const store = await fresh();
        expect(store.revision).toBeGreaterThan(0);
        expect(store.list('pods').revision).toBe(store.revision);
      });

      test('shows a write to head at once and to get only when it is durable', async () => {
        const store = await fresh();
        const writing = store.create(pod('a'), object(pod('a')));
        expect(store.head(pod('a'))).toBeDefined();
        expect(store.get(pod('a'))).toBeUndefined();
        expect(store.list('pods').entries).toHaveLength(0);
        const entry = await writing;
        expect(store.get(pod('a'))).toBe(entry);
      });

      test('keeps names apart that join to the same text', async () => {
        const store = await fresh();
        await store.create(pod('b', 'a'), object(pod('b', 'a')));
        await store.create(pod('a', 'b'), object(pod('a', 'b')));
        await store.create({ resource: 'nodes', namespace: '', name: 'a' }, object(pod('a', '')));
        expect(store.get(pod('b', 'a'))?.key.name).toBe('b');
        expect(store.get({ resource: 'nodes', namespace: '', name: 'a' })).toBeDefined();
        expect(names(store.list('pods'))).toEqual(['a/b', 'b/a']);
      });

      test('text of any script survives', async () => {
        const store = await fresh();
        const text = 'Größe 測試 \u{1f980} \u2028 " \\';
        const entry = await store.create(pod('a'), object(pod('a'), { text }));
        expect(JSON.parse(entry.bytes.toString()).text).toBe(text);
      });
    });

    describe('update', () => {
      test('takes the expected revision only', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a')));
        const two = await store.update(pod('a'), object(pod('a'), { n: 2 }), one.revision);
        expect(two.revision).toBe(one.revision + 1);
        await expect(store.update(pod('a'), object(pod('a')), one.revision)).rejects.toThrow(RevisionMismatch);
        await expect(store.update(pod('b'), object(pod('b')), 1)).rejects.toThrow(KeyMissing);
        expect(store.get(pod('a'))?.object['n']).toBe(2);
      });

      test('compares with the pending head', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a')));
        const pending = store.update(pod('a'), object(pod('a'), { n: 2 }), one.revision);
        await expect(store.update(pod('a'), object(pod('a')), one.revision)).rejects.toThrow(RevisionMismatch);
        const next = store.update(pod('a'), object(pod('a'), { n: 3 }), store.head(pod('a'))!.revision);
        await Promise.all([pending, next]);
        expect(store.get(pod('a'))?.object['n']).toBe(3);
      });

      test('of many writers that race from one revision exactly one wins', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a')));
        const results = await Promise.allSettled(
          Array.from({ length: 20 }, (_, n) => store.update(pod('a'), object(pod('a'), { n }), one.revision)),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });
    });

    describe('delete', () => {
      test('returns the last state at the revision of the deletion', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a'), { n: 1 }));
        const gone = await store.delete(pod('a'), one.revision);
        expect(gone.revision).toBe(one.revision + 1);
        expect(gone.object).toMatchObject({ n: 1, metadata: { resourceVersion: String(gone.revision) } });
        expect(JSON.parse(gone.bytes.toString())).toEqual(gone.object);
        expect(store.get(pod('a'))).toBeUndefined();
        expect(one.object.metadata.resourceVersion).toBe(String(one.revision));
      });

      test('takes a last state of its own', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a')));
        const gone = await store.delete(pod('a'), one.revision, { lastState: object(pod('a'), { phase: 'Failed' }) });
        expect(gone.object).toMatchObject({ phase: 'Failed', metadata: { resourceVersion: String(gone.revision) } });
      });

      test('refuses other revisions, missing keys and doubles', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a')));
        await expect(store.delete(pod('a'), one.revision + 7)).rejects.toThrow(RevisionMismatch);
        await expect(store.delete(pod('b'), 1)).rejects.toThrow(KeyMissing);
        const deleting = store.delete(pod('a'), one.revision);
        await expect(store.delete(pod('a'), one.revision)).rejects.toThrow(KeyMissing);
        await deleting;
      });

      test('a key may be created again, before its deletion is even durable', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a')));
        const deleting = store.delete(pod('a'), one.revision);
        const again = await store.create(pod('a'), object(pod('a'), { n: 2 }));
        await deleting;
        expect(store.get(pod('a'))).toBe(again);
        expect(store.count('pods')).toBe(1);
      });
    });

    describe('list', () => {
      const filled = async () => {
        const store = await fresh();
        for (const [namespace, name] of [
          ['b', 'z'],
          ['a', 'y'],
          ['b', 'a'],
          ['a', 'x'],
          ['c', 'm'],
        ] as const) {
          await store.create(pod(name, namespace), object(pod(name, namespace)));
        }
        return store;
      };

      test('is in order of namespace and name', async () => {
        const store = await filled();
        expect(names(store.list('pods'))).toEqual(['a/x', 'a/y', 'b/a', 'b/z', 'c/m']);
        expect(names(store.list('pods', { namespace: 'b' }))).toEqual(['b/a', 'b/z']);
        expect(names(store.list('pods', { namespace: 'none' }))).toEqual([]);
        expect(names(store.list('secrets'))).toEqual([]);
      });

      test('pages are consistent with the first one and say how much remains', async () => {
        const store = await filled();
        const first = store.list('pods', { limit: 2 });
        expect([names(first), first.more, first.remaining]).toEqual([['a/x', 'a/y'], true, 3]);
        await store.create(pod('b', 'b'), object(pod('b', 'b')));
        await store.delete(pod('m', 'c'), store.get(pod('m', 'c'))!.revision);
        await store.update(pod('z', 'b'), object(pod('z', 'b'), { n: 2 }), store.get(pod('z', 'b'))!.revision);
        await store.delete(pod('x', 'a'), store.get(pod('x', 'a'))!.revision);
        const after = first.entries.at(-1)!.key;
        const second = store.list('pods', { limit: 2, after, revision: first.revision });
        expect([names(second), second.more, second.remaining]).toEqual([['b/a', 'b/z'], true, 1]);
        expect(second.entries[1]!.object['n']).toBeUndefined();
        const third = store.list('pods', { limit: 2, after: second.entries.at(-1)!.key, revision: first.revision });
        expect([names(third), third.more, third.remaining]).toEqual([['c/m'], false, undefined]);
        expect(names(store.list('pods'))).toEqual(['a/y', 'b/a', 'b/b', 'b/z']);
      });

      test('remaining counts the namespace only', async () => {
        const store = await filled();
        expect(store.list('pods', { namespace: 'a', limit: 1 }).remaining).toBe(1);
        expect(store.list('pods', { namespace: 'b', limit: 2 }).more).toBe(false);
      });

      test('skipped entries do not count against the limit, and more means more of those kept', async () => {
        const store = await filled();
        const page = store.list('pods', { limit: 2, keep: ({ key }) => key.namespace === 'b' });
        expect([names(page), page.more, page.remaining]).toEqual([['b/a', 'b/z'], false, undefined]);
        const less = store.list('pods', { limit: 1, keep: ({ key }) => key.namespace === 'b' });
        expect([names(less), less.more, less.remaining]).toEqual([['b/a'], true, undefined]);
      });

      test('at any revision since the floor shows what held then', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a'), { n: 1 }));
        const two = await store.update(pod('a'), object(pod('a'), { n: 2 }), one.revision);
        const gone = await store.delete(pod('a'), two.revision);
        const again = await store.create(pod('a'), object(pod('a'), { n: 4 }));
        const at = (revision: number) => store.list('pods', { revision }).entries.map((entry) => entry.object['n']);
        expect([one, two, gone, again].map(({ revision }) => at(revision))).toEqual([[1], [2], [], [4]]);
        expect(() => at(again.revision + 1)).toThrow(FutureRevision);
      });

      test('by an index finds its value only, now and then', async () => {
        const store = await fresh();
        store.defineIndex('pods', 'node', (value) => (value['node'] as string) || undefined);
        const a = await store.create(pod('a'), object(pod('a'), { node: 'n1' }));
        const b = await store.create(pod('b'), object(pod('b')));
        const onNode = (value: string, revision?: number) =>
          names(store.list('pods', { index: { name: 'node', value }, ...(revision && { revision }) }));
        expect(onNode('n1')).toEqual(['default/a']);
        await store.update(pod('b'), object(pod('b'), { node: 'n1' }), b.revision);
        await store.update(pod('a'), object(pod('a'), { node: 'n2' }), a.revision);
        expect([onNode('n1'), onNode('n2'), onNode('n3')]).toEqual([['default/b'], ['default/a'], []]);
        expect(onNode('n1', b.revision)).toEqual(['default/a']);
        expect(() => store.list('pods', { index: { name: 'other', value: '' } })).toThrow('no index other');
      });

      test('stays in order and counts through many inserts and removals', async () => {
        const store = await fresh();
        const all = Array.from({ length: 3000 }, (_, n) => `p${(n * 7919) % 3000}`);
        await Promise.all(all.map((name) => store.create(pod(name, `ns${name.length}`), object(pod(name)))));
        await Promise.all(
          all
            .filter((_, n) => n % 3 === 0)
            .map((name) => {
              const key = pod(name, `ns${name.length}`);
              return store.delete(key, store.get(key)!.revision);
            }),
        );
        const expected = all
          .filter((_, n) => n % 3 !== 0)
          .map((name) => `ns${name.length}/${name}`)
          .sort();
        const seen: string[] = [];
        let after: StoreKey | undefined;
        for (;;) {
          const page = store.list('pods', { limit: 333, ...(after && { after }) });
          seen.push(...names(page));
          expect(page.remaining ?? 0).toBe(expected.length - seen.length);
          after = page.entries.at(-1)?.key;
          if (!page.more) break;
        }
        expect(seen).toEqual(expected);
        expect(store.count('pods')).toBe(expected.length);
        expect(store.count('pods', 'ns5')).toBe(expected.filter((name) => name.startsWith('ns5/')).length);
      });
    });

    describe('watch', () => {
      test('replays what came after the revision, then goes on live, without gap or double', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a')));
        const two = await store.create(pod('b'), object(pod('b')));
        const recorder = new Recorder(store, { after: one.revision });
        const three = await store.update(pod('a'), object(pod('a')), one.revision);
        await recorder.count(2);
        const four = await store.delete(pod('b'), two.revision);
        await recorder.count(3);
        expect(recorder.seen).toEqual([
          `ADDED b@${two.revision}`,
          `MODIFIED a@${three.revision}`,
          `DELETED b@${four.revision}`,
        ]);
        expect(recorder.changes[1]!.previous).toBe(one);
        expect(recorder.changes[2]!.previous).toBe(two);
        expect(recorder.changes[2]!.entry.object.metadata.resourceVersion).toBe(String(four.revision));
      });

      test('replays long pasts whole while writes go on', async () => {
        const store = await fresh();
        const start = store.revision;
        const write = (n: number) => store.create(pod(`p${n}`), object(pod(`p${n}`)));
        await Promise.all(Array.from({ length: 1500 }, (_, n) => write(n)));
        const recorder = new Recorder(store, { after: start });
        await Promise.all(Array.from({ length: 50 }, (_, n) => write(2000 + n)));
        await recorder.count(1550);
        const revisions = recorder.changes.map(({ entry }) => entry.revision);
        expect(revisions).toEqual(Array.from({ length: 1550 }, (_, n) => start + 1 + n));
      });

      test('delivers in a later turn', async () => {
        const store = await fresh();
        const start = store.revision;
        await store.create(pod('a'), object(pod('a')));
        const recorder = new Recorder(store, { after: start });
        expect(recorder.changes).toHaveLength(0);
        await recorder.count(1);
      });

      test('by namespace and by name hears nothing else', async () => {
        const store = await fresh();
        const after = store.revision;
        const inB = new Recorder(store, { after, namespace: 'b' });
        const named = new Recorder(store, { after, namespace: 'a', name: 'x' });
        const anyX = new Recorder(store, { after, name: 'x' });
        for (const key of [pod('x', 'a'), pod('y', 'a'), pod('x', 'b'), pod('last', 'b')]) {
          await store.create(key, object(key));
        }
        await inB.count(2);
        await anyX.count(2);
        await named.count(1);
        expect(inB.changes.map(({ entry }) => entry.key.name)).toEqual(['x', 'last']);
        expect(named.changes.map(({ entry }) => entry.key.namespace)).toEqual(['a']);
        expect(anyX.changes.map(({ entry }) => entry.key.namespace)).toEqual(['a', 'b']);
      });

      test('by an index hears changes into and out of its value, live and replayed', async () => {
        const store = await fresh();
        store.defineIndex('pods', 'node', (value) => (value['node'] as string) || undefined);
        const after = store.revision;
        const index = { name: 'node', value: 'n1' };
        const live = new Recorder(store, { after, index });
        await new Promise(setImmediate);
        const one = await store.create(pod('a'), object(pod('a')));
        const two = await store.update(pod('a'), object(pod('a'), { node: 'n1' }), one.revision);
        const three = await store.update(pod('a'), object(pod('a'), { node: 'n2' }), two.revision);
        await store.delete(pod('a'), three.revision);
        const other = await store.create(pod('b'), object(pod('b'), { node: 'n1' }));
        const replayed = new Recorder(store, { after, index });
        const expected = [`MODIFIED a@${two.revision}`, `MODIFIED a@${three.revision}`, `ADDED b@${other.revision}`];
        expect((await live.count(3)).seen).toEqual(expected);
        expect((await replayed.count(3)).seen).toEqual(expected);
      });

      test('watchers of other names and values are not even asked', async () => {
        const store = await fresh();
        let read = 0;
        let asked = 0;
        store.defineIndex('pods', 'node', (value) => {
          read++;
          return value['node'] as string;
        });
        const after = store.revision;
        const counted = (name: string): WatchOptions => ({
          after,
          get name() {
            asked++;
            return name;
          },
        });
        const foreign = Array.from({ length: 500 }, (_, n) => [
          new Recorder(store, { after, index: { name: 'node', value: `n${n}` } }),
          new Recorder(store, counted(`p${n}`)),
          new Recorder(store, { ...counted(`p${n}`), namespace: 'default' }),
        ]);
        const all = new Recorder(store, { after });
        await new Promise(setImmediate);
        asked = 0;
        await store.create(pod('other'), object(pod('other'), { node: 'n500' }));
        await all.count(1);
        expect({ asked, read }).toEqual({ asked: 0, read: 1 });
        await store.create(pod('p7'), object(pod('p7'), { node: 'n7' }));
        for (const recorder of foreign[7]!) await recorder.count(1);
        expect(foreign.flat().filter((recorder) => recorder.changes.length > 0)).toEqual(foreign[7]);
      });

      test('the past waits for who has no room, and comes whole', async () => {
        const store = await fresh();
        const after = store.revision;
        for (let n = 0; n < 1200; n++) void store.create(pod(`p${n}`), object(pod(`p${n}`)));
        await store.flush();
        const gate = Promise.withResolvers<void>();
        let changes = 0;
        let stalls = 0;
        const { promise: done, resolve } = Promise.withResolvers<void>();
        const watch = store.watch(
          'pods',
          { after },
          {
            changes: (some) => {
              changes += some.length;
              if (changes === 1200) resolve();
            },
            room: () => (changes > 0 && stalls++ === 0 ? gate.promise : undefined),
          },
        );
        while (stalls === 0) await new Promise(setImmediate);
        const sent = changes;
        await new Promise(setImmediate);
        expect(changes).toBe(sent);
        expect(sent).toBeLessThan(1200);
        gate.resolve();
        await done;
        watch.close();
      });

      test('every watcher sees one order', async () => {
        const store = await fresh();
        const after = store.revision;
        const recorders = Array.from({ length: 5 }, () => new Recorder(store, { after }));
        await Promise.all(
          Array.from({ length: 40 }, async (_, n) => {
            const key = pod(`p${n % 7}`);
            const head = store.head(key);
            if (head) await store.update(key, object(key, { n }), head.revision);
            else await store.create(key, object(key, { n }));
          }),
        );
        for (const recorder of recorders) await recorder.count(40);
        for (const recorder of recorders) expect(recorder.seen).toEqual(recorders[0]!.seen);
      });

      test('progress moves on with foreign writes', async () => {
        const store = await fresh();
        const recorder = new Recorder(store, { after: store.revision, namespace: 'quiet' });
        await new Promise(setImmediate);
        const entry = await store.create(pod('a', 'loud'), object(pod('a', 'loud')));
        await store.flush();
        expect(recorder.watch.progress).toBe(entry.revision);
        expect(recorder.changes).toHaveLength(0);
      });

      test('a closed watch hears nothing more', async () => {
        const store = await fresh();
        const recorder = new Recorder(store, { after: store.revision });
        recorder.watch.close();
        await store.create(pod('a'), object(pod('a')));
        await new Promise(setImmediate);
        expect(recorder.changes).toHaveLength(0);
        expect(recorder.ended).toBeUndefined();
      });

      test('from the future or from below the floor is refused', async () => {
        const store = await fresh();
        const first = await store.create(pod('a'), object(pod('a')));
        await store.create(pod('b'), object(pod('b')));
        await store.create(pod('c'), object(pod('c')));
        expect(() => new Recorder(store, { after: store.revision + 1 })).toThrow(FutureRevision);
        await store.compact(first.revision + 1);
        expect(() => new Recorder(store, { after: first.revision })).toThrow(Compacted);
      });

      test('ends when the store closes', async () => {
        const store = await fresh();
        const recorder = new Recorder(store, { after: store.revision });
        await store.close();
        await recorder.until(({ ended }) => ended !== undefined);
      });
    });

    describe('compaction', () => {
      test('forgets superseded versions and tombstones, and nothing that lists above the floor need', async () => {
        const store = await fresh();
        const one = await store.create(pod('a'), object(pod('a'), { n: 1 }));
        const two = await store.update(pod('a'), object(pod('a'), { n: 2 }), one.revision);
        const gone = await store.create(pod('b'), object(pod('b')));
        const deletion = await store.delete(pod('b'), gone.revision);
        const three = await store.update(pod('a'), object(pod('a'), { n: 3 }), two.revision);
        const four = await store.update(pod('a'), object(pod('a'), { n: 4 }), three.revision);
        await store.compact(deletion.revision);
        expect(store.floor).toBe(deletion.revision);
        expect(() => store.list('pods', { revision: deletion.revision })).toThrow(Compacted);
        const at = (revision: number) => store.list('pods', { revision }).entries.map((entry) => entry.object['n']);
        expect([at(three.revision), at(four.revision)]).toEqual([[3], [4]]);
        const recorder = new Recorder(store, { after: three.revision });
        expect((await recorder.count(1)).seen).toEqual([`MODIFIED a@${four.revision}`]);
      });

      test('up to the newest revision still allows to list and to watch from now', async () => {
        const store = await fresh();
        await store.create(pod('a'), object(pod('a')));
        await store.create(pod('b'), object(pod('b')));
        await store.compact(store.revision);
        const { revision } = store.list('pods');
        expect(names(store.list('pods', { revision }))).toEqual(['default/a', 'default/b']);
        const recorder = new Recorder(store, { after: revision });
        const three = await store.create(pod('c'), object(pod('c')));
        expect((await recorder.count(1)).seen).toEqual([`ADDED c@${three.revision}`]);
        await expect(store.compact(store.revision + 1)).rejects.toThrow(FutureRevision);
      });

      test('is not noticed by a live watch', async () => {
        const store = await fresh();
        const recorder = new Recorder(store, { after: store.revision });
        const entries = [];
        for (let n = 0; n < 5; n++) {
          entries.push(await store.create(pod(`p${n}`), object(pod(`p${n}`))));
          await store.compact(store.revision);
        }
        await recorder.count(5);
        expect(recorder.seen).toEqual(entries.map(({ key, revision }) => `ADDED ${key.name}@${revision}`));
      });
    });

    describe('lazy writes', () => {
      test('join the next batch in their order', async () => {
        const store = await fresh();
        const lazy = store.create(pod('lazy'), object(pod('lazy')), { lazy: true });
        await new Promise(setImmediate);
        expect(store.get(pod('lazy'))).toBeUndefined();
        const eager = await store.create(pod('eager'), object(pod('eager')));
        expect((await lazy).revision).toBe(eager.revision - 1);
      });

      test('are durable after a second at the latest', async () => {
        const subject = await open();
        subjects.push(subject);
        const lazy = subject.store.create(pod('lazy'), object(pod('lazy')), { lazy: true });
        await subject.clock.advance(999);
        expect(subject.store.get(pod('lazy'))).toBeUndefined();
        await subject.clock.advance(1);
        expect((await lazy).key.name).toBe('lazy');
      });

      test('flush does not wait for the second', async () => {
        const store = await fresh();
        const lazy = store.create(pod('lazy'), object(pod('lazy')), { lazy: true });
        await store.flush();
        expect(store.get(pod('lazy'))).toBe(await lazy);
      });
    });

    test('flush does not wait for writes that come after it, close lets those before it finish', async () => {
      const store = await fresh();
      let writing = true;
      const lane = async () => {
        for (let n = 0; writing; n++) await store.create(pod(`p${n}`), object(pod(`p${n}`)));
      };
      const busy = lane();
      await store.flush();
      await store.flush();
      writing = false;
      const last = store.create(pod('last'), object(pod('last')));
      const closing = store.close();
      await expect(store.create(pod('late'), object(pod('late')))).rejects.toThrow('closed');
      await expect(last).resolves.toBeDefined();
      await Promise.allSettled([busy, closing]);
    });

    test('after close writes are refused', async () => {
      const store = await fresh();
      await store.close();
      await expect(store.create(pod('a'), object(pod('a')))).rejects.toThrow('closed');
    });
  });
}
