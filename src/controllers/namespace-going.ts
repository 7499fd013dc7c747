import { isStatus, type StatusError } from '../api/status.ts';

/** A create was refused because its namespace is being deleted: nothing to report, nothing to try again. */
export function isNamespaceGoing(error: unknown): error is StatusError {
  return (
    isStatus(error, 'Forbidden') &&
    (error.status.details?.causes?.some((c) => c.reason === 'NamespaceTerminating') ?? false)
  );
}

/** The text of an error for an event or a condition. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
