import type { DecodeTarget } from '../../api/decode.ts';
import { kindFacts } from '../../api/facts.ts';
import { badRequest } from '../../api/status.ts';
import type { Served } from './served.ts';

const targets = new WeakMap<Served, Map<string, DecodeTarget>>();

/** What the body of a request to a resource or subresource must be, worked out once. */
export function decodeTarget(served: Served, subresource: string): DecodeTarget {
  let kept = targets.get(served);
  if (!kept) targets.set(served, (kept = new Map()));
  let target = kept.get(subresource);
  if (!target) kept.set(subresource, (target = targetOf(served, subresource)));
  return target;
}

function targetOf(served: Served, subresource: string): DecodeTarget {
  const sub = subresource ? served.subresources.get(subresource) : undefined;
  const group = sub?.group ?? served.group;
  const version = sub?.version ?? served.version;
  const kind = sub?.kind ?? served.kind;
  if (served.custom && (!sub || kind === served.kind))
    return { group, version, kind, type: served.custom.bodyType, prune: served.custom.prune };
  const type = kindFacts(group, version, kind);
  if (!type) throw badRequest(`no kind ${JSON.stringify(kind)} is registered for ${group}/${version}`);
  const alsoAs = otherVersions[`${group}/${version} ${kind}`];
  return { group, version, kind, type, ...(alsoAs && { alsoAs }) };
}

/** Bodies of subresources that are taken in more than one version. Source: registry/core/pod/storage/eviction.go. */
const otherVersions: Readonly<Record<string, readonly string[]>> = { 'policy/v1 Eviction': ['policy/v1beta1'] };
