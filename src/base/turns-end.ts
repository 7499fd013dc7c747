let waiting: (() => void)[] = [];

/**
 * Runs `run` at the end of this turn of the event loop, after all that came with it was read and done, in the order of the
 * calls. `run` must not throw.
 */
export function atTurnsEnd(run: () => void): void {
  if (waiting.push(run) === 1) setImmediate(runAll);
}

function runAll(): void {
  const all = waiting;
  waiting = [];
  for (const run of all) run();
}
