import { Agent, request } from 'node:https';
import type { Target } from '../../bench/target.ts';

/** Connections stay open until `agent.destroy()`. */
export const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One request; rejects only when nothing answers. */
export function send(
  target: Target,
  method: string,
  path: string,
  body?: object,
  contentType = 'application/json',
): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const text = body && JSON.stringify(body);
    const headers = text ? { 'content-type': contentType, 'content-length': Buffer.byteLength(text) } : {};
    const req = request({ ...target, agent, method, path, headers, timeout: 10_000 }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => resolve({ code: res.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.on('timeout', () => req.destroy(new Error('timeout')));
    req.end(text);
  });
}

/** Asks until the answer has the code; resolves with the milliseconds that took. Throws after a minute. */
export async function untilCode(target: Target, path: string, code: number): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const answer = await send(target, 'GET', path).catch(() => undefined);
    if (answer?.code === code) return performance.now() - begun;
    if (performance.now() - begun > 60_000) throw new Error(`${path} did not answer ${code} within a minute`);
    await pause(2);
  }
}
