import type { CustomResourceDefinition, CustomResourceDefinitionStatus } from '../../api/types/apiextensions-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../store/store.ts';
import type { Served } from '../registry/served.ts';
import { withCondition } from './definition.ts';
import type { ServedKind } from './serve-kind.ts';

/** What a definition that is going says of its instances. Source: apiextensions `controller/finalizer/crd_finalizer.go`. */
const stages = {
  InstanceDeletionInProgress: { status: 'True', message: 'CustomResource deletion is in progress' },
  InstanceDeletionCheck: {
    status: 'True',
    message: 'could not confirm zero CustomResources remaining: timed out waiting for the condition',
  },
  InstanceDeletionCompleted: { status: 'False', message: 'removed all instances' },
  NeverEstablished: { status: 'False', message: 'resource was never established' },
} as const;

export type Stage = keyof typeof stages | { readonly failed: string };

export interface InstancesParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Deletes all objects of a kind, honouring their finalizers. */
  readonly removeAll: (served: Served) => Promise<void>;
  /** The last object of a definition's kind is gone. */
  readonly onEmpty: (definition: string) => void;
  /** A definition has waited for long. */
  readonly onDelay: (definition: string) => void;
}

/** After so long the definition says that it still waits. */
const patience = 60_000;

/** Empties the kinds of definitions that are being deleted, and watches what waits for its finalizers. */
export class Instances {
  readonly #parts: InstancesParts;
  /** How to stop waiting, by definition. */
  readonly #waiting = new Map<string, () => void>();

  constructor(parts: InstancesParts) {
    this.#parts = parts;
  }

  /** The status of a definition with its Terminating condition brought up to date. */
  say(crd: CustomResourceDefinition, stage: Stage): CustomResourceDefinitionStatus {
    const [reason, { status, message }] =
      typeof stage === 'string'
        ? [stage, stages[stage]]
        : ['InstanceDeletionFailed', { status: 'True', message: `could not issue all deletes: ${stage.failed}` }];
    return withCondition(crd.status ?? {}, { type: 'Terminating', status, reason, message }, this.#parts.clock.wall());
  }

  /** Whether all that can be done has been, and what is left is being watched. */
  isWaiting(definition: string): boolean {
    return this.#waiting.has(definition);
  }

  /** Deletes the objects of a kind. Whether none is left; `onEmpty` tells later. Rejects when a delete failed. */
  async empty(definition: string, { stored }: ServedKind): Promise<boolean> {
    const { store, removeAll } = this.#parts;
    await removeAll(stored);
    if (store.count(stored.storage) === 0) return true;
    this.#wait(definition, stored.storage);
    return false;
  }

  /** Stops waiting for everything. */
  close(): void {
    for (const stop of [...this.#waiting.values()]) stop();
  }

  #wait(definition: string, storage: string): void {
    const { store, clock, onEmpty, onDelay } = this.#parts;
    this.#waiting.get(definition)?.();
    const timer = clock.after(patience, () => onDelay(definition));
    const stop = () => {
      timer.cancel();
      watch.close();
      this.#waiting.delete(definition);
    };
    const done = () => {
      stop();
      onEmpty(definition);
    };
    const changes = () => store.count(storage) === 0 && done();
    const watch = store.watch(storage, { after: store.revision }, { changes, end: done });
    this.#waiting.set(definition, stop);
  }
}
