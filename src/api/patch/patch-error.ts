import { badRequest, StatusError } from '../status.ts';

/** A patch that is not one: 400. */
export class BadPatch extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadPatch';
  }
}

/** A patch that does not fit the object: 422. */
export class UnfitPatch extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnfitPatch';
  }
}

/** A test of a patch that does not hold. */
export class PatchTestFailed extends UnfitPatch {}

/** The Status for a patch error; other errors pass. Upstream hides the reason of a 422, so it is added as a cause. */
export function patchStatus(error: unknown): unknown {
  if (error instanceof BadPatch) return badRequest(error.message);
  if (error instanceof UnfitPatch)
    return new StatusError('Invalid', 'the server rejected our request due to an error in our request', {
      causes: [{ reason: 'UnexpectedServerResponse', message: error.message, field: 'patch' }],
    });
  return error;
}
