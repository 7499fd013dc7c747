import { badRequest, StatusError } from '../../api/status.ts';

/** A resourceVersion of a request as a number; 0 for none. Throws the 400 Status for anything else. */
export function parseRevision(text: string | undefined): number {
  if (!text) return 0;
  if (!/^[0-9]{1,15}$/.test(text))
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return Number(text);
}

/** The answer to a revision that has not happened. Source: apiserver `storage/errors.go`, NewTooLargeResourceVersionError. */
export function tooLargeRevision(asked: number, current: number): StatusError {
  return new StatusError('Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    retryAfterSeconds: 1,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  });
}
