import type { ResourceQuota } from '../../../api/types/core-v1.gen.ts';
import type { Charged, Evaluator } from '../../../resources/quota/evaluator.ts';
import { inScopes } from '../../../resources/quota/scopes.ts';
import { growth, only, plus, sum, type Usage, usageOf } from '../../../resources/quota/usage.ts';

/** What a write is about to use, and who can tell. */
export interface Measured {
  readonly write: Charged;
  readonly evaluator: Evaluator;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Why a write may not be; the text is upstream's. Source: apiserver `plugin/resourcequota`, CheckRequest. */
export class QuotaRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuotaRefusal';
  }
}

/**
 * Whether a quota limits a write. Throws `QuotaRefusal` where it does, but what it limits is not named by the object, or
 * the quota's own usage is not known yet.
 */
export function isConcerned(quota: ResourceQuota, { evaluator, write }: Measured): boolean {
  const limited = limitedNames(quota, evaluator);
  if (limited.length === 0 || !inScopes(quota, evaluator, write.object)) return false;
  const { name } = quota.metadata;
  const missing = evaluator.missing?.(write.object, limited);
  if (missing !== undefined) throw new QuotaRefusal(`failed quota: ${name}: ${missing}`);
  const used = usageOf(quota.status?.used);
  if (limited.some((resource) => !used.has(resource)))
    throw new QuotaRefusal(`status unknown for quota: ${name}, resources: ${limited.join(',')}`);
  return true;
}

const limitedNames = ({ status }: ResourceQuota, evaluator: Evaluator): string[] =>
  Object.keys(status?.hard ?? {})
    .filter((name) => evaluator.measures(name))
    .sort();

/** What a write adds to what a quota that limits it counts. */
export function demandOn(quota: ResourceQuota, { evaluator, write, now }: Measured): Usage {
  const { operation, object, old } = write;
  const usage = evaluator.usage(object, now);
  const negative = [...only(usage, (_, { nano }) => nano < 0n).keys()].sort();
  if (negative.length > 0) throw new QuotaRefusal(`quota usage is negative for resource(s): ${negative.join(',')}`);
  const charged =
    operation === 'UPDATE' && old && inScopes(quota, evaluator, old) ? growth(usage, evaluator.usage(old, now)) : usage;
  const hard = usageOf(quota.status?.hard);
  return only(charged, (name, { nano }) => nano !== 0n && hard.has(name));
}

/** Throws `QuotaRefusal` when a demand is more than is left beside what is used and what others have reserved. */
export function refuseExcess(quota: ResourceQuota, demand: Usage, reserved: Usage): void {
  const hard = usageOf(quota.status?.hard);
  const used = plus(usageOf(quota.status?.used), reserved);
  const exceeds = (name: string): boolean => {
    const [asked, before] = [demand.get(name), used.get(name)];
    return asked !== undefined && (before ? sum(before, asked) : asked).nano > hard.get(name)!.nano;
  };
  const [requested, taken, limited] = [demand, used, hard].map((usage) => only(usage, exceeds));
  if (requested!.size === 0) return;
  throw new QuotaRefusal(
    `exceeded quota: ${quota.metadata.name}, requested: ${shown(requested!)}, used: ${shown(taken!)}, limited: ${shown(limited!)}`,
  );
}

const shown = (usage: Usage): string =>
  [...usage]
    .map(([name, { text }]) => `${name}=${text}`)
    .sort()
    .join(',');
