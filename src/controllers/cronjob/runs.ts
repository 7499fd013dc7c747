/** The first time of a schedule after an instant, in wall milliseconds; undefined when there is none. */
export type Next = (after: number) => number | undefined;

/** Runs of a schedule that have come since the last one was made. */
export interface Runs {
  /** The latest that has come, undefined when none was found. */
  readonly due?: number;
  /** How many were missed before it, by the distance of the first two; 0 when one or none has come. */
  readonly missed: number;
}

/** More missed runs than this are worth a warning. */
export const manyMissed = 100;

/**
 * The runs between `since` (the last run made) and `now`; undefined when the schedule never comes. Not every run is
 * listed: where many were missed, it begins near the end. Source: upstream's mostRecentScheduleTime.
 */
export function runsSince(since: number, now: number, next: Next): Runs | undefined {
  const first = next(since);
  if (first === undefined) return undefined;
  if (now < first) return { missed: 0 };
  const second = next(first);
  if (second === undefined) return undefined;
  if (now < second) return { due: first, missed: 0 };
  const distance = second - first;
  const missed = Math.floor((now - first) / distance) + 1;
  let due: number | undefined;
  for (let time = next(first + (missed - 2) * distance); time !== undefined && time <= now; time = next(time)) {
    due = time;
  }
  return { missed, ...(due !== undefined && { due }) };
}

/** When the next run comes, undefined when none does. Source: upstream's nextScheduleTimeDuration. */
export function nextRun(since: number, now: number, next: Next): number | undefined {
  const runs = runsSince(since, now, next);
  if (!runs) return next(now);
  return next(runs.due ?? (runs.missed === 0 ? since : now));
}
