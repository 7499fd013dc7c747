export const ttlAnnotation = 'node.alpha.kubernetes.io/ttl';

/** How long kubelets may keep Secrets and ConfigMaps, by the number of nodes. The sizes overlap, so that a node more or less changes nothing. */
const steps = [
  { min: 0, max: 100, seconds: 0 },
  { min: 90, max: 500, seconds: 15 },
  { min: 450, max: 1000, seconds: 30 },
  { min: 900, max: 2000, seconds: 60 },
  { min: 1800, max: Number.POSITIVE_INFINITY, seconds: 300 },
] as const;

/** The step that a cluster of so many nodes is on when it was on `step` before. Source: pkg/controller/ttl. */
export function stepFor(nodes: number, step: number): number {
  let next = step;
  while (nodes > steps[next]!.max) next++;
  while (nodes < steps[next]!.min) next--;
  return next;
}

/** The seconds of a step. */
export const secondsOf = (step: number): number => steps[step]!.seconds;
