import { badRequest, type Status, StatusError } from '../../../api/status.ts';
import type { ResultStatus } from './review.ts';

/** What a webhook's word, or its silence, means for a write. */

/** A webhook could not be asked, or its answer is no good: its failurePolicy says what that means. */
export class CallFailure extends Error {
  /** The HTTP status it is counted with. */
  readonly code: number;

  constructor(webhook: string, reason: string, code = 503) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${reason}`);
    this.name = 'CallFailure';
    this.code = code;
  }
}

/** HTTP can say no more. */
const largestCode = 999;

/** A webhook said no. Its Status is passed on. Source: apiserver `admission/plugin/webhook/errors/statuserror.go`. */
export class Denial extends Error {
  readonly status: StatusError;

  constructor(webhook: string, result: ResultStatus = {}) {
    const { code = 0, status = '', message, reason } = result;
    const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`;
    super(message || reason ? `${denied}: ${message || reason}` : `${denied} without explanation`);
    this.name = 'Denial';
    this.status = StatusError.from({
      ...result,
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: status === '' || status === 'Success' ? 'Failure' : status,
      message: this.message,
      code: code < 400 ? 400 : Math.min(code, largestCode),
    } as Status);
  }
}

const quiet: ReadonlySet<string> = new Set(['None', 'NoneOnDryRun']);

/** Refuses to only try a write of which a webhook might make more. Throws the 400. */
export function refuseSideEffects(webhook: string, sideEffects: string | undefined): void {
  if (sideEffects !== undefined && quiet.has(sideEffects)) return;
  throw badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`);
}
