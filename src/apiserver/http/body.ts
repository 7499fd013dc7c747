import type { Readable } from 'node:stream';
import { badRequest, tooLarge } from '../../api/status.ts';

/** Collects a request's body. A declared or real length above `limit` gives the 413 Status without reading on. */
export function collectBody(source: Readable, declaredLength: string | undefined, limit: number): Promise<Buffer> {
  if (declaredLength !== undefined && Number(declaredLength) > limit) {
    source.resume();
    return Promise.reject(tooLarge(limit));
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let done = false;
    const settle = (error?: Error) => {
      if (done) return;
      done = true;
      if (error) reject(error);
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
    };
    source.on('data', (chunk: Buffer) => {
      if (done) return;
      length += chunk.length;
      if (length > limit) return settle(tooLarge(limit));
      chunks.push(chunk);
    });
    source.on('end', () => settle());
    source.on('error', () => settle(badRequest('the request body could not be read')));
    source.on('close', () => {
      if (!done) settle(badRequest('the request body ended early'));
    });
  });
}
