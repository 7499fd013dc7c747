import { internalError, StatusError, timeoutError } from '../../../api/status.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Ids } from '../../../base/ids.ts';
import type { Logger } from '../../../base/log.ts';
import type { Served } from '../../registry/served.ts';
import { type WebhookClient, WebhookError } from '../../webhook/webhook-client.ts';
import type { AdmissionRequest } from '../admission.ts';
import { described } from '../matching/described.ts';
import type { VersionedObjects } from '../matching/versioned.ts';
import type { Hook } from './hook.ts';
import { type Answer, answerOf, InvalidAnswer, reviewBody, reviewVersion, UnreadableAnswer } from './review.ts';
import type { Call, Step, WebhookMetrics } from './webhook-metrics.ts';
import { CallFailure, Denial, refuseSideEffects } from './webhook-outcome.ts';

export interface CallerParts {
  readonly client: WebhookClient;
  readonly metrics: WebhookMetrics;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** A write as one webhook is shown it. */
export interface Showing {
  readonly request: AdmissionRequest;
  /** The resource in the version that the webhook asked for. */
  readonly shown: Served;
  readonly objects: VersionedObjects;
}

const defaultTimeout = 10;

/** Asks webhooks about writes, and makes of failures what their policies say. */
export class WebhookCaller {
  readonly #parts: CallerParts;
  readonly #step: Step;

  constructor(parts: CallerParts, step: Step) {
    this.#parts = parts;
    this.#step = step;
  }

  /**
   * Asks a webhook. What `accept` makes of a yes is the result; undefined when it could not be asked and fails open. Throws
   * the Status with which the write is refused. Source: apiserver `admission/plugin/webhook/{mutating,validating}/dispatcher.go`.
   */
  async ask<T>(hook: Hook, showing: Showing, accept: (answer: Answer) => T | Promise<T>): Promise<T | undefined> {
    const { clock, metrics } = this.#parts;
    const since = clock.steady();
    const observe = (code: number, rejected: Call['rejected']) =>
      metrics.observe({
        name: hook.name,
        type: this.#step,
        operation: showing.request.operation,
        took: (clock.steady() - since) / 1000,
        code,
        rejected,
      });
    try {
      const answer = await this.#answer(hook, showing);
      for (const warning of answer.warnings) showing.request.warn(warning);
      if (!answer.allowed) throw new Denial(hook.name, answer.result);
      const accepted = await accept(answer);
      observe(200, undefined);
      return accepted;
    } catch (error) {
      if (error instanceof CallFailure) {
        observe(error.code, hook.failsOpen ? undefined : 'calling_webhook_error');
        return this.#failed(hook, showing, error);
      }
      if (error instanceof Denial) {
        observe(error.status.code, 'no_error');
        throw error.status;
      }
      observe(0, 'apiserver_internal_error');
      throw error;
    }
  }

  #failed(hook: Hook, { request }: Showing, failure: CallFailure): undefined {
    if (!hook.failsOpen) throw internalError(failure.message);
    if (request.signal()?.aborted) throw timeoutError('request did not complete within requested timeout', 0);
    this.#parts.log.warn('a webhook could not be asked; it fails open', { webhook: hook.name, error: failure.message });
    this.#parts.metrics.failedOpen(hook.name, this.#step);
    return undefined;
  }

  async #answer({ webhook }: Hook, { request, shown, objects }: Showing): Promise<Answer> {
    const { name, clientConfig, timeoutSeconds = defaultTimeout, admissionReviewVersions = [] } = webhook;
    if (request.dryRun) refuseSideEffects(name, webhook.sideEffects);
    const version = reviewVersion(admissionReviewVersions);
    if (!version)
      throw new CallFailure(
        name,
        'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
        400,
      );
    const uid = this.#parts.ids.uid();
    const { object = null, old: oldObject = null } = objects;
    const body = reviewBody(version, { uid, ...described(request, shown), object, oldObject });
    try {
      const tree = await this.#parts.client.post(clientConfig ?? {}, body, timeoutSeconds, request.signal());
      return answerOf(tree, { version, uid, mutating: this.#step === 'admit' });
    } catch (error) {
      throw failureOf(name, error);
    }
  }
}

/** What went wrong with a call, in upstream's words. */
function failureOf(name: string, error: unknown): unknown {
  if (error instanceof InvalidAnswer)
    return new CallFailure(name, `received invalid webhook response: ${error.message}`);
  if (error instanceof UnreadableAnswer) return new CallFailure(name, `failed to call webhook: ${error.message}`);
  if (error instanceof WebhookError)
    return new CallFailure(name, `failed to call webhook: ${error.message}`, error.code);
  // The client refuses an address that is none.
  if (error instanceof StatusError)
    return new CallFailure(name, `could not get REST client: ${error.message}`, error.code);
  return error;
}
