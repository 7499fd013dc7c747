import { badRequest, StatusError } from '../../api/status.ts';

const largest = 2n ** 64n - 1n;

/** A resourceVersion of a request as a number; 0 for none. Throws the 400 Status for anything else. */
export function parseRevision(text: string | undefined, prefix = ''): number {
  if (!text) return 0;
  const digits = /^[0-9]+$/.test(text);
  if (digits && BigInt(text) <= largest) return Number(text);
  const shown = JSON.stringify(text);
  const why = digits ? 'value out of range' : 'invalid syntax';
  throw badRequest(`${prefix}resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ${why}`);
}

/** The answer to a revision that has not happened. Source: apiserver `storage/errors.go`, NewTooLargeResourceVersionError. */
export function tooLargeRevision(asked: number, current: number): StatusError {
  return new StatusError('Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    retryAfterSeconds: 1,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  });
}
