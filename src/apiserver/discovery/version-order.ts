/**
 * The order of API versions by what they promise: v2, v1, v1beta2, v1beta1, v1alpha1, then anything else by name.
 * Source: apimachinery `version.CompareKubeAwareVersionStrings`.
 */

const pattern = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/;
const stages: Readonly<Record<string, number>> = { alpha: 0, beta: 1 };

/** Stage (alpha, beta, stable), major and minor number; undefined for a name of another form. */
function ranks(version: string): readonly number[] | undefined {
  const [whole, major, stage, minor] = pattern.exec(version) ?? [];
  return whole === undefined ? undefined : [stages[stage ?? ''] ?? 2, Number(major), Number(minor ?? 0)];
}

/** Compares two versions for sorting, the preferred one first. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [ranks(a), ranks(b)];
  if (x && y) return x.map((rank, i) => y[i]! - rank).find((difference) => difference !== 0) ?? 0;
  if (x || y) return x ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
