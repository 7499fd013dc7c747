import { durationMs } from '../../api/duration.ts';
import { compileValue } from './expression.ts';
import type { DelaySpec, ValueFrom } from './stage-object.ts';

/** Milliseconds until a stage begins on an object. `now` is wall time, `chance` from 0 up to 1. */
export type Delay = (object: unknown, now: number, chance: number) => number;

/** Compiles the delay of a stage; without one it begins at once. Throws `StageError`. */
export function compileDelay(path: string, spec: DelaySpec | undefined): Delay {
  if (!spec) return () => 0;
  const least = compileDuration(`${path}.durationFrom`, spec.durationFrom, spec.durationMilliseconds ?? 0);
  const most = compileDuration(`${path}.jitterDurationFrom`, spec.jitterDurationFrom, spec.jitterDurationMilliseconds);
  return (object, now, chance) => {
    const from = least(object, now);
    const to = most(object, now);
    if (from === undefined) return 0;
    if (to === undefined) return Math.max(0, from);
    return Math.max(0, to <= from ? to : from + chance * (to - from));
  };
}

/** A value that is a time is that far away, a Go duration lasts so long; what is neither leaves it to the fallback. */
function compileDuration(path: string, from: ValueFrom | undefined, fallback: number | undefined) {
  const value = compileValue(path, from);
  return (object: unknown, now: number): number | undefined => {
    const text = value?.(object);
    if (typeof text !== 'string') return fallback;
    if (text === '') return undefined;
    const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(time)) return time - now;
    try {
      return durationMs(text);
    } catch {
      // Neither a time nor a duration.
      return fallback;
    }
  };
}
