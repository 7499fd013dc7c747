import { typeFacts } from '../../api/facts.ts';
import type { KubeObject } from '../../api/object.ts';
import { encodeMessage } from '../../api/protobuf/encode.ts';
import { Aging } from '../../store/aging.ts';
import type { Entry } from '../../store/store.ts';
import type { Served } from '../registry/served.ts';
import { inVersion, working } from '../registry/versions.ts';

/** Bytes that all kept messages together may take. */
const keptBytes = 64 * 1024 * 1024;

/** The message of one stored version in one form. */
interface Kept {
  stamp: number;
  bytes: Buffer | undefined;
}

const aging = new Aging<Kept>(keptBytes, {
  stamp: (kept) => kept.stamp,
  mark: (kept, generation) => void (kept.stamp = generation),
  release: (kept) => void (kept.bytes = undefined),
});

const messages = new WeakMap<Entry, Map<string, Kept>>();

function kept(entry: Entry, form: string, encode: () => Buffer): Buffer {
  let forms = messages.get(entry);
  if (!forms) messages.set(entry, (forms = new Map()));
  let found = forms.get(form);
  if (!found) forms.set(form, (found = { stamp: 0, bytes: undefined }));
  if (found.bytes && found.stamp === aging.generation) return found.bytes;
  const bytes = (found.bytes ??= encode());
  aging.use(found, bytes.length);
  return bytes;
}

const partialType = typeFacts('meta/v1.PartialObjectMetadata');

/** The protobuf message of a value's metadata alone. */
export const partialMessage = (object: KubeObject): Buffer => encodeMessage(partialType, object);

/** An entry's protobuf message in the served version: encoded once for every get, list and watch. */
export const entryMessage = (served: Served, entry: Entry): Buffer =>
  kept(entry, served.apiVersion, () => encodeMessage(served.type, inVersion(served, entry.object)));

/** The same of its metadata. */
export function entryPartialMessage(served: Served, entry: Entry): Buffer {
  const object = working(served, entry.object);
  // A conversion may have labels and annotations of its own.
  return kept(entry, object === entry.object ? 'metadata' : `metadata ${served.apiVersion}`, () =>
    partialMessage(object),
  );
}
