import { kindFacts } from '../../api/facts.ts';
import { type KubeObject, type ListMeta, parseApiVersion } from '../../api/object.ts';
import { encodeProtobuf, envelope, envelopeList } from '../../api/protobuf/envelope.ts';
import type { Clock } from '../../base/clock.ts';
import type { Entry } from '../../store/store.ts';
import type { Answer } from '../registry/execute.ts';
import type { Served } from '../registry/served.ts';
import { answered, inVersion } from '../registry/versions.ts';
import type { RawEvent } from '../registry/watch.ts';
import type { BodyStyle } from './body-style.ts';
import { entryMessage, entryPartialMessage, partialMessage } from './kept-messages.ts';
import { type Format, unacceptable } from './negotiate.ts';
import { inSlices } from './slices.ts';

/** The body of an answer as protobuf. Stored objects are encoded once, and lists are their bytes put together. */
export function protobufBody(
  clock: Clock,
  served: Served,
  answer: Answer,
  { format, allocate }: BodyStyle,
): Buffer | Promise<Buffer> {
  if (answer.as === 'list') return listBody(clock, served, answer.entries, answer.metadata, format, allocate);
  if (answer.as === 'entry') return envelopedEntry(served, answer.entry, format);
  return envelopedObject(answered(served, answer.object), format);
}

function listBody(
  clock: Clock,
  served: Served,
  entries: readonly Entry[],
  metadata: ListMeta,
  format: Format,
  allocate: (size: number) => Buffer,
): Buffer | Promise<Buffer> {
  const items = new Array<Buffer>(entries.length);
  const message = format.as ? entryPartialMessage : entryMessage;
  const collecting = inSlices(clock, entries, (entry, i) => {
    items[i] = message(served, entry);
  });
  const [apiVersion, kind] = format.as ? [format.metaVersion, format.as] : [served.apiVersion, served.listKind];
  const whole = () => envelopeList({ apiVersion, kind, metadata }, items, allocate);
  return collecting ? collecting.then(whole) : whole();
}

function envelopedEntry(served: Served, entry: Entry, format: Format): Buffer {
  if (format.as) return envelope(format.metaVersion, 'PartialObjectMetadata', entryPartialMessage(served, entry));
  return envelope(served.apiVersion, served.kind, entryMessage(served, entry));
}

/** A value that is not stored: a Status, a scale, the object of a bookmark. */
function envelopedObject(object: KubeObject, format: Format): Buffer {
  const { apiVersion = '', kind = '' } = object;
  if (format.as && kind !== 'Status')
    return envelope(format.metaVersion, 'PartialObjectMetadata', partialMessage(object));
  const gv = parseApiVersion(apiVersion);
  const type = gv && kindFacts(gv.group, gv.version, kind);
  if (!type) throw unacceptable();
  return encodeProtobuf(type, object);
}

/** The object of a watch's event in its envelope. */
export function envelopedEvent(served: Served, event: RawEvent, format: Format): Buffer {
  if (event.entry) return envelopedEntry(served, event.entry, format);
  return envelopedObject(event.type === 'BOOKMARK' ? event.object : inVersion(served, event.object), format);
}
