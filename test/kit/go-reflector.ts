import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { HttpsApi } from './https-api.ts';
import { type Answered, eventReader, type ProtobufEvent, readProtobuf } from './protobuf.ts';

/** What a reflector mirrors, and how it asks. */
export interface ReflectorSource {
  /** The path of the collection. */
  readonly path: string;
  /** Selectors, as in a query. */
  readonly selector?: string;
  /** Whether the state comes as the first events of a watch rather than as a list. */
  readonly watchList?: boolean;
  /** The Accept header of lists and watches: Protobuf, perhaps of metadata alone. */
  readonly accept: { readonly list: string; readonly watch: string };
}

const endsState = 'k8s.io/initial-events-end';

/** The store was not where an event says it was: an event is missing, doubled or out of order. */
class Broken extends Error {}

/**
 * Mirrors a collection the way client-go does, through protobuf: lists (or streams the state), watches from the
 * revision of that, resumes a watch that broke off from the last revision it saw, and starts anew when told that a
 * revision is gone. Checks each event against what it holds. Source: client-go `tools/cache/reflector.go`.
 */
export class GoReflector {
  readonly objects = new Map<string, Answered>();
  /** How often each thing was done. */
  readonly counts = { lists: 0, watches: 0, expired: 0, events: 0, bookmarks: 0 };
  readonly #server: HttpsApi;
  readonly #source: ReflectorSource;
  readonly #agent: Agent;
  #revision = '0';
  #current: ClientRequest | undefined;
  #closed = false;
  #held: Promise<void> | undefined;
  #waiting: (() => void)[] = [];
  #failure: unknown;

  constructor(server: HttpsApi, source: ReflectorSource) {
    this.#server = server;
    this.#source = source;
    this.#agent = new Agent({ ca: server.ca, keepAlive: false, ...server.admin });
    void this.#run().catch((error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** Breaks the connection; the next one waits for `until`. */
  cut(until?: Promise<void>): void {
    this.#held = until;
    this.#current?.destroy();
  }

  /** Resolves when the mirror holds an object of that name. Throws what went wrong in between. */
  async until(holds: (objects: ReadonlyMap<string, Answered>) => boolean): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (holds(this.objects)) return;
      await new Promise<void>((done) => this.#waiting.push(done));
    }
  }

  close(): void {
    this.#closed = true;
    this.#current?.destroy();
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    let known = false;
    while (!this.#closed) {
      if (this.#held) await this.#held;
      if (!known) known = this.#source.watchList ? await this.#streamState() : await this.#list();
      else if ((await this.#watch()) === 'expired') {
        known = false;
        this.counts.expired++;
      }
    }
  }

  async #list(): Promise<boolean> {
    const { accept } = this.#source;
    // Any state will do at first; after an expired one it must be the newest.
    const revision = this.counts.expired > 0 ? '' : '0';
    const { code, bytes } = await this.#read(`resourceVersion=${revision}`, accept.list);
    if (code !== 200) return false;
    const list = readProtobuf(bytes);
    this.counts.lists++;
    this.#replace(new Map(list.items!.map((item) => [keyOf(item as Answered), item as Answered])));
    this.#revision = list.metadata.resourceVersion!;
    return true;
  }

  #replace(state: ReadonlyMap<string, Answered>): void {
    this.objects.clear();
    for (const [key, object] of state) this.objects.set(key, object);
    this.#wake();
  }

  /** The state as events, up to the bookmark that ends it, and on with the same watch. */
  async #streamState(): Promise<boolean> {
    const state = new Map<string, Answered>();
    let complete = false;
    const take = (event: ProtobufEvent) => {
      if (complete) return this.#apply(event);
      if (event.type === 'ERROR') throw new Broken(event.object['message'] as string);
      if (event.type !== 'BOOKMARK') return void state.set(keyOf(event.object), event.object);
      if (event.object.metadata.annotations?.[endsState] !== 'true') return;
      complete = true;
      this.counts.lists++;
      this.#replace(state);
      this.#revision = event.object.metadata.resourceVersion!;
    };
    await this.#stream('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=', take);
    return complete;
  }

  async #watch(): Promise<'ended' | 'expired'> {
    let end: 'ended' | 'expired' = 'ended';
    await this.#stream(`resourceVersion=${this.#revision}`, (event) => {
      if (event.type === 'ERROR' && event.object['code'] === 410) end = 'expired';
      else this.#apply(event);
    });
    return end;
  }

  #apply({ type, object }: ProtobufEvent): void {
    const key = keyOf(object);
    const revision = object.metadata.resourceVersion!;
    if (type === 'BOOKMARK') this.counts.bookmarks++;
    else {
      if (BigInt(revision) <= BigInt(this.#revision)) throw new Broken(`${type} ${key} at ${revision} comes too late`);
      if (this.objects.has(key) !== (type !== 'ADDED')) throw new Broken(`${type} ${key} does not fit what was seen`);
      if (type === 'DELETED') this.objects.delete(key);
      else this.objects.set(key, object);
      this.counts.events++;
      this.#wake();
    }
    this.#revision = revision;
  }

  #wake(): void {
    for (const done of this.#waiting.splice(0)) done();
  }

  /** Runs one watch to its end. What `take` throws ends it, and is thrown. */
  async #stream(query: string, take: (event: ProtobufEvent) => void): Promise<void> {
    this.counts.watches++;
    const read = eventReader();
    const answer = await this.#ask(
      `watch=true&allowWatchBookmarks=true&timeoutSeconds=300&${query}`,
      this.#source.accept.watch,
    );
    if (!answer) return;
    try {
      for await (const chunk of answer) for (const event of read(chunk as Buffer)) take(event);
    } catch (error) {
      if (error instanceof Broken) throw error;
    }
  }

  async #read(query: string, accept: string): Promise<{ code: number; bytes: Buffer }> {
    const answer = await this.#ask(query, accept);
    const chunks: Buffer[] = [];
    try {
      if (answer) for await (const chunk of answer) chunks.push(chunk as Buffer);
    } catch {
      return { code: 0, bytes: Buffer.alloc(0) };
    }
    return { code: answer?.statusCode ?? 0, bytes: Buffer.concat(chunks) };
  }

  /** Undefined when the connection broke before an answer. */
  #ask(query: string, accept: string): Promise<IncomingMessage | undefined> {
    const { path, selector } = this.#source;
    return new Promise((resolve) => {
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port: this.#server.port,
          path: `${path}?${query}${selector ? `&${selector}` : ''}`,
          headers: { accept },
          agent: this.#agent,
        },
        resolve,
      );
      request.on('error', () => resolve(undefined));
      request.end();
      this.#current = request;
    });
  }
}

export const keyOf = ({ metadata }: Answered): string => `${metadata.namespace}/${metadata.name}`;
