import { isDeepStrictEqual } from 'node:util';
import { cronJobs as cronJobsRef, jobs as jobsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { CronJob, CronJobStatus, Job } from '../../api/types/batch-v1.gen.ts';
import type { ObjectReference } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { referenceTo } from '../../client/event-recorder.ts';
import { byController } from '../../client/informer.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { controllerOf } from '../ownership.ts';
import { decide, type Note, nextLook, zoneOf } from './decision.ts';
import { jobOf } from './job-template.ts';
import { reviewJobs, surplusJobs, withoutActive } from './plan.ts';

/** Makes Jobs at the times of a schedule. Each cron job has one timer, for its next time. */
export const cronJobController: ControllerDescriptor = {
  name: 'cronjob-controller',
  account: 'cronjob-controller',
  build: (context) => new CronJobController(context).reconciler,
};

/** A status that is being worked out; what is found is written even when a later step fails. */
interface Draft {
  status: CronJobStatus;
}

class CronJobController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #cronJobs;
  readonly #jobs;

  constructor(context: ControllerContext) {
    const { name, clock, log, informers } = context;
    this.#context = context;
    this.#cronJobs = informers.of(cronJobsRef);
    this.#jobs = informers.of(jobsRef).index(byController);
    this.reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(this.#cronJobs, this.#jobs),
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
    });
    this.#cronJobs.on({
      added: (cronJob) => this.reconciler.add(keyOf(cronJob)),
      updated: (old, cronJob) => this.#changed(old, cronJob),
    });
    this.#jobs.on({
      added: (job) => this.#wake(job),
      updated: (old, job) => {
        if (controllerOf(old)?.uid !== controllerOf(job)?.uid) this.#wake(old);
        this.#wake(job);
      },
      deleted: (job) => this.#wake(job),
    });
  }

  /** Another schedule makes no run that it would have made before. */
  #changed({ spec: old }: CronJob, cronJob: CronJob): void {
    const { spec } = cronJob;
    if (old?.schedule === spec?.schedule && old?.timeZone === spec?.timeZone) {
      this.reconciler.add(keyOf(cronJob));
      return;
    }
    const now = this.#context.clock.wall();
    const next = nextLook(cronJob, now);
    if (next !== undefined) this.reconciler.addAfter(keyOf(cronJob), next - now);
  }

  #wake(job: Job): void {
    const reference = controllerOf(job);
    if (reference?.kind !== cronJobsRef.kind) return;
    const owner = this.#cronJobs.get({ namespace: job.metadata.namespace!, name: reference.name });
    if (owner?.metadata.uid === reference.uid) this.reconciler.add(keyOf(owner));
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const cronJob = this.#cronJobs.get(key);
    if (!cronJob) return undefined;
    const draft: Draft = { status: cronJob.status ?? {} };
    let next: number | undefined;
    try {
      next = await this.#bringUp(cronJob, draft, signal);
    } finally {
      if (!isDeepStrictEqual(draft.status, cronJob.status ?? {})) await this.#write(cronJob, draft.status, signal);
    }
    return next === undefined ? undefined : { after: next - this.#context.clock.wall() };
  }

  /** Resolves with the time of the next run. */
  async #bringUp(cronJob: CronJob, draft: Draft, signal: AbortSignal): Promise<number | undefined> {
    const jobs = this.#jobs.by(byController, cronJob.metadata.uid!);
    for (const job of surplusJobs(cronJob, jobs)) await this.#remove(cronJob, job, draft, signal);
    const review = reviewJobs(draft.status, jobs);
    draft.status = review.status;
    this.#tell(cronJob, review.notes);
    for (const reference of review.missing) await this.#miss(cronJob, reference, draft, signal);
    const { notes, run, next } = decide(cronJob, draft.status, this.#context.clock.wall());
    this.#tell(cronJob, notes);
    if (run !== undefined) await this.#start(cronJob, run, draft, signal);
    return next;
  }

  /** An active job that the cache does not know may be too new for it. */
  async #miss(cronJob: CronJob, reference: ObjectReference, draft: Draft, signal: AbortSignal): Promise<void> {
    if (await this.#find(reference, signal)) return;
    this.#tell(cronJob, [['Normal', 'MissingJob', `Active job went missing: ${reference.name}`]]);
    draft.status = withoutActive(draft.status, reference.uid!);
  }

  async #start(cronJob: CronJob, time: number, draft: Draft, signal: AbortSignal): Promise<void> {
    if (cronJob.spec!.concurrencyPolicy === 'Replace') await this.#replace(cronJob, draft, signal);
    const job = await this.#create(cronJob, jobOf(cronJob, time, zoneOf(cronJob)!), signal);
    if (!job) return;
    const active = draft.status.active ?? [];
    draft.status = { ...draft.status, active: [...active, referenceTo(job)], lastScheduleTime: timestamp(time) };
  }

  async #replace(cronJob: CronJob, draft: Draft, signal: AbortSignal): Promise<void> {
    for (const reference of draft.status.active ?? []) {
      const job = await this.#find(reference, signal);
      if (!job) {
        this.#tell(cronJob, [['Warning', 'FailedGet', `Get job: jobs.batch "${reference.name}" not found`]]);
        throw new Error(`active job ${reference.name} is gone`);
      }
      if (await this.#remove(cronJob, job, draft, signal)) continue;
      throw new Error(`could not replace job ${keyOf(job)}`);
    }
  }

  /** The job of a run, just made or made before the status could say so; undefined when it is not this cron job's. */
  async #create(cronJob: CronJob, body: ReturnType<typeof jobOf>, signal: AbortSignal): Promise<Job | undefined> {
    const { client } = this.#context;
    try {
      const job = await client.resource(jobsRef).create(body, { signal });
      this.#tell(cronJob, [['Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`]]);
      return job;
    } catch (error) {
      if (isNamespaceGoing(error)) return undefined;
      if (!isStatus(error, 'AlreadyExists')) {
        this.#tell(cronJob, [['Warning', 'FailedCreate', `Error creating job: ${errorText(error)}`]]);
        throw error;
      }
      const job = await client.resource(jobsRef).get(parseKey(keyOf(body)), { signal });
      return controllerOf(job)?.uid === cronJob.metadata.uid ? job : undefined;
    }
  }

  /** Deletes a job with its pods; false when that failed. */
  async #remove(cronJob: CronJob, job: Job, draft: Draft, signal: AbortSignal): Promise<boolean> {
    const { name, uid } = job.metadata;
    const options = { propagationPolicy: 'Background', preconditions: { uid: uid! }, signal } as const;
    try {
      await this.#context.client.resource(jobsRef).delete(parseKey(keyOf(job)), options);
    } catch (error) {
      this.#tell(cronJob, [['Warning', 'FailedDelete', `Deleted job: ${errorText(error)}`]]);
      return false;
    }
    draft.status = withoutActive(draft.status, uid!);
    this.#tell(cronJob, [['Normal', 'SuccessfulDelete', `Deleted job ${name}`]]);
    return true;
  }

  async #find({ namespace, name }: ObjectReference, signal: AbortSignal): Promise<Job | undefined> {
    try {
      return await this.#context.client.resource(jobsRef).get({ namespace: namespace!, name: name! }, { signal });
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #write(cronJob: CronJob, status: CronJobStatus, signal: AbortSignal): Promise<void> {
    try {
      await this.#context.client.resource(cronJobsRef).updateStatus({ ...cronJob, status }, { signal });
    } catch (error) {
      // Deleted meanwhile: nobody reads its status any more.
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  #tell(cronJob: CronJob, notes: readonly Note[]): void {
    for (const [type, reason, message] of notes) this.#context.recorder.event(cronJob, type, reason, message);
  }
}
