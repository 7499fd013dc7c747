import { StatusError } from '../api/status.ts';

/**
 * What upstream makes of a plugin's error that is no API error: a 500 with nothing but the text.
 * Source: apiserver `endpoints/handlers/responsewriters/status.go`.
 */
export const plainRefusal = (message: string): StatusError =>
  StatusError.from({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
