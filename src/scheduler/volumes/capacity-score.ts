import { quantityValue } from '../../api/quantity.ts';
import { capacityOf, claimClass, requestOf, volumeClass } from '../../resources/storage/volume-match.ts';
import type { ShapePoint } from '../config/types.ts';
import { maxScore } from '../plugin.ts';
import type { PodVolumes } from './find-volumes.ts';

const maxPointScore = 10;
const maxUtilization = 100;

/** The value of a function given by points in the order of their utilization (BuildBrokenLinearFunction). */
export function brokenLine(shape: readonly ShapePoint[], utilization: number): number {
  const points = shape.map((point) => ({ ...point, score: point.score * (maxScore / maxPointScore) }));
  for (const [i, { utilization: x, score: y }] of points.entries()) {
    if (utilization > x) continue;
    const before = points[i - 1];
    if (!before) return y;
    return (
      before.score + Math.trunc(((y - before.score) * (utilization - before.utilization)) / (x - before.utilization))
    );
  }
  return points.at(-1)?.score ?? 0;
}

/**
 * How well the volumes a pod would get use what there is, as the shape says, by class and then on average: of bound
 * volumes their size, else the room of the provisioner. Source: volumebinding/scorer.go.
 */
export function capacityScore({ bindings, provisions }: PodVolumes, shape: readonly ShapePoint[]): number {
  const classes = new Map<string, { requested: number; capacity: number }>();
  const of = (name: string) => {
    let sums = classes.get(name);
    if (!sums) classes.set(name, (sums = { requested: 0, capacity: 0 }));
    return sums;
  };
  for (const { claim, volume } of bindings) {
    const sums = of(volumeClass(volume));
    sums.requested += quantityValue(requestOf(claim));
    sums.capacity += quantityValue(capacityOf(volume));
  }
  for (const { claim, room } of bindings.length > 0 ? [] : provisions) {
    if (!room) continue;
    const sums = of(claimClass(claim));
    sums.requested += quantityValue(requestOf(claim));
    sums.capacity = quantityValue(room.capacity ?? '0');
  }
  if (classes.size === 0) return 0;
  let total = 0;
  for (const { requested, capacity } of classes.values()) {
    const full = capacity === 0 || requested > capacity;
    total += brokenLine(shape, full ? maxUtilization : Math.trunc((requested * maxUtilization) / capacity));
  }
  return Math.round(total / classes.size);
}
