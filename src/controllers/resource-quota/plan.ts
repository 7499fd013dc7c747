import { groupResource, type KubeObject } from '../../api/object.ts';
import type { ResourceQuota } from '../../api/types/core-v1.gen.ts';
import type { DeviceFacts, Evaluator } from '../../resources/quota/evaluator.ts';
import { evaluatorsOf } from '../../resources/quota/evaluators.ts';
import { inScopes } from '../../resources/quota/scopes.ts';
import { only, sameUsage, Tally, type Usage, usageOf, whole } from '../../resources/quota/usage.ts';
import type { CatalogEntry } from '../catalog.ts';

/** A resource of which a quota counts the objects, and who knows what they use. */
export interface Counted {
  readonly entry: CatalogEntry;
  readonly evaluator: Evaluator;
}

const countable = ['create', 'list', 'watch', 'delete'];

const isCountable = ({ namespaced, verbs }: CatalogEntry): boolean =>
  namespaced && countable.every((verb) => verbs.includes(verb));

export const hardNames = ({ spec }: ResourceQuota): string[] => Object.keys(spec?.hard ?? {});

/** What has to be looked at for these amounts. What is not served has no objects, and its amounts stay unknown. */
export function countedFor(names: readonly string[], catalog: readonly CatalogEntry[], facts?: DeviceFacts): Counted[] {
  return evaluatorsOf(names, facts).flatMap((evaluator) => {
    const entry = catalog.find((known) => groupResource(known) === evaluator.resource);
    return entry && isCountable(entry) ? [{ entry, evaluator }] : [];
  });
}

/** What was found of one resource: the objects, or how many there are where they are all alike. */
export interface Found {
  readonly evaluator: Evaluator;
  readonly objects: readonly KubeObject[] | number;
}

/** Only resources whose objects differ in what they use, or in the scopes they are in, must be looked at one by one. */
export const isNumberEnough = ({ evaluator }: Counted): boolean => !evaluator.varies;

/** What a quota's status should say. What could not be looked at keeps its last usage. */
export function statusOf(quota: ResourceQuota, found: readonly Found[], now: number): { hard: Usage; used: Usage } {
  const hard = usageOf(quota.spec?.hard);
  const tally = new Tally([...hard.keys()].filter((name) => found.some(({ evaluator }) => evaluator.measures(name))));
  for (const { evaluator, objects } of found) {
    if (typeof objects === 'number') tally.add(alike(quota, evaluator, objects));
    else for (const object of objects) if (inScopes(quota, evaluator, object)) tally.add(evaluator.usage(object, now));
  }
  const before = only(usageOf(quota.status?.used), (name) => hard.has(name));
  return { hard, used: new Map([...before, ...tally.usage]) };
}

/** The usage of so many objects of a kind without scopes. */
function alike(quota: ResourceQuota, evaluator: Evaluator, count: number): Usage {
  const sample = {} as KubeObject;
  if (!inScopes(quota, evaluator, sample)) return new Map();
  return new Map([...evaluator.usage(sample, 0).keys()].map((name) => [name, whole(count)]));
}

/** Whether a quota says so already. */
export const saysSo = ({ status }: ResourceQuota, { hard, used }: { hard: Usage; used: Usage }): boolean =>
  sameUsage(usageOf(status?.hard), hard) && sameUsage(usageOf(status?.used), used);

/** How many milliseconds from now something stops being counted by itself. */
export function nextEnd(found: readonly Found[], now: number): number | undefined {
  let next = Number.POSITIVE_INFINITY;
  for (const { evaluator, objects } of found) {
    if (!evaluator.until || typeof objects === 'number') continue;
    for (const object of objects) {
      const end = evaluator.until(object);
      if (end !== undefined && end >= now) next = Math.min(next, end);
    }
  }
  return next === Number.POSITIVE_INFINITY ? undefined : next - now + 1;
}
