import { customResourceDefinitions } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { type Clock, timestamp } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { Informers } from '../../client/informers.ts';
import { compileStage, type Stage } from './compile.ts';
import { stageDefinition } from './definition.ts';
import { StageError } from './expression.ts';
import { type StageCondition, type StageKind, type StageObject, stages } from './stage-object.ts';

export interface LibraryOptions {
  readonly client: Client;
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly scope: Scope;
  /** Other stages of this kind than before. */
  readonly changed: (kind: StageKind) => void;
}

/** The stages that users have applied, read and understood; what is not understood is said in their status. */
export class StageLibrary {
  /** Resolves when the definition of stages is served. */
  readonly served: Promise<void>;
  readonly #served = Promise.withResolvers<void>();
  readonly #options: LibraryOptions;
  readonly #definitions: Informer<CustomResourceDefinition>;
  readonly #stages = new Map<string, Stage>();
  #byKind: Readonly<Record<StageKind, readonly Stage[]>> = { Pod: [], Node: [] };
  #objects: Informer<StageObject> | undefined;

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.served = this.#served.promise;
    this.#definitions = options.informers.of(customResourceDefinitions);
    this.#definitions.on({
      added: (definition) => this.#open(definition),
      updated: (_, definition) => this.#open(definition),
    });
  }

  of(kind: StageKind): readonly Stage[] {
    return this.#byKind[kind];
  }

  /** Resolves when the stages that were there before are known. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    await this.#definitions.whenSynced(signal);
    await this.#objects?.whenSynced(signal);
  }

  /** Stages can be read once their definition is served. */
  #open({ metadata, status }: CustomResourceDefinition): void {
    if (this.#objects || metadata.name !== stageDefinition.metadata.name) return;
    if (!status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')) return;
    this.#served.resolve();
    this.#objects = this.#options.informers.of(stages);
    this.#objects.on({
      added: (object) => this.#take(object),
      updated: (old, object) => {
        if (old.metadata.generation !== object.metadata.generation) this.#take(object);
      },
      deleted: ({ metadata: { name = '' } }) => this.#put(name, undefined),
    });
  }

  #take(object: StageObject): void {
    const { name = '' } = object.metadata;
    try {
      this.#put(name, compileStage(object));
      this.#judge(object, { status: 'True', reason: 'Understood', message: '' });
    } catch (error) {
      if (!(error instanceof StageError)) throw error;
      this.#put(name, undefined);
      this.#options.recorder.event(object, 'Warning', 'NotSupported', error.message);
      this.#judge(object, { status: 'False', reason: 'NotSupported', message: error.message });
    }
  }

  #put(name: string, stage: Stage | undefined): void {
    const before = this.#stages.get(name);
    if (!before && !stage) return;
    if (stage) this.#stages.set(name, stage);
    else this.#stages.delete(name);
    const all = [...this.#stages.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#byKind = { Pod: all.filter(({ kind }) => kind === 'Pod'), Node: all.filter(({ kind }) => kind === 'Node') };
    for (const kind of new Set([before?.kind, stage?.kind])) if (kind) this.#options.changed(kind);
  }

  /** Says in the stage's status whether it is understood. */
  #judge(object: StageObject, verdict: Pick<StageCondition, 'status' | 'reason' | 'message'>): void {
    const was = object.status?.conditions?.find(({ type }) => type === 'Accepted');
    if (was?.status === verdict.status && was.message === verdict.message) return;
    const { clock, client, log, scope } = this.#options;
    const condition = { type: 'Accepted', ...verdict, lastTransitionTime: timestamp(clock.wall()) };
    const others = (object.status?.conditions ?? []).filter(({ type }) => type !== 'Accepted');
    const body = { status: { conditions: [...others, condition] } };
    const key = { name: object.metadata.name ?? '' };
    scope.spawn('judge a stage', async (signal) => {
      try {
        await client.resource(stages).mergePatch(key, body, { subresource: 'status', signal });
      } catch (error) {
        // KWOK's own definition may have no status.
        if (!isStatus(error, 'NotFound')) log.warn('the status of a stage could not be written', { ...key, error });
      }
    });
  }
}
