import type { ListMeta } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Entry } from '../../store/store.ts';
import type { Served } from '../registry/served.ts';
import { bytesInVersion } from '../registry/versions.ts';
import { inSlices } from './slices.ts';

const comma = 0x2c;
const tail = Buffer.from(']}');

/** A list's JSON: the kept bytes of its items, one copy and nothing encoded. */
export function listBody(
  clock: Clock,
  served: Served,
  entries: readonly Entry[],
  metadata: ListMeta,
  allocate: (size: number) => Buffer,
): Buffer | Promise<Buffer> {
  const head = Buffer.from(
    `{"kind":"${served.listKind}","apiVersion":"${served.apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`,
  );
  const items = new Array<Buffer>(entries.length);
  let length = head.length + tail.length + Math.max(0, entries.length - 1);
  const collecting = inSlices(clock, entries, (entry, i) => {
    const bytes = bytesInVersion(served, entry);
    items[i] = bytes;
    length += bytes.length;
  });
  if (collecting) return collecting.then(() => join(head, items, allocate(length)));
  return join(head, items, allocate(length));
}

function join(head: Buffer, items: readonly Buffer[], body: Buffer): Buffer {
  head.copy(body);
  let at = head.length;
  for (let i = 0; i < items.length; i++) {
    if (i > 0) body[at++] = comma;
    body.set(items[i]!, at);
    at += items[i]!.length;
  }
  tail.copy(body, at);
  return body;
}
