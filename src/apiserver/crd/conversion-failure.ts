import { StatusError } from '../../api/status.ts';

/** How a conversion fails towards the client: a 500 without a reason. Source: `responsewriters.ErrorToAPIStatus`. */
export const conversionFailure = (message: string): StatusError =>
  StatusError.from({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
