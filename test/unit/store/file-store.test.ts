import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../../src/base/clock.ts';
import { openFileStore } from '../../../src/store/file-store.ts';
import { storeContract, workerUp } from './contract.ts';

storeContract('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'krill-store-'));
  const clock = new ManualClock();
  const store = openFileStore({ folder, clock });
  await workerUp(store);
  return {
    store,
    clock,
    dispose: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
