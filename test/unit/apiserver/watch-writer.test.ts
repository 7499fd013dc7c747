import { expect, test } from 'vitest';
import { WatchWriter } from '../../../src/apiserver/encoding/watch-writer.ts';

/** A client that takes nothing. */
function stuckStream() {
  const writes: string[] = [];
  const state = { buffered: 0, destroyed: false, ended: false, drained: () => {} };
  return {
    writes,
    state,
    write: (data: Buffer | string) => {
      writes.push(data.toString('latin1', 0, 40));
      state.buffered += data.length;
      return false;
    },
    get buffered() {
      return state.buffered;
    },
    onDrain: (run: () => void) => {
      state.drained = run;
    },
    end: () => {
      state.ended = true;
    },
    destroy: () => {
      state.destroyed = true;
    },
  };
}

test('frames of one turn are one write', async () => {
  const stream = stuckStream();
  const writer = new WatchWriter(stream, () => {});
  writer.send(Buffer.from('a\n'));
  writer.send(Buffer.from('b\n'));
  expect(stream.writes).toEqual([]);
  await null;
  expect(stream.writes).toEqual(['a\nb\n']);
});

test('a watcher that takes nothing is cut off, and costs no more memory', async () => {
  const stream = stuckStream();
  let cut = 0;
  const writer = new WatchWriter(stream, () => cut++);
  const frame = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < 40; i++) {
    writer.send(frame);
    await null;
  }
  expect(stream.state.destroyed).toBe(true);
  expect(cut).toBe(1);
  expect(stream.state.buffered).toBeLessThan(18 * 1024 * 1024);
});

test('who has much to read still is waited for', async () => {
  const stream = stuckStream();
  const writer = new WatchWriter(stream, () => {});
  writer.send(Buffer.alloc(1024));
  expect(writer.room()).toBeUndefined();
  expect(stream.writes).toHaveLength(1);
  writer.send(Buffer.alloc(2 * 1024 * 1024));
  const room = writer.room();
  let waited = false;
  void room?.then(() => (waited = true));
  await null;
  expect([room, waited]).toEqual([expect.any(Promise), false]);
  stream.state.drained();
  await room;
  expect(waited).toBe(true);
});
