import { pods as podsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Job } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import type { ControllerContext } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { slowStart } from '../slow-start.ts';
import { isTracked, trackingFinalizer } from './job-facts.ts';
import { podOf } from './pod-template.ts';

/** What became of several writes: how many or which worked, and the first error. */
export interface Written<T> {
  readonly written: T;
  readonly error?: unknown;
}

/** Writes the pods of jobs, and tells about it by events. */
export class JobPods {
  readonly #context: ControllerContext;

  constructor(context: ControllerContext) {
    this.#context = context;
  }

  /** Creates a pod per completion index, undefined for none. */
  async create(
    job: Job,
    indexes: readonly (number | undefined)[],
    toReplace: ReadonlyMap<number, Pod>,
    signal: AbortSignal,
  ): Promise<Written<number>> {
    const { done, errors } = await slowStart(indexes, (index) => this.#createOne(job, index, toReplace, signal));
    const [error] = errors;
    // Where the namespace is going nothing will be created any more, and that is no error.
    return error === undefined || isNamespaceGoing(error) ? { written: done } : { written: done, error };
  }

  async #createOne(
    job: Job,
    index: number | undefined,
    toReplace: ReadonlyMap<number, Pod>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const { client, recorder } = this.#context;
    const pod = podOf(job, index, index === undefined ? undefined : toReplace.get(index));
    try {
      const created = await client.resource(podsRef).create(pod, { signal });
      recorder.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      return undefined;
    } catch (error) {
      if (!isNamespaceGoing(error)) {
        recorder.event(job, 'Warning', 'FailedCreate', `Error creating: ${errorText(error)}`);
      }
      return error;
    }
  }

  /** Deletes pods; those that are gone already count as deleted. With `uncounted` they go without being counted. */
  async remove(
    job: Job,
    pods: readonly Pod[],
    options: { readonly uncounted: boolean; readonly onFailure?: (pod: Pod) => void },
    signal: AbortSignal,
  ): Promise<Written<readonly Pod[]>> {
    const errors = await Promise.all(
      pods.map(async (pod) => {
        const error =
          (options.uncounted ? await this.#releaseOne(pod, signal) : undefined) ??
          (await this.#removeOne(job, pod, signal));
        if (error !== undefined) options.onFailure?.(pod);
        return error;
      }),
    );
    return result(pods, errors, isGone);
  }

  async #removeOne(job: Job, pod: Pod, signal: AbortSignal): Promise<unknown> {
    const { client, recorder } = this.#context;
    const { name, uid } = pod.metadata;
    try {
      await client.resource(podsRef).delete(parseKey(keyOf(pod)), { preconditions: { uid: uid! }, signal });
      recorder.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
      return undefined;
    } catch (error) {
      if (!isGone(error)) {
        recorder.event(job, 'Warning', 'FailedDelete', `Error deleting: ${errorText(error)}`);
      }
      return error;
    }
  }

  /** Removes the finalizer. Pods that are gone count as released. */
  async release(pods: readonly Pod[], signal: AbortSignal): Promise<Written<readonly Pod[]>> {
    const errors = await Promise.all(pods.map((pod) => this.#releaseOne(pod, signal)));
    return result(pods, errors, () => false);
  }

  async #releaseOne(pod: Pod, signal: AbortSignal): Promise<unknown> {
    if (!isTracked(pod)) return undefined;
    const body = {
      // The uid keeps a namesake from being hit.
      metadata: { uid: pod.metadata.uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] },
    };
    try {
      await this.#context.client.resource(podsRef).patch(parseKey(keyOf(pod)), { type: 'strategic', body }, { signal });
      return undefined;
    } catch (error) {
      return isGone(error) ? undefined : error;
    }
  }
}

/** The pod is no more; a conflict is about another one with its name. */
const isGone = (error: unknown): boolean => isStatus(error, 'NotFound') || isStatus(error, 'Conflict');

function result(
  pods: readonly Pod[],
  errors: readonly unknown[],
  harmless: (error: unknown) => boolean,
): Written<readonly Pod[]> {
  const failed = errors.map((error) => error !== undefined && !harmless(error));
  const written = pods.filter((_, i) => !failed[i]);
  return failed.includes(true) ? { written, error: errors[failed.indexOf(true)] } : { written };
}
