import type { KubeObject } from '../../src/api/object.ts';
import type { Call, Transport, WatchEvent, WatchHandler } from '../../src/client/call.ts';

/** A watch that stands, for the test to feed. */
export interface OpenWatch {
  readonly call: Call;
  readonly handler: WatchHandler;
  readonly signal: AbortSignal;
}

/** Answers calls by a function and hands open watches to the test. It knows no API rules: for the client's own tests only. */
export class ScriptedTransport implements Transport {
  readonly calls: Call[] = [];
  readonly watches: OpenWatch[] = [];
  readonly #answer: (call: Call) => unknown;

  constructor(answer: (call: Call) => unknown) {
    this.#answer = answer;
  }

  async call(call: Call): Promise<KubeObject> {
    this.calls.push(call);
    return (await this.#answer(call)) as KubeObject;
  }

  async watch(call: Call, handler: WatchHandler, signal: AbortSignal): Promise<void> {
    this.watches.push({ call, handler, signal });
  }

  as(): Transport {
    return this;
  }

  /** The newest watch. */
  get last(): OpenWatch {
    return this.watches.at(-1)!;
  }

  emit(...events: WatchEvent[]): void {
    this.last.handler.events(events);
  }
}

/** Lets every settled promise and immediate run. */
export async function turn(times = 3): Promise<void> {
  for (let i = 0; i < times; i++) await new Promise(setImmediate);
}

export function configMap(name: string, rv: number, extra: Partial<KubeObject['metadata']> = {}): KubeObject {
  const metadata = { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: String(rv), ...extra };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

export function listOf(rv: number, ...items: KubeObject[]): unknown {
  return { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: String(rv) }, items };
}
