import { nodes, pods } from '../../api/kinds.gen.ts';
import type { AnyKind } from '../../api/object.ts';
import type { ResourceRef } from '../../api/resource-ref.ts';
import { isStatus } from '../../api/status.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Node, Pod } from '../types.ts';
import { choose } from './choose.ts';
import type { Stage } from './compile.ts';
import { type Effect, effectsOf } from './effects.ts';
import type { Place } from './functions.ts';
import type { StageKind } from './stage-object.ts';

/** What the player needs of the simulated nodes. */
export interface Stagehand {
  /** Where an object is, undefined once its node has gone; a pod gets its address by this. */
  place(kind: StageKind, object: Pod | Node, signal: AbortSignal): Promise<Omit<Place, 'now'> | undefined>;
  /** Looks at an object again, as if it had changed. */
  again(kind: StageKind, object: Pod | Node): void;
}

export interface PlayerOptions {
  /** Writes as the stages' own identity and field manager. */
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly scope: Scope;
  /** The stages there are now. */
  readonly stages: (kind: StageKind) => readonly Stage[];
  readonly hand: Stagehand;
}

/** The manager of fields that stages wrote: what they had, they keep over a restart. */
export const fieldManager = 'krill-stages';

/** A stage that follows itself waits this long at least: one that changes what selects it must not spin. Milliseconds. */
const breath = 1_000;

interface Scene {
  readonly kind: StageKind;
  readonly stage: Stage;
  object: Pod | Node;
  timer: Timer | undefined;
}

const refs: Readonly<Record<StageKind, ResourceRef<AnyKind>>> = { Pod: pods, Node: nodes };

/** Takes objects through the stages that select them, each after its delay. */
export class StagePlayer {
  readonly #options: PlayerOptions;
  readonly #scenes = new Map<string, Scene>();
  /** The last stage of an object, and when it began: steady milliseconds. */
  readonly #last = new Map<string, { readonly stage: string; readonly at: number }>();

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /**
   * Whether stages have an object, in its newest version: then krill's usual course may not write its status. A pod that
   * had a stage once stays theirs until it is deleted; a node goes back when none selects it any more. An object whose
   * status is custom is nobody's: it has no stages, and no usual course.
   */
  takes(kind: StageKind, object: Pod | Node): boolean {
    const { clock, ids } = this.#options;
    const { uid = '' } = object.metadata;
    if (isCustom(object)) {
      this.forget(uid);
      return kind === 'Node' || !object.metadata.deletionTimestamp;
    }
    const stages = this.#options.stages(kind);
    const scene = this.#scenes.get(uid);
    if (scene && (!scene.timer || (stages.includes(scene.stage) && scene.stage.selects(object)))) {
      scene.object = object;
      return true;
    }
    scene?.timer?.cancel();
    this.#scenes.delete(uid);
    const stage = choose(stages, object, ids.random());
    if (!stage) return kind === 'Pod' && !object.metadata.deletionTimestamp && hadStage(object);
    const delay = stage.delay(object, clock.wall(), ids.random());
    const next: Scene = { kind, stage, object, timer: undefined };
    next.timer = clock.after(Math.max(delay, this.#rest(uid, stage)), () => this.#begin(uid, next));
    this.#scenes.set(uid, next);
    return true;
  }

  /** The object is gone. */
  forget(uid: string): void {
    this.#scenes.get(uid)?.timer?.cancel();
    this.#scenes.delete(uid);
    this.#last.delete(uid);
  }

  #rest(uid: string, stage: Stage): number {
    const last = this.#last.get(uid);
    return last?.stage === stage.name ? last.at + breath - this.#options.clock.steady() : 0;
  }

  #begin(uid: string, scene: Scene): void {
    const { scope, clock, hand } = this.#options;
    scene.timer = undefined;
    this.#last.set(uid, { stage: scene.stage.name, at: clock.steady() });
    const played = scene.object;
    scope.spawn(`stage ${scene.stage.name}`, async (signal) => {
      await this.#play(scene, signal);
      if (this.#scenes.get(uid) !== scene) return;
      this.#scenes.delete(uid);
      // What came while it was played has not been looked at; what is yet to come will be.
      if (scene.object !== played) hand.again(scene.kind, scene.object);
    });
  }

  async #play({ kind, stage, object }: Scene, signal: AbortSignal): Promise<void> {
    const { clock, hand, recorder, log } = this.#options;
    try {
      const place = await hand.place(kind, object, signal);
      if (!place) return;
      for (const effect of effectsOf(stage, object, { ...place, now: clock.wall() }))
        await this.#carryOut(kind, object, effect, signal);
    } catch (error) {
      if (signal.aborted || isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return;
      const message = `stage ${stage.name}: ${(error as Error).message}`;
      recorder.event(object as AnyKind, 'Warning', 'StageFailed', message);
      log.debug('a stage failed', { kind, name: object.metadata.name, error });
    }
  }

  async #carryOut(kind: StageKind, object: Pod | Node, effect: Effect, signal: AbortSignal): Promise<void> {
    const { client, recorder } = this.#options;
    const { namespace, name = '', uid } = object.metadata;
    const resource = client.resource(refs[kind]);
    const key = { ...(namespace && { namespace }), name };
    if (effect.do === 'tell') recorder.event(object as AnyKind, effect.type, effect.reason, effect.message);
    else if (effect.do === 'patch') {
      const { subresource } = effect;
      const patch =
        effect.patch.type === 'json' ? effect.patch : { ...effect.patch, body: sure(effect.patch.body, uid) };
      await resource.patch(key, patch, { ...(subresource && { subresource }), signal });
    } else {
      await resource.delete(key, { gracePeriodSeconds: 0, ...(uid && { preconditions: { uid } }), signal });
    }
  }
}

/** The patch, for this very object and none that has its name by now. */
function sure(body: unknown, uid: string | undefined): object {
  const { metadata, ...rest } = body as { metadata?: object };
  return { ...rest, metadata: { ...metadata, uid } };
}

/** Somebody else writes its status. Source: KWOK's --disregard-status-with-annotation-selector as kwokctl sets it. */
const isCustom = ({ metadata }: Pod | Node): boolean => metadata.annotations?.['kwok.x-k8s.io/status'] === 'custom';

const hadStage = ({ metadata }: Pod | Node): boolean =>
  metadata.managedFields?.some(({ manager }) => manager === fieldManager) ?? false;
