import type { KindFacts } from './facts.ts';
import { apiVersionOf } from './object.ts';

/** The minor version of Kubernetes 1 whose API is served. */
const servedMinor = 36;

const minorOf = (version: string) => Number(version.slice(version.indexOf('.') + 1));

/**
 * What the Warning header of a request for a deprecated kind says; undefined while it is not deprecated.
 * Source of the text: apiserver `endpoints/deprecation`.
 */
export function deprecationWarning(facts: KindFacts): string | undefined {
  const { deprecated, removed, replacement } = facts;
  if (deprecated === undefined || minorOf(deprecated) > servedMinor) return undefined;
  const since = `${apiVersionOf(facts)} ${facts.kind} is deprecated in v${deprecated}+`;
  const until = removed === undefined ? '' : `, unavailable in v${removed}+`;
  const instead = replacement === undefined ? '' : `; use ${apiVersionOf(replacement)} ${replacement.kind}`;
  return since + until + instead;
}
