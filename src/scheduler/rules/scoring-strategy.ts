import type { ScoringStrategy, ShapePoint } from '../config/types.ts';
import { maxScore, type NodeScore } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import { amountsOf } from './resource-amounts.ts';

/** The best score of a point of a shape. */
const maxShapeScore = 10;

type Rate = (requested: number, has: number) => number;

interface Strategy {
  /** What one resource scores, 0 to 100. */
  readonly rate: Rate;
  /** Whether a resource that scores nothing does not count at all, and means are rounded rather than cut. */
  readonly ratio: boolean;
}

/** The share that stays free. */
const leastAllocated: Rate = (requested, has) =>
  requested > has ? 0 : Math.trunc(((has - requested) * maxScore) / has);

/** The share that is taken. */
const mostAllocated: Rate = (requested, has) => Math.trunc((Math.min(requested, has) * maxScore) / has);

/** Whatever the user draws over the share that is taken (buildRequestedToCapacityRatioScorerFunction). */
function byShape(shape: readonly ShapePoint[]): Rate {
  const points = shape.map(({ utilization, score }) => ({
    at: utilization,
    score: score * (maxScore / maxShapeScore),
  }));
  return (requested, has) => alongLine(points, requested > has ? 100 : Math.trunc((requested * 100) / has));
}

function alongLine(points: readonly { readonly at: number; readonly score: number }[], at: number): number {
  const next = points.findIndex((point) => at <= point.at);
  if (next < 0) return points.at(-1)!.score;
  const b = points[next]!;
  if (next === 0) return b.score;
  const a = points[next - 1]!;
  return a.score + Math.trunc(((b.score - a.score) * (at - a.at)) / (b.at - a.at));
}

function strategyOf({ type, requestedToCapacityRatio }: ScoringStrategy): Strategy {
  if (type === 'LeastAllocated') return { rate: leastAllocated, ratio: false };
  if (type === 'MostAllocated') return { rate: mostAllocated, ratio: false };
  return { rate: byShape(requestedToCapacityRatio?.shape ?? []), ratio: true };
}

/** Compiles a scoring strategy to a function of a pod over nodes: the weighted mean over the resources a node has. */
export function strategyScore(strategy: ScoringStrategy): (pod: PodInfo, nodes: NodeTable) => NodeScore {
  const { rate, ratio } = strategyOf(strategy);
  return (pod, nodes) => {
    const counted = strategy.resources.flatMap(({ name, weight }) => {
      const amounts = amountsOf(name, pod, nodes, true);
      return amounts ? [{ ...amounts, weight }] : [];
    });
    return (slot) => {
      let sum = 0;
      let weights = 0;
      for (const { has, requested, weight } of counted) {
        const capacity = has(slot);
        if (capacity === 0) continue;
        const score = rate(requested(slot), capacity);
        if (ratio && score <= 0) continue;
        sum += score * weight;
        weights += weight;
      }
      if (weights === 0) return 0;
      return ratio ? Math.round(sum / weights) : Math.trunc(sum / weights);
    };
  };
}
