/** The promise, or the signal's reason as soon as it aborts. What comes after that is handed to `late`. */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  late: (value: T) => void = () => undefined,
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    if (signal.aborted) promise.then(late, () => undefined);
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    aborted.catch(() => undefined);
  }
}
