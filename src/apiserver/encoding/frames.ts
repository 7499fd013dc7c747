import { typeFacts } from '../../api/facts.ts';
import { encodeProtobuf, watchFrame } from '../../api/protobuf/envelope.ts';
import type { Status } from '../../api/status.ts';
import type { Entry } from '../../store/store.ts';
import type { Served } from '../registry/served.ts';
import { bytesInVersion, inVersion } from '../registry/versions.ts';
import type { RawEvent } from '../registry/watch.ts';
import type { BodyStyle } from './body-style.ts';
import { envelopedEvent } from './protobuf-body.ts';
import { columnDefinitions, entryRow, objectRow, partial, partialEntry, table } from './table.ts';

/** Entries whose frames are kept: a change is framed once however many watch it, and soon forgotten. */
const keptEntries = 1024;
const frames = new Map<Entry, Map<string, Buffer>>();

const statusType = typeFacts('meta/v1.Status');

/** Writes the events of one watch in one style. Frames are shared with every watch of the same style. */
export class Framer {
  readonly #served: Served;
  readonly #style: BodyStyle;
  readonly #now: () => number;
  readonly #key: string;
  /** Column definitions go with the first Table only. */
  #definitions: string;

  constructor(served: Served, style: BodyStyle, now: () => number) {
    const { format } = style;
    this.#served = served;
    this.#style = style;
    this.#now = now;
    this.#key = [served.apiVersion, format.media, format.as, format.metaVersion, style.include].join(' ');
    this.#definitions = format.as === 'Table' ? columnDefinitions(served) : '';
  }

  frame(event: RawEvent): Buffer {
    if (!event.entry) return this.#build(event);
    if (this.#style.format.as === 'Table' && this.#definitions !== 'null') return this.#build(event);
    let kept = frames.get(event.entry);
    if (!kept) {
      frames.set(event.entry, (kept = new Map()));
      if (frames.size > keptEntries) frames.delete(frames.keys().next().value!);
    }
    const key = `${event.type} ${this.#key}`;
    let frame = kept.get(key);
    if (!frame) kept.set(key, (frame = this.#build(event)));
    return frame;
  }

  /** The last event of a watch that broke. */
  error(status: Status): Buffer {
    if (this.#style.format.media === 'protobuf') return watchFrame('ERROR', encodeProtobuf(statusType, status));
    return line('ERROR', JSON.stringify(status));
  }

  #build(event: RawEvent): Buffer {
    const { format } = this.#style;
    if (format.media === 'protobuf') return watchFrame(event.type, envelopedEvent(this.#served, event, format));
    return line(event.type, this.#json(event));
  }

  #json(event: RawEvent): Buffer | string {
    const { as, metaVersion } = this.#style.format;
    const served = this.#served;
    if (as === 'Table') return this.#table(event);
    if (as) return event.entry ? partialEntry(served, event.entry, metaVersion) : partial(event.object, metaVersion);
    if (event.entry) return bytesInVersion(served, event.entry);
    return JSON.stringify(event.type === 'BOOKMARK' ? event.object : inVersion(served, event.object));
  }

  #table(event: RawEvent): string {
    const served = this.#served;
    const { metaVersion } = this.#style.format;
    const object = event.entry ? event.entry.object : event.object;
    const definitions = this.#definitions;
    this.#definitions = 'null';
    // A bookmark's row carries the object that carries the annotations.
    const row =
      event.type === 'BOOKMARK'
        ? `{"cells":[],"object":${partial(object, metaVersion)}}`
        : event.entry
          ? entryRow(served, event.entry, this.#style, this.#now())
          : objectRow(served, object, this.#style, this.#now());
    return table(metaVersion, { resourceVersion: object.metadata.resourceVersion! }, definitions, row);
  }
}

/** An event as JSON is one line. */
function line(type: string, object: Buffer | string): Buffer {
  const head = `{"type":"${type}","object":`;
  if (typeof object === 'string') return Buffer.from(`${head}${object}}\n`);
  const frame = Buffer.allocUnsafeSlow(head.length + object.length + 2);
  frame.write(head, 'latin1');
  frame.set(object, head.length);
  frame.write('}\n', head.length + object.length, 'latin1');
  return frame;
}
