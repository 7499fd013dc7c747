import { forbidden } from '../../../api/status.ts';
import type { ResourceQuota } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import type { DeviceFacts } from '../../../resources/quota/evaluator.ts';
import { evaluatorOf } from '../../../resources/quota/evaluators.ts';
import type { Entry, Store } from '../../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest, Charge } from '../admission.ts';
import { demandOn, isConcerned, type Measured, QuotaRefusal, refuseExcess } from './check.ts';
import { deviceFacts } from './device-facts.ts';
import { type Demand, Reservations } from './reservations.ts';

const resource = 'resourcequotas';

/**
 * Refuses what a namespace's quotas have no room for, and charges them for the rest. Reading the newest accepted quotas
 * and reserving is one turn, so that writes at the same time never get more than there is.
 * Source: apiserver `plugin/resourcequota`.
 */
export function resourceQuota(store: Store, clock: Clock): AdmissionPlugin {
  const reservations = new Reservations(store);
  const facts = deviceFacts(store);
  return {
    name: 'ResourceQuota',
    operations: new Set(['CREATE', 'UPDATE']),
    charge: (request) => {
      if (!request.namespace || store.count(resource, request.namespace) === 0) return undefined;
      const measured = measure(request, clock.wall(), facts);
      if (!measured) return undefined;
      try {
        return reserve(reservations, measured, quotasOf(store, request.namespace));
      } catch (error) {
        if (error instanceof QuotaRefusal) throw forbidden(request.served, request.name, error.message);
        throw error;
      }
    },
  };
}

function measure(
  { operation, served, subresource, object, old }: AdmissionRequest,
  now: number,
  facts: DeviceFacts,
): Measured | undefined {
  const evaluator = evaluatorOf(served.qualified, facts);
  if (!evaluator || !object || (operation !== 'CREATE' && operation !== 'UPDATE')) return undefined;
  const write = { operation, subresource, object, old };
  return evaluator.charges(write) ? { write, evaluator, now } : undefined;
}

/** The newest accepted version of each quota. */
function quotasOf(store: Store, namespace: string): Entry[] {
  return store.list(resource, { namespace }).entries.flatMap(({ key }) => store.head(key) ?? []);
}

const asQuota = ({ object }: Entry): ResourceQuota => object as unknown as ResourceQuota;

function reserve(reservations: Reservations, measured: Measured, quotas: readonly Entry[]): Charge | undefined {
  const demands: Demand[] = quotas
    .filter((quota) => isConcerned(asQuota(quota), measured))
    .map((quota) => ({ quota, usage: demandOn(asQuota(quota), measured) }))
    .filter(({ usage }) => usage.size > 0);
  // What a status says has happened already.
  const limited = measured.write.subresource !== 'status';
  if (limited) for (const { quota, usage } of demands) refuseExcess(asQuota(quota), usage, reservations.of(quota.key));
  return demands.length === 0 ? undefined : reservations.hold(demands);
}
