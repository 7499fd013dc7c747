/**
 * The order in which clients are shown groups and versions, from high to low. Source: kube-apiserver's APIServices, those of
 * kube-aggregator's crd-registration controller, and metrics-server's.
 */

/** Of custom resources, whatever their group. */
export const customGroupPriority = 1000;
export const customVersionPriority = 100;

/** Where a group's versions do not count up from 15. */
const versionPriorities: Readonly<Record<string, number>> = { '': 1, 'metrics.k8s.io': 100 };

/** The priority of a built-in version that has `later` others of its group after it. */
export const builtInVersionPriority = (group: string, later: number): number =>
  versionPriorities[group] ?? 15 * (later + 1);
