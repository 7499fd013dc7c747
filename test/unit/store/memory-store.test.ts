import { ManualClock } from '../../../src/base/clock.ts';
import { createMemoryStore } from '../../../src/store/memory-store.ts';
import { storeContract } from './contract.ts';

storeContract('memory', async () => {
  const clock = new ManualClock();
  const store = createMemoryStore({ clock });
  return { store, clock, dispose: () => store.close() };
});
