import { isDeepStrictEqual } from 'node:util';
import { jobs as jobsRef } from '../../api/kinds.gen.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import { isStatus } from '../../api/status.ts';
import type { Job, JobCondition, JobStatus } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { finalCondition } from '../finished-job.ts';
import { controllerOf } from '../ownership.ts';
import { PodOwners } from '../pod-owners.ts';
import { isReady } from '../pod-state.ts';
import { type Backoff, noBackoff } from './backoff.ts';
import { isManagedElsewhere, isTracked, trackingFinalizer } from './job-facts.ts';
import { planPods } from './plan.ts';
import { JobPods } from './pods.ts';
import { type Survey, surveyJob } from './survey.ts';
import { activeSince, startTimeOf, suspension } from './suspension.ts';
import { finish, planTracking, settle, type Tracking } from './tracking.ts';
import { completionOf, deadlineIn, verdictOf } from './verdict.ts';

/** Runs pods until as many have succeeded as a Job asks for, and counts each exactly once. */
export const jobController: ControllerDescriptor = {
  name: 'job-controller',
  account: 'job-controller',
  build(context) {
    const controller = new JobController(context);
    return { run: (signal) => controller.run(signal) };
  },
};

/** What was done about the pods of a job that is not over, or is to end. */
interface Step {
  readonly created: number;
  readonly removed: readonly Pod[];
  readonly verdict: JobCondition | undefined;
  /** Whether the pods were brought in line: only then is the job known to be suspended or resumed. */
  readonly managed: boolean;
  /** Milliseconds until pods may be created again. */
  readonly wait?: number;
  /** A write that failed, reported once the status is written. */
  readonly error?: unknown;
}

class JobController {
  readonly #context: ControllerContext;
  readonly #reconciler: Reconciler;
  /** Pods that have a finalizer of ours and no unfinished job to remove it. */
  readonly #orphans: Reconciler;
  readonly #owners;
  readonly #writer: JobPods;
  readonly #backoffs = new Map<string, { readonly uid: string; readonly backoff: Backoff }>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#owners = new PodOwners(context, {
      ref: jobsRef,
      selectorOf: (job) => labelSelectorOf(job.spec?.selector),
      finalizers: [trackingFinalizer],
    });
    this.#writer = new JobPods(context);
    const shared = { clock: context.clock, log: context.log, ready: synced(this.#owners.owners, this.#owners.pods) };
    this.#reconciler = new Reconciler({
      ...shared,
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
    });
    this.#orphans = new Reconciler({
      ...shared,
      name: `${context.name} orphans`,
      reconcile: ({ key, signal }) => this.#releaseOrphan(key, signal),
    });
    this.#owners.feed(this.#reconciler);
    this.#owners.owners.on({
      added: (job) => this.#jobEnded(job),
      updated: (_, job) => this.#jobEnded(job),
      deleted: (job) => this.#wakeOrphans(job),
    });
    const podChanged = (pod: Pod) => {
      if (isTracked(pod) && !this.#isCounted(pod)) this.#orphans.add(keyOf(pod));
    };
    this.#owners.pods.on({ added: podChanged, updated: (_, pod) => podChanged(pod) });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#reconciler.run(signal), this.#orphans.run(signal)]);
  }

  #jobEnded(job: Job): void {
    if (finalCondition(job)) this.#wakeOrphans(job);
  }

  #wakeOrphans(job: Job): void {
    for (const pod of this.#owners.podsOf(job)) {
      if (isTracked(pod)) this.#orphans.add(keyOf(pod));
    }
  }

  /** Whether there is a job that will count the pod and release it then. */
  #isCounted(pod: Pod): boolean {
    const owner = this.#owners.ownerOf(pod);
    return owner !== undefined && !finalCondition(owner);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const job = this.#owners.owners.get(key);
    if (!job || finalCondition(job)) {
      this.#backoffs.delete(key);
      return undefined;
    }
    if (isManagedElsewhere(job)) return undefined;
    const mayAct = this.#owners.expectations.satisfied(key);
    const known = this.#backoffs.get(key);
    const backoff = known?.uid === job.metadata.uid ? known!.backoff : noBackoff;
    const survey = surveyJob(job, await this.#owners.claim(job, signal), backoff);
    const now = this.#context.clock.wall();
    const startTime = activeSince(job, now);
    const verdict = verdictOf(survey, startTime, now);
    const step = verdict
      ? await this.#end(survey, verdict, mayAct, signal)
      : await this.#manage(key, survey, mayAct, signal);
    try {
      await this.#account(key, survey, step, signal);
    } catch (error) {
      // Deleted meanwhile: nobody reads its status any more.
      if (!isStatus(error, 'NotFound')) throw error;
    }
    if (step.error !== undefined) throw step.error;
    const due = [step.wait, verdict ? undefined : deadlineIn(job, startTime, now)].filter((ms) => ms !== undefined);
    return due.length > 0 ? { after: Math.min(...due) } : undefined;
  }

  /** Stops what still runs. The job is over only when all of it stopped and no pod can be missing from the cache. */
  async #end(survey: Survey, verdict: JobCondition, mayAct: boolean, signal: AbortSignal): Promise<Step> {
    const { job, active } = survey;
    const { written, error } = await this.#writer.remove(job, active, { uncounted: false }, signal);
    const complete = written.length === active.length && mayAct;
    return { created: 0, removed: written, verdict: complete ? verdict : undefined, managed: false, error };
  }

  async #manage(key: string, survey: Survey, mayAct: boolean, signal: AbortSignal): Promise<Step> {
    const managed = mayAct && !survey.job.metadata.deletionTimestamp;
    const done = managed ? await this.#adjust(key, survey, signal) : { created: 0, removed: [] };
    const active = survey.active.length + done.created - done.removed.length;
    const verdict = completionOf(survey, active, this.#context.clock.wall());
    return { ...done, verdict, managed: managed && !verdict };
  }

  async #adjust(key: string, survey: Survey, signal: AbortSignal): Promise<Omit<Step, 'verdict' | 'managed'>> {
    const { job, toReplace } = survey;
    const plan = planPods(survey, this.#context.clock.wall());
    if ('wait' in plan) return { created: 0, removed: [], wait: plan.wait };
    if ('remove' in plan) {
      this.#owners.expectations.expectDeletions(
        key,
        plan.remove.map((pod) => pod.metadata.uid!),
      );
      const onFailure = (pod: Pod) => this.#owners.expectations.deleted(key, pod.metadata.uid!);
      const { written, error } = await this.#writer.remove(job, plan.remove, { uncounted: true, onFailure }, signal);
      return { created: 0, removed: written, error };
    }
    if (plan.create.length === 0) return { created: 0, removed: [] };
    this.#owners.expectations.expectCreations(key, plan.create.length);
    const { written, error } = await this.#writer.create(job, plan.create, toReplace, signal);
    for (let i = written; i < plan.create.length; i++) this.#owners.expectations.created(key);
    return { created: written, removed: [], error };
  }

  /** Counts ended pods: status, then finalizers, then status again, which is where the job may be over. */
  async #account(key: string, survey: Survey, step: Step, signal: AbortSignal): Promise<void> {
    const { job } = survey;
    const { clock, recorder } = this.#context;
    const now = clock.wall();
    const turn = step.managed ? suspension(job, now) : undefined;
    const outcome = {
      conditions: turn?.conditions ?? job.status?.conditions ?? [],
      startTime: startTimeOf(job, { managed: step.managed, over: step.verdict !== undefined }, turn, now),
      active: survey.active.length + step.created - step.removed.length,
      ready: survey.ready - step.removed.filter(isReady).length,
      terminating: survey.terminating + step.removed.length,
      verdict: step.verdict,
    };
    const tracking = planTracking(survey, outcome, now);
    const announced = await this.#writeStatus(job, tracking.status, signal);
    if (turn) recorder.event(job, 'Normal', turn.event, turn.message);
    this.#backoffs.set(key, { uid: job.metadata.uid!, backoff: survey.backoff });
    await this.#releaseAndCount(announced, tracking, signal);
  }

  async #releaseAndCount(job: Job, { release, tracked, final }: Tracking, signal: AbortSignal): Promise<void> {
    const { written, error } = await this.#writer.release(release, signal);
    const released = new Set(written.map((pod) => pod.metadata.uid!));
    const counted = settle(job.status ?? {}, (uid) => tracked.has(uid) && !released.has(uid));
    const over = error === undefined ? finish(counted, final) : undefined;
    const after = await this.#writeStatus(job, over ?? counted, signal);
    if (over && final) this.#tell(after, final);
    if (error !== undefined) throw error;
  }

  #tell(job: Job, final: JobCondition): void {
    const { recorder } = this.#context;
    if (final.type !== 'Complete') {
      recorder.event(job, 'Warning', final.reason ?? '', final.message ?? '');
      return;
    }
    const { completions } = job.spec!;
    if (completions !== undefined && (job.status?.succeeded ?? 0) > completions) {
      const text = 'Too many succeeded pods running after completion count reached';
      recorder.event(job, 'Warning', 'TooManySucceededPods', text);
    }
    recorder.event(job, 'Normal', 'Completed', 'Job completed');
  }

  /** Resolves with the job as it is then. */
  async #writeStatus(job: Job, status: JobStatus, signal: AbortSignal): Promise<Job> {
    if (isDeepStrictEqual(status, job.status)) return job;
    return this.#context.client.resource(jobsRef).updateStatus({ ...job, status }, { signal });
  }

  async #releaseOrphan(key: string, signal: AbortSignal): Promise<void> {
    const pod = this.#owners.pods.get(key);
    if (!pod || !isTracked(pod)) return;
    const reference = controllerOf(pod);
    if (reference && (reference.kind !== jobsRef.kind || reference.apiVersion !== 'batch/v1')) return;
    const job = this.#owners.ownerOf(pod);
    if (job && (isManagedElsewhere(job) || !finalCondition(job))) return;
    const { error } = await this.#writer.release([pod], signal);
    if (error !== undefined) throw error;
  }
}
