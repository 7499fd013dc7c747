/** The engine answered with an error. `status` is its HTTP status. */
export class EngineError extends Error {
  readonly status: number;
  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EngineError';
    this.status = status;
  }
}

/** No engine answers. The message says where krill looked and what to do. */
export class EngineUnavailable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EngineUnavailable';
  }
}

const statusOf = (error: unknown) => (error instanceof EngineError ? error.status : 0);

/** The named container, image, network, volume or exec does not exist. */
export const isNotFound = (error: unknown) => statusOf(error) === 404;
/** The name is taken, or the state forbids the request. */
export const isConflict = (error: unknown) => statusOf(error) === 409;
/** Already in the state asked for. */
export const isNotModified = (error: unknown) => statusOf(error) === 304;
/** What is asked of a container needs its process, which has ended. */
export const isNotRunning = (error: unknown) => isConflict(error) && /is not running/.test((error as Error).message);
/** Another request removes the same thing right now. */
export const isBeingRemoved = (error: unknown) =>
  statusOf(error) === 409 && /is already in progress/.test((error as Error).message);

/** Errors of the transport that mean that nothing listens, or that we may not talk to it. */
const connection: Record<string, string> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nothing listens there',
  EACCES: 'this user may not use it (on Linux: add the user to the group "docker")',
  ENOTFOUND: 'the host name does not resolve',
  EHOSTUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'it does not answer',
};

/** Why a connection failed, in words; undefined for errors of another kind. */
export function connectionProblem(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? connection[code] : undefined;
}
