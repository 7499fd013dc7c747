/** The metav1.Status documents kubelets send on error streams, and those an upgrade is refused with. */
export interface StreamStatus {
  readonly metadata: Record<string, never>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes: ReadonlyArray<{ readonly reason?: string; readonly message: string }> };
  readonly code?: number;
}

export const successStatus: StreamStatus = { metadata: {}, status: 'Success' };

/** The outcome of a command: kubectl makes its own exit code out of the ExitCode cause. */
export function exitStatus(code: number): StreamStatus {
  if (code === 0) return successStatus;
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** Any other failure. */
export function internalStatus(message: string): StreamStatus {
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    details: { causes: [{ message }] },
    code: 500,
  };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The HTTP answer to `error`: the Status it carries, if it is an API error, else an internal error. */
export function refusalOf(error: unknown, doing: string): { code: number; body: object } {
  const status = (error as { status?: { kind?: unknown; code?: unknown } } | undefined)?.status;
  if (status && typeof status === 'object' && status.kind === 'Status' && typeof status.code === 'number') {
    return { code: status.code, body: status };
  }
  return {
    code: 500,
    body: { kind: 'Status', apiVersion: 'v1', ...internalStatus(`${doing}: ${messageOf(error)}`) },
  };
}

/** A refusal for a request that makes no sense. */
export const badRequest = (message: string): { code: number; body: object } => ({
  code: 400,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'BadRequest',
    code: 400,
  },
});
