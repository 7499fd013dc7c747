/**
 * A stream whose reader may go away (`krill status | head -1`): what is written after that is dropped, and the command
 * still ends what it began.
 */
export function outliveReader<T extends NodeJS.WriteStream>(stream: T): T {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return stream;
}
