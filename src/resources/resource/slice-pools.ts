import type { ResourceSlice } from '../../api/types/resource-v1.gen.ts';

/** What names a pool: "driver/pool". */
export const poolKey = (driver: string, pool: string): string => `${driver}/${pool}`;

const poolOf = ({ spec: { driver, pool } }: ResourceSlice) => poolKey(driver, pool.name);

/** Finds slices by their pool (an index of informers). */
export const slicesByPool = Object.assign(poolOf, { indexName: 'pool' });

/** The slices of a pool's newest generation: older ones do not count. */
export function newestSlices(slices: readonly ResourceSlice[]): ResourceSlice[] {
  const newest = Math.max(...slices.map(({ spec }) => spec.pool.generation));
  return slices.filter(({ spec }) => spec.pool.generation === newest);
}
