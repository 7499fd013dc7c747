import { PassThrough, type Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Engine } from '../../engine/engine.ts';
import { isNotFound } from '../../engine/errors.ts';
import { FrameParser } from '../../engine/frames.ts';
import type { LogOptions } from '../../node/gateway.ts';
import { after, type LogPlan, planLogs, StampStripper } from './log-lines.ts';

/** A container's output as PodLogOptions ask. A followed stream that breaks goes on after the last line it gave. */
export async function containerLogs(
  engine: Engine,
  clock: Clock,
  id: string,
  options: LogOptions,
  signal: AbortSignal,
): Promise<Readable> {
  const found = await engine.containers.inspect(id, signal);
  if (!found) throw new Error(`container ${id} is gone`);
  const plan = planLogs(options, clock.wall());
  const out = new PassThrough();
  out.on('error', () => undefined);
  const own = new AbortController();
  const stop = () => own.abort();
  out.on('close', stop);
  signal.addEventListener('abort', stop, { once: true });
  const first = await open(engine, id, plan, sinceOf(plan), plan.tail, own.signal);
  pump(engine, clock, id, plan, found.Config.Tty, first, out, own.signal)
    .then(
      () => out.end(),
      (error: Error) => (own.signal.aborted ? out.end() : out.destroy(error)),
    )
    .finally(() => signal.removeEventListener('abort', stop));
  return out;
}

const sinceOf = ({ sinceMs }: LogPlan) => (sinceMs === undefined ? undefined : (sinceMs / 1000).toFixed(9));

function open(
  engine: Engine,
  id: string,
  { stdout, stderr, follow }: LogPlan,
  since: string | undefined,
  tail: number | undefined,
  signal: AbortSignal,
): Promise<Readable> {
  const request = { stdout, stderr, follow, timestamps: true };
  return engine.containers.logs(
    id,
    { ...request, ...(since !== undefined && { since }), ...(tail !== undefined && { tail }) },
    signal,
  );
}

async function pump(
  engine: Engine,
  clock: Clock,
  id: string,
  plan: LogPlan,
  tty: boolean,
  first: Readable,
  out: PassThrough,
  signal: AbortSignal,
): Promise<void> {
  let left = plan.limitBytes ?? Number.POSITIVE_INFINITY;
  const emit = (data: Buffer) => {
    const part = data.length > left ? data.subarray(0, left) : data;
    left -= part.length;
    if (part.length > 0) out.write(part);
  };
  let last = '';
  for (let stream = first; ; ) {
    // One per output: pieces of long lines of the two may come interleaved.
    const strippers = {
      stdout: new StampStripper(plan.timestamps, emit),
      stderr: new StampStripper(plan.timestamps, emit),
    };
    const frames = new FrameParser((source, data, end) => strippers[source].message(data, end));
    try {
      for await (const chunk of stream) {
        if (tty) strippers.stdout.raw(chunk as Buffer);
        else frames.push(chunk as Buffer);
        last = [last, strippers.stdout.last, strippers.stderr.last].sort().at(-1)!;
        if (left <= 0) return;
        if (out.writableNeedDrain) await drained(out);
      }
      if (!plan.follow || !(await stillRuns(engine, id, signal))) return;
    } catch (error) {
      if (signal.aborted || !plan.follow) throw error;
    }
    const next = await reopen(engine, clock, id, plan, last, signal);
    if (!next) return;
    stream = next;
  }
}

/** Opens the stream again once the engine answers; undefined when the container is gone. */
async function reopen(
  engine: Engine,
  clock: Clock,
  id: string,
  plan: LogPlan,
  last: string,
  signal: AbortSignal,
): Promise<Readable | undefined> {
  for (let delay = 50; ; delay = Math.min(delay * 2, 2000)) {
    await clock.sleep(delay, signal);
    try {
      return await open(engine, id, plan, last ? after(last) : sinceOf(plan), undefined, signal);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (signal.aborted) throw error;
    }
  }
}

async function stillRuns(engine: Engine, id: string, signal: AbortSignal): Promise<boolean> {
  const found = await engine.containers.inspect(id, signal).catch(() => undefined);
  return found?.State.Running ?? false;
}

/** Until the reader has caught up or gone away. */
function drained(out: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      out.off('drain', done);
      out.off('close', done);
      resolve();
    };
    out.on('drain', done);
    out.on('close', done);
  });
}
