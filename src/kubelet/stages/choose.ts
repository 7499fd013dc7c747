import type { Stage } from './compile.ts';

/**
 * The stage that an object goes through next; undefined when none selects it. Of several one is drawn by weight; those
 * without a weight have no chance beside others. `chance` is from 0 up to 1. Source: KWOK Lifecycle.Match.
 */
export function choose(stages: readonly Stage[], object: unknown, chance: number): Stage | undefined {
  const matching = stages.filter((stage) => stage.selects(object));
  if (matching.length < 2) return matching[0];
  const weights = matching.map((stage) => stage.weight(object));
  const known = weights.filter((weight) => weight !== undefined);
  const total = known.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) {
    // Nobody is preferred: those whose weight cannot be told come last.
    const equal = known.length === 0 ? matching : matching.filter((_, i) => weights[i] !== undefined);
    return equal[Math.floor(chance * equal.length)];
  }
  let left = chance * total;
  for (const [i, stage] of matching.entries()) {
    left -= weights[i] ?? 0;
    if (left < 0) return stage;
  }
  return matching.at(-1);
}
