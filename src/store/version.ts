import type { KubeObject } from '../api/object.ts';
import { Aging } from './aging.ts';
import { atRevision, deepFreeze, encode, metadataRange } from './encode.ts';
import { type RowType, rowType } from './log.ts';
import type { Entry, StoreKey } from './store.ts';

/** Where versions get back what they no longer hold, and how much they may hold. */
export class VersionSource {
  readonly read: (key: StoreKey, revision: number) => Buffer | undefined;
  readonly objects: Aging<Version>;
  readonly bytes: Aging<Version>;

  /** `objectBytes` and `bytes` bound parsed values and kept JSON, both counted in bytes of JSON. */
  constructor(read: (key: StoreKey, revision: number) => Buffer | undefined, objectBytes: number, bytes: number) {
    this.read = read;
    this.objects = new Aging<Version>(objectBytes, {
      stamp: (version) => version.objectStamp,
      mark: (version, generation) => void (version.objectStamp = generation),
      release: (version) => version.releaseObject(),
    });
    this.bytes = new Aging<Version>(bytes, {
      stamp: (version) => version.bytesStamp,
      mark: (version, generation) => void (version.bytesStamp = generation),
      release: (version) => version.releaseBytes(),
    });
  }
}

/** One version of one object, or its tombstone. Holds what it was made from and gets the rest at first use. */
export class Version implements Entry {
  readonly key: StoreKey;
  readonly revision: number;
  readonly type: RowType;
  /** Bytes of the stored JSON; of a tombstone without a last state, those of the version it ended. */
  size: number;
  /** Of a tombstone without a stored last state: the version it ended. */
  readonly ended: Version | undefined;
  objectStamp = 0;
  bytesStamp = 0;
  #source: VersionSource;
  #bytes: Buffer | undefined;
  #object: KubeObject | undefined;
  /** After release: informers may still hold the value, and must go on sharing it with later readers. */
  #weak: WeakRef<KubeObject> | undefined;

  constructor(
    source: VersionSource,
    key: StoreKey,
    revision: number,
    type: RowType,
    size: number,
    ended: Version | undefined,
  ) {
    this.#source = source;
    this.key = key;
    this.revision = revision;
    this.type = type;
    this.size = size;
    this.ended = ended;
  }

  /** Takes the value the writer has at hand, frozen, and its JSON where it was encoded. */
  hold(object: KubeObject, bytes: Buffer | undefined): this {
    this.#object = object;
    this.#source.objects.use(this, this.size);
    if (bytes) {
      this.#bytes = bytes;
      this.#source.bytes.use(this, this.size);
    }
    return this;
  }

  get deleted(): boolean {
    return this.type === rowType.delete;
  }

  get bytes(): Buffer {
    if (this.#bytes && this.bytesStamp === this.#source.bytes.generation) return this.#bytes;
    this.#bytes ??= this.#encoded();
    this.#source.bytes.use(this, this.size);
    return this.#bytes;
  }

  get object(): KubeObject {
    if (this.#object && this.objectStamp === this.#source.objects.generation) return this.#object;
    this.#object ??= this.#weak?.deref() ?? this.#decoded();
    this.#weak = undefined;
    this.#source.objects.use(this, this.size);
    return this.#object;
  }

  get metadataRange(): { start: number; end: number } | undefined {
    return metadataRange(this.bytes);
  }

  releaseObject(): void {
    if (!this.#object) return;
    this.#weak = new WeakRef(this.#object);
    this.#object = undefined;
  }

  releaseBytes(): void {
    this.#bytes = undefined;
  }

  #encoded(): Buffer {
    if (this.ended) return encode(this.object);
    const bytes = this.#source.read(this.key, this.revision);
    if (!bytes) throw new Error(`the value of revision ${this.revision} (${this.key.resource}) is not in the log`);
    return bytes;
  }

  #decoded(): KubeObject {
    if (this.ended) return atRevision(this.ended.object, this.revision);
    return deepFreeze(JSON.parse(this.bytes.toString()) as KubeObject);
  }
}
