import { requestsOf } from './api.ts';
import { type MeasuredCluster, send } from './cluster.ts';
import { loadHttp1 } from './load.ts';
import { type Recorded, recordMedian } from './record.ts';
import { slowFsync, whyNotSlow } from './slow-disk.ts';

/** The p99 of the server's event-loop delay, in milliseconds, since the last time it was asked. */
async function loopDelay(cluster: MeasuredCluster): Promise<number> {
  const { text } = await send(cluster.target, 'GET', '/metrics');
  const seconds = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1];
  if (seconds === undefined) throw new Error('/metrics names no event-loop delay');
  return Number(seconds) * 1000;
}

/**
 * The event loop under creates at 16 HTTP/1.1 connections while every fsync takes 3 ms longer: a slow disk must hold
 * up the writers, not the loop. The rate of the creates is recorded beside it, and shows that the disk was slow.
 */
export async function loopFigures(cluster: MeasuredCluster, seconds: number, rounds = 5): Promise<Recorded[]> {
  const problem = whyNotSlow();
  if (problem) {
    console.error(`loop.create is left out: ${problem}.`);
    return [];
  }
  const { create } = requestsOf();
  const load = (duration: number) => loadHttp1(cluster.target, { connections: 16, seconds: duration, next: create });
  await load(1);
  await using _slow = await slowFsync(cluster.pid(), 3);
  const delays: number[] = [];
  const rates: number[] = [];
  const waits: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await loopDelay(cluster);
    const { perSecond, failures, p50 } = await load(seconds);
    if (failures > 0) throw new Error(`loop.create: ${failures} creates failed`);
    delays.push(await loopDelay(cluster));
    rates.push(perSecond);
    waits.push(p50);
  }
  return [
    recordMedian('loop.create', 'ms', delays),
    recordMedian('loop.create.rate', 'requests/s', rates),
    recordMedian('loop.create.latency', 'ms', waits),
  ];
}
