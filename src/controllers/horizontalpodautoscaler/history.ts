/** What was recommended for one autoscaler, and what it did, as far back as its windows reach. Times are steady milliseconds. */
export interface History {
  recommendations: readonly Recommendation[];
  ups: readonly Change[];
  downs: readonly Change[];
}

export interface Recommendation {
  readonly replicas: number;
  readonly at: number;
}

/** By how many replicas a target was scaled. */
export interface Change {
  readonly replicas: number;
  readonly at: number;
}

/** The number of replicas that an autoscaler finds is its first recommendation. */
export const newHistory = (replicas: number, now: number): History => ({
  recommendations: [{ replicas, at: now }],
  ups: [],
  downs: [],
});

/** How many replicas were added, or removed, within the last `seconds`. */
export const changedWithin = (changes: readonly Change[], seconds: number, now: number): number =>
  changes.filter(({ at }) => at > now - seconds * 1000).reduce((sum, { replicas }) => sum + replicas, 0);
