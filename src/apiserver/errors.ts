import { expired, internalError, StatusError, serviceUnavailable, staleWrite, timeoutError } from '../api/status.ts';
import { Compacted, FutureRevision, RevisionMismatch, WriteFailed } from '../store/store.ts';

/** The Status of anything thrown below: the store's own errors are mapped here, all others are a 500. */
export function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof WriteFailed) return serviceUnavailable(error.message);
  if (error instanceof Compacted) return expired(error.message);
  if (error instanceof FutureRevision) return timeoutError(error.message);
  if (error instanceof RevisionMismatch) return staleWrite({ group: '', resource: 'objects' }, '');
  if (error instanceof DOMException && error.name === 'AbortError') return timeoutError('request was cancelled');
  const unknown = internalError(error instanceof Error ? error.message : String(error));
  unknown.cause = error;
  return unknown;
}
