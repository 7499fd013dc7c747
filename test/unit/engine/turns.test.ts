import { expect, test } from 'vitest';
import { Turns } from '../../../src/engine/turns.ts';

test('no task begins before the one before it has ended, whether that went well or not', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = turns.run(async () => {
    seen.push('first begins');
    await gates[0]!.promise;
    seen.push('first fails');
    throw new Error('first');
  });
  const second = turns.run(async () => {
    seen.push('second begins');
    await gates[1]!.promise;
    return 2;
  });
  gates[1]!.resolve();
  gates[0]!.resolve();
  await expect(first).rejects.toThrow('first');
  expect(await second).toBe(2);
  expect(seen).toEqual(['first begins', 'first fails', 'second begins']);
});
