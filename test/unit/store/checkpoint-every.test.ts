import { expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { Checkpoint, Log } from '../../../src/store/log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { RevisionStore } from '../../../src/store/revision-store.ts';
import { plainCodec } from '../../../src/store/row-codec.ts';
import { checkpointRows } from '../../../src/store/store-options.ts';

/** A log that takes checkpoints and tells of each. */
function tellingLog(saved: number[]): Log {
  return Object.assign(new MemoryLog(), {
    readable: true,
    saveCheckpoint: async ({ revision }: Checkpoint) => void saved.push(revision),
  }) as Log;
}

test('a store that writes much leaves checkpoints behind while it runs: a killed one need not read everything again', async () => {
  const saved: number[] = [];
  const log = tellingLog(saved);
  const clock = new ManualClock();
  const store = new RevisionStore({ log, codec: plainCodec, clock, ids: new SystemIds(), logger: silentLogger });
  const key = { resource: 'configmaps', namespace: 'default', name: 'one' };
  const object = () => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'default' } });
  let { revision } = await store.create(key, object());
  for (let i = 0; i < checkpointRows - 10; i++) ({ revision } = await store.update(key, object(), revision));
  await clock.advance(10_000);
  ({ revision } = await store.update(key, object(), revision));
  expect(saved).toEqual([]);
  for (let i = 0; i < 20; i++) ({ revision } = await store.update(key, object(), revision));
  await clock.advance(10_000);
  await store.update(key, object(), revision);
  await expect.poll(() => saved.length).toBe(1);
  expect(saved[0]).toBeGreaterThanOrEqual(checkpointRows);
  await store.close();
});
