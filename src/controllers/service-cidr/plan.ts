import type { IPAddress, ServiceCIDR } from '../../api/types/networking-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { covers, holdsHost, overlap, type Prefix, parseAddress, parsePrefix } from '../../base/ip.ts';
import { isAllocated } from '../../resources/networking/service-address.ts';

export const finalizer = 'networking.k8s.io/service-cidr-finalizer';

/** How long the finalizer stays after the deletion was asked for, so that whoever hands out addresses has seen it. */
export const deletionGrace = 10_000;

type Condition = NonNullable<NonNullable<ServiceCIDR['status']>['conditions']>[number];

/** What to do about a range. */
export type Step =
  | { readonly do: 'nothing' }
  | { readonly do: 'protect' }
  | { readonly do: 'show'; readonly conditions: readonly Condition[] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'release' };

const ready = { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const terminating = {
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

/**
 * A range is protected first, and then shown to be ready. One that is being deleted stays as long as an address of a
 * Service is in it and in no other, `blocked`. Source: servicecidrs_controller.go, sync.
 */
export function planRange(range: ServiceCIDR, blocked: () => boolean, now: number): Step {
  const { deletionTimestamp, finalizers = [] } = range.metadata;
  const isProtected = finalizers.includes(finalizer);
  if (!deletionTimestamp) return isProtected ? show(range, ready, now) : { do: 'protect' };
  if (!isProtected) return { do: 'nothing' };
  if (blocked()) return show(range, terminating, now);
  const ms = Date.parse(deletionTimestamp) + deletionGrace - now;
  return ms > 0 ? { do: 'wait', ms } : { do: 'release' };
}

function show({ status }: ServiceCIDR, finding: Omit<Condition, 'type' | 'lastTransitionTime'>, now: number): Step {
  const conditions = status?.conditions ?? [];
  const old = conditions.find(({ type }) => type === 'Ready');
  if (old?.status === finding.status && old.reason === finding.reason && old.message === finding.message)
    return { do: 'nothing' };
  const lastTransitionTime = old?.status === finding.status ? old.lastTransitionTime : timestamp(now);
  const next: Condition = { type: 'Ready', ...finding, lastTransitionTime };
  return { do: 'show', conditions: [...conditions.filter(({ type }) => type !== 'Ready'), next] };
}

export const prefixesOf = ({ spec }: ServiceCIDR): Prefix[] =>
  (spec?.cidrs ?? []).map(parsePrefix).filter((prefix) => prefix !== undefined);

/** Whether two objects have ranges with addresses in common: what becomes of the one may let the other go. */
export const rangesOverlap = (a: ServiceCIDR, b: ServiceCIDR): boolean =>
  prefixesOf(a).some((one) => prefixesOf(b).some((other) => overlap(one, other)));

/** Whether the address of this object is in a range. */
export function holdsAddress(range: ServiceCIDR, { metadata }: IPAddress): boolean {
  const address = parseAddress(metadata.name!);
  return address !== undefined && prefixesOf(range).some((prefix) => holdsHost(prefix, address));
}

/**
 * Whether a Service would be left with an address of no range if this one went. Nobody is where other ranges cover all of
 * it. Source: servicecidrs_controller.go, canDeleteCIDR.
 */
export function leavesOrphans(
  range: ServiceCIDR,
  ranges: Iterable<ServiceCIDR>,
  addresses: () => Iterable<IPAddress>,
): boolean {
  const others = [...ranges].filter(({ metadata }) => metadata.name !== range.metadata.name);
  const covered = prefixesOf(range).every((inner) =>
    others.some((other) => prefixesOf(other).some((outer) => covers(outer, inner))),
  );
  if (covered) return false;
  for (const address of addresses()) {
    if (!isAllocated(address) || !holdsAddress(range, address)) continue;
    if (!others.some((other) => holdsAddress(other, address))) return true;
  }
  return false;
}
